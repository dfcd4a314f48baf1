/* path_above.c  the gates above the lowest, on a walk along a path (path.h)
 *
 * Upward, steps are taken MG_SHARED at a time: neighbours on the path have nearly the same units on, so they share a
 * list, and a load of weights serves all of them.
 *
 * Downward, a multiplier depends on states alone, so it stays as it is until somebody above switches. While the
 * multipliers of a gate's outputs stay, a switch of one of them takes its multiplier from one input and gives it to
 * another: a few rows of weights change the multipliers below. When they do not stay, those below are worked out anew,
 * so rounding does not pile up. High gates switch seldom, and what is expensive lies below them.
 */
#include <string.h>

#include "src/engine/count.h"
#include "src/paths/path_work.h"

/* --- upward --- */

static void count_rows(mg_path *path, const mg_rows *op, int64_t end)
{
    if (path->n_macs != NULL)
        *path->n_macs += MG_SHARED * mg_count_rows(op, path->list.begin, 0, op->in_length, 0, end);
}

/* Positions of a gate's input that its outputs take. */
static int64_t positions_used(const mg_gate *gate)
{
    int64_t first, n = mg_pooling_first(&gate->pooling, gate->n_outputs - 1, &first);
    return first + (n - 1) * gate->pooling.dilation + 1;
}

/* The section is one linear layer: all steps at once, by places (kernels/places.h) or in groups of outputs. */
static void shared_section(mg_path *path, const mg_path_gate *from, const mg_path_gate *to)
{
    const mg_kernels *kernels = path->kernels;
    const mg_rows *op = &from->map->forward;
    int64_t end = positions_used(&to->gate);
    if (op->flat != NULL) {
        mg_sparse in = {{path->list.begin, path->list.channel}, from->value, from->n_out, 0, op->in_length};
        kernels->places->find(&in, op->in_stride, op->in_channels);
        count_rows(path, op, end);
        kernels->places->rows(op, &in, 0, end, true, path->z, path->z_step);
        return;
    }
    kernels->compact_shared(from->value, from->n_out, op->in_length, op->in_stride, op->in_channels, &path->list);
    count_rows(path, op, end);
    for (int64_t group = 0; group < op->n_groups; group++)
        kernels->shared_rows(op, group, &path->list, 0, op->in_length, 0, end, true, path->z, path->z_step);
}

/* Any section, step by step. */
static void plain_section(mg_path *path, mg_pass *pass, const mg_path_gate *from, const mg_path_gate *to, int n)
{
    for (int m = 0; m < n; m++) {
        memcpy(mg_pass_value_of(pass, MG_OF_REFERENCE, from->gate.end), from->value + m * from->n_out,
               (size_t)from->n_out * sizeof(float));
        mg_pass_up(pass, MG_OF_REFERENCE, from->gate.end, from->gate.next);
        pass->has_reference = false; /* its values above are overwritten */
        memcpy(path->z + m * path->z_step, mg_pass_value_of(pass, MG_OF_REFERENCE, to->gate.begin),
               (size_t)to->n_in * sizeof(float));
    }
}

void mg_path_rise(mg_path *path, mg_pass *pass, int n)
{
    for (size_t g = 2; g < path->n_gates; g++) {
        mg_path_gate *from = &path->gate[g - 1], *to = &path->gate[g];
        if (from->map != NULL)
            shared_section(path, from, to);
        else
            plain_section(path, pass, from, to, n);
        for (int m = 0; m < n; m++)
            path->kernels->gate->follow(path->z + m * path->z_step, path->chain->stride[to->gate.begin],
                                        &to->gate.pooling, to->gate.with_relu, to->gate.n_outputs,
                                        to->value + m * to->n_out, to->state + (m + 1) * to->n_out);
    }
}

/* --- downward --- */

void mg_path_top(mg_path *path, mg_pass *pass)
{
    mg_path_gate *top = &path->gate[path->n_gates - 1];
    size_t from = path->chain->n_links, to = path->n_gates > 1 ? top->gate.end : path->linear + 1;
    const float *m = mg_pass_down(pass, &mg_rule_gradient, mg_pass_seed(pass), from, to);
    memcpy(path->n_gates > 1 ? top->multiplier : path->fixed, m, (size_t)path->chain->size[to] * sizeof *m);
}

/* The multipliers of the gate's outputs handed down through the gate and the section below, whole. */
static void sink_anew(mg_path *path, mg_pass *pass, const mg_path_gate *from, mg_path_gate *to, int m)
{
    float *at_inputs = pass->slot[0];
    memset(at_inputs, 0, (size_t)from->n_in * sizeof *at_inputs);
    path->kernels->gate->send(from->multiplier, 1.0f, from->state + (m + 1) * from->n_out,
                              path->chain->stride[from->gate.end], &from->gate.pooling, from->gate.n_outputs,
                              at_inputs);
    const float *below = mg_pass_down(pass, &mg_rule_gradient, at_inputs, from->gate.begin, to->gate.end);
    memcpy(to->multiplier, below, (size_t)to->n_out * sizeof *below);
}

/* Output (o, channel) of a gate takes its multiplier from one of its inputs, `sign` -1, or gives it to one, 1. */
static void move_multiplier(mg_path *path, const mg_path_gate *from, mg_path_gate *to, int64_t o, int64_t channel,
                            mg_gate_state state, float sign)
{
    if (state < 0) return;
    const mg_rows *op = &to->map->backward;
    int64_t first;
    mg_pooling_first(&from->gate.pooling, o, &first);
    first += state * from->gate.pooling.dilation;
    float x = sign * from->multiplier[o * path->chain->stride[from->gate.end] + channel];
    if (path->n_macs != NULL) *path->n_macs += mg_count_entries(op, first, 1, 0, op->out_length);
    path->kernels->gate->add(op, first, channel, x, to->multiplier);
}

/* The same when only states have changed since the step before; false when none has. */
static bool sink_switches(mg_path *path, const mg_path_gate *from, mg_path_gate *to, int m)
{
    int64_t stride = path->chain->stride[from->gate.end];
    const mg_gate_state *before = from->state + m * from->n_out, *now = before + from->n_out;
    int64_t n = path->kernels->gate->differ(before, now, stride, from->gate.n_outputs, path->switches);
    for (int64_t j = 0; j < n; j++) {
        int64_t o = path->switches[j].position, channel = path->switches[j].channel, at = o * stride + channel;
        move_multiplier(path, from, to, o, channel, before[at], -1.0f);
        move_multiplier(path, from, to, o, channel, now[at], 1.0f);
    }
    return n > 0;
}

void mg_path_sink(mg_path *path, mg_pass *pass, int m, bool anew)
{
    bool changed = anew;
    for (size_t g = path->n_gates - 1; g > 1; g--) {
        const mg_path_gate *from = &path->gate[g];
        mg_path_gate *to = &path->gate[g - 1];
        if (changed || to->map == NULL) {
            sink_anew(path, pass, from, to, m);
            changed = true;
        } else {
            changed = sink_switches(path, from, to, m);
        }
    }
}
