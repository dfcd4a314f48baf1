/* checksums.c [WINDOWS] [FOLDER]  what checksums cost when a run is written: shards, merge and seal, by the clock
 *
 *     make build/tests/bench/checksums && mpirun -n 2 build/tests/bench/checksums 40000 /tmp
 *
 * Numbers of a run that never was (tests/support/fake_run.h) go into shards, which are synced one by one, and from them
 * into run.h5, which is synced and read back. Sums are taken of all bytes of the shards, when they are written and when they
 * are read, and of all chunks of run.h5 when it is written and when it is read back; what that takes is told by summing as
 * many bytes once more, and by the clock around the seal.
 */
#include <mpi.h>
#include <stdlib.h>

#include "io/base/seal.h"
#include "io/run/parts.h"
#include "mpi/merge.h"
#include "src/core/log.h"
#include "tests/support/fake_run.h"

static mg_status write_shards(const mg_shard_store *store, int rank, int size, mg_error *err)
{
    int64_t n = mg_shard_count(store->shape.n_windows, store->shard_size);
    mg_status status = MG_OK;
    for (int64_t k = rank; k < n && status == MG_OK; k += size) {
        mg_shard shard = {0};
        mg_result result = {0};
        status = fake_shard(store, k, &shard, &result, err);
        if (status == MG_OK) status = mg_shard_file_write(store, &shard, &result, err);
        mg_shard_destroy(&shard);
        mg_result_destroy(&result);
    }
    return status;
}

static mg_status lay_out(const char *path, const mg_shard_store *store, mg_error *err)
{
    static const char *const fact[MG_N_FACTS] = {"", "", "", "", "", "", "", "", "", "", "", ""};
    const mg_run_shape *shape = &store->shape;
    mg_provenance provenance = {0};
    mg_transcriptome none = {0};
    mg_summary_row *row = calloc((size_t)shape->n_rows, sizeof *row);
    mg_summary_pair *pair = calloc((size_t)shape->n_pairs, sizeof *pair);
    mg_run run = {.fact = fact,
                  .shape = *shape,

                  .transcriptome = &none,
                  .method = fake_methods,
                  .row = row,
                  .pair = pair,
                  .provenance = &provenance};
    mg_status status =
        row != NULL && pair != NULL ? mg_run_lay_out(path, &run, err) : mg_fail(err, MG_EMEM, "out of memory");
    free(row);
    free(pair);
    return status;
}

/* Seconds in which a gigabyte is summed. */
static double time_sum(void)
{
    enum { PIECE = 256 << 10, TIMES = 4096 };
    char *bytes = calloc(PIECE, 1);
    uint64_t sum = 0;
    double began = mg_clock();
    for (int i = 0; i < TIMES && bytes != NULL; i++) {
        bytes[i] = (char)sum;
        sum += mg_seal_sum(bytes, PIECE);
    }
    free(bytes);
    return mg_clock() - began;
}

int main(int argc, char **argv)
{
    int rank, size;
    mg_error err = {0};
    char folder[512] = "", path[600];
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (rank == 0) snprintf(folder, sizeof folder, "%s/checksums-XXXXXX", argc > 2 ? argv[2] : "/tmp");
    if (rank == 0 && mkdtemp(folder) == NULL) return 1;
    MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, MPI_COMM_WORLD);
    snprintf(path, sizeof path, "%s.h5", folder);
    mg_shard_store store = {folder, fake_shape(argc > 1 ? atoll(argv[1]) : 40000, 203, MG_STORE_HYPOTHETICAL), 64, "",
                            ""};
    store.shape.n_transcripts = store.shape.n_genes = store.shape.n_places = 0;
    mg_merge_plan plan = {0};
    mg_merge_sums sums = {0};
    double bytes = (double)mg_run_window_bytes(&store.shape) * (double)store.shape.n_windows, at[5];
    at[0] = mg_clock();
    mg_status status = write_shards(&store, rank, size, &err);
    MPI_Barrier(MPI_COMM_WORLD);
    at[1] = mg_clock();
    if (rank == 0 && status == MG_OK) status = lay_out(path, &store, &err);
    MPI_Barrier(MPI_COMM_WORLD);
    if (status == MG_OK) status = mg_merge(MPI_COMM_WORLD, path, &store, fake_methods, &plan, &sums, &err);
    at[2] = mg_clock();
    if (status == MG_OK) status = mg_merge_verify(MPI_COMM_WORLD, path, &store, fake_methods, &plan, &sums, &err);
    at[3] = mg_clock();
    if (status == MG_OK) status = mg_merge_seal(MPI_COMM_WORLD, path, &store, fake_methods, &sums, &err);
    at[4] = mg_clock();
    if (status != MG_OK && rank == 0) printf("%s\n", err.text);
    if (status == MG_OK && rank == 0) {
        double total = at[4] - at[0], seal = at[4] - at[3], gigabyte = time_sum();
        double summing = 4 * bytes / (double)(1 << 30) * gigabyte / size;
        printf("%.0f MB: shards %.2f s, merge %.2f s, read back %.2f s, seal %.3f s; a GB is summed in %.3f s, so sums "
               "take %.3f s: %.2f%% of all\n",
               bytes / 1e6, at[1] - at[0], at[2] - at[1], at[3] - at[2], seal, gigabyte, summing,
               100 * (seal + summing) / total);
    }
    mg_merge_sums_destroy(&sums);
    if (rank == 0) mg_parts_remove(folder, NULL, &err);
    if (rank == 0) remove(path);
    MPI_Finalize();
    return mg_exit_status(status);
}
