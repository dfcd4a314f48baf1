/* path.c  mean gradients along straight paths (path.h): the lowest gate, and the walk itself
 *
 * For an output of the lowest gate that follows input j, z_j(t) = start_j + t slope_j is handed to the linear layer
 * behind it; a and b collect those lines' starts and slopes times weights. `sum` collects multipliers at the gate's
 * inputs, `carried` those at the linear layer's outputs. An output that followed j from step k1 to k2 owes j the
 * difference of W^T carried between the two, so W^T carried is noted when it begins to follow (`since`) and taken again
 * when it ends.
 */
#include "src/paths/path.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/count.h"
#include "src/paths/path_work.h"

/* --- the workspace --- */

static bool no_long_pool(const mg_chain *chain)
{
    for (size_t l = 0; l < chain->n_links; l++)
        if (chain->link[l].choice && chain->link[l].slide->kernel > MG_GATE_LONGEST) return false;
    return true;
}

bool mg_path_suits(const mg_plan *plan)
{
    mg_gate lowest;
    const mg_chain *chain = plan->chain;
    return chain != NULL && plan->precision == MG_SINGLE && mg_gate_find(chain, 0, &lowest) &&
           lowest.end < chain->n_links && chain->link[lowest.end].map != NULL && no_long_pool(chain);
}

/* One block that all arrays are cut from; without it, they are only measured. */
typedef struct {
    char *block;
    size_t used;
} arena;

static void *cut(arena *from, size_t bytes)
{
    void *place = from->block != NULL ? from->block + from->used : NULL;
    from->used += (bytes + MG_ALIGNMENT - 1) / MG_ALIGNMENT * MG_ALIGNMENT;
    return place;
}

static void *numbers(arena *from, int64_t n)
{
    return cut(from, (size_t)n * sizeof(float));
}

/* A list of a gate's outputs; room for n inputs' values. */
static mg_list list_of(arena *from, int64_t n_positions, int64_t n_entries, int64_t n)
{
    mg_list list = {.room = n_entries + MG_LANES};
    list.begin = numbers(from, n_positions + 1);
    list.channel = numbers(from, list.room);
    list.value = numbers(from, n * list.room);
    return list;
}

/* The gate `g`, the lowest being 0, with its arrays; `section` is one linear layer or any other section. */
static mg_path_gate gate_of(const mg_chain *chain, const mg_gate *gate, size_t g, arena *from)
{
    mg_path_gate work = {.gate = *gate, .n_in = chain->size[gate->begin], .n_out = chain->size[gate->end]};
    if (gate->next == gate->end + 1) work.map = chain->link[gate->end].map;
    work.state = cut(from, (size_t)((g == 0 ? 1 : 1 + MG_SHARED) * work.n_out) * sizeof *work.state);
    if (g == 0) return work;
    work.value = numbers(from, MG_SHARED * work.n_out);
    work.multiplier = numbers(from, work.n_out);
    return work;
}

static void lay_out_gates(mg_path *path, const mg_plan *plan, arena *from)
{
    const mg_chain *chain = plan->chain;
    mg_gate gate;
    int64_t positions = 0, entries = 0;
    path->n_gates = 0;
    for (size_t l = 0; mg_gate_find(chain, l, &gate); l = gate.end)
        path->n_gates++;
    path->gate = cut(from, path->n_gates * sizeof *path->gate);
    path->z_step = 0;
    for (size_t l = 0, g = 0; mg_gate_find(chain, l, &gate); l = gate.end, g++) {
        mg_path_gate work = gate_of(chain, &gate, g, from);
        if (path->gate != NULL) path->gate[g] = work;
        if (g > 1 && work.n_in > path->z_step) path->z_step = work.n_in;
        if (work.n_out > entries) entries = work.n_out;
        if (gate.n_outputs > positions) positions = gate.n_outputs;
    }
    path->z = numbers(from, MG_SHARED * path->z_step);
    path->list = list_of(from, positions, entries, MG_SHARED);
    path->switches = cut(from, (size_t)entries * sizeof *path->switches);
}

