/* elementwise.c  functions of one number: a row each, from which forward, gradient, DeepLIFT and LRP follow
 *
 * A row gives f and its slope. From these
 *     gradient         m f'(z); guided backpropagation and deconvolution change ReLU alone, so here they are the gradient
 *     rescale          m (f(z) - f(z0)) / (z - z0), the mean slope. Where z and z0 are so close that the difference of
 *                      two function values would be rounding, it is the slope at their middle, which differs from the
 *                      mean slope by f''' (z - z0)^2 / 24, below 1e-11 here. Functions with kinks take that way only
 *                      when z and z0 lie on one side, which for them is what a small relative difference means.
 *     LRP              relevance unchanged: m f(z) / z; the slope at z = 0
 * Source: DeepLIFT: Shrikumar et al. 2017, eq. 12 to 14 (rescale). LRP: Bach et al. 2015. Test: tests/unit/test_plan.c, test_rules.c.
 *
 * In a float pass and in the mutation scan the smooth functions that many networks have are vector functions
 * (src/kernels/smooth.h), within 1e-6 and with the same bits on every instruction set. All else is worked out in double: what
 * a float pass stores of it is the nearest float.
 */
#include <math.h>
#include <string.h>

#include "src/engine/step.h"
#include "src/graph/text/words.h"
#include "src/nodes/kinds.h"

/* A kind with its function; `number` are the node's settings, or its weight of the channel. */
typedef void many(const mg_step *step, const float *x, int64_t n, float *out);

typedef struct {
    mg_kind kind;     /* first, so that a kind of this file is known to be one */
    many *many;       /* f of many floats; NULL: one by one, by f */
    bool kinks;       /* piecewise linear with kinks */
    bool per_channel; /* number is the weight of the channel */
} function;

/* --- the functions --- */

static double leaky(double x, const double *number)
{
    return x > 0.0 ? x : number[0] * x;
}

static double leaky_slope(double x, const double *number)
{
    return x > 0.0 ? 1.0 : number[0];
}

static double elu(double x, const double *number)
{
    return x > 0.0 ? x : number[0] * expm1(x);
}

static double elu_slope(double x, const double *number)
{
    return x > 0.0 ? 1.0 : number[0] * exp(x);
}

/* Klambauer et al. 2017, arXiv:1706.02515 */
#define SELU_SCALE 1.0507009873554804934193349852946
#define SELU_ALPHA 1.6732632423543772848170429916717

static double selu(double x, const double *number)
{
    (void)number;
    return SELU_SCALE * (x > 0.0 ? x : SELU_ALPHA * expm1(x));
}

static double selu_slope(double x, const double *number)
{
    (void)number;
    return SELU_SCALE * (x > 0.0 ? 1.0 : SELU_ALPHA * exp(x));
}

/* x Phi(x), Hendrycks and Gimpel 2016, arXiv:1606.08415 */
static double gelu(double x, const double *number)
{
    (void)number;
    return 0.5 * x * erfc(-x * M_SQRT1_2);
}

static double gelu_slope(double x, const double *number)
{
    (void)number;
    return 0.5 * erfc(-x * M_SQRT1_2) + x * exp(-0.5 * x * x) * M_SQRT1_2 * M_2_SQRTPI * 0.5;
}

/* The same by tanh, their eq. in section 2. */
static double tanh_argument(double x)
{
    return M_2_SQRTPI * M_SQRT1_2 * (x + 0.044715 * x * x * x);
}

static double gelu_tanh(double x, const double *number)
{
    (void)number;
    return 0.5 * x * (1.0 + tanh(tanh_argument(x)));
}

static double gelu_tanh_slope(double x, const double *number)
{
    (void)number;
    double t = tanh(tanh_argument(x));
    double inner = M_2_SQRTPI * M_SQRT1_2 * (1.0 + 3.0 * 0.044715 * x * x);
    return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * inner;
}

