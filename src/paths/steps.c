/* steps.c  the mean gradient along a path, some steps at a time (steps.h)
 *
 * A value that is affine in the window and that some other node reads stands at each step as start + t slope. Multipliers of
 * affine values are collected over steps in `sum`; at the end these go down to the window in one walk.
 */
#include "src/paths/steps.h"

#include <string.h>

#include "src/core/memory.h"
#include "src/engine/count.h"
#include "src/engine/map.h"
#include "src/engine/pass_inside.h"

typedef struct {
    mg_pass *pass;
    const mg_plan *plan;
    mg_state lane[MG_SHARED]; /* values and memos of the steps in hand */
    float **slope;            /* (values) of the affine ones that others read ... */
    float **sum;              /* (values) ... and multipliers collected at any of them; NULL: none */
    float **slot[MG_SHARED];  /* (n_slots) multipliers of the steps in hand */
    void **m_in[MG_SHARED];   /* (the most inputs of a node) those of the node in hand */
    mg_list list;             /* a value's nonzero numbers at the steps in hand */
} steps;

/* --- the room --- */

/* What arrays are cut from; without it, they are only measured. */
typedef struct {
    char *room;
    size_t used;
} arena;

static void *cut(arena *from, size_t n, size_t size)
{
    void *place = from->room != NULL ? from->room + from->used : NULL;
    from->used += (n * size + MG_ALIGNMENT - 1) / MG_ALIGNMENT * MG_ALIGNMENT;
    return place;
}

static float *numbers(arena *from, int64_t n)
{
    return cut(from, (size_t)n, sizeof(float));
}

/* Is value v worked out at each step, by its node? */
static bool is_stepped(const mg_plan *plan, size_t v)
{
    return plan->explains[v] && !plan->affine[v];
}

/* Does a node that is worked out at each step read this affine value? */
static bool is_line(const mg_plan *plan, size_t v)
{
    if (!plan->explains[v] || !plan->affine[v]) return false;
    for (size_t i = 0; i < plan->n_steps; i++)
        for (size_t k = 0; is_stepped(plan, mg_node_value(i)) && k < plan->graph->node[i].n_inputs; k++)
            if (plan->graph->node[i].input[k] == v) return true;
    return false;
}

/* The same value of the steps in hand, one behind the other; lanes beyond the channels are 0. */
static void lay_out_value(steps *s, size_t v, arena *from)
{
    const mg_plan *plan = s->plan;
    float *value = numbers(from, MG_SHARED * plan->size[v]);
    if (from->room == NULL) return;
    if (plan->stride[v] != plan->graph->extent[v].channels)
        memset(value, 0, (size_t)(MG_SHARED * plan->size[v]) * sizeof *value);
    for (int m = 0; m < MG_SHARED; m++)
        s->lane[m].value[v] = value + m * plan->size[v];
}

/* What does not vary from step to step is the window's; a stretch of another value lies there. */
static void share_value(steps *s, size_t v)
{
    const mg_plan *plan = s->plan;
    for (int m = 0; m < MG_SHARED; m++) {
        bool within = is_stepped(plan, v) && plan->within[v] >= 0;
        s->lane[m].value[v] = within ? (float *)s->lane[m].value[mg_step_input(&plan->step[v - 1], 0)] + plan->within[v]
                                     : s->pass->state[MG_OF_WINDOW].value[v];
        if (v > 0) s->lane[m].memo[v - 1] = s->pass->state[MG_OF_WINDOW].memo[v - 1];
    }
}

static void lay_out_memo(steps *s, size_t v, arena *from)
{
    const mg_step *step = &s->plan->step[v - 1];
    size_t bytes = step->ops->memo != NULL ? step->ops->memo(step) : 0;
    for (int m = 0; m < MG_SHARED && bytes > 0; m++) {
        void *memo = cut(from, bytes, 1);
        if (from->room != NULL) s->lane[m].memo[v - 1] = memo;
    }
}

static void lay_out_values(steps *s, arena *from)
{
    const mg_plan *plan = s->plan;
    for (size_t v = 0; v <= plan->n_steps; v++) {
        bool line = is_line(plan, v), stepped = is_stepped(plan, v) && plan->within[v] < 0;
        if (from->room != NULL) {
            share_value(s, v);
            s->slope[v] = s->sum[v] = NULL;
        }
        if (line || stepped) lay_out_value(s, v, from);
        if (stepped) lay_out_memo(s, v, from);
        float *slope = line ? numbers(from, plan->size[v]) : NULL;
        float *sum = plan->explains[v] && plan->affine[v] ? numbers(from, plan->size[v]) : NULL;
        if (from->room == NULL) continue;
        s->slope[v] = slope;
        s->sum[v] = sum;
        if (sum != NULL) memset(sum, 0, (size_t)plan->size[v] * sizeof *sum);
    }
}

