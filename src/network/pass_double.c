/* pass_double.c  the walk in float64 with plain loops: the reference that the kernels are held to */
#include <string.h>

#include "src/network/engine.h"

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

#include "src/network/pass_walk.h"
