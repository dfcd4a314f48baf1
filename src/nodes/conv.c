/* conv.c  convolutions and fully connected nodes
 *
 * A fully connected node is a convolution whose kernel spans all positions of its input, so both are one sum of weight
 * rows (src/kernels/kernels.h), and differ in their shape and in which of LRP's rules they take.
 */
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/count.h"
#include "src/engine/plan.h"
#include "src/graph/text/words.h"
#include "src/nodes/kinds.h"
#include "src/nodes/lrp_share.h"
#include "src/engine/map.h"
#include "src/nodes/slide.h"

/* --- shapes --- */

static mg_status fill_bias(mg_node *node, int64_t n, mg_error *err)
{
    if (node->bias == NULL) {
        node->n_bias = n;
        return mg_alloc(&node->bias, (size_t)n, sizeof *node->bias, err);
    }
    if (node->n_bias == n) return MG_OK;
    return mg_fail(err, MG_EINPUT, "%lld biases for %lld channels", (long long)node->n_bias, (long long)n);
}

/* Output channels, each with `row` weights. */
static mg_status count_outputs(const mg_node *node, int64_t row, int64_t *ret, mg_error *err)
{
    if (node->weight == NULL || node->n_weight < row || node->n_weight % row != 0)
        return mg_fail(err, MG_EINPUT, "%lld weights; each output takes %lld", (long long)node->n_weight,
                       (long long)row);
    *ret = node->n_weight / row;
    return MG_OK;
}

static mg_status conv_shape(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    mg_status status = mg_slide_check(&node->slide, err);
    if (status != MG_OK) return status;
    int64_t groups = node->groups, channels = 0;
    if (groups < 1 || in[0].channels % groups != 0)
        return mg_fail(err, MG_EINPUT, "%lld channels do not divide into %lld groups", (long long)in[0].channels,
                       (long long)groups);
    status = count_outputs(node, in[0].channels / groups * node->slide.kernel, &channels, err);
    if (status != MG_OK) return status;
    if (channels % groups != 0)
        return mg_fail(err, MG_EINPUT, "%lld outputs do not divide into %lld groups", (long long)channels,
                       (long long)groups);
    *ret_out = (mg_extent){.length = mg_slide_length(&node->slide, in[0].length, false), .channels = channels};
    return fill_bias(node, channels, err);
}

static mg_status dense_shape(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    node->slide = (mg_slide){.kernel = in[0].length, .stride = 1, .dilation = 1};
    node->groups = 1;
    *ret_out = (mg_extent){.length = 1};
    mg_status status = count_outputs(node, in[0].channels * in[0].length, &ret_out->channels, err);
    return status == MG_OK ? fill_bias(node, ret_out->channels, err) : status;
}

static int64_t n_macs(const mg_node *node, const mg_extent *in, mg_extent out)
{
    (void)in;
    return out.length * node->n_weight;
}

/* --- float32: sums of weight rows --- */

#define real       float
#define NAME(name) name##_single

/* Multiply-adds of all inputs, zeros too. */
static uint64_t count_dense(const mg_rows *op)
{
    uint64_t sum = 0;
    for (int64_t p = 0; p < op->in_length; p++)
        sum += mg_count_entries(op, p, op->in_channels, 0, op->out_length);
    return sum;
}

/* Is a dense product faster than one that passes over zeros? It is where few inputs are zero and there are enough outputs to
 * fill its registers many times over; both give the same bits. */
static bool is_dense(const mg_rows *op, const mg_list *list)
{
    enum { MANY = 64 };
    int64_t n = list->begin[op->in_length], n_all = op->in_length * op->in_channels;
    return op->out_length >= MANY && op->out_stride >= 2 * MG_BLOCK && 4 * n > 3 * n_all;
}

static void apply_rows(const mg_step *step, mg_tools *tools, const mg_rows *op, const float *in, bool with_bias,
                       float *out)
{
    const mg_kernels *kernels = step->kernels;
    kernels->compact(in, op->in_length, op->in_stride, op->in_channels, &tools->list);
    bool dense = is_dense(op, &tools->list);
    if (tools->n_macs != NULL)
        *tools->n_macs +=
            dense ? count_dense(op) : mg_count_rows(op, tools->list.begin, 0, op->in_length, 0, op->out_length);
    if (dense) {
        kernels->conv->outputs(op, in, 0, op->out_length, with_bias, out);
        return;
    }
    for (int64_t group = 0; group < op->n_groups; group++)
        kernels->rows(op, group, &tools->list, 0, op->in_length, 0, op->out_length, with_bias, out);
}

