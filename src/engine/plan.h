/* plan.h  a graph made ready for one precision: its nodes as steps, and where values and multipliers lie
 *
 * A plan is read only and shared by all threads; a pass (pass.h) is one thread's workspace on it. F, what is explained, is
 * the first number of the graph's last value.
 *
 * Which nodes are run: those that F or an output of the graph needs. Those among them that do not depend on the window are
 * run once, when a pass is made. Which get multipliers: those that F needs and that depend on the window.
 *
 * Multipliers lie in *slots*, arrays that are used again as soon as nobody needs what they hold. A value's multipliers
 * are the sum over the nodes that take it. Backward, the last of those is met first: it sets them, and the others are
 * worked out in a slot of their own and added. An elementwise node changes its output's multipliers in place, and its
 * input takes over the slot; so does the first input of a sum. So a chain uses two slots and adds nothing.
 */
#ifndef MG_ENGINE_PLAN_H
#define MG_ENGINE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/graph/graph.h"
#include "src/kernels/rule.h"

enum { MG_NO_SLOT = -1 };

/* Where a node's multipliers of one input go. */
typedef struct {
    int slot; /* they are written there; MG_NO_SLOT: nobody asks for them */
    int sum;  /* then added to what is there; MG_NO_SLOT: they stay where they are */
} mg_handover;

typedef struct mg_plan {
    const mg_graph *graph;
    mg_precision precision;
    const struct mg_kernels *kernels;
    size_t n_steps;
    struct mg_step *step; /* (n_steps) node i is step i, which makes value i + 1 */
    int64_t *stride;      /* (values) numbers from one position to the next */
    int64_t *size;        /* (values) length * stride */
    int64_t *within;      /* (values) how many numbers of its only input lie before it, where it is nothing but a
                                   * stretch of that input and lies there; -1: it lies by itself */
    bool *nonnegative;    /* (values) never negative */
    bool *varies;         /* (values) depends on the window */
    bool *affine;         /* (values) varies, and is affine in the window */
    bool *runs;           /* (values) F or an output needs it */
    bool *explains;       /* (values) F needs it, and it varies */
    uint64_t *digest;     /* (values) of all that it is made of (src/graph/digest.h) */
    bool frozen;          /* F of one input depends on which window is explained (MG_TRAIT_FROZEN) */
    int64_t max_size, max_length; /* the largest value's numbers; positions */
    size_t max_inputs;            /* of a node */
    size_t scratch;               /* bytes, the most that a step asks for */
    struct mg_chain *chain;       /* owned; NULL: the plan is no piecewise linear chain (chain.h) */
    int n_slots;
    int64_t *slot_size;     /* (n_slots) numbers; of a chain there are two, as large as its largest value */
    int *slot;              /* (values) where its multipliers are complete; MG_NO_SLOT: none */
    bool *rectified;        /* (n_steps) a max pool that takes the ReLU before it along backward (step.h) */
    mg_handover **handover; /* (n_steps) an array of one an input each */
} mg_plan;

/* mg_plan_create()  make a graph ready; it must outlive the plan
 * Returns: MG_OK, MG_EMEM, MG_EUSAGE when MUTAGREE_ISA asks for an instruction set this machine lacks, or MG_EINPUT: a
 *          node whose kind has no forward pass in this precision, by name. */
mg_status mg_plan_create(const mg_graph *graph, mg_precision precision, mg_plan **ret, mg_error *err);
void mg_plan_destroy(mg_plan *plan); /* NULL is fine */

/* mg_plan_create_beside()  the plan of another score of the same network: what its first steps have in common with `first` (of the
 * same precision; NULL: nobody), by their digests, is packed once and stays that one's, which must outlive it */
mg_status mg_plan_create_beside(const mg_graph *graph, mg_precision precision, const mg_plan *first, mg_plan **ret,
                                mg_error *err);

/* mg_plan_n_common()  how many steps from the window on two plans have in common */
size_t mg_plan_n_common(const mg_plan *one, const mg_plan *other);

/* mg_plan_check_rule()  has every node that F needs a backward pass under this rule?
 * Args:    method - who asks, for the message
 * Returns: MG_OK, or MG_EINPUT: "deeplift does not say what to do at node 'mul_3' (product)" */
mg_status mg_plan_check_rule(const mg_plan *plan, mg_rule_kind rule, const char *method, mg_error *err);

/* Bytes of a number of this precision. */
static inline size_t mg_number_size(mg_precision precision)
{
    return precision == MG_SINGLE ? sizeof(float) : sizeof(double);
}

#endif
