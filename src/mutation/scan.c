/* scan.c  delta propagation: a tile of mutants goes through the layers together (scan.h)
 *
 * State of a tile at the input of layer l: for each mutant the difference from the window's own activation, at
 * positions begin .. end - 1 of its reach. Linear layers first compact the differences to lists; every block of outputs
 * is then worked on for all mutants before the next block's weights are fetched. ReLU followed by max pooling is one
 * step.
 */
#include "src/mutation/scan.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/network/count.h"
#include "src/network/engine.h"

enum { TILE = 48 }; /* mutants that share a block of weights while it is in L1 */

typedef struct {
    int64_t position;
    mg_base from, to;
} mutant;

struct mg_scan {
    const mg_engine *engine;
    const mg_reach *reach;
    int64_t room;       /* floats a mutant has in delta[] */
    int64_t list_room;  /* entries a mutant has in list[] */
    float *delta[2];    /* (TILE, room) coming and going */
    mg_list list[TILE]; /* parts of the three arrays below */
    int32_t *begin, *channel;
    float *value;
    mutant *mutant;       /* (3 L) */
    float *output_weight; /* (stride of the last layer's input) its weights, when that input is one position */
    uint64_t *n_macs;     /* multiply-adds are added to it; NULL: they are not counted */
};

/* --- workspace --- */

static void measure(const mg_engine *engine, const mg_reach *reach, int64_t *room, int64_t *positions)
{
    *room = MG_LANES;
    *positions = 1;
    for (size_t l = 0; l <= reach->n_layers; l++) {
        if (reach->widest[l] * engine->stride[l] > *room) *room = reach->widest[l] * engine->stride[l];
        if (reach->widest[l] > *positions) *positions = reach->widest[l];
    }
}

static mg_status copy_output_weights(mg_scan *scan, mg_error *err)
{
    const mg_network *network = scan->engine->network;
    const mg_layer *last = &network->layer[network->n_layers - 1];
    size_t n = (size_t)scan->engine->stride[network->n_layers - 1];
    mg_status status = mg_alloc_aligned(&scan->output_weight, n, sizeof(float), err);
    for (int64_t c = 0; status == MG_OK && last->in_length == 1 && c < last->in_channels; c++)
        scan->output_weight[c] = (float)last->weight[c];
    return status;
}

mg_status mg_scan_create(const mg_engine *engine, const mg_reach *reach, mg_scan **ret, mg_error *err)
{
    mg_scan *scan = NULL;
    int64_t positions;
    mg_status status = mg_alloc(&scan, 1, sizeof *scan, err);
    if (status != MG_OK) return status;
    scan->engine = engine;
    scan->reach = reach;
    measure(engine, reach, &scan->room, &positions);
    scan->list_room = scan->room + MG_LANES;
    for (int i = 0; i < 2 && status == MG_OK; i++)
        status = mg_alloc_aligned(&scan->delta[i], (size_t)(TILE * scan->room), sizeof(float), err);
    if (status == MG_OK) status = mg_alloc(&scan->begin, (size_t)(TILE * (positions + 1)), sizeof(int32_t), err);
    if (status == MG_OK)
        status = mg_alloc_aligned(&scan->channel, (size_t)(TILE * scan->list_room), sizeof(int32_t), err);
    if (status == MG_OK) status = mg_alloc_aligned(&scan->value, (size_t)(TILE * scan->list_room), sizeof(float), err);
    if (status == MG_OK) status = copy_output_weights(scan, err);
    if (status == MG_OK) status = mg_alloc(&scan->mutant, (size_t)reach->length * 3, sizeof *scan->mutant, err);
    if (status != MG_OK) {
        mg_scan_destroy(scan);
        return status;
    }
    for (int m = 0; m < TILE; m++)
        scan->list[m] = (mg_list){.begin = scan->begin + m * (positions + 1),
                                  .channel = scan->channel + m * scan->list_room,
                                  .value = scan->value + m * scan->list_room};
    *ret = scan;
    return MG_OK;
}

