/* finish.c  how long a run goes on after its last window: aggregates and merge, from shards of random numbers
 *
 *     make build/tests/bench/finish
 *     mpirun -n 2 build/tests/bench/finish WINDOWS CLUSTERS METHODS STORE [FOLDER [LENGTH [SHARD_SIZE [HINTS]]]]
 *
 * STORE is 0 for summary, 1 for contribution; HINTS are those of --io-hints, with which all ranks write together. Windows stand in clusters of the same size; the methods' values are
 * random, a tenth of the windows is annotated and a quarter is called. The shards are written first, and not timed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "io/run/parts.h"
#include "io/run/run_h5.h"
#include "io/run/shard_h5.h"
#include "mpi/agree.h"
#include "mpi/merge.h"
#include "mpi/reduce.h"
#include "src/core/log.h"
#include "src/core/random.h"
#include "tests/support/metrics.h"

enum { N_BOOTSTRAP = 1000 };

static int64_t argument(int argc, char **argv, int k, int64_t otherwise)
{
    return argc > k ? atoll(argv[k]) : otherwise;
}

/* A number of [0, 1), of the window and what it is for. */
static float draw(int64_t window, int64_t what)
{
    return (float)(mg_mix((uint64_t)what, (uint64_t)window) >> 40) * 0x1p-24F;
}

static void fill(const mg_run_shape *shape, const mg_shard *shard, mg_result *result)
{
    for (int64_t i = 0; i < shard->n; i++) {
        int64_t w = shard->first + i;
        shard->window[i].cluster = w * shape->n_clusters / shape->n_windows;
        shard->window[i].label = draw(w, -1) < 0.1F;
        result->score[i] = draw(w, -2) - 0.75F;
        for (int64_t s = 0; s < shape->n_methods * N_START_METRICS; s++)
            result->agreement[s * shard->n + i] = 0.2F * draw(w, s) + 0.8F * draw(w, -3);
    }
    if (shape->store == MG_STORE_SUMMARY) return;
    for (int64_t k = 0; k < shard->n * shard->length * shape->n_methods; k++)
        result->contribution[k] = draw(shard->first, k);
    for (int64_t k = 0; k < shard->n * shard->length * MG_N_BASES; k++)
        result->effect[k] = draw(shard->first, -k);
}

static mg_status write_shards(const mg_shard_store *store, int rank, int size, mg_error *err)
{
    mg_status status = MG_OK;
    const mg_run_shape *shape = &store->shape;
    for (int64_t k = rank; k < mg_shard_count(shape->n_windows, store->shard_size) && status == MG_OK; k += size) {
        mg_shard shard = {0};
        mg_result result = {0};
        int64_t first = k * store->shard_size, left = shape->n_windows - first;
        int64_t n = left < store->shard_size ? left : store->shard_size;
        status = mg_shard_create(n, shape->length, &shard, err);
        if (status == MG_OK)
            status = mg_result_create(n, shape->length, (size_t)shape->n_methods, 0, N_START_METRICS, shape->store,
                                      &result, err);
        shard.id = k;
        shard.first = first;
        if (status == MG_OK) fill(shape, &shard, &result);
        if (status == MG_OK) status = mg_shard_file_write(store, &shard, &result, err);
        mg_shard_destroy(&shard);
        mg_result_destroy(&result);
    }
    return status;
}

