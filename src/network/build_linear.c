/* build_linear.c  the modules with weights: convolutions, fully connected layers, batch normalisation
 *
 * Every linear module becomes an MG_LINEAR whose weight (out, in, kernel) is read from the file's tensor by two
 * strides: number(o, c, k) = o * in * kernel + c * channel_step + k * kernel_step, c counted in the file's order of
 * bases at the input. That one rule covers Conv1d, Conv2d both ways round, and Linear after either order of flattening.
 */
#include "src/network/builder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/core/memory.h"

typedef struct {
    int64_t in, out, kernel, stride, dilation, pad_left, pad_right;
    int64_t channel_step, kernel_step;
} linear_shape;

/* --- tensors --- */

static void index_text(const mg_tensor *tensor, size_t i, char text[MG_SHAPE_TEXT])
{
    int64_t index[MG_MAX_DIMS];
    int64_t rest = (int64_t)i;
    for (int d = tensor->n_dims - 1; d >= 0; d--) {
        index[d] = rest % tensor->dim[d];
        rest /= tensor->dim[d];
    }
    size_t n = 0;
    text[0] = '\0';
    for (int d = 0; d < tensor->n_dims && n < MG_SHAPE_TEXT; d++)
        n += (size_t)snprintf(text + n, MG_SHAPE_TEXT - n, d > 0 ? ", %lld" : "%lld", (long long)index[d]);
}

static mg_status check_finite(const mg_tensor *tensor, mg_error *err)
{
    for (size_t i = 0; i < tensor->n; i++) {
        if (isfinite(tensor->data[i])) continue;
        char at[MG_SHAPE_TEXT];
        index_text(tensor, i, at);
        return mg_fail(err, MG_EINPUT, "%s[%s] is %s; was the network saved after its training went astray?",
                       tensor->name, at, isnan(tensor->data[i]) ? "NaN" : "infinite");
    }
    return MG_OK;
}

static bool same_shape(const mg_tensor *tensor, int n_dims, const int64_t *dim)
{
    if (tensor->n_dims != n_dims) return false;
    for (int d = 0; d < n_dims; d++) {
        if (tensor->dim[d] != dim[d]) return false;
    }
    return true;
}

/* A new tensor of zeros, where tensors are made. */
static mg_status make_tensor(mg_builder *builder, const char *name, int n_dims, const int64_t *dim, float **ret,
                             mg_error *err)
{
    mg_tensor *tensor = NULL;
    mg_status status = mg_tensors_add(builder->made, name, n_dims, dim, &tensor, err);
    if (status == MG_OK) *ret = tensor->data;
    return status;
}

/* The module's tensor of that name, in the shape it has to have, all numbers finite. */
static mg_status take_tensor(mg_builder *builder, const mg_module *module, const char *what, int n_dims,
                             const int64_t *dim, float **ret, mg_error *err)
{
    char name[MG_LAYER_NAME + 32], found[MG_SHAPE_TEXT], needed[MG_SHAPE_TEXT];
    snprintf(name, sizeof name, "%s%s%s", module->name, module->name[0] != '\0' ? "." : "", what);
    if (builder->made != NULL) return make_tensor(builder, name, n_dims, dim, ret, err);
    const mg_tensor *tensor = mg_tensors_find(builder->tensors, name);
    if (tensor == NULL)
        return mg_fail(err, MG_EINPUT, "%s needs a tensor %s, which is not among the %zu tensors of the file (%s%s)",
                       module->text, name, builder->tensors->n,
                       builder->tensors->n > 0 ? "the first is " : "it is empty",
                       builder->tensors->n > 0 ? builder->tensors->tensor[0].name : "");
    if (!same_shape(tensor, n_dims, dim))
        return mg_fail(err, MG_EINPUT, "%s is %s but %s needs %s", name,
                       mg_shape_text(tensor->n_dims, tensor->dim, found), module->text,
                       mg_shape_text(n_dims, dim, needed));
    mg_status status = check_finite(tensor, err);
    if (status != MG_OK) return status;
    builder->taken[tensor - builder->tensors->tensor] = true;
    *ret = tensor->data;
    return MG_OK;
}

