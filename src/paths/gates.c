/* gates.c  a network seen as gates with sections of linear layers between them */
#include "src/paths/gates.h"

static bool is_gate(const mg_link *link)
{
    return link->rectifier || link->choice;
}

static size_t next_gate(const mg_chain *chain, size_t l)
{
    while (l < chain->n_links && !is_gate(&chain->link[l]))
        l++;
    return l;
}

bool mg_gate_find(const mg_chain *chain, size_t from, mg_gate *ret)
{
    size_t l = next_gate(chain, from);
    const mg_link *pool = NULL;
    *ret = (mg_gate){.begin = l};
    if (l == chain->n_links) return false;
    for (; l < chain->n_links; l++) {
        const mg_link *link = &chain->link[l];
        if (link->rectifier && !ret->with_relu)
            ret->with_relu = true;
        else if (link->choice && pool == NULL)
            pool = link;
        else
            break;
    }
    ret->end = l;
    ret->next = next_gate(chain, l);
    ret->n_outputs = chain->link[l - 1].out.length;
    ret->pooling = (mg_pooling){.kernel = 1, .step = 1, .dilation = 1, .in_length = ret->n_outputs};
    if (pool != NULL)
        ret->pooling = (mg_pooling){.kernel = pool->slide->kernel,
                                    .step = pool->slide->stride,
                                    .dilation = pool->slide->dilation,
                                    .pad = pool->slide->pad,
                                    .in_length = pool->in.length};
    return true;
}
