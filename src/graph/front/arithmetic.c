/* arithmetic.c  functions of one variable; sums, differences and products of two tensors
 *
 * One of two tensors that depend on the window gives the order of places; the other one is brought to it. A constant becomes
 * the weights of an affine node where it is the same at all positions, else a node of its own.
 */
#include "src/graph/front/arithmetic.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"

/* --- one variable --- */

/* What files do with constants only. */
static const struct {
    const char *name;
    double (*f)(double);
} constant_functions[] = {{"erf", erf}, {"floor", floor}, {"ceil", ceil}, {"round", rint}};

static mg_status fold_function(mg_front *front, const char *name, const double *settings, const mg_view *in,
                               mg_view *ret, mg_error *err)
{
    const mg_kind *kind = mg_kind_find(name);
    double (*f)(double) = NULL, *number = NULL;
    for (size_t i = 0; i < sizeof constant_functions / sizeof constant_functions[0]; i++)
        if (strcmp(name, constant_functions[i].name) == 0) f = constant_functions[i].f;
    if (f == NULL && (kind == NULL || kind->f == NULL))
        return mg_fail(err, MG_EINPUT, "%s: %s of constants is not supported", front->name, name);
    int64_t n = mg_view_size(in);
    mg_status status = mg_front_numbers(front, n, &number, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        number[i] = f != NULL ? f(mg_view_number(in, i)) : kind->f(mg_view_number(in, i), settings);
    if (status == MG_OK) *ret = mg_view_constant(in->n_dims, in->dim, number);
    return status;
}

/* Whether f(0) = 0, so that zeros which are in no value stay right. */
static bool keeps_zero(const char *name, const double *settings)
{
    const mg_kind *kind = mg_kind_find(name);
    return kind != NULL && kind->f != NULL && kind->f(0.0, settings) == 0.0;
}

mg_status mg_front_function(mg_front *front, const char *kind, const double number[MG_NODE_NUMBERS], const mg_view *in,
                            mg_view *ret, mg_error *err)
{
    mg_view view = *in;
    mg_matrix matrix;
    mg_node node = {.groups = 1};
    mg_status status = MG_OK;
    if (number != NULL) memcpy(node.number, number, sizeof node.number);
    if (in->constant) return fold_function(front, kind, node.number, in, ret, err);
    bool whole = mg_view_size(in) > in->extent.length * in->extent.channels / 2;
    if (!whole || (in->place != NULL && !keeps_zero(kind, node.number)))
        status = mg_front_settle(front, in, &matrix, &view, err);
    if (status != MG_OK) return status;
    status = mg_front_add(front, kind, &node, 1, &view.value, &view.value, err);
    if (status == MG_OK) *ret = view;
    return status;
}

/* --- two constants --- */

static double calculate(mg_arithmetic what, double a, double b)
{
    switch (what) {
    case MG_ADD:
        return a + b;
    case MG_SUBTRACT:
        return a - b;
    case MG_MULTIPLY:
        return a * b;
    case MG_DIVIDE:
        return a / b;
    case MG_MAXIMUM:
        return a > b ? a : b;
    case MG_MINIMUM:
        return a < b ? a : b;
    }
    return NAN;
}

static mg_status fold(mg_front *front, mg_arithmetic what, const mg_view *a, const mg_view *b, mg_view *ret,
                      mg_error *err)
{
    int64_t n = mg_view_size(a);
    double *number = NULL;
    mg_status status = mg_front_numbers(front, n, &number, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        number[i] = calculate(what, mg_view_number(a, i), mg_view_number(b, i));
    if (status == MG_OK) *ret = mg_view_constant(a->n_dims, a->dim, number);
    return status;
}

mg_status mg_front_common_dims(const mg_front *front, const mg_view *a, const mg_view *b, int *ret_n,
                               int64_t ret_dim[MG_VIEW_DIMS], mg_error *err)
{
    char text[MG_DIMS_TEXT], other[MG_DIMS_TEXT];
    int n = a->n_dims > b->n_dims ? a->n_dims : b->n_dims;
    for (int d = 0; d < n; d++) {
        int64_t x = d < n - a->n_dims ? 1 : a->dim[d - (n - a->n_dims)];
        int64_t y = d < n - b->n_dims ? 1 : b->dim[d - (n - b->n_dims)];
        if (x != y && x != 1 && y != 1)
            return mg_fail(err, MG_EINPUT, "%s: %s and %s do not go together", front->name, mg_view_dims_text(a, text),
                           mg_view_dims_text(b, other));
        ret_dim[d] = x == 1 ? y : x;
    }
    *ret_n = n;
    return MG_OK;
}

/* --- one of them constant --- */

/* x what b, or b what x, as scale x + shift; false where it is not of that form. */
static bool as_line(mg_arithmetic what, bool swapped, double b, double *scale, double *shift)
{
    *scale = 1.0;
    *shift = 0.0;
    switch (what) {
    case MG_ADD:
        *shift = b;
        return true;
    case MG_SUBTRACT:
        *scale = swapped ? -1.0 : 1.0;
        *shift = swapped ? b : -b;
        return true;
    case MG_MULTIPLY:
        *scale = b;
        return true;
    case MG_DIVIDE:
        *scale = 1.0 / b;
        return !swapped;
    default:
        return false;
    }
}

/* The same number everywhere? Then what it is. */
static bool is_one_number(const mg_view *view, double *ret)
{
    int64_t n = mg_view_size(view);
    *ret = n > 0 ? mg_view_number(view, 0) : 0.0;
    for (int64_t i = 1; i < n; i++)
        if (mg_view_number(view, i) != *ret) return false;
    return n > 0;
}

/* Whether the elements along an axis are all alike. */
static bool same_along(const mg_view *b, int axis)
{
    if (axis < 0 || b->dim[axis] == 1) return true;
    if (b->place == NULL && b->stride[axis] == 0) return true;
    if (!b->constant) return false;
    int64_t others = mg_view_size(b) / b->dim[axis];
    for (int64_t j = 0; j < others; j++)
        for (int64_t t = 1; t < b->dim[axis]; t++)
            if (mg_view_number(b, mg_view_element(b, axis, t, j)) != mg_view_number(b, mg_view_element(b, axis, 0, j)))
                return false;
    return true;
}

/* An affine node with weights for each channel of the matrix. */
static mg_status add_line(mg_front *front, mg_arithmetic what, bool swapped, const mg_view *b, int axis,
                          mg_matrix *matrix, mg_error *err)
{
    mg_node node = {.groups = 1, .n_weight = matrix->extent.channels, .n_bias = matrix->extent.channels};
    mg_status status = mg_alloc(&node.weight, (size_t)node.n_weight, sizeof *node.weight, err);
    if (status == MG_OK) status = mg_alloc(&node.bias, (size_t)node.n_bias, sizeof *node.bias, err);
    if (status != MG_OK) {
        mg_node_clear(&node);
        return status;
    }
    for (int64_t j = 0; j < matrix->extent.channels; j++) {
        int64_t c = mg_matrix_channel(matrix, j);
        as_line(what, swapped, mg_view_number(b, mg_view_element(b, axis, 0, j)), &node.weight[c], &node.bias[c]);
    }
    return mg_front_add(front, "affine", &node, 1, &matrix->value, &matrix->value, err);
}

/* --- two that depend on the window, or a constant that is a node --- */

/* b (of the same dims) as a value that fits the matrix: all of it, or one position, or one channel. */
static mg_status fit(mg_front *front, const mg_view *b, int axis, const mg_matrix *matrix, size_t *ret, mg_error *err)
{
    int64_t *place = NULL, channels = matrix->extent.channels;
    bool one_position = same_along(b, axis) && axis >= 0, one_channel = channels > 1;
    for (int d = 0; d < b->n_dims; d++)
        if (d != axis && !same_along(b, d)) one_channel = false;
    int64_t length = one_position ? 1 : matrix->extent.length;
    if (one_channel) channels = 1;
    mg_status status = mg_front_places(front, length * channels, &place, err);
    if (status != MG_OK) return status;
    for (int64_t t = 0; t < length; t++)
        for (int64_t j = 0; j < channels; j++)
            place[t * channels + (one_channel ? 0 : mg_matrix_channel(matrix, j))] =
                mg_view_place(b, mg_view_element(b, axis, t, j));
    mg_view view = mg_view_of_places(b, 2, (int64_t[]){length, channels}, place);
    mg_matrix fitted;
    status = mg_front_matrix(front, &view, 0, true, &fitted, err);
    *ret = fitted.value;
    return status;
}

/* 1/b, -b: what turns quotients and smaller ones into the kinds that there are. */
static mg_status add_function(mg_front *front, const char *kind, size_t *value, mg_error *err)
{
    mg_node node = {.groups = 1};
    return mg_front_add(front, kind, &node, 1, value, value, err);
}

static mg_status add_negative(mg_front *front, size_t *value, mg_error *err)
{
    int64_t channels = front->graph->extent[*value].channels;
    mg_node node = {.groups = 1, .n_weight = channels, .n_bias = channels};
    mg_status status = mg_alloc(&node.weight, (size_t)channels, sizeof *node.weight, err);
    if (status == MG_OK) status = mg_alloc(&node.bias, (size_t)channels, sizeof *node.bias, err);
    for (int64_t c = 0; status == MG_OK && c < channels; c++)
        node.weight[c] = -1.0;
    if (status == MG_OK) return mg_front_add(front, "affine", &node, 1, value, value, err);
    mg_node_clear(&node);
    return status;
}

/* value a what b; the kinds that are there: add, subtract, multiply, maximum */
static mg_status add_two(mg_front *front, mg_arithmetic what, size_t a, size_t b, size_t *ret, mg_error *err)
{
    static const char *const kind[] = {"add", "subtract", "multiply", "multiply", "maximum", "maximum"};
    mg_node node = {.groups = 1};
    mg_status status = MG_OK;
    if (what == MG_DIVIDE) status = add_function(front, "reciprocal", &b, err);
    if (what == MG_MINIMUM) status = add_negative(front, &a, err);
    if (what == MG_MINIMUM && status == MG_OK) status = add_negative(front, &b, err);
    if (status == MG_OK) status = mg_front_add(front, kind[what], &node, 2, (size_t[]){a, b}, ret, err);
    if (what == MG_MINIMUM && status == MG_OK) status = add_negative(front, ret, err);
    return status;
}

/* How well a tensor serves as the one that gives the order of places: 2 it is a matrix already, 1 it fills the dims. */
static int rank(mg_front *front, const mg_view *view, int n_dims, const int64_t *dim)
{
    if (view->constant) return -1;
    int64_t n = 1;
    for (int d = 0; d < n_dims; d++)
        n *= dim[d];
    (void)front;
    if (n != mg_view_size(view)) return 0;
    return n == view->extent.length * view->extent.channels && view->place == NULL ? 2 : 1;
}

static mg_status with_constant(mg_front *front, mg_arithmetic what, bool swapped, const mg_view *a, const mg_view *b,
                               mg_view *ret, bool *ret_done, mg_error *err)
{
    double one = 0.0, scale, shift;
    mg_view settled;
    mg_matrix matrix;
    *ret_done = true;
    if (is_one_number(b, &one)) {
        if (what == MG_MAXIMUM && one == 0.0) return mg_front_function(front, "relu", NULL, a, ret, err);
        if ((what == MG_MAXIMUM || what == MG_MINIMUM) && isfinite(one)) {
            double number[MG_NODE_NUMBERS] = {what == MG_MAXIMUM ? one : -INFINITY,
                                              what == MG_MAXIMUM ? INFINITY : one};
            return mg_front_function(front, "clip", number, a, ret, err);
        }
        if (as_line(what, swapped, one, &scale, &shift) && scale == 1.0 && shift == 0.0) {
            *ret = *a;
            return MG_OK;
        }
    }
    mg_status status = mg_front_settle(front, a, &matrix, &settled, err);
    if (status != MG_OK) return status;
    int axis = mg_front_position_axis(front, a);
    *ret_done = as_line(what, swapped, one, &scale, &shift) && same_along(b, axis);
    if (!*ret_done) return MG_OK;
    status = add_line(front, what, swapped, b, axis, &matrix, err);
    return status == MG_OK ? mg_matrix_view(front, &matrix, axis, settled.n_dims, settled.dim, ret, err) : status;
}

mg_status mg_front_arithmetic(mg_front *front, mg_arithmetic what, const mg_view *a, const mg_view *b, mg_view *ret,
                              mg_error *err)
{
    int n_dims = 0;
    int64_t dim[MG_VIEW_DIMS];
    mg_view left, right, settled;
    mg_matrix matrix;
    bool done = false;
    mg_status status = mg_front_common_dims(front, a, b, &n_dims, dim, err);
    if (status != MG_OK) return status;
    bool swapped = rank(front, b, n_dims, dim) > rank(front, a, n_dims, dim);
    status = mg_view_expand(swapped ? b : a, n_dims, dim, front, &left, err);
    if (status == MG_OK) status = mg_view_expand(swapped ? a : b, n_dims, dim, front, &right, err);
    if (status == MG_OK && left.constant) return fold(front, what, &left, &right, ret, err);
    if (status == MG_OK && right.constant) status = with_constant(front, what, swapped, &left, &right, ret, &done, err);
    if (status != MG_OK || done) return status;
    int axis = mg_front_position_axis(front, &left);
    size_t other = 0;
    status = mg_front_settle(front, &left, &matrix, &settled, err);
    if (status == MG_OK) status = fit(front, &right, axis, &matrix, &other, err);
    if (status == MG_OK)
        status =
            add_two(front, what, swapped ? other : matrix.value, swapped ? matrix.value : other, &matrix.value, err);
    return status == MG_OK ? mg_matrix_view(front, &matrix, axis, settled.n_dims, settled.dim, ret, err) : status;
}
