/* tile_steps.h  which steps of a plan a tile goes through, and how; for tile_scan.c and tile_steps.c only */
#ifndef MG_ENGINE_TILE_STEPS_H
#define MG_ENGINE_TILE_STEPS_H

#include "src/engine/plan.h"
#include "src/engine/step.h"

typedef enum {
    MG_TILE_ABSENT, /* F does not need it, or it does not depend on the window */
    MG_TILE_RUN,    /* run, with those joined to it */
    MG_TILE_SHIFT,  /* its output is its input at other positions: it lies there, nothing is run */
    MG_TILE_JOINED, /* done with the step before it */
    MG_TILE_ADDED,  /* a sum in place, done while the linear step before it is */
    MG_TILE_FOLD, /* linear, and so is everything behind it but for a gate: only units that may cross 0 are worked out */
    MG_TILE_TAIL  /* linear (a gate of a fold: as the window has it), and so is everything behind it: never run */
} mg_tile_role;

enum { MG_NO_STEP = -1 };

typedef struct {
    mg_tile_role *role; /* (steps) */
    int64_t *joined;    /* (steps) the step that is joined to it, or MG_NO_STEP */
    int64_t *sum;       /* (steps) the sum that a linear step's outputs are added up in, or MG_NO_STEP */
    float **slope; /* (steps) arrays (channels): the step joined to a linear one is max(x, slope x), alone; else NULL */
    bool *cut;     /* (values) not of the tail, but a node of the tail takes it */
    int *slot;     /* (values) whose differences are kept: where; -1: nowhere */
    int64_t
        *lies_in; /* (values) the value in whose arrays its differences lie: its own number, or that of another that it
                         * is a shift of, or that it takes over */
    int64_t *offset; /* (values) the position in those arrays that is its position 0 */
    int n_slots;
    mg_extent **in; /* (steps) arrays: extents of a node's inputs, as its kind's touch() and need() want them */
    bool **need;    /* (values) arrays (length): positions that F depends on; NULL: value does not matter */
    int64_t max_entries, max_window, max_taps;
} mg_tile_steps;

mg_status mg_tile_steps_create(const mg_plan *plan, mg_tile_steps *ret, mg_error *err);
void mg_tile_steps_destroy(const mg_plan *plan, mg_tile_steps *steps);

/* mg_tile_steps_touch()  mark the output positions that changes at the marked positions of input k touch */
void mg_tile_steps_touch(const mg_plan *plan, const mg_tile_steps *steps, size_t i, size_t k, const bool *changed,
                         bool *touched);

/* The value that a step and all that is joined to it give. */
size_t mg_tile_steps_output(const mg_plan *plan, const mg_tile_steps *steps, size_t i);

/* Step i is linear, its outputs go into a sum in place. May they be added up as soon as output t + *ret has been worked out
 * (-1: at once), when outputs come in the order of their positions modulo the dilation? */
bool mg_tile_steps_wait(const mg_plan *plan, const mg_tile_steps *steps, size_t i, size_t sum, int64_t *ret);

/* Is a step's output, or that of those done with it, worked out for a tile? */
static inline bool mg_tile_role_runs(mg_tile_role role)
{
    return role == MG_TILE_RUN || role == MG_TILE_ADDED || role == MG_TILE_FOLD;
}

#endif
