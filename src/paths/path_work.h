/* path_work.h  what a walk along a path is made of; for path.c and path_above.c only */
#ifndef MG_PATHS_PATH_WORK_H
#define MG_PATHS_PATH_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/engine/pass_inside.h"
#include "src/paths/gates.h"
#include "src/kernels/kernels.h"
#include "src/paths/path.h"

/* A gate, and what stands at its outputs. Slot 0 of `state` is the step before those in hand, but for the lowest. */
typedef struct {
    mg_gate gate;
    const mg_map *map;    /* its section, when that is one linear layer; else NULL */
    int64_t n_in, n_out;  /* numbers at its inputs, at its outputs */
    mg_gate_state *state; /* (1 + MG_SHARED, n_out); of the lowest gate (n_out) at the step in hand */
    float *value;         /* (MG_SHARED, n_out), not of the lowest gate */
    float *multiplier;    /* (n_out) dF/d(output) at the step in hand, not of the lowest gate */
} mg_path_gate;

struct mg_path {
    const mg_chain *chain;
    const mg_kernels *kernels;
    void *block; /* owned: all arrays */
    size_t n_gates;
    mg_path_gate *gate; /* (n_gates) the lowest first */
    size_t linear;      /* the linear layer behind the lowest gate */
    /* the lowest gate */
    const float *start;                /* (n_in) lines at its inputs, as they begin: in the pass of the reference ... */
    float *slope, *sum;                /* ... their slopes, and multipliers collected there */
    int64_t *first;                    /* (n_outputs) the first position that an output takes */
    float *since;                      /* (n_out) multiplier collected above when an output began to follow */
    mg_movers movers;                  /* its outputs that may switch */
    mg_turn *turn[MG_SHARED];          /* (n_out) those that do at a step ... */
    int64_t n_turns[MG_SHARED];        /* ... how many ... */
    mg_gate_change *change[MG_SHARED]; /* (n_out) ... and what they hand on then */
    float *owed;                       /* (n_out) the multipliers of those of one step */
    /* the linear layer behind it */
    float *a, *b, *carried; /* (size[linear + 1]) its outputs are a + t b; their multipliers, collected */
    float *fixed;           /* (size[linear + 1]) dF/d(output), when there is no other gate */
    /* all gates above */
    float *z;                 /* (MG_SHARED, z_step) a gate's inputs */
    int64_t z_step;           /* the largest of them */
    mg_list list;             /* a gate's outputs for MG_SHARED steps */
    mg_gate_switch *switches; /* (the most outputs of a gate) those of a gate above the second */
    uint64_t *n_macs;         /* of the pass in hand (count.h) */
};

/* mg_path_rise()  values and states of all gates above the second, at n steps (at most MG_SHARED), from the second's
 * values */
void mg_path_rise(mg_path *path, mg_pass *pass, int n);

/* mg_path_top()  the multipliers that no step changes: those of the highest gate, or `fixed` */
void mg_path_top(mg_path *path, mg_pass *pass);

/* mg_path_sink()  multipliers of all gates above the lowest at step m of those in hand
 * Args: anew - there was no step before, from which they could be brought up to date */
void mg_path_sink(mg_path *path, mg_pass *pass, int m, bool anew);

#endif
