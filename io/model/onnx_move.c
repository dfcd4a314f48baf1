/* onnx_move.c  operators that move numbers, and those that tell shapes: none of them adds a node by itself */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/model/inputs.h"
#include "io/model/onnx_call.h"

/* Input 0 as it is; the training mask that Dropout may also give is not given. */
static mg_status run_identity(mg_onnx_call *call, mg_error *err)
{
    (void)err;
    call->output[0] = *call->input[0];
    return MG_OK;
}

static mg_status run_cast(mg_onnx_call *call, mg_error *err)
{
    enum { FLOAT = 1, BOOL = 9, FLOAT16 = 10, DOUBLE = 11, BFLOAT16 = 16 };
    int64_t to = mg_onnx_int(call, "to", FLOAT);
    bool real = to == FLOAT || to == FLOAT16 || to == DOUBLE || to == BFLOAT16;
    const mg_view *in = mg_onnx_view(call, 0);
    if (real && in->constant) return mg_onnx_give(call, in, false);
    if (!in->constant) {
        if (!real)
            return mg_onnx_refuse(call, err, "numbers that depend on the window become whole, which is not supported");
        return run_identity(call, err);
    }
    int64_t n = mg_view_size(in);
    double *number = NULL;
    mg_status status = mg_front_numbers(call->front, n, &number, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++) {
        double x = mg_view_number(in, i);
        number[i] = to == BOOL ? (x != 0.0 ? 1.0 : 0.0) : trunc(x);
    }
    mg_view view = mg_view_constant(in->n_dims, in->dim, number);
    return status == MG_OK ? mg_onnx_give(call, &view, true) : status;
}

/* --- shapes --- */

