/* digest.c  values by all that they are made of (digest.h) */
#include "src/graph/digest.h"

#include <string.h>

#include "src/core/random.h"
#include "src/graph/kind.h"

/* Numbers eight bytes at a time, since they are nearly all of a network. */
static uint64_t add_numbers(uint64_t digest, const void *numbers, int64_t n)
{
    const unsigned char *at = numbers;
    digest = mg_mix(digest, (uint64_t)n);
    for (int64_t i = 0; at != NULL && i < n; i++, at += sizeof(uint64_t)) {
        uint64_t eight;
        memcpy(&eight, at, sizeof eight);
        digest = mg_mix_end(digest, eight);
    }
    return digest;
}

static uint64_t of_node(const mg_node *node, mg_extent extent, const uint64_t *of_value)
{
    const mg_slide *s = &node->slide;
    const int64_t settings[] = {s->kernel,
                                s->stride,
                                s->dilation,
                                s->pad,
                                s->pad_end,
                                node->groups,
                                node->ceil,
                                node->count_pad,
                                (int64_t)node->axis,
                                extent.length,
                                extent.channels,
                                node->asked.length,
                                node->asked.channels,
                                (int64_t)node->n_inputs};
    uint64_t digest = mg_hash_bytes(0, node->kind->name, strlen(node->kind->name));
    digest = add_numbers(digest, settings, (int64_t)(sizeof settings / sizeof settings[0]));
    digest = add_numbers(digest, node->number, MG_NODE_NUMBERS);
    digest = add_numbers(digest, node->index, node->index != NULL ? node->asked.length * node->asked.channels : 0);
    digest = add_numbers(digest, node->weight, node->n_weight);
    digest = add_numbers(digest, node->bias, node->n_bias);
    for (size_t k = 0; k < node->n_inputs; k++)
        digest = mg_mix(digest, of_value[node->input[k]]);
    return digest;
}

void mg_graph_digest(const mg_graph *graph, uint64_t *digest)
{
    digest[0] = mg_mix((uint64_t)graph->length, 4);
    for (size_t i = 0; i < graph->n_nodes; i++)
        digest[mg_node_value(i)] = of_node(&graph->node[i], graph->extent[mg_node_value(i)], digest);
}
