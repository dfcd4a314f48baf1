/* plan.c  from nodes to steps, and who uses which slot (plan.h) */
#include "src/engine/plan.h"

#include <stdlib.h>

#include "src/core/memory.h"
#include "src/engine/chain.h"
#include "src/graph/digest.h"

/* --- what is known of values --- */

static int64_t round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

static void measure(mg_plan *plan)
{
    int64_t unit = plan->precision == MG_SINGLE ? MG_LANES : 1;
    for (size_t v = 0; v <= plan->n_steps; v++) {
        const mg_extent *extent = &plan->graph->extent[v];
        plan->stride[v] = round_up(extent->channels, unit);
        plan->size[v] = extent->length * plan->stride[v];
        if (plan->size[v] > plan->max_size) plan->max_size = plan->size[v];
        if (extent->length > plan->max_length) plan->max_length = extent->length;
    }
}

/* Which values can be negative decides how LRP has to treat signs: the window is one-hot. */
static bool never_negative(const mg_plan *plan, const mg_node *node)
{
    if ((node->kind->traits & MG_TRAIT_NONNEGATIVE) != 0) return true;
    if ((node->kind->traits & MG_TRAIT_KEEPS_SIGN) == 0) return false;
    bool nonnegative = true;
    for (size_t k = 0; k < node->n_inputs; k++)
        nonnegative &= plan->nonnegative[node->input[k]];
    return nonnegative;
}

static bool is_affine(const mg_plan *plan, const mg_node *node)
{
    bool affine = (node->kind->traits & MG_TRAIT_LINEAR) != 0;
    for (size_t k = 0; k < node->n_inputs; k++)
        affine = affine && (plan->affine[node->input[k]] || !plan->varies[node->input[k]]);
    return affine;
}

static void look_upward(mg_plan *plan)
{
    plan->nonnegative[0] = plan->varies[0] = plan->affine[0] = true;
    for (size_t i = 0; i < plan->n_steps; i++) {
        const mg_node *node = &plan->graph->node[i];
        if (node->n_inputs > plan->max_inputs) plan->max_inputs = node->n_inputs;
        plan->nonnegative[mg_node_value(i)] = never_negative(plan, node);
        for (size_t k = 0; k < node->n_inputs; k++)
            plan->varies[mg_node_value(i)] |= plan->varies[node->input[k]];
        plan->affine[mg_node_value(i)] = is_affine(plan, node) && plan->varies[mg_node_value(i)];
    }
}

static void look_downward(mg_plan *plan)
{
    plan->runs[plan->n_steps] = plan->explains[plan->n_steps] = true;
    for (size_t o = 0; o < plan->graph->n_outputs; o++)
        plan->runs[plan->graph->output[o].value] = true;
    for (size_t i = plan->n_steps; i-- > 0;) {
        const mg_node *node = &plan->graph->node[i];
        for (size_t k = 0; k < node->n_inputs; k++) {
            plan->runs[node->input[k]] |= plan->runs[mg_node_value(i)];
            plan->explains[node->input[k]] |= plan->explains[mg_node_value(i)];
        }
    }
    for (size_t v = 0; v <= plan->n_steps; v++) {
        plan->explains[v] &= plan->varies[v];
        bool frozen = v > 0 && (mg_value_node(plan->graph, v)->kind->traits & MG_TRAIT_FROZEN) != 0;
        plan->frozen |= plan->explains[v] && frozen;
    }
}

/* --- slots --- */

static int take_slot(mg_plan *plan, bool *taken, int64_t size)
{
    int s = 0;
    while (s < plan->n_slots && taken[s])
        s++;
    if (s == plan->n_slots) plan->n_slots++;
    taken[s] = true;
    if (size > plan->slot_size[s]) plan->slot_size[s] = size;
    return s;
}

/* May the multipliers of a node's first input be made of its output's where these lie? */
static bool in_place(const mg_plan *plan, size_t i)
{
    const mg_node *node = &plan->graph->node[i];
    if ((node->kind->traits & MG_TRAIT_ELEMENTWISE) != 0) return true;
    if ((node->kind->traits & MG_TRAIT_SUM) == 0) return false;
    mg_extent in = plan->graph->extent[node->input[0]], out = plan->graph->extent[mg_node_value(i)];
    return in.length == out.length && in.channels == out.channels;
}

/* Step i hands down: give its inputs' multipliers slots, then free those that nobody needs any more. */
static void hand_down(mg_plan *plan, bool *taken, size_t i)
{
    const mg_node *node = &plan->graph->node[i];
    int own = plan->slot[mg_node_value(i)];
    bool kept = false;
    for (size_t k = 0; k < node->n_inputs; k++) {
        size_t v = node->input[k];
        mg_handover *to = &plan->handover[i][k];
        if (!plan->explains[v]) continue;
        to->slot = k == 0 && in_place(plan, i) ? own : take_slot(plan, taken, plan->size[v]);
        if (plan->slot[v] != MG_NO_SLOT) {
            to->sum = plan->slot[v];
            continue;
        }
        plan->slot[v] = to->slot;
        kept |= to->slot == own;
    }
    if (!kept) taken[own] = false;
    for (size_t k = 0; k < node->n_inputs; k++)
        if (plan->handover[i][k].sum != MG_NO_SLOT) taken[plan->handover[i][k].slot] = false;
}

