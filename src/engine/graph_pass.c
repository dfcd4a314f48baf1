/* graph_pass.c  one thread's workspace on a plan, and the walk over its steps */
#include "src/engine/graph_pass.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

enum { WINDOW, REFERENCE, N_STATES };

const mg_rule mg_rule_plain = {.kind = MG_RULE_GRADIENT};

struct mg_gpass {
    const mg_plan *plan;
    mg_state state[N_STATES]; /* values that do not vary are the first one's in both */
    void **slot;              /* (n_slots) multipliers */
    void **m_in;              /* (the most inputs of a node) those of the step in hand */
    double *reference;        /* (L, 4) that the values of REFERENCE are of, if has_reference */
    double reference_output;
    bool has_reference;
    mg_tools tools;
};

/* --- the workspace --- */

static size_t input_numbers(const mg_plan *plan)
{
    return (size_t)plan->graph->length * 4;
}

/* Entries a compaction may write: all values, and one vector of room for its last store. */
static size_t list_room(const mg_plan *plan)
{
    return (size_t)plan->max_size + MG_LANES;
}

static size_t memo_bytes(const mg_step *step)
{
    return step->ops != NULL && step->ops->memo != NULL ? step->ops->memo(step) : 0;
}

/* Has a state room of its own for this value, or does it share the first one's? */
static bool owns(const mg_plan *plan, int which, size_t v)
{
    return v == 0 || (plan->runs[v] && (which == WINDOW || plan->varies[v]));
}

static mg_status create_state(mg_gpass *pass, int which, mg_error *err)
{
    const mg_plan *plan = pass->plan;
    mg_state *state = &pass->state[which];
    mg_status status = mg_alloc(&state->value, plan->n_steps + 1, sizeof(void *), err);
    if (status == MG_OK) status = mg_alloc(&state->memo, plan->n_steps, sizeof(void *), err);
    for (size_t v = 0; v <= plan->n_steps && status == MG_OK; v++) {
        size_t memo = v > 0 && plan->runs[v] ? memo_bytes(&plan->step[v - 1]) : 0;
        if (!owns(plan, which, v)) {
            state->value[v] = pass->state[WINDOW].value[v];
            if (v > 0) state->memo[v - 1] = pass->state[WINDOW].memo[v - 1];
            continue;
        }
        status = mg_alloc_aligned(&state->value[v], (size_t)plan->size[v], mg_number_size(plan->precision), err);
        if (status == MG_OK && memo > 0) status = mg_alloc_aligned(&state->memo[v - 1], memo, 1, err);
    }
    return status;
}

static void destroy_state(const mg_plan *plan, int which, mg_state *state)
{
    for (size_t v = 0; state->value != NULL && v <= plan->n_steps; v++) {
        if (!owns(plan, which, v)) continue;
        free(state->value[v]);
        if (v > 0 && state->memo != NULL) free(state->memo[v - 1]);
    }
    free(state->value);
    free(state->memo);
}

mg_status mg_tools_create(const mg_plan *plan, mg_tools *tools, mg_error *err)
{
    mg_status status = mg_alloc_aligned(&tools->scratch, plan->scratch, 1, err);
    if (status != MG_OK || plan->precision != MG_SINGLE) return status;
    status = mg_alloc(&tools->list.begin, (size_t)plan->max_length + 1, sizeof(int32_t), err);
    if (status == MG_OK) status = mg_alloc_aligned(&tools->list.channel, list_room(plan), sizeof(int32_t), err);
    if (status == MG_OK) status = mg_alloc_aligned(&tools->list.value, list_room(plan), sizeof(float), err);
    return status;
}

void mg_tools_destroy(mg_tools *tools)
{
    free(tools->scratch);
    free(tools->list.begin);
    free(tools->list.channel);
    free(tools->list.value);
    *tools = (mg_tools){0};
}

static void run_steps(mg_gpass *pass, int which, bool varying)
{
    const mg_plan *plan = pass->plan;
    for (size_t i = 0; i < plan->n_steps; i++) {
        size_t v = mg_node_value(i);
        if (plan->runs[v] && plan->varies[v] == varying)
            plan->step[i].ops->forward(&plan->step[i], &pass->tools, &pass->state[which]);
    }
}

mg_status mg_gpass_create(const mg_plan *plan, mg_gpass **ret, mg_error *err)
{
    mg_gpass *pass = NULL;
    mg_status status = mg_alloc(&pass, 1, sizeof *pass, err);
    if (status != MG_OK) return status;
    pass->plan = plan;
    for (int which = 0; which < N_STATES && status == MG_OK; which++)
        status = create_state(pass, which, err);
    if (status == MG_OK) status = mg_alloc(&pass->reference, input_numbers(plan), sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&pass->slot, (size_t)plan->n_slots, sizeof *pass->slot, err);
    for (int s = 0; s < plan->n_slots && status == MG_OK; s++)
        status = mg_alloc_aligned(&pass->slot[s], (size_t)plan->slot_size[s], mg_number_size(plan->precision), err);
    if (status == MG_OK) status = mg_alloc(&pass->m_in, plan->max_inputs, sizeof *pass->m_in, err);
    if (status == MG_OK) status = mg_tools_create(plan, &pass->tools, err);
    if (status != MG_OK) {
        mg_gpass_destroy(pass);
        return status;
    }
    run_steps(pass, WINDOW, false);
    *ret = pass;
    return MG_OK;
}

