/* onnx_layer.c  operators with weights, and those that slide a window */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/model/onnx_call.h"

/* --- windows --- */

/* One attribute of a window: n numbers, or twice as many. */
static mg_status read_words(mg_onnx_call *call, const char *name, int n, int64_t *to, mg_error *err)
{
    const MgOnnx__Attribute *attribute = mg_onnx_attribute(call, name);
    if (attribute == NULL) return MG_OK;
    if (attribute->n_ints != (size_t)n)
        return mg_fail(err, MG_EINPUT, "%s: its %s are not as many as its axes", call->front->name, name);
    memcpy(to, attribute->ints, (size_t)n * sizeof *to);
    return MG_OK;
}

/* auto_pad */
static mg_status same_padding(mg_onnx_call *call, const mg_view *in, int n, mg_window_words *words, mg_error *err)
{
    bool upper = mg_onnx_text_is(call, "auto_pad", "SAME_UPPER"),
         lower = mg_onnx_text_is(call, "auto_pad", "SAME_LOWER");
    if (!upper && !lower) return MG_OK;
    for (int d = 0; d < n; d++) {
        if (words->stride[d] < 1 || words->kernel[d] < 1 || words->kernel[d] > (int64_t)1 << 31 ||
            words->dilation[d] < 1 || words->dilation[d] > (int64_t)1 << 31)
            return mg_onnx_refuse(call, err, "its kernel, stride or dilation makes no sense");
        mg_window_same(words, d, in->dim[2 + d], lower);
    }
    return MG_OK;
}

static mg_status read_window(mg_onnx_call *call, const mg_view *in, const mg_view *weight, mg_window_words *words,
                             mg_error *err)
{
    int n = in->n_dims - 2;
    int64_t pads[4] = {0};
    *words = mg_window_plain();
    if (n != 1 && n != 2)
        return mg_onnx_refuse(call, err, "only one and two dims beside batch and channels are supported");
    for (int d = 0; d < n && weight != NULL && weight->n_dims == in->n_dims; d++)
        words->kernel[d] = weight->dim[2 + d];
    mg_status status = read_words(call, "kernel_shape", n, words->kernel, err);
    if (status == MG_OK) status = read_words(call, "strides", n, words->stride, err);
    if (status == MG_OK) status = read_words(call, "dilations", n, words->dilation, err);
    if (status == MG_OK) status = read_words(call, "pads", 2 * n, pads, err);
    for (int d = 0; d < n; d++) {
        words->before[d] = pads[d];
        words->behind[d] = pads[n + d];
    }
    words->groups = mg_onnx_int(call, "group", 1);
    words->ceil = mg_onnx_int(call, "ceil_mode", 0) != 0;
    words->count_pad = mg_onnx_int(call, "count_include_pad", 0) != 0;
    return status == MG_OK ? same_padding(call, in, n, words, err) : status;
}