/* x / (1 + |x|), Bergstra et al. 2009 */
static double softsign(double x, const double *number)
{
    (void)number;
    return x / (1.0 + fabs(x));
}

static double softsign_slope(double x, const double *number)
{
    (void)number;
    return 1.0 / ((1.0 + fabs(x)) * (1.0 + fabs(x)));
}

static double hyperbolic_tangent(double x, const double *number)
{
    (void)number;
    return tanh(x);
}

static double hyperbolic_tangent_slope(double x, const double *number)
{
    double t = tanh(x);
    (void)number;
    return 1.0 - t * t;
}

static double sigmoid(double x, const double *number)
{
    (void)number;
    return x >= 0.0 ? 1.0 / (1.0 + exp(-x)) : exp(x) / (1.0 + exp(x));
}

static double sigmoid_slope(double x, const double *number)
{
    double e = exp(-fabs(x));
    (void)number;
    return e / ((1.0 + e) * (1.0 + e));
}

static double silu(double x, const double *number)
{
    return x * sigmoid(x, number);
}

static double silu_slope(double x, const double *number)
{
    return sigmoid(x, number) + x * sigmoid_slope(x, number);
}

static double softplus(double x, const double *number)
{
    (void)number;
    return (x > 0.0 ? x : 0.0) + log1p(exp(-fabs(x)));
}

static double clip(double x, const double *number)
{
    return x < number[0] ? number[0] : x > number[1] ? number[1] : x;
}

static double clip_slope(double x, const double *number)
{
    return x > number[0] && x < number[1] ? 1.0 : 0.0;
}

static double hard_sigmoid(double x, const double *number)
{
    static const double unit[2] = {0.0, 1.0};
    return clip(number[0] * x + number[1], unit);
}

static double hard_sigmoid_slope(double x, const double *number)
{
    static const double unit[2] = {0.0, 1.0};
    return number[0] * clip_slope(number[0] * x + number[1], unit);
}

static double exponential(double x, const double *number)
{
    (void)number;
    return exp(x);
}

static double logarithm(double x, const double *number)
{
    (void)number;
    return log(x);
}

static double logarithm_slope(double x, const double *number)
{
    (void)number;
    return 1.0 / x;
}

static double square_root(double x, const double *number)
{
    (void)number;
    return sqrt(x);
}

static double square_root_slope(double x, const double *number)
{
    (void)number;
    return 0.5 / sqrt(x);
}

static double reciprocal(double x, const double *number)
{
    (void)number;
    return 1.0 / x;
}

static double reciprocal_slope(double x, const double *number)
{
    (void)number;
    return -1.0 / (x * x);
}

static double square(double x, const double *number)
{
    (void)number;
    return x * x;
}

static double square_slope(double x, const double *number)
{
    (void)number;
    return 2.0 * x;
}

static double absolute(double x, const double *number)
{
    (void)number;
    return fabs(x);
}

static double absolute_slope(double x, const double *number)
{
    (void)number;
    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0;
}

/* --- many at once --- */

#define MANY(NAME)                                                                                                     \
    static void many_##NAME(const mg_step *step, const float *x, int64_t n, float *out)                                \
    {                                                                                                                  \
        step->kernels->smooth->NAME(x, n, out);                                                                        \
    }
MANY(exp)
MANY(sigmoid)
MANY(tanh)
MANY(softplus)
MANY(gelu)
MANY(silu)
#undef MANY

static void many_elu(const mg_step *step, const float *x, int64_t n, float *out)
{
    step->kernels->smooth->elu(x, n, (float)step->node->number[0], 1.0f, out);
}

static void many_selu(const mg_step *step, const float *x, int64_t n, float *out)
{
    step->kernels->smooth->elu(x, n, (float)SELU_ALPHA, (float)SELU_SCALE, out);
}

/* --- what a number does under each rule --- */

static const function *function_of(const mg_step *step)
{
    return (const function *)step->node->kind;
}

