/* pass.c  one thread's workspace on a plan, and the walk over its steps */
#include "src/engine/pass.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/pass_inside.h"
#include "src/paths/path.h"
#include "src/paths/steps.h"

const mg_rule mg_rule_gradient = {.kind = MG_RULE_GRADIENT};

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

/* Has a state room of its own for this value, or does it share the first one's, or lie within another value? */
static bool owns(const mg_plan *plan, mg_which which, size_t v)
{
    if (plan->within[v] >= 0) return false;
    return v == 0 || (plan->runs[v] && (which == MG_OF_WINDOW || plan->varies[v]));
}

/* Where a value without room of its own lies. */
static void share_room(mg_pass *pass, mg_which which, size_t v)
{
    const mg_plan *plan = pass->plan;
    mg_state *state = &pass->state[which];
    if (plan->within[v] >= 0) {
        size_t before = (size_t)plan->within[v] * mg_number_size(plan->precision);
        state->value[v] = (char *)state->value[mg_step_input(&plan->step[v - 1], 0)] + before;
        return;
    }
    state->value[v] = pass->state[MG_OF_WINDOW].value[v];
    if (v > 0) state->memo[v - 1] = pass->state[MG_OF_WINDOW].memo[v - 1];
}

static mg_status create_state(mg_pass *pass, mg_which which, mg_error *err)
{
    const mg_plan *plan = pass->plan;
    mg_state *state = &pass->state[which];
    mg_status status = mg_alloc(&state->value, plan->n_steps + 1, sizeof(void *), err);
    if (status == MG_OK) status = mg_alloc(&state->memo, plan->n_steps, sizeof(void *), err);
    for (size_t v = 0; v <= plan->n_steps && status == MG_OK; v++) {
        size_t memo = v > 0 && plan->runs[v] ? memo_bytes(&plan->step[v - 1]) : 0;
        if (!owns(plan, which, v)) {
            share_room(pass, which, v);
            continue;
        }
        status = mg_alloc_aligned(&state->value[v], (size_t)plan->size[v], mg_number_size(plan->precision), err);
        if (status == MG_OK && memo > 0) status = mg_alloc_aligned(&state->memo[v - 1], memo, 1, err);
    }
    return status;
}

static void destroy_state(const mg_plan *plan, mg_which which, mg_state *state)
{
    for (size_t v = 0; state->value != NULL && v <= plan->n_steps; v++) {
        if (!owns(plan, which, v)) continue;
        free(state->value[v]);
        if (v > 0 && state->memo != NULL) free(state->memo[v - 1]);
    }
    free(state->value);
    free(state->memo);
}

static void run_steps(mg_pass *pass, mg_which which, bool varying)
{
    const mg_plan *plan = pass->plan;
    for (size_t i = 0; i < plan->n_steps; i++) {
        size_t v = mg_node_value(i);
        if (plan->runs[v] && plan->within[v] < 0 && plan->varies[v] == varying)
            plan->step[i].ops->forward(&plan->step[i], &pass->tools, &pass->state[which]);
    }
}