void mg_scan_destroy(mg_scan *scan)
{
    if (scan == NULL) return;
    free(scan->delta[0]);
    free(scan->delta[1]);
    free(scan->begin);
    free(scan->channel);
    free(scan->value);
    free(scan->mutant);
    free(scan->output_weight);
    free(scan);
}

size_t mg_scan_bytes(const mg_engine *engine, const mg_reach *reach)
{
    int64_t room, positions;
    measure(engine, reach, &room, &positions);
    return sizeof(mg_scan) + (size_t)(TILE * room) * 16 + (size_t)(TILE * positions) * 4 +
           (size_t)reach->length * 3 * sizeof(mutant);
}

void mg_scan_count(mg_scan *scan, uint64_t *n_macs)
{
    scan->n_macs = n_macs;
}

/* --- one layer, one tile --- */

/* Where mutant m's difference lives, at the input of layer l. */
static mg_difference difference(const mg_scan *scan, const mg_pass *pass, size_t l, const mutant *m, const float *delta)
{
    size_t at = l * (size_t)scan->reach->length + (size_t)m->position;
    return (mg_difference){.base = pass->activation[MG_SET_WINDOW][l],
                           .delta = delta,
                           .stride = scan->engine->stride[l],
                           .begin = scan->reach->begin[at],
                           .end = scan->reach->end[at]};
}

/* Bring the tile's differences into lists, unless the pooling before has already done so. */
static void compact_tile(mg_scan *scan, const mg_pass *pass, size_t l, const mutant *mutants, int n)
{
    for (int m = 0; m < n; m++) {
        mg_difference d = difference(scan, pass, l, &mutants[m], NULL);
        scan->engine->kernels->compact(scan->delta[0] + m * scan->room, d.end - d.begin, d.stride,
                                       scan->engine->network->layer[l].in_channels, &scan->list[m]);
    }
}

static void linear_tile(mg_scan *scan, size_t l, const mutant *mutants, int n)
{
    const mg_rows *op = &scan->engine->map[l].forward;
    const int64_t *reach_begin = scan->reach->begin + l * (size_t)scan->reach->length;
    const int64_t *reach_end = scan->reach->end + l * (size_t)scan->reach->length;
    const int64_t *next_begin = reach_begin + scan->reach->length, *next_end = reach_end + scan->reach->length;
    for (int m = 0; m < n && scan->n_macs != NULL; m++) {
        int64_t i = mutants[m].position;
        *scan->n_macs += mg_count_rows(op, &scan->list[m], reach_begin[i], reach_end[i], next_begin[i], next_end[i]);
    }
    for (int64_t group = 0; group < op->n_groups; group++)
        for (int m = 0; m < n; m++) {
            int64_t i = mutants[m].position;
            scan->engine->kernels->rows(op, group, &scan->list[m], reach_begin[i], reach_end[i], next_begin[i],
                                        next_end[i], false, scan->delta[1] + m * scan->room);
        }
}

/* Layer l is a max pooling, or a ReLU before one. */
static void max_tile(mg_scan *scan, const mg_pass *pass, size_t l, bool with_relu, bool to_lists, const mutant *mutants,
                     int n)
{
    const mg_layer *layer = &scan->engine->network->layer[l + with_relu];
    mg_pooling pooling = {.kernel = layer->kernel,
                          .step = layer->stride,
                          .dilation = layer->dilation,
                          .pad = layer->pad,
                          .in_length = layer->in_length};
    for (int m = 0; m < n; m++) {
        mg_difference in = difference(scan, pass, l, &mutants[m], scan->delta[0] + m * scan->room);
        mg_difference to = difference(scan, pass, l + with_relu + 1, &mutants[m], NULL);
        scan->engine->kernels->delta->max_pool(&in, &pooling, with_relu, to.base, to.begin, to.end,
                                               scan->delta[1] + m * scan->room, to_lists ? &scan->list[m] : NULL);
    }
}

