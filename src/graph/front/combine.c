/* combine.c  means and maxima along axes, softmax, tensors side by side */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/front/arithmetic.h"

/* --- reductions --- */

static double fold_one(mg_reduction what, const mg_view *in, int axis, int64_t j)
{
    double sum = 0.0, largest = mg_view_number(in, mg_view_element(in, axis, 0, j));
    for (int64_t t = 0; t < in->dim[axis]; t++) {
        double x = mg_view_number(in, mg_view_element(in, axis, t, j));
        sum += x;
        if (x > largest) largest = x;
    }
    return what == MG_REDUCE_MAX ? largest : what == MG_REDUCE_SUM ? sum : sum / (double)in->dim[axis];
}

static mg_status fold_axis(mg_front *front, mg_reduction what, const mg_view *in, int axis, mg_view *ret, mg_error *err)
{
    int64_t n = mg_view_size(in) / in->dim[axis], dim[MG_VIEW_DIMS];
    double *number = NULL;
    mg_status status = mg_front_numbers(front, n, &number, err);
    for (int64_t j = 0; status == MG_OK && j < n; j++)
        number[j] = fold_one(what, in, axis, j);
    memcpy(dim, in->dim, sizeof dim);
    dim[axis] = 1;
    if (status == MG_OK) *ret = mg_view_constant(in->n_dims, dim, number);
    return status;
}

/* A pool over all of the axis. */
static mg_status pool_axis(mg_front *front, mg_reduction what, const mg_view *in, int axis, mg_view *ret, mg_error *err)
{
    mg_view shape = *in;
    mg_matrix matrix;
    double times = (double)in->dim[axis];
    mg_status status = mg_front_matrix(front, in, axis, false, &matrix, err);
    if (status != MG_OK) return status;
    mg_node node = {.slide = {in->dim[axis], 1, 1, 0, 0}, .groups = 1};
    node.slide.stride = in->dim[axis];
    status = mg_front_add(front, what == MG_REDUCE_MAX ? "max_pool" : "average_pool", &node, 1, &matrix.value,
                          &matrix.value, err);
    if (status == MG_OK) status = mg_matrix_view(front, &matrix, axis, shape.n_dims, shape.dim, ret, err);
    if (status != MG_OK || what != MG_REDUCE_SUM) return status;
    mg_view factor = mg_view_scalar(&times);
    return mg_front_arithmetic(front, MG_MULTIPLY, ret, &factor, ret, err);
}

/* Mean or sum over channels at each position: a layer with one output and equal weights. */
static mg_status weigh_axis(mg_front *front, mg_reduction what, const mg_view *in, int axis, mg_view *ret,
                            mg_error *err)
{
    int order[MG_VIEW_DIMS], n = 0;
    int64_t dim[MG_VIEW_DIMS], weight_dim[2] = {1, in->dim[axis]};
    double *number = NULL;
    mg_view moved;
    mg_status status = mg_front_numbers(front, in->dim[axis], &number, err);
    for (int64_t i = 0; status == MG_OK && i < in->dim[axis]; i++)
        number[i] = what == MG_REDUCE_SUM ? 1.0 : 1.0 / (double)in->dim[axis];
    for (int d = 0; d < in->n_dims; d++)
        if (d != axis) order[n++] = d;
    order[n] = axis;
    memcpy(dim, in->dim, sizeof dim);
    dim[axis] = 1;
    int n_dims = in->n_dims;
    mg_view weight = mg_view_constant(2, weight_dim, number);
    if (status == MG_OK) status = mg_view_transpose(in, order, front, &moved, err);
    if (status == MG_OK) status = mg_front_linear(front, &moved, &weight, NULL, &moved, err);
    /* Of one element, so the axis may stand anywhere. */
    return status == MG_OK ? mg_view_reshape(&moved, n_dims, dim, front, ret, err) : status;
}