/* --- linear layers --- */

static int64_t file_channel(const mg_builder *builder, int64_t c)
{
    return builder->input ? builder->architecture->base_channel[c] : c;
}

/* The layer's weights out of the file's tensor, or into it where tensors are made from a network. */
static void move_weights(const mg_builder *builder, const linear_shape *shape, float *file, float *file_bias,
                         mg_layer *layer)
{
    const mg_layer *source = NULL;
    if (builder->made != NULL && builder->source != NULL)
        source = &builder->source->layer[builder->network->n_layers - 1];
    int64_t i = 0;
    for (int64_t o = 0; o < shape->out; o++) {
        float *row = file + o * shape->in * shape->kernel;
        for (int64_t c = 0; c < shape->in; c++) {
            float *at = row + file_channel(builder, c) * shape->channel_step;
            for (int64_t k = 0; k < shape->kernel; k++, i++) {
                if (source != NULL) at[k * shape->kernel_step] = (float)source->weight[i];
                layer->weight[i] = at[k * shape->kernel_step];
            }
        }
        if (file_bias == NULL) continue;
        if (source != NULL) file_bias[o] = (float)source->bias[o];
        layer->bias[o] = file_bias[o];
    }
}

static mg_status add_linear(mg_builder *builder, const mg_module *module, const linear_shape *shape, int64_t out_length,
                            float *weight, mg_error *err)
{
    bool has_bias = true;
    float *bias = NULL;
    mg_status status = mg_module_boolean(module, "bias", true, &has_bias, err);
    if (status == MG_OK && has_bias) status = take_tensor(builder, module, "bias", 1, &shape->out, &bias, err);
    if (status != MG_OK) return status;
    mg_layer *layer = NULL;
    status = mg_builder_layer(builder, module, MG_LINEAR, out_length, shape->out, &layer, err);
    if (status == MG_OK)
        status = mg_alloc(&layer->weight, (size_t)(shape->out * shape->in * shape->kernel), sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&layer->bias, (size_t)shape->out, sizeof(double), err);
    if (status != MG_OK) return status;
    layer->kernel = shape->kernel;
    layer->stride = shape->stride;
    layer->dilation = shape->dilation;
    layer->pad = shape->pad_left;
    move_weights(builder, shape, weight, bias, layer);
    builder->input = false;
    return MG_OK;
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

/* Along the window: the shape of the MG_LINEAR layer; `span` bases lie on the other axis (1: they are channels). */
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
    convolution conv = {.n_axes = module->n_axes};
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
    status = take_tensor(builder, module, "weight", 2 + conv.n_axes, dim, &weight, err);
    if (status != MG_OK) return status;
    return add_linear(builder, module, &shape, (room - reach) / shape.stride + 1, weight, err);
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
    status = take_tensor(builder, module, "weight", 2, dim, &weight, err);
    if (status == MG_OK) status = add_linear(builder, module, &shape, 1, weight, err);
    if (status != MG_OK) return status;
    builder->network->layer[builder->network->n_layers - 1].dense = true;
    builder->flat = true;
    return MG_OK;
}

/* --- batch normalisation --- */

/* What a trained batch normalisation does to file channel c: multiply by scale, add shift. */
typedef struct {
    float *mean, *variance, *weight, *bias; /* weight and bias are NULL without affine */
    double eps;
} normalisation;