static void lay_out_slots(steps *s, int m, arena *from)
{
    const mg_plan *plan = s->plan;
    s->slot[m] = cut(from, (size_t)plan->n_slots, sizeof *s->slot[m]);
    s->m_in[m] = cut(from, plan->max_inputs, sizeof *s->m_in[m]);
    for (int k = 0; k < plan->n_slots; k++) {
        float *slot = numbers(from, plan->slot_size[k]);
        if (from->room == NULL) continue;
        s->slot[m][k] = slot;
        memset(slot, 0, (size_t)plan->slot_size[k] * sizeof *slot);
    }
}

static void lay_out(steps *s, arena *from)
{
    const mg_plan *plan = s->plan;
    size_t n_values = plan->n_steps + 1;
    int64_t room = plan->max_size + MG_LANES;
    for (int m = 0; m < MG_SHARED; m++) {
        s->lane[m].value = cut(from, n_values, sizeof(void *));
        s->lane[m].memo = cut(from, n_values, sizeof(void *));
        lay_out_slots(s, m, from);
    }
    s->slope = cut(from, n_values, sizeof *s->slope);
    s->sum = cut(from, n_values, sizeof *s->sum);
    s->list.begin = cut(from, (size_t)plan->max_length + 1, sizeof *s->list.begin);
    s->list.channel = cut(from, (size_t)room, sizeof *s->list.channel);
    s->list.value = numbers(from, MG_SHARED * room);
    s->list.room = room;
    lay_out_values(s, from);
}

size_t mg_steps_bytes(const mg_plan *plan)
{
    if (plan->precision != MG_SINGLE || plan->affine[plan->n_steps] || !plan->explains[0]) return 0;
    steps measured = {.plan = plan};
    arena nothing = {0};
    lay_out(&measured, &nothing);
    return nothing.used > MG_STEPS_MOST_BYTES ? 0 : nothing.used + MG_ALIGNMENT;
}

/* --- maps, of all steps in hand at once --- */

static uint64_t count_all(const mg_rows *op)
{
    uint64_t sum = 0;
    for (int64_t p = 0; p < op->in_length; p++)
        sum += mg_count_entries(op, p, op->in_channels, 0, op->out_length);
    return sum;
}

/* By lists, which take as long as dense products do where nearly everything is in them. */
static void run_map(steps *s, const mg_rows *op, float *const in[MG_SHARED], bool with_bias,
                    float *const out[MG_SHARED])
{
    const mg_kernels *kernels = s->plan->kernels;
    uint64_t *n_macs = s->pass->tools.n_macs;
    kernels->compact_shared(in[0], in[1] - in[0], op->in_length, op->in_stride, op->in_channels, &s->list);
    bool dense = 20 * (int64_t)s->list.begin[op->in_length] > 19 * op->in_length * op->in_channels;
    if (n_macs != NULL)
        *n_macs +=
            MG_SHARED * (dense ? count_all(op) : mg_count_rows(op, s->list.begin, 0, op->in_length, 0, op->out_length));
    for (int m = 0; dense && m < MG_SHARED; m++)
        kernels->conv->outputs(op, in[m], 0, op->out_length, with_bias, out[m]);
    for (int64_t group = 0; !dense && group < op->n_groups; group++)
        kernels->shared_rows(op, group, &s->list, 0, op->in_length, 0, op->out_length, with_bias, out[0],
                             out[1] - out[0]);
}

static bool is_map(const mg_step *step)
{
    return (step->node->kind->traits & MG_TRAIT_MAP) != 0;
}

/* --- up --- */

/* Affine values that others read, at the steps in hand. */
static void set_lines(steps *s, const float *t)
{
    for (size_t v = 0; v <= s->plan->n_steps; v++)
        for (int m = 0; s->slope[v] != NULL && m < MG_SHARED; m++)
            s->plan->kernels->layer->line(s->pass->state[MG_OF_REFERENCE].value[v], s->slope[v], t[m], s->plan->size[v],
                                          s->lane[m].value[v]);
}

static void rise(steps *s)
{
    const mg_plan *plan = s->plan;
    for (size_t i = 0; i < plan->n_steps; i++) {
        const mg_step *step = &plan->step[i];
        size_t v = mg_node_value(i);
        if (!is_stepped(plan, v) || plan->within[v] >= 0) continue;
        for (int m = 0; !is_map(step) && m < MG_SHARED; m++)
            step->ops->forward(step, &s->pass->tools, &s->lane[m]);
        if (!is_map(step)) continue;
        float *in[MG_SHARED], *out[MG_SHARED];
        for (int m = 0; m < MG_SHARED; m++) {
            in[m] = s->lane[m].value[mg_step_input(step, 0)];
            out[m] = s->lane[m].value[v];
        }
        run_map(s, &((const mg_map *)step->packed)->forward, in, true, out);
    }
}

/* --- down --- */

static void add_to(const steps *s, const float *m, float weight, int64_t n, float *sum)
{
    s->plan->kernels->layer->line(sum, m, weight, n, sum);
}

