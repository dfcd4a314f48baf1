/* sum.c  two or more values number by number: add, subtract, multiply, maximum
 *
 * An input with one position, or with one channel, is repeated along the other's (squeeze-and-excitation gates, biases).
 * What an output hands down to a repeated number is summed.
 *
 * Rules where papers leave a choice (docs/methods/README.md):
 *     add, subtract   linear: the multiplier itself. LRP shares relevance in proportion, a / (sum + epsilon sign(sum)),
 *                     which is the multiplier m sum / (sum + epsilon sign(sum)).
 *     multiply        DeepLIFT: a gets m (b + b0) / 2, b gets m (a + a0) / 2, the Shapley value of two players: together
 *                     a b - a0 b0. LRP: the signal takes all, the gate nothing; where neither is a gate, half each.
 *     maximum         the winner takes all, the first of equals; DeepLIFT: cross-maximum rule, as at max pools.
 */
#include <string.h>

#include "src/engine/step.h"
#include "src/nodes/kinds.h"

/* Where number (t, c) of the output finds its partner in an input of this extent. */
static inline int64_t place(mg_extent in, int64_t stride, int64_t t, int64_t c)
{
    return (in.length == 1 ? 0 : t) * stride + (in.channels == 1 ? 0 : c);
}

static mg_status shape_repeated(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    mg_extent out = in[0];
    for (size_t k = 1; k < node->n_inputs; k++) {
        if (in[k].length > out.length) out.length = in[k].length;
        if (in[k].channels > out.channels) out.channels = in[k].channels;
    }
    for (size_t k = 0; k < node->n_inputs; k++)
        if ((in[k].length != 1 && in[k].length != out.length) ||
            (in[k].channels != 1 && in[k].channels != out.channels))
            return mg_fail(err, MG_EINPUT,
                           "input %zu has %lld positions of %lld channels, another %lld of %lld: neither equal nor one",
                           k + 1, (long long)in[k].length, (long long)in[k].channels, (long long)out.length,
                           (long long)out.channels);
    *ret_out = out;
    return MG_OK;
}

static mg_status shape_equal(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    if (in[0].length != in[1].length || in[0].channels != in[1].channels)
        return mg_fail(err, MG_EINPUT, "its inputs have %lld positions of %lld channels and %lld of %lld",
                       (long long)in[0].length, (long long)in[0].channels, (long long)in[1].length,
                       (long long)in[1].channels);
    return shape_repeated(node, in, ret_out, err);
}

#define REAL       float
#define NAME(name) name##_single
#include "src/nodes/sum_walk.h"
#undef REAL
#undef NAME
#define REAL       double
#define NAME(name) name##_double
#include "src/nodes/sum_walk.h"

enum { LINEAR = MG_TRAIT_LINEAR | MG_TRAIT_PIECEWISE_LINEAR };

static const mg_kind kinds[] = {
    {.name = "add",
     .title = "sum",
     .traits = LINEAR | MG_TRAIT_KEEPS_SIGN,
     .min_inputs = 2,
     .max_inputs = MG_ANY_INPUTS,
     .shape = shape_repeated,
     .ops = {&add_ops_single, &add_ops_double}},
    {.name = "subtract",
     .title = "difference",
     .traits = LINEAR,
     .min_inputs = 2,
     .max_inputs = 2,
     .shape = shape_repeated,
     .ops = {&subtract_ops_single, &subtract_ops_double}},
    {.name = "multiply",
     .title = "product",
     .traits = MG_TRAIT_KEEPS_SIGN,
     .min_inputs = 2,
     .max_inputs = 2,
     .shape = shape_repeated,
     .ops = {&multiply_ops_single, &multiply_ops_double}},
    {.name = "maximum",
     .title = "maximum",
     .traits = MG_TRAIT_KEEPS_SIGN,
     .min_inputs = 2,
     .max_inputs = 2,
     .shape = shape_equal,
     .ops = {&maximum_ops_single, &maximum_ops_double}},
};

const mg_kind *mg_sum_kind(size_t i)
{
    return i < sizeof kinds / sizeof kinds[0] ? &kinds[i] : NULL;
}