/* Room for all outputs of the lowest gate; strides are multiples of MG_LANES. */
static mg_movers movers_of(arena *from, int64_t n_out, int64_t kernel)
{
    mg_movers movers = {.room = n_out};
    movers.place = cut(from, (size_t)n_out * sizeof *movers.place);
    movers.state = numbers(from, n_out);
    movers.start = numbers(from, kernel * n_out);
    movers.slope = numbers(from, kernel * n_out);
    return movers;
}

static void lay_out(mg_path *path, const mg_plan *plan, arena *from)
{
    const mg_chain *chain = plan->chain;
    mg_gate lowest;
    mg_gate_find(chain, 0, &lowest);
    path->chain = chain;
    path->kernels = plan->kernels;
    path->linear = lowest.end;
    int64_t in = chain->size[lowest.begin], out = chain->size[lowest.end], next = chain->size[lowest.end + 1];
    float **const arrays[] = {&path->slope, &path->sum, &path->since, &path->a, &path->b, &path->carried, &path->fixed};
    const int64_t size[] = {in, in, out, next, next, next, next};
    for (size_t i = 0; i < sizeof size / sizeof size[0]; i++)
        *arrays[i] = numbers(from, size[i]);
    path->first = cut(from, (size_t)lowest.n_outputs * sizeof *path->first);
    path->movers = movers_of(from, out, lowest.pooling.kernel);
    for (int m = 0; m < MG_SHARED; m++) {
        path->turn[m] = cut(from, (size_t)out * sizeof *path->turn[m]);
        path->change[m] = cut(from, (size_t)out * sizeof *path->change[m]);
    }
    path->owed = numbers(from, out);
    lay_out_gates(path, plan, from);
}

size_t mg_path_bytes(const mg_plan *plan)
{
    mg_path path;
    arena nothing = {0};
    lay_out(&path, plan, &nothing);
    return sizeof path + nothing.used;
}

mg_status mg_path_create(const mg_plan *plan, mg_path **ret, mg_error *err)
{
    mg_path *path = NULL;
    mg_status status = mg_alloc(&path, 1, sizeof *path, err);
    if (status == MG_OK) status = mg_alloc_aligned(&path->block, mg_path_bytes(plan), 1, err);
    if (status != MG_OK) {
        mg_path_destroy(path);
        return status;
    }
    lay_out(path, plan, &(arena){.block = path->block});
    for (int64_t o = 0; o < path->gate[0].gate.n_outputs; o++)
        mg_pooling_first(&path->gate[0].gate.pooling, o, &path->first[o]);
    *ret = path;
    return MG_OK;
}

void mg_path_destroy(mg_path *path)
{
    if (path == NULL) return;
    free(path->block);
    free(path);
}

/* --- the lowest gate --- */

/* Place, among the gate's inputs, of the one that output (o, channel) follows in state j. */
static int64_t followed(const mg_path *path, int64_t o, int64_t channel, mg_gate_state j)
{
    const mg_gate *gate = &path->gate[0].gate;
    return (path->first[o] + j * gate->pooling.dilation) * path->chain->stride[gate->begin] + channel;
}

/* Both ends of the path at the gate's inputs, where the passes of x and of the reference have left them. */
static void draw_lines(mg_path *path, mg_pass *pass, const double *reference)
{
    size_t begin = path->gate[0].gate.begin;
    mg_pass_forward_reference(pass, reference);
    const float *end = mg_pass_value_of(pass, MG_OF_WINDOW, begin);
    path->start = mg_pass_value_of(pass, MG_OF_REFERENCE, begin);
    for (int64_t i = 0; i < path->gate[0].n_in; i++)
        path->slope[i] = end[i] - path->start[i];
}

/* States at the first of n nodes, and who may switch later. */
static void find_movers(mg_path *path, const double *node, int64_t n)
{
    const mg_path_gate *low = &path->gate[0];
    const float ends[2] = {(float)node[0], (float)node[n - 1]};
    path->kernels->movers->find(path->start, path->slope, ends, path->chain->stride[path->linear], &low->gate.pooling,
                                low->gate.with_relu, low->gate.n_outputs, low->state, &path->movers);
}

