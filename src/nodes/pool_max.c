/* pool_max.c  the largest in a window that slides, the first of equals
 *
 * Most rules hand all of m to the winner. Rescale has the cross-maximum rule (Shrikumar et al. 2017, as in the authors'
 * code): with X and X0 the window's maxima in the input and in the reference, and M = max(X, X0), the input's winner is
 * credited M - X0 and the reference's winner X - M, together X - X0, each divided by what its own position changed; so
 * contributions add up for any reference. Where the input's winner did not change its multiplier is the gradient, as at
 * ReLU: it adds nothing to a, but hypothetical contributions need it.
 */
#include <string.h>

#include "src/engine/step.h"
#include "src/engine/tile.h"
#include "src/graph/text/words.h"
#include "src/nodes/kinds.h"
#include "src/nodes/slide.h"

static mg_status shape(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    mg_status status = mg_slide_check(&node->slide, err);
    if (status != MG_OK) return status;
    *ret_out =
        (mg_extent){.length = mg_slide_length(&node->slide, in[0].length, node->ceil), .channels = in[0].channels};
    for (int64_t t = 0; t < ret_out->length; t++) { /* a dilated window may step over the whole input */
        int64_t n;
        mg_slide_first(&node->slide, in[0].length, t, &n);
        if (n < 1) return mg_fail(err, MG_EINPUT, "its window %lld holds padding only", (long long)t);
    }
    return MG_OK;
}

/* Which of the window's positions won, for each number of the output. */
static size_t memo(const mg_step *step)
{
    return (size_t)(mg_step_extent_out(step).length * step->stride[step->output]) * sizeof(int32_t);
}

/* --- float32 --- */

static void pool_window_single(const mg_step *step, const float *in, int64_t n, int64_t apart, int64_t width,
                               float *out, int32_t *winner)
{
    step->kernels->layer->max_pool_window(in, n, apart, width, out, winner);
}

static void hand_window_single(const mg_step *step, const int32_t *winner, const float *m, int64_t n, int64_t apart,
                               int64_t width, float *m_in)
{
    step->kernels->layer->max_pool_gradient(winner, m, n, apart, width, m_in);
}

static void cross_window_single(const mg_step *step, const mg_backward *go, int64_t t, const float *m, float *m_in)
{
    const mg_slide *slide = &step->node->slide;
    size_t l = mg_step_input(step, 0), o = step->output;
    int64_t stride = step->stride[o], n, to = t * stride;
    int64_t at = mg_slide_first(slide, mg_step_extent_in(step, 0).length, t, &n) * stride;
    mg_pool_pair pair = {.in = (const float *)go->window->value[l] + at,
                         .in0 = (const float *)go->reference->value[l] + at,
                         .out = (const float *)go->window->value[o] + to,
                         .out0 = (const float *)go->reference->value[o] + to,
                         .winner = (const int32_t *)go->window->memo[o - 1] + to,
                         .winner0 = (const int32_t *)go->reference->memo[o - 1] + to};
    step->kernels->layer->max_pool_cross(&pair, m + to, n, slide->dilation * stride, stride, m_in + at);
}

/* Whole windows side by side. */
static bool rectifies(const mg_step *step)
{
    const mg_slide *slide = &step->node->slide;
    return slide->stride == slide->kernel && slide->dilation == 1 && slide->pad == 0 &&
           mg_step_extent_out(step).length * slide->kernel <= mg_step_extent_in(step, 0).length;
}

static void hand_through_relu(const mg_step *step, const mg_backward *go, mg_gate_rule gate)
{
    int64_t width = step->stride[step->output], n = mg_step_extent_out(step).length, kernel = step->node->slide.kernel;
    int64_t rest = mg_step_extent_in(step, 0).length - n * kernel;
    const mg_plain_pool pool = {n, kernel, width, go->window->value[step->output], go->window->memo[step->output - 1]};
    float *m_in = go->m_in[0];
    step->kernels->layer->rectified_pool(&pool, gate, go->m, m_in);
    memset(m_in + n * kernel * width, 0, (size_t)(rest * width) * sizeof *m_in);
}

static void gradient_through_relu(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    hand_through_relu(step, go, MG_GATE_VALUE);
}

static void guided_through_relu(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    hand_through_relu(step, go, MG_GATE_BOTH);
}

static void deconvolution_through_relu(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    hand_through_relu(step, go, MG_GATE_MULTIPLIER);
}

/* --- float64 --- */

static void pool_window_double(const mg_step *step, const double *in, int64_t n, int64_t apart, int64_t width,
                               double *out, int32_t *winner)
{
    (void)step;
    for (int64_t c = 0; c < width; c++) {
        out[c] = in[c];
        winner[c] = 0;
        for (int64_t j = 1; j < n; j++)
            if (in[j * apart + c] > out[c]) {
                out[c] = in[j * apart + c];
                winner[c] = (int32_t)j;
            }
    }
}

