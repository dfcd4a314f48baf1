/* pass_double.c  the walk in float64 with plain loops: the reference that the kernels are held to */
#include <string.h>

#include "src/engine/engine.h"

typedef double real;
#define WALK(name) name##_double

static void linear_forward(const mg_pass *pass, const mg_map *map, const double *in, bool with_bias, double *out)
{
    (void)pass;
    const mg_layer *layer = map->layer;
    for (int64_t t = 0; t < layer->out_length; t++)
        for (int64_t o = 0; o < layer->out_channels; o++) {
            double sum = with_bias ? layer->bias[o] : 0.0;
            for (int64_t k = 0; k < layer->kernel; k++) {
                int64_t p = t * layer->stride + k * layer->dilation - layer->pad;
                if (p < 0 || p >= layer->in_length) continue;
                for (int64_t c = 0; c < layer->in_channels; c++)
                    sum +=
                        map->weight[(o * layer->in_channels + c) * layer->kernel + k] * in[p * layer->in_channels + c];
            }
            out[t * layer->out_channels + o] = sum;
        }
}

static void linear_backward(const mg_pass *pass, const mg_map *map, const double *m, double *m_in)
{
    (void)pass;
    const mg_layer *layer = map->layer;
    memset(m_in, 0, (size_t)(layer->in_length * layer->in_channels) * sizeof *m_in);
    for (int64_t t = 0; t < layer->out_length; t++)
        for (int64_t o = 0; o < layer->out_channels; o++) {
            double share = m[t * layer->out_channels + o];
            if (share == 0.0) continue;
            for (int64_t k = 0; k < layer->kernel; k++) {
                int64_t p = t * layer->stride + k * layer->dilation - layer->pad;
                if (p < 0 || p >= layer->in_length) continue;
                for (int64_t c = 0; c < layer->in_channels; c++)
                    m_in[p * layer->in_channels + c] +=
                        share * map->weight[(o * layer->in_channels + c) * layer->kernel + k];
            }
        }
}

static void relu_forward(const mg_pass *pass, const double *in, int64_t n, double *out)
{
    (void)pass;
    for (int64_t i = 0; i < n; i++)
        out[i] = in[i] > 0.0 ? in[i] : 0.0;
}

static void pool_window(const mg_pass *pass, const double *in, int64_t n, int64_t step, int64_t width, double *out,
                        int32_t *winner)
{
    (void)pass;
    for (int64_t c = 0; c < width; c++) {
        out[c] = in[c];
        winner[c] = 0;
        for (int64_t j = 1; j < n; j++)
            if (in[j * step + c] > out[c]) {
                out[c] = in[j * step + c];
                winner[c] = (int32_t)j;
            }
    }
}

static void relu_gradient(const mg_pass *pass, const double *z, int64_t n, double *m)
{
    (void)pass;
    for (int64_t i = 0; i < n; i++)
        m[i] = z[i] > 0.0 ? m[i] : 0.0;
}

static void pool_gradient(const mg_pass *pass, const int32_t *winner, const double *m, int64_t n, int64_t step,
                          int64_t width, double *m_in)
{
    (void)pass;
    (void)n;
    for (int64_t c = 0; c < width; c++)
        m_in[winner[c] * step + c] += m[c];
}

static void relu_rescale(const mg_pass *pass, const double *z, const double *z0, const double *a, const double *a0,
                         int64_t n, double *m)
{
    (void)pass;
    for (int64_t i = 0; i < n; i++) {
        double change = z[i] - z0[i], quotient = (a[i] - a0[i]) / (change != 0 ? change : 1);
        m[i] *= change != 0 ? quotient : z[i] > 0 ? 1 : 0;
    }
}

static void pool_cross(const mg_pass *pass, size_t l, int64_t t, const double *m, double *m_in)
{
    const mg_layer *layer = &pass->engine->network->layer[l];
    const double *in = pass->activation[MG_SET_WINDOW][l], *in0 = pass->activation[MG_SET_REFERENCE][l];
    const double *out = pass->activation[MG_SET_WINDOW][l + 1], *out0 = pass->activation[MG_SET_REFERENCE][l + 1];
    const int32_t *winner = pass->winner[MG_SET_WINDOW][l], *winner0 = pass->winner[MG_SET_REFERENCE][l];
    int64_t n, first = mg_layer_first(layer, t, &n), channels = layer->out_channels;
    for (int64_t c = 0; c < channels; c++) {
        int64_t o = t * channels + c;
        int64_t i = (first + winner[o] * layer->dilation) * channels + c;
        int64_t i0 = (first + winner0[o] * layer->dilation) * channels + c;
        if (in[i] == in0[i]) m_in[i] += m[o];
        if (out[o] > out0[o]) m_in[i] += m[o] * (out[o] - out0[o]) / (in[i] - in0[i]);
        if (out[o] < out0[o]) m_in[i0] += m[o] * (out[o] - out0[o]) / (in[i0] - in0[i0]);
    }
}

static double stabilised(double z, double epsilon); /* pass_walk.h */

/* LRP's share of one output: with relevance R = z m, each positive contribution w a > 0 gets u w a, each negative one v
 * w a. On entry *u and *v are the sums of the positive and of the negative contributions, without bias. */
static void lrp_share(const mg_linear_rule *rule, double z, double bias, double m, double *u, double *v)
{
    double relevance = z * m, gamma = (double)rule->gamma, epsilon = (double)rule->epsilon, alpha = (double)rule->alpha;
    double positive = *u + (rule->plain_bias || bias > 0 ? bias : 0), negative = *v + (bias < 0 ? bias : 0);
    double sum = *u;
    *u = *v = 0;
    if (relevance == 0) return;
    if (rule->kind == MG_LINEAR_GAMMA) {
        bool lifts_positive = rule->plain_bias || z > 0;
        /* z - positive does not cancel where it is wanted, because z < 0 there. */
        double lifted = rule->plain_bias ? sum : z > 0 ? positive : z - positive;
        double share = relevance / stabilised(z + gamma * lifted, epsilon);
        *u = share * (lifts_positive ? 1 + gamma : 1);
        *v = share * (lifts_positive ? 1 : 1 + gamma);
        return;
    }
    *u = alpha * relevance / stabilised(positive, epsilon);
    if (alpha != 1) *v = (1 - alpha) * relevance / stabilised(negative, epsilon);
}

static void lrp_share_outputs(const mg_pass *pass, size_t l, const mg_linear_rule *rule, const double *m, double *u,
                              double *v)
{
    const mg_layer *layer = &pass->engine->network->layer[l];
    const double *z = pass->activation[MG_SET_WINDOW][l + 1];
    for (int64_t t = 0; t < layer->out_length; t++)
        for (int64_t c = 0; c < layer->out_channels; c++) {
            int64_t o = t * layer->out_channels + c;
            lrp_share(rule, z[o], layer->bias[c], m[o], &u[o], &v[o]);
        }
}

#include "src/engine/pass_walk.h"