mg_status mg_front_reduce(mg_front *front, mg_reduction what, const mg_view *in, const bool axes[MG_VIEW_DIMS],
                          mg_view *ret, mg_error *err)
{
    mg_view at = *in;
    mg_status status = MG_OK;
    if (mg_view_size(in) == 0) return mg_fail(err, MG_EINPUT, "%s: there is nothing to reduce", front->name);
    for (int d = 0; d < in->n_dims && status == MG_OK; d++) {
        if (!axes[d] || at.dim[d] == 1) continue;
        int positions = mg_view_position_axis(&at);
        if (at.constant) {
            status = fold_axis(front, what, &at, d, &at, err);
        } else if (what != MG_REDUCE_MAX && positions >= 0 && positions != d) {
            status = weigh_axis(front, what, &at, d, &at, err);
        } else {
            status = pool_axis(front, what, &at, d, &at, err);
        }
    }
    if (status == MG_OK) *ret = at;
    return status;
}

/* --- softmax --- */

mg_status mg_front_softmax(mg_front *front, const mg_view *in, int axis, mg_view *ret, mg_error *err)
{
    if (axis < 0 || axis >= in->n_dims) return mg_fail(err, MG_EINPUT, "%s: there is no axis %d", front->name, axis);
    if (in->constant) return mg_fail(err, MG_EINPUT, "%s: softmax of constants is not supported", front->name);
    int positions = mg_front_position_axis(front, in);
    mg_view shape = *in;
    mg_matrix matrix;
    /* Over the channels, where they are that axis and nothing else; else the axis has to be the positions. */
    bool along_channels = positions != axis;
    for (int d = 0; d < in->n_dims; d++)
        if (d != axis && d != positions && in->dim[d] > 1) along_channels = false;
    if (!along_channels) positions = axis;
    mg_status status = mg_front_matrix(front, in, positions, false, &matrix, err);
    if (status != MG_OK) return status;
    mg_node node = {.groups = 1, .axis = along_channels ? MG_AXIS_CHANNELS : MG_AXIS_POSITIONS};
    status = mg_front_add(front, "softmax", &node, 1, &matrix.value, &matrix.value, err);
    return status == MG_OK ? mg_matrix_view(front, &matrix, positions, shape.n_dims, shape.dim, ret, err) : status;
}

/* --- side by side --- */

static mg_status check_concat(const mg_front *front, size_t n, const mg_view *in, int axis, int64_t *ret_sum,
                              mg_error *err)
{
    char text[MG_DIMS_TEXT], other[MG_DIMS_TEXT];
    if (n == 0 || axis < 0 || axis >= in[0].n_dims)
        return mg_fail(err, MG_EINPUT, "%s: there is no axis %d to put tensors side by side", front->name, axis);
    *ret_sum = 0;
    for (size_t k = 0; k < n; k++) {
        bool fits = in[k].n_dims == in[0].n_dims;
        for (int d = 0; fits && d < in[0].n_dims; d++)
            if (d != axis && in[k].dim[d] != in[0].dim[d]) fits = false;
        if (!fits)
            return mg_fail(err, MG_EINPUT, "%s: %s and %s cannot stand side by side", front->name,
                           mg_view_dims_text(&in[0], text), mg_view_dims_text(&in[k], other));
        *ret_sum += in[k].dim[axis];
    }
    return MG_OK;
}

static mg_status fold_concat(mg_front *front, size_t n, const mg_view *in, int axis, int64_t sum, mg_view *ret,
                             mg_error *err)
{
    int64_t dim[MG_VIEW_DIMS], others = 1, at = 0;
    double *number = NULL;
    memcpy(dim, in[0].dim, sizeof dim);
    for (int d = 0; d < in[0].n_dims; d++)
        if (d != axis) others *= dim[d];
    dim[axis] = sum;
    mg_status status = mg_front_numbers(front, others * sum, &number, err);
    if (status != MG_OK) return status;
    mg_view made = mg_view_constant(in[0].n_dims, dim, number);
    for (size_t k = 0; k < n; at += in[k++].dim[axis])
        for (int64_t j = 0; j < others; j++)
            for (int64_t t = 0; t < in[k].dim[axis]; t++)
                number[mg_view_element(&made, axis, at + t, j)] =
                    mg_view_number(&in[k], mg_view_element(&in[k], axis, t, j));
    *ret = made;
    return MG_OK;
}

