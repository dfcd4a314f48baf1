/* layer.c  operations with weights, those that slide a window, and those on numbers */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "src/core/decimal.h"
#include "src/graph/kind.h"
#include "src/graph/text/text_call.h"

static const char *const weight_names[] = {"weight", "kernel", NULL}, *const bias_names[] = {"bias", "beta", NULL};
static const char *const scale_names[] = {"weight", "gamma", NULL};
static const char *const mean_names[] = {"running_mean", "moving_mean", NULL};
static const char *const variance_names[] = {"running_var", "moving_variance", NULL};
static const int swap[3] = {0, 2, 1};

/* --- windows --- */

static mg_status read_padding(mg_text_call *call, mg_window_words *words, int64_t length, mg_error *err)
{
    const char *text = mg_statement_word(call->statement, "pad");
    int64_t *pad = NULL, n = 0;
    bool fits = words->kernel[0] >= 1 && words->kernel[0] <= (int64_t)1 << 31 && words->stride[0] >= 1 &&
                words->dilation[0] >= 1 && words->dilation[0] <= (int64_t)1 << 31;
    if (text != NULL && strcmp(text, "same") == 0) {
        if (!fits) return mg_statement_fail(call, err, "kernel, stride or dilation makes no sense");
        mg_window_same(words, 0, length, false);
        return MG_OK;
    }
    mg_status status = mg_text_integers(call, "pad", &pad, &n, err);
    if (status != MG_OK) return status;
    if (n > 2) return mg_statement_fail(call, err, "pad is one number, or before:behind, or same");
    words->before[0] = n > 0 ? pad[0] : 0;
    words->behind[0] = n > 1 ? pad[1] : words->before[0];
    return MG_OK;
}

static mg_status read_window(mg_text_call *call, int64_t kernel, bool pool, mg_window_words *words, mg_error *err)
{
    *words = mg_window_plain();
    const char *all = mg_statement_word(call->statement, "kernel");
    int64_t length = call->input[0].dim[1];
    mg_status status = MG_OK;
    words->kernel[0] = length;
    if (all == NULL || strcmp(all, "all") != 0)
        status = mg_text_integer(call, "kernel", kernel, &words->kernel[0], err);
    if (status == MG_OK && words->kernel[0] < 1) status = mg_statement_fail(call, err, "it needs kernel=N");
    if (status == MG_OK && kernel > 0 && words->kernel[0] != kernel)
        status =
            mg_statement_fail(call, err, "kernel=%" PRId64 ", but its weights have %" PRId64, words->kernel[0], kernel);
    if (status == MG_OK) status = mg_text_integer(call, "stride", pool ? words->kernel[0] : 1, &words->stride[0], err);
    if (status == MG_OK) status = mg_text_integer(call, "dilation", 1, &words->dilation[0], err);
    if (status == MG_OK) status = mg_text_integer(call, "groups", 1, &words->groups, err);
    if (status == MG_OK) status = mg_text_flag(call, "ceil", &words->ceil, err);
    if (status == MG_OK && pool) status = mg_text_flag(call, "count_pad", &words->count_pad, err);
    return status == MG_OK ? read_padding(call, words, length, err) : status;
}

/* --- convolutions --- */

/* A kernel of a picture, of which one axis is the bases or has one element, as one of three dims (out, in, k). */
static mg_status flatten_kernel(mg_text_call *call, int64_t channels, mg_view *weight, mg_error *err)
{
    int64_t rows = weight->dim[2], columns = weight->dim[3], in = weight->dim[1];
    const int rows_along[4] = {0, 1, 3, 2}; /* (out, 1, k, bases) */
    int64_t dim[3] = {weight->dim[0], in, rows * columns};
    mg_status status = MG_OK;
    if (in == 1 && columns == channels && channels > 1) {
        status = mg_view_transpose(weight, rows_along, call->front, weight, err);
        dim[1] = columns;
        dim[2] = rows;
    } else if (in == 1 && rows == channels && channels > 1) {
        dim[1] = rows;
        dim[2] = columns;
    } else if (rows != 1 && columns != 1) {
        return mg_statement_fail(call, err,
                                 "a kernel of %" PRId64 " x %" PRId64 " does not go with %" PRId64 " channels", rows,
                                 columns, channels);
    }
    return status == MG_OK ? mg_view_reshape(weight, 3, dim, call->front, weight, err) : status;
}

