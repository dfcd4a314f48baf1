/* backprop.c  trainables and backprops: what goes where, and how the weights lie for the kernels */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"
#include "src/graph/score.h"
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

static bool has(const mg_node *node, unsigned trait)
{
    return (node->kind->traits & trait) != 0;
}

static size_t n_of_parameters(const mg_node *node)
{
    if (node->norm != NULL) return (size_t)(MG_NORM_ROWS * node->norm->channels);
    return has(node, MG_TRAIT_MAP) ? (size_t)(node->n_weight + node->n_bias) : 0;
}

/* MG_UNTRAINED also where a node has what its kind's way does not know. */
static mg_trained role_of(const mg_node *node)
{
    mg_trained role = node->kind->training;
    bool strange = (role == MG_TRAINED_MAP && node->groups > 1) || (role == MG_TRAINED_NORM && node->norm == NULL) ||
                   (role == MG_TRAINED_FUNCTION && node->n_weight > 0);
    return strange ? MG_UNTRAINED : role;
}

static mg_status check_nodes(const mg_graph *network, size_t n_layers, mg_error *err)
{
    for (size_t l = 0; l < n_layers; l++) {
        const mg_node *node = &network->node[l];
        if (node->n_inputs != 1 || node->input[0] != l)
            return mg_fail(err, MG_EINPUT,
                           "training takes a chain of nodes, and node '%s' (%s) does not follow the one "
                           "before",
                           node->name, node->kind->title);
        if (node->kind->training == MG_TRAINED_NORM && node->norm == NULL)
            return mg_fail(err, MG_EINPUT, "%s: batch normalisation cannot be trained any more when it is folded",
                           node->name);
        if (role_of(node) == MG_UNTRAINED)
            return mg_fail(err, MG_EINPUT, "training does not say what to do at node '%s' (%s)", node->name,
                           node->kind->title);
    }
    return MG_OK;
}

/* Nodes to the logits. */
static mg_status check_network(const mg_graph *network, size_t *ret_n_layers, mg_error *err)
{
    const mg_output *output = &network->output[0];
    size_t logits = 0;
    mg_head_kind head = network->n_outputs > 0 ? mg_graph_head(network, output, &logits) : MG_NO_HEAD;
    mg_status status = check_nodes(network, logits, err);
    if (status != MG_OK) return status;
    *ret_n_layers = logits;
    int64_t n = network->extent[logits].channels;
    if (head == MG_LOGISTIC_HEAD && n == 1) return MG_OK;
    if (head == MG_SOFTMAX_HEAD && n == 2) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "a network is trained to tell starts from other codons: one output with a sigmoid or two with a "
                   "softmax are needed, not %lld",
                   (long long)n);
}

static int64_t padded(int64_t channels)
{
    return (channels + MG_BATCH_CHANNELS - 1) / MG_BATCH_CHANNELS * MG_BATCH_CHANNELS;
}

static void shape_layer(mg_trainable *net, size_t l)
{
    const mg_node *node = &net->network->node[l];
    mg_extent in = net->network->extent[l], out = net->network->extent[l + 1];
    bool slides = node->slide.kernel > 0;
    net->layer[l].node = node;
    net->layer[l].role = role_of(node);
    net->layer[l].shape = (mg_batch_shape){.taps = slides ? node->slide.kernel : 1,
                                           .step = slides ? node->slide.stride : 1,
                                           .dilation = slides ? node->slide.dilation : 1,
                                           .pad = node->slide.pad,
                                           .in_length = in.length,
                                           .in_channels = in.channels,
                                           .in_stride = net->stride[l],
                                           .out_length = out.length,
                                           .out_channels = out.channels,
                                           .out_stride = net->stride[l + 1]};
}

