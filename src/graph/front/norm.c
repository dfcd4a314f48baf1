/* norm.c  layers with numbers for each channel: affine, batch norm, PReLU, layer norm, group norm */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/front/layers.h"

/* The axis for positions, where the numbers stand along `axis`: another one. */
static int other_axis(const mg_front *front, const mg_view *view, int axis)
{
    int positions = mg_front_position_axis(front, view);
    if (positions >= 0 && positions != axis) return positions;
    int longest = -1;
    for (int d = 0; d < view->n_dims; d++)
        if (d != axis && view->dim[d] > 1 && (longest < 0 || view->dim[d] > view->dim[longest])) longest = d;
    return longest;
}

/* Numbers (dim[axis]) brought to the channels of the matrix; NULL stays NULL. */
static mg_status spread(const mg_view *view, int positions, int axis, const mg_matrix *matrix, const double *number,
                        double **ret, mg_error *err)
{
    if (number == NULL) return MG_OK;
    mg_status status = mg_alloc(ret, (size_t)matrix->extent.channels, sizeof **ret, err);
    for (int64_t j = 0; status == MG_OK && j < matrix->extent.channels; j++)
        (*ret)[mg_matrix_channel(matrix, j)] = number[mg_view_coordinate(view, positions, j, axis)];
    return status;
}

/* What an affine node was made of, in the order of the matrix. */
static mg_status spread_norm(const mg_view *view, int positions, int axis, const mg_matrix *matrix,
                             const double *const row[MG_NORM_ROWS], double eps, mg_norm **ret, mg_error *err)
{
    int64_t channels = matrix->extent.channels;
    mg_norm *norm = NULL;
    mg_status status = mg_alloc(&norm, 1, sizeof *norm, err);
    if (status == MG_OK) status = mg_alloc(&norm->value, (size_t)(MG_NORM_ROWS * channels), sizeof *norm->value, err);
    if (status != MG_OK) {
        mg_norm_destroy(norm);
        return status;
    }
    norm->channels = channels;
    norm->eps = eps;
    norm->momentum = 0.0;
    norm->affine = true;
    for (int r = 0; r < MG_NORM_ROWS; r++)
        for (int64_t j = 0; j < channels; j++)
            mg_norm_row(norm, r)[mg_matrix_channel(matrix, j)] = row[r][mg_view_coordinate(view, positions, j, axis)];
    *ret = norm;
    return MG_OK;
}

/* A node whose weight and bias stand along an axis; norm: rows of numbers along it that they were made of, or NULL. */
static mg_status by_channel(mg_front *front, const char *kind, mg_node *node, const mg_view *in, int positions,
                            int axis, const double *weight, const double *bias, const double *const *norm, mg_view *ret,
                            mg_error *err)
{
    mg_matrix matrix;
    mg_view shape = *in;
    mg_status status = mg_front_matrix(front, in, positions, node->groups > 1, &matrix, err);
    if (status == MG_OK) status = spread(in, positions, axis, &matrix, weight, &node->weight, err);
    if (status == MG_OK) status = spread(in, positions, axis, &matrix, bias, &node->bias, err);
    if (status == MG_OK && norm != NULL)
        status = spread_norm(in, positions, axis, &matrix, norm, node->number[0], &node->norm, err);
    node->number[0] = norm != NULL ? 0.0 : node->number[0];
    if (status != MG_OK) {
        mg_node_clear(node);
        return status;
    }
    node->n_weight = weight != NULL ? matrix.extent.channels : 0;
    node->n_bias = bias != NULL ? matrix.extent.channels : 0;
    status = mg_front_add(front, kind, node, 1, &matrix.value, &matrix.value, err);
    if (status == MG_OK) status = mg_matrix_view(front, &matrix, positions, shape.n_dims, shape.dim, ret, err);
    return status;
}

mg_status mg_front_affine(mg_front *front, const mg_view *in, int axis, const double *scale, const double *shift,
                          mg_view *ret, mg_error *err)
{
    if (axis < 0 || axis >= in->n_dims) return mg_fail(err, MG_EINPUT, "%s: there is no axis %d", front->name, axis);
    mg_node node = {.groups = 1};
    double *full[2] = {NULL, NULL};
    mg_status status = MG_OK;
    for (int k = 0; k < 2 && status == MG_OK; k++) {
        const double *given = k == 0 ? scale : shift;
        status = mg_front_numbers(front, in->dim[axis], &full[k], err);
        for (int64_t i = 0; status == MG_OK && i < in->dim[axis]; i++)
            full[k][i] = given != NULL ? given[i] : k == 0 ? 1.0 : 0.0;
    }
    if (status != MG_OK) return status;
    return by_channel(front, "affine", &node, in, other_axis(front, in, axis), axis, full[0], full[1], NULL, ret, err);
}

/* One number of a part that may be missing. */
static double part_number(const mg_view *part, int64_t i, double missing)
{
    return part != NULL ? mg_view_number(part, mg_view_size(part) == 1 ? 0 : i) : missing;
}

static mg_status check_parts(const mg_front *front, const mg_view *in, int axis, const mg_view *const *part, int n,
                             mg_error *err)
{
    if (axis < 0 || axis >= in->n_dims) return mg_fail(err, MG_EINPUT, "%s: there is no axis %d", front->name, axis);
    for (int k = 0; k < n; k++) {
        if (part[k] == NULL) continue;
        if (!part[k]->constant)
            return mg_fail(err, MG_EINPUT, "%s: its weights depend on the window, which is not supported", front->name);
        if (mg_view_size(part[k]) != in->dim[axis] && mg_view_size(part[k]) != 1)
            return mg_fail(err, MG_EINPUT, "%s: %" PRId64 " weights for %" PRId64 " channels", front->name,
                           mg_view_size(part[k]), in->dim[axis]);
    }
    return MG_OK;
}

