/* affine.c  one line a channel: a batch normalisation that could not be folded
 *
 * in(t, c) -> weight(c) in(t, c) + bias(c)
 */
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/plan.h"
#include "src/engine/step.h"
#include "src/graph/text/words.h"
#include "src/nodes/kinds.h"
#include "src/nodes/lrp_share.h"

typedef struct {
    float *bias; /* (stride) of MG_SINGLE's kernels */
} line;

static mg_status shape(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    int64_t n = in[0].channels;
    if (node->weight == NULL || node->n_weight != n || (node->bias != NULL && node->n_bias != n))
        return mg_fail(err, MG_EINPUT, "%lld weights and %lld biases for %lld channels", (long long)node->n_weight,
                       (long long)node->n_bias, (long long)n);
    *ret_out = in[0];
    if (node->bias != NULL) return MG_OK;
    node->n_bias = n;
    return mg_alloc(&node->bias, (size_t)n, sizeof *node->bias, err);
}

static int64_t n_macs(const mg_node *node, const mg_extent *in, mg_extent out)
{
    (void)in;
    return out.length * node->n_weight;
}

static void release(void *packed)
{
    free(((line *)packed)->bias);
    free(packed);
}

static mg_status pack(mg_step *step, mg_error *err)
{
    line *own = NULL;
    const mg_node *node = step->node;
    mg_status status = mg_alloc(&own, 1, sizeof *own, err);
    if (status != MG_OK) return status;
    status = mg_alloc_aligned(&own->bias, (size_t)step->stride[step->output], sizeof *own->bias, err);
    for (int64_t c = 0; status == MG_OK && c < node->n_bias; c++)
        own->bias[c] = (float)node->bias[c];
    if (status != MG_OK)
        free(own);
    else
        step->packed = own;
    return status;
}

static void share_outputs_single(const mg_step *step, const mg_linear_rule *rule, const float *z, const float *m,
                                 float *u, float *v)
{
    step->kernels->layer->lrp_shares(rule, ((const line *)step->packed)->bias, z, m, mg_step_extent_out(step).length,
                                     step->stride[step->output], u, v);
}

static void share_outputs_double(const mg_step *step, const mg_linear_rule *rule, const double *z, const double *m,
                                 double *u, double *v)
{
    mg_extent out = mg_step_extent_out(step);
    for (int64_t i = 0; i < out.length * out.channels; i++)
        mg_lrp_share(rule, z[i], step->node->bias[i % out.channels], m[i], &u[i], &v[i]);
}

#define real       float
#define NAME(name) name##_single
#include "src/nodes/affine_walk.h"
#undef real
#undef NAME
#define real       double
#define NAME(name) name##_double
#include "src/nodes/affine_walk.h"
#undef real
#undef NAME

static void lane(const mg_step *step, float in, float out, int64_t c, float *difference)
{
    float weight = (float)step->node->weight[c];
    (void)in;
    (void)out;
    for (int m = 0; m < MG_MUTANTS; m++)
        difference[m] *= weight;
}

static double factor(const mg_step *step, int64_t t, int64_t c)
{
    (void)t;
    return step->node->weight[c];
}

static void difference(const mg_step *step, const mg_difference *in, const mg_difference *to, float *out)
{
    (void)to;
    for (int64_t p = 0; p < in->end - in->begin; p++)
        for (int64_t c = 0; c < in->stride; c++)
            out[p * in->stride + c] =
                c < step->node->n_weight ? (float)step->node->weight[c] * in->delta[p * in->stride + c] : 0.0f;
}

#define OPS(precision)                                                                                                 \
    {                                                                                                                  \
        .pack = pack, .release = release, .factor = factor, .difference = difference, .scratch = scratch_##precision,  \
        .lane = lane, .forward = forward_##precision, .backward = {                                                    \
            gradient_##precision,                                                                                      \
            gradient_##precision,                                                                                      \
            gradient_##precision,                                                                                      \
            gradient_##precision,                                                                                      \
            lrp_##precision                                                                                            \
        }                                                                                                              \
    }

static const mg_ops ops[] = {OPS(single), OPS(double)};

static void line_of(const mg_node *node, int64_t c, double *factor, double *shift)
{
    *factor = node->weight[c];
    *shift = node->bias[c];
}

static const mg_kind kind = {.name = "affine",
                             .title = "affine",
                             .traits = MG_TRAIT_LINEAR | MG_TRAIT_PIECEWISE_LINEAR | MG_TRAIT_WEIGHTS,
                             .min_inputs = 1,
                             .max_inputs = 1,
                             .shape = shape,
                             .n_macs = n_macs,
                             .training = MG_TRAINED_NORM,
                             .rules = "LRP: shared by the chosen rule",
                             .words = mg_words_affine,
                             .line = line_of,
                             .ops = {&ops[0], &ops[1]}};

const mg_kind *mg_affine_kind(size_t i)
{
    return i == 0 ? &kind : NULL;
}