/* The axis for positions: that of the first tensor which has one. */
static int common_positions(const mg_front *front, size_t n, const mg_view *in)
{
    for (size_t k = 0; k < n; k++) {
        int axis = mg_view_position_axis(&in[k]);
        if (axis >= 0) return axis;
    }
    return mg_front_position_axis(front, &in[0]);
}

/* Places of part k's elements in the value that holds all parts. */
static void place_part(const mg_view *whole, const mg_view *part, int axis, int64_t at, int positions,
                       const mg_matrix *matrix, mg_extent extent, int64_t first_channel, int64_t first_position,
                       int64_t *place)
{
    int64_t others = mg_view_size(part) / (positions >= 0 ? part->dim[positions] : 1);
    for (int64_t j = 0; j < others; j++)
        for (int64_t t = 0; t < matrix->extent.length; t++) {
            int64_t element = mg_view_element(part, positions, t, j), outer = element;
            int64_t inner = 1;
            for (int d = axis + 1; d < part->n_dims; d++)
                inner *= part->dim[d];
            int64_t i = outer / inner % part->dim[axis], before = outer / inner / part->dim[axis];
            int64_t to = (before * whole->dim[axis] + at + i) * inner + outer % inner;
            place[to] = (first_position + t) * extent.channels + first_channel + mg_matrix_channel(matrix, j);
        }
}

mg_status mg_front_concat(mg_front *front, size_t n, const mg_view *in, int axis, mg_view *ret, mg_error *err)
{
    int64_t sum = 0, *place = NULL, at = 0, channel = 0, position = 0;
    bool all_constant = true;
    mg_status status = check_concat(front, n, in, axis, &sum, err);
    if (status != MG_OK) return status;
    for (size_t k = 0; k < n; k++)
        all_constant &= in[k].constant;
    if (n == 1) *ret = in[0];
    if (n == 1) return MG_OK;
    if (all_constant) return fold_concat(front, n, in, axis, sum, ret, err);
    int positions = common_positions(front, n, in);
    bool by_position = positions == axis;
    mg_view whole = in[0];
    mg_matrix *matrix = NULL;
    size_t *value = NULL;
    mg_node node = {.groups = 1, .axis = by_position ? MG_AXIS_POSITIONS : MG_AXIS_CHANNELS};
    whole.dim[axis] = sum;
    status = mg_alloc(&matrix, n, sizeof *matrix, err);
    if (status == MG_OK) status = mg_alloc(&value, n, sizeof *value, err);
    if (status == MG_OK) status = mg_front_places(front, mg_view_size(&whole), &place, err);
    for (size_t k = 0; status == MG_OK && k < n; k++) {
        status = mg_front_matrix(front, &in[k], positions, by_position, &matrix[k], err);
        if (status == MG_OK) value[k] = matrix[k].value;
    }
    if (status == MG_OK) status = mg_front_add(front, "concat", &node, n, value, &whole.value, err);
    if (status == MG_OK) {
        whole.constant = false;
        whole.extent = front->graph->extent[whole.value];
        for (size_t k = 0; k < n; k++) {
            place_part(&whole, &in[k], axis, at, positions, &matrix[k], whole.extent, channel, position, place);
            at += in[k].dim[axis];
            channel += by_position ? 0 : matrix[k].extent.channels;
            position += by_position ? matrix[k].extent.length : 0;
        }
        *ret = mg_view_of_places(&whole, whole.n_dims, whole.dim, place);
    }
    free(matrix);
    free(value);
    return status;
}
