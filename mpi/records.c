/* records.c  a record: clusters, agreement, groups of a shard's windows, one after the other */
#include "mpi/records.h"

#include <stdlib.h>

#include "io/base/spool.h"
#include "src/core/memory.h"
#include "src/statistics/summary.h"

struct mg_records {
    const mg_shard_store *store;
    mg_spool *spool;        /* NULL: not kept */
    bool again;             /* the spool holds all records */
    int64_t at;             /* place of the next record in it */
    char *record;           /* the present one */
    float *score;           /* (n) scratch */
    int8_t *label, *chosen; /* (n) scratch */
};

/* Agreements of a window. */
static int64_t n_values(const mg_shard_store *store)
{
    return (store->shape.n_methods + store->shape.n_baselines) * (int64_t)store->shape.metrics->n;
}

static int64_t row_bytes(const mg_shard_store *store)
{
    return (int64_t)sizeof(int64_t) + n_values(store) * (int64_t)sizeof(float) + 1;
}

/* Windows of the largest shard. */
static int64_t most_windows(const mg_shard_store *store)
{
    return store->shard_size < store->shape.n_windows ? store->shard_size : store->shape.n_windows;
}

int64_t mg_records_bytes(const mg_shard_store *store)
{
    return most_windows(store) * (row_bytes(store) + (int64_t)sizeof(float) + 2);
}

mg_status mg_records_create(const mg_shard_store *store, bool keep, mg_records **ret, mg_error *err)
{
    mg_records *r = NULL;
    mg_error ignored;
    size_t n = (size_t)most_windows(store);
    mg_status status = mg_alloc(&r, 1, sizeof *r, err);
    if (status != MG_OK) return status;
    r->store = store;
    status = mg_alloc(&r->record, n, (size_t)row_bytes(store), err);
    if (status == MG_OK) status = mg_alloc(&r->score, n, sizeof *r->score, err);
    if (status == MG_OK) status = mg_alloc(&r->label, n, sizeof *r->label, err);
    if (status == MG_OK) status = mg_alloc(&r->chosen, n, sizeof *r->chosen, err);
    if (status != MG_OK) {
        mg_records_destroy(r);
        return status;
    }
    if (keep && mg_spool_create(store->folder, &r->spool, &ignored) != MG_OK) r->spool = NULL;
    *ret = r;
    return MG_OK;
}

void mg_records_destroy(mg_records *records)
{
    if (records == NULL) return;
    mg_spool_destroy(records->spool);
    free(records->record);
    free(records->score);
    free(records->label);
    free(records->chosen);
    free(records);
}

void mg_records_rewind(mg_records *records)
{
    records->again = records->spool != NULL && (records->again || records->at > 0);
    records->at = 0;
}

/* Where the parts of a record of n windows lie. */
static mg_record parts_of(const mg_records *r, int64_t n)
{
    const char *at = r->record;
    mg_record record = {.n = n, .cluster = (const int64_t *)(const void *)at};
    record.agreement = (const float *)(const void *)(record.cluster + n);
    record.group = (const uint8_t *)(record.agreement + n_values(r->store) * n);
    return record;
}

static void find_groups(const mg_records *r, int64_t n)
{
    uint8_t *group = (uint8_t *)r->record + n * (row_bytes(r->store) - 1);
    for (int64_t i = 0; i < n; i++)
        group[i] =
            (uint8_t)(1u << MG_GROUP_ALL | (unsigned)(r->label[i] == 1) << MG_GROUP_ANNOTATED |
                      (unsigned)(r->score[i] > 0) << MG_GROUP_CALLED | (r->chosen[i] != 0 ? MG_GROUP_CHOSEN : 0u));
}

static mg_status read_file(mg_records *r, int64_t k, int64_t *ret_n, mg_error *err)
{
    mg_shard_file shard;
    mg_status status = mg_shard_file_open(r->store, k, &shard, err);
    if (status != MG_OK) return status;
    *ret_n = shard.n;
    status = mg_shard_file_read(&shard, MG_WINDOW_CLUSTER, r->record, err);
    if (status == MG_OK)
        status = mg_shard_file_read(&shard, MG_AGREEMENT, r->record + shard.n * (int64_t)sizeof(int64_t), err);
    if (status == MG_OK) status = mg_shard_file_read(&shard, MG_WINDOW_LABEL, r->label, err);
    if (status == MG_OK) status = mg_shard_file_read(&shard, MG_WINDOW_SCORE, r->score, err);
    if (status == MG_OK) status = mg_shard_file_read(&shard, MG_WINDOW_MEASURED, r->chosen, err);
    if (status == MG_OK) find_groups(r, shard.n);
    mg_shard_file_close(&shard);
    return status;
}

/* A file system that has no room for it is no failure. */
static void keep_record(mg_records *r, int64_t n_bytes)
{
    mg_error ignored;
    if (r->spool == NULL) return;
    if (mg_spool_write(r->spool, mg_spool_take(r->spool, n_bytes), r->record, n_bytes, &ignored) == MG_OK) return;
    mg_spool_destroy(r->spool);
    r->spool = NULL;
}

mg_status mg_records_read(mg_records *records, int64_t k, mg_record *ret, mg_error *err)
{
    const mg_shard_store *store = records->store;
    int64_t left = store->shape.n_windows - k * store->shard_size;
    int64_t n = left < store->shard_size ? left : store->shard_size;
    mg_status status;
    if (records->again)
        status = mg_spool_read(records->spool, records->at, records->record, n * row_bytes(store), err);
    else if ((status = read_file(records, k, &n, err)) == MG_OK)
        keep_record(records, n * row_bytes(store));
    records->at += n * row_bytes(store);
    *ret = parts_of(records, n);
    return status;
}
