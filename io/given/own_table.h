/* own_table.h  what the readers of own attributions hand over (io/given/own.c), each of one format */
#ifndef MG_IO_GIVEN_OWN_TABLE_H
#define MG_IO_GIVEN_OWN_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/core/status.h"

enum { MG_OWN_DIMS = 3 };

/* An (N, L), (N, L, 4) or (N, 4, L) array as it is in the file, and N texts of L letters one behind the other. */
typedef struct {
    int64_t n, length;
    bool hypothetical, bases_first; /* bases_first: (N, 4, L) */
    float *value;                   /* owned */
    char *letter;                   /* owned (n, length) */
} mg_own_table;

/* mg_own_shape()  n, hypothetical and bases_first from the dims of `attribution`
 * Returns: MG_OK, or MG_EINPUT naming the shape and those that are wanted */
mg_status mg_own_shape(const char *path, int n_dims, const int64_t *dim, int64_t length, mg_own_table *table,
                       mg_error *err);

/* mg_own_read_h5(), mg_own_read_npz()  the table of a file; ret->length is given. What it holds is for the caller to free, after a
 * failure too. */
mg_status mg_own_read_h5(const char *path, mg_own_table *ret, mg_error *err);
mg_status mg_own_read_npz(const char *path, mg_own_table *ret, mg_error *err);

#endif
