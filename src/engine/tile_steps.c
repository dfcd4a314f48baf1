/* tile_steps.c  the way of a tile through a plan (tile_steps.h) */
#include "src/engine/tile_steps.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/pass_inside.h"

static const mg_kind *kind_of(const mg_plan *plan, size_t i)
{
    return plan->graph->node[i].kind;
}

/* How many nodes that F needs take a value, and the last of them. */
static size_t consumers(const mg_plan *plan, size_t v, size_t *last)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n_steps; i++)
        for (size_t k = 0; plan->explains[mg_node_value(i)] && k < plan->graph->node[i].n_inputs; k++)
            if (plan->graph->node[i].input[k] == v) {
                *last = i;
                n++;
            }
    return n;
}

static bool tail_takes_all(const mg_plan *plan, const mg_tile_steps *steps, size_t v)
{
    for (size_t i = 0; i < plan->n_steps; i++)
        for (size_t k = 0; plan->explains[mg_node_value(i)] && k < plan->graph->node[i].n_inputs; k++)
            if (plan->graph->node[i].input[k] == v && steps->role[i] != MG_TILE_TAIL) return false;
    return true;
}

static void find_tail(const mg_plan *plan, mg_tile_steps *steps)
{
    for (size_t i = plan->n_steps; i-- > 0;) {
        size_t v = mg_node_value(i);
        bool straight = (kind_of(plan, i)->traits & (MG_TRAIT_LINEAR | MG_TRAIT_FROZEN)) != 0;
        steps->role[i] = !plan->explains[v]                           ? MG_TILE_ABSENT
                         : straight && tail_takes_all(plan, steps, v) ? MG_TILE_TAIL
                                                                      : MG_TILE_RUN;
    }
    for (size_t i = 0; i < plan->n_steps; i++)
        for (size_t k = 0; steps->role[i] == MG_TILE_TAIL && k < plan->graph->node[i].n_inputs; k++) {
            size_t v = plan->graph->node[i].input[k];
            if (plan->explains[v] && (v == 0 || steps->role[v - 1] != MG_TILE_TAIL)) steps->cut[v] = true;
        }
}

/* A node that looks at one number is joined to the node before it, if that is the only one it leaves. */
static void join(const mg_plan *plan, mg_tile_steps *steps)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        size_t next = 0;
        const mg_ops *ops = plan->step[i].ops;
        steps->joined[i] = steps->sum[i] = MG_NO_STEP;
        if (steps->role[i] != MG_TILE_RUN && steps->role[i] != MG_TILE_JOINED) continue;
        if (ops->rows == NULL && ops->lane == NULL) continue;
        if (consumers(plan, mg_node_value(i), &next) != 1 || steps->role[next] != MG_TILE_RUN) continue;
        if (plan->step[next].ops->lane == NULL) continue;
        steps->joined[i] = (int64_t)next;
        steps->role[next] = MG_TILE_JOINED;
    }
}

size_t mg_tile_steps_output(const mg_plan *plan, const mg_tile_steps *steps, size_t i)
{
    while (steps->joined[i] != MG_NO_STEP)
        i = (size_t)steps->joined[i];
    return plan->step[i].output;
}

/* --- the last gate --- */

/* Slopes of the gate that alone is joined to a linear step; NULL when it is another kind of step. */
static mg_status find_slope(const mg_plan *plan, mg_tile_steps *steps, size_t i, mg_error *err)
{
    int64_t next = steps->joined[i];
    const mg_ops *ops = next != MG_NO_STEP ? plan->step[next].ops : NULL;
    if (ops == NULL || plan->step[i].ops->rows == NULL || ops->gate == NULL) return MG_OK;
    if (steps->joined[next] != MG_NO_STEP) return MG_OK;
    int64_t channels = plan->graph->extent[mg_node_value((size_t)next)].channels;
    mg_status status = mg_alloc(&steps->slope[i], (size_t)channels, sizeof(float), err);
    bool all = true;
    for (int64_t c = 0; status == MG_OK && all && c < channels; c++)
        all = ops->gate(&plan->step[next], c, &steps->slope[i][c]);
    if (all) return status;
    free(steps->slope[i]);
    steps->slope[i] = NULL;
    return status;
}

/* A gate that nothing but the tail follows: units that keep to their side of 0 are linear too. So the tail's gradient is
 * taken through gate and linear step, as the window's own pass has them, and the others are corrected for. */
static void fold(const mg_plan *plan, mg_tile_steps *steps, size_t i)
{
    size_t v = mg_tile_steps_output(plan, steps, i);
    if (steps->role[i] != MG_TILE_RUN || steps->slope[i] == NULL) return;
    if (!steps->cut[v] || !tail_takes_all(plan, steps, v)) return;
    steps->role[i] = MG_TILE_FOLD;
    steps->role[steps->joined[i]] = MG_TILE_TAIL;
    steps->cut[v] = false;
    steps->cut[plan->graph->node[i].input[0]] = true;
}