static mg_status lay_slots(mg_plan *plan, mg_error *err)
{
    bool *taken = NULL;
    size_t edges = 2;
    for (size_t i = 0; i < plan->n_steps; i++)
        edges += plan->graph->node[i].n_inputs;
    mg_status status = mg_alloc(&taken, edges, sizeof *taken, err);
    if (status == MG_OK) status = mg_alloc(&plan->slot_size, edges, sizeof *plan->slot_size, err);
    for (size_t i = 0; status == MG_OK && i < plan->n_steps; i++) {
        size_t n = plan->graph->node[i].n_inputs;
        status = mg_alloc(&plan->handover[i], n, sizeof *plan->handover[i], err);
        for (size_t k = 0; status == MG_OK && k < n; k++)
            plan->handover[i][k] = (mg_handover){MG_NO_SLOT, MG_NO_SLOT};
    }
    for (size_t v = 0; v <= plan->n_steps; v++)
        plan->slot[v] = MG_NO_SLOT;
    if (status == MG_OK) {
        plan->slot[plan->n_steps] = take_slot(plan, taken, plan->size[plan->n_steps]);
        for (size_t i = plan->n_steps; i-- > 0;)
            if (plan->explains[mg_node_value(i)]) hand_down(plan, taken, i);
    }
    free(taken);
    return status;
}

/* Walks along a chain (src/paths/) put any value's multipliers into its first two slots. */
static void widen_slots(mg_plan *plan)
{
    if (plan->n_slots < 2) plan->n_slots = 2;
    for (int s = 0; s < 2; s++)
        plan->slot_size[s] = plan->max_size;
}

/* --- steps --- */

/* lender: the same step of another plan; NULL: none */
static mg_status make_step(mg_plan *plan, size_t i, const mg_step *lender, mg_error *err)
{
    mg_step *step = &plan->step[i];
    const mg_node *node = &plan->graph->node[i];
    *step = (mg_step){.node = node,
                      .ops = node->kind->ops[plan->precision],
                      .kernels = plan->kernels,
                      .output = mg_node_value(i),
                      .extent = plan->graph->extent,
                      .stride = plan->stride,
                      .nonnegative = plan->nonnegative};
    if (step->ops == NULL || step->ops->forward == NULL)
        return mg_fail(err, MG_EINPUT, "node '%s' (%s) has no forward pass in float%s", node->name, node->kind->title,
                       plan->precision == MG_SINGLE ? "32" : "64");
    step->lent = lender != NULL && lender->packed != NULL;
    if (step->lent) step->packed = lender->packed;
    mg_status status = !step->lent && step->ops->pack != NULL ? step->ops->pack(step, err) : MG_OK;
    size_t scratch = status == MG_OK && step->ops->scratch != NULL ? step->ops->scratch(step) : 0;
    if (scratch > plan->scratch) plan->scratch = scratch;
    return status;
}

/* Values that are a stretch of another one are not copied. */
static void find_stretches(mg_plan *plan)
{
    for (size_t v = 0; v <= plan->n_steps; v++) {
        const mg_step *step = v > 0 && plan->runs[v] ? &plan->step[v - 1] : NULL;
        int64_t shift = 0;
        bool within = step != NULL && step->ops->shift != NULL && step->ops->shift(step, &shift);
        plan->within[v] = within ? shift * plan->stride[v] : -1;
    }
}

/* Does step i hand down through the step before it, too? That is a ReLU whose multipliers lie in one slot with those of its
 * input, and nobody else adds to either. */
static bool takes_along(const mg_plan *plan, size_t i)
{
    const mg_step *step = &plan->step[i];
    if (i == 0 || step->ops == NULL || step->ops->rectifies == NULL || step->node->input[0] != i) return false;
    const mg_node *below = &plan->graph->node[i - 1];
    const mg_handover *pool = plan->handover[i], *relu = plan->handover[i - 1];
    return (below->kind->traits & MG_TRAIT_RECTIFIER) != 0 && plan->explains[mg_node_value(i - 1)] &&
           pool->slot == relu->slot && pool->sum == MG_NO_SLOT && relu->sum == MG_NO_SLOT && step->ops->rectifies(step);
}

