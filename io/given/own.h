/* own.h  attributions that another program made, from a file: read, held against the run's windows
 *
 * FILE is HDF5 with the datasets `attribution` and `windows`, or a .npz of numpy with attribution.npy and windows.npy:
 *
 *     attribution  (N, L) contributions, or (N, L, 4) or (N, 4, L) hypothetical contributions in A, C, G, T; L is that of
 *                  the network. HDF5: any reals; npz: little-endian float32 or float64 in C order. All finite as float32.
 *     windows      (N) texts of L letters. npz: type S or U.
 *
 * Letters are as in FASTA: lower case counts, U is T, and what is none of A, C, G, T is an unknown base. Not collective.
 */
#ifndef MG_IO_GIVEN_OWN_H
#define MG_IO_GIVEN_OWN_H

#include <stdint.h>

#include "io/base/sha256.h"
#include "io/input/distinct.h"
#include "src/attribution/foreign.h"
#include "src/core/status.h"

typedef struct {
    char sha256[MG_SHA256_TEXT];
    int64_t n_rows;       /* in the file */
    int64_t n_repeated;   /* rows whose window and numbers stand in the file before */
    int64_t n_strange;    /* rows whose window is not in the run; told by mg_own_match() */
    int64_t n_matched;    /* windows of the run with a row; told by mg_own_match() */
    mg_foreign_rows rows; /* owned */
} mg_own;

/* mg_own_read()  a file of windows of `length` nt
 * Returns: MG_OK and *ret for mg_own_destroy(); MG_EINPUT: no such file, neither format, a dataset missing or of another type
 *          or shape, a letter that is no base, a number that is not finite, or a window given twice with different numbers;
 *          the sentence names the file, and row or dataset. MG_EIO, MG_EMEM. */
mg_status mg_own_read(const char *path, int64_t length, mg_own *ret, mg_error *err);
void mg_own_destroy(mg_own *own); /* frees what it holds, not the struct; one that is all 0 is fine */

/* mg_own_match()  keep the rows of the run's windows, and count
 * Returns: MG_OK; MG_EINPUT when the run has windows and none has a row; MG_EIO, MG_EMEM */
mg_status mg_own_match(const char *path, const mg_distinct *distinct, mg_own *own, mg_error *err);

#endif