/* As (out, in, k), whatever the layout. */
static mg_status read_kernel(mg_text_call *call, mg_view *weight, mg_error *err)
{
    const int keras_1d[3] = {2, 1, 0}, keras_2d[4] = {3, 2, 0, 1};
    bool found = false, flip = false;
    mg_status status = mg_text_tensor(call, "weight", weight_names, weight, &found, err);
    if (status == MG_OK) status = mg_text_flag(call, "flip", &flip, err);
    if (status != MG_OK) return status;
    if (!found) return mg_statement_fail(call, err, "it needs weight=TENSOR or from=LAYER");
    if (weight->n_dims != 3 && weight->n_dims != 4)
        return mg_statement_fail(call, err, "its kernel has neither 3 nor 4 dims");
    if (call->all->keras)
        status = mg_view_transpose(weight, weight->n_dims == 3 ? keras_1d : keras_2d, call->front, weight, err);
    if (status == MG_OK && weight->n_dims == 4) status = flatten_kernel(call, call->input[0].dim[2], weight, err);
    if (status == MG_OK && flip)
        status = mg_view_slice(weight, 2, weight->dim[2] - 1, -1, weight->dim[2], call->front, weight, err);
    return status;
}

static mg_status run_conv(mg_text_call *call, mg_view *ret, mg_error *err)
{
    mg_view weight, bias, in = call->input[0];
    bool has_bias = false, transposed = strcmp(call->statement->operation, "conv_transposed") == 0;
    mg_window_words words;
    mg_status status = read_kernel(call, &weight, err);
    if (status == MG_OK) status = mg_text_tensor(call, "bias", bias_names, &bias, &has_bias, err);
    if (status == MG_OK) status = read_window(call, weight.dim[2], false, &words, err);
    if (status == MG_OK) status = mg_view_transpose(&in, swap, call->front, &in, err);
    if (status == MG_OK)
        status = (transposed ? mg_front_conv_transposed : mg_front_conv)(call->front, &in, &words, &weight,
                                                                         has_bias ? &bias : NULL, ret, err);
    return status == MG_OK ? mg_view_transpose(ret, swap, call->front, ret, err) : status;
}

static mg_status run_pool(mg_text_call *call, mg_view *ret, mg_error *err)
{
    mg_view in = call->input[0];
    mg_window_words words;
    mg_pool_kind kind = strcmp(call->statement->operation, "max_pool") == 0 ? MG_POOL_MAX : MG_POOL_AVERAGE;
    mg_status status = read_window(call, 0, true, &words, err);
    if (status == MG_OK) status = mg_view_transpose(&in, swap, call->front, &in, err);
    if (status == MG_OK) status = mg_front_pool(call->front, kind, &in, &words, ret, err);
    return status == MG_OK ? mg_view_transpose(ret, swap, call->front, ret, err) : status;
}

/* --- fully connected --- */

static mg_status flat(mg_text_call *call, const mg_view *in, mg_view *ret, mg_error *err)
{
    int64_t dim[3] = {1, 1, mg_view_size(in)};
    mg_view moved = *in;
    mg_status status = MG_OK;
    if (!call->all->keras) status = mg_view_transpose(in, swap, call->front, &moved, err);
    return status == MG_OK ? mg_view_reshape(&moved, 3, dim, call->front, ret, err) : status;
}

static mg_status run_flatten(mg_text_call *call, mg_view *ret, mg_error *err)
{
    return flat(call, &call->input[0], ret, err);
}

static mg_status run_dense(mg_text_call *call, mg_view *ret, mg_error *err)
{
    mg_view weight, bias, in = call->input[0];
    const int turn[2] = {1, 0};
    bool found = false, has_bias = false;
    char text[MG_DIMS_TEXT];
    mg_status status = mg_text_tensor(call, "weight", weight_names, &weight, &found, err);
    if (status == MG_OK) status = mg_text_tensor(call, "bias", bias_names, &bias, &has_bias, err);
    if (status != MG_OK) return status;
    if (!found) return mg_statement_fail(call, err, "it needs weight=TENSOR or from=LAYER");
    if (weight.n_dims != 2)
        return mg_statement_fail(call, err, "its weights are no matrix but %s", mg_view_dims_text(&weight, text));
    if (call->all->keras) status = mg_view_transpose(&weight, turn, call->front, &weight, err);
    if (status == MG_OK && weight.dim[1] != in.dim[2]) {
        if (weight.dim[1] != mg_view_size(&in))
            return mg_statement_fail(
                call, err, "rows of %" PRId64 " weights do not go with %" PRId64 " positions of %" PRId64 " channels",
                weight.dim[1], in.dim[1], in.dim[2]);
        status = flat(call, &in, &in, err);
    }
    return status == MG_OK ? mg_front_linear(call->front, &in, &weight, has_bias ? &bias : NULL, ret, err) : status;
}

