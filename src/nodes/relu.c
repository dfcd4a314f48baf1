/* relu.c  max(in, 0)
 *
 *   gradient, LRP    m [z > 0]
 *   guided           max(m, 0) [z > 0]
 *   deconvolution    max(m, 0)
 *   rescale          m (a - a0) / (z - z0): the quotient lies in [0, 1] whatever the rounding; the gradient where nothing
 *                    changed; m itself where the dense node below it does RevealCancel for both
 */
#include "src/engine/step.h"
#include "src/nodes/kinds.h"

static mg_status shape(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    (void)node;
    (void)err;
    *ret_out = in[0];
    return MG_OK;
}

static int64_t n_numbers(const mg_step *step)
{
    return mg_step_extent_out(step).length * step->stride[step->output];
}

/* --- float32 --- */

static void forward_single(const mg_step *step, mg_tools *tools, mg_state *state)
{
    (void)tools;
    step->kernels->layer->relu(state->value[mg_step_input(step, 0)], n_numbers(step), state->value[step->output]);
}

/* ... changed in place; the multipliers may lie somewhere else. */
static float *own_m_single(const mg_step *step, const mg_backward *go)
{
    const float *m = go->m;
    float *m_in = go->m_in[0];
    for (int64_t i = 0; m_in != m && i < n_numbers(step); i++)
        m_in[i] = m[i];
    return m_in;
}

static void gradient_single(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    step->kernels->layer->relu_gradient(go->window->value[mg_step_input(step, 0)], n_numbers(step),
                                        own_m_single(step, go));
}

static bool is_paired(const mg_step *step, const mg_backward *go)
{
    return go->rule->paired != NULL && go->rule->paired[step->output - 1];
}

static void rescale_single(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    size_t in = mg_step_input(step, 0);
    if (is_paired(step, go)) {
        own_m_single(step, go);
        return;
    }
    step->kernels->layer->relu_rescale(go->window->value[in], go->reference->value[in], n_numbers(step),
                                       own_m_single(step, go));
}

/* --- float64 --- */

static void forward_double(const mg_step *step, mg_tools *tools, mg_state *state)
{
    (void)tools;
    const double *in = state->value[mg_step_input(step, 0)];
    double *out = state->value[step->output];
    for (int64_t i = 0; i < n_numbers(step); i++)
        out[i] = in[i] > 0.0 ? in[i] : 0.0;
}

static void gradient_double(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    const double *z = go->window->value[mg_step_input(step, 0)], *m = go->m;
    double *m_in = go->m_in[0];
    for (int64_t i = 0; i < n_numbers(step); i++)
        m_in[i] = z[i] > 0.0 ? m[i] : 0.0;
}

static void rescale_double(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    size_t in = mg_step_input(step, 0), out = step->output;
    const double *z = go->window->value[in], *z0 = go->reference->value[in];
    const double *a = go->window->value[out], *a0 = go->reference->value[out], *m = go->m;
    double *m_in = go->m_in[0];
    for (int64_t i = 0; i < n_numbers(step); i++) {
        double change = z[i] - z0[i], quotient = (a[i] - a0[i]) / (change != 0 ? change : 1);
        m_in[i] = is_paired(step, go) ? m[i] : m[i] * (change != 0 ? quotient : z[i] > 0 ? 1 : 0);
    }
}

/* --- both --- */

#define real       float
#define NAME(name) name##_single
#include "src/nodes/relu_walk.h"
#undef real
#undef NAME
#define real       double
#define NAME(name) name##_double
#include "src/nodes/relu_walk.h"
#undef real
#undef NAME

static bool gate(const mg_step *step, int64_t c, float *ret_slope)
{
    (void)step;
    (void)c;
    *ret_slope = 0.0f;
    return true;
}

static void lane(const mg_step *step, float in, float out, int64_t c, float *difference)
{
    (void)c;
    step->kernels->lanes->rectify(in, out, 0.0f, difference);
}

#define OPS(precision)                                                                                                 \
    {                                                                                                                  \
        .lane = lane, .gate = gate, .forward = forward_##precision, .backward = {                                      \
            gradient_##precision,                                                                                      \
            guided_##precision,                                                                                        \
            deconvolution_##precision,                                                                                 \
            rescale_##precision,                                                                                       \
            gradient_##precision                                                                                       \
        }                                                                                                              \
    }

static const mg_ops ops[] = {OPS(single), OPS(double)};

static double rectified(double x, const double *number)
{
    (void)number;
    return x > 0.0 ? x : 0.0;
}

static double rectified_slope(double x, const double *number)
{
    (void)number;
    return x > 0.0 ? 1.0 : 0.0;
}

static const mg_kind kind = {
    .name = "relu",
    .title = "ReLU",
    .traits = MG_TRAIT_ELEMENTWISE | MG_TRAIT_RECTIFIER | MG_TRAIT_PIECEWISE_LINEAR | MG_TRAIT_NONNEGATIVE,
    .min_inputs = 1,
    .max_inputs = 1,
    .shape = shape,
    .training = MG_TRAINED_RECTIFIER,
    .f = rectified,
    .slope = rectified_slope,
    .rules = "guided: max(m, 0) [z > 0]; deconvolution: max(m, 0); DeepLIFT: m (a - a0) / (z - z0); LRP: the gradient",
    .ops = {&ops[0], &ops[1]}};

const mg_kind *mg_relu_kind(size_t i)
{
    return i == 0 ? &kind : NULL;
}