static mg_status run_conv(mg_onnx_call *call, mg_error *err)
{
    mg_window_words words;
    mg_view view;
    mg_status status = read_window(call, mg_onnx_view(call, 0), mg_onnx_view(call, 1), &words, err);
    if (status == MG_OK)
        status = mg_front_conv(call->front, mg_onnx_view(call, 0), &words, mg_onnx_view(call, 1), mg_onnx_view(call, 2),
                               &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

static mg_status run_conv_transposed(mg_onnx_call *call, mg_error *err)
{
    mg_window_words words;
    mg_view view;
    int64_t more[2] = {0, 0};
    int n = mg_onnx_view(call, 0)->n_dims - 2;
    bool automatic = mg_onnx_attribute(call, "auto_pad") != NULL && !mg_onnx_text_is(call, "auto_pad", "NOTSET") &&
                     !mg_onnx_text_is(call, "auto_pad", "VALID");
    if (automatic || mg_onnx_attribute(call, "output_shape") != NULL)
        return mg_onnx_refuse(call, err, "its padding follows from a shape, which is not supported");
    mg_status status = read_window(call, mg_onnx_view(call, 0), mg_onnx_view(call, 1), &words, err);
    if (status == MG_OK) status = read_words(call, "output_padding", n, more, err);
    for (int d = 0; d < 2; d++)
        words.behind[d] -= more[d];
    if (status == MG_OK)
        status = mg_front_conv_transposed(call->front, mg_onnx_view(call, 0), &words, mg_onnx_view(call, 1),
                                          mg_onnx_view(call, 2), &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

static mg_status run_pool(mg_onnx_call *call, mg_error *err)
{
    mg_window_words words;
    mg_view view;
    bool largest = strcmp(call->node->op_type, "MaxPool") == 0;
    if (call->n_outputs > 1)
        return mg_onnx_refuse(call, err, "the places of maxima are asked for, which is not supported");
    if (mg_onnx_attribute(call, "kernel_shape") == NULL) return mg_onnx_refuse(call, err, "it has no kernel_shape");
    mg_status status = read_window(call, mg_onnx_view(call, 0), NULL, &words, err);
    if (status == MG_OK)
        status = mg_front_pool(call->front, largest ? MG_POOL_MAX : MG_POOL_AVERAGE, mg_onnx_view(call, 0), &words,
                               &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

static mg_status run_global_pool(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    bool axes[MG_VIEW_DIMS] = {false}, largest = strcmp(call->node->op_type, "GlobalMaxPool") == 0;
    mg_view view;
    for (int d = 2; d < in->n_dims; d++)
        axes[d] = true;
    mg_status status = mg_front_reduce(call->front, largest ? MG_REDUCE_MAX : MG_REDUCE_MEAN, in, axes, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

/* --- norms --- */

static mg_status run_batch_norm(mg_onnx_call *call, mg_error *err)
{
    const mg_view *part[4];
    mg_view view;
    for (size_t k = 0; k < 4; k++)
        part[k] = mg_onnx_view(call, k + 1);
    if (mg_onnx_int(call, "training_mode", 0) != 0)
        return mg_onnx_refuse(call, err, "it is in training mode; export the model after model.eval()");
    if (mg_onnx_int(call, "spatial", 1) != 1)
        return mg_onnx_refuse(call, err, "statistics by position (spatial = 0) are not supported");
    mg_status status = mg_front_batch_norm(call->front, mg_onnx_view(call, 0), 1, part,
                                           mg_onnx_real(call, "epsilon", 1e-5), &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

/* Over the last axis (or axes), where at most one other one is longer than 1. */
static mg_status run_layer_norm(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    int first = 0, positions = -1;
    mg_view view;
    mg_status status = mg_onnx_axis(call, mg_onnx_int(call, "axis", -1), in->n_dims, &first, err);
    if (status != MG_OK) return status;
    if (call->n_outputs > 1) return mg_onnx_refuse(call, err, "its mean is asked for, which is not supported");
    for (int d = 0; d < first; d++) {
        if (in->dim[d] == 1) continue;
        if (positions >= 0) return mg_onnx_refuse(call, err, "it leaves more than one axis, which is not supported");
        positions = d;
    }
    status = mg_front_layer_norm(call->front, in, positions, mg_onnx_view(call, 1), mg_onnx_view(call, 2),
                                 mg_onnx_real(call, "epsilon", 1e-5), &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

/* One number for each group becomes one for each channel of it (opset 18 to 20). */
static mg_status by_group(mg_onnx_call *call, const mg_view *part, int64_t channels, int64_t groups, mg_view *ret,
                          mg_error *err)
{
    double *number = NULL;
    *ret = *part;
    if (mg_view_size(part) != groups || groups == channels || !part->constant) return MG_OK;
    mg_status status = mg_front_numbers(call->front, channels, &number, err);
    for (int64_t c = 0; status == MG_OK && c < channels; c++)
        number[c] = mg_view_number(part, c / (channels / groups));
    if (status == MG_OK) *ret = mg_view_constant(1, &channels, number);
    return status;
}

static mg_status run_group_norm(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    bool instance = strcmp(call->node->op_type, "InstanceNormalization") == 0;
    int64_t channels = in->n_dims > 1 ? in->dim[1] : 0,
            groups = instance ? channels : mg_onnx_int(call, "num_groups", 0);
    mg_view scale, shift, view;
    if (groups < 1 || channels % groups != 0) return mg_onnx_refuse(call, err, "its groups do not divide its channels");
    mg_status status = by_group(call, mg_onnx_view(call, 1), channels, groups, &scale, err);
    if (status == MG_OK) status = by_group(call, mg_onnx_view(call, 2), channels, groups, &shift, err);
    if (status == MG_OK)
        status = mg_front_group_norm(call->front, in, groups, &scale, &shift, mg_onnx_real(call, "epsilon", 1e-5),
                                     &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

static mg_status run_prelu(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0), *slope = mg_onnx_view(call, 1);
    mg_view view;
    /* The slopes are repeated as numpy does: one number, or (C, 1...), which stand along the channels, or (C) along the last. */
    int axis = slope->n_dims == in->n_dims - 1 ? 1 : in->n_dims - 1;
    if (slope->n_dims == in->n_dims) axis = 1;
    if (mg_view_size(slope) == 1) axis = in->n_dims > 1 ? 1 : 0;
    mg_status status = mg_front_prelu(call->front, in, axis, slope, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

/* --- fully connected --- */

static mg_status transposed(mg_onnx_call *call, const mg_view *in, mg_view *ret, mg_error *err)
{
    int order[MG_VIEW_DIMS];
    for (int d = 0; d < in->n_dims; d++)
        order[d] = d;
    order[in->n_dims - 1] = in->n_dims - 2;
    order[in->n_dims - 2] = in->n_dims - 1;
    return mg_view_transpose(in, order, call->front, ret, err);
}

static mg_status scaled(mg_onnx_call *call, const mg_view *in, double factor, mg_view *ret, mg_error *err)
{
    double *number = NULL;
    mg_status status = mg_front_numbers(call->front, 1, &number, err);
    if (status != MG_OK) return status;
    number[0] = factor;
    mg_view scalar = mg_view_scalar(number);
    return mg_front_arithmetic(call->front, MG_MULTIPLY, in, &scalar, ret, err);
}

static mg_status run_gemm(mg_onnx_call *call, mg_error *err)
{
    mg_view a = *mg_onnx_view(call, 0), b = *mg_onnx_view(call, 1), c, view;
    const mg_view *bias = mg_onnx_view(call, 2);
    double alpha = mg_onnx_real(call, "alpha", 1.0), beta = mg_onnx_real(call, "beta", 1.0);
    if (a.n_dims != 2 || b.n_dims != 2) return mg_onnx_refuse(call, err, "its inputs are no matrices");
    mg_status status = MG_OK;
    if (mg_onnx_int(call, "transA", 0) != 0) status = transposed(call, &a, &a, err);
    if (status == MG_OK && mg_onnx_int(call, "transB", 0) == 0) status = transposed(call, &b, &b, err);
    if (status == MG_OK && b.constant && alpha != 1.0) status = scaled(call, &b, alpha, &b, err);
    if (bias != NULL) c = *bias;
    if (status == MG_OK && bias != NULL && bias->constant && beta != 1.0) status = scaled(call, bias, beta, &c, err);
    if (status != MG_OK) return status;
    bool direct = bias == NULL || (c.constant && mg_view_size(&c) == b.dim[0]);
    if (!direct && beta != 1.0 && !c.constant) return mg_onnx_refuse(call, err, "beta beside 1 is not supported here");
    status = mg_front_linear(call->front, &a, &b, direct && bias != NULL ? &c : NULL, &view, err);
    if (status == MG_OK && !direct) status = mg_front_arithmetic(call->front, MG_ADD, &view, &c, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

static mg_status run_matmul(mg_onnx_call *call, mg_error *err)
{
    mg_view a = *mg_onnx_view(call, 0), b = *mg_onnx_view(call, 1), view;
    if (!a.constant && !b.constant)
        return mg_onnx_refuse(call, err,
                              "two tensors that depend on the window are multiplied as matrices (attention), which "
                              "is not supported");
    if (a.constant && b.constant)
        return mg_onnx_refuse(call, err, "a product of two constant matrices is not supported");
    if (a.n_dims < 2 || b.n_dims < 2 || (a.constant ? a : b).n_dims != 2)
        return mg_onnx_refuse(call, err, "a matrix product of these dims is not supported");
    mg_status status = transposed(call, &b, &b, err);
    if (status == MG_OK && a.constant) {
        /* (A B)' = B' A': the weights are then A itself */
        status = mg_front_linear(call->front, &b, &a, NULL, &view, err);
        if (status == MG_OK) status = transposed(call, &view, &view, err);
    } else if (status == MG_OK) {
        status = mg_front_linear(call->front, &a, &b, NULL, &view, err);
    }
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

const mg_onnx_row mg_onnx_layers[] = {{"Conv", 2, run_conv},
                                      {"ConvTranspose", 2, run_conv_transposed},
                                      {"MaxPool", 1, run_pool},
                                      {"AveragePool", 1, run_pool},
                                      {"GlobalAveragePool", 1, run_global_pool},
                                      {"GlobalMaxPool", 1, run_global_pool},
                                      {"BatchNormalization", 5, run_batch_norm},
                                      {"LayerNormalization", 2, run_layer_norm},
                                      {"InstanceNormalization", 3, run_group_norm},
                                      {"GroupNormalization", 3, run_group_norm},
                                      {"PRelu", 2, run_prelu},
                                      {"Gemm", 2, run_gemm},
                                      {"MatMul", 2, run_matmul},
                                      {NULL, 0, NULL}};