static mg_status read_normalisation(mg_builder *builder, const mg_module *module, normalisation *norm, mg_error *err)
{
    bool affine = true, tracked = true;
    int64_t n = 0;
    mg_status status = mg_module_integers(module, "num_features", 1, 0, 1, &n, err);
    if (status == MG_OK) status = mg_module_real(module, "eps", 1e-5, &norm->eps, err);
    if (status == MG_OK) status = mg_module_boolean(module, "affine", true, &affine, err);
    if (status == MG_OK) status = mg_module_boolean(module, "track_running_stats", true, &tracked, err);
    if (status != MG_OK) return status;
    if (!tracked)
        return mg_fail(err, MG_EINPUT,
                       "%s %s: without running statistics its output depends on the other windows of a "
                       "batch, which cannot be explained by mutagree",
                       module->name, module->text);
    if (builder->flat && builder->length > 1)
        return mg_fail(err, MG_EINPUT,
                       "%s %s after Flatten of %lld positions cannot be explained by mutagree; only "
                       "before Flatten, or after a Linear",
                       module->name, module->text, (long long)builder->length);
    if (n != builder->channels)
        return mg_fail(err, MG_EINPUT, "%s %s takes %lld channels, but %lld arrive", module->name, module->text,
                       (long long)n, (long long)builder->channels);
    status = take_tensor(builder, module, "running_mean", 1, &n, &norm->mean, err);
    if (status == MG_OK) status = take_tensor(builder, module, "running_var", 1, &n, &norm->variance, err);
    if (status == MG_OK && affine) status = take_tensor(builder, module, "weight", 1, &n, &norm->weight, err);
    if (status == MG_OK && affine) status = take_tensor(builder, module, "bias", 1, &n, &norm->bias, err);
    return status;
}

static mg_status scale_and_shift(const mg_module *module, const normalisation *norm, int64_t c, double *scale,
                                 double *shift, mg_error *err)
{
    double variance = (double)norm->variance[c] + norm->eps;
    if (!(variance > 0))
        return mg_fail(err, MG_EINPUT, "%s.running_var[%lld] + eps is %g; a variance is positive", module->name,
                       (long long)c, variance);
    *scale = (norm->weight != NULL ? (double)norm->weight[c] : 1.0) / sqrt(variance);
    *shift = (norm->bias != NULL ? (double)norm->bias[c] : 0.0) - (double)norm->mean[c] * *scale;
    return MG_OK;
}

static mg_status fold(const mg_module *module, const normalisation *norm, mg_layer *layer, mg_error *err)
{
    int64_t n = layer->in_channels * layer->kernel;
    for (int64_t o = 0; o < layer->out_channels; o++) {
        double scale = 0, shift = 0;
        mg_status status = scale_and_shift(module, norm, o, &scale, &shift, err);
        if (status != MG_OK) return status;
        for (int64_t i = 0; i < n; i++)
            layer->weight[o * n + i] *= scale;
        layer->bias[o] = layer->bias[o] * scale + shift;
    }
    return MG_OK;
}

static mg_status add_affine(mg_builder *builder, const mg_module *module, const normalisation *norm, mg_error *err)
{
    mg_layer *layer = NULL;
    size_t n = (size_t)builder->channels;
    mg_status status = mg_builder_layer(builder, module, MG_AFFINE, builder->length, builder->channels, &layer, err);
    if (status == MG_OK) status = mg_alloc(&layer->weight, n, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&layer->bias, n, sizeof(double), err);
    for (int64_t c = 0; status == MG_OK && c < builder->channels; c++) {
        int64_t c_file = file_channel(builder, c);
        status = scale_and_shift(module, norm, c_file, &layer->weight[c], &layer->bias[c], err);
    }
    return status;
}

mg_status mg_build_batch_norm(mg_builder *builder, const mg_module *module, mg_error *err)
{
    normalisation norm = {0};
    if (builder->made != NULL)
        return mg_fail(err, MG_EINPUT,
                       "%s %s: batch normalisation is not trained by mutagree; leave it out, its scale and shift are "
                       "part of the layer before it",
                       module->name, module->text);
    mg_status status = read_normalisation(builder, module, &norm, err);
    if (status != MG_OK) return status;
    size_t n = builder->network->n_layers;
    mg_layer *before = n > 0 ? &builder->network->layer[n - 1] : NULL;
    if (before != NULL && before->kind == MG_LINEAR) return fold(module, &norm, before, err);
    return add_affine(builder, module, &norm, err);
}
