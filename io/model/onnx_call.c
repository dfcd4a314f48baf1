/* onnx_call.c  attributes and inputs of an operator, whichever way its opset has them */
#include "io/model/onnx_call.h"

#include <inttypes.h>
#include <string.h>

const MgOnnx__Attribute *mg_onnx_attribute(const mg_onnx_call *call, const char *name)
{
    for (size_t i = 0; i < call->node->n_attribute; i++) {
        const MgOnnx__Attribute *attribute = call->node->attribute[i];
        if (attribute->name != NULL && strcmp(attribute->name, name) == 0) return attribute;
    }
    return NULL;
}

int64_t mg_onnx_int(const mg_onnx_call *call, const char *name, int64_t missing)
{
    const MgOnnx__Attribute *attribute = mg_onnx_attribute(call, name);
    return attribute != NULL && attribute->has_i ? attribute->i : missing;
}

double mg_onnx_real(const mg_onnx_call *call, const char *name, double missing)
{
    const MgOnnx__Attribute *attribute = mg_onnx_attribute(call, name);
    return attribute != NULL && attribute->has_f ? (double)attribute->f : missing;
}

bool mg_onnx_text_is(const mg_onnx_call *call, const char *name, const char *text)
{
    const MgOnnx__Attribute *attribute = mg_onnx_attribute(call, name);
    if (attribute == NULL || !attribute->has_s) return false;
    return attribute->s.len == strlen(text) && memcmp(attribute->s.data, text, attribute->s.len) == 0;
}

mg_status mg_onnx_axis(const mg_onnx_call *call, int64_t axis, int n_dims, int *ret, mg_error *err)
{
    int64_t from_front = axis < 0 ? axis + n_dims : axis;
    if (from_front < 0 || from_front >= n_dims)
        return mg_fail(err, MG_EINPUT, "%s: there is no axis %" PRId64 " in %d dims", call->front->name, axis, n_dims);
    *ret = (int)from_front;
    return MG_OK;
}

const mg_view *mg_onnx_view(const mg_onnx_call *call, size_t k)
{
    return k < call->n_inputs && call->input[k] != NULL ? &call->input[k]->view : NULL;
}

mg_status mg_onnx_give(mg_onnx_call *call, const mg_view *view, bool integer)
{
    call->output[0].view = *view;
    call->output[0].integer = integer;
    return MG_OK;
}

mg_status mg_onnx_refuse(const mg_onnx_call *call, mg_error *err, const char *text)
{
    return mg_fail(err, MG_EINPUT, "%s: %s", call->front->name, text);
}

mg_status mg_onnx_integers(mg_onnx_call *call, size_t k, const char *name, int64_t most, int64_t **ret, int64_t *ret_n,
                           mg_error *err)
{
    const mg_view *view = mg_onnx_view(call, k);
    const MgOnnx__Attribute *attribute = name != NULL ? mg_onnx_attribute(call, name) : NULL;
    *ret_n = -1;
    if (view == NULL && attribute == NULL) return MG_OK;
    if (view != NULL && !view->constant)
        return mg_fail(err, MG_EINPUT, "%s: its input %zu depends on the window, which is not supported",
                       call->front->name, k);
    int64_t n = view != NULL            ? mg_view_size(view)
                : attribute->n_ints > 0 ? (int64_t)attribute->n_ints
                                        : attribute->has_i;
    if (n > most)
        return mg_fail(err, MG_EINPUT, "%s: %" PRId64 " numbers where at most %" PRId64 " are meant", call->front->name,
                       n, most);
    mg_status status = mg_front_places(call->front, n, ret, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < n; i++)
        (*ret)[i] = view != NULL ? mg_view_integer(view, i) : attribute->n_ints > 0 ? attribute->ints[i] : attribute->i;
    *ret_n = n;
    return MG_OK;
}