/* The end of the network when it is ReLU and a dense layer with one output: difference of F at once. */
static void relu_dot_tile(mg_scan *scan, const mg_pass *pass, size_t l, const mutant *mutants, int n)
{
    for (int m = 0; m < n; m++) {
        mg_difference in = difference(scan, pass, l, &mutants[m], scan->delta[0] + m * scan->room);
        if (scan->n_macs != NULL && in.end > in.begin)
            *scan->n_macs += (uint64_t)scan->engine->network->layer[l].out_channels;
        scan->delta[1][m * scan->room] =
            in.end > in.begin ? scan->engine->kernels->delta->relu_dot(&in, scan->output_weight) : 0.0f;
    }
}

static void average_mutant(const mg_scan *scan, const mg_pass *pass, size_t l, const mutant *m, const float *delta,
                           float *out)
{
    const mg_layer *layer = &scan->engine->network->layer[l];
    mg_difference in = difference(scan, pass, l, m, delta), to = difference(scan, pass, l + 1, m, NULL);
    for (int64_t t = to.begin; t < to.end; t++) {
        int64_t count, first = mg_layer_first(layer, t, &count);
        float *sum = out + (t - to.begin) * to.stride;
        memset(sum, 0, (size_t)to.stride * sizeof *sum);
        for (int64_t j = 0; j < count; j++) {
            int64_t p = first + j * layer->dilation;
            if (p < in.begin || p >= in.end) continue;
            for (int64_t c = 0; c < in.stride; c++)
                sum[c] += delta[(p - in.begin) * in.stride + c];
        }
        for (int64_t c = 0; c < to.stride; c++)
            sum[c] /= (float)layer->divisor[t];
    }
}

static void affine_mutant(const mg_scan *scan, const mg_pass *pass, size_t l, const mutant *m, const float *delta,
                          float *out)
{
    const mg_layer *layer = &scan->engine->network->layer[l];
    mg_difference in = difference(scan, pass, l, m, delta);
    if (scan->n_macs != NULL) *scan->n_macs += (uint64_t)((in.end - in.begin) * layer->out_channels);
    for (int64_t p = 0; p < in.end - in.begin; p++)
        for (int64_t c = 0; c < in.stride; c++)
            out[p * in.stride + c] =
                c < layer->out_channels ? (float)layer->weight[c] * delta[p * in.stride + c] : 0.0f;
}

/* One layer that is neither linear nor a max pooling. */
static void plain_tile(mg_scan *scan, const mg_pass *pass, size_t l, const mutant *mutants, int n)
{
    mg_layer_kind kind = scan->engine->network->layer[l].kind;
    for (int m = 0; m < n; m++) {
        const float *delta = scan->delta[0] + m * scan->room;
        float *out = scan->delta[1] + m * scan->room;
        mg_difference in = difference(scan, pass, l, &mutants[m], delta);
        if (kind == MG_RELU)
            scan->engine->kernels->delta->relu(&in, out);
        else if (kind == MG_AVERAGE_POOL)
            average_mutant(scan, pass, l, &mutants[m], delta, out);
        else
            affine_mutant(scan, pass, l, &mutants[m], delta, out);
    }
}

/* Take the tile through layer l, and through those behind it that are done in the same step; returns the next layer.
 * in_lists tells, before and after, whether the differences stand in the lists. */
static size_t layer_tile(mg_scan *scan, const mg_pass *pass, size_t l, const mutant *mutants, int n, bool *in_lists)
{
    const mg_layer *layer = &scan->engine->network->layer[l];
    size_t n_layers = scan->engine->network->n_layers, next = l + 1;
    bool relu = layer->kind == MG_RELU;
    bool to_lists = false;
    if (layer->kind == MG_LINEAR) {
        if (!*in_lists) compact_tile(scan, pass, l, mutants, n);
        linear_tile(scan, l, mutants, n);
    } else if (layer->kind == MG_MAX_POOL || (relu && layer[1].kind == MG_MAX_POOL)) {
        next += relu;
        to_lists = scan->engine->network->layer[next].kind == MG_LINEAR;
        max_tile(scan, pass, l, relu, to_lists, mutants, n);
    } else if (relu && l + 2 == n_layers && layer->out_length == 1) {
        next = n_layers;
        relu_dot_tile(scan, pass, l, mutants, n);
    } else {
        plain_tile(scan, pass, l, mutants, n);
    }
    *in_lists = to_lists;
    float *swap = scan->delta[0];
    scan->delta[0] = scan->delta[1];
    scan->delta[1] = swap;
    return next;
}