/* Multipliers of a node's inputs go where others are collected: over steps, or over the nodes that read a value. */
static void collect(steps *s, size_t i, const float *weight)
{
    const mg_plan *plan = s->plan;
    for (size_t k = 0; k < plan->step[i].node->n_inputs; k++) {
        size_t v = mg_step_input(&plan->step[i], k);
        const mg_handover *to = &plan->handover[i][k];
        if (to->slot == MG_NO_SLOT) continue;
        for (int m = 0; m < MG_SHARED; m++) {
            if (plan->affine[v])
                add_to(s, s->slot[m][to->slot], weight[m], plan->size[v], s->sum[v]);
            else if (to->sum != MG_NO_SLOT)
                add_to(s, s->slot[m][to->slot], 1.0f, plan->size[v], s->slot[m][to->sum]);
        }
    }
}

/* A node hands down, at lane m, from multipliers `of` to those of its inputs in the lane's slots. */
static void hand_down(steps *s, size_t i, int m, const float *of)
{
    const mg_plan *plan = s->plan;
    const mg_step *step = &plan->step[i];
    for (size_t k = 0; k < step->node->n_inputs; k++) {
        int slot = plan->handover[i][k].slot;
        s->m_in[m][k] = slot == MG_NO_SLOT ? NULL : s->slot[m][slot];
    }
    const mg_backward go = {.rule = &mg_rule_gradient,
                            .window = &s->lane[m],
                            .reference = &s->pass->state[MG_OF_REFERENCE],
                            .m = of,
                            .m_in = s->m_in[m]};
    step->ops->backward[MG_RULE_GRADIENT](step, &s->pass->tools, &go);
}

static void sink_map(steps *s, size_t i)
{
    const mg_plan *plan = s->plan;
    const mg_step *step = &plan->step[i];
    float *from[MG_SHARED], *to[MG_SHARED];
    for (int m = 0; m < MG_SHARED; m++) {
        from[m] = s->slot[m][plan->slot[step->output]];
        to[m] = s->slot[m][plan->handover[i][0].slot];
    }
    run_map(s, &((const mg_map *)step->packed)->backward, from, false, to);
}

static void sink(steps *s, const float *weight)
{
    const mg_plan *plan = s->plan;
    int seed = plan->slot[plan->n_steps];
    for (int m = 0; m < MG_SHARED; m++) {
        memset(s->slot[m][seed], 0, (size_t)plan->size[plan->n_steps] * sizeof(float));
        s->slot[m][seed][0] = 1;
    }
    for (size_t i = plan->n_steps; i-- > 0;) {
        if (!is_stepped(plan, mg_node_value(i))) continue;
        if (is_map(&plan->step[i]))
            sink_map(s, i);
        else
            for (int m = 0; m < MG_SHARED; m++)
                hand_down(s, i, m, s->slot[m][plan->slot[mg_node_value(i)]]);
        collect(s, i, weight);
    }
}

/* --- the walk --- */

static void begin(steps *s, const double *reference)
{
    const mg_plan *plan = s->plan;
    mg_pass_forward_reference(s->pass, reference);
    for (size_t v = 0; v <= plan->n_steps; v++)
        if (s->slope[v] != NULL)
            plan->kernels->layer->line(s->pass->state[MG_OF_WINDOW].value[v], s->pass->state[MG_OF_REFERENCE].value[v],
                                       -1.0f, plan->size[v], s->slope[v]);
    s->pass->tools.explained = &s->pass->state[MG_OF_WINDOW];
}

/* What was collected at affine values goes down to the window. */
static void end(steps *s, double *mean)
{
    const mg_plan *plan = s->plan;
    for (size_t i = plan->n_steps; i-- > 0;) {
        size_t v = mg_node_value(i);
        if (!plan->explains[v] || !plan->affine[v]) continue;
        hand_down(s, i, 0, s->sum[v]);
        for (size_t k = 0; k < plan->step[i].node->n_inputs; k++)
            if (plan->handover[i][k].slot != MG_NO_SLOT)
                add_to(s, s->slot[0][plan->handover[i][k].slot], 1.0f, plan->size[mg_step_input(&plan->step[i], k)],
                       s->sum[mg_step_input(&plan->step[i], k)]);
    }
    mg_pass_take(s->pass, s->sum[0], mean);
}

void mg_steps_mean_gradient(mg_pass *pass, const double *reference, int64_t n, const double *node, const double *weight,
                            void *room, double *mean)
{
    steps s = {.pass = pass, .plan = pass->plan};
    size_t off = (MG_ALIGNMENT - (size_t)(uintptr_t)room % MG_ALIGNMENT) % MG_ALIGNMENT;
    lay_out(&s, &(arena){.room = (char *)room + off});
    begin(&s, reference);
    for (int64_t k = 0; k < n; k += MG_SHARED) {
        float t[MG_SHARED], w[MG_SHARED]; /* where steps run out, the last is taken again with no weight */
        for (int m = 0; m < MG_SHARED; m++) {
            t[m] = (float)node[k + m < n ? k + m : n - 1];
            w[m] = k + m < n ? (float)weight[k + m] : 0.0f;
        }
        set_lines(&s, t);
        rise(&s);
        sink(&s, w);
    }
    end(&s, mean);
    pass->n_run += 2 * (uint64_t)n;
}
