/* reach.c  receptive fields from the layer table */
#include "src/engine/reach.h"

#include <stdlib.h>

#include "src/core/memory.h"

static bool spans_positions(const mg_layer *layer)
{
    return layer->kind == MG_LINEAR || layer->kind == MG_MAX_POOL || layer->kind == MG_AVERAGE_POOL;
}

/* Mark the input positions of a layer from which a marked output position is reached. */
static void mark_needed(const mg_layer *layer, const bool *out, bool *in)
{
    for (int64_t t = 0; t < layer->out_length; t++) {
        if (!out[t]) continue;
        if (!spans_positions(layer)) in[t] = true;
        for (int64_t k = 0; spans_positions(layer) && k < layer->kernel; k++) {
            int64_t p = t * layer->stride + k * layer->dilation - layer->pad;
            if (p >= 0 && p < layer->in_length) in[p] = true;
        }
    }
}

static int64_t ceil_div(int64_t a, int64_t b)
{
    return a >= 0 ? (a + b - 1) / b : -(-a / b);
}

/* Output positions that a change within begin .. end - 1 touches. */
static void spread(const mg_layer *layer, int64_t *begin, int64_t *end)
{
    if (!spans_positions(layer) || *begin >= *end) return;
    int64_t first = ceil_div(*begin + layer->pad - (layer->kernel - 1) * layer->dilation, layer->stride);
    int64_t last = (*end - 1 + layer->pad) / layer->stride;
    *begin = first > 0 ? first : 0;
    *end = last + 1 < layer->out_length ? last + 1 : layer->out_length;
}

static void cut(const bool *needed, int64_t *begin, int64_t *end)
{
    while (*begin < *end && !needed[*begin])
        (*begin)++;
    while (*begin < *end && !needed[*end - 1])
        (*end)--;
}

static void follow(const mg_network *network, bool *const *needed, int64_t position, mg_reach *reach)
{
    int64_t begin = position, end = position + 1;
    for (size_t l = 0; l <= reach->n_layers; l++) {
        if (l > 0) spread(&network->layer[l - 1], &begin, &end);
        cut(needed[l], &begin, &end);
        size_t at = l * (size_t)reach->length + (size_t)position;
        reach->begin[at] = begin;
        reach->end[at] = end > begin ? end : begin;
    }
}

/* Widen the positions begin .. end - 1 at a layer's input to all that its outputs t_begin .. t_end - 1 look at. */
static void cover(const mg_layer *layer, int64_t t_begin, int64_t t_end, int64_t *begin, int64_t *end)
{
    if (t_begin >= t_end) return;
    int64_t kernel = layer->kind == MG_MAX_POOL ? layer->kernel : 1;
    int64_t first = t_begin * layer->stride - layer->pad;
    int64_t last = (t_end - 1) * layer->stride - layer->pad + (kernel - 1) * layer->dilation;
    if (first < *begin) *begin = first > 0 ? first : 0;
    if (last >= *end) *end = last < layer->in_length ? last + 1 : layer->in_length;
}

/* From the output down, so that a pooling's windows are complete at its input and so on through ReLU before it. */
static void complete_windows(const mg_network *network, int64_t position, mg_reach *reach)
{
    for (size_t l = reach->n_layers; l > 0; l--) {
        size_t at = l * (size_t)reach->length + (size_t)position, below = at - (size_t)reach->length;
        const mg_layer *layer = &network->layer[l - 1];
        if (layer->kind == MG_MAX_POOL || !spans_positions(layer))
            cover(layer, reach->begin[at], reach->end[at], &reach->begin[below], &reach->end[below]);
    }
    for (size_t l = 0; l <= reach->n_layers; l++) {
        size_t at = l * (size_t)reach->length + (size_t)position;
        if (reach->end[at] - reach->begin[at] > reach->widest[l]) reach->widest[l] = reach->end[at] - reach->begin[at];
    }
}

static mg_status find_needed(const mg_network *network, bool **needed, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t l = 0; l <= network->n_layers && status == MG_OK; l++) {
        int64_t length = l == 0 ? network->length : network->layer[l - 1].out_length;
        status = mg_alloc(&needed[l], (size_t)length, sizeof(bool), err);
    }
    if (status != MG_OK) return status;
    for (int64_t t = 0; t < network->layer[network->n_layers - 1].out_length; t++)
        needed[network->n_layers][t] = true;
    for (size_t l = network->n_layers; l-- > 0;)
        mark_needed(&network->layer[l], needed[l + 1], needed[l]);
    return MG_OK;
}

mg_status mg_reach_create(const mg_network *network, mg_reach *ret, mg_error *err)
{
    size_t n = network->n_layers + 1, length = (size_t)network->length;
    bool **needed = NULL;
    *ret = (mg_reach){.length = network->length, .n_layers = network->n_layers};
    mg_status status = mg_alloc(&needed, n, sizeof *needed, err);
    if (status == MG_OK) status = mg_alloc(&ret->begin, n * length, sizeof *ret->begin, err);
    if (status == MG_OK) status = mg_alloc(&ret->end, n * length, sizeof *ret->end, err);
    if (status == MG_OK) status = mg_alloc(&ret->widest, n, sizeof *ret->widest, err);
    if (status == MG_OK) status = mg_alloc(&ret->blind, length, sizeof *ret->blind, err);
    if (status == MG_OK) status = find_needed(network, needed, err);
    if (status != MG_OK) goto cleanup;
    for (int64_t i = 0; i < network->length; i++) {
        follow(network, needed, i, ret);
        complete_windows(network, i, ret);
        ret->blind[i] = !needed[0][i];
        ret->n_blind += ret->blind[i];
    }
cleanup:
    for (size_t l = 0; needed != NULL && l < n; l++)
        free(needed[l]);
    free(needed);
    if (status != MG_OK) mg_reach_destroy(ret);
    return status;
}

void mg_reach_destroy(mg_reach *reach)
{
    if (reach == NULL) return;
    free(reach->begin);
    free(reach->end);
    free(reach->widest);
    free(reach->blind);
    *reach = (mg_reach){0};
}
