/* norm.c  layer normalisation (over the channels of a position) and group normalisation (over a group's channels and all
 * positions): out(t, c) = weight(c) d s + bias(c), d = in - mean, s = 1 / sqrt(mean of d^2 + eps)
 *
 * Rules:  gradient   as derived: m_in = s (u - mean u - d s^2 mean(u d)), u = weight m
 *         rescale    the chain centre, square, mean, 1/sqrt by its mean slope, product: complete
 *         LRP        s is a constant; what is left is linear and shares relevance by the epsilon rule, with the bias in
 *                    the denominator
 * Source: Ba et al. 2016, arXiv:1607.06450; Wu and He 2018, arXiv:1803.08494. The rules beyond the gradient are
 * conventions (docs/methods/README.md).
 */
#include <math.h>
#include <string.h>

#include "src/engine/step.h"
#include "src/graph/text/words.h"
#include "src/nodes/kinds.h"

/* Numbers that are normalised together: positions t_begin .. t_end - 1, channels c_begin .. c_end - 1. */
typedef struct {
    int64_t t_begin, t_end, c_begin, c_end;
} block;

static int64_t n_blocks(const mg_node *node, mg_extent extent)
{
    return node->groups == 0 ? extent.length : node->groups;
}

static block block_of(const mg_node *node, mg_extent extent, int64_t i)
{
    if (node->groups == 0) return (block){.t_begin = i, .t_end = i + 1, .c_begin = 0, .c_end = extent.channels};
    int64_t width = extent.channels / node->groups;
    return (block){.t_begin = 0, .t_end = extent.length, .c_begin = i * width, .c_end = (i + 1) * width};
}

static double numbers_in(block b)
{
    return (double)((b.t_end - b.t_begin) * (b.c_end - b.c_begin));
}

static double weight_of(const mg_node *node, int64_t c)
{
    return node->weight != NULL ? node->weight[c] : 1.0;
}

static double bias_of(const mg_node *node, int64_t c)
{
    return node->bias != NULL ? node->bias[c] : 0.0;
}

static mg_status shape(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    if (node->groups < 0 || (node->groups > 0 && in->channels % node->groups != 0))
        return mg_fail(err, MG_EINPUT, "%lld channels do not fall into %lld groups", (long long)in->channels,
                       (long long)node->groups);
    if ((node->weight != NULL && node->n_weight != in->channels) ||
        (node->bias != NULL && node->n_bias != in->channels))
        return mg_fail(err, MG_EINPUT, "%lld weights and %lld biases for %lld channels", (long long)node->n_weight,
                       (long long)node->n_bias, (long long)in->channels);
    *ret_out = *in;
    return MG_OK;
}

static void touch(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *changed, bool *touched)
{
    bool any = false;
    for (int64_t t = 0; t < in[k].length; t++) {
        any = any || changed[t];
        if (node->groups == 0 && changed[t]) touched[t] = true;
    }
    for (int64_t t = 0; node->groups > 0 && any && t < out.length; t++)
        touched[t] = true;
}

/* for (t, c, at) of a block */
#define EACH(b, stride)                                                                                                \
    for (int64_t t = (b).t_begin; t < (b).t_end; t++)                                                                  \
        for (int64_t c = (b).c_begin, at = t * (stride) + c; c < (b).c_end; c++, at++)

#define REAL       float
#define NAME(name) name##_single
#include "src/nodes/norm_walk.h"
#undef REAL
#undef NAME
#define REAL       double
#define NAME(name) name##_double
#include "src/nodes/norm_walk.h"

static const mg_kind layer_norm = {
    .name = "layer_norm",
    .title = "layer normalisation",
    .min_inputs = 1,
    .max_inputs = 1,
    .shape = shape,
    .touch = touch,
    .need = touch, /* the same the other way round */
    .setting = {{"eps", 1e-5}},
    .words = mg_words_norm,
    .grouped = "group_norm",
    .rules = "DeepLIFT: as centre, square, mean, 1/sqrt and product one after the other; LRP: the "
             "deviation holds still, then the epsilon rule",
    .ops = {&ops_single, &ops_double}};

const mg_kind *mg_norm_kind(size_t i)
{
    return i == 0 ? &layer_norm : NULL;
}
