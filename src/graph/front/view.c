/* view.c  what views are made of: memory with a budget, places, and the rule of strides where there is one */
#include "src/graph/front/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

/* Numbers that a reading may ask for whatever the file's size (128 MiB), and on top of it for each byte of the file. */
#define FREE_NUMBERS ((int64_t)1 << 24)
enum { NUMBERS_A_BYTE = 8 };

#define LARGEST_INTEGER ((int64_t)1 << 62)

/* --- the front --- */

mg_status mg_front_begin(mg_front *front, int64_t length, size_t n_bytes, mg_error *err)
{
    *front = (mg_front){.budget = FREE_NUMBERS};
    if (n_bytes < (size_t)INT64_MAX / 2 / NUMBERS_A_BYTE) front->budget += (int64_t)n_bytes * NUMBERS_A_BYTE;
    return mg_graph_create(length, &front->graph, err);
}

void mg_front_end(mg_front *front, mg_graph **ret_graph)
{
    for (size_t i = 0; i < front->n_blocks; i++)
        free(front->block[i]);
    free(front->block);
    free(front->gathered);
    if (ret_graph != NULL) {
        *ret_graph = front->graph;
    } else {
        mg_graph_destroy(front->graph);
    }
    *front = (mg_front){0};
}

void mg_front_name(mg_front *front, const char *name)
{
    snprintf(front->name, sizeof front->name, "%s", name);
}

static mg_status new_block(mg_front *front, int64_t n, size_t size, void *ret, mg_error *err)
{
    if (n < 0 || n > front->budget)
        return mg_fail(err, MG_EINPUT, "%s: its tensors are too large (%" PRId64 " numbers more)", front->name, n);
    mg_status status = mg_grow(&front->block, &front->block_room, front->n_blocks + 1, sizeof *front->block, err);
    if (status != MG_OK) return status;
    void *block = NULL;
    status = mg_alloc(&block, (size_t)n, size, err);
    if (status != MG_OK) return status;
    front->budget -= n;
    front->block[front->n_blocks++] = block;
    memcpy(ret, &block, sizeof block);
    return MG_OK;
}

mg_status mg_front_numbers(mg_front *front, int64_t n, double **ret, mg_error *err)
{
    return new_block(front, n, sizeof **ret, ret, err);
}

mg_status mg_front_places(mg_front *front, int64_t n, int64_t **ret, mg_error *err)
{
    return new_block(front, n, sizeof **ret, ret, err);
}

/* --- making --- */

mg_view mg_view_positions(const mg_front *front, size_t value)
{
    mg_extent extent = front->graph->extent[value];
    mg_view view = {.n_dims = 3, .value = value, .extent = extent};
    memcpy(view.dim, (int64_t[]){1, extent.length, extent.channels}, 3 * sizeof view.dim[0]);
    memcpy(view.stride, (int64_t[]){0, extent.channels, 1}, 3 * sizeof view.stride[0]);
    return view;
}

mg_view mg_view_channels(const mg_front *front, size_t value)
{
    mg_extent extent = front->graph->extent[value];
    mg_view view = {.n_dims = 3, .value = value, .extent = extent};
    memcpy(view.dim, (int64_t[]){1, extent.channels, extent.length}, 3 * sizeof view.dim[0]);
    memcpy(view.stride, (int64_t[]){0, 1, extent.channels}, 3 * sizeof view.stride[0]);
    return view;
}

mg_view mg_view_constant(int n_dims, const int64_t *dim, const double *number)
{
    mg_view view = {.n_dims = n_dims, .constant = true, .number = number};
    int64_t n = 1;
    for (int d = n_dims - 1; d >= 0; d--) {
        view.dim[d] = dim[d];
        view.stride[d] = n;
        n *= dim[d];
    }
    view.extent = (mg_extent){1, n};
    return view;
}

mg_view mg_view_scalar(const double *number)
{
    return mg_view_constant(0, NULL, number);
}

