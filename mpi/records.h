/* records.h  what the aggregates need of each shard, read once from its file and after that from a spool
 *
 * To open a shard's file and four of its datasets takes longer than to read what is in them. Where shards are read again
 * (mpi/reduce.h: in rounds), each rank keeps the records of its shards in a file without a name beside the shards, which
 * takes as much room as their agreement. Where there is no room for it, the shards are opened again. Not collective.
 */
#ifndef MG_MPI_RECORDS_H
#define MG_MPI_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "io/run/shard_h5.h"
#include "src/core/status.h"

typedef struct {
    int64_t n;              /* windows */
    const int64_t *cluster; /* (n) */
    const float *agreement; /* (n_methods + n_baselines, metrics, n) */
    const uint8_t *group;   /* (n) as mg_summary_windows has it */
} mg_record;

typedef struct mg_records mg_records;

/* mg_records_create()  keep: the shards will be read again; MG_OK and *ret, or MG_EMEM */
mg_status mg_records_create(const mg_shard_store *store, bool keep, mg_records **ret, mg_error *err);
void mg_records_destroy(mg_records *records); /* NULL is fine */

/* mg_records_rewind()  all shards that this rank has read will come again, in the same order */
void mg_records_rewind(mg_records *records);

/* mg_records_read()  shard k; *ret is valid until the next call
 * Returns: MG_OK, or MG_EINPUT or MG_EIO naming the file */
mg_status mg_records_read(mg_records *records, int64_t k, mg_record *ret, mg_error *err);

/* mg_records_bytes()  memory that it takes */
int64_t mg_records_bytes(const mg_shard_store *store);

#endif
