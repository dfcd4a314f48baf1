/* backprop.c  trainables and backprops: what goes where, and how the weights lie for the kernels */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/kernels/kernels.h"
#include "src/training/backprop_inside.h"

/* --- kernels --- */

extern const mg_backprop_walk mg_backprop_portable;
#if defined(__x86_64__)
extern const mg_backprop_walk mg_backprop_avx2, mg_backprop_avx512;
#endif

static mg_status pick_walk(mg_trainable *net, mg_error *err)
{
    static const mg_backprop_walk *const known[] = {
#if defined(__x86_64__)
        &mg_backprop_avx512,
        &mg_backprop_avx2,
#endif
        &mg_backprop_portable
    };
    const mg_kernels *picked = mg_kernels_pick();
    for (size_t i = 0; picked != NULL && i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i]->name, picked->name) == 0) net->walk = known[i];
    if (net->walk != NULL) return MG_OK;
    return mg_kernels_check(err);
}

/* --- shapes --- */

static int64_t n_of_weights(const mg_layer *layer)
{
    return layer->out_channels * layer->in_channels * layer->kernel;
}

static size_t n_of_parameters(const mg_layer *layer)
{
    if (layer->kind == MG_LINEAR) return (size_t)(n_of_weights(layer) + layer->out_channels);
    return layer->kind == MG_AFFINE ? (size_t)(MG_NORM_ROWS * layer->out_channels) : 0;
}

static mg_status check_network(const mg_network *network, mg_error *err)
{
    for (size_t l = 0; l < network->n_layers; l++)
        if (network->layer[l].kind == MG_AFFINE && network->layer[l].norm == NULL)
            return mg_fail(err, MG_EINPUT, "%s: batch normalisation cannot be trained any more when it is folded",
                           network->layer[l].name);
    if (network->head == MG_HEAD_SIGMOID && network->n_outputs == 1) return MG_OK;
    if (network->head == MG_HEAD_SOFTMAX && network->n_outputs == 2) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "a network is trained to tell starts from other codons: one output with a sigmoid or two with a "
                   "softmax are needed, not %zu",
                   network->n_outputs);
}

static int64_t padded(int64_t channels)
{
    return (channels + MG_BATCH_CHANNELS - 1) / MG_BATCH_CHANNELS * MG_BATCH_CHANNELS;
}

static void measure(mg_trainable *net)
{
    const mg_network *network = net->network;
    net->lowest = network->n_layers;
    for (size_t l = 0; l <= network->n_layers; l++) {
        int64_t length = l == 0 ? network->length : network->layer[l - 1].out_length;
        net->stride[l] = padded(l == 0 ? MG_N_BASES : network->layer[l - 1].out_channels);
        net->size[l] = length * net->stride[l] * MG_BATCH;
        if (net->size[l] > net->max_size) net->max_size = net->size[l];
        if (net->stride[l] > net->max_stride) net->max_stride = net->stride[l];
        if (l == network->n_layers) break;
        size_t n = n_of_parameters(&network->layer[l]);
        if (n > 0 && net->lowest == network->n_layers) net->lowest = l;
        net->first[l] = net->n;
        net->n += n;
    }
}

/* --- maps --- */

/* Terms and room for the weights of a map of this many output positions. */
static mg_status create_map(mg_batch_map *map, int64_t n_terms, mg_error *err)
{
    int64_t n_blocks = (map->out_stride + MG_BATCH_OUTPUTS - 1) / MG_BATCH_OUTPUTS;
    size_t n = (size_t)(n_blocks * MG_BATCH_OUTPUTS * map->taps * map->in_channels);
    mg_status status = mg_alloc(&map->begin, (size_t)map->out_length + 1, sizeof *map->begin, err);
    if (status == MG_OK) status = mg_alloc(&map->term, (size_t)n_terms, sizeof *map->term, err);
    if (status == MG_OK) status = mg_alloc_aligned(&map->weight, n, sizeof *map->weight, err);
    return status;
}

static mg_status create_forward(const mg_layer *layer, const mg_batch_shape *s, mg_batch_map *map, mg_error *err)
{
    *map = (mg_batch_map){.taps = s->taps,
                          .in_channels = s->in_channels,
                          .in_stride = s->in_stride,
                          .out_length = s->out_length,
                          .out_channels = s->out_channels,
                          .out_stride = s->out_stride};
    mg_status status = create_map(map, layer->out_length * layer->kernel, err);
    if (status == MG_OK)
        status = mg_alloc_aligned(&map->bias, (size_t)(s->out_stride + MG_BATCH_OUTPUTS), sizeof *map->bias, err);
    if (status != MG_OK) return status;
    int64_t n = 0;
    for (int64_t t = 0; t < s->out_length; t++) {
        for (int64_t k = 0; k < s->taps; k++) {
            int64_t p = t * s->step + k * s->dilation - s->pad;
            if (p >= 0 && p < s->in_length) map->term[n++] = (mg_batch_term){k, p};
        }
        map->begin[t + 1] = n;
    }
    return MG_OK;
}