mg_status mg_tools_create(const mg_plan *plan, mg_tools *tools, mg_error *err)
{
    mg_status status = mg_alloc_aligned(&tools->scratch, plan->scratch, 1, err);
    if (status != MG_OK || plan->precision != MG_SINGLE) return status;
    status = mg_alloc(&tools->list.begin, (size_t)plan->max_length + 1, sizeof(int32_t), err);
    tools->list.room = (int64_t)list_room(plan);
    if (status == MG_OK) status = mg_alloc_aligned(&tools->list.channel, list_room(plan), sizeof(int32_t), err);
    if (status == MG_OK) status = mg_alloc_aligned(&tools->list.value, 2 * list_room(plan), sizeof(float), err);
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

mg_status mg_pass_create(const mg_plan *plan, mg_pass **ret, mg_error *err)
{
    mg_pass *pass = NULL;
    mg_status status = mg_alloc(&pass, 1, sizeof *pass, err);
    if (status != MG_OK) return status;
    pass->plan = plan;
    for (int which = 0; which < MG_N_STATES && status == MG_OK; which++)
        status = create_state(pass, (mg_which)which, err);
    if (status == MG_OK) status = mg_alloc(&pass->reference, input_numbers(plan), sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&pass->gradient, input_numbers(plan), sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&pass->slot, (size_t)plan->n_slots, sizeof *pass->slot, err);
    for (int s = 0; s < plan->n_slots && status == MG_OK; s++)
        status = mg_alloc_aligned(&pass->slot[s], (size_t)plan->slot_size[s], mg_number_size(plan->precision), err);
    if (status == MG_OK) status = mg_alloc(&pass->m_in, plan->max_inputs, sizeof *pass->m_in, err);
    if (status == MG_OK) status = mg_tools_create(plan, &pass->tools, err);
    if (status == MG_OK && mg_path_suits(plan)) status = mg_path_create(plan, &pass->path, err);
    if (status != MG_OK) {
        mg_pass_destroy(pass);
        return status;
    }
    run_steps(pass, MG_OF_WINDOW, false);
    *ret = pass;
    return MG_OK;
}

void mg_pass_destroy(mg_pass *pass)
{
    if (pass == NULL) return;
    for (int which = 0; which < MG_N_STATES; which++)
        destroy_state(pass->plan, (mg_which)which, &pass->state[which]);
    for (int s = 0; pass->slot != NULL && s < pass->plan->n_slots; s++)
        free(pass->slot[s]);
    free(pass->slot);
    free(pass->m_in);
    mg_path_destroy(pass->path);
    free(pass->reference);
    free(pass->gradient);
    mg_tools_destroy(&pass->tools);
    free(pass);
}

size_t mg_pass_bytes(const mg_plan *plan)
{
    size_t numbers = 0, memos = 0;
    for (int which = 0; which < MG_N_STATES; which++)
        for (size_t v = 0; v <= plan->n_steps; v++) {
            if (!owns(plan, (mg_which)which, v)) continue;
            numbers += (size_t)plan->size[v];
            if (v > 0) memos += memo_bytes(&plan->step[v - 1]);
        }
    for (int s = 0; s < plan->n_slots; s++)
        numbers += (size_t)plan->slot_size[s];
    size_t list = plan->precision == MG_SINGLE ? list_room(plan) * (sizeof(int32_t) + 2 * sizeof(float)) : 0;
    return (mg_path_suits(plan) ? mg_path_bytes(plan) : 0) + numbers * mg_number_size(plan->precision) + memos +
           plan->scratch + 2 * input_numbers(plan) * sizeof(double) + list;
}

const mg_plan *mg_pass_plan(const mg_pass *pass)
{
    return pass->plan;
}

const mg_state *mg_pass_window(const mg_pass *pass)
{
    return &pass->state[MG_OF_WINDOW];
}

void mg_pass_count(mg_pass *pass, uint64_t *n_macs)
{
    pass->tools.n_macs = n_macs;
}

/* --- numbers of either precision --- */

uint64_t mg_pass_n_run(const mg_pass *pass)
{
    return pass->n_run;
}

static double number_at(const mg_plan *plan, const void *numbers, int64_t i)
{
    return plan->precision == MG_SINGLE ? (double)((const float *)numbers)[i] : ((const double *)numbers)[i];
}

static void add_numbers(const mg_plan *plan, const void *from, int64_t n, void *to)
{
    for (int64_t i = 0; plan->precision == MG_SINGLE && i < n; i++)
        ((float *)to)[i] += ((const float *)from)[i];
    for (int64_t i = 0; plan->precision == MG_DOUBLE && i < n; i++)
        ((double *)to)[i] += ((const double *)from)[i];
}

void mg_pass_put(mg_pass *pass, mg_which which, const double *x)
{
    int64_t stride = pass->plan->stride[0], length = pass->plan->graph->length;
    float *single = pass->state[which].value[0];
    double *both = pass->state[which].value[0];
    for (int64_t p = 0; pass->plan->precision == MG_SINGLE && p < length; p++, single += stride, x += 4)
        for (int b = 0; b < 4; b++)
            single[b] = (float)x[b];
    for (int64_t p = 0; pass->plan->precision == MG_DOUBLE && p < length; p++, both += stride, x += 4)
        memcpy(both, x, 4 * sizeof *x);
}

void mg_pass_take(const mg_pass *pass, const void *m, double *multiplier)
{
    int64_t stride = pass->plan->stride[0], length = pass->plan->graph->length;
    const float *single = m;
    const double *both = m;
    for (int64_t p = 0; pass->plan->precision == MG_SINGLE && p < length; p++, single += stride, multiplier += 4)
        for (int b = 0; b < 4; b++)
            multiplier[b] = (double)single[b];
    for (int64_t p = 0; pass->plan->precision == MG_DOUBLE && p < length; p++, both += stride, multiplier += 4)
        memcpy(multiplier, both, 4 * sizeof *both);
}

/* --- forward --- */

static double forward(mg_pass *pass, mg_which which, const double *x)
{
    pass->n_run++;
    mg_pass_put(pass, which, x);
    if (which == MG_OF_WINDOW) pass->has_gradient = false;
    pass->tools.explained = which == MG_OF_WINDOW ? NULL : &pass->state[MG_OF_WINDOW];
    run_steps(pass, which, true);
    return number_at(pass->plan, pass->state[which].value[pass->plan->n_steps], 0);
}

double mg_pass_forward(mg_pass *pass, const double *x)
{
    return forward(pass, MG_OF_WINDOW, x);
}

double mg_pass_forward_after(mg_pass *pass, const mg_pass *leader, const double *x)
{
    const mg_plan *plan = pass->plan;
    size_t n = mg_plan_n_common(plan, leader->plan), number = mg_number_size(plan->precision);
    mg_state *state = &pass->state[MG_OF_WINDOW];
    const mg_state *from = &leader->state[MG_OF_WINDOW];
    pass->n_run++;
    mg_pass_put(pass, MG_OF_WINDOW, x);
    pass->has_gradient = false;
    pass->tools.explained = NULL;
    for (size_t i = 0; i < plan->n_steps; i++) {
        size_t v = mg_node_value(i), memo = plan->runs[v] ? memo_bytes(&plan->step[i]) : 0;
        if (!plan->runs[v] || plan->within[v] >= 0 || !plan->varies[v]) continue;
        if (i >= n || !leader->plan->runs[v]) {
            plan->step[i].ops->forward(&plan->step[i], &pass->tools, state);
            continue;
        }
        memcpy(state->value[v], from->value[v], (size_t)plan->size[v] * number);
        if (memo > 0) memcpy(state->memo[i], from->memo[i], memo);
    }
    return number_at(plan, state->value[plan->n_steps], 0);
}

double mg_pass_value(const mg_pass *pass, size_t value, int64_t t, int64_t channel)
{
    return number_at(pass->plan, pass->state[MG_OF_WINDOW].value[value], t * pass->plan->stride[value] + channel);
}

double mg_pass_forward_reference(mg_pass *pass, const double *reference)
{
    size_t bytes = input_numbers(pass->plan) * sizeof *reference;
    if (!pass->has_reference || pass->plan->frozen || memcmp(pass->reference, reference, bytes) != 0) {
        memcpy(pass->reference, reference, bytes);
        pass->reference_output = forward(pass, MG_OF_REFERENCE, reference);
        pass->has_reference = true;
    }
    return pass->reference_output;
}

/* --- backward --- */

/* Multipliers of the values of `which`, from those of F's value in its slot; both: the step before is taken along. */
static void step_backward(mg_pass *pass, size_t i, const mg_rule *rule, mg_which which, bool both)
{
    const mg_plan *plan = pass->plan;
    const mg_step *step = &plan->step[i];
    const mg_handover *to = plan->handover[i];
    size_t n = step->node->n_inputs;
    for (size_t k = 0; k < n; k++)
        pass->m_in[k] = to[k].slot == MG_NO_SLOT ? NULL : pass->slot[to[k].slot];
    const mg_backward go = {.rule = rule,
                            .window = &pass->state[which],
                            .reference = &pass->state[MG_OF_REFERENCE],
                            .m = pass->slot[plan->slot[step->output]],
                            .m_in = pass->m_in};
    (both ? step->ops->rectified : step->ops->backward)[rule->kind](step, &pass->tools, &go);
    for (size_t k = 0; k < n; k++)
        if (to[k].sum != MG_NO_SLOT)
            add_numbers(plan, pass->m_in[k], plan->size[step->node->input[k]], pass->slot[to[k].sum]);
}

static void backward(mg_pass *pass, const mg_rule *rule, mg_which which, double *multiplier)
{
    const mg_plan *plan = pass->plan;
    pass->n_run++;
    mg_pass_seed(pass);
    for (size_t i = plan->n_steps; i-- > 0;) {
        if (!plan->explains[mg_node_value(i)]) continue;
        bool both = plan->rectified[i] && plan->step[i].ops->rectified[rule->kind] != NULL;
        step_backward(pass, i, rule, which, both);
        i -= both;
    }
    if (plan->explains[0])
        mg_pass_take(pass, pass->slot[plan->slot[0]], multiplier);
    else
        memset(multiplier, 0, input_numbers(plan) * sizeof *multiplier);
}

void mg_pass_backward(mg_pass *pass, const mg_rule *rule, double *multiplier)
{
    size_t bytes = input_numbers(pass->plan) * sizeof *multiplier;
    if (rule->kind != MG_RULE_GRADIENT) {
        backward(pass, rule, MG_OF_WINDOW, multiplier);
        return;
    }
    if (!pass->has_gradient) backward(pass, rule, MG_OF_WINDOW, pass->gradient);
    pass->has_gradient = true;
    memcpy(multiplier, pass->gradient, bytes);
}

/* A value's multipliers are complete when every node that reads it has handed down: those that come after it. */
void mg_pass_backward_at(mg_pass *pass, const mg_rule *rule, size_t value, double *multiplier)
{
    const mg_plan *plan = pass->plan;
    mg_extent extent = plan->graph->extent[value];
    pass->n_run++;
    mg_pass_seed(pass);
    for (size_t i = plan->n_steps; i-- > value;)
        if (plan->explains[mg_node_value(i)]) step_backward(pass, i, rule, MG_OF_WINDOW, false);
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t c = 0; c < extent.channels; c++)
            multiplier[t * extent.channels + c] =
                number_at(plan, pass->slot[plan->slot[value]], t * plan->stride[value] + c);
}

