/* scan.c  delta propagation: a tile of sites goes through the layers together (scan.h)
 *
 * A site is a position with its three mutants. State of a tile at the input of layer l: for each mutant the difference
 * from the window's own activation, at positions begin .. end - 1 of its reach. Linear layers first compact the
 * differences of a site to one list; a group of outputs is then worked on for all sites before the next group's weights
 * are fetched. A convolution, ReLU and max pooling are one step, so that what lies between them never leaves L1.
 */
#include "src/engine/scan.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/first_layer.h"
#include "src/engine/count.h"
#include "src/engine/engine.h"

enum { TILE = 16 }; /* sites that share a group's weights while these are in L1 */
_Static_assert(MG_SHARED == MG_N_BASES - 1, "a site is three mutants");

typedef struct {
    int64_t position;
    mg_base from;
} site;

struct mg_scan {
    const mg_engine *engine;
    const mg_reach *reach;
    int64_t room;       /* floats a mutant has in delta[] */
    int64_t list_room;  /* entries a site has in list[] */
    float *delta[2];    /* (TILE, MG_SHARED, room) coming and going */
    float *between;     /* (MG_SHARED, room) of the site in hand, between a linear layer and the pooling behind it */
    mg_list list[TILE]; /* parts of the three arrays below */
    int32_t *begin, *channel;
    float *value;
    site *site;           /* (L) */
    float *output_weight; /* (stride of the last layer's input) its weights, when that input is one position */
    mg_first_layer first;
    uint64_t *n_macs; /* multiply-adds are added to it; NULL: they are not counted */
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
        status = mg_alloc_aligned(&scan->delta[i], (size_t)(TILE * MG_SHARED * scan->room), sizeof(float), err);
    if (status == MG_OK)
        status = mg_alloc_aligned(&scan->between, (size_t)(MG_SHARED * scan->room), sizeof(float), err);
    if (status == MG_OK) status = mg_alloc(&scan->begin, (size_t)(TILE * (positions + 1)), sizeof(int32_t), err);
    if (status == MG_OK)
        status = mg_alloc_aligned(&scan->channel, (size_t)(TILE * scan->list_room), sizeof(int32_t), err);
    if (status == MG_OK)
        status = mg_alloc_aligned(&scan->value, (size_t)(TILE * MG_SHARED * scan->list_room), sizeof(float), err);
    if (status == MG_OK) status = copy_output_weights(scan, err);
    if (status == MG_OK)
        status = mg_first_layer_create(&engine->network->layer[0], &engine->map[0].forward, reach, &scan->first, err);
    if (status == MG_OK) status = mg_alloc(&scan->site, (size_t)reach->length, sizeof *scan->site, err);
    if (status != MG_OK) {
        mg_scan_destroy(scan);
        return status;
    }
    for (int i = 0; i < TILE; i++)
        scan->list[i] = (mg_list){.begin = scan->begin + i * (positions + 1),
                                  .channel = scan->channel + i * scan->list_room,
                                  .value = scan->value + i * MG_SHARED * scan->list_room,
                                  .room = scan->list_room};
    *ret = scan;
    return MG_OK;
}

void mg_scan_destroy(mg_scan *scan)
{
    if (scan == NULL) return;
    free(scan->delta[0]);
    free(scan->delta[1]);
    free(scan->between);
    free(scan->begin);
    free(scan->channel);
    free(scan->value);
    free(scan->site);
    free(scan->output_weight);
    mg_first_layer_destroy(&scan->first);
    free(scan);
}

size_t mg_scan_bytes(const mg_engine *engine, const mg_reach *reach)
{
    int64_t room, positions;
    measure(engine, reach, &room, &positions);
    return sizeof(mg_scan) + (size_t)(TILE * room) * (3 * MG_SHARED + 1) * sizeof(float) +
           (size_t)(TILE * positions) * sizeof(int32_t) + (size_t)reach->length * sizeof(site);
}

void mg_scan_count(mg_scan *scan, uint64_t *n_macs)
{
    scan->n_macs = n_macs;
}