/* Processor seconds of this rank: on a busy machine they say more than the clock, with one rank, which waits for nobody. */
static double seconds_worked(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static double megabytes_held(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1e3;
}

/* What no aggregate can do without: each shard opened once, and its agreement read. */
static mg_status time_reading(const mg_shard_store *store, int rank, int size, mg_error *err)
{
    const mg_run_shape *shape = &store->shape;
    double began = mg_clock(), worked = seconds_worked();
    char *values = malloc((size_t)(store->shard_size * shape->n_methods * N_START_METRICS + 8) * sizeof(float));
    mg_status status = values != NULL ? MG_OK : mg_fail(err, MG_EMEM, "out of memory");
    for (int64_t k = rank; k < mg_shard_count(shape->n_windows, store->shard_size) && status == MG_OK; k += size) {
        mg_shard_file file;
        if ((status = mg_shard_file_open(store, k, &file, err)) != MG_OK) break;
        status = mg_shard_file_read(&file, MG_AGREEMENT, values, err);
        mg_shard_file_close(&file);
    }
    free(values);
    if (rank == 0)
        printf("every shard opened and its agreement read: %.2f s, processor of rank 0 %.2f s\n", mg_clock() - began,
               seconds_worked() - worked);
    return status;
}

static mg_status time_reduce(const mg_shard_store *store, int rank, mg_error *err)
{
    size_t n_methods = (size_t)store->shape.n_methods;
    mg_summary_row *row = calloc((size_t)mg_run_n_rows((int64_t)n_methods, 0, N_START_METRICS) + 1, sizeof *row);
    mg_summary_pair *pair = calloc((size_t)mg_run_n_pairs((int64_t)n_methods, 0, N_START_METRICS) + 1, sizeof *pair);
    double before = megabytes_held(), began = mg_clock(), worked = seconds_worked();
    mg_status status = row != NULL && pair != NULL ? mg_reduce(MPI_COMM_WORLD, store, 7, N_BOOTSTRAP, row, pair, err)
                                                   : mg_fail(err, MG_EMEM, "out of memory");
    if (rank == 0 && status == MG_OK)
        printf(
            "aggregates %.2f s, processor of rank 0 %.2f s; memory of rank 0 %.0f MB, %.0f MB before; first mean %.6f "
            "[%.6f, %.6f]\n",
            mg_clock() - began, seconds_worked() - worked, megabytes_held(), before, row->mean, row->low, row->high);
    free(row);
    free(pair);
    return status;
}

/* --- merge --- */

static mg_status no_places(void *context, int64_t first, int64_t n, mg_place *ret, mg_error *err)
{
    (void)context;
    (void)err;
    for (int64_t i = 0; i < n; i++)
        ret[i] = (mg_place){.window = first + i};
    return MG_OK;
}

static mg_status lay_out(const mg_shard_store *store, const mg_run_method *method, const char *path, mg_error *err)
{
    static const char *fact[MG_N_FACTS];
    size_t n_methods = (size_t)store->shape.n_methods;
    mg_summary_row *row = calloc((size_t)mg_run_n_rows((int64_t)n_methods, 0, N_START_METRICS) + 1, sizeof *row);
    mg_summary_pair *pair = calloc((size_t)mg_run_n_pairs((int64_t)n_methods, 0, N_START_METRICS) + 1, sizeof *pair);
    mg_transcriptome transcriptome = {.n_transcripts = 0};
    mg_provenance provenance = {0};
    for (int f = 0; f < MG_N_FACTS; f++)
        fact[f] = "a fact";
    mg_run run = {.shape = store->shape,
                  .align = 1 << 20,
                  .shard_size = store->shard_size,

                  .transcriptome = &transcriptome,
                  .places = {NULL, no_places},
                  .method = method,
                  .fact = fact,
                  .row = row,
                  .pair = pair,
                  .provenance = &provenance};
    mg_status status =
        row != NULL && pair != NULL ? mg_run_lay_out(path, &run, err) : mg_fail(err, MG_EMEM, "out of memory");
    free(row);
    free(pair);
    return status;
}

static mg_status time_merge(const mg_shard_store *store, const char *hints, int rank, mg_error *err)
{
    mg_run_method method[64] = {{.name = ""}};
    char path[700];
    mg_merge_sums sums = {0};
    mg_merge_plan plan = {.align = 1 << 20, .hints = hints};
    double megabytes = (double)(mg_run_window_bytes(&store->shape) * store->shape.n_windows) / 1e6;
    for (int64_t m = 0; m < store->shape.n_methods && m < 64; m++)
        snprintf(method[m].name, sizeof method[m].name, "method_%d", (int)m);
    snprintf(path, sizeof path, "%s/../finish.h5", store->folder);
    mg_status status = mg_agree(MPI_COMM_WORLD, rank == 0 ? lay_out(store, method, path, err) : MG_OK, err);
    double began = mg_clock(), worked = seconds_worked();
    if (status == MG_OK) status = mg_merge(MPI_COMM_WORLD, path, store, method, &plan, &sums, err);
    double written = mg_clock(), worked_writing = seconds_worked();
    if (status == MG_OK) status = mg_merge_verify(MPI_COMM_WORLD, path, store, method, &plan, &sums, err);
    if (rank == 0 && status == MG_OK)
        printf(
            "merge of %.0f MB %.2f s, %.0f MB/s, processor of rank 0 %.2f s; read back in %.2f s, processor %.2f s\n",
            megabytes, written - began, megabytes / (written - began), worked_writing - worked, mg_clock() - written,
            seconds_worked() - worked_writing);
    mg_merge_sums_destroy(&sums);
    if (rank == 0) unlink(path);
    return status;
}

static mg_status run(int argc, char **argv, int rank, int size, mg_error *err)
{
    int64_t n_windows = argument(argc, argv, 1, 100000), n_clusters = argument(argc, argv, 2, 5000);
    int64_t n_methods = argument(argc, argv, 3, 7);
    const char *where = argc > 5 ? argv[5] : "/tmp";
    char folder[512] = "";
    if (rank == 0) {
        snprintf(folder, sizeof folder, "%s/finish-XXXXXX", where);
        if (mkdtemp(folder) == NULL) return mg_fail(err, MG_EIO, "cannot make %s", folder);
    }
    MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, MPI_COMM_WORLD);
    mg_shard_store store = {.folder = folder,
                            .shape = {.n_clusters = n_clusters,
                                      .n_windows = n_windows,
                                      .length = argument(argc, argv, 6, 203),
                                      .n_methods = n_methods,
                                      .n_rows = mg_run_n_rows(n_methods, 0, N_START_METRICS),
                                      .n_pairs = mg_run_n_pairs(n_methods, 0, N_START_METRICS),
                                      .metrics = start_metrics(),
                                      .store = (mg_store)argument(argc, argv, 4, 0),
                                      .score_name = "log-odds"},
                            .shard_size = argument(argc, argv, 7, MG_SHARD_SIZE),
                            .methods = "random numbers"};
    mg_status status = write_shards(&store, rank, size, err);
    MPI_Barrier(MPI_COMM_WORLD);
    if (status == MG_OK) status = time_reading(&store, rank, size, err);
    MPI_Barrier(MPI_COMM_WORLD);
    if (status == MG_OK) status = time_reduce(&store, rank, err);
    if (status == MG_OK) status = time_merge(&store, argc > 8 ? argv[8] : NULL, rank, err);
    MPI_Barrier(MPI_COMM_WORLD);
    mg_error ignored;
    if (rank == 0) mg_parts_remove(folder, NULL, &ignored);
    return status;
}

int main(int argc, char **argv)
{
    int provided, rank, size;
    mg_error err = {0};
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    mg_status status = run(argc, argv, rank, size, &err);
    if (status != MG_OK) fprintf(stderr, "finish: %s\n", err.text);
    MPI_Finalize();
    return mg_exit_status(status);
}