/* --- norms --- */

static mg_status run_batch_norm(mg_text_call *call, mg_view *ret, mg_error *err)
{
    mg_view part[4];
    const mg_view *given[4] = {NULL, NULL, NULL, NULL};
    static const char *const keys[4] = {"weight", "bias", "mean", "variance"};
    const char *const *const names[4] = {scale_names, bias_names, mean_names, variance_names};
    double eps = 0.0;
    mg_status status = mg_text_real(call, "eps", call->all->keras ? 1e-3 : 1e-5, &eps, err);
    for (int k = 0; k < 4 && status == MG_OK; k++) {
        bool found = false;
        status = mg_text_tensor(call, keys[k], names[k], &part[k], &found, err);
        if (found) given[k] = &part[k];
    }
    if (status == MG_OK && (given[2] == NULL || given[3] == NULL))
        status = mg_statement_fail(call, err, "it needs mean= and variance=, or from=LAYER");
    return status == MG_OK ? mg_front_batch_norm(call->front, &call->input[0], 2, given, eps, ret, err) : status;
}

/* A tensor by its key, or one number that is the same for all channels. */
static mg_status numbers(mg_text_call *call, const char *key, double missing, double **ret, mg_error *err)
{
    mg_view part;
    bool found = false;
    const char *text = mg_statement_word(call->statement, key), *none[] = {NULL};
    double one = missing;
    int64_t n = call->input[0].dim[2];
    /* Names may begin as numbers do: "123.scale" of a node that its exporter numbered. */
    bool is_number = text != NULL && mg_decimal_read(text, &one);
    mg_status status =
        is_number ? mg_text_real(call, key, missing, &one, err) : mg_text_tensor(call, key, none, &part, &found, err);
    if (status == MG_OK && found && mg_view_size(&part) != n)
        return mg_statement_fail(call, err, "%s has %" PRId64 " numbers for %" PRId64 " channels", key,
                                 mg_view_size(&part), n);
    if (status == MG_OK) status = mg_front_numbers(call->front, n, ret, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        (*ret)[i] = found ? mg_view_number(&part, i) : one;
    return status;
}

static mg_status run_affine(mg_text_call *call, mg_view *ret, mg_error *err)
{
    double *scale = NULL, *shift = NULL;
    mg_status status = numbers(call, "scale", 1.0, &scale, err);
    if (status == MG_OK) status = numbers(call, "shift", 0.0, &shift, err);
    return status == MG_OK ? mg_front_affine(call->front, &call->input[0], 2, scale, shift, ret, err) : status;
}

static mg_status run_norm(mg_text_call *call, mg_view *ret, mg_error *err)
{
    mg_view weight, bias, in = call->input[0];
    bool has_weight = false, has_bias = false, groups_too = strcmp(call->statement->operation, "group_norm") == 0;
    const mg_setting *setting = &mg_kind_find("layer_norm")->setting[0];
    double eps = 0.0;
    int64_t groups = 0;
    mg_status status = mg_text_tensor(call, "weight", scale_names, &weight, &has_weight, err);
    if (status == MG_OK) status = mg_text_tensor(call, "bias", bias_names, &bias, &has_bias, err);
    if (status == MG_OK) status = mg_text_real(call, setting->name, setting->preset, &eps, err);
    if (status == MG_OK && groups_too) status = mg_text_integer(call, "groups", 1, &groups, err);
    const mg_view *w = has_weight ? &weight : NULL, *b = has_bias ? &bias : NULL;
    if (status == MG_OK && !groups_too) return mg_front_layer_norm(call->front, &in, 1, w, b, eps, ret, err);
    if (status == MG_OK) status = mg_view_transpose(&in, swap, call->front, &in, err);
    if (status == MG_OK) status = mg_front_group_norm(call->front, &in, groups, w, b, eps, ret, err);
    return status == MG_OK ? mg_view_transpose(ret, swap, call->front, ret, err) : status;
}

static mg_status run_prelu(mg_text_call *call, mg_view *ret, mg_error *err)
{
    mg_view weight;
    bool found = false;
    static const char *const names[] = {"weight", "alpha", NULL};
    mg_status status = mg_text_tensor(call, "weight", names, &weight, &found, err);
    if (status == MG_OK && !found) status = mg_statement_fail(call, err, "it needs weight=TENSOR or from=LAYER");
    return status == MG_OK ? mg_front_prelu(call->front, &call->input[0], 2, &weight, ret, err) : status;
}

/* --- numbers --- */

static mg_status run_arithmetic(mg_text_call *call, mg_view *ret, mg_error *err)
{
    static const char *const names[] = {"add", "subtract", "multiply", "divide", "maximum", "minimum"};
    int what = 0;
    double *number = NULL, value = 0.0;
    mg_view view = call->input[0];
    while (strcmp(names[what], call->statement->operation) != 0)
        what++;
    bool given = mg_statement_word(call->statement, "number") != NULL;
    if (call->n_inputs < 2 && !given) return mg_statement_fail(call, err, "it needs two values, or number=N");
    if (call->n_inputs > 2 && (what == MG_SUBTRACT || what == MG_DIVIDE))
        return mg_statement_fail(call, err, "it takes two values");
    mg_status status = mg_text_real(call, "number", 0.0, &value, err);
    if (status == MG_OK) status = mg_front_numbers(call->front, 1, &number, err);
    if (status != MG_OK) return status;
    number[0] = value;
    for (size_t k = 1; k < call->n_inputs && status == MG_OK; k++)
        status = mg_front_arithmetic(call->front, (mg_arithmetic)what, &view, &call->input[k], &view, err);
    mg_view scalar = mg_view_scalar(number);
    if (status == MG_OK && given)
        status = mg_front_arithmetic(call->front, (mg_arithmetic)what, &view, &scalar, &view, err);
    if (status == MG_OK) *ret = view;
    return status;
}

static mg_status run_reduce(mg_text_call *call, mg_view *ret, mg_error *err)
{
    const char *name = call->statement->operation;
    mg_reduction what = strcmp(name, "mean") == 0  ? MG_REDUCE_MEAN
                        : strcmp(name, "sum") == 0 ? MG_REDUCE_SUM
                                                   : MG_REDUCE_MAX;
    int axis = 1;
    mg_status status = mg_text_axis(call, 1, true, &axis, err);
    bool axes[MG_VIEW_DIMS] = {false, axis != 2, axis != 1};
    return status == MG_OK ? mg_front_reduce(call->front, what, &call->input[0], axes, ret, err) : status;
}

static mg_status run_softmax(mg_text_call *call, mg_view *ret, mg_error *err)
{
    int axis = 2;
    mg_status status = mg_text_axis(call, 2, false, &axis, err);
    return status == MG_OK ? mg_front_softmax(call->front, &call->input[0], axis, ret, err) : status;
}

const mg_text_row mg_text_layers[] = {{"conv", 1, 1, run_conv},           {"conv_transposed", 1, 1, run_conv},
                                      {"dense", 1, 1, run_dense},         {"max_pool", 1, 1, run_pool},
                                      {"average_pool", 1, 1, run_pool},   {"batch_norm", 1, 1, run_batch_norm},
                                      {"affine", 1, 1, run_affine},       {"layer_norm", 1, 1, run_norm},
                                      {"group_norm", 1, 1, run_norm},     {"prelu", 1, 1, run_prelu},
                                      {"add", 1, 0, run_arithmetic},      {"subtract", 1, 0, run_arithmetic},
                                      {"multiply", 1, 0, run_arithmetic}, {"divide", 1, 0, run_arithmetic},
                                      {"maximum", 1, 0, run_arithmetic},  {"minimum", 1, 0, run_arithmetic},
                                      {"mean", 1, 1, run_reduce},         {"sum", 1, 1, run_reduce},
                                      {"max", 1, 1, run_reduce},          {"softmax", 1, 1, run_softmax},
                                      {"flatten", 1, 1, run_flatten},     {NULL, 0, 0, NULL}};