void *mg_pass_seed(mg_pass *pass)
{
    const mg_plan *plan = pass->plan;
    void *seed = pass->slot[plan->slot[plan->n_steps]];
    memset(seed, 0, (size_t)plan->size[plan->n_steps] * mg_number_size(plan->precision));
    if (plan->precision == MG_SINGLE)
        *(float *)seed = 1;
    else
        *(double *)seed = 1;
    return seed;
}

/* --- along a chain --- */

double mg_pass_up(mg_pass *pass, mg_which which, size_t from, size_t to)
{
    const mg_chain *chain = pass->plan->chain;
    if (which == MG_OF_WINDOW) pass->has_gradient = false;
    for (size_t l = from; l < to; l++)
        chain->link[l].step->ops->forward(chain->link[l].step, &pass->tools, &pass->state[which]);
    return number_at(pass->plan, mg_pass_value_of(pass, which, to), 0);
}

void *mg_pass_down(mg_pass *pass, const mg_rule *rule, void *m, size_t from, size_t to)
{
    const mg_chain *chain = pass->plan->chain;
    for (size_t l = from; l-- > to;) {
        const mg_step *step = chain->link[l].step;
        bool in_place = (step->node->kind->traits & MG_TRAIT_ELEMENTWISE) != 0;
        void *m_in = in_place ? m : m == pass->slot[0] ? pass->slot[1] : pass->slot[0];
        const mg_backward go = {.rule = rule,
                                .window = &pass->state[MG_OF_WINDOW],
                                .reference = &pass->state[MG_OF_REFERENCE],
                                .m = m,
                                .m_in = &m_in};
        step->ops->backward[rule->kind](step, &pass->tools, &go);
        m = m_in;
    }
    return m;
}

