/* keras_window.c  convolutions and pools of Keras: kernels of four shapes and two orders, padding words */
#include <inttypes.h>
#include <string.h>

#include "io/model/keras_layer.h"

/* --- channels first and back --- */

static bool channels_first(const mg_keras_call *call)
{
    const char *format = mg_keras_text(call, "data_format", "dim_ordering", "channels_last");
    return strcmp(format, "channels_first") == 0 || strcmp(format, "th") == 0;
}

static mg_status to_front(mg_keras_call *call, mg_view *view, mg_error *err)
{
    const int one[3] = {0, 2, 1}, two[4] = {0, 3, 1, 2};
    if (view->n_dims != 3 && view->n_dims != 4)
        return mg_keras_refuse(call, err, "its input has neither positions nor rows and columns");
    if (channels_first(call)) return MG_OK;
    return mg_view_transpose(view, view->n_dims == 3 ? one : two, call->front, view, err);
}

static mg_status to_back(mg_keras_call *call, mg_view *view, mg_error *err)
{
    const int one[3] = {0, 2, 1}, two[4] = {0, 2, 3, 1};
    if (channels_first(call)) return MG_OK;
    return mg_view_transpose(view, view->n_dims == 3 ? one : two, call->front, view, err);
}

/* --- kernels --- */

/* The order of axes that makes (out, in, rows, columns) of a kernel; false when its dims fit no version. */
static bool find_order(const mg_view *kernel, int n, int64_t in, int64_t out, const int64_t size[2], int order[4])
{
    static const struct {
        int n, n_dims;
        int order[4];                   /* axes of the kernel for out, in, first, second */
    } known[] = {{1, 3, {2, 1, 0, -1}}, /* Keras 2: (k, in, out) */
                 {1, 4, {3, 2, 0, 1}},  /* Keras 1: (k, 1, in, out) */
                 {1, 4, {0, 1, 2, 3}},  /* Keras 0: (out, in, k, 1) */
                 {2, 4, {3, 2, 0, 1}},  /* Keras 2, and 1 with tf: (rows, columns, in, out) */
                 {2, 4, {0, 1, 2, 3}}}; /* th: (out, in, rows, columns) */
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const int *o = known[i].order;
        if (known[i].n != n || known[i].n_dims != kernel->n_dims) continue;
        if (kernel->dim[o[0]] != out || kernel->dim[o[1]] != in || kernel->dim[o[2]] != size[0]) continue;
        if (o[3] >= 0 && kernel->dim[o[3]] != (n == 1 ? 1 : size[1])) continue;
        memcpy(order, o, sizeof known[i].order);
        return true;
    }
    return false;
}

/* (out, in, k) or (out, in, rows, columns), turned where Theano made it */
static mg_status read_kernel(mg_keras_call *call, mg_view kernel, int n, int64_t in, int64_t out, const int64_t size[2],
                             mg_view *ret, mg_error *err)
{
    int order[4];
    char text[MG_DIMS_TEXT];
    if (!find_order(&kernel, n, in, out, size, order))
        return mg_fail(err, MG_EINPUT,
                       "layer %.100s: a kernel of %s does not go with %" PRId64 " channels and %" PRId64 " filters",
                       call->name, mg_view_dims_text(&kernel, text), in, out);
    mg_status status = mg_view_transpose(&kernel, order, call->front, &kernel, err);
    int64_t flat[3] = {out, in, size[0]};
    if (status == MG_OK && n == 1 && kernel.n_dims == 4)
        status = mg_view_reshape(&kernel, 3, flat, call->front, &kernel, err);
    for (int d = 2; d < 2 + n && status == MG_OK && call->theano; d++)
        status = mg_view_slice(&kernel, d, kernel.dim[d] - 1, -1, kernel.dim[d], call->front, &kernel, err);
    if (status == MG_OK) *ret = kernel;
    return status;
}

/* --- windows --- */

