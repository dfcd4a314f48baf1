/* path.c  mean gradients along straight paths (path.h)
 *
 * Names: the gate is layers gate .. linear - 1 (ReLU, max pooling, or both), `linear` is the linear layer behind it.
 * For an output of the gate that follows input j, z_j(t) = start_j + t slope_j is handed to the linear layer; a and b
 * collect those lines' starts and slopes times weights. `sum` collects multipliers at the gate's input, `carried` those
 * at the linear layer's output. An output that followed j from step k1 to k2 owes j the difference of W^T carried
 * between the two, so W^T carried is noted when it begins to follow (`since`) and taken again when it ends.
 */
#include "src/network/path.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/network/count.h"
#include "src/network/engine.h"

struct mg_path {
    const mg_engine *engine;
    size_t gate, linear;
    bool with_relu;
    mg_pooling pooling;
    int64_t n_outputs;          /* positions of the gate's output */
    float *start, *slope, *sum; /* (size[gate]) */
    float *a, *b, *carried;     /* (size[linear + 1]) */
    float *since, *line;        /* (size[linear]) */
    int32_t *state[2];          /* (size[linear]) before, now */
    mg_list list;
    uint64_t *n_macs; /* of the pass in hand (count.h) */
};

/* The gate's extent; false when the network has none with a linear layer behind it. */
static bool find_gate(const mg_network *network, size_t *gate, size_t *linear, const mg_layer **pool, bool *with_relu)
{
    size_t l = 0;
    *pool = NULL;
    *with_relu = false;
    while (l < network->n_layers && network->layer[l].kind != MG_RELU && network->layer[l].kind != MG_MAX_POOL)
        l++;
    *gate = l;
    for (; l < network->n_layers; l++) {
        if (network->layer[l].kind == MG_RELU && !*with_relu)
            *with_relu = true;
        else if (network->layer[l].kind == MG_MAX_POOL && *pool == NULL)
            *pool = &network->layer[l];
        else
            break;
    }
    *linear = l;
    return l > *gate && l < network->n_layers && network->layer[l].kind == MG_LINEAR;
}

bool mg_path_suits(const mg_engine *engine)
{
    size_t gate, linear;
    const mg_layer *pool;
    bool with_relu;
    return engine->precision == MG_SINGLE && find_gate(engine->network, &gate, &linear, &pool, &with_relu);
}

static mg_status allocate(mg_path *path, mg_error *err)
{
    const mg_engine *engine = path->engine;
    size_t in = (size_t)engine->size[path->gate], out = (size_t)engine->size[path->linear];
    size_t next = (size_t)engine->size[path->linear + 1], room = out + MG_LANES;
    struct {
        void *array;
        size_t n;
    } want[] = {{&path->start, in},
                {&path->slope, in},
                {&path->sum, in},
                {&path->a, next},
                {&path->b, next},
                {&path->carried, next},
                {&path->since, out},
                {&path->line, out},
                {&path->state[0], out},
                {&path->state[1], out},
                {&path->list.channel, room},
                {&path->list.value, room},
                {&path->list.begin, (size_t)path->n_outputs + 1}};
    mg_status status = MG_OK;
    for (size_t i = 0; i < sizeof want / sizeof want[0] && status == MG_OK; i++)
        status = mg_alloc_aligned(want[i].array, want[i].n, sizeof(float), err);
    return status;
}

mg_status mg_path_create(const mg_engine *engine, mg_path **ret, mg_error *err)
{
    mg_path *path = NULL;
    const mg_layer *pool;
    mg_status status = mg_alloc(&path, 1, sizeof *path, err);
    if (status != MG_OK) return status;
    path->engine = engine;
    find_gate(engine->network, &path->gate, &path->linear, &pool, &path->with_relu);
    path->n_outputs = engine->network->layer[path->linear].in_length;
    path->pooling = (mg_pooling){.kernel = 1, .step = 1, .dilation = 1, .in_length = path->n_outputs};
    if (pool != NULL)
        path->pooling = (mg_pooling){.kernel = pool->kernel,
                                     .step = pool->stride,
                                     .dilation = pool->dilation,
                                     .pad = pool->pad,
                                     .in_length = pool->in_length};
    status = allocate(path, err);
    if (status != MG_OK) {
        mg_path_destroy(path);
        return status;
    }
    *ret = path;
    return MG_OK;
}

