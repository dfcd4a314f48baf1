/* marks.c  nodes of a plan that a method treats by their place */
#include "src/attribution/marks.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"

static bool has_trait(const mg_node *node, unsigned trait)
{
    return (node->kind->traits & trait) != 0;
}

/* --- readers --- */

int64_t mg_only_reader(const mg_plan *plan, size_t value)
{
    int64_t reader = -1, n = 0;
    for (size_t i = value; i < plan->n_steps; i++) {
        const mg_node *node = &plan->graph->node[i];
        for (size_t k = 0; k < node->n_inputs && plan->explains[mg_node_value(i)]; k++) {
            if (node->input[k] != value) continue;
            reader = (int64_t)i;
            n++;
        }
    }
    return n == 1 ? reader : -1;
}

void mg_mark_pairs(const mg_plan *plan, bool *mark)
{
    memset(mark, 0, plan->n_steps * sizeof *mark);
    for (size_t i = 0; i < plan->n_steps; i++) {
        const mg_node *node = &plan->graph->node[i];
        if (!plan->explains[mg_node_value(i)] || !has_trait(node, MG_TRAIT_DENSE)) continue;
        int64_t reader = mg_only_reader(plan, mg_node_value(i));
        if (reader < 0 || !has_trait(&plan->graph->node[reader], MG_TRAIT_RECTIFIER)) continue;
        mark[i] = mark[reader] = true;
    }
}

/* --- the first to read the window --- */

/* Does a gather of a value of four channels move whole rows, its numbers in any order? */
static bool moves_rows(const mg_node *node, const mg_extent *extent)
{
    if (node->index == NULL || node->asked.channels != 4 || extent[node->input[0]].channels != 4) return false;
    for (int64_t t = 0; t < node->asked.length; t++) {
        const int64_t *row = node->index + t * 4;
        int64_t from = row[0] < 0 ? -1 : row[0] / 4;
        unsigned seen = 0;
        for (int c = 0; c < 4; c++) {
            if ((row[c] < 0 ? -1 : row[c] / 4) != from) return false;
            seen |= row[c] < 0 ? 0u : 1u << (row[c] % 4);
        }
        if (from >= 0 && seen != 15u) return false;
    }
    return true;
}

mg_status mg_mark_first(const mg_plan *plan, const char *method, bool *mark, mg_error *err)
{
    const mg_graph *graph = plan->graph;
    bool *raw = NULL; /* (values) the window, moved or not */
    mg_status status = mg_alloc(&raw, plan->n_steps + 1, sizeof *raw, err);
    if (status != MG_OK) return status;
    raw[0] = true;
    memset(mark, 0, plan->n_steps * sizeof *mark);
    for (size_t i = 0; i < plan->n_steps && status == MG_OK; i++) {
        const mg_node *node = &graph->node[i];
        bool reads = false;
        for (size_t k = 0; k < node->n_inputs; k++)
            reads |= raw[node->input[k]];
        if (!reads || !plan->explains[mg_node_value(i)]) continue;
        mark[i] = has_trait(node, MG_TRAIT_MAP);
        raw[mg_node_value(i)] = !mark[i] && moves_rows(node, graph->extent);
        if (!mark[i] && !raw[mg_node_value(i)])
            status =
                mg_fail(err, MG_EINPUT,
                        "%s: a rule for the first layers wants convolutions or dense layers to read the window, and "
                        "node '%s' (%s) does; take first=same",
                        method, node->name, node->kind->title);
    }
    free(raw);
    return status;
}

/* --- maps --- */

int64_t mg_find_map_node(const mg_plan *plan, int64_t k, int64_t *ret_n)
{
    int64_t found = -1, n = 0;
    for (size_t i = 0; i < plan->n_steps; i++) {
        const mg_node *node = &plan->graph->node[i];
        if (!plan->explains[mg_node_value(i)] || !has_trait(node, MG_TRAIT_MAP) || has_trait(node, MG_TRAIT_DENSE) ||
            plan->graph->extent[mg_node_value(i)].length < 2)
            continue;
        n++;
        if (k == 0 || k == n) found = (int64_t)i;
    }
    if (ret_n != NULL) *ret_n = n;
    return found;
}

size_t mg_value_behind(const mg_plan *plan, size_t node)
{
    for (int64_t reader = mg_only_reader(plan, mg_node_value(node)); reader >= 0;
         reader = mg_only_reader(plan, mg_node_value((size_t)reader))) {
        const mg_node *behind = &plan->graph->node[reader];
        if (has_trait(behind, MG_TRAIT_ELEMENTWISE)) return mg_node_value((size_t)reader);
        if (!has_trait(behind, MG_TRAIT_WEIGHTS) || has_trait(behind, MG_TRAIT_MAP)) break;
    }
    return mg_node_value(node);
}
