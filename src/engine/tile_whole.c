/* tile_whole.c  nodes that are run on each mutant whole, and the linear tail that is not run at all */
#include <string.h>

#include "src/engine/tile_inside.h"

/* --- nodes that are run whole, mutant by mutant --- */

/* Values of mutant m of the tile at the inputs of a step: the window's, and the differences. */
static void set_inputs(mg_tile_scan *scan, const mg_step *step, int m)
{
    const mg_plan *plan = scan->plan;
    mg_tile *tile = &scan->tile;
    for (size_t k = 0; k < step->node->n_inputs; k++) {
        size_t v = step->node->input[k];
        int64_t channels = plan->graph->extent[v].channels;
        if (scan->mutant_value[v] == NULL) continue;
        memcpy(scan->mutant_value[v], tile->window->value[v], (size_t)plan->size[v] * sizeof(float));
        for (int64_t p = 0; p < tile->value[v].n; p++) {
            int64_t t = tile->value[v].position[p];
            for (int64_t c = mg_tile_next(&tile->value[v], t, 0, channels); c < channels;
                 c = mg_tile_next(&tile->value[v], t, c + 1, channels))
                ((float *)scan->mutant_value[v])[t * plan->stride[v] + c] += mg_tile_row(tile, v, t, c)[m];
        }
    }
}

/* Where mutant m's output differs goes into the rows, before they are known to be listed. */
static void take_output(mg_tile_scan *scan, const mg_step *step, int m)
{
    mg_tile *tile = &scan->tile;
    size_t v = step->output;
    const float *mutant = scan->mutant_value[v];
    for (int64_t p = 0; p < tile->value[v].n; p++) {
        int64_t t = tile->value[v].position[p];
        for (int64_t c = 0; c < scan->plan->graph->extent[v].channels; c++)
            mg_tile_row(tile, v, t, c)[m] = mutant[t * scan->plan->stride[v] + c] - mg_tile_own(tile, v, t, c);
    }
}

void mg_tile_whole(mg_tile_scan *scan, size_t i)
{
    const mg_plan *plan = scan->plan;
    const mg_step *step = &plan->step[i];
    mg_tile *tile = &scan->tile;
    for (size_t v = 0; v <= plan->n_steps; v++)
        scan->mutant.value[v] = scan->mutant_value[v] != NULL ? scan->mutant_value[v] : tile->window->value[v];
    for (size_t s = 0; s < plan->n_steps; s++)
        scan->mutant.memo[s] = scan->mutant_memo[s] != NULL ? scan->mutant_memo[s] : tile->window->memo[s];
    scan->tools.explained = tile->window;
    for (int m = 0; m < MG_MUTANTS; m++) {
        set_inputs(scan, step, m);
        step->ops->forward(step, &scan->tools, &scan->mutant);
        take_output(scan, step, m);
    }
    for (int64_t p = 0; p < tile->value[step->output].n; p++) {
        int64_t t = tile->value[step->output].position[p];
        mg_tile_begin(tile, step->output, t);
        for (int64_t c = 0; c < plan->graph->extent[step->output].channels; c++)
            mg_tile_keep(tile, step->output, t, c, mg_tile_row(tile, step->output, t, c));
        mg_tile_end(tile, step->output, t);
    }
}

/* --- the tail --- */

static void add_numbers(const float *from, int64_t n, float *to)
{
    for (int64_t i = 0; i < n; i++)
        to[i] += from[i];
}

/* dF/d(value) of all values that the tail takes, for the window of the pass. */
void mg_tile_gradients(mg_tile_scan *scan)
{
    static const mg_rule gradient = {.kind = MG_RULE_GRADIENT};
    const mg_plan *plan = scan->plan;
    for (size_t v = 0; v <= plan->n_steps; v++)
        if (scan->gradient[v] != NULL) memset(scan->gradient[v], 0, (size_t)plan->size[v] * sizeof(float));
    if (scan->gradient[plan->n_steps] != NULL) scan->gradient[plan->n_steps][0] = 1.0f;
    for (size_t i = plan->n_steps; i-- > 0;) {
        const mg_step *step = &plan->step[i];
        if (!mg_tile_in_tail(scan, i)) continue;
        for (size_t k = 0; k < step->node->n_inputs; k++)
            scan->m_in[k] = plan->explains[step->node->input[k]] ? scan->handed[k] : NULL;
        const mg_backward go = {.rule = &gradient,
                                .window = scan->tile.window,
                                .reference = scan->tile.window,
                                .m = scan->gradient[step->output],
                                .m_in = scan->m_in};
        step->ops->backward[MG_RULE_GRADIENT](step, &scan->tools, &go);
        for (size_t k = 0; k < step->node->n_inputs; k++)
            if (scan->m_in[k] != NULL)
                add_numbers(scan->handed[k], plan->size[step->node->input[k]], scan->gradient[step->node->input[k]]);
    }
}

/* Those of the values that the tail takes, times their gradients. */
void mg_tile_total(mg_tile_scan *scan)
{
    const mg_plan *plan = scan->plan;
    mg_tile *tile = &scan->tile;
    for (size_t v = 0; v <= plan->n_steps; v++) {
        const mg_tile_value *value = &tile->value[v];
        if (!scan->steps.cut[v]) continue;
        for (int64_t p = 0; p < value->n; p++) {
            int64_t t = value->position[p];
            tile->kernels->weigh(value->mask + t * value->words, value->words, mg_tile_row(tile, v, t, 0),
                                 scan->gradient[v] + t * plan->stride[v], scan->total);
        }
    }
    const float *last = plan->n_steps > 0 && scan->steps.role[plan->n_steps - 1] == MG_TILE_TAIL
                            ? NULL
                            : mg_tile_listed(tile, plan->n_steps, 0, 0);
    if (last != NULL) memcpy(scan->total, last, MG_MUTANTS * sizeof *scan->total);
}