static mg_status create_backward(const mg_layer *layer, const mg_batch_shape *s, mg_batch_map *map, mg_error *err)
{
    *map = (mg_batch_map){.taps = s->taps,
                          .in_channels = s->out_channels,
                          .in_stride = s->out_stride,
                          .out_length = s->in_length,
                          .out_channels = s->in_channels,
                          .out_stride = s->in_stride};
    mg_status status = create_map(map, layer->out_length * layer->kernel, err);
    if (status != MG_OK) return status;
    int64_t n = 0;
    for (int64_t p = 0; p < s->in_length; p++) {
        for (int64_t k = 0; k < s->taps; k++) {
            int64_t at = p + s->pad - k * s->dilation;
            if (at >= 0 && at % s->step == 0 && at / s->step < s->out_length)
                map->term[n++] = (mg_batch_term){k, at / s->step};
        }
        map->begin[p + 1] = n;
    }
    return MG_OK;
}

static mg_status create_layer(mg_trainable *net, size_t l, mg_error *err)
{
    const mg_layer *layer = &net->network->layer[l];
    mg_trainable_layer *to = &net->layer[l];
    to->shape = (mg_batch_shape){.taps = layer->kernel,
                                 .step = layer->stride,
                                 .dilation = layer->dilation,
                                 .pad = layer->pad,
                                 .in_length = layer->in_length,
                                 .in_channels = layer->in_channels,
                                 .in_stride = net->stride[l],
                                 .out_length = layer->out_length,
                                 .out_channels = layer->out_channels,
                                 .out_stride = net->stride[l + 1]};
    mg_status status = create_forward(layer, &to->shape, &to->forward, err);
    if (status == MG_OK && l > net->lowest) status = create_backward(layer, &to->shape, &to->backward, err);
    return status;
}

static void destroy_map(mg_batch_map *map)
{
    free(map->begin);
    free(map->term);
    free(map->weight);
    free(map->bias);
}

/* --- trainable --- */

static mg_status allocate(mg_trainable *net, const mg_layer_recipe *recipe, mg_error *err)
{
    size_t n = net->network->n_layers;
    mg_status status = mg_alloc(&net->recipe, n, sizeof *net->recipe, err);
    if (status == MG_OK) status = mg_alloc(&net->first, n, sizeof *net->first, err);
    if (status == MG_OK) status = mg_alloc(&net->stride, n + 1, sizeof *net->stride, err);
    if (status == MG_OK) status = mg_alloc(&net->size, n + 1, sizeof *net->size, err);
    if (status == MG_OK) status = mg_alloc(&net->layer, n, sizeof *net->layer, err);
    if (status != MG_OK) return status;
    memcpy(net->recipe, recipe, n * sizeof *recipe);
    measure(net);
    status = mg_alloc(&net->parameter, net->n, sizeof *net->parameter, err);
    if (net->precision == MG_DOUBLE) {
        net->walk = &mg_backprop_double;
        return status;
    }
    if (status == MG_OK) status = pick_walk(net, err);
    for (size_t l = 0; l < n && status == MG_OK; l++)
        if (net->network->layer[l].kind == MG_LINEAR) status = create_layer(net, l, err);
    return status;
}

mg_status mg_trainable_create(const mg_network *network, const mg_layer_recipe *recipe, mg_precision precision,
                              mg_trainable **ret, mg_error *err)
{
    mg_trainable *net = NULL;
    mg_status status = check_network(network, err);
    if (status == MG_OK) status = mg_alloc(&net, 1, sizeof *net, err);
    if (status != MG_OK) return status;
    net->network = network;
    net->precision = precision;
    status = allocate(net, recipe, err);
    if (status != MG_OK) {
        mg_trainable_destroy(net);
        return status;
    }
    *ret = net;
    return MG_OK;
}

void mg_trainable_destroy(mg_trainable *trainable)
{
    if (trainable == NULL) return;
    for (size_t l = 0; trainable->layer != NULL && l < trainable->network->n_layers; l++) {
        destroy_map(&trainable->layer[l].forward);
        destroy_map(&trainable->layer[l].backward);
    }
    free(trainable->recipe);
    free(trainable->first);
    free(trainable->stride);
    free(trainable->size);
    free(trainable->layer);
    free(trainable->parameter);
    free(trainable);
}

size_t mg_trainable_n(const mg_trainable *trainable)
{
    return trainable->n;
}

