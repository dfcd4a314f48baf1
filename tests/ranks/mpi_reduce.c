/* mpi_reduce.c  the aggregates of several ranks are those of one pass over all windows, bit by bit */
#include <stdlib.h>
#include <unistd.h>

#include "io/run/parts.h"
#include "io/run/columns.h"
#include "mpi/reduce.h"
#include "tests/support/fake_run.h"
#include "tests/support/mpi_harness.h"
#include "tests/support/summarise.h"
#include "tests/support/metrics.h"

enum { N_BOOTSTRAP = 20, SEED = 7 };

typedef struct {
    mg_harness *h;
    char folder[512];
    mg_shard_store store;
    mg_summary_row *row;
    mg_summary_pair *pair;
} fixture;

static size_t n_rows(void)
{
    return (size_t)mg_run_n_rows(FAKE_METHODS, 0, N_START_METRICS);
}

static size_t n_pairs(void)
{
    return (size_t)mg_run_n_pairs(FAKE_METHODS, 0, N_START_METRICS);
}

static void prepare(fixture *f, mg_harness *h, int64_t n_windows, int64_t shard_size)
{
    mg_error err = {0};
    const char *place = getenv("TMPDIR");
    *f = (fixture){.h = h};
    if (h->rank == 0) {
        snprintf(f->folder, sizeof f->folder, "%s/mutagree-XXXXXX", place != NULL ? place : "/tmp");
        CHECK(h, mkdtemp(f->folder) != NULL);
    }
    MPI_Bcast(f->folder, sizeof f->folder, MPI_CHAR, 0, MPI_COMM_WORLD);
    f->store =
        (mg_shard_store){f->folder, fake_shape(n_windows, 3, MG_STORE_SUMMARY), shard_size, "some methods", "fake"};
    f->row = calloc(n_rows(), sizeof *f->row);
    f->pair = calloc(n_pairs(), sizeof *f->pair);
    for (int64_t k = h->rank; k < mg_shard_count(n_windows, shard_size); k += h->size) {
        mg_shard shard = {0};
        mg_result result = {0};
        CHECK(h, fake_shard(&f->store, k, &shard, &result, &err) == MG_OK);
        CHECK(h, mg_shard_file_write(&f->store, &shard, &result, &err) == MG_OK);
        mg_shard_destroy(&shard);
        mg_result_destroy(&result);
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

static void finish(fixture *f, const char *name)
{
    mg_error err = {0};
    MPI_Barrier(MPI_COMM_WORLD);
    if (f->h->rank == 0) CHECK(f->h, mg_parts_remove(f->folder, NULL, &err) == MG_OK);
    free(f->row);
    free(f->pair);
    mg_harness_case(f->h, name);
}

/* The plain way: all windows in one array, one metric after the other. */
static void summarise_plainly(const fixture *f, mg_summary_row *row, mg_summary_pair *pair)
{
    size_t n = (size_t)f->store.shape.n_windows;
    float *value = calloc(n * FAKE_METHODS + 1, sizeof *value);
    uint8_t *group = calloc(n + 1, 1);
    int64_t *transcript = calloc(n + 1, sizeof *transcript);
    mg_error err = {0};
    for (size_t w = 0; w < n; w++) {
        mg_shard_window window = fake_window((int64_t)w);
        transcript[w] = window.cluster;
        group[w] = (uint8_t)(1 << MG_GROUP_ALL | (window.label == 1) << MG_GROUP_ANNOTATED |
                             (fake_value(MG_WINDOW_SCORE, 0, (int64_t)w, 0) > 0) << MG_GROUP_CALLED);
    }
    for (int64_t k = 0; k < N_START_METRICS; k++) {
        for (int64_t m = 0; m < FAKE_METHODS; m++)
            for (size_t w = 0; w < n; w++)
                value[(size_t)m * n + w] = fake_value(MG_AGREEMENT, m * N_START_METRICS + k, (int64_t)w, 0);
        summary_input input = {.n_methods = FAKE_METHODS,
                               .n_windows = n,
                               .value = value,
                               .group = group,
                               .cluster = transcript,
                               .metric = (size_t)k,
                               .better = start_metrics()->info[k].better,
                               .seed = SEED,
                               .n_bootstrap = N_BOOTSTRAP};
        CHECK(f->h, summarise_arrays(&input, row + (size_t)k * MG_N_GROUPS * FAKE_METHODS,
                                     pair + (size_t)k * MG_N_GROUPS * mg_summary_n_pairs(FAKE_METHODS), &err) == MG_OK);
    }
    free(value);
    free(group);
    free(transcript);
}

/* Members that differ, bit by bit (padding between members does not count). */
static size_t n_different(const mg_column_table *table, size_t n, const void *one, const void *other)
{
    size_t n_wrong = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < table->n_columns; c++) {
            size_t at = i * table->row_bytes + table->column[c].offset;
            size_t bytes = table->column[c].kind == MG_COLUMN_NUMBER ? 8 : 4;
            n_wrong += memcmp((const char *)one + at, (const char *)other + at, bytes) != 0;
        }
    return n_wrong;
}

static void test_like_one_pass(mg_harness *h, int64_t n_windows, int64_t shard_size, const char *name)
{
    mg_error err = {0};
    fixture f;
    prepare(&f, h, n_windows, shard_size);
    CHECK(h, mg_reduce(MPI_COMM_WORLD, &f.store, SEED, N_BOOTSTRAP, f.row, f.pair, &err) == MG_OK);
    if (h->rank == 0) {
        mg_summary_row *row = calloc(n_rows(), sizeof *row);
        mg_summary_pair *pair = calloc(n_pairs(), sizeof *pair);
        summarise_plainly(&f, row, pair);
        CHECK(h, n_different(&mg_row_columns, n_rows(), row, f.row) == 0);
        CHECK(h, n_different(&mg_pair_columns, n_pairs(), pair, f.pair) == 0);
        CHECK(h, n_windows == 0 || f.row[0].n + f.row[0].n_undefined == n_windows);
        free(row);
        free(pair);
    }
    finish(&f, name);
}

static void test_missing_shard(mg_harness *h)
{
    mg_error err = {0};
    fixture f;
    char name[MG_PARTS_NAME], path[700];
    prepare(&f, h, 100, 10);
    mg_parts_shard_name(7, name);
    snprintf(path, sizeof path, "%s/%s", f.folder, name);
    if (h->rank == 0) CHECK(h, unlink(path) == 0);
    MPI_Barrier(MPI_COMM_WORLD);
    CHECK(h, mg_reduce(MPI_COMM_WORLD, &f.store, SEED, N_BOOTSTRAP, f.row, f.pair, &err) == MG_EINPUT);
    CHECK(h, strstr(err.text, name) != NULL);
    finish(&f, "a shard is missing");
}

int main(int argc, char **argv)
{
    mg_harness h = mg_harness_begin(&argc, &argv);
    test_like_one_pass(&h, 0, 4, "no window at all");
    test_like_one_pass(&h, 1, 4, "one window");
    test_like_one_pass(&h, 103, 10, "many shards, the last one short");
    test_like_one_pass(&h, 103, 200, "one shard, more ranks than shards");
    test_like_one_pass(&h, 3000, 64, "three thousand windows");
    test_like_one_pass(&h, 100000, 1000, "several blocks, and on one rank several rounds");
    test_missing_shard(&h);
    return mg_harness_end(&h);
}