/* --- window --- */

static int list_mutants(mg_scan *scan, const mg_base *base)
{
    int n = 0;
    for (int64_t i = 0; i < scan->reach->length; i++) {
        if (base[i] >= MG_N_BASES || scan->reach->blind[i]) continue;
        for (mg_base b = 0; b < MG_N_BASES; b++)
            if (b != base[i]) scan->mutant[n++] = (mutant){.position = i, .from = base[i], .to = b};
    }
    return n;
}

/* The mutant's difference from the window's one-hot row, as a list. */
static void begin_mutant(const mutant *m, mg_list *list)
{
    bool ascending = m->from < m->to;
    list->begin[0] = 0;
    list->begin[1] = 2;
    list->channel[!ascending] = m->from;
    list->value[!ascending] = -1.0f;
    list->channel[ascending] = m->to;
    list->value[ascending] = 1.0f;
}

static void scan_tile(mg_scan *scan, const mg_pass *pass, const mutant *mutants, int n, float *effect)
{
    const mg_network *network = scan->engine->network;
    bool in_lists = network->layer[0].kind == MG_LINEAR;
    for (int m = 0; m < n; m++) {
        float *delta = scan->delta[0] + m * scan->room;
        if (in_lists) begin_mutant(&mutants[m], &scan->list[m]);
        if (in_lists) continue;
        memset(delta, 0, (size_t)scan->engine->stride[0] * sizeof *delta);
        delta[mutants[m].from] = -1.0f;
        delta[mutants[m].to] = 1.0f;
    }
    for (size_t l = 0; l < network->n_layers;)
        l = layer_tile(scan, pass, l, mutants, n, &in_lists);
    for (int m = 0; m < n; m++) {
        mg_difference d = difference(scan, pass, network->n_layers, &mutants[m], NULL);
        effect[mutants[m].position * 4 + mutants[m].to] = d.end > d.begin ? scan->delta[0][m * scan->room] : 0.0f;
    }
}

void mg_scan_window(mg_scan *scan, const mg_pass *pass, const mg_base *base, float *effect)
{
    int n = list_mutants(scan, base);
    memset(effect, 0, (size_t)scan->reach->length * 4 * sizeof *effect);
    for (int m = 0; m < n; m += TILE)
        scan_tile(scan, pass, scan->mutant + m, n - m < TILE ? n - m : TILE, effect);
}

void mg_scan_window_ref(mg_pass *pass, const mg_base *base, double *x, double *effect)
{
    int64_t length = mg_engine_network(mg_pass_engine(pass))->length;
    memset(x, 0, (size_t)length * 4 * sizeof *x);
    memset(effect, 0, (size_t)length * 4 * sizeof *effect);
    for (int64_t i = 0; i < length; i++)
        if (base[i] < MG_N_BASES) x[i * 4 + base[i]] = 1.0;
    double f = mg_pass_forward(pass, x);
    for (int64_t i = 0; i < length; i++) {
        if (base[i] >= MG_N_BASES) continue;
        x[i * 4 + base[i]] = 0.0;
        for (mg_base b = 0; b < MG_N_BASES; b++) {
            if (b == base[i]) continue;
            x[i * 4 + b] = 1.0;
            effect[i * 4 + b] = mg_pass_forward(pass, x) - f;
            x[i * 4 + b] = 0.0;
        }
        x[i * 4 + base[i]] = 1.0;
    }
}