void mg_path_destroy(mg_path *path)
{
    if (path == NULL) return;
    float *const arrays[] = {path->start, path->slope,   path->sum,   path->a,
                             path->b,     path->carried, path->since, path->line};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        free(arrays[i]);
    free(path->state[0]);
    free(path->state[1]);
    free(path->list.begin);
    free(path->list.channel);
    free(path->list.value);
    free(path);
}

size_t mg_path_bytes(const mg_engine *engine)
{
    size_t gate, linear;
    const mg_layer *pool;
    bool with_relu;
    if (!find_gate(engine->network, &gate, &linear, &pool, &with_relu)) return 0;
    return sizeof(mg_path) +
           sizeof(float) * (size_t)(3 * engine->size[gate] + 3 * engine->size[linear + 1] + 6 * engine->size[linear]);
}

/* Place, among the gate's inputs, of the one that output (o, channel) follows in state j. */
static int64_t followed(const mg_path *path, int64_t o, int64_t channel, int32_t j)
{
    int64_t first;
    mg_pooling_first(&path->pooling, o, &first);
    return (first + j * path->pooling.dilation) * path->engine->stride[path->gate] + channel;
}

/* Both ends of the path at the gate's input. */
static void draw_lines(mg_path *path, mg_pass *pass, const double *x, const double *reference)
{
    int64_t n = path->engine->size[path->gate];
    const float *z = pass->activation[MG_SET_WINDOW][path->gate];
    mg_walk_input_single(pass, MG_SET_WINDOW, reference);
    mg_walk_up_single(pass, MG_SET_WINDOW, 0, path->gate);
    memcpy(path->start, z, (size_t)n * sizeof *z);
    mg_walk_input_single(pass, MG_SET_WINDOW, x);
    mg_walk_up_single(pass, MG_SET_WINDOW, 0, path->gate);
    for (int64_t i = 0; i < n; i++)
        path->slope[i] = z[i] - path->start[i];
}

static void find_states(mg_path *path, double t)
{
    int32_t *swap = path->state[0];
    path->state[0] = path->state[1];
    path->state[1] = swap;
    path->engine->kernels->gate->states(path->start, path->slope, (float)t, path->engine->stride[path->gate],
                                        &path->pooling, path->with_relu, path->n_outputs, path->state[0],
                                        path->state[1], &path->list);
}

/* out = W times the followed lines' `value` (their starts or slopes), with bias when that is asked for. */
static void hand_on(mg_path *path, const float *value, bool with_bias, float *out)
{
    const mg_engine *engine = path->engine;
    const mg_rows *op = &engine->map[path->linear].forward;
    int64_t stride = op->in_stride;
    for (int64_t o = 0; o < path->n_outputs; o++)
        for (int64_t c = 0; c < stride; c++) {
            int32_t j = path->state[1][o * stride + c];
            path->line[o * stride + c] = j >= 0 && c < op->in_channels ? value[followed(path, o, c, j)] : 0.0f;
        }
    engine->kernels->compact(path->line, path->n_outputs, stride, op->in_channels, &path->list);
    if (path->n_macs != NULL) *path->n_macs += mg_count_rows(op, &path->list, 0, op->in_length, 0, op->out_length);
    for (int64_t group = 0; group < op->n_groups; group++)
        engine->kernels->rows(op, group, &path->list, 0, op->in_length, 0, op->out_length, with_bias, out);
}

static void begin(mg_path *path, double t)
{
    const mg_engine *engine = path->engine;
    memset(path->sum, 0, (size_t)engine->size[path->gate] * sizeof *path->sum);
    memset(path->since, 0, (size_t)engine->size[path->linear] * sizeof *path->since);
    memset(path->carried, 0, (size_t)engine->size[path->linear + 1] * sizeof *path->carried);
    find_states(path, t);
    hand_on(path, path->start, true, path->a);
    hand_on(path, path->slope, false, path->b);
}