static mg_status find_folds(const mg_plan *plan, mg_tile_steps *steps, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t i = 0; i < plan->n_steps && status == MG_OK; i++) {
        if (steps->role[i] != MG_TILE_RUN) continue;
        status = find_slope(plan, steps, i, err);
        if (status == MG_OK) fold(plan, steps, i);
    }
    return status;
}

/* --- where differences lie --- */

/* A node whose output is its input at other positions. */
static void find_shifts(const mg_plan *plan, mg_tile_steps *steps)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const mg_ops *ops = plan->step[i].ops;
        size_t v = mg_node_value(i), in = plan->graph->node[i].n_inputs > 0 ? plan->graph->node[i].input[0] : 0;
        int64_t shift;
        steps->lies_in[v] = (int64_t)v;
        if (steps->role[i] != MG_TILE_RUN || ops->shift == NULL || !ops->shift(&plan->step[i], &shift)) continue;
        steps->role[i] = MG_TILE_SHIFT;
        steps->lies_in[v] = steps->lies_in[in];
        steps->offset[v] = steps->offset[in] + shift;
    }
}

/* The step at which the arrays that a value lies in are looked at for the last time; n_steps: at the end. */
static size_t last_use(const mg_plan *plan, const mg_tile_steps *steps, int64_t lies_in)
{
    size_t last = 0;
    for (size_t v = 0; v <= plan->n_steps; v++)
        if (steps->lies_in[v] == lies_in && (steps->cut[v] || v == plan->n_steps)) return plan->n_steps;
    for (size_t i = 0; i < plan->n_steps; i++)
        for (size_t k = 0; mg_tile_role_runs(steps->role[i]) && k < plan->graph->node[i].n_inputs; k++)
            if (steps->lies_in[plan->graph->node[i].input[k]] == lies_in) last = i;
    return last;
}

/* May the output of step i, a sum, be made where its input k lies? Every input that varies has to be as large as the output,
 * no other may lie there, and nobody may look at it afterwards. */
static bool can_take_over(const mg_plan *plan, const mg_tile_steps *steps, size_t i, size_t k)
{
    const mg_node *node = &plan->graph->node[i];
    mg_extent out = plan->graph->extent[mg_node_value(i)];
    int64_t place = steps->lies_in[node->input[k]];
    for (size_t j = 0; j < node->n_inputs; j++) {
        mg_extent in = plan->graph->extent[node->input[j]];
        if (j != k && steps->lies_in[node->input[j]] == place) return false;
        if (plan->explains[node->input[j]] && (in.length != out.length || in.channels != out.channels)) return false;
    }
    return plan->explains[node->input[k]] && last_use(plan, steps, place) == i;
}

/* Value v, and all its shifts, lie where value `in` lies. */
static void take_over(const mg_plan *plan, mg_tile_steps *steps, size_t v, size_t in)
{
    for (size_t w = 0; w <= plan->n_steps; w++) {
        if (steps->lies_in[w] != (int64_t)v) continue;
        steps->lies_in[w] = steps->lies_in[in];
        steps->offset[w] += steps->offset[in];
    }
}

static void find_takeovers(const mg_plan *plan, mg_tile_steps *steps)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const mg_node *node = &plan->graph->node[i];
        size_t v = mg_node_value(i);
        if (steps->role[i] != MG_TILE_RUN || !plan->step[i].ops->in_place) continue;
        for (size_t k = 0; k < node->n_inputs && steps->lies_in[v] == (int64_t)v; k++) {
            if (!can_take_over(plan, steps, i, k)) continue;
            take_over(plan, steps, v, node->input[k]);
        }
    }
}

/* --- sums that are made while the linear step before them is run --- */

bool mg_tile_steps_wait(const mg_plan *plan, const mg_tile_steps *steps, size_t i, size_t sum, int64_t *ret)
{
    enum { MOST_TAPS = 16 };
    const mg_rows *op = plan->step[i].ops->rows(&plan->step[i]);
    size_t in = plan->graph->node[i].input[0], out = mg_node_value(sum);
    *ret = -1;
    if (steps->lies_in[in] != steps->lies_in[out]) return true;
    int64_t ahead = steps->offset[out] - steps->offset[in] + op->pad;
    if (op->step != 1 || op->divide != 1 || ahead % op->dilation != 0) return false;
    if (ahead >= 0) *ret = ahead;
    return ahead < MOST_TAPS * op->dilation;
}

