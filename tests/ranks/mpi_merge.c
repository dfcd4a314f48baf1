/* mpi_merge.c  run.h5 holds every number of every shard at its place, for any number of ranks, and explains itself */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/base/h5.h"
#include "io/run/parts.h"
#include "mpi/early.h"
#include "mpi/merge.h"
#include "tests/support/fake_run.h"
#include "tests/support/mpi_harness.h"
#include "tests/support/metrics.h"

/* A run on disk; folder and path are the same on all ranks. */
typedef struct {
    mg_harness *h;
    char folder[512], parts[600], path[600];
    mg_shard_store store;
    int64_t compress;
    mg_merge_plan plan;
    mg_summary_row *row;
    mg_summary_pair *pair;
} fixture;

static void make_folder(fixture *f)
{
    const char *place = getenv("TMPDIR");
    if (f->h->rank == 0) {
        snprintf(f->folder, sizeof f->folder, "%s/mutagree-XXXXXX", place != NULL ? place : "/tmp");
        CHECK(f->h, mkdtemp(f->folder) != NULL);
    }
    MPI_Bcast(f->folder, sizeof f->folder, MPI_CHAR, 0, MPI_COMM_WORLD);
    snprintf(f->parts, sizeof f->parts, "%s/run.h5.parts", f->folder);
    snprintf(f->path, sizeof f->path, "%s/run.h5.part", f->folder);
}

static void remove_folder(fixture *f)
{
    mg_error err = {0};
    if (f->h->rank == 0) {
        unlink(f->path);
        CHECK(f->h, mg_parts_remove(f->parts, NULL, &err) == MG_OK);
        CHECK(f->h, rmdir(f->folder) == 0); /* so nothing else was left in it */
    }
    free(f->row);
    free(f->pair);
}

/* Aggregates with a number of their own each. */
static void make_aggregates(fixture *f)
{
    const mg_run_shape *shape = &f->store.shape;
    f->row = calloc((size_t)shape->n_rows, sizeof *f->row);
    f->pair = calloc((size_t)shape->n_pairs, sizeof *f->pair);
    for (int32_t i = 0; i < (int32_t)shape->n_rows; i++) {
        double x = i + 0.125;
        f->row[i] = (mg_summary_row){.method = i % FAKE_METHODS,
                                     .group = i / FAKE_METHODS % MG_N_GROUPS,
                                     .metric = i / FAKE_METHODS / MG_N_GROUPS,
                                     .n = i,
                                     .better = shape->metrics->info[i / FAKE_METHODS / MG_N_GROUPS].better,
                                     .n_undefined = 2 * i,
                                     .n_unmeasured = 5 * i,
                                     .n_clusters = 3 * i,
                                     .mean = x,
                                     .sd = 2 * x,
                                     .low = 3 * x,
                                     .high = 4 * x,
                                     .median = 5 * x,
                                     .q25 = 6 * x,
                                     .q75 = 7 * x,
                                     .mean_rank = 8 * x};
    }
    for (int32_t i = 0; i < (int32_t)shape->n_pairs; i++)
        f->pair[i] = (mg_summary_pair){.method = 0,
                                       .other = 1,
                                       .group = i % MG_N_GROUPS,
                                       .metric = i / MG_N_GROUPS,
                                       .n = i,
                                       .better = shape->metrics->info[i / MG_N_GROUPS].better,
                                       .n_wins = 2 * i,
                                       .n_ties = 3 * i,
                                       .mean_difference = -i,
                                       .p = 1.0 / (1 + i),
                                       .p_holm = 0.5 / (1 + i)};
}

static mg_status read_places(void *context, int64_t first, int64_t n, mg_place *ret, mg_error *err)
{
    (void)context;
    (void)err;
    for (int64_t i = 0; i < n; i++)
        ret[i] = fake_place(first + i);
    return MG_OK;
}

