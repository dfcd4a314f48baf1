/* reduce.c  columns by slots, aggregates by owners */
#include "mpi/reduce.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/agree.h"
#include "src/core/memory.h"

enum { COLUMN_BYTES = 256 << 20 }; /* of columns that a rank holds at once, if that is more than one */

typedef struct {
    MPI_Comm comm;
    int rank, size;
    const mg_shard_store *store;
    int64_t n; /* windows of the run */
    size_t n_methods;
    int64_t *transcript; /* (n) */
    uint8_t *group;      /* (n) bits */
    int64_t n_held;      /* metrics that a rank owns in a round */
    float *column;       /* (n_held, n_methods, n) of this rank's metrics */
    float *away;         /* (n_methods, n) on its way to another owner */
    float *local;        /* (size * n_held, n_methods, n_local) of this rank's shards, in the round */
    int64_t n_local;
    char *shard; /* one field of one shard */
} reducer;

/* --- this rank's shards --- */

/* What is done with each of the rank's shards; `local` is where its windows begin among the rank's windows. */
typedef mg_status visit(reducer *r, const mg_shard_file *shard, int64_t local, const void *what, mg_error *err);

static mg_status visit_shards(reducer *r, visit *call, const void *what, mg_error *err)
{
    int64_t n_shards = mg_shard_count(r->n, r->store->shard_size), local = 0;
    mg_status status = MG_OK;
    for (int64_t k = r->rank; k < n_shards && status == MG_OK; k += r->size) {
        mg_shard_file shard;
        status = mg_shard_file_open(r->store, k, &shard, err);
        if (status != MG_OK) break;
        status = call(r, &shard, local, what, err);
        local += shard.n;
        mg_shard_file_close(&shard);
    }
    return status;
}

/* Transcripts and groups into the windows' slots. */
static mg_status read_windows(reducer *r, const mg_shard_file *shard, int64_t local, const void *what, mg_error *err)
{
    (void)local;
    (void)what;
    int64_t first = shard->first;
    mg_status status = mg_shard_file_read(shard, MG_WINDOW_TRANSCRIPT, r->transcript + first, err);
    if (status == MG_OK) status = mg_shard_file_read(shard, MG_WINDOW_LABEL, r->shard, err);
    for (int64_t i = 0; status == MG_OK && i < shard->n; i++)
        r->group[first + i] = (uint8_t)(1u << MG_GROUP_ALL | (unsigned)(r->shard[i] == 1) << MG_GROUP_ANNOTATED);
    if (status == MG_OK) status = mg_shard_file_read(shard, MG_WINDOW_SCORE, r->shard, err);
    const float *score = (const float *)(const void *)r->shard;
    for (int64_t i = 0; status == MG_OK && i < shard->n; i++)
        if (score[i] > 0) r->group[first + i] |= (uint8_t)(1u << MG_GROUP_CALLED);
    return status;
}

/* The agreement of the round's metrics, *what being the first of them. */
static mg_status read_agreement(reducer *r, const mg_shard_file *shard, int64_t local, const void *what, mg_error *err)
{
    int64_t first_metric = *(const int64_t *)what, n_round = r->size * r->n_held;
    const float *agreement = (const float *)(const void *)r->shard; /* (n_methods, MG_N_METRICS, n) */
    mg_status status = mg_shard_file_read(shard, MG_AGREEMENT, r->shard, err);
    for (int64_t j = 0; status == MG_OK && j < n_round && first_metric + j < MG_N_METRICS; j++)
        for (size_t m = 0; m < r->n_methods; m++) {
            const float *from = agreement + ((int64_t)m * MG_N_METRICS + first_metric + j) * shard->n;
            float *to = r->local + (j * (int64_t)r->n_methods + (int64_t)m) * r->n_local + local;
            memcpy(to, from, (size_t)shard->n * sizeof *to);
        }
    return status;
}

/* --- slots --- */

