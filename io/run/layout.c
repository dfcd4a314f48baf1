/* layout.c  create run.h5 with all but what is known of single windows */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "io/base/h5.h"
#include "io/run/layout_parts.h"
#include "io/run/run_h5.h"
#include "src/core/memory.h"

enum {
    BLOCK_BYTES = 64 << 20,
    MIN_BLOCK_ROWS = 64,
    MAX_BLOCK_ROWS = 8192,
    CHUNK_BYTES = 256 << 10,
    BYTES_A_CHUNK = 256, /* what HDF5 notes about a chunk, and about a dataset: generous */
    BYTES_A_SET = 8192
};

const char *const mg_fact_keys[MG_N_FACTS] = {"program",     "model",   "network",  "score", "inputs", "choices",
                                              "transcripts", "windows", "clusters", "unit",  "seed",   "bootstrap"};

int64_t mg_run_n_rows(int64_t n_methods, int64_t n_baselines, size_t n_metrics)
{
    return (int64_t)n_metrics * MG_N_GROUPS * (n_methods + n_baselines);
}

int64_t mg_run_n_pairs(int64_t n_methods, int64_t n_baselines, size_t n_metrics)
{
    return (int64_t)n_metrics * MG_N_GROUPS * (int64_t)mg_summary_n_contests((size_t)n_methods, (size_t)n_baselines);
}

int64_t mg_run_block_rows(const mg_run_shape *shape)
{
    int64_t rows = MIN_BLOCK_ROWS, bytes = mg_run_window_bytes(shape);
    while (rows < MAX_BLOCK_ROWS && 2 * rows * bytes <= BLOCK_BYTES)
        rows *= 2;
    return rows;
}

/* Rows of a chunk: a power of two that divides the block, so that no two ranks ever write to one chunk; all rows when
 * there are fewer, because a chunk may not be larger than its dataset. */
int64_t mg_run_chunk_rows(mg_field_id id, const mg_run_shape *shape)
{
    int64_t rows = 1, most = mg_run_block_rows(shape), bytes = (int64_t)mg_field_row_bytes(id, shape);
    while (2 * rows <= most && 2 * rows * bytes <= CHUNK_BYTES)
        rows *= 2;
    int64_t n = shape->n_windows > 0 ? shape->n_windows : 1;
    return rows < n ? rows : n;
}

/* --- groups and the whole --- */

/* Of the first n methods and baselines. */
static mg_status create_method_groups(hid_t file, const mg_run *run, int64_t n, const char *parent, mg_error *err)
{
    mg_status status = MG_OK;
    for (int64_t m = 0; m < n && status == MG_OK; m++) {
        char path[MG_FIELD_PATH];
        hid_t group = -1;
        snprintf(path, sizeof path, "%s/%s", parent, run->method[m].name);
        status = mg_h5_create_group(file, path, &group, err);
        if (status == MG_OK) status = mg_h5_write_text(group, "label", run->method[m].label, err);
        if (status == MG_OK) status = mg_h5_write_text(group, "spec", run->method[m].spec, err);
        if (status == MG_OK) status = mg_h5_write_text(group, "source", run->method[m].source, err);
        mg_h5_close_group(group);
    }
    return status;
}

static mg_status create_group(hid_t file, const char *path, mg_error *err)
{
    hid_t group = -1;
    mg_status status = mg_h5_create_group(file, path, &group, err);
    mg_h5_close_group(group);
    return status;
}

static mg_status write_facts_of_summary(hid_t file, const mg_run *run, mg_error *err)
{
    hid_t group = -1;
    mg_status status = mg_h5_open_group(file, "/summary", &group, err);
    for (mg_fact f = 0; f < MG_N_FACTS && status == MG_OK; f++)
        status = mg_h5_write_text(group, mg_fact_keys[f], run->fact[f], err);
    mg_h5_close_group(group);
    return status;
}

