/* naive.c  the naive scan: dense products over whole mutants */
#include "src/commands/bench/naive.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/chain.h"

enum { TILE = 12 }; /* mutants whose dense layers are one product */

struct mg_naive {
    const mg_chain *chain;
    const mg_kernels *kernels;
    int64_t length;  /* of a window */
    int64_t room;    /* floats a mutant has in value[] */
    float *value[2]; /* (TILE, room) values coming and going */
    float *padded;   /* one mutant's input of a convolution with padding */
    mg_state state;  /* of one mutant at one link; the memos are one room for all */
    void *memo;
    mg_tools tools;
    uint64_t *n_macs;
};

/* Floats of a link's input with its padding. */
static int64_t padded_size(const mg_chain *chain, size_t l)
{
    const mg_link *link = &chain->link[l];
    const mg_slide *slide = link->slide;
    int64_t last = (link->out.length - 1) * slide->stride - slide->pad + (slide->kernel - 1) * slide->dilation;
    int64_t right = last >= link->in.length ? last - link->in.length + 1 : 0;
    return (slide->pad + link->in.length + right) * chain->stride[l];
}

static mg_status create_state(mg_naive *naive, size_t n_values, mg_error *err)
{
    mg_status status = mg_alloc(&naive->state.value, n_values, sizeof(void *), err);
    if (status == MG_OK) status = mg_alloc(&naive->state.memo, n_values, sizeof(void *), err);
    if (status == MG_OK) status = mg_alloc_aligned(&naive->memo, (size_t)naive->room, sizeof(int32_t), err);
    for (size_t v = 0; v < n_values && status == MG_OK; v++)
        naive->state.memo[v] = naive->memo;
    return status;
}

mg_status mg_naive_create(const mg_plan *plan, mg_naive **ret, mg_error *err)
{
    mg_naive *naive = NULL;
    int64_t padded = 1;
    mg_status status = mg_chain_check(plan, "the naive scan", err);
    if (status == MG_OK) status = mg_alloc(&naive, 1, sizeof *naive, err);
    if (status != MG_OK) return status;
    naive->chain = plan->chain;
    naive->kernels = plan->kernels;
    naive->length = plan->graph->length;
    naive->room = plan->max_size;
    for (size_t l = 0; l < naive->chain->n_links; l++)
        if (naive->chain->link[l].map != NULL && padded_size(naive->chain, l) > padded)
            padded = padded_size(naive->chain, l);
    for (int i = 0; i < 2 && status == MG_OK; i++)
        status = mg_alloc_aligned(&naive->value[i], (size_t)(TILE * naive->room), sizeof(float), err);
    if (status == MG_OK) status = mg_alloc_aligned(&naive->padded, (size_t)padded, sizeof(float), err);
    if (status == MG_OK) status = create_state(naive, plan->n_steps + 1, err);
    if (status != MG_OK) {
        mg_naive_destroy(naive);
        return status;
    }
    *ret = naive;
    return MG_OK;
}

void mg_naive_destroy(mg_naive *naive)
{
    if (naive == NULL) return;
    free(naive->value[0]);
    free(naive->value[1]);
    free(naive->padded);
    free(naive->state.value);
    free(naive->state.memo);
    free(naive->memo);
    free(naive);
}

static void map(mg_naive *naive, size_t l, int n)
{
    const mg_slide *slide = naive->chain->link[l].slide;
    const mg_rows *op = &naive->chain->link[l].map->forward;
    const mg_dense_kernels *dense = naive->kernels->dense;
    if (op->out_length == 1 && slide->pad == 0) {
        dense->product(op, naive->value[0], naive->room, n, naive->value[1], naive->room);
        return;
    }
    for (int m = 0; m < n; m++) {
        const float *in = naive->value[0] + m * naive->room;
        if (slide->pad > 0 || padded_size(naive->chain, l) > naive->chain->size[l]) {
            memset(naive->padded, 0, (size_t)padded_size(naive->chain, l) * sizeof(float));
            memcpy(naive->padded + slide->pad * op->in_stride, in, (size_t)naive->chain->size[l] * sizeof(float));
            in = naive->padded;
        } else if (slide->pad < 0) {
            in -= slide->pad * op->in_stride;
        }
        dense->product(op, in, slide->stride * op->in_stride, op->out_length, naive->value[1] + m * naive->room,
                       op->out_stride);
    }
}

void mg_naive_count(mg_naive *naive, uint64_t *n_macs)
{
    naive->n_macs = n_macs;
}

/* Any other link, mutant by mutant, as a forward pass does it. */
static void plain(mg_naive *naive, size_t l, int n)
{
    const mg_step *step = naive->chain->link[l].step;
    for (int m = 0; m < n; m++) {
        naive->state.value[mg_step_input(step, 0)] = naive->value[0] + m * naive->room;
        naive->state.value[step->output] = naive->value[1] + m * naive->room;
        step->ops->forward(step, &naive->tools, &naive->state);
    }
}

static void link_forward(mg_naive *naive, size_t l, int n)
{
    const mg_link *link = &naive->chain->link[l];
    if (naive->n_macs != NULL && link->step->node->kind->n_macs != NULL)
        *naive->n_macs += (uint64_t)(n * link->step->node->kind->n_macs(link->step->node, &link->in, link->out));
    if (link->map != NULL)
        map(naive, l, n);
    else
        plain(naive, l, n);
    float *swap = naive->value[0];
    naive->value[0] = naive->value[1];
    naive->value[1] = swap;
}

/* F of n windows that differ from `base` at position[m], where they have to[m]. */
static void forward(mg_naive *naive, const mg_base *base, int n, const int64_t *position, const mg_base *to, float *f)
{
    int64_t stride = naive->chain->stride[0];
    for (int m = 0; m < n; m++) {
        float *x = naive->value[0] + m * naive->room;
        memset(x, 0, (size_t)naive->chain->size[0] * sizeof *x);
        for (int64_t i = 0; i < naive->length; i++) {
            mg_base b = i == position[m] ? to[m] : base[i];
            if (b < MG_N_BASES) x[i * stride + b] = 1.0f;
        }
    }
    for (size_t l = 0; l < naive->chain->n_links; l++)
        link_forward(naive, l, n);
    for (int m = 0; m < n; m++)
        f[m] = naive->value[0][m * naive->room];
}

void mg_naive_window(mg_naive *naive, const mg_base *base, float *effect)
{
    int64_t length = naive->length, position[TILE];
    mg_base to[TILE] = {0};
    float f0, f[TILE];
    int n = 0;
    position[0] = -1;
    forward(naive, base, 1, position, to, &f0);
    memset(effect, 0, (size_t)length * 4 * sizeof *effect);
    for (int64_t k = 0; k <= length * 4; k++) {
        bool mutates = k < length * 4 && base[k / 4] < MG_N_BASES && base[k / 4] != k % 4;
        if (mutates) {
            position[n] = k / 4;
            to[n++] = (mg_base)(k % 4);
        }
        if (n < TILE && k < length * 4) continue;
        forward(naive, base, n, position, to, f);
        for (int m = 0; m < n; m++)
            effect[position[m] * 4 + to[m]] = f[m] - f0;
        n = 0;
    }
}
