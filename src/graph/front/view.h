/* view.h  a tensor of a foreign file: dims over the numbers of a value of ours, or over constants
 *
 * ONNX, Keras and PyTorch speak of tensors of any number of dims; our values are matrices, positions by channels. A view says
 * for each element of such a tensor at which place of the matrix it stands (place t C + c), or that it is 0. So transpose,
 * reshape, flatten, squeeze, slice, flip, repeat and pad move no number: they make another view of the same value. Where a
 * layer needs another order than the matrix has, its weights are permuted, and only where that does not help a node of kind
 * "gather" is added (matrix.h).
 *
 * A tensor that does not depend on the window is a view over constant numbers; what is done with it is done at once
 * (constant folding), by the same functions.
 *
 * All memory of views belongs to the mg_front, the state of one reading, and is given back by mg_front_end(). What may be
 * asked for in total is bounded by a budget, since sizes in a file may lie.
 */
#ifndef MG_GRAPH_FRONT_VIEW_H
#define MG_GRAPH_FRONT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/graph/graph.h"

enum { MG_VIEW_DIMS = 8, MG_DIMS_TEXT = 128 };

typedef struct {
    int n_dims;
    int64_t dim[MG_VIEW_DIMS];
    bool constant;
    size_t value;         /* of the graph, where it is not constant */
    mg_extent extent;     /* of that value */
    const double *number; /* constants; belongs to the front */
    int64_t offset;       /* element (i, j, ...) is at place offset + i stride[0] + j stride[1] + ... */
    int64_t stride[MG_VIEW_DIMS];
    const int64_t *place; /* or, where that is no rule: (size) the place of each element, -1: it is 0 */
} mg_view;

typedef struct {
    mg_view view;
    int axis; /* that runs along the positions */
    mg_extent extent;
    size_t value;
} mg_gathered;

typedef struct {
    mg_graph *graph;         /* that is being built; owned */
    char name[MG_NODE_NAME]; /* of the layer at hand, for its nodes and for messages */
    bool channels_last;      /* which axis counts as channels where a file does not tell */
    int64_t budget;          /* numbers that may still be asked for */
    size_t n_blocks, block_room;
    void **block; /* owned: the memory of all views */
    size_t n_gathered, gathered_room;
    mg_gathered *gathered; /* owned: gathers made so far, so that none is made twice */
} mg_front;

/* mg_front_begin()  a graph with the window alone, and nothing else; n_bytes: of the file, for the budget
 * mg_front_end()    give everything back but the graph, which *ret_graph takes (NULL: it too) */
mg_status mg_front_begin(mg_front *front, int64_t length, size_t n_bytes, mg_error *err);
void mg_front_end(mg_front *front, mg_graph **ret_graph);

/* mg_front_name()  the layer that is read now: "Conv_3" */
void mg_front_name(mg_front *front, const char *name);

/* mg_front_numbers(), mg_front_places()  n zeroed numbers that live as long as the front; MG_EINPUT beyond the budget */
mg_status mg_front_numbers(mg_front *front, int64_t n, double **ret, mg_error *err);
mg_status mg_front_places(mg_front *front, int64_t n, int64_t **ret, mg_error *err);

/* --- making views --- */

/* mg_view_positions(), mg_view_channels()  all of a value as (1, positions, channels), as (1, channels, positions) */
mg_view mg_view_positions(const mg_front *front, size_t value);
mg_view mg_view_channels(const mg_front *front, size_t value);

/* mg_view_constant()  numbers in row-major order, which have to live as long as the front (mg_front_numbers) */
mg_view mg_view_constant(int n_dims, const int64_t *dim, const double *number);
mg_view mg_view_scalar(const double *number);

/* mg_view_of_places()  a view of `like`'s value or numbers with those places; it finds the rule of strides, if there is one */
mg_view mg_view_of_places(const mg_view *like, int n_dims, const int64_t *dim, const int64_t *place);

/* --- looking at views --- */

int64_t mg_view_size(const mg_view *view);                             /* elements */
int64_t mg_view_place(const mg_view *view, int64_t element);           /* -1: it is 0 */
double mg_view_number(const mg_view *view, int64_t element);           /* of a constant */
int64_t mg_view_integer(const mg_view *view, int64_t element);         /* ... as an integer, clipped to 2^62 */
bool mg_view_same(const mg_view *a, const mg_view *b);                 /* the same elements of the same value */
char *mg_view_dims_text(const mg_view *view, char text[MG_DIMS_TEXT]); /* "1 x 4 x 200"; returns text */

/* mg_view_list()  places of all elements in row-major order; memory of the front */
mg_status mg_view_list(mg_front *front, const mg_view *view, const int64_t **ret, mg_error *err);

/* mg_view_numbers()  constant numbers in row-major order; MG_EINPUT when they depend on the window */
mg_status mg_view_numbers(mg_front *front, const mg_view *view, const double **ret, mg_error *err);

/* --- moving: `ret` may be `view` itself --- */

/* mg_view_transpose()  axis d of the result is axis order[d] of the view */
mg_status mg_view_transpose(const mg_view *view, const int *order, mg_front *front, mg_view *ret, mg_error *err);

/* mg_view_reshape()  the same elements in row-major order under other dims */
mg_status mg_view_reshape(const mg_view *view, int n_dims, const int64_t *dim, mg_front *front, mg_view *ret,
                          mg_error *err);

/* mg_view_slice()  along an axis: n elements start, start + step, ...; step may be negative */
mg_status mg_view_slice(const mg_view *view, int axis, int64_t start, int64_t step, int64_t n, mg_front *front,
                        mg_view *ret, mg_error *err);

/* mg_view_take()  along an axis: n elements by number */
mg_status mg_view_take(const mg_view *view, int axis, int64_t n, const int64_t *index, mg_front *front, mg_view *ret,
                       mg_error *err);

/* mg_view_expand()  repeat axes of one element to these dims, as numpy broadcasts */
mg_status mg_view_expand(const mg_view *view, int n_dims, const int64_t *dim, mg_front *front, mg_view *ret,
                         mg_error *err);

/* mg_view_pad()  zeros before and behind an axis; negative: cut off */
mg_status mg_view_pad(const mg_view *view, int axis, int64_t before, int64_t behind, mg_front *front, mg_view *ret,
                      mg_error *err);

#endif