/* --- one layer, one tile --- */

/* Where site i's differences live, at the input of layer l. */
static mg_difference difference(const mg_scan *scan, const mg_pass *pass, size_t l, const site *i, const float *delta)
{
    size_t at = l * (size_t)scan->reach->length + (size_t)i->position;
    return (mg_difference){.base = pass->activation[MG_SET_WINDOW][l],
                           .delta = delta,
                           .step = scan->room,
                           .stride = scan->engine->stride[l],
                           .begin = scan->reach->begin[at],
                           .end = scan->reach->end[at]};
}

/* Site number i of the tile in delta[which]. */
static float *room_of(const mg_scan *scan, int which, int i)
{
    return scan->delta[which] + i * MG_SHARED * scan->room;
}

/* Bring the tile's differences into lists, unless the pooling before has already done so. */
static void compact_tile(mg_scan *scan, const mg_pass *pass, size_t l, const site *sites, int n)
{
    for (int i = 0; i < n; i++) {
        mg_difference d = difference(scan, pass, l, &sites[i], NULL);
        scan->engine->kernels->compact_shared(room_of(scan, 0, i), scan->room, d.end - d.begin, d.stride,
                                              scan->engine->network->layer[l].in_channels, &scan->list[i]);
    }
}

/* The differences that a site gets in one group of outputs of linear layer l: in `room`, or where they stand already. */
static mg_difference linear_site(const mg_scan *scan, const mg_pass *pass, size_t l, int64_t group, const site *i,
                                 const mg_list *list, float *room)
{
    const mg_rows *op = &scan->engine->map[l].forward;
    mg_difference out = difference(scan, pass, l + 1, i, room);
    if (l == 0 && scan->first.row != NULL) {
        out.delta = mg_first_layer_rows(&scan->first, i->position, i->from, out.begin);
        out.step = scan->first.n_rows * scan->first.stride;
        return out;
    }
    mg_difference in = difference(scan, pass, l, i, NULL);
    scan->engine->kernels->shared_rows(op, group, list, in.begin, in.end, out.begin, out.end, false, room, scan->room);
    if (group == 0 && scan->n_macs != NULL)
        *scan->n_macs += MG_SHARED * mg_count_rows(op, list, in.begin, in.end, out.begin, out.end);
    return out;
}

static void linear_tile(mg_scan *scan, const mg_pass *pass, size_t l, const site *sites, int n)
{
    const mg_rows *op = &scan->engine->map[l].forward;
    for (int64_t group = 0; group < op->n_groups; group++)
        for (int i = 0; i < n; i++) {
            float *room = room_of(scan, 1, i);
            mg_difference d = linear_site(scan, pass, l, group, &sites[i], &scan->list[i], room);
            for (int m = 0; m < MG_SHARED && d.delta != room && group == 0; m++)
                memcpy(room + m * scan->room, d.delta + m * d.step,
                       (size_t)((d.end - d.begin) * d.stride) * sizeof *room);
        }
}

/* Layer l is a max pooling, or a ReLU before one; after_linear: the linear layer before it is part of the step. */
static void max_tile(mg_scan *scan, const mg_pass *pass, size_t l, bool with_relu, bool after_linear, bool to_lists,
                     const site *sites, int n)
{
    const mg_layer *layer = &scan->engine->network->layer[l + with_relu];
    const mg_rows *op = after_linear ? &scan->engine->map[l - 1].forward : NULL;
    mg_pooling pooling = {.kernel = layer->kernel,
                          .step = layer->stride,
                          .dilation = layer->dilation,
                          .pad = layer->pad,
                          .in_length = layer->in_length};
    int64_t stride = scan->engine->stride[l], width = op != NULL ? op->group_blocks * MG_BLOCK : stride;
    for (int64_t c = 0; c < stride; c += width)
        for (int i = 0; i < n; i++) {
            mg_difference to = difference(scan, pass, l + with_relu + 1, &sites[i], NULL);
            mg_difference in = after_linear
                                   ? linear_site(scan, pass, l - 1, c / width, &sites[i], &scan->list[i], scan->between)
                                   : difference(scan, pass, l, &sites[i], room_of(scan, 0, i));
            int64_t c_end = c + width < stride ? c + width : stride;
            scan->engine->kernels->delta->max_pool(&in, &pooling, with_relu, to.base, to.begin, to.end, c, c_end,
                                                   room_of(scan, 1, i), scan->room, to_lists ? &scan->list[i] : NULL);
        }
}

