/* matrix.c  is this view the matrix already? If not: gather */
#include "src/graph/front/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"

mg_status mg_front_add(mg_front *front, const char *kind, mg_node *draft, size_t n_inputs, const size_t *inputs,
                       size_t *ret_value, mg_error *err)
{
    draft->kind = mg_kind_find(kind);
    if (draft->kind == NULL) {
        mg_node_clear(draft);
        return mg_fail(err, MG_EINPUT, "%s: nodes of kind %s are not known", front->name, kind);
    }
    memcpy(draft->name, front->name, sizeof draft->name);
    return mg_graph_add(front->graph, draft, n_inputs, inputs, ret_value, err);
}

/* --- axes --- */

/* Elements before and behind the axis: element = (o length + t) inner + i, j = o inner + i. */
static int64_t inner_of(const mg_view *view, int axis)
{
    int64_t inner = 1;
    for (int d = axis + 1; axis >= 0 && d < view->n_dims; d++)
        inner *= view->dim[d];
    return inner;
}

static int64_t length_of(const mg_view *view, int axis)
{
    return axis >= 0 ? view->dim[axis] : 1;
}

int64_t mg_view_element(const mg_view *view, int axis, int64_t t, int64_t j)
{
    int64_t inner = inner_of(view, axis);
    return (j / inner * length_of(view, axis) + t) * inner + j % inner;
}

int64_t mg_view_coordinate(const mg_view *view, int axis, int64_t j, int d)
{
    for (int e = view->n_dims - 1; e > d; e--)
        if (e != axis) j /= view->dim[e];
    return j % view->dim[d];
}

/* How far elements that differ by one along axis d are apart. */
static int64_t step_along(const mg_view *view, int d)
{
    if (view->place == NULL) return view->stride[d];
    int64_t first = 0, inner = inner_of(view, d), n = mg_view_size(view);
    for (int64_t i = 0; i < n; i++) {
        if (i / inner % view->dim[d] + 1 >= view->dim[d]) continue;
        if (view->place[i] < 0 || view->place[i + inner] < 0) continue;
        return view->place[i + inner] - view->place[i];
    }
    return first;
}

int mg_view_position_axis(const mg_view *view)
{
    if (view->constant || view->extent.length == 1) return -1;
    for (int d = 0; d < view->n_dims; d++) {
        int64_t step = view->dim[d] > 1 ? step_along(view, d) : 0;
        if (step != 0 && step % view->extent.channels == 0) return d;
    }
    return -1;
}

int mg_front_position_axis(const mg_front *front, const mg_view *view)
{
    int axis = mg_view_position_axis(view);
    if (axis >= 0) return axis;
    int n_long = 0, first = -1, last = -1;
    for (int d = 0; d < view->n_dims; d++) {
        if (view->dim[d] == 1) continue;
        if (n_long++ == 0) first = d;
        last = d;
    }
    if (n_long < 2) return -1;
    return front->channels_last ? first : last;
}

/* --- is it there already --- */

/* Whether the value has all of the view's elements, each once, in rows of positions; then the order of its channels. */
static mg_status look(mg_front *front, const mg_view *view, int axis, mg_matrix *ret, bool *ret_found, mg_error *err)
{
    int64_t length = length_of(view, axis), channels = mg_view_size(view) / length, *order = NULL;
    bool sorted = true;
    *ret_found = false;
    if (view->constant || view->extent.length != length || view->extent.channels != channels) return MG_OK;
    mg_status status = mg_front_places(front, 2 * channels, &order, err);
    if (status != MG_OK) return status;
    for (int64_t j = 0; j < channels; j++) {
        int64_t place = mg_view_place(view, mg_view_element(view, axis, 0, j));
        if (place < 0 || place >= channels || order[channels + place]++ > 0) return MG_OK;
        order[j] = place;
        sorted &= place == j;
    }
    for (int64_t t = 1; t < length; t++)
        for (int64_t j = 0; j < channels; j++)
            if (mg_view_place(view, mg_view_element(view, axis, t, j)) != t * channels + order[j]) return MG_OK;
    *ret = (mg_matrix){view->value, view->extent, sorted ? NULL : order};
    *ret_found = true;
    return MG_OK;
}

/* --- if it is not --- */

static mg_status add_gather(mg_front *front, const mg_view *view, int axis, mg_extent extent, size_t *ret,
                            mg_error *err)
{
    mg_node draft = {.asked = extent};
    mg_status status = mg_alloc(&draft.index, (size_t)(extent.length * extent.channels), sizeof *draft.index, err);
    if (status != MG_OK) return status;
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t j = 0; j < extent.channels; j++)
            draft.index[t * extent.channels + j] = mg_view_place(view, mg_view_element(view, axis, t, j));
    return mg_front_add(front, "gather", &draft, 1, &view->value, ret, err);
}

static mg_status add_constant(mg_front *front, const mg_view *view, int axis, mg_extent extent, size_t *ret,
                              mg_error *err)
{
    mg_node draft = {.asked = extent, .n_weight = extent.length * extent.channels};
    mg_status status = mg_alloc(&draft.weight, (size_t)draft.n_weight, sizeof *draft.weight, err);
    if (status != MG_OK) return status;
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t j = 0; j < extent.channels; j++)
            draft.weight[t * extent.channels + j] = mg_view_number(view, mg_view_element(view, axis, t, j));
    return mg_front_add(front, "constant", &draft, 0, NULL, ret, err);
}

