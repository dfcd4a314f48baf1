/* matrix.h  a view brought into a matrix of positions by channels, so that a node can work on it
 *
 * Which axis of a tensor runs along the positions is the caller's choice; all others together, in row-major order, are its
 * channels. Where the view's value already is that matrix, up to the order of its channels, it is taken as it is and the
 * order is told (whoever has weights permutes them); else a gather is added, or a constant, once for each view.
 */
#ifndef MG_GRAPH_FRONT_MATRIX_H
#define MG_GRAPH_FRONT_MATRIX_H

#include "src/graph/front/view.h"

typedef struct {
    size_t value;
    mg_extent extent;
    const int64_t *channel; /* (channels) channel of the value that the j-th of the other axes' elements is; NULL: j */
} mg_matrix;

static inline int64_t mg_matrix_channel(const mg_matrix *matrix, int64_t j)
{
    return matrix->channel != NULL ? matrix->channel[j] : j;
}

/* mg_front_add()  a node of that kind under the name at hand; draft as for mg_graph_add() */
mg_status mg_front_add(mg_front *front, const char *kind, mg_node *draft, size_t n_inputs, const size_t *inputs,
                       size_t *ret_value, mg_error *err);

/* mg_view_position_axis()  the axis along which the view's value has its positions; -1 when the value has one position or
 * the view has no such axis */
int mg_view_position_axis(const mg_view *view);

/* mg_front_position_axis()  the same, or else the axis that counts as positions in files of this kind */
int mg_front_position_axis(const mg_front *front, const mg_view *view);

/* mg_front_matrix()  the view as a matrix
 *
 * Args:     axis     - of the view, for the positions; -1: one position
 *           in_order - channels have to be in row-major order of the other axes (ret->channel is NULL then)
 */
mg_status mg_front_matrix(mg_front *front, const mg_view *view, int axis, bool in_order, mg_matrix *ret, mg_error *err);

/* mg_front_matrix_padded()  the same, but rows of zeros before and behind stay out of it and are counted instead */
mg_status mg_front_matrix_padded(mg_front *front, const mg_view *view, int axis, bool in_order, mg_matrix *ret,
                                 int64_t *ret_before, int64_t *ret_behind, mg_error *err);

/* mg_matrix_view()  the way back: a tensor over matrix->value, whose positions are `axis` and whose channels are the others
 * in the order of matrix->channel; dim[axis] is not read */
mg_status mg_matrix_view(mg_front *front, const mg_matrix *matrix, int axis, int n_dims, const int64_t *dim,
                         mg_view *ret, mg_error *err);

/* mg_front_settle()  the view as a matrix along its own positions and the view of that: no zeros, nothing left out */
mg_status mg_front_settle(mg_front *front, const mg_view *view, mg_matrix *ret_matrix, mg_view *ret, mg_error *err);

/* mg_view_coordinate()  along axis d, of the j-th element of all axes but `axis` */
int64_t mg_view_coordinate(const mg_view *view, int axis, int64_t j, int d);

/* mg_view_element()  element (t, j): position t, and j-th of the other axes, as a row-major number */
int64_t mg_view_element(const mg_view *view, int axis, int64_t t, int64_t j);

#endif
