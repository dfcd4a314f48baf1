/* pass_single.c  the walk in float32 on the vector kernels: every linear layer is a sum of weight rows (kernels.h) */
#include <string.h>

#include "src/engine/count.h"
#include "src/engine/engine.h"

typedef float real;
#define WALK(name) name##_single

static void apply_rows(mg_pass *pass, const mg_rows *op, const float *in, bool with_bias, float *out)
{
    const mg_kernels *kernels = pass->engine->kernels;
    kernels->compact(in, op->in_length, op->in_stride, op->in_channels, &pass->list);
    if (pass->n_macs != NULL) *pass->n_macs += mg_count_rows(op, pass->list.begin, 0, op->in_length, 0, op->out_length);
    for (int64_t group = 0; group < op->n_groups; group++)
        kernels->rows(op, group, &pass->list, 0, op->in_length, 0, op->out_length, with_bias, out);
}

static void linear_forward(mg_pass *pass, const mg_map *map, const float *in, bool with_bias, float *out)
{
    apply_rows(pass, &map->forward, in, with_bias, out);
}

static void linear_backward(mg_pass *pass, const mg_map *map, const float *m, float *m_in)
{
    apply_rows(pass, &map->backward, m, false, m_in);
}

static void relu_forward(const mg_pass *pass, const float *in, int64_t n, float *out)
{
    pass->engine->kernels->layer->relu(in, n, out);
}

static void pool_window(const mg_pass *pass, const float *in, int64_t n, int64_t step, int64_t width, float *out,
                        int32_t *winner)
{
    pass->engine->kernels->layer->max_pool_window(in, n, step, width, out, winner);
}

static void relu_gradient(const mg_pass *pass, const float *z, int64_t n, float *m)
{
    pass->engine->kernels->layer->relu_gradient(z, n, m);
}

static void pool_gradient(const mg_pass *pass, const int32_t *winner, const float *m, int64_t n, int64_t step,
                          int64_t width, float *m_in)
{
    pass->engine->kernels->layer->max_pool_gradient(winner, m, n, step, width, m_in);
}

static void relu_rescale(const mg_pass *pass, const float *z, const float *z0, const float *a, const float *a0,
                         int64_t n, float *m)
{
    pass->engine->kernels->layer->relu_rescale(z, z0, a, a0, n, m);
}

static void pool_cross(const mg_pass *pass, size_t l, int64_t t, const float *m, float *m_in)
{
    const mg_layer *layer = &pass->engine->network->layer[l];
    int64_t n, stride = pass->engine->stride[l], at = mg_layer_first(layer, t, &n) * stride, to = t * stride;
    float *const *a = (float *const *)pass->activation[MG_SET_WINDOW];
    float *const *a0 = (float *const *)pass->activation[MG_SET_REFERENCE];
    mg_pool_pair pair = {.in = a[l] + at,
                         .in0 = a0[l] + at,
                         .out = a[l + 1] + to,
                         .out0 = a0[l + 1] + to,
                         .winner = pass->winner[MG_SET_WINDOW][l] + to,
                         .winner0 = pass->winner[MG_SET_REFERENCE][l] + to};
    pass->engine->kernels->layer->max_pool_cross(&pair, m + to, n, layer->dilation * stride, stride, m_in + at);
}

static void lrp_share_outputs(const mg_pass *pass, size_t l, const mg_linear_rule *rule, const float *m, float *u,
                              float *v)
{
    const mg_engine *engine = pass->engine;
    engine->kernels->layer->lrp_shares(rule, engine->map[l].forward.bias, pass->activation[MG_SET_WINDOW][l + 1], m,
                                       engine->network->layer[l].out_length, engine->stride[l + 1], u, v);
}

#include "src/engine/pass_walk.h"