static const mg_gathered *find_gathered(const mg_front *front, const mg_view *view, int axis)
{
    for (size_t i = 0; i < front->n_gathered; i++) {
        const mg_gathered *g = &front->gathered[i];
        if (g->axis == axis && mg_view_same(&g->view, view)) return g;
    }
    return NULL;
}

static mg_status make(mg_front *front, const mg_view *view, int axis, mg_matrix *ret, mg_error *err)
{
    char text[MG_DIMS_TEXT];
    int64_t length = length_of(view, axis), size = mg_view_size(view);
    if (size == 0 || size > front->budget)
        return mg_fail(err, MG_EINPUT, "%s: a tensor of %s cannot be worked with", front->name,
                       mg_view_dims_text(view, text));
    mg_extent extent = {length, size / length};
    const mg_gathered *known = find_gathered(front, view, axis);
    *ret = (mg_matrix){known != NULL ? known->value : 0, extent, NULL};
    if (known != NULL) return MG_OK;
    mg_status status =
        mg_grow(&front->gathered, &front->gathered_room, front->n_gathered + 1, sizeof *front->gathered, err);
    if (status != MG_OK) return status;
    front->budget -= size;
    if (view->constant) {
        status = add_constant(front, view, axis, extent, &ret->value, err);
    } else {
        status = add_gather(front, view, axis, extent, &ret->value, err);
    }
    if (status == MG_OK) front->gathered[front->n_gathered++] = (mg_gathered){*view, axis, extent, ret->value};
    return status;
}

mg_status mg_front_matrix(mg_front *front, const mg_view *view, int axis, bool in_order, mg_matrix *ret, mg_error *err)
{
    bool found = false;
    if (mg_view_size(view) == 0 || length_of(view, axis) == 0) return make(front, view, -1, ret, err);
    mg_status status = look(front, view, axis, ret, &found, err);
    if (status != MG_OK) return status;
    if (found && !(in_order && ret->channel != NULL)) return MG_OK;
    return make(front, view, axis, ret, err);
}

/* --- rows of zeros --- */

static bool row_is_zero(const mg_view *view, int axis, int64_t t)
{
    int64_t channels = mg_view_size(view) / view->dim[axis];
    for (int64_t j = 0; j < channels; j++)
        if (mg_view_place(view, mg_view_element(view, axis, t, j)) >= 0) return false;
    return true;
}

mg_status mg_front_matrix_padded(mg_front *front, const mg_view *view, int axis, bool in_order, mg_matrix *ret,
                                 int64_t *ret_before, int64_t *ret_behind, mg_error *err)
{
    mg_view middle = *view;
    int64_t length = view->dim[axis], before = 0, behind = 0;
    *ret_before = *ret_behind = 0;
    if (view->place == NULL || view->constant) return mg_front_matrix(front, view, axis, in_order, ret, err);
    while (before < length && row_is_zero(view, axis, before))
        before++;
    while (behind < length - before && row_is_zero(view, axis, length - 1 - behind))
        behind++;
    if (before == length || before + behind == 0) return mg_front_matrix(front, view, axis, in_order, ret, err);
    mg_status status = mg_view_slice(view, axis, before, 1, length - before - behind, front, &middle, err);
    if (status == MG_OK) status = mg_front_matrix(front, &middle, axis, in_order, ret, err);
    if (status != MG_OK) return status;
    *ret_before = before;
    *ret_behind = behind;
    return MG_OK;
}

/* --- back --- */

mg_status mg_matrix_view(mg_front *front, const mg_matrix *matrix, int axis, int n_dims, const int64_t *dim,
                         mg_view *ret, mg_error *err)
{
    mg_extent extent = front->graph->extent[matrix->value];
    mg_view view = {.n_dims = n_dims, .value = matrix->value, .extent = extent};
    int64_t n = extent.length * extent.channels, *place = NULL, step = 1;
    memcpy(view.dim, dim, (size_t)n_dims * sizeof *dim);
    if (axis >= 0) view.dim[axis] = extent.length;
    for (int d = n_dims - 1; d >= 0; d--) {
        view.stride[d] = d == axis ? extent.channels : step;
        if (d != axis) step *= view.dim[d];
    }
    if (step != extent.channels) return mg_fail(err, MG_EBUG, "%s: axes do not make the matrix", front->name);
    *ret = view;
    if (matrix->channel == NULL) return MG_OK;
    mg_status status = mg_front_places(front, n, &place, err);
    if (status != MG_OK) return status;
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t j = 0; j < extent.channels; j++)
            place[mg_view_element(&view, axis, t, j)] = t * extent.channels + matrix->channel[j];
    *ret = mg_view_of_places(&view, n_dims, view.dim, place);
    return MG_OK;
}

mg_status mg_front_settle(mg_front *front, const mg_view *view, mg_matrix *ret_matrix, mg_view *ret, mg_error *err)
{
    int axis = mg_front_position_axis(front, view);
    mg_view shape = *view;
    mg_status status = mg_front_matrix(front, view, axis, false, ret_matrix, err);
    if (status != MG_OK) return status;
    return mg_matrix_view(front, ret_matrix, axis, shape.n_dims, shape.dim, ret, err);
}