static mg_status give_integers(mg_onnx_call *call, int64_t n, const int64_t *value, bool scalar, mg_error *err)
{
    double *number = NULL;
    mg_status status = mg_front_numbers(call->front, n, &number, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        number[i] = (double)value[i];
    mg_view view = scalar ? mg_view_scalar(number) : mg_view_constant(1, &n, number);
    return status == MG_OK ? mg_onnx_give(call, &view, true) : status;
}

static mg_status run_shape(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    int64_t start = mg_onnx_int(call, "start", 0), end = mg_onnx_int(call, "end", in->n_dims);
    if (start < 0) start += in->n_dims;
    if (end < 0) end += in->n_dims;
    if (start < 0) start = 0;
    if (end > in->n_dims) end = in->n_dims;
    return give_integers(call, end > start ? end - start : 0, in->dim + (start < in->n_dims ? start : 0), false, err);
}

static mg_status run_size(mg_onnx_call *call, mg_error *err)
{
    int64_t n = mg_view_size(mg_onnx_view(call, 0));
    return give_integers(call, 1, &n, true, err);
}

static mg_status run_constant(mg_onnx_call *call, mg_error *err)
{
    const MgOnnx__Attribute *tensor = mg_onnx_attribute(call, "value"), *ints = mg_onnx_attribute(call, "value_ints");
    const MgOnnx__Attribute *integer = mg_onnx_attribute(call, "value_int"),
                            *real = mg_onnx_attribute(call, "value_float");
    const MgOnnx__Attribute *reals = mg_onnx_attribute(call, "value_floats");
    mg_view view;
    bool whole = false;
    if (tensor != NULL && tensor->t != NULL) {
        mg_status status = mg_onnx_tensor(call->front, tensor->t, NULL, &view, &whole, err);
        return status == MG_OK ? mg_onnx_give(call, &view, whole) : status;
    }
    if (ints != NULL) return give_integers(call, (int64_t)ints->n_ints, ints->ints, false, err);
    if (integer != NULL) return give_integers(call, 1, &integer->i, true, err);
    if (real == NULL && reals == NULL) return mg_onnx_refuse(call, err, "a constant of this type is not read");
    int64_t n = reals != NULL ? (int64_t)reals->n_floats : 1;
    double *number = NULL;
    mg_status status = mg_front_numbers(call->front, n, &number, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        number[i] = reals != NULL ? (double)reals->floats[i] : (double)real->f;
    view = reals != NULL ? mg_view_constant(1, &n, number) : mg_view_scalar(number);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

static mg_status run_constant_of_shape(mg_onnx_call *call, mg_error *err)
{
    int64_t *dim = NULL, n_dims = 0, size = 1;
    double *number = NULL;
    mg_view one;
    bool whole = false;
    const MgOnnx__Attribute *value = mg_onnx_attribute(call, "value");
    mg_status status = mg_onnx_integers(call, 0, NULL, MG_VIEW_DIMS, &dim, &n_dims, err);
    if (status == MG_OK && value != NULL && value->t != NULL)
        status = mg_onnx_tensor(call->front, value->t, NULL, &one, &whole, err);
    for (int64_t d = 0; status == MG_OK && d < n_dims; d++) {
        if (dim[d] < 0 || (dim[d] > 0 && size > ((int64_t)1 << 40) / dim[d]))
            return mg_onnx_refuse(call, err, "its dims make no sense");
        size *= dim[d];
    }
    if (status == MG_OK) status = mg_front_numbers(call->front, 1, &number, err);
    if (status != MG_OK) return status;
    number[0] = value != NULL && value->t != NULL && mg_view_size(&one) > 0 ? mg_view_number(&one, 0) : 0.0;
    mg_view view = mg_view_scalar(number);
    status = mg_view_expand(&view, (int)n_dims, dim, call->front, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, whole) : status;
}

static mg_status run_range(mg_onnx_call *call, mg_error *err)
{
    double word[3], *number = NULL;
    for (size_t k = 0; k < 3; k++) {
        if (!mg_onnx_view(call, k)->constant || mg_view_size(mg_onnx_view(call, k)) != 1)
            return mg_onnx_refuse(call, err, "its limits depend on the window, which is not supported");
        word[k] = mg_view_number(mg_onnx_view(call, k), 0);
    }
    double steps = word[2] != 0.0 ? ceil((word[1] - word[0]) / word[2]) : -1.0;
    if (!(steps >= 0.0 && steps < 1e9)) return mg_onnx_refuse(call, err, "its limits make no sense");
    int64_t n = (int64_t)steps;
    mg_status status = mg_front_numbers(call->front, n, &number, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        number[i] = word[0] + (double)i * word[2];
    mg_view view = mg_view_constant(1, &n, number);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

/* --- other dims --- */

static mg_status run_reshape(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    mg_view view;
    int64_t *dim = NULL, n = 0, known = 1, open = -1;
    mg_status status = mg_onnx_integers(call, 1, "shape", MG_VIEW_DIMS, &dim, &n, err);
    if (status != MG_OK) return status;
    if (n < 0) return mg_onnx_refuse(call, err, "it has no shape");
    for (int64_t d = 0; d < n; d++) {
        if (dim[d] == 0 && mg_onnx_int(call, "allowzero", 0) == 0 && d < in->n_dims) dim[d] = in->dim[d];
        if (dim[d] == -1 && open < 0) {
            open = d;
        } else if (dim[d] < 0 || (dim[d] > 0 && known > ((int64_t)1 << 40) / dim[d])) {
            return mg_onnx_refuse(call, err, "its shape makes no sense");
        } else {
            known *= dim[d];
        }
    }
    if (open >= 0) dim[open] = known > 0 ? mg_view_size(in) / known : 0;
    status = mg_view_reshape(in, (int)n, dim, call->front, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

static mg_status run_flatten(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    int64_t axis = mg_onnx_int(call, "axis", 1), dim[2] = {1, 1};
    mg_view view;
    if (axis < 0) axis += in->n_dims;
    if (axis < 0 || axis > in->n_dims) return mg_onnx_refuse(call, err, "there is no such axis");
    for (int d = 0; d < in->n_dims; d++)
        dim[d >= axis] *= in->dim[d];
    mg_status status = mg_view_reshape(in, 2, dim, call->front, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

static mg_status run_transpose(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    int64_t *given = NULL, n = -1;
    int order[MG_VIEW_DIMS] = {0};
    mg_view view;
    mg_status status = mg_onnx_integers(call, MG_ONNX_INPUTS, "perm", MG_VIEW_DIMS, &given, &n, err);
    if (status != MG_OK) return status;
    if (n >= 0 && n != in->n_dims)
        return mg_onnx_refuse(call, err, "its order has another number of axes than its input");
    for (int d = 0; d < in->n_dims; d++) {
        order[d] = in->n_dims - 1 - d;
        if (n >= 0) status = mg_onnx_axis(call, given[d], in->n_dims, &order[d], err);
        if (status != MG_OK) return status;
    }
    status = mg_view_transpose(in, order, call->front, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

static mg_status mark_axes(mg_onnx_call *call, int n_dims, int64_t n, const int64_t *axis, bool marked[MG_VIEW_DIMS],
                           mg_error *err)
{
    mg_status status = MG_OK;
    int d = 0;
    memset(marked, 0, MG_VIEW_DIMS * sizeof *marked);
    for (int64_t i = 0; i < n && status == MG_OK; i++) {
        status = mg_onnx_axis(call, axis[i], n_dims, &d, err);
        if (status == MG_OK) marked[d] = true;
    }
    return status;
}

static mg_status run_squeeze(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    int64_t *axis = NULL, n = -1, dim[MG_VIEW_DIMS];
    bool marked[MG_VIEW_DIMS];
    int n_dims = 0;
    mg_view view;
    mg_status status = mg_onnx_integers(call, 1, "axes", MG_VIEW_DIMS, &axis, &n, err);
    if (status == MG_OK) status = mark_axes(call, in->n_dims, n, axis, marked, err);
    if (status != MG_OK) return status;
    for (int d = 0; d < in->n_dims; d++) {
        bool goes = n >= 0 ? marked[d] : in->dim[d] == 1;
        if (goes && in->dim[d] != 1)
            return mg_onnx_refuse(call, err, "an axis to be left out has more than one element");
        if (!goes) dim[n_dims++] = in->dim[d];
    }
    status = mg_view_reshape(in, n_dims, dim, call->front, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

static mg_status run_unsqueeze(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    int64_t *axis = NULL, n = -1, dim[MG_VIEW_DIMS];
    bool marked[MG_VIEW_DIMS];
    mg_view view;
    mg_status status = mg_onnx_integers(call, 1, "axes", MG_VIEW_DIMS, &axis, &n, err);
    if (status != MG_OK) return status;
    if (n < 0 || in->n_dims + n > MG_VIEW_DIMS) return mg_onnx_refuse(call, err, "it has no axes, or too many");
    int n_dims = in->n_dims + (int)n, from = 0;
    status = mark_axes(call, n_dims, n, axis, marked, err);
    for (int d = 0; status == MG_OK && d < n_dims; d++)
        dim[d] = marked[d] || from >= in->n_dims ? 1 : in->dim[from++];
    if (status == MG_OK) status = mg_view_reshape(in, n_dims, dim, call->front, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

/* --- parts --- */

static int64_t clip(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

static mg_status slice_axis(mg_onnx_call *call, mg_view *view, int64_t axis, int64_t start, int64_t end, int64_t step,
                            mg_error *err)
{
    int d = 0;
    mg_status status = mg_onnx_axis(call, axis, view->n_dims, &d, err);
    if (status != MG_OK) return status;
    int64_t length = view->dim[d], n;
    if (step == 0) return mg_onnx_refuse(call, err, "a step of 0");
    if (start < 0) start += length;
    if (end < 0) end += length;
    start = step > 0 ? clip(start, 0, length) : clip(start, 0, length - 1);
    end = step > 0 ? clip(end, 0, length) : clip(end, -1, length - 1);
    if (step > 0) {
        n = end > start ? (end - start - 1) / step + 1 : 0;
    } else {
        n = start > end ? (start - end - 1) / -step + 1 : 0;
    }
    return mg_view_slice(view, d, start, step, n, call->front, view, err);
}

static mg_status run_slice(mg_onnx_call *call, mg_error *err)
{
    mg_view view = *mg_onnx_view(call, 0);
    int64_t *start = NULL, *end = NULL, *axis = NULL, *step = NULL, n = 0, n_end = 0, n_axis = -1, n_step = -1;
    mg_status status = mg_onnx_integers(call, 1, "starts", MG_VIEW_DIMS, &start, &n, err);
    if (status == MG_OK) status = mg_onnx_integers(call, 2, "ends", MG_VIEW_DIMS, &end, &n_end, err);
    if (status == MG_OK) status = mg_onnx_integers(call, 3, "axes", MG_VIEW_DIMS, &axis, &n_axis, err);
    if (status == MG_OK) status = mg_onnx_integers(call, 4, "steps", MG_VIEW_DIMS, &step, &n_step, err);
    if (status != MG_OK) return status;
    if (n < 0 || n_end != n || (n_axis >= 0 && n_axis != n) || (n_step >= 0 && n_step != n))
        return mg_onnx_refuse(call, err, "its starts, ends, axes and steps are not as many");
    for (int64_t i = 0; i < n && status == MG_OK; i++)
        status = slice_axis(call, &view, n_axis >= 0 ? axis[i] : i, start[i], end[i], n_step >= 0 ? step[i] : 1, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

static mg_status run_split(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    int64_t *size = NULL, n = -1, at = 0;
    int d = 0;
    mg_status status = mg_onnx_integers(call, 1, "split", MG_ONNX_OUTPUTS, &size, &n, err);
    if (status == MG_OK) status = mg_onnx_axis(call, mg_onnx_int(call, "axis", 0), in->n_dims, &d, err);
    if (status != MG_OK) return status;
    int64_t parts = (int64_t)call->n_outputs, even = parts > 0 ? (in->dim[d] + parts - 1) / parts : 0;
    if (n >= 0 && n != parts) return mg_onnx_refuse(call, err, "its parts are not as many as its outputs");
    for (int64_t k = 0; k < parts && status == MG_OK; k++) {
        int64_t length = n >= 0 ? size[k] : k + 1 < parts ? even : in->dim[d] - at;
        status = mg_view_slice(in, d, at, 1, length, call->front, &call->output[k].view, err);
        call->output[k].integer = call->input[0]->integer;
        at += length;
    }
    return status;
}

/* Rows of a table, looked up by tokens. */
static mg_status run_embedding(mg_onnx_call *call, mg_error *err)
{
    const mg_view *table = mg_onnx_view(call, 0);
    mg_view view;
    if (!table->constant || table->n_dims != 2 || mg_onnx_int(call, "axis", 0) != 0)
        return mg_onnx_refuse(call, err, "numbers of letters look up rows of a constant table, nothing else");
    mg_status status = mg_inputs_embed(call->front, table, mg_onnx_view(call, 1), call->bases, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

static mg_status run_gather(mg_onnx_call *call, mg_error *err)
{
    if (call->input[1] != NULL && call->input[1]->tokens) return run_embedding(call, err);
    const mg_view *in = mg_onnx_view(call, 0), *which = mg_onnx_view(call, 1);
    int64_t *index = NULL, n = 0, dim[MG_VIEW_DIMS];
    int d = 0, n_dims = 0;
    mg_view view;
    mg_status status = mg_onnx_axis(call, mg_onnx_int(call, "axis", 0), in->n_dims, &d, err);
    if (status == MG_OK) status = mg_onnx_integers(call, 1, NULL, (int64_t)1 << 31, &index, &n, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < n; i++)
        if (index[i] < 0) index[i] += in->dim[d];
    if (in->n_dims - 1 + which->n_dims > MG_VIEW_DIMS) return mg_onnx_refuse(call, err, "too many dims");
    for (int e = 0; e < d; e++)
        dim[n_dims++] = in->dim[e];
    for (int e = 0; e < which->n_dims; e++)
        dim[n_dims++] = which->dim[e];
    for (int e = d + 1; e < in->n_dims; e++)
        dim[n_dims++] = in->dim[e];
    status = mg_view_take(in, d, n, index, call->front, &view, err);
    if (status == MG_OK) status = mg_view_reshape(&view, n_dims, dim, call->front, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

/* --- together, more of it --- */

static mg_status run_concat(mg_onnx_call *call, mg_error *err)
{
    mg_view in[MG_ONNX_INPUTS], view;
    size_t n = 0;
    int d = 0;
    mg_status status = mg_onnx_axis(call, mg_onnx_int(call, "axis", 1), mg_onnx_view(call, 0)->n_dims, &d, err);
    if (status != MG_OK) return status;
    for (size_t k = 0; k < call->n_inputs; k++) {
        if (mg_onnx_view(call, k) == NULL) return mg_onnx_refuse(call, err, "an input is missing");
        if (mg_view_size(mg_onnx_view(call, k)) > 0 || k + 1 == call->n_inputs) in[n++] = *mg_onnx_view(call, k);
    }
    if (n > 1 && mg_view_size(&in[n - 1]) == 0) n--;
    status = mg_front_concat(call->front, n, in, d, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

static mg_status run_expand(mg_onnx_call *call, mg_error *err)
{
    mg_view view, like = {0};
    int64_t *dim = NULL, n = 0, common[MG_VIEW_DIMS];
    int n_dims = 0;
    mg_status status = mg_onnx_integers(call, 1, NULL, MG_VIEW_DIMS, &dim, &n, err);
    if (status != MG_OK) return status;
    like.n_dims = (int)n;
    memcpy(like.dim, dim, (size_t)n * sizeof *dim);
    status = mg_front_common_dims(call->front, mg_onnx_view(call, 0), &like, &n_dims, common, err);
    if (status == MG_OK) status = mg_view_expand(mg_onnx_view(call, 0), n_dims, common, call->front, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

/* Element i of an axis that is repeated is element i modulo its length. */
static mg_status run_tile(mg_onnx_call *call, mg_error *err)
{
    mg_view view = *mg_onnx_view(call, 0);
    int64_t *times = NULL, n = 0, *index = NULL;
    mg_status status = mg_onnx_integers(call, 1, NULL, MG_VIEW_DIMS, &times, &n, err);
    if (status != MG_OK) return status;
    if (n != view.n_dims) return mg_onnx_refuse(call, err, "its repeats are not as many as the axes");
    for (int d = 0; d < view.n_dims && status == MG_OK; d++) {
        int64_t old = view.dim[d];
        if (times[d] == 1) continue;
        if (times[d] < 0 || (times[d] > 0 && old > ((int64_t)1 << 31) / times[d]))
            return mg_onnx_refuse(call, err, "its repeats make no sense");
        status = mg_front_places(call->front, old * times[d], &index, err);
        for (int64_t i = 0; status == MG_OK && i < old * times[d]; i++)
            index[i] = i % old;
        if (status == MG_OK) status = mg_view_take(&view, d, old * times[d], index, call->front, &view, err);
    }
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

static mg_status run_pad(mg_onnx_call *call, mg_error *err)
{
    mg_view view = *mg_onnx_view(call, 0);
    const mg_view *filling = mg_onnx_view(call, 2);
    int64_t *pad = NULL, *axis = NULL, n = 0, n_axis = -1;
    bool constant = mg_onnx_attribute(call, "mode") == NULL || mg_onnx_text_is(call, "mode", "constant");
    mg_status status = mg_onnx_integers(call, 1, mg_onnx_attribute(call, "paddings") != NULL ? "paddings" : "pads",
                                        (int64_t)2 * MG_VIEW_DIMS, &pad, &n, err);
    if (status == MG_OK) status = mg_onnx_integers(call, 3, NULL, MG_VIEW_DIMS, &axis, &n_axis, err);
    if (status != MG_OK) return status;
    int64_t n_padded = n_axis >= 0 ? n_axis : view.n_dims;
    bool grows = false;
    if (n != 2 * n_padded) return mg_onnx_refuse(call, err, "its paddings are not as many as the axes");
    for (int64_t i = 0; i < n; i++)
        grows |= pad[i] > 0;
    bool zero = filling != NULL ? filling->constant && mg_view_size(filling) == 1 && mg_view_number(filling, 0) == 0.0
                                : mg_onnx_real(call, "value", 0.0) == 0.0;
    if (grows && (!constant || !zero))
        return mg_onnx_refuse(call, err, "only padding with zeros is supported, not reflecting or with other numbers");
    for (int64_t i = 0; i < n_padded && status == MG_OK; i++) {
        int d = 0;
        status = mg_onnx_axis(call, n_axis >= 0 ? axis[i] : i, view.n_dims, &d, err);
        if (status == MG_OK && (pad[i] != 0 || pad[n_padded + i] != 0))
            status = mg_view_pad(&view, d, pad[i], pad[n_padded + i], call->front, &view, err);
    }
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

const mg_onnx_row mg_onnx_moves[] = {{"Identity", 1, run_identity},
                                     {"Dropout", 1, run_identity},
                                     {"Cast", 1, run_cast},
                                     {"Shape", 1, run_shape},
                                     {"Size", 1, run_size},
                                     {"Constant", 0, run_constant},
                                     {"ConstantOfShape", 1, run_constant_of_shape},
                                     {"Range", 3, run_range},
                                     {"Reshape", 1, run_reshape},
                                     {"Flatten", 1, run_flatten},
                                     {"Transpose", 1, run_transpose},
                                     {"Squeeze", 1, run_squeeze},
                                     {"Unsqueeze", 1, run_unsqueeze},
                                     {"Slice", 1, run_slice},
                                     {"Split", 1, run_split},
                                     {"Gather", 2, run_gather},
                                     {"Concat", 1, run_concat},
                                     {"Expand", 2, run_expand},
                                     {"Tile", 2, run_tile},
                                     {"Pad", 1, run_pad},
                                     {NULL, 0, NULL}};
