/* reduce.c  rounds of metrics, sweeps over all windows, blocks of shards
 *
 * A unit is a metric in a group. In a round every rank owns `n_held` units that follow each other, or none. A round
 * sweeps over all windows; a sweep goes from block to block of shards; of a block every rank reads its share, which
 * lies between those of its neighbours, and sends each owner the metrics it wants. So an owner that takes the shares by
 * rank sees the windows in their order.
 *
 * Ranks that wait for each other on a busy machine cost more than what they send. So an owner keeps what it got in the
 * first sweep of a round in a file without a name beside the shards, and its further sweeps read that, each rank on its
 * own. Where there is no room for it, they go through the shards together again.
 */
#include "mpi/reduce.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/spool.h"
#include "mpi/agree.h"
#include "mpi/records.h"
#include "mpi/replicates.h"
#include "src/core/memory.h"
#include "src/core/stop.h"

enum {
    HELD_BYTES = 128 << 20, /* of summaries that a rank holds at once, if that is more than one */
    BLOCK_BYTES = 2 << 20   /* of windows that an owner gets at once, if that is more than a shard */
};

typedef struct {
    MPI_Comm comm;
    int rank, size;
    const mg_shard_store *store;
    size_t n_methods; /* and baselines */
    uint64_t seed;
    int64_t n_bootstrap;
    int n_units;
    int n_held;           /* units that a rank owns in a round, at most */
    int first;            /* unit of the round */
    mg_summary **summary; /* (n_held) this rank's; NULL: not owned */
    mg_records *records;  /* what is read of the shards */
    uint64_t *out, *in;   /* what goes to the owners, and what comes from the readers */
    size_t n_out_room, n_in_room;
    int *out_words, *out_at, *in_words, *in_at; /* (size) */
    mg_spool *spool;                            /* what came in, block after block; NULL: not kept */
    int64_t spooled;                            /* place of the next block in it */
} reducer;

/* --- who owns what --- */

static size_t n_compared(const mg_shard_store *store)
{
    return (size_t)(store->shape.n_methods + store->shape.n_baselines);
}

static size_t n_contests(const mg_shard_store *store)
{
    return mg_summary_n_contests((size_t)store->shape.n_methods, (size_t)store->shape.n_baselines);
}

