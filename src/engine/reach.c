/* reach.c  receptive fields (reach.h) */
#include "src/engine/reach.h"

#include <stdlib.h>

#include "src/core/memory.h"
#include "src/engine/chain.h"

/* --- of any node --- */

void mg_node_extents(const mg_graph *graph, size_t i, mg_extent *ret)
{
    const mg_node *node = &graph->node[i];
    for (size_t k = 0; k < node->n_inputs; k++)
        ret[k] = graph->extent[node->input[k]];
}

/* The same positions; where there is one on a side, it goes with all of the other. */
static void mark_same(const bool *from, int64_t n_from, bool *to, int64_t n_to)
{
    for (int64_t t = 0; t < n_from; t++)
        for (int64_t u = n_from == 1 ? 0 : t; from[t] && u < (n_from == 1 ? n_to : t + 1); u++)
            to[n_to == 1 ? 0 : u] = true;
}

void mg_node_need(const mg_graph *graph, size_t i, const mg_extent *in, size_t k, const bool *wanted, bool *needed)
{
    const mg_node *node = &graph->node[i];
    mg_extent out = graph->extent[mg_node_value(i)];
    if (node->kind->need != NULL)
        node->kind->need(node, in, out, k, wanted, needed);
    else
        mark_same(wanted, out.length, needed, in[k].length);
}

void mg_node_touch(const mg_graph *graph, size_t i, const mg_extent *in, size_t k, const bool *changed, bool *touched)
{
    const mg_node *node = &graph->node[i];
    mg_extent out = graph->extent[mg_node_value(i)];
    if (node->kind->touch != NULL)
        node->kind->touch(node, in, out, k, changed, touched);
    else
        mark_same(changed, in[k].length, touched, out.length);
}

static void destroy_marks(bool **needed, size_t n)
{
    for (size_t v = 0; needed != NULL && v < n; v++)
        free(needed[v]);
    free(needed);
}

/* For every value, the positions that F depends on: (values) arrays. */
static mg_status find_needed(const mg_plan *plan, bool ***ret, mg_error *err)
{
    const mg_graph *graph = plan->graph;
    bool **needed = NULL;
    mg_extent *in = NULL;
    mg_status status = mg_alloc(&needed, graph->n_nodes + 1, sizeof *needed, err);
    if (status == MG_OK) status = mg_alloc(&in, plan->max_inputs, sizeof *in, err);
    for (size_t v = 0; v <= graph->n_nodes && status == MG_OK; v++)
        status = mg_alloc(&needed[v], (size_t)graph->extent[v].length, sizeof(bool), err);
    if (status == MG_OK) {
        needed[graph->n_nodes][0] = true;
        for (size_t i = graph->n_nodes; i-- > 0;) {
            if (!plan->explains[mg_node_value(i)]) continue;
            mg_node_extents(graph, i, in);
            for (size_t k = 0; k < graph->node[i].n_inputs; k++)
                mg_node_need(graph, i, in, k, needed[mg_node_value(i)], needed[graph->node[i].input[k]]);
        }
        *ret = needed;
    } else {
        destroy_marks(needed, graph->n_nodes + 1);
    }
    free(in);
    return status;
}

/* --- intervals of a chain --- */

static int64_t ceil_div(int64_t a, int64_t b)
{
    return a >= 0 ? (a + b - 1) / b : -(-a / b);
}

/* Output positions that a change within begin .. end - 1 touches. */
static void spread(const mg_link *link, int64_t *begin, int64_t *end)
{
    const mg_slide *slide = link->slide;
    if (!link->spans || *begin >= *end) return;
    int64_t first = ceil_div(*begin + slide->pad - (slide->kernel - 1) * slide->dilation, slide->stride);
    int64_t last = *end - 1 + slide->pad >= 0 ? (*end - 1 + slide->pad) / slide->stride : -1;
    *begin = first > 0 ? first : 0;
    *end = last + 1 < link->out.length ? last + 1 : link->out.length;
}

