/* move.c  views of views: each movement is a rule from the new elements to the old ones
 *
 * Where both the old view and the rule have strides, the new one has; else places are listed, and mg_view_of_places() looks
 * whether they follow strides after all.
 */
#include <inttypes.h>
#include <string.h>

#include "src/graph/front/view.h"

#define LARGEST_SIZE ((int64_t)1 << 40) /* elements of a repeated view */

/* A movement: element (i, j, ...) of the new dims is element offset + i step[0] + j step[1] ... of the old ones, in row-major
 * order. */
typedef struct {
    int n_dims;
    int64_t dim[MG_VIEW_DIMS], step[MG_VIEW_DIMS], offset;
} movement;

/* The old view's own steps: 1 along the last axis. */
static void row_major(const mg_view *view, int64_t step[MG_VIEW_DIMS])
{
    int64_t n = 1;
    for (int d = view->n_dims - 1; d >= 0; d--) {
        step[d] = n;
        n *= view->dim[d];
    }
}

static int64_t old_element(const movement *m, int64_t element)
{
    int64_t old = m->offset;
    for (int d = m->n_dims - 1; d >= 0; d--) {
        old += element % m->dim[d] * m->step[d];
        element /= m->dim[d];
    }
    return old;
}

static mg_status apply(const mg_view *view, const movement *m, mg_front *front, mg_view *ret, mg_error *err)
{
    mg_view shape = {.n_dims = m->n_dims};
    memcpy(shape.dim, m->dim, sizeof shape.dim);
    int64_t n = mg_view_size(&shape), *place = NULL;
    mg_status status = mg_front_places(front, n, &place, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < n; i++)
        place[i] = mg_view_place(view, old_element(m, i));
    *ret = mg_view_of_places(view, m->n_dims, m->dim, place);
    return MG_OK;
}

static mg_status fail_axis(const mg_front *front, const mg_view *view, int axis, mg_error *err)
{
    return mg_fail(err, MG_EINPUT, "%s: there is no axis %d in %d dims", front->name, axis, view->n_dims);
}

mg_status mg_view_transpose(const mg_view *view, const int *order, mg_front *front, mg_view *ret, mg_error *err)
{
    movement m = {.n_dims = view->n_dims};
    int64_t step[MG_VIEW_DIMS];
    bool seen[MG_VIEW_DIMS] = {false};
    mg_view moved = *view;
    row_major(view, step);
    for (int d = 0; d < view->n_dims; d++) {
        int from = order[d];
        if (from < 0 || from >= view->n_dims || seen[from]) return fail_axis(front, view, from, err);
        seen[from] = true;
        m.dim[d] = moved.dim[d] = view->dim[from];
        m.step[d] = step[from];
        moved.stride[d] = view->stride[from];
    }
    if (view->place != NULL) return apply(view, &m, front, ret, err);
    *ret = moved;
    return MG_OK;
}

/* New strides for the same elements, where each new axis lies within one run of old axes that follow each other. */
static bool reshape_strides(const mg_view *view, int n_dims, const int64_t *dim, mg_view *ret)
{
    int64_t old_dim[MG_VIEW_DIMS], old_stride[MG_VIEW_DIMS];
    int n_old = 0;
    for (int d = 0; d < view->n_dims; d++) {
        if (view->dim[d] == 1) continue;
        bool goes_on = n_old > 0 && old_stride[n_old - 1] == view->dim[d] * view->stride[d];
        if (goes_on) {
            old_dim[n_old - 1] *= view->dim[d];
            old_stride[n_old - 1] = view->stride[d];
        } else {
            old_dim[n_old] = view->dim[d];
            old_stride[n_old++] = view->stride[d];
        }
    }
    int64_t left = 1, stride = 0;
    for (int d = n_dims - 1; d >= 0; d--) {
        ret->stride[d] = 0;
        if (dim[d] == 1) continue;
        if (left == 1) {
            if (n_old == 0) return false;
            left = old_dim[--n_old];
            stride = old_stride[n_old];
        }
        if (left % dim[d] != 0) return false;
        ret->stride[d] = stride;
        stride *= dim[d];
        left /= dim[d];
    }
    return left == 1 && n_old == 0;
}

mg_status mg_view_reshape(const mg_view *view, int n_dims, const int64_t *dim, mg_front *front, mg_view *ret,
                          mg_error *err)
{
    char text[MG_DIMS_TEXT];
    mg_view moved = *view;
    movement m = {.n_dims = n_dims};
    int64_t n = 1, n_old = mg_view_size(view);
    if (n_dims > MG_VIEW_DIMS) return mg_fail(err, MG_EINPUT, "%s: more than %d dims", front->name, MG_VIEW_DIMS);
    for (int d = n_dims - 1; d >= 0; d--) {
        m.dim[d] = dim[d];
        m.step[d] = n;
        if (dim[d] < 0 || (dim[d] > 0 && n > INT64_MAX / dim[d])) n = -1;
        if (n < 0) break;
        n *= dim[d];
    }
    moved.n_dims = n_dims;
    memcpy(moved.dim, m.dim, sizeof moved.dim);
    if (n != n_old)
        return mg_fail(err, MG_EINPUT, "%s: %s does not become the dims that it asks for (%" PRId64 " numbers)",
                       front->name, mg_view_dims_text(view, text), n);
    if (view->place == NULL && n > 0 && reshape_strides(view, n_dims, m.dim, &moved)) {
        *ret = moved;
        return MG_OK;
    }
    if (view->place == NULL) return apply(view, &m, front, ret, err);
    *ret = mg_view_of_places(view, n_dims, m.dim, view->place);
    return MG_OK;
}