mg_status mg_front_batch_norm(mg_front *front, const mg_view *in, int axis, const mg_view *const part[4], double eps,
                              mg_view *ret, mg_error *err)
{
    static const double missing[MG_NORM_ROWS] = {1.0, 0.0, 0.0, 1.0};
    double *row[MG_NORM_ROWS], *line[2] = {NULL, NULL};
    mg_node node = {.groups = 1, .number = {eps}};
    mg_status status = check_parts(front, in, axis, part, MG_NORM_ROWS, err);
    for (int r = 0; r < MG_NORM_ROWS && status == MG_OK; r++) {
        status = mg_front_numbers(front, in->dim[axis], &row[r], err);
        for (int64_t i = 0; status == MG_OK && i < in->dim[axis]; i++)
            row[r][i] = part_number(part[r], i, missing[r]);
    }
    for (int k = 0; k < 2 && status == MG_OK; k++)
        status = mg_front_numbers(front, in->dim[axis], &line[k], err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < in->dim[axis]; i++) {
        double variance = row[MG_NORM_VARIANCE][i];
        if (!(variance + eps > 0.0))
            return mg_fail(err, MG_EINPUT, "%s: its variance of channel %" PRId64 " is %g", front->name, i, variance);
        line[0][i] = row[MG_NORM_WEIGHT][i] / sqrt(variance + eps);
        line[1][i] = row[MG_NORM_BIAS][i] - line[0][i] * row[MG_NORM_MEAN][i];
    }
    return by_channel(front, "affine", &node, in, other_axis(front, in, axis), axis, line[0], line[1],
                      (const double *const *)row, ret, err);
}

mg_status mg_front_prelu(mg_front *front, const mg_view *in, int axis, const mg_view *slope, mg_view *ret,
                         mg_error *err)
{
    double *number = NULL;
    mg_node node = {.groups = 1};
    mg_status status = check_parts(front, in, axis, &slope, 1, err);
    if (status == MG_OK) status = mg_front_numbers(front, in->dim[axis], &number, err);
    for (int64_t i = 0; status == MG_OK && i < in->dim[axis]; i++)
        number[i] = part_number(slope, i, 0.0);
    if (status != MG_OK) return status;
    return by_channel(front, "prelu", &node, in, other_axis(front, in, axis), axis, number, NULL, NULL, ret, err);
}

/* Scale and shift of a norm, in row-major order of all axes but the positions. */
static mg_status norm_part(mg_front *front, int64_t n, const mg_view *part, double missing, double **ret, mg_error *err)
{
    if (part != NULL && (!part->constant || (mg_view_size(part) != n && mg_view_size(part) != 1)))
        return mg_fail(err, MG_EINPUT, "%s: %" PRId64 " weights for %" PRId64 " channels", front->name,
                       mg_view_size(part), n);
    mg_status status = mg_front_numbers(front, n, ret, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        (*ret)[i] = part_number(part, i, missing);
    return status;
}

mg_status mg_front_layer_norm(mg_front *front, const mg_view *in, int positions, const mg_view *scale,
                              const mg_view *shift, double eps, mg_view *ret, mg_error *err)
{
    mg_view flat = *in;
    double *weight = NULL, *bias = NULL;
    int64_t length = positions >= 0 ? in->dim[positions] : 1, n = mg_view_size(in) / (length > 0 ? length : 1);
    mg_status status = norm_part(front, n, scale, 1.0, &weight, err);
    if (status == MG_OK) status = norm_part(front, n, shift, 0.0, &bias, err);
    /* All axes but the positions count as one: as (positions, channels). */
    int64_t dim[2] = {length, n};
    int order[MG_VIEW_DIMS], n_order = 0;
    if (positions >= 0) order[n_order++] = positions;
    for (int d = 0; d < in->n_dims; d++)
        if (d != positions) order[n_order++] = d;
    if (status == MG_OK) status = mg_view_transpose(in, order, front, &flat, err);
    mg_view moved = flat;
    if (status == MG_OK) status = mg_view_reshape(&flat, 2, dim, front, &flat, err);
    mg_node node = {.groups = 0, .number = {eps}};
    if (status == MG_OK) status = by_channel(front, "layer_norm", &node, &flat, 0, 1, weight, bias, NULL, &flat, err);
    if (status == MG_OK) status = mg_view_reshape(&flat, moved.n_dims, moved.dim, front, &flat, err);
    int back[MG_VIEW_DIMS];
    for (int d = 0; d < n_order; d++)
        back[order[d]] = d;
    return status == MG_OK ? mg_view_transpose(&flat, back, front, ret, err) : status;
}

mg_status mg_front_group_norm(mg_front *front, const mg_view *in, int64_t groups, const mg_view *scale,
                              const mg_view *shift, double eps, mg_view *ret, mg_error *err)
{
    double *weight = NULL, *bias = NULL;
    if (in->n_dims != 3 || groups < 1 || in->dim[1] % groups != 0)
        return mg_fail(err, MG_EINPUT, "%s: channels cannot be normalised in %" PRId64 " groups", front->name, groups);
    mg_status status = norm_part(front, in->dim[1], scale, 1.0, &weight, err);
    if (status == MG_OK) status = norm_part(front, in->dim[1], shift, 0.0, &bias, err);
    mg_node node = {.groups = groups, .number = {eps}};
    return status == MG_OK ? by_channel(front, "layer_norm", &node, in, 2, 1, weight, bias, NULL, ret, err) : status;
}