static void measure(mg_trainable *net)
{
    net->lowest = net->n_layers;
    for (size_t l = 0; l <= net->n_layers; l++) {
        const mg_extent *extent = &net->network->extent[l];
        net->stride[l] = padded(extent->channels);
        net->size[l] = extent->length * net->stride[l] * MG_BATCH;
        if (net->size[l] > net->max_size) net->max_size = net->size[l];
        if (net->stride[l] > net->max_stride) net->max_stride = net->stride[l];
        if (l > 0) shape_layer(net, l - 1);
        if (l == net->n_layers) break;
        size_t n = n_of_parameters(&net->network->node[l]);
        if (n > 0 && net->lowest == net->n_layers) net->lowest = l;
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

static mg_status create_forward(const mg_batch_shape *s, mg_batch_map *map, mg_error *err)
{
    *map = (mg_batch_map){.taps = s->taps,
                          .in_channels = s->in_channels,
                          .in_stride = s->in_stride,
                          .out_length = s->out_length,
                          .out_channels = s->out_channels,
                          .out_stride = s->out_stride};
    mg_status status = create_map(map, s->out_length * s->taps, err);
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

static mg_status create_backward(const mg_batch_shape *s, mg_batch_map *map, mg_error *err)
{
    *map = (mg_batch_map){.taps = s->taps,
                          .in_channels = s->out_channels,
                          .in_stride = s->out_stride,
                          .out_length = s->in_length,
                          .out_channels = s->in_channels,
                          .out_stride = s->in_stride};
    mg_status status = create_map(map, s->out_length * s->taps, err);
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
    mg_trainable_layer *to = &net->layer[l];
    mg_status status = create_forward(&to->shape, &to->forward, err);
    if (status == MG_OK && l > net->lowest) status = create_backward(&to->shape, &to->backward, err);
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
    size_t n = net->n_layers;
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
        if (net->layer[l].role == MG_TRAINED_MAP) status = create_layer(net, l, err);
    return status;
}

mg_status mg_trainable_create(const mg_graph *network, const mg_layer_recipe *recipe, mg_precision precision,
                              mg_trainable **ret, mg_error *err)
{
    mg_trainable *net = NULL;
    size_t n_layers = 0;
    mg_status status = check_network(network, &n_layers, err);
    if (status == MG_OK) status = mg_alloc(&net, 1, sizeof *net, err);
    if (status != MG_OK) return status;
    net->network = network;
    net->n_layers = n_layers;
    net->target = network->output[0].target;
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
    for (size_t l = 0; trainable->layer != NULL && l < trainable->n_layers; l++) {
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
    for (size_t l = 0; l < trainable->n_layers; l++) {
        mg_trainable_layer *layer = &trainable->layer[l];
        const double *own = parameter + trainable->first[l];
        if (layer->role == MG_TRAINED_MAP) pack_layer(layer, own, l > trainable->lowest, n_threads);
        if (layer->role == MG_TRAINED_NORM)
            memcpy(trainable->parameter + trainable->first[l], own, n_of_parameters(layer->node) * sizeof *own);
    }
}

void mg_trainable_settled(const mg_trainable *trainable, bool *settled)
{
    for (size_t l = 0; l < trainable->n_layers; l++) {
        const mg_norm *norm = trainable->layer[l].node->norm;
        size_t n = n_of_parameters(trainable->layer[l].node);
        for (size_t i = 0; i < n; i++) {
            int64_t row = norm != NULL ? (int64_t)i / norm->channels : 0;
            *settled++ = norm != NULL && (row >= MG_NORM_MEAN || !norm->affine);
        }
    }
}

void mg_parameters_read(const mg_graph *network, double *parameter)
{
    for (size_t l = 0; l < network->n_nodes; l++) {
        const mg_node *node = &network->node[l];
        size_t n = n_of_parameters(node);
        if (node->norm != NULL) {
            memcpy(parameter, node->norm->value, n * sizeof *parameter);
        } else if (n > 0) {
            memcpy(parameter, node->weight, (size_t)node->n_weight * sizeof *parameter);
            memcpy(parameter + node->n_weight, node->bias, (size_t)node->n_bias * sizeof *parameter);
        }
        parameter += n;
    }
}

/* What is used of a batch normalisation follows what it is made of. */
static void write_norm(const double *parameter, mg_node *node)
{
    mg_norm *norm = node->norm;
    memcpy(norm->value, parameter, n_of_parameters(node) * sizeof *parameter);
    for (int64_t c = 0; c < norm->channels; c++) {
        double *variance = &mg_norm_row(norm, MG_NORM_VARIANCE)[c];
        *variance = fmax(*variance, 0);
        mg_norm_line(norm, c, &node->weight[c], &node->bias[c]);
    }
}

void mg_parameters_write(const double *parameter, mg_graph *network)
{
    for (size_t l = 0; l < network->n_nodes; l++) {
        mg_node *node = &network->node[l];
        size_t n = n_of_parameters(node);
        if (node->norm != NULL) {
            write_norm(parameter, node);
        } else if (n > 0) {
            memcpy(node->weight, parameter, (size_t)node->n_weight * sizeof *parameter);
            memcpy(node->bias, parameter + node->n_weight, (size_t)node->n_bias * sizeof *parameter);
        }
        parameter += n;
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
    const mg_trainable_layer *layer = &b->trainable->layer[l];
    const mg_batch_shape *shape = &layer->shape;
    mg_status status = MG_OK;
    if (layer->role == MG_TRAINED_CHOICE)
        status = mg_alloc_aligned(&b->winner[l], (size_t)b->trainable->size[l + 1], sizeof(int32_t), err);
    if (layer->role == MG_TRAINED_NORM) status = create_norm_state(shape->in_channels, &b->norm[l], err);
    if (status == MG_OK && b->trainable->recipe[l].dropout > 0)
        status = mg_alloc(&b->dropped[l], (size_t)(shape->out_length * shape->out_channels), sizeof(uint32_t), err);
    return status;
}

static mg_status allocate_backprop(mg_backprop *b, mg_error *err)
{
    const mg_trainable *net = b->trainable;
    size_t n = net->n_layers, size = number_size(net);
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
    size_t n = backprop->trainable->n_layers;
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
