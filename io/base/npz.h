/* npz.h  an array in numpy's format .npz, drawn block after block from whoever has it
 *
 * A .npz is a zip of .npy files; here there is one, arr_0.npy, as numpy.savez() names the array of its only argument. It
 * is stored as it is, with a date that is always the same: the same numbers make the same bytes. Not collective.
 * Source: numpy, NEP 1 (the format npy, version 1.0).
 */
#ifndef MG_IO_BASE_NPZ_H
#define MG_IO_BASE_NPZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

typedef enum { MG_NPZ_INT8, MG_NPZ_FLOAT32 } mg_npz_type;

enum { MG_NPZ_DIMS = 3 };

typedef struct {
    mg_npz_type type;
    int64_t dim[MG_NPZ_DIMS];                      /* the last one varies fastest */
    void *user;                                    /* for the two functions */
    mg_status (*begin)(void *user, mg_error *err); /* go to the first block; libzip may do so again */
    /* the next n bytes, valid until the next call; n 0 after the last */
    mg_status (*next)(void *user, const void **ret, size_t *ret_n, mg_error *err);
} mg_npz_array;

/* mg_npz_write()  a new file, by way of PATH.part
 * Returns: MG_OK; what begin() and next() return; as mg_whole_file_begin(); MG_EIO */
mg_status mg_npz_write(const char *path, const mg_npz_array *array, bool force, mg_error *err);

#endif