/* out = W times the followed lines' `value` (their starts or slopes) at the first step, with bias when asked for. */
static void hand_on(mg_path *path, mg_pass *pass, const float *value, bool with_bias, float *out)
{
    const mg_rows *op = &path->chain->link[path->linear].map->forward;
    const mg_path_gate *low = &path->gate[0];
    float *line = pass->slot[0];
    path->kernels->gate->pick(value, low->state, op->in_stride, &low->gate.pooling, low->gate.n_outputs, line);
    path->kernels->compact(line, op->in_length, op->in_stride, op->in_channels, &path->list);
    if (path->n_macs != NULL) *path->n_macs += mg_count_rows(op, path->list.begin, 0, op->in_length, 0, op->out_length);
    for (int64_t group = 0; group < op->n_groups; group++)
        path->kernels->rows(op, group, &path->list, 0, op->in_length, 0, op->out_length, with_bias, out);
}

/* What a mover hands on when it follows another input. */
static mg_gate_change change_of(const mg_movers *movers, const mg_turn *turn)
{
    mg_gate_change change = {movers->place[turn->mover].position, movers->place[turn->mover].channel, 0.0f, 0.0f};
    if (turn->before >= 0) {
        change.da -= movers->start[turn->before * movers->room + turn->mover];
        change.db -= movers->slope[turn->before * movers->room + turn->mover];
    }
    if (turn->now >= 0) {
        change.da += movers->start[turn->now * movers->room + turn->mover];
        change.db += movers->slope[turn->now * movers->room + turn->mover];
    }
    return change;
}

static void count_changes(const mg_path *path, const mg_rows *op, int m, int64_t times)
{
    for (int64_t j = 0; path->n_macs != NULL && j < path->n_turns[m]; j++)
        *path->n_macs += mg_count_entries(op, path->change[m][j].position, times, 0, op->out_length);
}

/* At step m of those in hand, outputs hand on other lines ... */
static void switch_lines(mg_path *path, int m)
{
    const mg_rows *op = &path->chain->link[path->linear].map->forward;
    for (int64_t j = 0; j < path->n_turns[m]; j++)
        path->change[m][j] = change_of(&path->movers, &path->turn[m][j]);
    path->kernels->gate->add_lines(op, path->change[m], path->n_turns[m], path->a, path->b);
    count_changes(path, op, m, 2);
}

/* ... and their multipliers go to other inputs. */
static void switch_multipliers(mg_path *path, int m)
{
    const mg_rows *op = &path->chain->link[path->linear].map->forward;
    path->kernels->gate->dots(op, path->change[m], path->n_turns[m], path->carried, path->owed);
    for (int64_t j = 0; j < path->n_turns[m]; j++) {
        const mg_turn *turn = &path->turn[m][j];
        const mg_gate_change *place = &path->change[m][j];
        int64_t at = place->position * op->in_stride + place->channel;
        if (turn->before >= 0)
            path->sum[followed(path, place->position, place->channel, turn->before)] += path->owed[j] - path->since[at];
        path->since[at] = path->owed[j];
        path->gate[0].state[at] = turn->now;
    }
    count_changes(path, op, m, 1);
}

/* Who switches at each of the next n nodes. */
static void find_turns(mg_path *path, const double *node, int n)
{
    const mg_gate *low = &path->gate[0].gate;
    float t[MG_SHARED];
    for (int m = 0; m < MG_SHARED; m++)
        t[m] = (float)node[m < n ? m : n - 1];
    path->kernels->movers->turn(&path->movers, t, low->pooling.kernel, low->with_relu, path->turn, path->n_turns);
}

/* --- steps --- */

/* Values and states of the second gate at step m of those in hand. */
static void rise_to_second(mg_path *path, mg_pass *pass, int m, float t)
{
    const mg_chain *chain = path->chain;
    const mg_path_gate *second = &path->gate[1];
    const mg_gate *gate = &second->gate;
    size_t above = path->linear + 1;
    float *value = second->value + m * second->n_out;
    mg_gate_state *state = second->state + (m + 1) * second->n_out;
    if (gate->begin == above) {
        path->kernels->gate->follow_line(path->a, path->b, t, chain->stride[gate->end], &gate->pooling, gate->with_relu,
                                         gate->n_outputs, value, state);
        return;
    }
    path->kernels->layer->line(path->a, path->b, t, chain->size[above], mg_pass_value_of(pass, MG_OF_REFERENCE, above));
    mg_pass_up(pass, MG_OF_REFERENCE, above, gate->begin);
    pass->has_reference = false; /* its values above are overwritten */
    path->kernels->gate->follow(mg_pass_value_of(pass, MG_OF_REFERENCE, gate->begin), chain->stride[gate->end],
                                &gate->pooling, gate->with_relu, gate->n_outputs, value, state);
}

