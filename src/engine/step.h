/* step.h  a node made ready for one precision, and what its kind does with it
 *
 * A plan (plan.h) is a graph's nodes as steps. A pass keeps for the window, and for the reference that MG_RULE_RESCALE
 * compares with, a *state*: every value, and what a node wants to remember of its forward pass (a max pool: who won).
 * The functions below see a step, a thread's tools and states; they know of no other node, which is why a kind can be
 * tested alone (tests/unit/test_softsign.c) and a new one is one file.
 *
 * Numbers are float (MG_SINGLE) or double (MG_DOUBLE). A value with C channels lies as (length, stride) with stride >= C;
 * what lies beyond the channels is 0, on entry and on return, so that kernels may work on whole vectors.
 */
#ifndef MG_ENGINE_STEP_H
#define MG_ENGINE_STEP_H

#include <stddef.h>
#include <stdint.h>

#include "src/graph/kind.h"
#include "src/kernels/kernels.h"
#include "src/kernels/rule.h"

typedef struct mg_step {
    const mg_node *node;
    const struct mg_ops *ops;
    const mg_kernels *kernels; /* MG_SINGLE only */
    size_t output;             /* value */
    const mg_extent *extent;   /* of all values */
    const int64_t *stride;     /* of all values: numbers from one position to the next */
    const bool *nonnegative;   /* of all values: never negative */
    void *packed;              /* owned: what ops->pack made; NULL: nothing */
    bool lent;                 /* packed belongs to another plan (mg_plan_create_beside) */
} mg_step;

typedef struct {
    void **value; /* (values) arrays of float or double */
    void **memo;  /* (nodes) what a node remembers, ops->memo bytes each; NULL: nothing */
} mg_state;

/* One thread's. */
typedef struct {
    void *scratch;             /* the most that any step of the plan asks for (ops->scratch) */
    mg_list list;              /* MG_SINGLE: room for the nonzero numbers of any value, or of two that share it */
    uint64_t *n_macs;          /* multiply-adds with a weight are added to it (count.h); NULL: they are not counted */
    const mg_state *explained; /* MG_TRAIT_FROZEN: what the explained window left, when the input in hand is another one
                                * (a reference, a point of a path); NULL: it is the window itself */
} mg_tools;

/* What handing multipliers down through one node takes. */
typedef struct {
    const mg_rule *rule;
    const mg_state *window, *reference; /* reference: MG_RULE_RESCALE only */
    const void *m;                      /* multipliers of the output */
    void *const *m_in; /* OUT, for each input: its multipliers, to be set (not added to); NULL where nobody asks.
                        * With MG_TRAIT_ELEMENTWISE, and with MG_TRAIT_SUM where the first input is as large as the
                        * output, m_in[0] may be m itself. */
} mg_backward;

struct mg_tile;

typedef struct mg_ops {
    /* pack()  what the step needs beside its node, once and shared by all threads; release() frees it. NULL: nothing */
    mg_status (*pack)(mg_step *step, mg_error *err);
    void (*release)(void *packed);
    size_t (*memo)(const mg_step *step);    /* bytes; NULL: none */
    size_t (*scratch)(const mg_step *step); /* bytes; NULL: none */
    void (*forward)(const mg_step *step, mg_tools *tools, mg_state *state);
    /* Of linear nodes without weight rows, for chains (chain.h); NULL: it does not go into one.
     * factor()      what each input that output (t, c) takes over its slide is multiplied with
     * difference()  MG_SINGLE: outputs to->begin .. to->end - 1, (end - begin, to->stride), of one mutant's differences
     *               `in`, without bias */
    double (*factor)(const mg_step *step, int64_t t, int64_t c);
    void (*difference)(const mg_step *step, const mg_difference *in, const mg_difference *to, float *out);
    void (*backward[MG_N_RULES])(const mg_step *step, mg_tools *tools, const mg_backward *go);
    /* Of a max pool: backward() of it and of the ReLU that makes its input, which nobody else reads, at once; m_in: multipliers of
     * the ReLU's input. NULL: with that rule, or this geometry, it is done in turn. */
    void (*rectified[MG_N_RULES])(const mg_step *step, mg_tools *tools, const mg_backward *go);
    bool (*rectifies)(const mg_step *step); /* does the geometry suit that? */
    /* For the mutation scan of graphs (tile_scan.h), MG_SINGLE only; all may be NULL: then the node is run on each mutant.
     *   rows()  the linear operator of a node that is a sum of weight rows
     *   lane()  what a node whose output (t, c) depends on its only input at (t, c) does to the differences of MG_MUTANTS
     *           mutants there, in place; in, out: the window's own numbers there
     *   gate()  is lane() at channel c max(in, slope in), 0 <= slope <= 1? Then it is done while a sum is in registers
     *   tile()  all of a tile's differences of the output from those of the inputs (tile.h)
     *   shift() is the output position t the input's position t + *ret, whole, for all t? Then nothing is copied. */
    const mg_rows *(*rows)(const mg_step *step);
    void (*lane)(const mg_step *step, float in, float out, int64_t c, float *difference);
    bool (*gate)(const mg_step *step, int64_t c, float *ret_slope);
    void (*tile)(const mg_step *step, struct mg_tile *tile);
    bool (*shift)(const mg_step *step, int64_t *ret);
    bool in_place; /* its output is the sum of its inputs, and may be added up where one of them lies */
} mg_ops;

/* Shorthands for the files of src/nodes/. */
static inline size_t mg_step_input(const mg_step *step, size_t k)
{
    return step->node->input[k];
}

static inline mg_extent mg_step_extent_in(const mg_step *step, size_t k)
{
    return step->extent[step->node->input[k]];
}

static inline mg_extent mg_step_extent_out(const mg_step *step)
{
    return step->extent[step->output];
}

#endif