void mg_gpass_destroy(mg_gpass *pass)
{
    if (pass == NULL) return;
    for (int which = 0; which < N_STATES; which++)
        destroy_state(pass->plan, which, &pass->state[which]);
    for (int s = 0; pass->slot != NULL && s < pass->plan->n_slots; s++)
        free(pass->slot[s]);
    free(pass->slot);
    free(pass->m_in);
    free(pass->reference);
    mg_tools_destroy(&pass->tools);
    free(pass);
}

size_t mg_gpass_bytes(const mg_plan *plan)
{
    size_t numbers = 0, memos = 0;
    for (int which = 0; which < N_STATES; which++)
        for (size_t v = 0; v <= plan->n_steps; v++) {
            if (!owns(plan, which, v)) continue;
            numbers += (size_t)plan->size[v];
            if (v > 0) memos += memo_bytes(&plan->step[v - 1]);
        }
    for (int s = 0; s < plan->n_slots; s++)
        numbers += (size_t)plan->slot_size[s];
    size_t list = plan->precision == MG_SINGLE ? list_room(plan) * (sizeof(int32_t) + sizeof(float)) : 0;
    return numbers * mg_number_size(plan->precision) + memos + plan->scratch + input_numbers(plan) * sizeof(double) +
           list;
}

const mg_plan *mg_gpass_plan(const mg_gpass *pass)
{
    return pass->plan;
}

const mg_state *mg_gpass_window(const mg_gpass *pass)
{
    return &pass->state[WINDOW];
}

void mg_gpass_count(mg_gpass *pass, uint64_t *n_macs)
{
    pass->tools.n_macs = n_macs;
}

/* --- numbers of either precision --- */

static double number_at(const mg_plan *plan, const void *numbers, int64_t i)
{
    return plan->precision == MG_SINGLE ? (double)((const float *)numbers)[i] : ((const double *)numbers)[i];
}

static void set_number(const mg_plan *plan, void *numbers, int64_t i, double x)
{
    if (plan->precision == MG_SINGLE)
        ((float *)numbers)[i] = (float)x;
    else
        ((double *)numbers)[i] = x;
}

static void add_numbers(const mg_plan *plan, const void *from, int64_t n, void *to)
{
    for (int64_t i = 0; plan->precision == MG_SINGLE && i < n; i++)
        ((float *)to)[i] += ((const float *)from)[i];
    for (int64_t i = 0; plan->precision == MG_DOUBLE && i < n; i++)
        ((double *)to)[i] += ((const double *)from)[i];
}

/* --- forward --- */

static double forward(mg_gpass *pass, int which, const double *x)
{
    const mg_plan *plan = pass->plan;
    for (int64_t p = 0; p < plan->graph->length; p++)
        for (int64_t b = 0; b < 4; b++)
            set_number(plan, pass->state[which].value[0], p * plan->stride[0] + b, x[p * 4 + b]);
    pass->tools.explained = which == WINDOW ? NULL : &pass->state[WINDOW];
    run_steps(pass, which, true);
    return number_at(plan, pass->state[which].value[plan->n_steps], 0);
}

double mg_gpass_forward(mg_gpass *pass, const double *x)
{
    return forward(pass, WINDOW, x);
}

double mg_gpass_value(const mg_gpass *pass, size_t value, int64_t t, int64_t channel)
{
    return number_at(pass->plan, pass->state[WINDOW].value[value], t * pass->plan->stride[value] + channel);
}

double mg_gpass_forward_reference(mg_gpass *pass, const double *reference)
{
    size_t bytes = input_numbers(pass->plan) * sizeof *reference;
    if (!pass->has_reference || memcmp(pass->reference, reference, bytes) != 0) {
        memcpy(pass->reference, reference, bytes);
        pass->reference_output = forward(pass, REFERENCE, reference);
        pass->has_reference = true;
    }
    return pass->reference_output;
}

/* --- backward --- */

static void step_backward(mg_gpass *pass, size_t i, const mg_rule *rule)
{
    const mg_plan *plan = pass->plan;
    const mg_step *step = &plan->step[i];
    const mg_handover *to = plan->handover[i];
    size_t n = step->node->n_inputs;
    void **m_in = pass->m_in;
    for (size_t k = 0; k < n; k++)
        m_in[k] = to[k].slot == MG_NO_SLOT ? NULL : pass->slot[to[k].slot];
    const mg_backward go = {.rule = rule,
                            .window = &pass->state[WINDOW],
                            .reference = &pass->state[REFERENCE],
                            .m = pass->slot[plan->slot[step->output]],
                            .m_in = m_in};
    step->ops->backward[rule->kind](step, &pass->tools, &go);
    for (size_t k = 0; k < n; k++)
        if (to[k].sum != MG_NO_SLOT)
            add_numbers(plan, m_in[k], plan->size[step->node->input[k]], pass->slot[to[k].sum]);
}

void mg_gpass_backward(mg_gpass *pass, const mg_rule *rule, double *multiplier)
{
    const mg_plan *plan = pass->plan;
    void *seed = pass->slot[plan->slot[plan->n_steps]];
    memset(seed, 0, (size_t)plan->size[plan->n_steps] * mg_number_size(plan->precision));
    set_number(plan, seed, 0, 1);
    for (size_t i = plan->n_steps; i-- > 0;)
        if (plan->explains[mg_node_value(i)]) step_backward(pass, i, rule);
    for (int64_t p = 0; p < plan->graph->length; p++)
        for (int64_t b = 0; b < 4; b++)
            multiplier[p * 4 + b] =
                plan->explains[0] ? number_at(plan, pass->slot[plan->slot[0]], p * plan->stride[0] + b) : 0.0;
}
