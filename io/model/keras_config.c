/* keras_config.c  words of a layer's config, under the names of several versions; activations */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/model/keras_layer.h"

const json_t *mg_keras_get(const mg_keras_call *call, const char *name, const char *older)
{
    const json_t *value = json_object_get(call->config, name);
    if ((value == NULL || json_is_null(value)) && older != NULL) value = json_object_get(call->config, older);
    return value == NULL || json_is_null(value) ? NULL : value;
}

int64_t mg_keras_integer(const mg_keras_call *call, const char *name, const char *older, int64_t missing)
{
    const json_t *value = mg_keras_get(call, name, older);
    if (json_is_array(value) && json_array_size(value) == 1) value = json_array_get(value, 0);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : missing;
}

double mg_keras_real(const mg_keras_call *call, const char *name, const char *older, double missing)
{
    const json_t *value = mg_keras_get(call, name, older);
    return json_is_number(value) ? json_number_value(value) : missing;
}

bool mg_keras_true(const mg_keras_call *call, const char *name, const char *older, bool missing)
{
    const json_t *value = mg_keras_get(call, name, older);
    return json_is_boolean(value) ? json_is_true(value) : missing;
}

const char *mg_keras_text(const mg_keras_call *call, const char *name, const char *older, const char *missing)
{
    const json_t *value = mg_keras_get(call, name, older);
    return json_is_string(value) ? json_string_value(value) : missing;
}

mg_status mg_keras_refuse(const mg_keras_call *call, mg_error *err, const char *text)
{
    return mg_fail(err, MG_EINPUT, "layer %.100s (%.60s): %s", call->name, call->class_name, text);
}

mg_status mg_keras_give(mg_keras_call *call, const mg_view *view)
{
    call->output[0] = *view;
    call->n_outputs = 1;
    return MG_OK;
}

mg_status mg_keras_pair(const mg_keras_call *call, const char *name, const char *older, int64_t ret[2], int *ret_n,
                        mg_error *err)
{
    const json_t *value = mg_keras_get(call, name, older);
    *ret_n = 0;
    if (value == NULL) return MG_OK;
    size_t n = json_is_array(value) ? json_array_size(value) : 1;
    for (size_t i = 0; i < n && i < 2; i++) {
        const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
        if (!json_is_integer(item)) n = 3;
        ret[i] = (int64_t)json_integer_value(item);
    }
    if (n > 2)
        return mg_fail(err, MG_EINPUT, "layer %.100s: its %s are not one or two whole numbers", call->name, name);
    *ret_n = (int)n;
    return MG_OK;
}

mg_status mg_keras_axis(const mg_keras_call *call, int64_t axis, int n_dims, int *ret, mg_error *err)
{
    int64_t from_front = axis < 0 ? axis + n_dims : axis;
    if (from_front < 0 || from_front >= n_dims)
        return mg_fail(err, MG_EINPUT, "layer %.100s: there is no axis %" PRId64 " in %d dims", call->name, axis,
                       n_dims);
    *ret = (int)from_front;
    return MG_OK;
}

/* --- activations --- */

static const struct {
    const char *keras, *kind;
    double number[2];
} activations[] = {{"relu", "relu", {0, 0}},
                   {"sigmoid", "sigmoid", {0, 0}},
                   {"hard_sigmoid", "hard_sigmoid", {0.2, 0.5}},
                   {"tanh", "tanh", {0, 0}},
                   {"exponential", "exp", {0, 0}},
                   {"exp", "exp", {0, 0}},
                   {"elu", "elu", {1, 0}},
                   {"selu", "selu", {0, 0}},
                   {"softplus", "softplus", {0, 0}},
                   {"swish", "silu", {0, 0}},
                   {"silu", "silu", {0, 0}},
                   {"gelu", "gelu", {0, 0}},
                   {"relu6", "clip", {0, 6}},
                   {"leaky_relu", "leaky_relu", {0.2, 0}}};

mg_status mg_keras_activation(mg_keras_call *call, const char *function, mg_view *inout, mg_error *err)
{
    char name[MG_NODE_NAME];
    if (function == NULL || strcmp(function, "linear") == 0) return MG_OK;
    snprintf(name, sizeof name, "%.40s.%.20s", call->name, function);
    mg_front_name(call->front, name);
    if (strcmp(function, "softmax") == 0) return mg_front_softmax(call->front, inout, inout->n_dims - 1, inout, err);
    for (size_t i = 0; i < sizeof activations / sizeof activations[0]; i++) {
        if (strcmp(activations[i].keras, function) != 0) continue;
        double number[MG_NODE_NUMBERS] = {activations[i].number[0], activations[i].number[1]};
        return mg_front_function(call->front, activations[i].kind, number, inout, inout, err);
    }
    return mg_fail(err, MG_EINPUT, "layer %.100s: its activation %.40s is not supported", call->name, function);
}