/* The end of the network when it is ReLU and a dense layer with one output: difference of F at once. */
static void relu_dot_tile(mg_scan *scan, const mg_pass *pass, size_t l, const site *sites, int n)
{
    for (int i = 0; i < n; i++) {
        mg_difference in = difference(scan, pass, l, &sites[i], room_of(scan, 0, i));
        float *out = room_of(scan, 1, i);
        if (in.end > in.begin) {
            scan->engine->kernels->delta->relu_dot(&in, scan->output_weight, out, scan->room);
            if (scan->n_macs != NULL)
                *scan->n_macs += (uint64_t)(MG_SHARED * scan->engine->network->layer[l].out_channels);
            continue;
        }
        for (int m = 0; m < MG_SHARED; m++)
            out[m * scan->room] = 0.0f;
    }
}

static void average_mutant(const mg_layer *layer, const mg_difference *in, const mg_difference *to, float *out)
{
    for (int64_t t = to->begin; t < to->end; t++) {
        int64_t count, first = mg_layer_first(layer, t, &count);
        float *sum = out + (t - to->begin) * to->stride;
        memset(sum, 0, (size_t)to->stride * sizeof *sum);
        for (int64_t j = 0; j < count; j++) {
            int64_t p = first + j * layer->dilation;
            if (p < in->begin || p >= in->end) continue;
            for (int64_t c = 0; c < in->stride; c++)
                sum[c] += in->delta[(p - in->begin) * in->stride + c];
        }
        for (int64_t c = 0; c < to->stride; c++)
            sum[c] /= (float)layer->divisor[t];
    }
}

static void affine_mutant(const mg_layer *layer, const mg_difference *in, float *out)
{
    for (int64_t p = 0; p < in->end - in->begin; p++)
        for (int64_t c = 0; c < in->stride; c++)
            out[p * in->stride + c] =
                c < layer->out_channels ? (float)layer->weight[c] * in->delta[p * in->stride + c] : 0.0f;
}

/* One layer that is neither linear nor a max pooling. */
static void plain_tile(mg_scan *scan, const mg_pass *pass, size_t l, const site *sites, int n)
{
    const mg_layer *layer = &scan->engine->network->layer[l];
    for (int i = 0; i < n; i++) {
        mg_difference in = difference(scan, pass, l, &sites[i], room_of(scan, 0, i));
        mg_difference to = difference(scan, pass, l + 1, &sites[i], NULL);
        float *out = room_of(scan, 1, i);
        if (layer->kind == MG_RELU) scan->engine->kernels->delta->relu(&in, out, scan->room);
        if (layer->kind == MG_RELU) continue;
        for (int m = 0; m < MG_SHARED; m++, in.delta += scan->room, out += scan->room) {
            if (layer->kind == MG_AVERAGE_POOL)
                average_mutant(layer, &in, &to, out);
            else
                affine_mutant(layer, &in, out);
        }
        if (layer->kind == MG_AFFINE && scan->n_macs != NULL)
            *scan->n_macs += (uint64_t)(MG_SHARED * (in.end - in.begin) * layer->out_channels);
    }
}

static bool is_pooled(const mg_network *network, size_t l, bool *with_relu)
{
    *with_relu = network->layer[l].kind == MG_RELU;
    return network->layer[l + *with_relu].kind == MG_MAX_POOL;
}

/* Take the tile through layer l, and through those behind it that are done in the same step; returns the next layer.
 * in_lists tells, before and after, whether the differences stand in the lists. (The last layer is linear, so there is a
 * layer behind any other.) */
