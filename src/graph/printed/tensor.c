/* tensor.c  named arrays of numbers, checked when they are made so that no later step meets a wild shape or name */
#include "src/graph/printed/tensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

/* A name ends up in messages and as a link in HDF5 files, so it is plain: no control bytes, no slash, not too long. */
static mg_status check_name(const char *name, mg_error *err)
{
    size_t n = strlen(name);
    if (n == 0 || n >= MG_TENSOR_NAME)
        return mg_fail(err, MG_EINPUT, "a tensor's name has %zu bytes; 1 to %d are allowed", n, MG_TENSOR_NAME - 1);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c < 0x20 || c == 0x7f || c == '/')
            return mg_fail(err, MG_EINPUT, "a tensor's name holds the byte 0x%02x at place %zu, which no name may", c,
                           i);
    }
    if (strcmp(name, ".") == 0) return mg_fail(err, MG_EINPUT, "a tensor is named '.', which is no name");
    return MG_OK;
}

static mg_status count_numbers(const char *name, int n_dims, const int64_t *dim, size_t *ret, mg_error *err)
{
    if (n_dims < 0 || n_dims > MG_MAX_DIMS)
        return mg_fail(err, MG_EINPUT, "%s has %d dimensions; at most %d are known", name, n_dims, MG_MAX_DIMS);
    int64_t n = 1;
    for (int d = 0; d < n_dims; d++) {
        if (dim[d] < 0) return mg_fail(err, MG_EINPUT, "%s has dimension %d of size %lld", name, d, (long long)dim[d]);
        if (dim[d] > MG_MAX_NUMBERS || (n > 0 && dim[d] > MG_MAX_NUMBERS / n))
            return mg_fail(err, MG_EINPUT, "%s has more than 2^31 numbers", name);
        n *= dim[d];
    }
    *ret = (size_t)n;
    return MG_OK;
}

mg_status mg_tensors_add(mg_tensors *tensors, const char *name, int n_dims, const int64_t *dim, mg_tensor **ret,
                         mg_error *err)
{
    size_t n = 0;
    mg_status status = check_name(name, err);
    if (status == MG_OK) status = count_numbers(name, n_dims, dim, &n, err);
    if (status != MG_OK) return status;
    if (mg_tensors_find(tensors, name) != NULL) return mg_fail(err, MG_EINPUT, "two tensors are named '%s'", name);
    if (tensors->n >= MG_MAX_TENSORS)
        return mg_fail(err, MG_EINPUT, "more than %d tensors in one model", MG_MAX_TENSORS);
    status = mg_grow(&tensors->tensor, &tensors->n_room, tensors->n + 1, sizeof *tensors->tensor, err);
    if (status != MG_OK) return status;

    mg_tensor tensor = {.n_dims = n_dims, .n = n};
    for (int d = 0; d < n_dims; d++)
        tensor.dim[d] = dim[d];
    status = mg_alloc(&tensor.data, n, sizeof *tensor.data, err);
    if (status == MG_OK) status = mg_copy_text(&tensor.name, name, err);
    if (status != MG_OK) {
        free(tensor.data);
        return status;
    }
    tensors->tensor[tensors->n] = tensor;
    *ret = &tensors->tensor[tensors->n++];
    return MG_OK;
}

const mg_tensor *mg_tensors_find(const mg_tensors *tensors, const char *name)
{
    for (size_t i = 0; i < tensors->n; i++) {
        if (strcmp(tensors->tensor[i].name, name) == 0) return &tensors->tensor[i];
    }
    return NULL;
}

void mg_tensors_destroy(mg_tensors *tensors)
{
    if (tensors == NULL) return;
    for (size_t i = 0; i < tensors->n; i++) {
        free(tensors->tensor[i].name);
        free(tensors->tensor[i].data);
    }
    free(tensors->tensor);
    *tensors = (mg_tensors){0};
}

char *mg_shape_text(int n_dims, const int64_t *dim, char text[MG_SHAPE_TEXT])
{
    snprintf(text, MG_SHAPE_TEXT, "one number");
    size_t n = 0;
    for (int d = 0; d < n_dims && n < MG_SHAPE_TEXT; d++) {
        n += (size_t)snprintf(text + n, MG_SHAPE_TEXT - n, d > 0 ? " x %lld" : "%lld", (long long)dim[d]);
    }
    return text;
}