/* Transcripts two to a gene. */
static void make_transcripts(mg_transcriptome *t, const mg_run_shape *shape, char *name)
{
    static mg_gene gene = {"ENSG00000000001.2", "NAME1"};
    *t = (mg_transcriptome){.n_transcripts = (size_t)shape->n_transcripts, .genes = {.n = (size_t)shape->n_genes}};
    t->transcript = calloc(t->n_transcripts + 1, sizeof *t->transcript);
    t->gene_of = calloc(t->n_transcripts + 1, sizeof *t->gene_of);
    t->genes.gene = calloc(t->genes.n + 1, sizeof *t->genes.gene);
    for (size_t k = 0; k < t->n_transcripts; k++) {
        t->transcript[k] = (mg_transcript){.name = name + (k % 2), .length = 1000 + (int64_t)k};
        t->gene_of[k] = (int64_t)k / 2;
    }
    for (size_t k = 0; k < t->genes.n; k++)
        t->genes.gene[k] = gene;
}

static mg_status lay_out(fixture *f, mg_error *err)
{
    mg_provenance provenance = {0};
    char name[] = "ENST00000000001.2";
    mg_transcriptome transcriptome;
    make_transcripts(&transcriptome, &f->store.shape, name);
    mg_status status = mg_provenance_set(&provenance.command_line, err, "mutagree scan --out '%s'", "run.h5");
    if (status == MG_OK) status = mg_provenance_set(&provenance.version, err, "0");
    static const char *const fact[MG_N_FACTS] = {"mutagree 0", "m.h5", "a network", "log-odds", "a; b", "c",
                                                 "1",          "2",    "2 by gene", "gene",     "3",    "1,000"};
    mg_run run = {.fact = fact,
                  .shape = f->store.shape,
                  .anchor = 3,
                  .compress = f->compress,
                  .align = f->plan.align,
                  .shards = f->plan.is_virtual ? "run.h5.parts" : NULL,
                  .shard_size = f->store.shard_size,

                  .transcriptome = &transcriptome,
                  .places = {NULL, read_places},
                  .method = fake_methods,
                  .row = f->row,
                  .pair = f->pair,
                  .provenance = &provenance};
    if (status == MG_OK) status = mg_run_lay_out(f->path, &run, err);
    mg_provenance_destroy(&provenance);
    free(transcriptome.transcript);
    free(transcriptome.gene_of);
    free(transcriptome.genes.gene);
    return status;
}

