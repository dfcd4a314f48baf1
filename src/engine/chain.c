/* chain.c  is it a piecewise linear chain? (chain.h) */
#include "src/engine/chain.h"

#include <stdlib.h>

#include "src/core/memory.h"
#include "src/engine/plan.h"

static const mg_slide one_position = {.kernel = 1, .stride = 1, .dilation = 1};

static bool has(const mg_step *step, unsigned trait)
{
    return (step->node->kind->traits & trait) != 0;
}

bool mg_chain_takes(const mg_kind *kind)
{
    const mg_ops *ops = kind->ops[MG_SINGLE];
    if (ops == NULL || (kind->traits & MG_TRAIT_PIECEWISE_LINEAR) == 0) return false;
    if ((kind->traits & MG_TRAIT_LINEAR) != 0) return (kind->traits & MG_TRAIT_MAP) != 0 || ops->factor != NULL;
    return (kind->traits & (MG_TRAIT_RECTIFIER | MG_TRAIT_CHOICE)) != 0;
}

static bool is_link(const mg_step *step)
{
    return step->node->n_inputs == 1 && mg_chain_takes(step->node->kind);
}

/* The first step that keeps a plan from being a chain; NULL: it is one. */
static const mg_step *find_stranger(const mg_plan *plan)
{
    size_t before = 0;
    const mg_step *last = NULL;
    for (size_t i = 0; i < plan->n_steps; i++) {
        const mg_step *step = &plan->step[i];
        if (!plan->explains[mg_node_value(i)]) continue;
        if (!is_link(step) || mg_step_input(step, 0) != before) return step;
        before = mg_node_value(i);
        last = step;
    }
    return last == NULL || has(last, MG_TRAIT_MAP) ? NULL : last;
}

static bool is_chain(const mg_plan *plan)
{
    return plan->n_steps > 0 && plan->explains[0] && find_stranger(plan) == NULL;
}

static mg_link link_of(const mg_step *step)
{
    bool spans = step->node->slide.kernel > 0;
    return (mg_link){.step = step,
                     .map = has(step, MG_TRAIT_MAP) ? step->packed : NULL,
                     .slide = spans ? &step->node->slide : &one_position,
                     .spans = spans,
                     .linear = has(step, MG_TRAIT_LINEAR),
                     .rectifier = has(step, MG_TRAIT_RECTIFIER),
                     .choice = has(step, MG_TRAIT_CHOICE),
                     .in = mg_step_extent_in(step, 0),
                     .out = mg_step_extent_out(step)};
}

static void fill(const mg_plan *plan, mg_chain *chain)
{
    for (size_t v = 0; v <= plan->n_steps; v++) {
        if (!plan->explains[v]) continue;
        if (v > 0) chain->link[chain->n_links++] = link_of(&plan->step[v - 1]);
        chain->value[chain->n_links] = v;
        chain->stride[chain->n_links] = plan->stride[v];
        chain->size[chain->n_links] = plan->size[v];
    }
}

mg_status mg_chain_find(const mg_plan *plan, mg_chain **ret, mg_error *err)
{
    mg_chain *chain = NULL;
    size_t n = plan->n_steps + 1;
    *ret = NULL;
    if (!is_chain(plan)) return MG_OK;
    mg_status status = mg_alloc(&chain, 1, sizeof *chain, err);
    if (status != MG_OK) return status;
    status = mg_alloc(&chain->link, n, sizeof *chain->link, err);
    if (status == MG_OK) status = mg_alloc(&chain->value, n, sizeof *chain->value, err);
    if (status == MG_OK) status = mg_alloc(&chain->stride, n, sizeof *chain->stride, err);
    if (status == MG_OK) status = mg_alloc(&chain->size, n, sizeof *chain->size, err);
    if (status != MG_OK) {
        mg_chain_destroy(chain);
        return status;
    }
    fill(plan, chain);
    *ret = chain;
    return MG_OK;
}

void mg_chain_destroy(mg_chain *chain)
{
    if (chain == NULL) return;
    free(chain->link);
    free(chain->value);
    free(chain->stride);
    free(chain->size);
    free(chain);
}

mg_status mg_chain_check(const mg_plan *plan, const char *who, mg_error *err)
{
    if (plan->chain != NULL) return MG_OK;
    const mg_step *stranger = plan->explains[0] ? find_stranger(plan) : NULL;
    if (stranger == NULL) return mg_fail(err, MG_EINPUT, "%s: the score does not depend on the window", who);
    return mg_fail(err, MG_EINPUT, "%s: only a chain of linear nodes, ReLU and max pools is taken, not node '%s' (%s)",
                   who, stranger->node->name, stranger->node->kind->title);
}