static mg_status read_size(mg_keras_call *call, int n, const char *const name[5], int64_t missing, int64_t ret[2],
                           mg_error *err)
{
    int found = 0;
    int64_t pair[2];
    mg_status status = mg_keras_pair(call, name[0], name[1], pair, &found, err);
    if (status == MG_OK && found == 0 && name[2] != NULL) {
        pair[0] = mg_keras_integer(call, name[2], NULL, -1);
        pair[1] = name[3] != NULL ? mg_keras_integer(call, name[3], NULL, -1) : pair[0];
        found = pair[0] > 0 ? 2 : 0;
    }
    for (int d = 0; d < n && status == MG_OK; d++) {
        ret[d] = found == 0 ? missing : found == 1 ? pair[0] : pair[d];
        if (ret[d] < 1 || ret[d] > (int64_t)1 << 31)
            return mg_keras_refuse(call, err, "its kernel, stride or dilation makes no sense");
    }
    return status;
}

/* in: channels first */
static mg_status read_padding(mg_keras_call *call, const mg_view *in, mg_window_words *words, mg_error *err)
{
    const char *padding = mg_keras_text(call, "padding", "border_mode", "valid");
    int n = in->n_dims - 2;
    if (strcmp(padding, "valid") == 0) return MG_OK;
    for (int d = 0; d < n; d++) {
        if (strcmp(padding, "causal") == 0 && n == 1) {
            words->before[d] = (words->kernel[d] - 1) * words->dilation[d];
        } else if (strcmp(padding, "same") == 0) {
            mg_window_same(words, d, in->dim[2 + d], false);
        } else if (strcmp(padding, "half") == 0 || strcmp(padding, "full") == 0) {
            words->before[d] = words->behind[d] = padding[0] == 'h' ? words->kernel[d] / 2 : words->kernel[d] - 1;
        } else {
            return mg_keras_refuse(call, err, "its padding is not known");
        }
    }
    return MG_OK;
}

static mg_status read_conv_window(mg_keras_call *call, const mg_view *in, mg_window_words *words, mg_error *err)
{
    static const char *const kernel[2][5] = {{"kernel_size", "filter_length", NULL},
                                             {"kernel_size", NULL, "nb_row", "nb_col"}};
    static const char *const stride[2][5] = {{"strides", "subsample_length", "subsample"},
                                             {"strides", "subsample", NULL}};
    static const char *const dilation[2][5] = {{"dilation_rate", "atrous_rate", NULL},
                                               {"dilation_rate", "atrous_rate", NULL}};
    int n = in->n_dims - 2;
    *words = mg_window_plain();
    mg_status status = read_size(call, n, kernel[n - 1], -1, words->kernel, err);
    if (status == MG_OK) status = read_size(call, n, stride[n - 1], 1, words->stride, err);
    if (status == MG_OK) status = read_size(call, n, dilation[n - 1], 1, words->dilation, err);
    words->groups = mg_keras_integer(call, "groups", NULL, 1);
    return status == MG_OK ? read_padding(call, in, words, err) : status;
}

/* --- convolutions --- */

static mg_status finish(mg_keras_call *call, mg_view *view, mg_error *err)
{
    mg_status status = to_back(call, view, err);
    if (status == MG_OK) status = mg_keras_activation(call, mg_keras_text(call, "activation", NULL, NULL), view, err);
    return status == MG_OK ? mg_keras_give(call, view) : status;
}

static mg_status run_conv(mg_keras_call *call, mg_error *err)
{
    mg_view in = call->input[0], kernel, view;
    mg_window_words words;
    bool biased = mg_keras_true(call, "use_bias", "bias", true);
    int64_t out = mg_keras_integer(call, "filters", "nb_filter", 0);
    if (call->n_weights != 1 + (size_t)biased)
        return mg_keras_refuse(call, err, "its weights are not a kernel (and biases)");
    mg_status status = to_front(call, &in, err);
    if (status == MG_OK) status = read_conv_window(call, &in, &words, err);
    if (status != MG_OK) return status;
    int n = in.n_dims - 2;
    if (words.groups < 1 || in.dim[1] % words.groups != 0)
        return mg_keras_refuse(call, err, "its groups do not divide its channels");
    status = read_kernel(call, call->weight[0].view, n, in.dim[1] / words.groups, out, words.kernel, &kernel, err);
    if (status == MG_OK)
        status = mg_front_conv(call->front, &in, &words, &kernel, biased ? &call->weight[1].view : NULL, &view, err);
    return status == MG_OK ? finish(call, &view, err) : status;
}