static const double *numbers_of(const function *of, const mg_node *node, int64_t c)
{
    return of->per_channel ? &node->weight[c] : node->number;
}

static double mean_slope(const function *of, double z, double z0, const double *number)
{
    double scale = fmax(fabs(z), fabs(z0));
    if (!of->kinks && scale < 1.0) scale = 1.0;
    if (fabs(z - z0) <= 1e-5 * scale) return of->kind.slope(0.5 * (z + z0), number);
    return (of->kind.f(z, number) - of->kind.f(z0, number)) / (z - z0);
}

static double slope_at(const function *of, double z, const double *number)
{
    return of->kind.slope(z, number);
}

static double share(const function *of, double z, const double *number)
{
    return z != 0.0 ? of->kind.f(z, number) / z : of->kind.slope(z, number);
}

static bool gate(const mg_step *step, int64_t c, float *ret_slope)
{
    const function *of = function_of(step);
    double slope = of->kind.f == leaky ? numbers_of(of, step->node, c)[0] : -1.0;
    *ret_slope = (float)slope;
    return slope >= 0.0 && slope <= 1.0;
}

/* Differences of mutants; where none is, none comes out. */
static void lane(const mg_step *step, float in, float out, int64_t c, float *difference)
{
    const function *of = function_of(step);
    const double *number = numbers_of(of, step->node, c);
    float slope;
    if (gate(step, c, &slope)) {
        step->kernels->lanes->rectify(in, out, slope, difference);
        return;
    }
    if (of->many != NULL) { /* the window's own number is its f too, so what does not differ gives 0 */
        for (int m = 0; m < MG_MUTANTS; m++)
            difference[m] += in;
        of->many(step, difference, MG_MUTANTS, difference);
        for (int m = 0; m < MG_MUTANTS; m++)
            difference[m] -= out;
        return;
    }
    for (int m = 0; m < MG_MUTANTS; m++)
        if (difference[m] != 0.0f) difference[m] = (float)of->kind.f((double)(in + difference[m]), number) - out;
}

/* A pass's numbers, where that is done many at a time; what lies beyond the channels stays 0. */
static bool forward_many_single(const mg_step *step, const float *in, float *out)
{
    const function *of = function_of(step);
    mg_extent extent = mg_step_extent_out(step);
    int64_t stride = step->stride[step->output];
    if (of->many == NULL) return false;
    of->many(step, in, extent.length * stride, out);
    for (int64_t t = 0; stride > extent.channels && t < extent.length; t++)
        memset(out + t * stride + extent.channels, 0, (size_t)(stride - extent.channels) * sizeof *out);
    return true;
}

static bool forward_many_double(const mg_step *step, const double *in, double *out)
{
    (void)step;
    (void)in;
    (void)out;
    return false;
}

#define REAL       float
#define NAME(name) name##_single
#include "src/nodes/elementwise_walk.h"
#undef REAL
#undef NAME
#define REAL       double
#define NAME(name) name##_double
#include "src/nodes/elementwise_walk.h"

/* --- the table --- */

static mg_status shape(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    const function *of = (const function *)node->kind;
    if (of->per_channel && node->n_weight == 1 && in->channels > 1)
        return mg_fail(err, MG_EINPUT, "it has one slope; give one for each of %lld channels", (long long)in->channels);
    if (of->per_channel && node->n_weight != in->channels)
        return mg_fail(err, MG_EINPUT, "it has %lld slopes for %lld channels", (long long)node->n_weight,
                       (long long)in->channels);
    *ret_out = *in;
    return MG_OK;
}

enum { SIGN = MG_TRAIT_KEEPS_SIGN, POSITIVE = MG_TRAIT_NONNEGATIVE | MG_TRAIT_KEEPS_SIGN };

/* Settings, as mg_kind.setting: 0.01 and 1 are PyTorch's and Keras' own, the line is Keras' (clip(0.2 x + 0.5)). */
/* clang-format off */
#define NONE  {NULL, 0.0}
#define SLOPE {"slope", 0.01}
#define ALPHA {"alpha", 1.0}
#define LINE  {"scale", 0.2}, {"shift", 0.5}
#define RANGE {"low", -1e300}, {"high", 1e300}