static mg_status create_groups(hid_t file, const mg_run *run, mg_error *err)
{
    static const char *const always[] = {
        "/transcripts", "/genes",   "/chromosomes", "/places",  "/windows",           "/methods",      "/baselines",
        "/metrics",     "/outputs", "/agreement",   "/summary", "/summary/aggregate", "/summary/pairs"};
    mg_status status = MG_OK;
    for (size_t g = 0; g < sizeof always / sizeof *always && status == MG_OK; g++)
        status = create_group(file, always[g], err);
    if (status == MG_OK)
        status = create_method_groups(file, run, run->shape.n_methods + run->shape.n_baselines, "/agreement", err);
    if (status != MG_OK || run->shape.store < MG_STORE_CONTRIBUTION) return status;
    status = create_group(file, "/mutation", err);
    if (status == MG_OK) status = create_group(file, "/attribution", err);
    if (status == MG_OK && run->shape.has_truth) status = create_group(file, "/truth", err);
    return status == MG_OK ? create_method_groups(file, run, run->shape.n_methods, "/attribution", err) : status;
}

static mg_status write_facts(hid_t file, const mg_run *run, mg_error *err)
{
    hid_t group = -1;
    mg_status status = mg_h5_write_text(file, "format", "mutagree-run", err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "version", MG_RUN_VERSION, err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "window_length", run->shape.length, err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "anchor", run->anchor, err);
    if (status == MG_OK) status = mg_h5_write_text(file, "score", run->shape.score_name, err);
    const char *words = run->score != NULL ? run->score : run->shape.score_name;
    if (status == MG_OK) status = mg_h5_write_text(file, "score_words", words, err);
    if (status == MG_OK) status = mg_h5_write_text(file, "task", mg_shape_task(&run->shape)->name, err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "clusters", run->shape.n_clusters, err);
    if (status == MG_OK) status = mg_h5_create_group(file, "/provenance", &group, err);
    if (status == MG_OK) status = mg_provenance_write(run->provenance, group, err);
    mg_h5_close_group(group);
    return status;
}

/* What is known before the first window is worked on: the groups, and the fields by position, which are nearly all. */
static mg_status write_rows(hid_t file, const mg_run *run, mg_error *err)
{
    mg_status status = create_groups(file, run, err);
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++)
        if (mg_field_is_kept(id, &run->shape) && mg_field_is_by_position(id))
            status = mg_layout_window_sets(file, run, id, err);
    return status;
}

static mg_status write_rest(hid_t file, const mg_run *run, mg_error *err)
{
    mg_status status = write_facts(file, run, err);
    if (status == MG_OK) status = write_facts_of_summary(file, run, err);
    if (status == MG_OK) status = mg_layout_tables(file, run, err);
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++)
        if (mg_field_is_kept(id, &run->shape) && !mg_field_is_by_position(id))
            status = mg_layout_window_sets(file, run, id, err);
    return status == MG_OK ? mg_layout_aggregates(file, run, err) : status;
}

/* --- room on the disk --- */

/* What compressed windows may add to the file at most: their bytes, for each chunk and dataset what HDF5 notes about it, and
 * gaps where datasets are aligned. A chunk that deflate would make larger is stored as it is. */
static int64_t most_bytes_to_come(const mg_run *run)
{
    const mg_run_shape *shape = &run->shape;
    int64_t bytes = 0;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        if (!mg_field_is_kept(id, shape) || shape->n_windows == 0 || mg_layout_is_virtual(run, id)) continue;
        int64_t n_chunks = shape->n_windows / mg_run_chunk_rows(id, shape) + 1;
        int64_t set = shape->n_windows * (int64_t)mg_field_row_bytes(id, shape);
        int64_t gap = run->align > 0 && set >= run->align ? run->align : 0;
        bytes += mg_field_n_sets(id, shape) * (set + gap + n_chunks * BYTES_A_CHUNK + BYTES_A_SET);
    }
    return bytes;
}