/* The linear step that, with all that is joined to it, gives value v; n_steps: none. */
static size_t linear_of(const mg_plan *plan, const mg_tile_steps *steps, size_t v)
{
    for (size_t i = 0; i < v; i++)
        if (steps->role[i] == MG_TILE_RUN && plan->step[i].ops->rows != NULL &&
            mg_tile_steps_output(plan, steps, i) == v)
            return i;
    return plan->n_steps;
}

/* Is value v there when step i is run, and does nobody look at where it lies between that step and the sum? */
static bool is_ready(const mg_plan *plan, const mg_tile_steps *steps, size_t v, size_t i, size_t sum)
{
    int64_t place = steps->lies_in[v];
    while (v > 0 && steps->role[v - 1] == MG_TILE_SHIFT)
        v = plan->graph->node[v - 1].input[0];
    if (v > i) return false;
    for (size_t j = i + 1; j < sum; j++)
        for (size_t k = 0; mg_tile_role_runs(steps->role[j]) && k < plan->graph->node[j].n_inputs; k++)
            if (steps->lies_in[plan->graph->node[j].input[k]] == place) return false;
    return true;
}

static void find_sums(const mg_plan *plan, mg_tile_steps *steps)
{
    for (size_t s = 0; s < plan->n_steps; s++) {
        const mg_node *node = &plan->graph->node[s];
        size_t v = mg_node_value(s), last = 0;
        int64_t wait;
        if (steps->role[s] != MG_TILE_RUN || steps->lies_in[v] == (int64_t)v || node->n_inputs != 2) continue;
        size_t k = steps->lies_in[node->input[0]] == steps->lies_in[v] ? 0 : 1;
        size_t i = linear_of(plan, steps, node->input[1 - k]);
        if (i == plan->n_steps || consumers(plan, node->input[1 - k], &last) != 1) continue;
        if (!is_ready(plan, steps, node->input[k], i, s) || !mg_tile_steps_wait(plan, steps, i, s, &wait)) continue;
        steps->sum[i] = (int64_t)s;
        steps->role[s] = MG_TILE_ADDED;
    }
}

/* --- slots --- */

static void take_slot(const mg_plan *plan, mg_tile_steps *steps, size_t *free_at, size_t v, size_t now)
{
    int s = 0;
    while (s < steps->n_slots && free_at[s] >= now)
        s++;
    if (s == steps->n_slots) steps->n_slots++;
    steps->slot[v] = s;
    free_at[s] = last_use(plan, steps, (int64_t)v);
}

static mg_status find_slots(const mg_plan *plan, mg_tile_steps *steps, mg_error *err)
{
    size_t *free_at = NULL;
    mg_status status = mg_alloc(&free_at, plan->n_steps + 1, sizeof *free_at, err);
    if (status != MG_OK) return status;
    for (size_t v = 0; v <= plan->n_steps; v++)
        steps->slot[v] = -1;
    take_slot(plan, steps, free_at, 0, 0);
    for (size_t i = 0; i < plan->n_steps; i++) {
        size_t v = mg_tile_steps_output(plan, steps, i);
        bool stays = steps->role[i] == MG_TILE_RUN && steps->sum[i] == MG_NO_STEP;
        if (stays && steps->lies_in[v] == (int64_t)v) take_slot(plan, steps, free_at, v, i);
    }
    free(free_at);
    return MG_OK;
}

/* --- positions --- */

/* An input with one position is repeated along the output. */
static void touch_same(int64_t n_in, int64_t n_out, const bool *changed, bool *touched)
{
    for (int64_t t = 0; t < n_out; t++)
        if (changed[n_in == 1 ? 0 : t]) touched[t] = true;
}

static void need_same(int64_t n_in, int64_t n_out, const bool *wanted, bool *needed)
{
    for (int64_t t = 0; t < n_out; t++)
        if (wanted[t]) needed[n_in == 1 ? 0 : t] = true;
}

void mg_tile_steps_touch(const mg_plan *plan, const mg_tile_steps *steps, size_t i, size_t k, const bool *changed,
                         bool *touched)
{
    const mg_node *node = &plan->graph->node[i];
    mg_extent out = plan->graph->extent[mg_node_value(i)];
    if (node->kind->touch != NULL)
        node->kind->touch(node, steps->in[i], out, k, changed, touched);
    else
        touch_same(steps->in[i][k].length, out.length, changed, touched);
}

static void need_of(const mg_plan *plan, const mg_tile_steps *steps, size_t i, size_t k)
{
    const mg_node *node = &plan->graph->node[i];
    mg_extent out = plan->graph->extent[mg_node_value(i)];
    bool *needed = steps->need[node->input[k]];
    const bool *wanted = steps->need[mg_node_value(i)];
    if (needed == NULL) return;
    if (node->kind->need != NULL)
        node->kind->need(node, steps->in[i], out, k, wanted, needed);
    else
        need_same(steps->in[i][k].length, out.length, wanted, needed);
}

