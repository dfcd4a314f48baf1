/* softmax.c  softmax, and the scores made of it: log_odds and profile
 *
 *     softmax    s_j = exp(z_j) / S, S the sum of exp(z_k) along the axis
 *     log_odds   z_i - log of the sum of exp(z_k) over the others k: the log-odds of class i against the rest
 *     profile    sum over positions t of w_t (z_t - mean z), w the softmax of the *explained window's* z along the positions,
 *                channel by channel, the channels added up. w is frozen: it is a number, no function, for gradient,
 *                mutations, paths and references alike (Avsec et al. 2021, doi:10.1038/s41588-021-00782-6, and the
 *                authors' code), so the score is a weighted sum of z.
 *
 * DeepLIFT for softmax is the chain exp, sum, reciprocal, product, with one shift M common to input and reference (the largest
 * z of both): e = exp(z - M), r = 1/S. s_j = e_j r gives e_j m_j (r + r0)/2 and r the sum of m_j (e_j + e0_j)/2; r hands
 * down its mean slope -1/(S S0), exp its own. For log_odds it is exp, sum, log: mean slopes of log and of exp; the
 * shift cancels. Both are complete. Completeness alone does not settle the rule for softmax: this one is a choice.
 * LRP says nothing about softmax and log_odds: no contribution of z to them is linear.
 */
#include <math.h>
#include <string.h>

#include "src/engine/step.h"
#include "src/graph/text/words.h"
#include "src/nodes/kinds.h"

/* A row of numbers along an axis: the first, how many, how far apart. */
typedef struct {
    int64_t first, n, step;
} line;

static int64_t n_lines(const mg_node *node, mg_extent extent)
{
    return node->axis == MG_AXIS_CHANNELS ? extent.length : extent.channels;
}

static line line_of(const mg_node *node, mg_extent extent, int64_t stride, int64_t i)
{
    if (node->axis == MG_AXIS_CHANNELS) return (line){.first = i * stride, .n = extent.channels, .step = 1};
    return (line){.first = i, .n = extent.length, .step = stride};
}

/* (exp(z) - exp(z0)) / (z - z0), without the cancellation where they are close */
static double exp_mean_slope(double z, double z0)
{
    double d = z - z0;
    return fabs(d) < 1e-5 ? exp(0.5 * (z + z0)) : exp(z0) * (expm1(d) / d);
}

/* (log S - log S0) / (S - S0) */
static double log_mean_slope(double s, double s0)
{
    double d = (s - s0) / s0;
    return fabs(d) < 1e-5 ? 2.0 / (s + s0) : log1p(d) / (s - s0);
}

static mg_status shape_softmax(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    (void)node;
    (void)err;
    *ret_out = *in;
    return MG_OK;
}

static mg_status shape_log_odds(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    if (node->index == NULL || node->asked.length * node->asked.channels != 1)
        return mg_fail(err, MG_EINPUT, "it has no class");
    if (in->channels < 2) return mg_fail(err, MG_EINPUT, "there is no other class");
    if (node->index[0] < 0 || node->index[0] >= in->channels)
        return mg_fail(err, MG_EINPUT, "class %lld of %lld", (long long)node->index[0], (long long)in->channels);
    *ret_out = (mg_extent){.length = in->length, .channels = 1};
    return MG_OK;
}

static mg_status shape_profile(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    (void)in;
    (void)err;
    node->axis = MG_AXIS_POSITIONS;
    *ret_out = (mg_extent){.length = 1, .channels = 1};
    return MG_OK;
}

/* Along positions every output looks at every position. */
static void touch_all(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *changed,
                      bool *touched)
{
    bool any = false;
    for (int64_t t = 0; t < in[k].length; t++) {
        any = any || changed[t];
        if (node->axis == MG_AXIS_CHANNELS && changed[t]) touched[t] = true;
    }
    for (int64_t t = 0; node->axis == MG_AXIS_POSITIONS && any && t < out.length; t++)
        touched[t] = true;
}

static void need_all(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *wanted,
                     bool *needed)
{
    bool any = false;
    for (int64_t t = 0; t < out.length; t++) {
        any = any || wanted[t];
        if (node->axis == MG_AXIS_CHANNELS && wanted[t]) needed[t] = true;
    }
    for (int64_t t = 0; node->axis == MG_AXIS_POSITIONS && any && t < in[k].length; t++)
        needed[t] = true;
}

#define REAL       float
#define NAME(name) name##_single
#include "src/nodes/softmax_walk.h"
#undef REAL
#undef NAME
#define REAL       double
#define NAME(name) name##_double
#include "src/nodes/softmax_walk.h"

static const mg_kind kinds[] = {
    {.name = "softmax",
     .title = "softmax",
     .traits = MG_TRAIT_NONNEGATIVE | MG_TRAIT_GATE | MG_TRAIT_SOFTMAX,
     .min_inputs = 1,
     .max_inputs = 1,
     .shape = shape_softmax,
     .touch = touch_all,
     .need = need_all,
     .words = mg_words_axis,
     .rules = "DeepLIFT: as exp, sum, reciprocal and product one after the other",
     .ops = {&softmax_ops_single, &softmax_ops_double}},
    {.name = "log_odds",
     .title = "log-odds against the rest",
     .min_inputs = 1,
     .max_inputs = 1,
     .shape = shape_log_odds,
     .words = mg_words_channel,
     .rules = "DeepLIFT: as exp, sum and log one after the other",
     .ops = {&log_odds_ops_single, &log_odds_ops_double}},
    {.name = "profile",
     .title = "sum weighted by the profile",
     .traits = MG_TRAIT_FROZEN,
     .min_inputs = 1,
     .max_inputs = 1,
     .shape = shape_profile,
     .touch = touch_all,
     .need = need_all,
     .rules = "all: the weights of the explained window hold still",
     .ops = {&profile_ops_single, &profile_ops_double}},
};

const mg_kind *mg_softmax_kind(size_t i)
{
    return i < sizeof kinds / sizeof kinds[0] ? &kinds[i] : NULL;
}
