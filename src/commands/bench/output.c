/* output.c  the files of a run, by the code of a run: shard files, and their merge into run.h5
 *
 * The windows of a round are a shard; it is written again and again under other numbers until there are some 1000
 * windows, so that what happens once a file does not hide what happens once a window.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpi.h>

#include "io/run/parts.h"
#include "mpi/merge.h"
#include "mpi/transport.h"
#include "src/commands/bench/bench.h"
#include "src/core/memory.h"

enum { ENOUGH_WINDOWS = 1024 };

int64_t mg_bench_output_windows(const mg_bench *b)
{
    return b->output.store.shape.n_windows;
}

/* --- set-up --- */

static mg_status make_folder(mg_bench_output *o, const char *place, mg_error *err)
{
    if (place == NULL) place = getenv("TMPDIR");
    if (place == NULL || place[0] == '\0') place = "/tmp";
    mg_status status = mg_provenance_set(&o->folder, err, "%s/mutagree-bench-XXXXXX", place);
    if (status != MG_OK) return status;
    if (mkdtemp(o->folder) == NULL) {
        free(o->folder);
        o->folder = NULL;
        return mg_fail(err, MG_EIO,
                       "cannot make a folder in %s: %s; choose another --folder, or leave output out of --parts", place,
                       strerror(errno));
    }
    status = mg_provenance_set(&o->path, err, "%s/run.h5", o->folder);
    if (status == MG_OK) status = mg_parts_folder(o->path, &o->parts, err);
    return status == MG_OK ? mg_parts_begin(o->parts, "{}", false, err) : status;
}

static mg_status list_methods(mg_bench *b, mg_error *err)
{
    mg_bench_output *o = &b->output;
    size_t n = mg_study_n_methods(b->study);
    mg_status status = mg_alloc(&o->method, n, sizeof *o->method, err);
    for (size_t m = 0; m < n && status == MG_OK; m++) {
        const mg_method *from = mg_study_method(b->study, m);
        memcpy(o->method[m].name, from->name, sizeof from->name);
        status = mg_provenance_add_line(&o->specs, err, "%s", from->spec);
    }
    return status;
}

static mg_store store_of(const char *word)
{
    if (strcmp(word, "summary") == 0) return MG_STORE_SUMMARY;
    return strcmp(word, "hypothetical") == 0 ? MG_STORE_HYPOTHETICAL : MG_STORE_CONTRIBUTION;
}

/* The arrays of the windows that --store keeps. */
static void choose_result(mg_bench *b)
{
    mg_result *kept = &b->output.result;
    *kept = b->result;
    kept->store = store_of(b->options->store);
    if (kept->store < MG_STORE_HYPOTHETICAL) kept->hypothetical = NULL;
    if (kept->store < MG_STORE_CONTRIBUTION) kept->effect = kept->contribution = NULL;
}

static void start_mpi(mg_bench_output *o)
{
    int provided;
    mg_transport_choose();
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    o->mpi = true;
}

mg_status mg_bench_output_begin(mg_bench *b, mg_error *err)
{
    mg_bench_output *o = &b->output;
    int64_t n = b->shard.n, n_methods = (int64_t)mg_study_n_methods(b->study);
    mg_status status = make_folder(o, b->options->folder, err);
    if (status == MG_OK) status = list_methods(b, err);
    choose_result(b);
    o->store = (mg_shard_store){.folder = o->parts,
                                .shape = {.n_windows = (ENOUGH_WINDOWS + n - 1) / n * n,
                                          .n_transcripts = 1,
                                          .n_clusters = 1,
                                          .length = b->shard.length,
                                          .n_methods = n_methods,
                                          .n_rows = mg_run_n_rows(n_methods, 0, mg_study_metrics(b->study)->n),
                                          .n_pairs = mg_run_n_pairs(n_methods, 0, mg_study_metrics(b->study)->n),
                                          .metrics = mg_study_metrics(b->study),
                                          .store = o->result.store,
                                          .score_name = mg_study_score_name(b->study)},
                                .shard_size = n,
                                .methods = o->specs};
    if (status == MG_OK) status = mg_alloc(&o->row, (size_t)o->store.shape.n_rows, sizeof *o->row, err);
    if (status == MG_OK) status = mg_alloc(&o->pair, (size_t)o->store.shape.n_pairs, sizeof *o->pair, err);
    if (status == MG_OK) start_mpi(o);
    return status;
}

void mg_bench_output_end(mg_bench *b)
{
    mg_bench_output *o = &b->output;
    mg_error ignored = {0};
    if (o->path != NULL) unlink(o->path);
    if (o->parts != NULL) mg_parts_remove(o->parts, NULL, &ignored);
    if (o->folder != NULL) rmdir(o->folder);
    if (o->mpi) MPI_Finalize();
    free(o->folder);
    free(o->parts);
    free(o->path);
    free(o->specs);
    free(o->method);
    free(o->row);
    free(o->pair);
}

/* --- what is timed --- */

mg_status mg_bench_write_shards(mg_bench *b, const mg_bench_row *row, int64_t i, mg_error *err)
{
    mg_bench_output *o = &b->output;
    mg_shard shard = b->shard;
    mg_status status = MG_OK;
    (void)row;
    (void)i;
    for (; shard.first < o->store.shape.n_windows && status == MG_OK; shard.first += shard.n, shard.id++)
        status = mg_shard_file_write(&o->store, &shard, &o->result, err);
    return status;
}

/* The file without its windows: one transcript, aggregates all zero. */
mg_status mg_bench_lay_out(mg_bench *b, const mg_bench_row *row, int64_t i, mg_error *err)
{
    mg_bench_output *o = &b->output;
    char name[] = "transcript";
    mg_transcript transcript = {.name = name, .length = b->shard.length};
    mg_transcriptome transcriptome = {.n_transcripts = 1, .transcript = &transcript};
    const char *fact[MG_N_FACTS];
    mg_provenance provenance = {0};
    (void)row;
    (void)i;
    for (int f = 0; f < MG_N_FACTS; f++)
        fact[f] = "bench";
    mg_run run = {.shape = o->store.shape,
                  .anchor = b->graph->anchor,
                  .compress = b->options->compress,
                  .transcriptome = &transcriptome,
                  .method = o->method,
                  .fact = fact,
                  .row = o->row,
                  .pair = o->pair,
                  .provenance = &provenance};
    return mg_run_lay_out(o->path, &run, err);
}

mg_status mg_bench_merge(mg_bench *b, const mg_bench_row *row, int64_t i, mg_error *err)
{
    (void)row;
    (void)i;
    const mg_merge_plan plan = {0};
    mg_merge_sums sums;
    mg_status status = mg_merge(MPI_COMM_SELF, b->output.path, &b->output.store, b->output.method, &plan, &sums, err);
    mg_merge_sums_destroy(&sums);
    return status;
}