/* --- parameters --- */

/* Place of weight (tap, in, out) in a map. */
static float *packed(const mg_batch_map *map, int64_t tap, int64_t in, int64_t out)
{
    int64_t block = out / MG_BATCH_OUTPUTS;
    return map->weight + ((block * map->taps + tap) * map->in_channels + in) * MG_BATCH_OUTPUTS +
           out % MG_BATCH_OUTPUTS;
}

static void pack_layer(mg_trainable_layer *to, const double *weight, bool with_backward, int n_threads)
{
    const mg_batch_shape *s = &to->shape;
    const double *bias = weight + s->out_channels * s->in_channels * s->taps;
#pragma omp parallel for schedule(static) num_threads(n_threads)
    for (int64_t o = 0; o < s->out_channels; o++) {
        const double *from = weight + o * s->in_channels * s->taps;
        to->forward.bias[o] = (float)bias[o];
        for (int64_t c = 0; c < s->in_channels; c++)
            for (int64_t k = 0; k < s->taps; k++, from++) {
                *packed(&to->forward, k, c, o) = (float)*from;
                if (with_backward) *packed(&to->backward, k, o, c) = (float)*from;
            }
    }
}

void mg_trainable_load(mg_trainable *trainable, const double *parameter, int n_threads)
{
    if (trainable->precision == MG_DOUBLE) {
        memcpy(trainable->parameter, parameter, trainable->n * sizeof *parameter);
        return;
    }
    for (size_t l = 0; l < trainable->network->n_layers; l++) {
        const mg_layer *layer = &trainable->network->layer[l];
        const double *own = parameter + trainable->first[l];
        if (layer->kind == MG_LINEAR) pack_layer(&trainable->layer[l], own, l > trainable->lowest, n_threads);
        if (layer->kind == MG_AFFINE)
            memcpy(trainable->parameter + trainable->first[l], own, n_of_parameters(layer) * sizeof *own);
    }
}

void mg_trainable_settled(const mg_trainable *trainable, bool *settled)
{
    for (size_t l = 0; l < trainable->network->n_layers; l++) {
        const mg_layer *layer = &trainable->network->layer[l];
        size_t n = n_of_parameters(layer);
        for (size_t i = 0; i < n; i++) {
            int64_t row = layer->kind == MG_AFFINE ? (int64_t)i / layer->out_channels : 0;
            *settled++ = layer->kind == MG_AFFINE && (row >= MG_NORM_MEAN || !layer->norm->affine);
        }
    }
}

void mg_parameters_read(const mg_network *network, double *parameter)
{
    for (size_t l = 0; l < network->n_layers; l++) {
        const mg_layer *layer = &network->layer[l];
        size_t n = n_of_parameters(layer);
        if (layer->kind == MG_LINEAR) {
            memcpy(parameter, layer->weight, (size_t)n_of_weights(layer) * sizeof *parameter);
            memcpy(parameter + n_of_weights(layer), layer->bias, (size_t)layer->out_channels * sizeof *parameter);
        }
        if (layer->kind == MG_AFFINE) memcpy(parameter, layer->norm->value, n * sizeof *parameter);
        parameter += n;
    }
}

/* What is used of a batch normalisation follows what it is made of. */
static void write_norm(const double *parameter, mg_layer *layer)
{
    mg_norm *norm = layer->norm;
    memcpy(norm->value, parameter, n_of_parameters(layer) * sizeof *parameter);
    for (int64_t c = 0; c < norm->channels; c++) {
        double *variance = &mg_norm_row(norm, MG_NORM_VARIANCE)[c];
        *variance = fmax(*variance, 0);
        mg_norm_line(norm, c, &layer->weight[c], &layer->bias[c]);
    }
}

void mg_parameters_write(const double *parameter, mg_network *network)
{
    for (size_t l = 0; l < network->n_layers; l++) {
        mg_layer *layer = &network->layer[l];
        if (layer->kind == MG_LINEAR) {
            memcpy(layer->weight, parameter, (size_t)n_of_weights(layer) * sizeof *parameter);
            memcpy(layer->bias, parameter + n_of_weights(layer), (size_t)layer->out_channels * sizeof *parameter);
        }
        if (layer->kind == MG_AFFINE) write_norm(parameter, layer);
        parameter += n_of_parameters(layer);
    }
}

/* --- backprop --- */

static size_t number_size(const mg_trainable *trainable)
{
    return trainable->precision == MG_SINGLE ? sizeof(float) : sizeof(double);
}