static void hand_window_double(const mg_step *step, const int32_t *winner, const double *m, int64_t n, int64_t apart,
                               int64_t width, double *m_in)
{
    (void)step;
    (void)n;
    for (int64_t c = 0; c < width; c++)
        m_in[winner[c] * apart + c] += m[c];
}

static void cross_window_double(const mg_step *step, const mg_backward *go, int64_t t, const double *m, double *m_in)
{
    const mg_slide *slide = &step->node->slide;
    size_t l = mg_step_input(step, 0), v = step->output;
    const double *in = go->window->value[l], *in0 = go->reference->value[l];
    const double *out = go->window->value[v], *out0 = go->reference->value[v];
    const int32_t *winner = go->window->memo[v - 1], *winner0 = go->reference->memo[v - 1];
    mg_extent extent = mg_step_extent_in(step, 0);
    int64_t n, first = mg_slide_first(slide, extent.length, t, &n), channels = extent.channels;
    for (int64_t c = 0; c < channels; c++) {
        int64_t o = t * channels + c;
        int64_t i = (first + winner[o] * slide->dilation) * channels + c;
        int64_t i0 = (first + winner0[o] * slide->dilation) * channels + c;
        if (in[i] == in0[i]) m_in[i] += m[o];
        if (out[o] > out0[o]) m_in[i] += m[o] * (out[o] - out0[o]) / (in[i] - in0[i]);
        if (out[o] < out0[o]) m_in[i0] += m[o] * (out[o] - out0[o]) / (in[i0] - in0[i0]);
    }
}

/* --- both --- */

#define real       float
#define NAME(name) name##_single
#include "src/nodes/pool_max_walk.h"
#undef real
#undef NAME
#define real       double
#define NAME(name) name##_double
#include "src/nodes/pool_max_walk.h"
#undef real
#undef NAME

/* The largest of what the window's positions are in each mutant, minus the window's own. */
static void tile(const mg_step *step, mg_tile *tile)
{
    const mg_node *node = step->node;
    size_t in = mg_step_input(step, 0), out = step->output;
    mg_extent extent = mg_step_extent_in(step, 0);
    for (int64_t p = 0; p < tile->value[out].n; p++) {
        int64_t t = tile->value[out].position[p], n, first = mg_slide_first(&node->slide, extent.length, t, &n);
        mg_tile_begin(tile, out, t);
        for (int64_t c = 0; c < extent.channels; c++) {
            bool differs = false;
            for (int64_t j = 0; j < n; j++) {
                int64_t at = first + j * node->slide.dilation;
                tile->rows[j] = mg_tile_listed(tile, in, at, c);
                tile->column[j] = mg_tile_own(tile, in, at, c);
                differs = differs || tile->rows[j] != NULL;
            }
            if (!differs) continue;
            tile->kernels->max_pool(tile->column, tile->rows, n, mg_tile_own(tile, out, t, c), tile->row);
            mg_tile_keep(tile, out, t, c, tile->row);
        }
        mg_tile_end(tile, out, t);
    }
}

#define OPS(precision, ...)                                                                                            \
    {                                                                                                                  \
        .memo = memo, .tile = tile, .forward = forward_##precision,                                                    \
        .backward = {gradient_##precision, gradient_##precision, gradient_##precision, rescale_##precision,            \
                     gradient_##precision},                                                                            \
        __VA_ARGS__                                                                                                    \
    }
#define THROUGH_RELU                                                                                                   \
    .rectifies = rectifies,                                                                                            \
    .rectified = {gradient_through_relu, guided_through_relu, deconvolution_through_relu, NULL, gradient_through_relu}

static const mg_ops ops[] = {OPS(single, THROUGH_RELU), OPS(double, .rectifies = NULL)};

static const mg_kind kind = {.name = "max_pool",
                             .title = "max pool",
                             .traits = MG_TRAIT_CHOICE | MG_TRAIT_PIECEWISE_LINEAR | MG_TRAIT_KEEPS_SIGN,
                             .min_inputs = 1,
                             .max_inputs = 1,
                             .shape = shape,
                             .training = MG_TRAINED_CHOICE,
                             .rules = "all: to the winner, the first of equals; DeepLIFT: cross-maximum",
                             .words = mg_words_pool,
                             .touch = mg_slide_touch,
                             .need = mg_slide_need,
                             .ops = {&ops[0], &ops[1]}};

const mg_kind *mg_pool_max_kind(size_t i)
{
    return i == 0 ? &kind : NULL;
}