static void cut(const bool *needed, int64_t *begin, int64_t *end)
{
    while (*begin < *end && !needed[*begin])
        (*begin)++;
    while (*begin < *end && !needed[*end - 1])
        (*end)--;
}

static void follow(const mg_chain *chain, bool *const *needed, int64_t position, mg_reach *reach)
{
    int64_t begin = position, end = position + 1;
    for (size_t l = 0; l <= reach->n_links; l++) {
        if (l > 0) spread(&chain->link[l - 1], &begin, &end);
        cut(needed[chain->value[l]], &begin, &end);
        size_t at = l * (size_t)reach->length + (size_t)position;
        reach->begin[at] = begin;
        reach->end[at] = end > begin ? end : begin;
    }
}

/* Widen the positions begin .. end - 1 at a link's input to all that its outputs t_begin .. t_end - 1 look at. */
static void cover(const mg_link *link, int64_t t_begin, int64_t t_end, int64_t *begin, int64_t *end)
{
    if (t_begin >= t_end) return;
    const mg_slide *slide = link->slide;
    int64_t first = t_begin * slide->stride - slide->pad;
    int64_t last = (t_end - 1) * slide->stride - slide->pad + (slide->kernel - 1) * slide->dilation;
    if (first < *begin) *begin = first > 0 ? first : 0;
    if (last >= *end) *end = last < link->in.length ? last + 1 : link->in.length;
}

/* From the output down, so that a pooling's windows are complete at its input and so on through ReLU before it. */
static void complete_windows(const mg_chain *chain, int64_t position, mg_reach *reach)
{
    for (size_t l = reach->n_links; l > 0; l--) {
        size_t at = l * (size_t)reach->length + (size_t)position, below = at - (size_t)reach->length;
        const mg_link *link = &chain->link[l - 1];
        if (link->choice || !link->spans)
            cover(link, reach->begin[at], reach->end[at], &reach->begin[below], &reach->end[below]);
    }
    for (size_t l = 0; l <= reach->n_links; l++) {
        size_t at = l * (size_t)reach->length + (size_t)position;
        if (reach->end[at] - reach->begin[at] > reach->widest[l]) reach->widest[l] = reach->end[at] - reach->begin[at];
    }
}

static mg_status find_intervals(const mg_chain *chain, bool *const *needed, mg_reach *reach, mg_error *err)
{
    size_t n = chain->n_links + 1, length = (size_t)reach->length;
    reach->n_links = chain->n_links;
    mg_status status = mg_alloc(&reach->begin, n * length, sizeof *reach->begin, err);
    if (status == MG_OK) status = mg_alloc(&reach->end, n * length, sizeof *reach->end, err);
    if (status == MG_OK) status = mg_alloc(&reach->widest, n, sizeof *reach->widest, err);
    for (int64_t i = 0; i < reach->length && status == MG_OK; i++) {
        follow(chain, needed, i, reach);
        complete_windows(chain, i, reach);
    }
    return status;
}

mg_status mg_reach_create(const mg_plan *plan, mg_reach *ret, mg_error *err)
{
    bool **needed = NULL;
    *ret = (mg_reach){.length = plan->graph->length};
    mg_status status = find_needed(plan, &needed, err);
    if (status == MG_OK) status = mg_alloc(&ret->blind, (size_t)ret->length, sizeof *ret->blind, err);
    for (int64_t i = 0; i < ret->length && status == MG_OK; i++) {
        ret->blind[i] = !needed[0][i];
        ret->n_blind += ret->blind[i];
    }
    if (status == MG_OK && plan->chain != NULL) status = find_intervals(plan->chain, needed, ret, err);
    destroy_marks(needed, plan->n_steps + 1);
    if (status != MG_OK) mg_reach_destroy(ret);
    return status;
}

void mg_reach_destroy(mg_reach *reach)
{
    if (reach == NULL) return;
    free(reach->begin);
    free(reach->end);
    free(reach->widest);
    free(reach->blind);
    *reach = (mg_reach){0};
}
