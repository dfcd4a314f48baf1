/* build_linear.c  convolutions and fully connected layers
 *
 * Every linear module becomes a node (conv or dense) whose weight (out, in, kernel) is read from the file's tensor by two
 * strides: number(o, c, k) = o * in * kernel + c * channel_step + k * kernel_step, c counted in the file's order of
 * bases at the input. That one rule covers Conv1d, Conv2d both ways round, and Linear after either order of flattening.
 */
#include "src/graph/printed/builder.h"

#include <string.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"

typedef struct {
    int64_t in, out, kernel, stride, dilation, pad_left, pad_right;
    int64_t channel_step, kernel_step;
} linear_shape;

/* --- linear layers --- */

/* The node's weights out of the file's tensor, or into it where tensors are made from a network. */
static void move_weights(const mg_builder *builder, const linear_shape *shape, float *file, float *file_bias,
                         mg_node *node)
{
    const mg_node *source = NULL;
    if (builder->made != NULL && builder->source != NULL) source = &builder->source->node[builder->network->n_nodes];
    int64_t i = 0;
    for (int64_t o = 0; o < shape->out; o++) {
        float *row = file + o * shape->in * shape->kernel;
        for (int64_t c = 0; c < shape->in; c++) {
            float *at = row + mg_builder_channel(builder, c) * shape->channel_step;
            for (int64_t k = 0; k < shape->kernel; k++, i++) {
                if (source != NULL) at[k * shape->kernel_step] = (float)source->weight[i];
                node->weight[i] = at[k * shape->kernel_step];
            }
        }
        if (file_bias == NULL) continue;
        if (source != NULL) file_bias[o] = (float)source->bias[o];
        node->bias[o] = file_bias[o];
    }
}

static mg_status add_linear(mg_builder *builder, const mg_module *module, const linear_shape *shape, const char *kind,
                            float *weight, mg_error *err)
{
    bool has_bias = true;
    float *bias = NULL;
    mg_status status = mg_module_boolean(module, "bias", true, &has_bias, err);
    if (status == MG_OK && has_bias) status = mg_builder_tensor(builder, module, "bias", 1, &shape->out, &bias, err);
    if (status != MG_OK) return status;
    mg_node draft = {.kind = mg_kind_find(kind),
                     .slide = {.kernel = shape->kernel,
                               .stride = shape->stride,
                               .dilation = shape->dilation,
                               .pad = shape->pad_left,
                               .pad_end = shape->pad_right},
                     .groups = 1,
                     .n_weight = shape->out * shape->in * shape->kernel,
                     .n_bias = shape->out};
    status = mg_alloc(&draft.weight, (size_t)draft.n_weight, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&draft.bias, (size_t)draft.n_bias, sizeof(double), err);
    if (status != MG_OK) {
        mg_node_clear(&draft);
        return status;
    }
    move_weights(builder, shape, weight, bias, &draft);
    builder->input = false;
    return mg_builder_node(builder, module, &draft, err);
}

/* --- convolution --- */

typedef struct {
    int n_axes;
    int64_t in, out;
    int64_t kernel[2], stride[2], dilation[2], pad[2]; /* pad: on either side */
    bool same;
} convolution;

static mg_status read_convolution(const mg_module *module, convolution *conv, mg_error *err)
{
    int n = conv->n_axes;
    const char *padding = mg_module_given(module, "padding"), *mode = mg_module_given(module, "padding_mode");
    int64_t groups = 1;
    mg_status status = mg_module_integers(module, "in_channels", 1, 0, 1, &conv->in, err);
    if (status == MG_OK) status = mg_module_integers(module, "out_channels", 1, 0, 1, &conv->out, err);
    if (status == MG_OK) status = mg_module_integers(module, "kernel_size", 1, 0, n, conv->kernel, err);
    if (status == MG_OK) status = mg_module_integers(module, "stride", 1, 1, n, conv->stride, err);
    if (status == MG_OK) status = mg_module_integers(module, "dilation", 1, 1, n, conv->dilation, err);
    if (status == MG_OK) status = mg_module_integers(module, "groups", 1, 1, 1, &groups, err);
    if (status != MG_OK) return status;
    if (groups != 1)
        return mg_fail(err, MG_EINPUT, "%s %s: groups=%lld cannot be explained by mutagree; only groups=1",
                       module->name, module->text, (long long)groups);
    if (mode != NULL && strcmp(mode, "zeros") != 0)
        return mg_fail(err, MG_EINPUT, "%s %s: padding_mode=%s cannot be explained by mutagree; only zeros",
                       module->name, module->text, mode);
    conv->same = padding != NULL && strcmp(padding, "same") == 0;
    if (conv->same || (padding != NULL && strcmp(padding, "valid") == 0)) return MG_OK;
    return mg_module_integers(module, "padding", 0, 0, n, conv->pad, err);
}