/* Depthwise kernels (k..., in, multiplier): each channel by itself. */
static mg_status run_depthwise(mg_keras_call *call, const mg_view *in, const mg_window_words *given,
                               const mg_view *bias, mg_view *ret, mg_error *err)
{
    mg_window_words words = *given;
    mg_view kernel = call->weight[0].view;
    int n = in->n_dims - 2, order[4] = {n, n + 1, 0, 1};
    bool fits = kernel.n_dims == n + 2 && kernel.dim[n] == in->dim[1];
    for (int d = 0; fits && d < n; d++)
        fits = kernel.dim[d] == words.kernel[d];
    if (!fits || call->theano) return mg_keras_refuse(call, err, "its depthwise kernel does not fit");
    int64_t multiplier = kernel.dim[n + 1], dim[4] = {in->dim[1] * multiplier, 1, words.kernel[0], words.kernel[1]};
    words.groups = in->dim[1];
    mg_status status = mg_view_transpose(&kernel, order, call->front, &kernel, err);
    if (status == MG_OK) status = mg_view_reshape(&kernel, n + 2, dim, call->front, &kernel, err);
    return status == MG_OK ? mg_front_conv(call->front, in, &words, &kernel, bias, ret, err) : status;
}

static mg_status run_separable(mg_keras_call *call, mg_error *err)
{
    mg_view in = call->input[0], view, kernel;
    mg_window_words words, plain = mg_window_plain();
    const int64_t one[2] = {1, 1};
    bool biased = mg_keras_true(call, "use_bias", NULL, true), separable = call->class_name[0] == 'S';
    if (call->n_weights != 1 + (size_t)separable + (size_t)biased)
        return mg_keras_refuse(call, err, "its weights are not those expected");
    const mg_view *bias = biased ? &call->weight[call->n_weights - 1].view : NULL;
    mg_status status = to_front(call, &in, err);
    if (status == MG_OK) status = read_conv_window(call, &in, &words, err);
    if (status == MG_OK) status = run_depthwise(call, &in, &words, separable ? NULL : bias, &view, err);
    if (status == MG_OK && separable) {
        status = read_kernel(call, call->weight[1].view, in.n_dims - 2, view.dim[1],
                             mg_keras_integer(call, "filters", NULL, 0), one, &kernel, err);
        if (status == MG_OK) status = mg_front_conv(call->front, &view, &plain, &kernel, bias, &view, err);
    }
    return status == MG_OK ? finish(call, &view, err) : status;
}

/* --- pools --- */