mg_status mg_view_slice(const mg_view *view, int axis, int64_t start, int64_t step, int64_t n, mg_front *front,
                        mg_view *ret, mg_error *err)
{
    movement m = {.n_dims = view->n_dims};
    mg_view moved = *view;
    if (axis < 0 || axis >= view->n_dims) return fail_axis(front, view, axis, err);
    bool inside = n >= 0 && (n == 0 || (start >= 0 && start < view->dim[axis] &&
                                        (step >= 0 ? n == 1 || step <= (view->dim[axis] - 1 - start) / (n - 1)
                                                   : n == 1 || -step <= start / (n - 1))));
    if (!inside)
        return mg_fail(err, MG_EINPUT, "%s: its slice goes beyond the %" PRId64 " elements of axis %d", front->name,
                       view->dim[axis], axis);
    if (n <= 1) step = 1;
    row_major(view, m.step);
    memcpy(m.dim, view->dim, sizeof m.dim);
    m.offset = n > 0 ? start * m.step[axis] : 0;
    m.step[axis] *= step;
    m.dim[axis] = moved.dim[axis] = n;
    moved.offset += n > 0 ? start * view->stride[axis] : 0;
    moved.stride[axis] *= step;
    if (view->place != NULL) return apply(view, &m, front, ret, err);
    *ret = moved;
    return MG_OK;
}

mg_status mg_view_expand(const mg_view *view, int n_dims, const int64_t *dim, mg_front *front, mg_view *ret,
                         mg_error *err)
{
    char text[MG_DIMS_TEXT];
    movement m = {.n_dims = n_dims};
    mg_view moved = *view;
    int64_t step[MG_VIEW_DIMS], n = 1;
    int ahead = n_dims - view->n_dims;
    if (n_dims > MG_VIEW_DIMS || ahead < 0)
        return mg_fail(err, MG_EINPUT, "%s: %d dims cannot be repeated to %d", front->name, view->n_dims, n_dims);
    row_major(view, step);
    moved.n_dims = n_dims;
    for (int d = 0; d < n_dims; d++) {
        int64_t old = d < ahead ? 1 : view->dim[d - ahead];
        if ((old != 1 && old != dim[d]) || dim[d] < 0 || (dim[d] > 0 && n > LARGEST_SIZE / dim[d]))
            return mg_fail(err, MG_EINPUT, "%s: %s cannot be repeated to these dims (axis %d: %" PRId64 ")",
                           front->name, mg_view_dims_text(view, text), d, dim[d]);
        n *= dim[d] > 0 ? dim[d] : 1;
        m.dim[d] = moved.dim[d] = dim[d];
        m.step[d] = old == 1 ? 0 : step[d - ahead];
        moved.stride[d] = old == 1 ? 0 : view->stride[d - ahead];
    }
    if (view->place != NULL) return apply(view, &m, front, ret, err);
    *ret = moved;
    return MG_OK;
}

/* Elements of the new dims, which differ along one axis only: index[i] is the old number of element i, or -1 for zeros. */
static mg_status along_axis(const mg_view *view, int axis, int64_t n, const int64_t *index, mg_front *front,
                            mg_view *ret, mg_error *err)
{
    int64_t inner = 1, outer = 1, dim[MG_VIEW_DIMS], *place = NULL;
    memcpy(dim, view->dim, sizeof dim);
    for (int d = 0; d < view->n_dims; d++) {
        if (d < axis) outer *= dim[d];
        if (d > axis) inner *= dim[d];
    }
    dim[axis] = n;
    if (n > 0 && outer * inner > front->budget / n)
        return mg_fail(err, MG_EINPUT, "%s: its tensors are too large", front->name);
    mg_status status = mg_front_places(front, outer * n * inner, &place, err);
    if (status != MG_OK) return status;
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < n; i++)
            for (int64_t k = 0; k < inner; k++)
                place[(o * n + i) * inner + k] =
                    index[i] < 0 ? -1 : mg_view_place(view, (o * view->dim[axis] + index[i]) * inner + k);
    *ret = mg_view_of_places(view, view->n_dims, dim, place);
    return MG_OK;
}

mg_status mg_view_take(const mg_view *view, int axis, int64_t n, const int64_t *index, mg_front *front, mg_view *ret,
                       mg_error *err)
{
    if (axis < 0 || axis >= view->n_dims) return fail_axis(front, view, axis, err);
    for (int64_t i = 0; i < n; i++)
        if (index[i] < 0 || index[i] >= view->dim[axis])
            return mg_fail(err, MG_EINPUT, "%s: element %" PRId64 " is asked of an axis of %" PRId64, front->name,
                           index[i], view->dim[axis]);
    if (n == 1) return mg_view_slice(view, axis, index[0], 1, 1, front, ret, err);
    return along_axis(view, axis, n, index, front, ret, err);
}

mg_status mg_view_pad(const mg_view *view, int axis, int64_t before, int64_t behind, mg_front *front, mg_view *ret,
                      mg_error *err)
{
    const int64_t most = (int64_t)1 << 31;
    if (axis < 0 || axis >= view->n_dims) return fail_axis(front, view, axis, err);
    int64_t old = view->dim[axis], *index = NULL;
    if (before > most || before < -most || behind > most || behind < -most || old + before + behind < 0)
        return mg_fail(err, MG_EINPUT, "%s: %" PRId64 " and %" PRId64 " cannot be put around an axis of %" PRId64,
                       front->name, before, behind, old);
    if (before <= 0 && behind <= 0)
        return mg_view_slice(view, axis, -before, 1, old + before + behind, front, ret, err);
    mg_status status = mg_front_places(front, old + before + behind, &index, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < old + before + behind; i++)
        index[i] = i >= before && i < before + old ? i - before : -1;
    return along_axis(view, axis, old + before + behind, index, front, ret, err);
}