/* Whether every element is where the strides say. */
static bool follows_strides(const mg_view *view, const int64_t *place, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (mg_view_place(view, i) != place[i]) return false;
    return true;
}

mg_view mg_view_of_places(const mg_view *like, int n_dims, const int64_t *dim, const int64_t *place)
{
    mg_view view = *like;
    view.n_dims = n_dims;
    view.place = NULL;
    int64_t step = 1;
    for (int d = n_dims - 1; d >= 0; d--) {
        view.dim[d] = dim[d];
        step *= dim[d];
    }
    int64_t n = step;
    view.offset = n > 0 ? place[0] : 0;
    for (int d = 0; d < n_dims && n > 0; d++) {
        step /= dim[d];
        view.stride[d] = dim[d] > 1 ? place[step] - place[0] : 0;
    }
    bool zeros = n > 0 && place[0] < 0;
    if (zeros || !follows_strides(&view, place, n)) view.place = place;
    return view;
}

/* --- looking --- */

int64_t mg_view_size(const mg_view *view)
{
    int64_t n = 1;
    for (int d = 0; d < view->n_dims; d++)
        n *= view->dim[d];
    return n;
}

int64_t mg_view_place(const mg_view *view, int64_t element)
{
    if (view->place != NULL) return view->place[element];
    int64_t place = view->offset;
    for (int d = view->n_dims - 1; d >= 0; d--) {
        place += element % view->dim[d] * view->stride[d];
        element /= view->dim[d];
    }
    return place;
}

double mg_view_number(const mg_view *view, int64_t element)
{
    int64_t place = mg_view_place(view, element);
    return place < 0 ? 0.0 : view->number[place];
}

int64_t mg_view_integer(const mg_view *view, int64_t element)
{
    double number = mg_view_number(view, element);
    if (!(number < (double)LARGEST_INTEGER)) return LARGEST_INTEGER;
    return number > -(double)LARGEST_INTEGER ? (int64_t)number : -LARGEST_INTEGER;
}

bool mg_view_same(const mg_view *a, const mg_view *b)
{
    if (a->n_dims != b->n_dims || a->constant != b->constant) return false;
    if (a->constant ? a->number != b->number : a->value != b->value) return false;
    for (int d = 0; d < a->n_dims; d++)
        if (a->dim[d] != b->dim[d]) return false;
    if (a->place != NULL || b->place != NULL) return a->place == b->place;
    if (a->offset != b->offset) return false;
    for (int d = 0; d < a->n_dims; d++)
        if (a->dim[d] > 1 && a->stride[d] != b->stride[d]) return false;
    return true;
}

char *mg_view_dims_text(const mg_view *view, char text[MG_DIMS_TEXT])
{
    int n = snprintf(text, MG_DIMS_TEXT, "%s", view->n_dims == 0 ? "one number" : "");
    for (int d = 0; d < view->n_dims && n < MG_DIMS_TEXT; d++)
        n += snprintf(text + n, (size_t)(MG_DIMS_TEXT - n), "%s%" PRId64, d > 0 ? " x " : "", view->dim[d]);
    return text;
}

mg_status mg_view_list(mg_front *front, const mg_view *view, const int64_t **ret, mg_error *err)
{
    if (view->place != NULL) {
        *ret = view->place;
        return MG_OK;
    }
    int64_t n = mg_view_size(view), *place = NULL;
    mg_status status = mg_front_places(front, n, &place, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < n; i++)
        place[i] = mg_view_place(view, i);
    *ret = place;
    return MG_OK;
}

mg_status mg_view_numbers(mg_front *front, const mg_view *view, const double **ret, mg_error *err)
{
    if (!view->constant)
        return mg_fail(err, MG_EINPUT, "%s: here constant numbers are wanted, and these depend on the window",
                       front->name);
    int64_t n = mg_view_size(view);
    double *number = NULL;
    mg_status status = mg_front_numbers(front, n, &number, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        number[i] = mg_view_number(view, i);
    if (status == MG_OK) *ret = number;
    return status;
}