/* Output (o, channel) of the gate follows another input from now on. */
static void switch_output(mg_path *path, int64_t o, int64_t channel)
{
    const mg_gate_kernels *kernels = path->engine->kernels->gate;
    const mg_rows *op = &path->engine->map[path->linear].forward;
    int64_t at = o * op->in_stride + channel;
    int32_t before = path->state[0][at], now = path->state[1][at];
    float da = 0.0f, db = 0.0f, owed = kernels->dot(op, o, channel, path->carried);
    if (before >= 0) {
        int64_t from = followed(path, o, channel, before);
        path->sum[from] += owed - path->since[at];
        da -= path->start[from];
        db -= path->slope[from];
    }
    if (now >= 0) {
        int64_t to = followed(path, o, channel, now);
        da += path->start[to];
        db += path->slope[to];
    }
    path->since[at] = owed;
    if (path->n_macs != NULL) *path->n_macs += mg_count_entries(op, o, 3, 0, op->out_length); /* owed, da, db */
    kernels->add(op, o, channel, da, db, path->a, path->b);
}

static void advance(mg_path *path, double t)
{
    int64_t channels = path->engine->map[path->linear].forward.in_channels;
    find_states(path, t);
    for (int64_t o = 0; o < path->n_outputs; o++)
        for (int32_t j = path->list.begin[o]; j < path->list.begin[o + 1]; j++)
            if (path->list.channel[j] < channels) switch_output(path, o, path->list.channel[j]);
}

/* One step: forward and backward above the linear layer, and what comes back is carried. */
static void step(mg_path *path, mg_pass *pass, double t, double weight)
{
    size_t above = path->linear + 1, n_layers = path->engine->network->n_layers;
    int64_t n = path->engine->size[above];
    float *z = pass->activation[MG_SET_WINDOW][above];
    const mg_layer_kernels *kernels = path->engine->kernels->layer;
    kernels->line(path->a, path->b, (float)t, n, z);
    mg_walk_up_single(pass, MG_SET_WINDOW, above, n_layers);
    const float *m = mg_walk_down_single(pass, &mg_rule_gradient, mg_walk_seed_single(pass), n_layers, above);
    kernels->line(path->carried, m, (float)weight, n, path->carried);
}

/* Pay what is still owed, and go down from the gate's input to the network's. */
static void end(mg_path *path, mg_pass *pass, double *mean)
{
    const mg_engine *engine = path->engine;
    int64_t stride = engine->stride[path->linear];
    memcpy(pass->buffer[0], path->carried, (size_t)engine->size[path->linear + 1] * sizeof(float));
    const float *owed = mg_walk_down_single(pass, &mg_rule_gradient, pass->buffer[0], path->linear + 1, path->linear);
    for (int64_t o = 0; o < path->n_outputs; o++)
        for (int64_t c = 0; c < engine->map[path->linear].forward.in_channels; c++) {
            int64_t at = o * stride + c;
            if (path->state[1][at] >= 0)
                path->sum[followed(path, o, c, path->state[1][at])] += owed[at] - path->since[at];
        }
    memcpy(pass->buffer[0], path->sum, (size_t)engine->size[path->gate] * sizeof(float));
    mg_walk_multiplier_single(pass, mg_walk_down_single(pass, &mg_rule_gradient, pass->buffer[0], path->gate, 0), mean);
}

void mg_path_mean_gradient(mg_path *path, mg_pass *pass, const double *x, const double *reference, int64_t n,
                           const double *node, const double *weight, double *mean)
{
    path->n_macs = pass->n_macs;
    draw_lines(path, pass, x, reference);
    for (int64_t k = 0; k < n; k++) {
        if (k == 0)
            begin(path, node[k]);
        else
            advance(path, node[k]);
        step(path, pass, node[k], weight[k]);
    }
    end(path, pass, mean);
}