/* Spread metric j of the round into the slots of the rank's windows; the others are zero. */
static void fill_slots(const reducer *r, int64_t j, float *column)
{
    int64_t n_shards = mg_shard_count(r->n, r->store->shard_size), size = r->store->shard_size;
    memset(column, 0, r->n_methods * (size_t)r->n * sizeof *column);
    for (size_t m = 0; m < r->n_methods; m++) {
        const float *from = r->local + (j * (int64_t)r->n_methods + (int64_t)m) * r->n_local;
        for (int64_t k = r->rank; k < n_shards; k += r->size) {
            int64_t first = k * size, n = first + size < r->n ? size : r->n - first;
            memcpy(column + (int64_t)m * r->n + first, from, (size_t)n * sizeof *column);
            from += n;
        }
    }
}

/* The whole column of metric j of the round, to rank j mod size, who keeps it as its (j / size)-th. */
static void send_column(reducer *r, int64_t j)
{
    int owner = (int)(j % r->size);
    size_t n_column = r->n_methods * (size_t)r->n;
    float *column = owner == r->rank ? r->column + (size_t)(j / r->size) * n_column : r->away;
    fill_slots(r, j, column);
    for (size_t m = 0; m < r->n_methods; m++) {
        void *part = column + m * (size_t)r->n; /* as bits, not as numbers */
        MPI_Reduce(owner == r->rank ? MPI_IN_PLACE : part, part, (int)r->n, MPI_UINT32_T, MPI_BOR, owner, r->comm);
    }
}

static mg_status summarise_own(const reducer *r, int64_t first_metric, uint64_t seed, int64_t n_bootstrap,
                               mg_summary_row *row, mg_summary_pair *pair, mg_error *err)
{
    size_t n_rows = MG_N_GROUPS * r->n_methods, n_pairs = MG_N_GROUPS * mg_summary_n_pairs(r->n_methods);
    mg_status status = MG_OK;
    for (int64_t h = 0; h < r->n_held && status == MG_OK; h++) {
        int64_t metric = first_metric + h * r->size + r->rank;
        if (metric >= MG_N_METRICS) break;
        const float *column = r->column + (size_t)h * r->n_methods * (size_t)r->n;
        mg_summary_input input = {.n_methods = r->n_methods,
                                  .n_windows = (size_t)r->n,
                                  .value = column,
                                  .group = r->group,
                                  .transcript = r->transcript,
                                  .metric = (mg_metric)metric,
                                  .seed = seed,
                                  .n_bootstrap = n_bootstrap};
        status = mg_summarise(&input, row + (size_t)metric * n_rows, pair + (size_t)metric * n_pairs, err);
    }
    return status;
}

static mg_status reduce_metrics(reducer *r, uint64_t seed, int64_t n_bootstrap, mg_summary_row *row,
                                mg_summary_pair *pair, mg_error *err)
{
    int64_t n_round = r->size * r->n_held;
    mg_status status = MG_OK;
    for (int64_t first = 0; first < MG_N_METRICS && status == MG_OK; first += n_round) {
        status = mg_agree(r->comm, visit_shards(r, read_agreement, &first, err), err);
        if (status != MG_OK) break;
        for (int64_t j = 0; j < n_round && first + j < MG_N_METRICS; j++)
            send_column(r, j);
        status = mg_agree(r->comm, summarise_own(r, first, seed, n_bootstrap, row, pair, err), err);
    }
    return status;
}

/* --- the whole --- */

/* The windows of this rank's shards. */
static int64_t count_local(const reducer *r)
{
    int64_t n_shards = mg_shard_count(r->n, r->store->shard_size), size = r->store->shard_size, n = 0;
    for (int64_t k = r->rank; k < n_shards; k += r->size)
        n += k * size + size < r->n ? size : r->n - k * size;
    return n;
}

/* Metrics that each rank takes in a round: all at once, when the columns are small enough. The same on all ranks. */
static int64_t choose_held(int64_t n, int64_t n_methods, int size)
{
    int64_t all = (MG_N_METRICS + size - 1) / size;
    int64_t bytes = (int64_t)sizeof(float) * n_methods * n, held = bytes > 0 ? COLUMN_BYTES / bytes : all;
    if (held < 1) held = 1;
    return held < all ? held : all;
}