static void map_forward_single(const mg_step *step, mg_tools *tools, int sign, const float *in, bool with_bias,
                               float *out)
{
    mg_rows op = ((const mg_map *)step->packed)->forward;
    op.sign = (float)sign;
    apply_rows(step, tools, &op, in, with_bias, out);
}

/* Count a call that writes no list of its own. */
static void count_inputs(const mg_step *step, mg_tools *tools, const mg_rows *op, const float *in)
{
    if (tools->n_macs == NULL) return;
    step->kernels->compact(in, op->in_length, op->in_stride, op->in_channels, &tools->list);
    *tools->n_macs += mg_count_rows(op, tools->list.begin, 0, op->in_length, 0, op->out_length);
}

static void map_backward_single(const mg_step *step, mg_tools *tools, int sign, const float *m, float *m_in)
{
    mg_rows op = ((const mg_map *)step->packed)->backward;
    op.sign = (float)sign;
    if (op.narrow == NULL || sign != 0) {
        apply_rows(step, tools, &op, m, false, m_in);
        return;
    }
    count_inputs(step, tools, &op, m);
    step->kernels->narrow->sums(&op, m, m_in);
}

static bool map_by_sign_single(const mg_step *step, mg_tools *tools, const float *u, const float *v, float *part,
                               int64_t apart, float *m_in)
{
    const mg_rows *op = &((const mg_map *)step->packed)->backward;
    const mg_kernels *kernels = step->kernels;
    if (op->narrow != NULL) {
        kernels->narrow->sums_by_sign(op, u, v, m_in);
    } else {
        if (!mg_rows_roll(op)) return false;
        kernels->compact_pair(u, v, op->in_length, op->in_stride, op->in_channels, &tools->list);
        if (is_dense(op, &tools->list)) return false;
        for (int64_t group = 0; group < op->n_groups; group++)
            kernels->rows_by_sign(op, group, &tools->list, part, apart);
        kernels->layer->line(part, part + apart, 1.0f, op->out_length * op->out_stride, m_in);
    }
    count_inputs(step, tools, op, u);
    count_inputs(step, tools, op, v);
    return true;
}

static void share_outputs_single(const mg_step *step, const mg_linear_rule *rule, const float *z, const float *m,
                                 float *u, float *v)
{
    step->kernels->layer->lrp_shares(rule, ((const mg_map *)step->packed)->forward.bias, z, m,
                                     mg_step_extent_out(step).length, step->stride[step->output], u, v);
}

static mg_status pack_single(mg_step *step, mg_error *err)
{
    return mg_map_create(step, MG_SINGLE, (mg_map **)&step->packed, err);
}

#include "src/nodes/weights_walk.h"
#include "src/nodes/reveal_walk.h"
#undef real
#undef NAME

/* --- float64: plain loops --- */

#define real       double
#define NAME(name) name##_double

static void map_forward_double(const mg_step *step, mg_tools *tools, int sign, const double *in, bool with_bias,
                               double *out)
{
    (void)tools;
    const double *weight = ((const mg_map *)step->packed)->weight;
    const mg_slide *slide = &step->node->slide;
    mg_extent from = mg_step_extent_in(step, 0), to = mg_step_extent_out(step);
    for (int64_t t = 0; t < to.length; t++)
        for (int64_t o = 0; o < to.channels; o++) {
            double sum = with_bias ? step->node->bias[o] : 0.0;
            for (int64_t k = 0; k < slide->kernel; k++) {
                int64_t p = t * slide->stride + k * slide->dilation - slide->pad;
                if (p < 0 || p >= from.length) continue;
                for (int64_t c = 0; c < from.channels; c++)
                    sum += mg_of_sign(weight[(o * from.channels + c) * slide->kernel + k], sign) *
                           in[p * from.channels + c];
            }
            out[t * to.channels + o] = sum;
        }
}