/* --- along a path --- */

size_t mg_pass_mean_scratch(const mg_plan *plan)
{
    size_t plain = 2 * input_numbers(plan) * sizeof(double), shared = mg_path_suits(plan) ? 0 : mg_steps_bytes(plan);
    return shared > plain ? shared : plain;
}

void mg_pass_mean_gradient(mg_pass *pass, const double *x, const double *reference, int64_t n, const double *node,
                           const double *weight, void *scratch, double *mean)
{
    if (pass->path != NULL)
        mg_path_mean_gradient(pass->path, pass, reference, n, node, weight, mean);
    else if (mg_steps_bytes(pass->plan) > 0)
        mg_steps_mean_gradient(pass, reference, n, node, weight, scratch, mean);
    else
        mg_pass_mean_gradient_ref(pass, x, reference, n, node, weight, scratch, mean);
}

double mg_pass_gradient_at(mg_pass *pass, const double *point, double *gradient)
{
    pass->has_reference = false;
    double f = forward(pass, MG_OF_REFERENCE, point);
    backward(pass, &mg_rule_gradient, MG_OF_REFERENCE, gradient);
    return f;
}

void mg_pass_mean_gradient_ref(mg_pass *pass, const double *x, const double *reference, int64_t n, const double *node,
                               const double *weight, double *scratch, double *mean)
{
    int64_t size = pass->plan->graph->length * 4;
    double *point = scratch, *gradient = scratch + size;
    memset(mean, 0, (size_t)size * sizeof *mean);
    for (int64_t k = 0; k < n; k++) {
        for (int64_t i = 0; i < size; i++)
            point[i] = reference[i] + node[k] * (x[i] - reference[i]);
        mg_pass_gradient_at(pass, point, gradient);
        for (int64_t i = 0; i < size; i++)
            mean[i] += weight[k] * gradient[i];
    }
}