/* The axis across the window has to vanish in the first convolution (its kernel spans the bases) and stay away. */
static mg_status check_across(const mg_builder *builder, const mg_module *module, const convolution *conv, int64_t span,
                              int *ret_along, mg_error *err)
{
    mg_status status = mg_builder_check_axis(builder, module, span, conv->kernel, conv->stride, ret_along, err);
    if (status != MG_OK) return status;
    int across = 1 - *ret_along;
    if (conv->pad[across] != 0 || (span > 1 && (conv->same || conv->dilation[across] != 1)))
        return mg_fail(err, MG_EINPUT, "%s %s: padding or dilation across the window cannot be explained by mutagree",
                       module->name, module->text);
    return MG_OK;
}

/* Along the window: the shape of the node; `span` bases lie on the other axis (1: they are channels). */
static mg_status shape_convolution(const mg_builder *builder, const mg_module *module, const convolution *conv,
                                   int64_t span, int along, linear_shape *shape, mg_error *err)
{
    *shape = (linear_shape){.in = builder->channels,
                            .out = conv->out,
                            .kernel = conv->kernel[along],
                            .stride = conv->stride[along],
                            .dilation = conv->dilation[along],
                            .pad_left = conv->pad[along],
                            .pad_right = conv->pad[along],
                            .channel_step = conv->kernel[along],
                            .kernel_step = 1};
    if (span > 1 && along == 0) {
        shape->channel_step = 1;
        shape->kernel_step = span;
    }
    if (!conv->same) return MG_OK;
    if (shape->stride != 1)
        return mg_fail(err, MG_EINPUT, "%s %s: padding=same needs stride 1", module->name, module->text);
    int64_t total = shape->dilation * (shape->kernel - 1);
    shape->pad_left = total / 2;
    shape->pad_right = total - total / 2;
    return MG_OK;
}

mg_status mg_build_convolution(mg_builder *builder, const mg_module *module, mg_error *err)
{
    convolution conv = {.n_axes = module->type->n_axes};
    linear_shape shape;
    int along = 0;
    mg_status status = read_convolution(module, &conv, err);
    if (status != MG_OK) return status;
    if (builder->flat)
        return mg_fail(err, MG_EINPUT, "%s %s comes after Flatten or Linear, where there are no positions any more",
                       module->name, module->text);
    int64_t span = conv.n_axes == 2 && conv.in == 1 && builder->input ? builder->channels : 1;
    if (conv.in * span != builder->channels)
        return mg_fail(err, MG_EINPUT, "%s %s takes %lld channels, but %lld arrive", module->name, module->text,
                       (long long)conv.in, (long long)builder->channels);
    if (conv.n_axes == 2) status = check_across(builder, module, &conv, span, &along, err);
    if (status == MG_OK) status = shape_convolution(builder, module, &conv, span, along, &shape, err);
    if (status != MG_OK) return status;

    int64_t reach = shape.dilation * (shape.kernel - 1) + 1;
    int64_t room = builder->length + shape.pad_left + shape.pad_right;
    if (room < reach) return mg_builder_too_short(builder, module, reach - shape.pad_left - shape.pad_right, err);
    const int64_t dim[4] = {conv.out, conv.in, conv.kernel[0], conv.kernel[1]};
    float *weight = NULL;
    status = mg_builder_tensor(builder, module, "weight", 2 + conv.n_axes, dim, &weight, err);
    if (status != MG_OK) return status;
    return add_linear(builder, module, &shape, "conv", weight, err);
}

/* --- fully connected --- */

mg_status mg_build_dense(mg_builder *builder, const mg_module *module, mg_error *err)
{
    int64_t in = 0, out = 0;
    mg_status status = mg_module_integers(module, "in_features", 1, 0, 1, &in, err);
    if (status == MG_OK) status = mg_module_integers(module, "out_features", 1, 0, 1, &out, err);
    if (status != MG_OK) return status;
    if (in != builder->length * builder->channels)
        return mg_fail(err, MG_EINPUT,
                       "%s %s takes %lld features, but %lld positions x %lld channels = %lld arrive (%s)", module->name,
                       module->text, (long long)in, (long long)builder->length, (long long)builder->channels,
                       (long long)(builder->length * builder->channels), builder->way);
    bool positions_first = builder->architecture->positions_first;
    linear_shape shape = {.in = builder->channels,
                          .out = out,
                          .kernel = builder->length,
                          .stride = 1,
                          .dilation = 1,
                          .channel_step = positions_first ? 1 : builder->length,
                          .kernel_step = positions_first ? builder->channels : 1};
    const int64_t dim[2] = {out, in};
    float *weight = NULL;
    status = mg_builder_tensor(builder, module, "weight", 2, dim, &weight, err);
    if (status == MG_OK) status = add_linear(builder, module, &shape, "dense", weight, err);
    if (status != MG_OK) return status;
    builder->flat = true;
    return MG_OK;
}