static void map_backward_double(const mg_step *step, mg_tools *tools, int sign, const double *m, double *m_in)
{
    (void)tools;
    const double *weight = ((const mg_map *)step->packed)->weight;
    const mg_slide *slide = &step->node->slide;
    mg_extent from = mg_step_extent_in(step, 0), to = mg_step_extent_out(step);
    memset(m_in, 0, (size_t)(from.length * from.channels) * sizeof *m_in);
    for (int64_t t = 0; t < to.length; t++)
        for (int64_t o = 0; o < to.channels; o++) {
            double share = m[t * to.channels + o];
            if (share == 0.0) continue;
            for (int64_t k = 0; k < slide->kernel; k++) {
                int64_t p = t * slide->stride + k * slide->dilation - slide->pad;
                if (p < 0 || p >= from.length) continue;
                for (int64_t c = 0; c < from.channels; c++)
                    m_in[p * from.channels + c] +=
                        share * mg_of_sign(weight[(o * from.channels + c) * slide->kernel + k], sign);
            }
        }
}

static bool map_by_sign_double(const mg_step *step, mg_tools *tools, const double *u, const double *v, double *part,
                               int64_t apart, double *m_in)
{
    (void)step, (void)tools, (void)u, (void)v, (void)part, (void)apart, (void)m_in;
    return false;
}

static void share_outputs_double(const mg_step *step, const mg_linear_rule *rule, const double *z, const double *m,
                                 double *u, double *v)
{
    mg_extent out = mg_step_extent_out(step);
    for (int64_t t = 0; t < out.length; t++)
        for (int64_t c = 0; c < out.channels; c++) {
            int64_t o = t * out.channels + c;
            mg_lrp_share(rule, z[o], step->node->bias[c], m[o], &u[o], &v[o]);
        }
}

static mg_status pack_double(mg_step *step, mg_error *err)
{
    return mg_map_create(step, MG_DOUBLE, (mg_map **)&step->packed, err);
}

#include "src/nodes/weights_walk.h"
#include "src/nodes/reveal_walk.h"
#undef real
#undef NAME

/* --- the kinds --- */

static const mg_rows *rows(const mg_step *step)
{
    return &((const mg_map *)step->packed)->forward;
}

#define OPS(precision, rescale)                                                                                        \
    {                                                                                                                  \
        .pack = pack_##precision, .release = mg_map_destroy, .scratch = scratch_##precision, .rows = rows,             \
        .forward = forward_##precision, .backward = {                                                                  \
            gradient_##precision,                                                                                      \
            gradient_##precision,                                                                                      \
            gradient_##precision,                                                                                      \
            rescale,                                                                                                   \
            lrp_##precision                                                                                            \
        }                                                                                                              \
    }

static const mg_ops conv_ops[] = {OPS(single, gradient_single), OPS(double, gradient_double)};
static const mg_ops dense_ops[] = {OPS(single, rescale_single), OPS(double, rescale_double)};

/* Weights lie output by output, whatever the groups. */
static void scale(mg_node *node, int64_t channels, const double *factor, const double *shift)
{
    int64_t row = node->n_weight / channels;
    for (int64_t o = 0; o < channels; o++) {
        for (int64_t i = 0; i < row; i++)
            node->weight[o * row + i] *= factor[o];
        node->bias[o] = node->bias[o] * factor[o] + shift[o];
    }
}

#define KIND(word, people, more, shape_of, op, writes, said)                                                           \
    {                                                                                                                  \
        .name = word, .title = people,                                                                                 \
        .traits = MG_TRAIT_LINEAR | MG_TRAIT_PIECEWISE_LINEAR | MG_TRAIT_WEIGHTS | MG_TRAIT_MAP | more,                \
        .min_inputs = 1, .max_inputs = 1, .shape = shape_of, .touch = mg_slide_touch, .need = mg_slide_need,           \
        .n_macs = n_macs, .training = MG_TRAINED_MAP, .words = writes, .rules = said "LRP: shared by the chosen rule", \
        .scale = scale, .ops = {                                                                                       \
            &op[0],                                                                                                    \
            &op[1]                                                                                                     \
        }                                                                                                              \
    }

static const mg_kind kinds[] = {KIND("conv", "convolution", 0, conv_shape, conv_ops, mg_words_conv, ""),
                                KIND("dense", "dense", MG_TRAIT_DENSE, dense_shape, dense_ops, mg_words_dense,
                                     "DeepLIFT: the gradient; RevealCancel by sign where a ReLU alone reads it; ")};

const mg_kind *mg_conv_kind(size_t i)
{
    return i < sizeof kinds / sizeof kinds[0] ? &kinds[i] : NULL;
}