#define ROW(word, people, function_, slope_, traits_, kinks_, per_channel_, many_, settings_)                          \
    {                                                                                                                  \
        .kind = {.name = (word),                                                                                       \
                 .title = (people),                                                                                    \
                 .traits = MG_TRAIT_ELEMENTWISE | (traits_),                                                           \
                 .min_inputs = 1,                                                                                      \
                 .max_inputs = 1,                                                                                      \
                 .shape = shape,                                                                                       \
                 .training = (per_channel_) ? MG_UNTRAINED : MG_TRAINED_FUNCTION,                                      \
                 .rules = "DeepLIFT: m (f(z) - f(z0)) / (z - z0); LRP: m f(z) / z",                                    \
                 .setting = {settings_},                                                                               \
                 .words = (per_channel_) ? mg_words_slopes : NULL,                                                     \
                 .f = (function_),                                                                                     \
                 .slope = (slope_),                                                                                    \
                 .ops = {&ops_single, &ops_double}},                                                                   \
        .many = (many_), .kinks = (kinks_), .per_channel = (per_channel_)                                              \
    }
/* clang-format on */

static const function functions[] = {
    ROW("leaky_relu", "leaky ReLU", leaky, leaky_slope, SIGN, true, false, NULL, SLOPE),
    ROW("prelu", "parametric ReLU", leaky, leaky_slope, SIGN, true, true, NULL, NONE),
    ROW("elu", "ELU", elu, elu_slope, SIGN, false, false, many_elu, ALPHA),
    ROW("selu", "SELU", selu, selu_slope, SIGN, false, false, many_selu, NONE),
    ROW("gelu", "GELU", gelu, gelu_slope, SIGN, false, false, many_gelu, NONE),
    ROW("gelu_tanh", "GELU by tanh", gelu_tanh, gelu_tanh_slope, SIGN, false, false, NULL, NONE),
    ROW("silu", "SiLU", silu, silu_slope, SIGN, false, false, many_silu, NONE),
    ROW("softplus", "softplus", softplus, sigmoid, POSITIVE, false, false, many_softplus, NONE),
    ROW("sigmoid", "sigmoid", sigmoid, sigmoid_slope, POSITIVE | MG_TRAIT_GATE | MG_TRAIT_LOGISTIC, false, false,
        many_sigmoid, NONE),
    ROW("hard_sigmoid", "hard sigmoid", hard_sigmoid, hard_sigmoid_slope, POSITIVE | MG_TRAIT_GATE, true, false, NULL,
        LINE),
    ROW("tanh", "hyperbolic tangent", hyperbolic_tangent, hyperbolic_tangent_slope, SIGN, false, false, many_tanh,
        NONE),
    ROW("softsign", "softsign", softsign, softsign_slope, SIGN, false, false, NULL, NONE),
    ROW("exp", "exponential", exponential, exponential, POSITIVE, false, false, many_exp, NONE),
    ROW("log", "logarithm", logarithm, logarithm_slope, 0, false, false, NULL, NONE),
    ROW("sqrt", "square root", square_root, square_root_slope, POSITIVE, false, false, NULL, NONE),
    ROW("reciprocal", "reciprocal", reciprocal, reciprocal_slope, SIGN, false, false, NULL, NONE),
    ROW("square", "square", square, square_slope, POSITIVE, false, false, NULL, NONE),
    ROW("abs", "absolute value", absolute, absolute_slope, POSITIVE, true, false, NULL, NONE),
    ROW("clip", "clip", clip, clip_slope, 0, true, false, NULL, RANGE),
};

const mg_kind *mg_elementwise_kind(size_t i)
{
    return i < sizeof functions / sizeof functions[0] ? &functions[i].kind : NULL;
}