static size_t layer_tile(mg_scan *scan, const mg_pass *pass, size_t l, const site *sites, int n, bool *in_lists)
{
    const mg_network *network = scan->engine->network;
    size_t n_layers = network->n_layers, next = l + 1;
    bool linear = network->layer[l].kind == MG_LINEAR, relu, to_lists = false;
    if (linear && !*in_lists) compact_tile(scan, pass, l, sites, n);
    if (next < n_layers && is_pooled(network, l + linear, &relu)) {
        next = l + linear + relu + 1;
        to_lists = network->layer[next].kind == MG_LINEAR && (!linear || scan->engine->map[l].forward.n_groups == 1);
        max_tile(scan, pass, l + linear, relu, linear, to_lists, sites, n);
    } else if (linear) {
        linear_tile(scan, pass, l, sites, n);
    } else if (network->layer[l].kind == MG_RELU && l + 2 == n_layers && network->layer[l].out_length == 1) {
        next = n_layers;
        relu_dot_tile(scan, pass, l, sites, n);
    } else {
        plain_tile(scan, pass, l, sites, n);
    }
    *in_lists = to_lists;
    float *swap = scan->delta[0];
    scan->delta[0] = scan->delta[1];
    scan->delta[1] = swap;
    return next;
}

/* --- window --- */

static int list_sites(mg_scan *scan, const mg_base *base)
{
    int n = 0;
    for (int64_t i = 0; i < scan->reach->length; i++)
        if (base[i] < MG_N_BASES && !scan->reach->blind[i]) scan->site[n++] = (site){.position = i, .from = base[i]};
    return n;
}

/* The base that mutant m of a site has. */
static mg_base other(const site *i, int m)
{
    return (mg_base)(m + (m >= i->from));
}

/* The mutants' differences from the window's one-hot row: as a list, or dense. */
static void begin_list(const site *i, mg_list *list)
{
    list->begin[0] = 0;
    list->begin[1] = MG_N_BASES;
    for (mg_base b = 0; b < MG_N_BASES; b++) {
        list->channel[b] = b;
        for (int m = 0; m < MG_SHARED; m++)
            list->value[m * list->room + b] = b == i->from ? -1.0f : (float)(b == other(i, m));
    }
}

static void begin_dense(const mg_scan *scan, const mg_pass *pass, const site *i, float *delta)
{
    mg_difference d = difference(scan, pass, 0, i, delta);
    for (int m = 0; m < MG_SHARED; m++, delta += scan->room) {
        float *row = delta + (i->position - d.begin) * d.stride;
        memset(delta, 0, (size_t)((d.end - d.begin) * d.stride) * sizeof *delta);
        row[i->from] = -1.0f;
        row[other(i, m)] = 1.0f;
    }
}

static void scan_tile(mg_scan *scan, const mg_pass *pass, const site *sites, int n, float *effect)
{
    const mg_network *network = scan->engine->network;
    bool in_lists = network->layer[0].kind == MG_LINEAR;
    for (int i = 0; i < n; i++) {
        if (in_lists)
            begin_list(&sites[i], &scan->list[i]);
        else
            begin_dense(scan, pass, &sites[i], room_of(scan, 0, i));
    }
    for (size_t l = 0; l < network->n_layers;)
        l = layer_tile(scan, pass, l, sites, n, &in_lists);
    for (int i = 0; i < n; i++) {
        mg_difference d = difference(scan, pass, network->n_layers, &sites[i], room_of(scan, 0, i));
        for (int m = 0; m < MG_SHARED && d.end > d.begin; m++)
            effect[sites[i].position * MG_N_BASES + other(&sites[i], m)] = d.delta[m * d.step];
    }
}

void mg_scan_window(mg_scan *scan, const mg_pass *pass, const mg_base *base, float *effect)
{
    int n = list_sites(scan, base);
    memset(effect, 0, (size_t)scan->reach->length * MG_N_BASES * sizeof *effect);
    for (int i = 0; i < n; i += TILE)
        scan_tile(scan, pass, scan->site + i, n - i < TILE ? n - i : TILE, effect);
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