static mg_status allocate(mg_plan *plan, mg_error *err)
{
    size_t n = plan->n_steps + 1;
    mg_status status = mg_alloc(&plan->step, n, sizeof *plan->step, err);
    if (status == MG_OK) status = mg_alloc(&plan->stride, n, sizeof *plan->stride, err);
    if (status == MG_OK) status = mg_alloc(&plan->size, n, sizeof *plan->size, err);
    if (status == MG_OK) status = mg_alloc(&plan->within, n, sizeof *plan->within, err);
    if (status == MG_OK) status = mg_alloc(&plan->nonnegative, n, sizeof(bool), err);
    if (status == MG_OK) status = mg_alloc(&plan->varies, n, sizeof(bool), err);
    if (status == MG_OK) status = mg_alloc(&plan->affine, n, sizeof(bool), err);
    if (status == MG_OK) status = mg_alloc(&plan->runs, n, sizeof(bool), err);
    if (status == MG_OK) status = mg_alloc(&plan->explains, n, sizeof(bool), err);
    if (status == MG_OK) status = mg_alloc(&plan->digest, n, sizeof *plan->digest, err);
    if (status == MG_OK) status = mg_alloc(&plan->slot, n, sizeof *plan->slot, err);
    if (status == MG_OK) status = mg_alloc(&plan->rectified, n, sizeof(bool), err);
    if (status == MG_OK) status = mg_alloc(&plan->handover, n, sizeof *plan->handover, err);
    return status;
}

size_t mg_plan_n_common(const mg_plan *one, const mg_plan *other)
{
    size_t n = 0;
    while (n < one->n_steps && n < other->n_steps && one->digest[mg_node_value(n)] == other->digest[mg_node_value(n)])
        n++;
    return one->digest[0] == other->digest[0] ? n : 0;
}

static mg_status make_steps(mg_plan *plan, const mg_plan *first, mg_error *err)
{
    size_t n_common = first != NULL && first->kernels == plan->kernels ? mg_plan_n_common(plan, first) : 0;
    mg_status status = MG_OK;
    for (size_t i = 0; status == MG_OK && i < plan->n_steps; i++)
        if (plan->runs[mg_node_value(i)]) status = make_step(plan, i, i < n_common ? &first->step[i] : NULL, err);
    return status;
}

mg_status mg_plan_create(const mg_graph *graph, mg_precision precision, mg_plan **ret, mg_error *err)
{
    return mg_plan_create_beside(graph, precision, NULL, ret, err);
}

mg_status mg_plan_create_beside(const mg_graph *graph, mg_precision precision, const mg_plan *first, mg_plan **ret,
                                mg_error *err)
{
    mg_plan *plan = NULL;
    mg_status status = mg_kernels_check(err);
    if (status == MG_OK) status = mg_alloc(&plan, 1, sizeof *plan, err);
    if (status != MG_OK) return status;
    plan->graph = graph;
    plan->precision = precision;
    plan->kernels = mg_kernels_pick();
    plan->n_steps = graph->n_nodes;
    status = allocate(plan, err);
    if (status == MG_OK) {
        mg_graph_digest(graph, plan->digest);
        measure(plan);
        look_upward(plan);
        look_downward(plan);
        status = lay_slots(plan, err);
    }
    if (status == MG_OK) status = make_steps(plan, first, err);
    if (status == MG_OK) find_stretches(plan);
    for (size_t i = 0; status == MG_OK && i < plan->n_steps; i++)
        plan->rectified[i] = takes_along(plan, i);
    if (status == MG_OK) status = mg_chain_find(plan, &plan->chain, err);
    if (status == MG_OK && plan->chain != NULL) widen_slots(plan);
    if (status != MG_OK) {
        mg_plan_destroy(plan);
        return status;
    }
    *ret = plan;
    return MG_OK;
}

void mg_plan_destroy(mg_plan *plan)
{
    if (plan == NULL) return;
    for (size_t i = 0; plan->step != NULL && i < plan->n_steps; i++)
        if (plan->step[i].packed != NULL && !plan->step[i].lent) plan->step[i].ops->release(plan->step[i].packed);
    for (size_t i = 0; plan->handover != NULL && i < plan->n_steps; i++)
        free(plan->handover[i]);
    free(plan->step);
    free(plan->stride);
    free(plan->size);
    free(plan->within);
    free(plan->nonnegative);
    free(plan->varies);
    free(plan->affine);
    free(plan->runs);
    free(plan->explains);
    free(plan->digest);
    free(plan->slot_size);
    free(plan->slot);
    free(plan->rectified);
    free(plan->handover);
    mg_chain_destroy(plan->chain);
    free(plan);
}

mg_status mg_plan_check_rule(const mg_plan *plan, mg_rule_kind rule, const char *method, mg_error *err)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const mg_node *node = &plan->graph->node[i];
        if (plan->explains[mg_node_value(i)] && plan->step[i].ops->backward[rule] == NULL)
            return mg_fail(err, MG_EINPUT, "%s does not say what to do at node '%s' (%s)", method, node->name,
                           node->kind->title);
    }
    return MG_OK;
}