/* Columns of the round come twice, as slots and as what this rank brought; one more is on its way. */
int64_t mg_reduce_bytes(const mg_shard_store *store, int size)
{
    int64_t n = store->shape.n_windows, n_methods = store->shape.n_methods;
    int64_t column = (int64_t)sizeof(float) * n_methods * n;
    return (2 * choose_held(n, n_methods, size) + 1) * column + n * (int64_t)(sizeof(int64_t) + 1);
}

static mg_status make_room(reducer *r, mg_error *err)
{
    size_t n = (size_t)r->n, n_column = n * r->n_methods;
    size_t n_shard = (size_t)(r->n < r->store->shard_size ? r->n : r->store->shard_size);
    if (r->n > INT_MAX)
        return mg_fail(err, MG_EINPUT, "%lld windows are more than one run can take; split the transcripts",
                       (long long)r->n);
    r->n_local = count_local(r);
    r->n_held = choose_held(r->n, (int64_t)r->n_methods, r->size);
    mg_status status = mg_alloc(&r->transcript, n, sizeof *r->transcript, err);
    if (status == MG_OK) status = mg_alloc(&r->group, n, sizeof *r->group, err);
    if (status == MG_OK) status = mg_alloc(&r->column, (size_t)r->n_held * n_column, sizeof *r->column, err);
    if (status == MG_OK) status = mg_alloc(&r->away, n_column, sizeof *r->away, err);
    if (status == MG_OK)
        status = mg_alloc(&r->local, (size_t)(r->size * r->n_held) * r->n_methods * (size_t)r->n_local,
                          sizeof *r->local, err);
    return status == MG_OK ? mg_alloc(&r->shard, n_shard, r->n_methods * MG_N_METRICS * sizeof(float), err) : status;
}

static void release(reducer *r)
{
    free(r->transcript);
    free(r->group);
    free(r->column);
    free(r->away);
    free(r->local);
    free(r->shard);
}

/* Rows and pairs are zero but on their owner: the bits of all ranks together are the whole. */
static void send_to_rank_0(const reducer *r, void *items, size_t n_bytes)
{
    for (size_t at = 0; at < n_bytes; at += 1 << 30) {
        int n = (int)(n_bytes - at < 1 << 30 ? n_bytes - at : 1 << 30);
        char *part = (char *)items + at;
        MPI_Reduce(r->rank == 0 ? MPI_IN_PLACE : part, part, n, MPI_BYTE, MPI_BOR, 0, r->comm);
    }
}

mg_status mg_reduce(MPI_Comm comm, const mg_shard_store *store, uint64_t seed, int64_t n_bootstrap, mg_summary_row *row,
                    mg_summary_pair *pair, mg_error *err)
{
    reducer r = {.comm = comm, .store = store, .n = store->shape.n_windows};
    r.n_methods = (size_t)store->shape.n_methods;
    MPI_Comm_rank(comm, &r.rank);
    MPI_Comm_size(comm, &r.size);
    size_t n_rows = MG_N_METRICS * MG_N_GROUPS * r.n_methods * sizeof *row;
    size_t n_pairs = MG_N_METRICS * MG_N_GROUPS * mg_summary_n_pairs(r.n_methods) * sizeof *pair;
    memset(row, 0, n_rows);
    memset(pair, 0, n_pairs);
    mg_status status = mg_agree(comm, make_room(&r, err), err);
    if (status == MG_OK) status = mg_agree(comm, visit_shards(&r, read_windows, NULL, err), err);
    if (status == MG_OK) {
        MPI_Allreduce(MPI_IN_PLACE, r.transcript, (int)r.n, MPI_INT64_T, MPI_BOR, comm);
        MPI_Allreduce(MPI_IN_PLACE, r.group, (int)r.n, MPI_UINT8_T, MPI_BOR, comm);
        status = reduce_metrics(&r, seed, n_bootstrap, row, pair, err);
    }
    if (status == MG_OK) {
        send_to_rank_0(&r, row, n_rows);
        send_to_rank_0(&r, pair, n_pairs);
    }
    release(&r);
    return status;
}