/* Every rank writes some of the shards, then rank 0 lays the file out. */
static void prepare(fixture *f)
{
    mg_error err = {0};
    int64_t n_shards = mg_shard_count(f->store.shape.n_windows, f->store.shard_size);
    make_aggregates(f);
    if (f->h->rank == 0) CHECK(f->h, mg_parts_begin(f->parts, "{}", true, &err) == MG_OK);
    MPI_Barrier(MPI_COMM_WORLD);
    for (int64_t k = f->h->rank; k < n_shards; k += f->h->size) {
        mg_shard shard = {0};
        mg_result result = {0};
        CHECK(f->h, fake_shard(&f->store, k, &shard, &result, &err) == MG_OK);
        CHECK(f->h, mg_shard_file_write(&f->store, &shard, &result, &err) == MG_OK);
        mg_shard_destroy(&shard);
        mg_result_destroy(&result);
    }
    if (f->h->rank == 0) {
        mg_status status = lay_out(f, &err);
        CHECK(f->h, status == MG_OK);
        if (status != MG_OK) printf("# %s\n", err.text);
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

static fixture fixture_of(mg_harness *h, int64_t n_windows, int64_t length, mg_store kept, int64_t shard_size,
                          int64_t compress)
{
    fixture f = {.h = h, .compress = compress};
    make_folder(&f);
    f.store =
        (mg_shard_store){NULL, fake_shape(n_windows, length, kept), shard_size, "saliency\nlrp:gamma=0.25", "fake"};
    return f;
}

/* --- what is in the file --- */

static void check_set(fixture *f, hid_t file, mg_field_id id, int64_t s)
{
    const mg_run_shape *shape = &f->store.shape;
    char path[MG_FIELD_PATH];
    mg_field_path(id, shape, s, fake_methods[mg_field_method(id, shape, s)].name, path);
    int64_t n = id < MG_N_WINDOW_FIELDS ? shape->n_windows : shape->n_places;
    char *values = calloc((size_t)n + 1, mg_field_row_bytes(id, shape));
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
    CHECK(f->h, set >= 0);
    if (set >= 0) {
        hid_t type = H5Dget_type(set);
        CHECK(f->h, H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
        CHECK(f->h, fake_n_wrong(id, shape, s, 0, n, values) == 0);
        H5Tclose(type);
        H5Dclose(set);
    }
    free(values);
}

typedef struct {
    mg_harness *h;
    int64_t n_sets;
} visitor;

static herr_t check_explained(hid_t file, const char *name, const H5O_info_t *info, void *context)
{
    visitor *v = context;
    if (info->type != H5O_TYPE_DATASET) return 0;
    v->n_sets++;
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    char *unit = NULL, *description = NULL;
    mg_error err = {0};
    CHECK(v->h, mg_h5_read_text(set, "units", &unit, &err) == MG_OK && strlen(unit) > 0);
    CHECK(v->h, mg_h5_read_text(set, "description", &description, &err) == MG_OK && strlen(description) > 10);
    free(unit);
    free(description);
    H5Dclose(set);
    return 0;
}

static void check_file(fixture *f)
{
    mg_error err = {0};
    hid_t file = -1;
    visitor v = {f->h, 0};
    int64_t n_sets = 0;
    CHECK(f->h, mg_h5_open_file(f->path, &file, &err) == MG_OK);
    if (file < 0) return;
    for (mg_field_id id = 0; id < MG_N_FIELDS; id++) {
        if (!mg_field_is_kept(id, &f->store.shape)) continue;
        int64_t n = mg_field_n_sets(id, &f->store.shape);
        n_sets += n;
        for (int64_t s = 0; id <= MG_PLACE_PADDED && s < n; s++)
            check_set(f, file, id, s);
    }
    CHECK(f->h, H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, check_explained, &v) >= 0);
    CHECK(f->h, v.n_sets == n_sets);
    CHECK(f->h, mg_h5_close_file(file, &err) == MG_OK);
}

static void check_summary(fixture *f)
{
    mg_error err = {0};
    mg_run_summary found;
    mg_status status = mg_run_read_summary(f->path, &found, &err);
    CHECK(f->h, status == MG_OK);
    if (status != MG_OK) {
        printf("# %s\n", err.text);
        return;
    }
    CHECK(f->h, found.n_methods == FAKE_METHODS && found.n_windows == f->store.shape.n_windows);
    CHECK(f->h, found.n_places == f->store.shape.n_places && found.n_clusters == f->store.shape.n_clusters);
    CHECK(f->h, found.n_transcripts == f->store.shape.n_transcripts && found.n_genes == f->store.shape.n_genes);
    CHECK(f->h, memcmp(found.method, fake_methods, sizeof fake_methods) == 0);
    CHECK(f->h, (int64_t)found.n_rows == f->store.shape.n_rows);
    CHECK(f->h, memcmp(found.row, f->row, found.n_rows * sizeof *found.row) == 0);
    CHECK(f->h, memcmp(found.pair, f->pair, found.n_pairs * sizeof *found.pair) == 0);
    CHECK(f->h, strcmp(found.fact[MG_FACT_INPUTS], "a; b") == 0);
    CHECK(f->h, strcmp(found.fact[MG_FACT_BOOTSTRAP], "1,000") == 0);
    mg_run_summary_destroy(&found);
}

/* --- cases --- */

/* Merge, and read back. */
static mg_status merge(fixture *f, mg_error *err)
{
    mg_merge_sums sums;
    mg_status status = mg_merge(MPI_COMM_WORLD, f->path, &f->store, fake_methods, &f->plan, &sums, err);
    if (status == MG_OK)
        status = mg_merge_verify(MPI_COMM_WORLD, f->path, &f->store, fake_methods, &f->plan, &sums, err);
    if (status == MG_OK) status = mg_merge_seal(MPI_COMM_WORLD, f->path, &f->store, fake_methods, &sums, err);
    mg_merge_sums_destroy(&sums);
    return status;
}

static void test_plan(mg_harness *h, int64_t n_windows, int64_t length, mg_store kept, int64_t shard_size,
                      int64_t compress, mg_merge_plan plan, const char *name)
{
    mg_error err = {0};
    fixture f = fixture_of(h, n_windows, length, kept, shard_size, compress);
    f.store.folder = f.parts;
    f.plan = plan;
    prepare(&f);
    mg_status status = merge(&f, &err);
    CHECK(h, status == MG_OK);
    if (status != MG_OK && h->rank == 0) printf("# %s\n", err.text);
    if (h->rank == 0 && status == MG_OK) {
        check_file(&f);
        check_summary(&f);
    }
    remove_folder(&f);
    mg_harness_case(h, name);
}

static void test_merge(mg_harness *h, int64_t n_windows, int64_t length, mg_store kept, int64_t shard_size,
                       int64_t compress, const char *name)
{
    test_plan(h, n_windows, length, kept, shard_size, compress, (mg_merge_plan){0}, name);
}

/* The first number of a row of a dataset of three columns changes on the disk. */
static void damage(fixture *f, const char *set, int64_t window)
{
    const hsize_t start[] = {(hsize_t)window, 0}, count[] = {1, 1};
    const float value = 12345;
    hid_t file = H5Fopen(f->path, H5F_ACC_RDWR, H5P_DEFAULT), data = H5Dopen2(file, set, H5P_DEFAULT);
    hid_t in_file = H5Dget_space(data), in_memory = H5Screate_simple(2, count, NULL);
    H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, count, NULL);
    CHECK(f->h, H5Dwrite(data, H5T_NATIVE_FLOAT, in_memory, in_file, H5P_DEFAULT, &value) >= 0);
    H5Sclose(in_memory);
    H5Sclose(in_file);
    H5Dclose(data);
    H5Fclose(file);
}

/* One number of one dataset changes on the disk between writing and reading back. */
static void test_damage(mg_harness *h, const char *set, int64_t window, const char *words)
{
    mg_error err = {0};
    mg_merge_sums sums;
    fixture f = fixture_of(h, 20011, 3, MG_STORE_CONTRIBUTION, 777, 0);
    f.store.folder = f.parts;
    prepare(&f);
    CHECK(h, mg_merge(MPI_COMM_WORLD, f.path, &f.store, fake_methods, &f.plan, &sums, &err) == MG_OK);
    if (h->rank == 0) {
        const hsize_t start[] = {(hsize_t)window}, count[] = {1};
        const int32_t value = 12345;
        hid_t file = H5Fopen(f.path, H5F_ACC_RDWR, H5P_DEFAULT), data = H5Dopen2(file, set, H5P_DEFAULT);
        hid_t in_file = H5Dget_space(data), in_memory = H5Screate_simple(1, count, NULL);
        H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, count, NULL);
        CHECK(h, H5Dwrite(data, H5T_NATIVE_INT32, in_memory, in_file, H5P_DEFAULT, &value) >= 0);
        H5Sclose(in_memory);
        H5Sclose(in_file);
        H5Dclose(data);
        H5Fclose(file);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    CHECK(h, mg_merge_verify(MPI_COMM_WORLD, f.path, &f.store, fake_methods, &f.plan, &sums, &err) == MG_EIO);
    CHECK(h, strstr(err.text, "do not read back") != NULL && strstr(err.text, words) != NULL);
    mg_merge_sums_destroy(&sums);
    remove_folder(&f);
    mg_harness_case(h, "a number is damaged on the disk");
}

/* Rows that are put while shards are worked on, and those of shards that nobody has put: two of three are.
 * damaged: a row changes on the disk between writing and reading back. */
static void test_early(mg_harness *h, int64_t n_windows, int64_t shard_size, bool damaged, const char *name)
{
    mg_error err = {0};
    mg_merge_sums sums = {0};
    mg_early *early = NULL;
    fixture f = fixture_of(h, n_windows, 3, MG_STORE_HYPOTHETICAL, shard_size, 0);
    f.store.folder = f.parts;
    f.plan.has_rows = true;
    prepare(&f);
    CHECK(h, mg_early_open(MPI_COMM_WORLD, f.path, &f.store, fake_methods, &early, &err) == MG_OK && early != NULL);
    for (int64_t k = h->rank; k < mg_shard_count(n_windows, shard_size); k += h->size) {
        mg_shard shard = {0};
        mg_result result = {0};
        if (k % 3 == 0) continue;
        CHECK(h, fake_shard(&f.store, k, &shard, &result, &err) == MG_OK);
        mg_early_put(early, &shard, &result);
        mg_shard_destroy(&shard);
        mg_result_destroy(&result);
    }
    CHECK(h, mg_early_complete(early, &err) == MG_OK);
    CHECK(h, mg_merge(MPI_COMM_WORLD, f.path, &f.store, fake_methods, &f.plan, &sums, &err) == MG_OK);
    CHECK(h, mg_merge_verify(MPI_COMM_WORLD, f.path, &f.store, fake_methods, &f.plan, &sums, &err) == MG_OK);
    if (damaged && h->rank == 0) damage(&f, "/attribution/lrp_2/contribution", n_windows - 1);
    MPI_Barrier(MPI_COMM_WORLD);
    mg_status status = mg_early_verify(early, &sums, &err);
    CHECK(h, damaged ? status == MG_EIO && strstr(err.text, "do not read back") != NULL : status == MG_OK);
    if (!damaged) status = mg_merge_seal(MPI_COMM_WORLD, f.path, &f.store, fake_methods, &sums, &err);
    if (h->rank == 0 && !damaged) {
        CHECK(h, status == MG_OK);
        check_file(&f);
        check_summary(&f);
    }
    mg_early_close(early);
    mg_merge_sums_destroy(&sums);
    remove_folder(&f);
    mg_harness_case(h, name);
}

/* A virtual layout whose shard is gone is refused, which HDF5 would not do. */
static void test_virtual_shard_gone(mg_harness *h)
{
    mg_error err = {0};
    fixture f = fixture_of(h, 103, 9, MG_STORE_CONTRIBUTION, 10, 0);
    f.store.folder = f.parts;
    f.plan.is_virtual = true;
    prepare(&f);
    CHECK(h, merge(&f, &err) == MG_OK);
    if (h->rank == 0) {
        char name[MG_PARTS_NAME], path[700];
        mg_run_summary found;
        mg_parts_shard_name(7, name);
        snprintf(path, sizeof path, "%s/%s", f.parts, name);
        CHECK(h, unlink(path) == 0);
        CHECK(h, mg_run_read_summary(f.path, &found, &err) == MG_EINPUT);
        CHECK(h, strstr(err.text, name) != NULL && strstr(err.text, "run.h5.parts, which has to stay") != NULL);
    }
    remove_folder(&f);
    mg_harness_case(h, "a shard of a virtual layout is gone");
}

static void test_hints(mg_harness *h)
{
    static const char *const good[] = {NULL, "", "cb_nodes=4", "striping_unit=4194304,romio_cb_write=enable", "a=b=c"};
    static const char *const bad[] = {"cb_nodes", "=4", "cb_nodes=", "a=1,,b=2", "a=1,b", " "};
    mg_error err = {0};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(h, mg_merge_check_hints(good[i], &err) == MG_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(h, mg_merge_check_hints(bad[i], &err) == MG_EUSAGE);
    mg_harness_case(h, "hints");
}

/* One rank finds a shard missing; all hear of it. */
static void test_missing_shard(mg_harness *h, int64_t k)
{
    mg_error err = {0};
    fixture f = fixture_of(h, 20000, 1, MG_STORE_SUMMARY, 500, 1);
    f.store.folder = f.parts;
    prepare(&f);
    char name[MG_PARTS_NAME], path[700];
    mg_parts_shard_name(k, name);
    snprintf(path, sizeof path, "%s/%s", f.parts, name);
    if (h->rank == 0) CHECK(h, unlink(path) == 0);
    MPI_Barrier(MPI_COMM_WORLD);
    CHECK(h, merge(&f, &err) == MG_EINPUT);
    CHECK(h, strstr(err.text, name) != NULL);
    remove_folder(&f);
    mg_harness_case(h, "a shard is missing");
}

static void test_no_file(mg_harness *h)
{
    mg_error err = {0};
    fixture f = fixture_of(h, 10, 5, MG_STORE_SUMMARY, 4, 0);
    f.store.folder = f.parts;
    prepare(&f);
    if (h->rank == 0) CHECK(h, unlink(f.path) == 0);
    MPI_Barrier(MPI_COMM_WORLD);
    CHECK(h, merge(&f, &err) == MG_EIO);
    CHECK(h, strstr(err.text, "cannot open") != NULL);
    remove_folder(&f);
    mg_harness_case(h, "there is no file to fill");
}

int main(int argc, char **argv)
{
    mg_harness h = mg_harness_begin(&argc, &argv);
    test_merge(&h, 0, 9, MG_STORE_HYPOTHETICAL, 4, 1, "no window at all");
    test_merge(&h, 1, 9, MG_STORE_HYPOTHETICAL, 4, 1, "one window");
    test_merge(&h, 103, 9, MG_STORE_HYPOTHETICAL, 10, 6, "more ranks than blocks");
    test_merge(&h, 103, 9, MG_STORE_CONTRIBUTION, 1000, 0, "one shard, not compressed");
    test_merge(&h, 20011, 3, MG_STORE_HYPOTHETICAL, 777, 1, "several blocks, shards across their borders");
    test_merge(&h, 20011, 3, MG_STORE_CONTRIBUTION, 512, 0, "several blocks, not compressed");
    test_merge(&h, 16384, 2, MG_STORE_SUMMARY, 4096, 1, "whole blocks only");
    mg_merge_plan aligned = {.align = 65536},
                  gathered = {.align = 4096, .n_aggregators = 2, .hints = "cb_buffer_size=65536"};
    mg_merge_plan in_shards = {.is_virtual = true, .align = 4096};
    test_plan(&h, 20011, 3, MG_STORE_HYPOTHETICAL, 777, 0, aligned, "aligned");
    test_plan(&h, 20011, 3, MG_STORE_HYPOTHETICAL, 777, 0, gathered, "through aggregators");
    test_plan(&h, 20011, 3, MG_STORE_HYPOTHETICAL, 777, 1, gathered, "through aggregators, compressed");
    test_plan(&h, 20011, 3, MG_STORE_HYPOTHETICAL, 777, 1, in_shards, "virtual layout");
    test_plan(&h, 103, 9, MG_STORE_SUMMARY, 1000, 0, in_shards, "virtual layout of one shard");
    test_plan(&h, 0, 9, MG_STORE_CONTRIBUTION, 4, 0, in_shards, "virtual layout without windows");
    test_damage(&h, "/windows/place", 0, "windows 0 to 8191");
    test_damage(&h, "/windows/unknown", 20010, "windows 16384 to 20010");
    test_damage(&h, "/agreement/lrp_2/kendall", 9000, "windows 8192 to 16383");
    test_early(&h, 20011, 777, false, "rows put early, shards across blocks");
    test_early(&h, 5, 64, false, "... one shard that nobody has put");
    test_early(&h, 20011, 64, true, "... and one that changes on the disk");
    test_virtual_shard_gone(&h);
    test_hints(&h);
    test_missing_shard(&h, 0);
    test_missing_shard(&h, 39);
    test_no_file(&h);
    return mg_harness_end(&h);
}