/* A file system that cannot reserve is asked whether it has the room now. */
static mg_status look_for_room(const char *path, int file, int64_t bytes, mg_error *err)
{
    struct statvfs info;
    if (fstatvfs(file, &info) != 0 || (double)info.f_bavail * (double)info.f_frsize >= (double)bytes) return MG_OK;
    return mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(ENOSPC));
}

/* Reserve the room now: HDF5 and MPI-IO crash or wait for ever when a disk is found full in the middle of a collective
 * write (seen with HDF5 1.10.8 and Open MPI 4.1.4). more: bytes behind the end, which are given back when the file is
 * closed if they are not needed; 0: all has its place already, but not yet its room. */
static mg_status reserve(const char *path, int64_t more, mg_error *err)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return mg_fail(err, MG_EIO, "cannot open %s: %s", path, strerror(errno));
    mg_status status = MG_OK;
    off_t end = lseek(file, 0, SEEK_END);
    if (end < 0) status = mg_fail(err, MG_EIO, "cannot read %s: %s", path, strerror(errno));
    off_t from = more > 0 ? end : 0, n = more > 0 ? (off_t)more : end;
    if (status == MG_OK && fallocate(file, 0, from, n) != 0) {
        if (errno == EOPNOTSUPP || errno == ENOSYS)
            status = look_for_room(path, file, n, err);
        else
            status = mg_fail(err, MG_EIO, "cannot write %s: %s (%lld MB are needed)", path, strerror(errno),
                             (long long)((end + more) / 1000000 + 1));
    }
    if (close(file) != 0 && status == MG_OK)
        status = mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(errno));
    return status;
}

hid_t mg_run_open_settings(int64_t align)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    if (list < 0 || align == 0 || H5Pset_alignment(list, (hsize_t)align, (hsize_t)align) >= 0) return list;
    mg_h5_close_list(list);
    return -1;
}

/* A new file, or one that is there, to be written into. */
static mg_status open_file(const char *path, bool is_new, int64_t align, hid_t *ret, mg_error *err)
{
    hid_t settings = mg_run_open_settings(align);
    mg_status status = MG_OK;
    if (settings < 0)
        status = mg_h5_fail(err, MG_EMEM, "cannot make a property list");
    else if (is_new)
        status = mg_h5_create_file_with(path, settings, ret, err);
    else if ((*ret = H5Fopen(path, H5F_ACC_RDWR, settings)) < 0)
        status = mg_h5_fail(err, MG_EIO, "cannot open %s to go on with it", path);
    mg_h5_close_list(settings);
    return status;
}

typedef mg_status part_writer(hid_t file, const mg_run *run, mg_error *err);

static mg_status lay_out(const char *path, bool is_new, const mg_run *run, part_writer *write, mg_error *err)
{
    hid_t file = -1;
    mg_status status = open_file(path, is_new, run->align, &file, err);
    if (status != MG_OK) return status;
    status = write(file, run, err);
    mg_error close_error = {0};
    mg_status closed = mg_h5_close_file(file, &close_error);
    if (status == MG_OK && closed != MG_OK) status = mg_fail(err, closed, "%s", close_error.text);
    if (status != MG_OK) return mg_fail_prefix(err, "%s: ", path);
    return run->shape.n_windows > 0 ? reserve(path, run->compress > 0 ? most_bytes_to_come(run) : 0, err) : MG_OK;
}

mg_status mg_run_lay_out_rows(const char *path, const mg_run *run, mg_error *err)
{
    return lay_out(path, true, run, write_rows, err);
}

mg_status mg_run_lay_out_rest(const char *path, const mg_run *run, mg_error *err)
{
    return lay_out(path, false, run, write_rest, err);
}

mg_status mg_run_lay_out(const char *path, const mg_run *run, mg_error *err)
{
    mg_status status = mg_run_lay_out_rows(path, run, err);
    return status == MG_OK ? mg_run_lay_out_rest(path, run, err) : status;
}