static mg_status create_norm_state(int64_t channels, mg_norm_state *state, mg_error *err)
{
    mg_status status = mg_alloc(&state->mean, 5 * (size_t)channels, sizeof *state->mean, err);
    if (status != MG_OK) return status;
    state->variance = state->mean + channels;
    state->factor = state->variance + channels;
    state->slope = state->factor + channels;
    state->product = state->slope + channels;
    return MG_OK;
}

/* What a layer remembers of the way up for the way down. */
static mg_status allocate_memory(mg_backprop *b, size_t l, mg_error *err)
{
    const mg_layer *layer = &b->trainable->network->layer[l];
    mg_status status = MG_OK;
    if (layer->kind == MG_MAX_POOL)
        status = mg_alloc_aligned(&b->winner[l], (size_t)b->trainable->size[l + 1], sizeof(int32_t), err);
    if (layer->kind == MG_AFFINE) status = create_norm_state(layer->in_channels, &b->norm[l], err);
    if (status == MG_OK && b->trainable->recipe[l].dropout > 0)
        status = mg_alloc(&b->dropped[l], (size_t)(layer->out_length * layer->out_channels), sizeof(uint32_t), err);
    return status;
}

static mg_status allocate_backprop(mg_backprop *b, mg_error *err)
{
    const mg_trainable *net = b->trainable;
    size_t n = net->network->n_layers, size = number_size(net);
    mg_status status = mg_alloc(&b->activation, n + 1, sizeof *b->activation, err);
    if (status == MG_OK) status = mg_alloc(&b->winner, n, sizeof *b->winner, err);
    if (status == MG_OK) status = mg_alloc(&b->dropped, n, sizeof *b->dropped, err);
    if (status == MG_OK) status = mg_alloc(&b->norm, n, sizeof *b->norm, err);
    for (size_t l = 0; l <= n && status == MG_OK; l++)
        status = mg_alloc_aligned(&b->activation[l], (size_t)net->size[l], size, err);
    for (size_t l = 0; l < n && status == MG_OK; l++)
        status = allocate_memory(b, l, err);
    for (int i = 0; i < 2 && status == MG_OK; i++) {
        status = mg_alloc_aligned(&b->gradient[i], (size_t)net->max_size, size, err);
        if (status == MG_OK) status = mg_alloc_aligned(&b->lane[i], (size_t)(net->max_stride * MG_BATCH), size, err);
    }
    return status;
}

mg_status mg_backprop_create(const mg_trainable *trainable, mg_backprop **ret, mg_error *err)
{
    mg_backprop *b = NULL;
    mg_status status = mg_alloc(&b, 1, sizeof *b, err);
    if (status != MG_OK) return status;
    b->trainable = trainable;
    status = allocate_backprop(b, err);
    if (status != MG_OK) {
        mg_backprop_destroy(b);
        return status;
    }
    *ret = b;
    return MG_OK;
}

void mg_backprop_destroy(mg_backprop *backprop)
{
    if (backprop == NULL) return;
    size_t n = backprop->trainable->network->n_layers;
    for (size_t l = 0; l <= n && backprop->activation != NULL; l++)
        free(backprop->activation[l]);
    for (size_t l = 0; l < n && backprop->winner != NULL; l++)
        free(backprop->winner[l]);
    for (size_t l = 0; l < n && backprop->dropped != NULL; l++)
        free(backprop->dropped[l]);
    for (size_t l = 0; l < n && backprop->norm != NULL; l++)
        free(backprop->norm[l].mean);
    free(backprop->activation);
    free(backprop->winner);
    free(backprop->dropped);
    free(backprop->norm);
    for (int i = 0; i < 2; i++) {
        free(backprop->lane[i]);
        free(backprop->gradient[i]);
    }
    free(backprop);
}

void mg_backprop_scores(mg_backprop *backprop, size_t n, const mg_base *const *base, double *score)
{
    backprop->trainable->walk->up(backprop, n, base, NULL, score);
}

/* log(1 + exp(x)) without overflow */
static double softplus(double x)
{
    return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}

double mg_backprop_gradient(mg_backprop *backprop, size_t n, const mg_example *example, size_t n_after, void *gradient)
{
    const mg_base *base[MG_BATCH] = {NULL};
    uint64_t key[MG_BATCH] = {0};
    double score[MG_BATCH], slope[MG_BATCH], loss = 0;
    for (size_t w = 0; w < n; w++) {
        base[w] = example[w].base;
        key[w] = example[w].key;
    }
    backprop->trainable->walk->up(backprop, n, base, key, score);
    for (size_t w = 0; w < n; w++) {
        double sign = example[w].start ? 1 : -1;
        loss += example[w].weight * softplus(-sign * score[w]);
        slope[w] = -sign * example[w].weight / (1 + exp(sign * score[w]));
    }
    backprop->trainable->walk->down(backprop, n, slope, n_after, gradient);
    return loss;
}
