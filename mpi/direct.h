/* direct.h  windows into run.h5 by plain writes, each rank its own, without a word between the ranks
 *
 * A collective write of HDF5 makes all ranks wait for each other at every dataset, of which a run has some hundred and
 * fifty: on a machine with other work to do that costs far more than the writing. Where nothing is compressed, a dataset
 * lies in the file in one piece whose place is known when it is laid out, and rows are bytes at that place. So ranks
 * on one node, which share its memory of the file, write them as such. Between nodes MPI-IO has its say, because not
 * every network file system keeps apart what two nodes write side by side.
 */
#ifndef MG_MPI_DIRECT_H
#define MG_MPI_DIRECT_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "io/run/field_h5.h"
#include "io/run/run_h5.h"
#include "io/run/shard_h5.h"
#include "src/core/status.h"

/* Which fields of the windows. */
typedef enum {
    MG_DIRECT_ALL,
    MG_DIRECT_COLUMNS /* not by position */,
    MG_DIRECT_ROWS /* by position */
} mg_direct_fields;

typedef struct {
    int file;                           /* -1: not open */
    const char *path;                   /* the caller's */
    int64_t *place[MG_N_WINDOW_FIELDS]; /* owned: (sets) where in the file a dataset begins; NULL: not written */
} mg_direct;

/* mg_direct_open()  look where the datasets lie
 *
 * Purpose:  Collective over comm; all arguments but ret are the same on all ranks.
 * Args:     fields - that are to be written
 *           ret    - OUT, for mg_direct_close() in any case; ret->file is below 0 when it cannot be written so: ranks
 *                       on several nodes, a dataset that is compressed, or numbers that the file has otherwise than this
 *                       machine
 * Returns:  the agreed status; that it cannot be done is no failure.
 */
mg_status mg_direct_open(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                         mg_direct_fields fields, mg_direct *ret, mg_error *err);

/* mg_direct_write()  rows first .. first + n - 1 of set s of a field. Not collective. MG_EIO when it fails. */
mg_status mg_direct_write(const mg_direct *direct, mg_field_id id, const mg_run_shape *shape, int64_t s, int64_t first,
                          int64_t n, const void *rows, mg_error *err);

/* mg_direct_push()  let the system begin to bring to the disk what was written */
void mg_direct_push(const mg_direct *direct);

/* mg_direct_close()  MG_EIO when the system tells only now that something was not written. Not collective. */
mg_status mg_direct_close(mg_direct *direct, mg_error *err);

#endif