/* The multipliers of the linear layer's outputs at step m of those in hand are carried. */
static void carry(mg_path *path, mg_pass *pass, int m, float weight)
{
    const mg_chain *chain = path->chain;
    size_t above = path->linear + 1, next = path->gate[0].gate.next;
    const float *at_outputs = path->fixed;
    if (path->n_gates > 1) {
        const mg_path_gate *second = &path->gate[1];
        bool straight = next == above;
        float *to = straight ? path->carried : pass->slot[0];
        if (!straight) memset(to, 0, (size_t)second->n_in * sizeof *to);
        path->kernels->gate->send(second->multiplier, straight ? weight : 1.0f, second->state + (m + 1) * second->n_out,
                                  chain->stride[second->gate.end], &second->gate.pooling, second->gate.n_outputs, to);
        if (straight) return;
        at_outputs = mg_pass_down(pass, &mg_rule_gradient, to, next, above);
    }
    path->kernels->layer->line(path->carried, at_outputs, weight, chain->size[above], path->carried);
}

static void begin(mg_path *path, mg_pass *pass)
{
    const mg_chain *chain = path->chain;
    memset(path->sum, 0, (size_t)path->gate[0].n_in * sizeof *path->sum);
    memset(path->since, 0, (size_t)path->gate[0].n_out * sizeof *path->since);
    memset(path->carried, 0, (size_t)chain->size[path->linear + 1] * sizeof *path->carried);
    hand_on(path, pass, path->start, true, path->a);
    hand_on(path, pass, path->slope, false, path->b);
    mg_path_top(path, pass);
}

/* Up for n steps, at most MG_SHARED, then down for each of them. */
static void take_steps(mg_path *path, mg_pass *pass, const double *node, const double *weight, int n, bool first)
{
    if (first) begin(path, pass);
    find_turns(path, node, n);
    for (int m = 0; m < n; m++) {
        switch_lines(path, m);
        if (path->n_gates > 1) rise_to_second(path, pass, m, (float)node[m]);
    }
    mg_path_rise(path, pass, n);
    for (int m = 0; m < n; m++) {
        switch_multipliers(path, m);
        mg_path_sink(path, pass, m, first && m == 0);
        carry(path, pass, m, (float)weight[m]);
    }
    for (size_t g = 2; g < path->n_gates; g++) { /* nobody asks what the second was */
        mg_path_gate *gate = &path->gate[g];
        memcpy(gate->state, gate->state + n * gate->n_out, (size_t)gate->n_out * sizeof *gate->state);
    }
}

/* Pay what is still owed, and go down from the gate's inputs to the network's. */
static void end(mg_path *path, mg_pass *pass, double *mean)
{
    const mg_chain *chain = path->chain;
    const mg_path_gate *low = &path->gate[0];
    memcpy(pass->slot[0], path->carried, (size_t)chain->size[path->linear + 1] * sizeof(float));
    const float *owed = mg_pass_down(pass, &mg_rule_gradient, pass->slot[0], path->linear + 1, path->linear);
    path->kernels->layer->line(owed, path->since, -1.0f, low->n_out, path->since);
    path->kernels->gate->send(path->since, 1.0f, low->state, chain->stride[path->linear], &low->gate.pooling,
                              low->gate.n_outputs, path->sum);
    memcpy(pass->slot[0], path->sum, (size_t)low->n_in * sizeof(float));
    mg_pass_take(pass, mg_pass_down(pass, &mg_rule_gradient, pass->slot[0], low->gate.begin, 0), mean);
}

void mg_path_mean_gradient(mg_path *path, mg_pass *pass, const double *reference, int64_t n, const double *node,
                           const double *weight, double *mean)
{
    path->n_macs = pass->tools.n_macs;
    draw_lines(path, pass, reference);
    find_movers(path, node, n);
    for (int64_t k = 0; k < n; k += MG_SHARED)
        take_steps(path, pass, node + k, weight + k, n - k < MG_SHARED ? (int)(n - k) : MG_SHARED, k == 0);
    end(path, pass, mean);
}
