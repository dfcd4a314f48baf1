/* arithmetic.h  what is done with every number of a tensor, with two tensors, along axes; constants are worked out at once */
#ifndef MG_GRAPH_FRONT_ARITHMETIC_H
#define MG_GRAPH_FRONT_ARITHMETIC_H

#include "src/graph/front/layers.h"

/* mg_front_function()  a function of one variable, by the name of its kind ("relu", "exp"); number: its settings */
mg_status mg_front_function(mg_front *front, const char *kind, const double number[MG_NODE_NUMBERS], const mg_view *in,
                            mg_view *ret, mg_error *err);

typedef enum { MG_ADD, MG_SUBTRACT, MG_MULTIPLY, MG_DIVIDE, MG_MAXIMUM, MG_MINIMUM } mg_arithmetic;

/* mg_front_arithmetic()  of two tensors, repeated to common dims as numpy does; either or both may be constant */
mg_status mg_front_arithmetic(mg_front *front, mg_arithmetic what, const mg_view *a, const mg_view *b, mg_view *ret,
                              mg_error *err);

typedef enum { MG_REDUCE_MEAN, MG_REDUCE_SUM, MG_REDUCE_MAX } mg_reduction;

/* mg_front_reduce()  along the marked axes, which are kept with one element */
mg_status mg_front_reduce(mg_front *front, mg_reduction what, const mg_view *in, const bool axes[MG_VIEW_DIMS],
                          mg_view *ret, mg_error *err);

/* mg_front_softmax()  over an axis */
mg_status mg_front_softmax(mg_front *front, const mg_view *in, int axis, mg_view *ret, mg_error *err);

/* mg_front_concat()  along an axis; n >= 1 tensors */
mg_status mg_front_concat(mg_front *front, size_t n, const mg_view *in, int axis, mg_view *ret, mg_error *err);

/* mg_front_common_dims()  those that both are repeated to; MG_EINPUT when there are none */
mg_status mg_front_common_dims(const mg_front *front, const mg_view *a, const mg_view *b, int *ret_n,
                               int64_t ret_dim[MG_VIEW_DIMS], mg_error *err);

#endif