static mg_status note_extents(const mg_plan *plan, mg_tile_steps *steps, mg_error *err)
{
    mg_status status = mg_alloc(&steps->in, plan->n_steps, sizeof *steps->in, err);
    for (size_t i = 0; i < plan->n_steps && status == MG_OK; i++) {
        const mg_node *node = &plan->graph->node[i];
        status = mg_alloc(&steps->in[i], node->n_inputs, sizeof **steps->in, err);
        for (size_t k = 0; status == MG_OK && k < node->n_inputs; k++)
            steps->in[i][k] = plan->graph->extent[node->input[k]];
    }
    return status;
}

static mg_status mark_needed(const mg_plan *plan, mg_tile_steps *steps, mg_error *err)
{
    mg_status status = note_extents(plan, steps, err);
    for (size_t v = 0; v <= plan->n_steps && status == MG_OK; v++)
        if (plan->explains[v])
            status = mg_alloc(&steps->need[v], (size_t)plan->graph->extent[v].length, sizeof(bool), err);
    if (status != MG_OK) return status;
    if (steps->need[plan->n_steps] != NULL) steps->need[plan->n_steps][0] = true;
    for (size_t i = plan->n_steps; i-- > 0;)
        for (size_t k = 0; plan->explains[mg_node_value(i)] && k < plan->graph->node[i].n_inputs; k++)
            need_of(plan, steps, i, k);
    return MG_OK;
}

/* --- all of it --- */

static void measure(const mg_plan *plan, mg_tile_steps *steps)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const mg_step *step = &plan->step[i];
        if (!mg_tile_role_runs(steps->role[i])) continue;
        const mg_rows *rows = step->ops->rows != NULL ? step->ops->rows(step) : NULL;
        if (rows != NULL && rows->taps > steps->max_taps) steps->max_taps = rows->taps;
        if (rows != NULL && rows->taps * rows->in_channels > steps->max_entries)
            steps->max_entries = rows->taps * rows->in_channels;
        if (step->node->slide.kernel > steps->max_window) steps->max_window = step->node->slide.kernel;
    }
}

mg_status mg_tile_steps_create(const mg_plan *plan, mg_tile_steps *ret, mg_error *err)
{
    size_t n = plan->n_steps;
    *ret = (mg_tile_steps){0};
    mg_status status = mg_alloc(&ret->role, n, sizeof *ret->role, err);
    if (status == MG_OK) status = mg_alloc(&ret->joined, n, sizeof *ret->joined, err);
    if (status == MG_OK) status = mg_alloc(&ret->sum, n, sizeof *ret->sum, err);
    if (status == MG_OK) status = mg_alloc(&ret->slope, n, sizeof *ret->slope, err);
    if (status == MG_OK) status = mg_alloc(&ret->cut, n + 1, sizeof *ret->cut, err);
    if (status == MG_OK) status = mg_alloc(&ret->slot, n + 1, sizeof *ret->slot, err);
    if (status == MG_OK) status = mg_alloc(&ret->lies_in, n + 1, sizeof *ret->lies_in, err);
    if (status == MG_OK) status = mg_alloc(&ret->offset, n + 1, sizeof *ret->offset, err);
    if (status == MG_OK) status = mg_alloc(&ret->need, n + 1, sizeof *ret->need, err);
    if (status == MG_OK) status = mark_needed(plan, ret, err);
    if (status == MG_OK) {
        find_tail(plan, ret);
        join(plan, ret);
        status = find_folds(plan, ret, err);
    }
    if (status == MG_OK) {
        find_shifts(plan, ret);
        find_takeovers(plan, ret);
        find_sums(plan, ret);
        status = find_slots(plan, ret, err);
        measure(plan, ret);
    }
    if (status != MG_OK) mg_tile_steps_destroy(plan, ret);
    return status;
}

void mg_tile_steps_destroy(const mg_plan *plan, mg_tile_steps *steps)
{
    for (size_t v = 0; steps->need != NULL && v <= plan->n_steps; v++)
        free(steps->need[v]);
    for (size_t i = 0; steps->in != NULL && i < plan->n_steps; i++)
        free(steps->in[i]);
    for (size_t i = 0; steps->slope != NULL && i < plan->n_steps; i++)
        free(steps->slope[i]);
    free(steps->in);
    free(steps->role);
    free(steps->joined);
    free(steps->sum);
    free(steps->slope);
    free(steps->cut);
    free(steps->slot);
    free(steps->lies_in);
    free(steps->offset);
    free(steps->need);
    *steps = (mg_tile_steps){0};
}
