/* gates.c  a network seen as gates with sections of linear layers between them */
#include "src/paths/gates.h"

static bool is_gate(const mg_layer *layer)
{
    return layer->kind == MG_RELU || layer->kind == MG_MAX_POOL;
}

static size_t next_gate(const mg_network *network, size_t l)
{
    while (l < network->n_layers && !is_gate(&network->layer[l]))
        l++;
    return l;
}

bool mg_gate_find(const mg_network *network, size_t from, mg_gate *ret)
{
    size_t l = next_gate(network, from);
    const mg_layer *pool = NULL;
    *ret = (mg_gate){.begin = l};
    if (l == network->n_layers) return false;
    for (; l < network->n_layers; l++) {
        const mg_layer *layer = &network->layer[l];
        if (layer->kind == MG_RELU && !ret->with_relu)
            ret->with_relu = true;
        else if (layer->kind == MG_MAX_POOL && pool == NULL)
            pool = layer;
        else
            break;
    }
    ret->end = l;
    ret->next = next_gate(network, l);
    ret->n_outputs = network->layer[l - 1].out_length;
    ret->pooling = (mg_pooling){.kernel = 1, .step = 1, .dilation = 1, .in_length = ret->n_outputs};
    if (pool != NULL)
        ret->pooling = (mg_pooling){.kernel = pool->kernel,
                                    .step = pool->stride,
                                    .dilation = pool->dilation,
                                    .pad = pool->pad,
                                    .in_length = pool->in_length};
    return true;
}
