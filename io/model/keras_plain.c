/* keras_plain.c  layers of Keras that slide no window: dense, norms, activations, moves, merges, Lambda */
#include <fnmatch.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/model/keras_layer.h"
#include "src/graph/text/graph_text.h"

enum { LAMBDA_TEXT = 4096 };

/* --- dense --- */

static mg_status run_dense(mg_keras_call *call, mg_error *err)
{
    bool biased = mg_keras_true(call, "use_bias", "bias", true);
    const int turn[2] = {1, 0};
    mg_view weight, view;
    if (call->n_weights != 1 + (size_t)biased || call->weight[0].view.n_dims != 2)
        return mg_keras_refuse(call, err, "its weights are not a matrix (and biases)");
    mg_status status = mg_view_transpose(&call->weight[0].view, turn, call->front, &weight, err);
    if (status == MG_OK)
        status =
            mg_front_linear(call->front, &call->input[0], &weight, biased ? &call->weight[1].view : NULL, &view, err);
    if (status == MG_OK) status = mg_keras_activation(call, mg_keras_text(call, "activation", NULL, NULL), &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

/* --- norms --- */

/* gamma only with scale, beta only with center; then mean and variance (Keras 1 has the standard deviation's square too) */
static mg_status run_batch_norm(mg_keras_call *call, mg_error *err)
{
    bool scale = mg_keras_true(call, "scale", NULL, true), center = mg_keras_true(call, "center", NULL, true);
    const mg_view *part[4] = {NULL, NULL, NULL, NULL};
    size_t next = 0;
    int axis = 0;
    mg_view view;
    const json_t *axes = mg_keras_get(call, "axis", NULL);
    int64_t given = mg_keras_integer(call, "axis", NULL, -1);
    if (json_is_array(axes) && json_array_size(axes) != 1)
        return mg_keras_refuse(call, err, "several axes are not supported");
    if (mg_keras_integer(call, "mode", NULL, 0) != 0)
        return mg_keras_refuse(call, err, "its mode is not 0, which is not supported");
    mg_status status = mg_keras_axis(call, given, call->input[0].n_dims, &axis, err);
    if (status != MG_OK) return status;
    if (call->n_weights != 2 + (size_t)scale + (size_t)center)
        return mg_keras_refuse(call, err, "its weights are not those expected");
    if (scale) part[0] = &call->weight[next++].view;
    if (center) part[1] = &call->weight[next++].view;
    part[2] = &call->weight[next++].view;
    part[3] = &call->weight[next++].view;
    status = mg_front_batch_norm(call->front, &call->input[0], axis, part, mg_keras_real(call, "epsilon", NULL, 1e-3),
                                 &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

static mg_status run_layer_norm(mg_keras_call *call, mg_error *err)
{
    bool scale = mg_keras_true(call, "scale", NULL, true), center = mg_keras_true(call, "center", NULL, true);
    const mg_view *in = &call->input[0];
    int axis = 0;
    mg_view view;
    mg_status status = mg_keras_axis(call, mg_keras_integer(call, "axis", NULL, -1), in->n_dims, &axis, err);
    if (status != MG_OK) return status;
    if (axis != in->n_dims - 1 || in->n_dims > 3)
        return mg_keras_refuse(call, err, "only the last axis of positions by channels is supported");
    if (call->n_weights != (size_t)scale + (size_t)center)
        return mg_keras_refuse(call, err, "its weights are not those expected");
    const mg_view *shift = center ? &call->weight[scale].view : NULL;
    status = mg_front_layer_norm(call->front, in, in->n_dims == 3 ? 1 : -1, scale ? &call->weight[0].view : NULL, shift,
                                 mg_keras_real(call, "epsilon", NULL, 1e-3), &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

/* --- activations --- */

static mg_status run_activation(mg_keras_call *call, mg_error *err)
{
    mg_view view = call->input[0];
    bool softmax = strcmp(call->class_name, "Softmax") == 0;
    if (softmax && mg_keras_integer(call, "axis", NULL, -1) != -1)
        return mg_keras_refuse(call, err, "softmax over another axis than the last");
    mg_status status =
        mg_keras_activation(call, softmax ? "softmax" : mg_keras_text(call, "activation", NULL, "linear"), &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

static mg_status run_relu(mg_keras_call *call, mg_error *err)
{
    double most = mg_keras_real(call, "max_value", NULL, INFINITY),
           slope = mg_keras_real(call, "negative_slope", NULL, 0.0);
    double number[MG_NODE_NUMBERS] = {slope};
    const char *kind = slope != 0.0 ? "leaky_relu" : "relu";
    mg_view view;
    if (mg_keras_real(call, "threshold", NULL, 0.0) != 0.0)
        return mg_keras_refuse(call, err, "its threshold is not 0, which is not supported");
    if (isfinite(most) && slope != 0.0)
        return mg_keras_refuse(call, err, "a largest value with a slope below 0 is not supported");
    if (isfinite(most)) {
        kind = "clip";
        number[0] = 0.0;
        number[1] = most;
    }
    mg_status status = mg_front_function(call->front, kind, number, &call->input[0], &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

static mg_status run_leaky(mg_keras_call *call, mg_error *err)
{
    bool elu = strcmp(call->class_name, "ELU") == 0;
    double number[MG_NODE_NUMBERS] = {mg_keras_real(call, "alpha", "negative_slope", elu ? 1.0 : 0.3)};
    mg_view view;
    mg_status status = mg_front_function(call->front, elu ? "elu" : "leaky_relu", number, &call->input[0], &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

/* Slopes by channel: those that are shared along the positions. */
static mg_status run_prelu(mg_keras_call *call, mg_error *err)
{
    const mg_view *in = &call->input[0];
    mg_view view;
    int axis = in->n_dims - 1;
    if (call->n_weights != 1 || mg_view_size(&call->weight[0].view) != in->dim[axis])
        return mg_keras_refuse(call, err, "slopes that differ by position are not supported");
    mg_status status = mg_front_prelu(call->front, in, axis, &call->weight[0].view, &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

static mg_status run_nothing(mg_keras_call *call, mg_error *err)
{
    (void)err;
    return mg_keras_give(call, &call->input[0]);
}

/* --- moves --- */

/* In row-major order of the axes as they stand: positions first, but for pictures of Theano. Keras 2 brings channels last first. */
static mg_status run_flatten(mg_keras_call *call, mg_error *err)
{
    mg_view view = call->input[0];
    const int two[4] = {0, 2, 3, 1}, one[3] = {0, 2, 1};
    int64_t dim[2] = {1, mg_view_size(&view)};
    mg_status status = MG_OK;
    if (strcmp(mg_keras_text(call, "data_format", NULL, "channels_last"), "channels_first") == 0 && view.n_dims > 2) {
        if (view.n_dims > 4) return mg_keras_refuse(call, err, "too many dims");
        status = mg_view_transpose(&view, view.n_dims == 3 ? one : two, call->front, &view, err);
    }
    if (status == MG_OK) status = mg_view_reshape(&view, 2, dim, call->front, &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

static mg_status run_reshape(mg_keras_call *call, mg_error *err)
{
    const json_t *shape = mg_keras_get(call, "target_shape", "dims");
    int64_t dim[MG_VIEW_DIMS] = {1}, known = 1, size = mg_view_size(&call->input[0]);
    size_t n = json_array_size(shape), open = 0;
    mg_view view;
    if (n == 0 || n >= MG_VIEW_DIMS) return mg_keras_refuse(call, err, "it has no target_shape");
    for (size_t i = 0; i < n; i++) {
        dim[i + 1] = (int64_t)json_integer_value(json_array_get(shape, i));
        if (dim[i + 1] == -1) open = i + 1;
        if (dim[i + 1] < -1 || dim[i + 1] > (int64_t)1 << 31)
            return mg_keras_refuse(call, err, "its target_shape makes no sense");
        if (dim[i + 1] > 0 && known <= (int64_t)1 << 31) known *= dim[i + 1];
    }
    if (open > 0) dim[open] = known > 0 ? size / known : 0;
    mg_status status = mg_view_reshape(&call->input[0], (int)n + 1, dim, call->front, &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

static mg_status run_permute(mg_keras_call *call, mg_error *err)
{
    const json_t *dims = mg_keras_get(call, "dims", NULL);
    int order[MG_VIEW_DIMS] = {0};
    size_t n = json_array_size(dims);
    mg_view view;
    if (n + 1 != (size_t)call->input[0].n_dims)
        return mg_keras_refuse(call, err, "its dims are not as many as those of its input");
    for (size_t i = 0; i < n; i++)
        order[i + 1] = (int)json_integer_value(json_array_get(dims, i));
    mg_status status = mg_view_transpose(&call->input[0], order, call->front, &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

static mg_status run_repeat(mg_keras_call *call, mg_error *err)
{
    mg_view view = call->input[0];
    int64_t n = mg_keras_integer(call, "n", NULL, 1), dim[3] = {1, 1, mg_view_size(&view)}, wide[3] = {1, n, dim[2]};
    if (n < 1) return mg_keras_refuse(call, err, "it repeats less than once");
    mg_status status = mg_view_reshape(&view, 3, dim, call->front, &view, err);
    if (status == MG_OK) status = mg_view_expand(&view, 3, wide, call->front, &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

/* Of FramePool: backwards, then every third position from 0, from 1, from 2. */
static mg_status run_frame_slice(mg_keras_call *call, mg_error *err)
{
    const mg_view *in = &call->input[0];
    mg_status status = MG_OK;
    if (in->n_dims != 3 || in->dim[1] < 3)
        return mg_keras_refuse(call, err, "it wants positions by channels, three at least");
    for (int64_t frame = 0; frame < 3 && status == MG_OK; frame++) {
        int64_t n = (in->dim[1] - frame + 2) / 3;
        status = mg_view_slice(in, 1, in->dim[1] - 1 - frame, -3, n, call->front, &call->output[frame], err);
    }
    call->n_outputs = 3;
    return status;
}

/* --- merges --- */

static mg_status fold_all(mg_keras_call *call, mg_arithmetic what, bool mean, mg_error *err)
{
    mg_view view = call->input[0];
    double *number = NULL;
    mg_status status = mg_front_numbers(call->front, 1, &number, err);
    for (size_t k = 1; k < call->n_inputs && status == MG_OK; k++)
        status = mg_front_arithmetic(call->front, what, &view, &call->input[k], &view, err);
    if (status == MG_OK && mean) {
        number[0] = (double)call->n_inputs;
        mg_view scalar = mg_view_scalar(number);
        status = mg_front_arithmetic(call->front, MG_DIVIDE, &view, &scalar, &view, err);
    }
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

static mg_status concat(mg_keras_call *call, int64_t given, mg_error *err)
{
    int axis = 0;
    mg_view view;
    mg_status status = mg_keras_axis(call, given, call->input[0].n_dims, &axis, err);
    if (status == MG_OK) status = mg_front_concat(call->front, call->n_inputs, call->input, axis, &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

static mg_status run_merge(mg_keras_call *call, mg_error *err)
{
    const char *mode =
        strcmp(call->class_name, "Merge") == 0 ? mg_keras_text(call, "mode", NULL, "sum") : call->class_name;
    if (strcmp(mode, "Concatenate") == 0) return concat(call, mg_keras_integer(call, "axis", NULL, -1), err);
    if (strcmp(mode, "concat") == 0) return concat(call, mg_keras_integer(call, "concat_axis", NULL, -1), err);
    if (strcmp(mode, "Add") == 0 || strcmp(mode, "sum") == 0) return fold_all(call, MG_ADD, false, err);
    if (strcmp(mode, "Average") == 0 || strcmp(mode, "ave") == 0) return fold_all(call, MG_ADD, true, err);
    if (strcmp(mode, "Multiply") == 0 || strcmp(mode, "mul") == 0) return fold_all(call, MG_MULTIPLY, false, err);
    if (strcmp(mode, "Maximum") == 0 || strcmp(mode, "max") == 0) return fold_all(call, MG_MAXIMUM, false, err);
    if (strcmp(mode, "Minimum") == 0) return fold_all(call, MG_MINIMUM, false, err);
    if (strcmp(mode, "Subtract") == 0 && call->n_inputs == 2) return fold_all(call, MG_SUBTRACT, false, err);
    return mg_keras_refuse(call, err, "this way to merge is not supported");
}

/* --- Lambda --- */

/* What the user says of this layer, NULL when nothing. */
static const char *find_lambda(const mg_keras_call *call)
{
    char pattern[MG_NODE_NAME * 2];
    for (size_t i = 0; i < call->words->lambdas.n; i++) {
        const char *text = call->words->lambdas.text[i], *end = strchr(text, '=');
        if (end == NULL || end - text >= (long)sizeof pattern) continue;
        snprintf(pattern, sizeof pattern, "%.*s", (int)(end - text), text);
        const char *inner = strrchr(call->name, '/');
        if (fnmatch(pattern, call->name, 0) == 0 || (inner != NULL && fnmatch(pattern, inner + 1, 0) == 0))
            return end + 1;
    }
    return NULL;
}

/* "relu" or "sum(axis=channels)" becomes "r = sum(a, b, axis=channels)"; several statements stand between semicolons. */
static mg_status make_text(const mg_keras_call *call, const char *word, char text[LAMBDA_TEXT], mg_error *err)
{
    const char *open = strchr(word, '('), *equal = strchr(word, '=');
    bool statements = equal != NULL && (open == NULL || equal < open);
    int n = snprintf(text, LAMBDA_TEXT, "graph\n");
    if (statements) {
        n += snprintf(text + n, (size_t)(LAMBDA_TEXT - n), "%s\n", word);
        for (char *at = text; *at != '\0'; at++)
            if (*at == ';') *at = '\n';
    } else {
        int length = open != NULL ? (int)(open - word) : (int)strlen(word);
        n += snprintf(text + n, (size_t)(LAMBDA_TEXT - n), "r = %.*s(", length < 1000 ? length : 1000, word);
        for (size_t k = 0; k < call->n_inputs && n < LAMBDA_TEXT; k++)
            n += snprintf(text + n, (size_t)(LAMBDA_TEXT - n), "%s%c", k > 0 ? ", " : "", (char)('a' + k));
        bool more = open != NULL && strspn(open + 1, " )") < strlen(open + 1);
        if (n < LAMBDA_TEXT)
            n += snprintf(text + n, (size_t)(LAMBDA_TEXT - n), "%s%s\n", more ? ", " : "",
                          open != NULL ? (more ? open + 1 : ")") : ")");
    }
    if (n >= LAMBDA_TEXT) return mg_fail(err, MG_EUSAGE, "--lambda %.60s...: it is too long", word);
    return MG_OK;
}

/* A tensor as (1, positions, channels), and the way back to `like`'s number of dims. */
static mg_status as_matrix(mg_keras_call *call, const mg_view *in, mg_view *ret, mg_error *err)
{
    int64_t dim[3] = {1, 1, 1};
    int n = 0;
    for (int d = 1; d < in->n_dims; d++)
        n += in->dim[d] != 1;
    if (in->n_dims == 3) return mg_view_reshape(in, 3, in->dim, call->front, ret, err);
    if (n > 2) return mg_keras_refuse(call, err, "its input has more than two axes");
    int to = 3 - n;
    for (int d = 1; d < in->n_dims; d++)
        if (in->dim[d] != 1) dim[to++] = in->dim[d];
    return mg_view_reshape(in, 3, dim, call->front, ret, err);
}

static mg_status run_lambda(mg_keras_call *call, mg_error *err)
{
    const char *word = find_lambda(call);
    char text[LAMBDA_TEXT], origin[MG_NODE_NAME + 32];
    mg_view in[8], view;
    if (word == NULL)
        return mg_fail(err, MG_EUSAGE,
                       "layer %.60s is a Lambda: Python code, which is not run. Say what it does by --lambda "
                       "%.60s=relu (or add, multiply, "
                       "'sum(axis=channels)', ...: docs/models.md)",
                       call->name, call->name);
    if (call->n_inputs > 8) return mg_keras_refuse(call, err, "more than 8 inputs");
    mg_status status = make_text(call, word, text, err);
    for (size_t k = 0; k < call->n_inputs && status == MG_OK; k++)
        status = as_matrix(call, &call->input[k], &in[k], err);
    snprintf(origin, sizeof origin, "--lambda %.60s", call->name);
    if (status == MG_OK) status = mg_graph_text_apply(call->front, text, origin, NULL, call->n_inputs, in, &view, err);
    if (status != MG_OK) return status;
    /* Pictures of one row stay pictures; what was summed over the positions has no axis for them any more. */
    int n_dims = call->input[0].n_dims;
    int64_t dim[4] = {1, 1, view.dim[1], view.dim[2]}, flat[2] = {1, view.dim[2]};
    if (n_dims == 4) status = mg_view_reshape(&view, 4, dim, call->front, &view, err);
    bool summed = n_dims == 3 && view.dim[1] == 1 && call->input[0].dim[1] > 1;
    if ((n_dims == 2 || summed) && view.dim[1] == 1) status = mg_view_reshape(&view, 2, flat, call->front, &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

const mg_keras_row mg_keras_plain[] = {{"Dense", run_dense},
                                       {"TimeDistributedDense", run_dense},
                                       {"BatchNormalization", run_batch_norm},
                                       {"LayerNormalization", run_layer_norm},
                                       {"Activation", run_activation},
                                       {"Softmax", run_activation},
                                       {"ReLU", run_relu},
                                       {"LeakyReLU", run_leaky},
                                       {"ELU", run_leaky},
                                       {"PReLU", run_prelu},
                                       {"Dropout", run_nothing},
                                       {"SpatialDropout1D", run_nothing},
                                       {"SpatialDropout2D", run_nothing},
                                       {"GaussianDropout", run_nothing},
                                       {"GaussianNoise", run_nothing},
                                       {"AlphaDropout", run_nothing},
                                       {"ActivityRegularization", run_nothing},
                                       {"Flatten", run_flatten},
                                       {"Reshape", run_reshape},
                                       {"Permute", run_permute},
                                       {"RepeatVector", run_repeat},
                                       {"FrameSliceLayer", run_frame_slice},
                                       {"Merge", run_merge},
                                       {"Concatenate", run_merge},
                                       {"Add", run_merge},
                                       {"Average", run_merge},
                                       {"Multiply", run_merge},
                                       {"Maximum", run_merge},
                                       {"Minimum", run_merge},
                                       {"Subtract", run_merge},
                                       {"Lambda", run_lambda},
                                       {NULL, NULL}};
