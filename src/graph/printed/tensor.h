/* tensor.h  named arrays of numbers as they come out of a model file, before they mean anything */
#ifndef MG_GRAPH_PRINTED_TENSOR_H
#define MG_GRAPH_PRINTED_TENSOR_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

enum { MG_MAX_DIMS = 4, MG_MAX_TENSORS = 16384, MG_TENSOR_NAME = 256, MG_SHAPE_TEXT = 96 };

#define MG_MAX_NUMBERS ((int64_t)1 << 31) /* in one tensor, and in all activations of a network together */

typedef struct {
    char *name;               /* owned; "features.0.weight" */
    int n_dims;               /* 0..MG_MAX_DIMS */
    int64_t dim[MG_MAX_DIMS]; /* row-major, as PyTorch writes them */
    size_t n;                 /* product of dim */
    float *data;              /* owned, n numbers */
} mg_tensor;

typedef struct {
    size_t n, n_room;
    mg_tensor *tensor; /* owned */
} mg_tensors;

/* mg_tensors_add()  a new zeroed tensor at the end, name copied; *ret points into the list until the next add.
 * Returns: MG_OK; MG_EINPUT for a duplicate name, one with a control byte, '/' or more than 255 bytes, a dim < 0, more
 *          than MG_MAX_DIMS dims, MG_MAX_TENSORS tensors or 2^31 numbers. */
mg_status mg_tensors_add(mg_tensors *tensors, const char *name, int n_dims, const int64_t *dim, mg_tensor **ret,
                         mg_error *err);
const mg_tensor *mg_tensors_find(const mg_tensors *tensors, const char *name); /* NULL when there is none */
void mg_tensors_destroy(mg_tensors *tensors); /* frees what it holds, not the struct; NULL is fine */

/* mg_shape_text()  "64 x 32 x 5", or "one number" when there is no dimension; returns text */
char *mg_shape_text(int n_dims, const int64_t *dim, char text[MG_SHAPE_TEXT]);

#endif