static int n_units_of(const mg_shard_store *store)
{
    return (int)store->shape.metrics->n * MG_N_GROUPS;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* Units begin .. end - 1 of the round are the rank's; none: begin == end. */
static int begin_of(const reducer *r, int rank)
{
    return (int)(r->first + (int64_t)rank * r->n_held < r->n_units ? r->first + (int64_t)rank * r->n_held : r->n_units);
}

static int end_of(const reducer *r, int rank)
{
    return smaller(begin_of(r, rank) + r->n_held, r->n_units);
}

/* Metrics that the rank wants to see in this round: the first, and how many. */
static int n_metrics_of(const reducer *r, int rank, int *ret_first)
{
    int begin = begin_of(r, rank), end = end_of(r, rank);
    *ret_first = begin / MG_N_GROUPS;
    return begin < end ? (end - 1) / MG_N_GROUPS + 1 - *ret_first : 0;
}

static mg_summary_plan plan_of(const mg_shard_store *store, int unit, uint64_t seed, int64_t n_bootstrap)
{
    const mg_metric_info *metric = &store->shape.metrics->info[unit / MG_N_GROUPS];
    return (mg_summary_plan){.n_methods = (size_t)store->shape.n_methods,
                             .n_baselines = (size_t)store->shape.n_baselines,
                             .sampled = metric->sampled,
                             .untested = metric->point > 0,
                             .n_clusters = (size_t)store->shape.n_clusters,
                             .metric = (size_t)unit / MG_N_GROUPS,
                             .better = metric->better,
                             .group = (mg_group)(unit % MG_N_GROUPS),
                             .seed = seed,
                             .n_bootstrap = n_bootstrap};
}

/* --- what travels: of n windows their clusters, the values of some metrics, and their groups --- */

static int64_t words_of(int64_t n, int n_metrics, size_t n_methods)
{
    int64_t bytes = n * (int64_t)(sizeof(int64_t) + (size_t)n_metrics * n_methods * sizeof(float) + 1);
    return n_metrics > 0 ? (bytes + 7) / 8 : 0;
}

typedef struct {
    int64_t n;
    int64_t *cluster; /* (n) */
    float *value;     /* (n_metrics, n_methods, n) */
    uint8_t *group;   /* (n) */
} parcel;

static parcel parcel_at(uint64_t *words, int64_t n, int n_metrics, size_t n_methods)
{
    parcel p = {.n = n, .cluster = (int64_t *)words};
    p.value = (float *)(void *)(words + n);
    p.group = (uint8_t *)(p.value + (size_t)n_metrics * n_methods * (size_t)n);
    return p;
}

/* Windows of shards begin .. end - 1. */
static int64_t n_windows_of(const mg_shard_store *store, int64_t begin, int64_t end)
{
    int64_t n = store->shape.n_windows, first = begin * store->shard_size, last = end * store->shard_size;
    return (last < n ? last : n) - (first < n ? first : n);
}

/* A rank's share of the block of shards [begin, end). */
static void share_of(const reducer *r, int rank, int64_t begin, int64_t end, int64_t *ret_begin, int64_t *ret_end)
{
    int64_t n = end - begin;
    *ret_begin = begin + n * rank / r->size;
    *ret_end = begin + n * (rank + 1) / r->size;
}

/* --- readers --- */

/* Some metrics of a shard's windows into a parcel, from window `at` of the share on. */
static void copy_record(const reducer *r, const mg_record *record, int first_metric, int n_metrics, const parcel *to,
                        int64_t at)
{
    size_t n = (size_t)record->n, n_all = r->store->shape.metrics->n;
    memcpy(to->cluster + at, record->cluster, n * sizeof *to->cluster);
    memcpy(to->group + at, record->group, n);
    for (size_t j = 0; j < (size_t)n_metrics; j++)
        for (size_t m = 0; m < r->n_methods; m++)
            memcpy(to->value + (j * r->n_methods + m) * (size_t)to->n + (size_t)at,
                   record->agreement + (m * n_all + (size_t)first_metric + j) * n, n * sizeof *to->value);
}

/* One shard into all parcels. */
static mg_status read_shard(reducer *r, int64_t k, int64_t n_share, int64_t at, mg_error *err)
{
    mg_record record;
    mg_status status = mg_records_read(r->records, k, &record, err);
    for (int owner = 0; owner < r->size && status == MG_OK; owner++) {
        int first_metric, n_metrics = n_metrics_of(r, owner, &first_metric);
        if (n_metrics == 0) break;
        parcel to = parcel_at(r->out + r->out_at[owner], n_share, n_metrics, r->n_methods);
        copy_record(r, &record, first_metric, n_metrics, &to, at);
    }
    return status;
}

/* Where each parcel lies, going out and coming in. The same sums are done on both sides. */
static mg_status lay_out_parcels(reducer *r, int64_t begin, int64_t end, mg_error *err)
{
    int64_t n_out = 0, n_in = 0, mine_begin, mine_end;
    int ignored, n_wanted = n_metrics_of(r, r->rank, &ignored);
    share_of(r, r->rank, begin, end, &mine_begin, &mine_end);
    for (int other = 0; other < r->size; other++) {
        int64_t their_begin, their_end;
        share_of(r, other, begin, end, &their_begin, &their_end);
        int64_t out =
            words_of(n_windows_of(r->store, mine_begin, mine_end), n_metrics_of(r, other, &ignored), r->n_methods);
        int64_t in = words_of(n_windows_of(r->store, their_begin, their_end), n_wanted, r->n_methods);
        if (n_out + out > INT_MAX || n_in + in > INT_MAX)
            return mg_fail(err, MG_EINPUT, "the shards are too large for a message; choose a smaller --shard-size");
        r->out_at[other] = (int)n_out;
        r->in_at[other] = (int)n_in;
        r->out_words[other] = (int)out;
        r->in_words[other] = (int)in;
        n_out += out;
        n_in += in;
    }
    mg_status status = mg_grow(&r->out, &r->n_out_room, (size_t)n_out, sizeof *r->out, err);
    return status == MG_OK ? mg_grow(&r->in, &r->n_in_room, (size_t)n_in, sizeof *r->in, err) : status;
}

static mg_status read_share(reducer *r, int64_t begin, int64_t end, mg_error *err)
{
    int64_t mine_begin, mine_end, at = 0;
    share_of(r, r->rank, begin, end, &mine_begin, &mine_end);
    int64_t n_share = n_windows_of(r->store, mine_begin, mine_end);
    mg_status status = mg_stop_check(err);
    if (status == MG_OK) status = lay_out_parcels(r, begin, end, err);
    for (int64_t k = mine_begin; k < mine_end && status == MG_OK; k++) {
        status = read_shard(r, k, n_share, at, err);
        at += n_windows_of(r->store, k, k + 1);
    }
    return status;
}

/* --- owners --- */

/* Units are independent of each other, so each may have a thread; the windows of one come in their order. After a wish to
 * stop they are left out: the next step sees it as well, and fails. */
static void add_parcels(reducer *r, int64_t begin, int64_t end)
{
    int first_metric, n_metrics = n_metrics_of(r, r->rank, &first_metric);
    int first_unit = begin_of(r, r->rank), n_units = end_of(r, r->rank) - first_unit;
#pragma omp parallel for schedule(dynamic, 1)
    for (int h = 0; h < n_units; h++)
        for (int reader = 0; reader < r->size && mg_stop_check(NULL) == MG_OK; reader++) {
            int64_t their_begin, their_end;
            share_of(r, reader, begin, end, &their_begin, &their_end);
            parcel p = parcel_at(r->in + r->in_at[reader], n_windows_of(r->store, their_begin, their_end), n_metrics,
                                 r->n_methods);
            size_t metric = (size_t)((first_unit + h) / MG_N_GROUPS - first_metric);
            mg_summary_windows windows = {(size_t)p.n, p.value + metric * r->n_methods * (size_t)p.n, p.group,
                                          p.cluster};
            mg_summary_add(r->summary[h], &windows);
        }
}

/* Shards of a block: as many as make BLOCK_BYTES for an owner of the most metrics; the same in all rounds, so that each
 * rank reads the same shards in all of them. */
static int64_t choose_block(const reducer *r)
{
    int n_metrics = smaller((r->n_held + 1) / MG_N_GROUPS + 1, r->n_units / MG_N_GROUPS);
    int64_t bytes = 8 * words_of(n_windows_of(r->store, 0, 1), n_metrics, r->n_methods);
    return bytes > 0 && bytes < BLOCK_BYTES ? BLOCK_BYTES / bytes : 1;
}

static int64_t in_bytes(const reducer *r)
{
    return 8 * ((int64_t)r->in_at[r->size - 1] + r->in_words[r->size - 1]);
}

/* A block from the shards, by all ranks together. */
static mg_status fetch_block(reducer *r, int64_t begin, int64_t end, mg_error *err)
{
    mg_status status = mg_agree(r->comm, read_share(r, begin, end, err), err);
    if (status == MG_OK)
        MPI_Alltoallv(r->out, r->out_words, r->out_at, MPI_UINT64_T, r->in, r->in_words, r->in_at, MPI_UINT64_T,
                      r->comm);
    return status;
}

/* What came in, for the sweeps to come; a file system that has no room for it is no failure. */
static void keep_block(reducer *r)
{
    mg_error ignored;
    if (r->spool == NULL) return;
    int64_t n = in_bytes(r), place = mg_spool_take(r->spool, n);
    if (mg_spool_write(r->spool, place, r->in, n, &ignored) == MG_OK) return;
    mg_spool_destroy(r->spool);
    r->spool = NULL;
}

/* The same block again, from what this rank has kept. */
static mg_status read_kept_block(reducer *r, int64_t begin, int64_t end, mg_error *err)
{
    mg_status status = mg_stop_check(err);
    if (status == MG_OK) status = lay_out_parcels(r, begin, end, err);
    if (status == MG_OK) status = mg_spool_read(r->spool, r->spooled, r->in, in_bytes(r), err);
    if (status == MG_OK) r->spooled += in_bytes(r);
    return status;
}

/* kept: from what each rank has kept, without a word between them; else from the shards. */
static mg_status sweep(reducer *r, bool kept, bool keep, mg_error *err)
{
    int64_t n_shards = mg_shard_count(r->store->shape.n_windows, r->store->shard_size), n_block = choose_block(r);
    mg_status status = MG_OK;
    if (!kept) mg_records_rewind(r->records);
    r->spooled = 0;
    for (int64_t begin = 0; begin < n_shards && status == MG_OK; begin += n_block) {
        int64_t end = begin + n_block < n_shards ? begin + n_block : n_shards;
        status = kept ? read_kept_block(r, begin, end, err) : fetch_block(r, begin, end, err);
        if (status == MG_OK && keep) keep_block(r);
        if (status == MG_OK) add_parcels(r, begin, end);
    }
    if (kept) status = mg_agree(r->comm, status, err);
    int n_units = end_of(r, r->rank) - begin_of(r, r->rank);
#pragma omp parallel for schedule(dynamic, 1)
    for (int h = 0; h < n_units; h++)
        mg_summary_next(r->summary[h]);
    return status;
}

/* The first sweep keeps what came in, if all ranks can. */
static mg_status sweep_all(reducer *r, mg_error *err)
{
    mg_error ignored;
    if (mg_spool_create(r->store->folder, &r->spool, &ignored) != MG_OK) r->spool = NULL;
    mg_status status = sweep(r, false, true, err);
    int kept = r->spool != NULL;
    MPI_Allreduce(MPI_IN_PLACE, &kept, 1, MPI_INT, MPI_MIN, r->comm);
    for (int s = 1; s < MG_SUMMARY_SWEEPS && status == MG_OK; s++)
        status = sweep(r, kept, false, err);
    mg_spool_destroy(r->spool);
    r->spool = NULL;
    return status;
}

/* --- rounds --- */

static mg_status begin_round(reducer *r, mg_error *err)
{
    mg_status status = MG_OK;
    int begin = begin_of(r, r->rank), end = end_of(r, r->rank);
    for (int u = begin; u < end && status == MG_OK; u++) {
        mg_summary_plan plan = plan_of(r->store, u, r->seed, r->n_bootstrap);
        status = mg_summary_create(&plan, &r->summary[u - begin], err);
    }
    return status;
}

static void end_round(reducer *r)
{
    for (int h = 0; r->summary != NULL && h < r->n_held; h++) {
        mg_summary_destroy(r->summary[h]);
        r->summary[h] = NULL;
    }
}

/* Ranks that own nothing in the round help those that do. */
static mg_status finish_round(reducer *r, mg_summary_row *row, mg_summary_pair *pair, mg_error *err)
{
    int begin = begin_of(r, r->rank), n_units = end_of(r, r->rank) - begin;
    int n_owners = smaller((r->n_units - r->first + r->n_held - 1) / r->n_held, r->size);
    size_t n_pairs = n_contests(r->store), at = n_units > 0 ? (size_t)begin : 0;
    mg_replicates_plan plan = {r->seed, r->n_bootstrap, r->n_methods, n_owners};
    mg_status status = mg_stop_check(err);
    if (status == MG_OK) status = mg_summary_fill_all_pairs(r->summary, (size_t)n_units, pair + at * n_pairs, err);
    status = mg_agree(r->comm, status, err);
    return status == MG_OK ? mg_replicates(r->comm, &plan, r->summary, (size_t)n_units, row + at * r->n_methods, err)
                           : status;
}

static mg_status reduce_units(reducer *r, mg_summary_row *row, mg_summary_pair *pair, mg_error *err)
{
    mg_status status = MG_OK;
    for (r->first = 0; r->first < r->n_units && status == MG_OK;
         r->first += (int)smaller(r->size * r->n_held, r->n_units)) {
        status = mg_agree(r->comm, begin_round(r, err), err);
        if (status == MG_OK) status = sweep_all(r, err);
        if (status == MG_OK) status = finish_round(r, row, pair, err);
        end_round(r);
    }
    return status;
}

/* --- the whole --- */

/* Units that each rank takes in a round: all at once, when they are small enough. The same on all ranks. */
static int choose_held(const mg_shard_store *store, int size, int64_t n_bootstrap)
{
    mg_summary_plan plan = plan_of(store, 0, 0, n_bootstrap);
    int64_t all = (n_units_of(store) + size - 1) / size, held = HELD_BYTES / (int64_t)mg_summary_bytes(&plan);
    if (held < 1) held = 1;
    return (int)(held < all ? held : all);
}

int64_t mg_reduce_bytes(const mg_shard_store *store, int size, int64_t n_bootstrap)
{
    mg_summary_plan plan = plan_of(store, 0, 0, n_bootstrap);
    int n_held = choose_held(store, size, n_bootstrap);
    int64_t shard = 8 * words_of(n_windows_of(store, 0, 1), (int)store->shape.metrics->n, n_compared(store));
    int64_t all = 8 * words_of(store->shape.n_windows, (int)store->shape.metrics->n, n_compared(store));
    int64_t block = all < BLOCK_BYTES ? all : BLOCK_BYTES;
    int64_t finish = (int64_t)mg_replicates_bytes(&plan, n_held), blocks = 2 * (block > shard ? block : shard);
    return n_held * (int64_t)mg_summary_bytes(&plan) + mg_records_bytes(store) + (blocks > finish ? blocks : finish);
}

static mg_status make_room(reducer *r, int64_t n_bootstrap, mg_error *err)
{
    size_t size = (size_t)r->size;
    if (r->store->shape.n_windows > (int64_t)UINT32_MAX)
        return mg_fail(err, MG_EINPUT, "%lld windows are more than one run can take; split the transcripts",
                       (long long)r->store->shape.n_windows);
    r->n_held = choose_held(r->store, r->size, n_bootstrap);
    mg_status status = mg_alloc(&r->summary, (size_t)r->n_held, sizeof(mg_summary *), err);
    if (status == MG_OK) status = mg_alloc(&r->out_words, size, sizeof *r->out_words, err);
    if (status == MG_OK) status = mg_alloc(&r->out_at, size, sizeof *r->out_at, err);
    if (status == MG_OK) status = mg_alloc(&r->in_words, size, sizeof *r->in_words, err);
    if (status == MG_OK) status = mg_alloc(&r->in_at, size, sizeof *r->in_at, err);
    bool several_rounds = (int64_t)r->n_held * r->size < r->n_units;
    return status == MG_OK ? mg_records_create(r->store, several_rounds, &r->records, err) : status;
}

static void release(reducer *r)
{
    end_round(r);
    mg_spool_destroy(r->spool);
    free(r->summary);
    mg_records_destroy(r->records);
    free(r->out);
    free(r->in);
    free(r->out_words);
    free(r->out_at);
    free(r->in_words);
    free(r->in_at);
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
    reducer r = {.comm = comm,
                 .store = store,
                 .seed = seed,
                 .n_bootstrap = n_bootstrap,
                 .n_units = n_units_of(store),
                 .n_methods = n_compared(store)};
    MPI_Comm_rank(comm, &r.rank);
    MPI_Comm_size(comm, &r.size);
    size_t n_rows = (size_t)r.n_units * r.n_methods * sizeof *row;
    size_t n_pairs = (size_t)r.n_units * n_contests(store) * sizeof *pair;
    memset(row, 0, n_rows);
    memset(pair, 0, n_pairs);
    mg_status status = mg_agree(comm, make_room(&r, n_bootstrap, err), err);
    if (status == MG_OK) status = reduce_units(&r, row, pair, err);
    if (status == MG_OK) {
        send_to_rank_0(&r, row, n_rows);
        send_to_rank_0(&r, pair, n_pairs);
    }
    release(&r);
    return status;
}