static mg_status run_pool(mg_keras_call *call, mg_error *err)
{
    static const char *const size[2][5] = {{"pool_size", "pool_length", NULL}, {"pool_size", NULL, NULL}};
    static const char *const stride[2][5] = {{"strides", "stride", NULL}, {"strides", NULL, NULL}};
    mg_view in = call->input[0], view;
    mg_window_words words = mg_window_plain();
    mg_pool_kind kind = call->class_name[0] == 'M' ? MG_POOL_MAX : MG_POOL_AVERAGE;
    mg_status status = to_front(call, &in, err);
    if (status != MG_OK) return status;
    int n = in.n_dims - 2;
    status = read_size(call, n, size[n - 1], 2, words.kernel, err);
    memcpy(words.stride, words.kernel, sizeof words.stride);
    for (int d = 0; d < n && status == MG_OK && mg_keras_get(call, stride[n - 1][0], stride[n - 1][1]) != NULL; d++)
        status = read_size(call, n, stride[n - 1], 2, words.stride, err);
    if (status == MG_OK) status = read_padding(call, &in, &words, err);
    if (status == MG_OK) status = mg_front_pool(call->front, kind, &in, &words, &view, err);
    if (status == MG_OK) status = to_back(call, &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

static mg_status run_global_pool(mg_keras_call *call, mg_error *err)
{
    mg_view in = call->input[0], view;
    bool axes[MG_VIEW_DIMS] = {false}, keep = mg_keras_true(call, "keepdims", NULL, false);
    mg_reduction what = strstr(call->class_name, "Max") != NULL ? MG_REDUCE_MAX : MG_REDUCE_MEAN;
    mg_status status = to_front(call, &in, err);
    for (int d = 2; status == MG_OK && d < in.n_dims; d++)
        axes[d] = true;
    if (status == MG_OK) status = mg_front_reduce(call->front, what, &in, axes, &view, err);
    int64_t dim[2] = {1, status == MG_OK ? view.dim[1] : 0};
    if (status == MG_OK)
        status = keep ? to_back(call, &view, err) : mg_view_reshape(&view, 2, dim, call->front, &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

/* --- edges --- */

/* ZeroPadding1D, Cropping1D: one number, or two */
static mg_status run_edges(mg_keras_call *call, mg_error *err)
{
    bool crop = call->class_name[0] == 'C';
    int64_t pair[2] = {1, 1};
    int n = 0;
    mg_view view;
    mg_status status = mg_keras_pair(call, crop ? "cropping" : "padding", NULL, pair, &n, err);
    if (status != MG_OK) return status;
    if (call->input[0].n_dims != 3) return mg_keras_refuse(call, err, "only positions by channels are supported");
    if (n == 1) pair[1] = pair[0];
    status =
        mg_view_pad(&call->input[0], 1, crop ? -pair[0] : pair[0], crop ? -pair[1] : pair[1], call->front, &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

static mg_status run_up_sampling(mg_keras_call *call, mg_error *err)
{
    int64_t times = mg_keras_integer(call, "size", "length", 2), *index = NULL, n = call->input[0].dim[1];
    mg_view view;
    if (call->input[0].n_dims != 3 || times < 1 || n > ((int64_t)1 << 31) / times)
        return mg_keras_refuse(call, err, "this is not supported");
    mg_status status = mg_front_places(call->front, n * times, &index, err);
    for (int64_t i = 0; status == MG_OK && i < n * times; i++)
        index[i] = i / times;
    if (status == MG_OK) status = mg_view_take(&call->input[0], 1, n * times, index, call->front, &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

const mg_keras_row mg_keras_windows[] = {{"Conv1D", run_conv},
                                         {"Convolution1D", run_conv},
                                         {"AtrousConvolution1D", run_conv},
                                         {"ConvDNA", run_conv}, /* of concise: Conv1D on four channels */
                                         {"Conv2D", run_conv},
                                         {"Convolution2D", run_conv},
                                         {"AtrousConvolution2D", run_conv},
                                         {"SeparableConv1D", run_separable},
                                         {"SeparableConv2D", run_separable},
                                         {"DepthwiseConv1D", run_separable},
                                         {"DepthwiseConv2D", run_separable},
                                         {"MaxPooling1D", run_pool},
                                         {"MaxPool1D", run_pool},
                                         {"MaxPooling2D", run_pool},
                                         {"MaxPool2D", run_pool},
                                         {"AveragePooling1D", run_pool},
                                         {"AveragePooling2D", run_pool},
                                         {"GlobalMaxPooling1D", run_global_pool},
                                         {"GlobalMaxPooling2D", run_global_pool},
                                         {"GlobalMaxPool1D", run_global_pool},
                                         {"GlobalAveragePooling1D", run_global_pool},
                                         {"GlobalAveragePooling2D", run_global_pool},
                                         {"ZeroPadding1D", run_edges},
                                         {"Cropping1D", run_edges},
                                         {"UpSampling1D", run_up_sampling},
                                         {NULL, NULL}};
