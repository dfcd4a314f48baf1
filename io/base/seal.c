/* seal.c  take sums of a file or an image of one, and hold them against it */
#include "io/base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/base/seal_table.h"
#include "src/core/checksum.h"
#include "src/core/memory.h"

enum { STEP = 1 << 20 }; /* bytes that are read at once */

/* Where bytes come from: a file, or memory when `image` is not NULL. */
typedef struct {
    const char *path;
    int file;
    const unsigned char *image;
    int64_t n;
    unsigned char *room; /* (STEP) for what is read from a file */
} source;

/* --- reading bytes --- */

static mg_status read_at(const source *from, int64_t offset, int64_t n, mg_error *err)
{
    for (int64_t done = 0; done < n;) {
        ssize_t found = pread(from->file, from->room + done, (size_t)(n - done), (off_t)(offset + done));
        if (found < 0 && errno == EINTR) continue;
        if (found <= 0)
            return mg_fail(err, MG_EIO, "cannot read %s: %s", from->path,
                           found < 0 ? strerror(errno) : "it is cut off");
        done += found;
    }
    return MG_OK;
}

/* The sum of n bytes from `offset` on and of what came before, STEP bytes at a time. */
static mg_status sum_range(const source *from, int64_t offset, int64_t n, uint64_t *sum, mg_error *err)
{
    mg_status status = MG_OK;
    for (int64_t at = 0, now; at < n && status == MG_OK; at += now) {
        now = n - at < STEP ? n - at : STEP;
        if (from->image == NULL) status = read_at(from, offset + at, now, err);
        const unsigned char *bytes = from->image != NULL ? from->image + offset + at : from->room;
        if (status == MG_OK) *sum = mg_checksum(*sum, bytes, (size_t)now);
    }
    return status;
}

/* As sum_range() does it. */
uint64_t mg_seal_sum(const void *bytes, int64_t n)
{
    uint64_t sum = 0;
    for (int64_t at = 0, now; at < n; at += now) {
        now = n - at < STEP ? n - at : STEP;
        sum = mg_checksum(sum, (const char *)bytes + at, (size_t)now);
    }
    return sum;
}

static int64_t piece_bytes(const mg_seal_part *part, int64_t k)
{
    int64_t left = part->n_bytes - k * part->piece;
    return left < part->piece ? left : part->piece;
}

int64_t mg_seal_n_pieces(const mg_seal_part *part)
{
    return part->n_bytes > 0 ? (part->n_bytes - 1) / part->piece + 1 : 0;
}

/* --- the rest --- */

static int compare_ranges(const void *a, const void *b)
{
    const mg_seal_range *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static mg_status sum_between(const source *from, const mg_seal_range *range, size_t n, uint64_t *ret, mg_error *err)
{
    mg_status status = MG_OK;
    int64_t at = 0;
    *ret = 0;
    for (size_t i = 0; i <= n && status == MG_OK; i++) {
        int64_t begin = i < n ? range[i].offset : from->n, end = i < n ? begin + range[i].n : from->n;
        if (begin > at) status = sum_range(from, at, begin - at, ret, err);
        if (end > at) at = end;
    }
    return status;
}

static mg_status sum_rest(const source *from, const mg_seal *seal, uint64_t *ret, mg_error *err)
{
    mg_seal_range *range = NULL;
    size_t n = 0;
    mg_status status = mg_alloc(&range, seal->n_holes + seal->n_parts, sizeof *range, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < seal->n_holes; i++)
        range[n++] = seal->hole[i];
    for (size_t i = 0; i < seal->n_parts; i++)
        if (seal->part[i].offset >= 0) range[n++] = (mg_seal_range){seal->part[i].offset, seal->part[i].n_bytes};
    qsort(range, n, sizeof *range, compare_ranges);
    status = sum_between(from, range, n, ret, err);
    free(range);
    return status;
}

/* --- making --- */

mg_status mg_seal_add(mg_seal *seal, const char *name, int64_t offset, int64_t n_bytes, int64_t piece, bool at_once,
                      const uint64_t *sum, mg_error *err)
{
    mg_seal_part part = {.offset = offset,
                         .n_bytes = n_bytes,
                         .piece = piece > 0 ? piece : 1,
                         .at_once = at_once,
                         .first_sum = (int64_t)seal->n_sums};
    if (snprintf(part.name, sizeof part.name, "%s", name) >= (int)sizeof part.name)
        return mg_fail(err, MG_EBUG, "%s: too long a name for a checksum", name);
    size_t n = (size_t)mg_seal_n_pieces(&part);
    mg_status status = mg_grow(&seal->part, &seal->part_room, seal->n_parts + 1, sizeof *seal->part, err);
    if (status == MG_OK) status = mg_grow(&seal->sum, &seal->sum_room, seal->n_sums + n + 1, sizeof *seal->sum, err);
    if (status != MG_OK) return status;
    if (sum != NULL) memcpy(seal->sum + seal->n_sums, sum, n * sizeof *sum);
    part.is_open = sum == NULL;
    seal->part[seal->n_parts++] = part;
    seal->n_sums += n;
    return MG_OK;
}

mg_status mg_seal_add_hole(mg_seal *seal, int64_t offset, int64_t n, mg_error *err)
{
    mg_seal_range *last = seal->n_holes > 0 ? &seal->hole[seal->n_holes - 1] : NULL;
    if (last != NULL && last->offset + last->n == offset) {
        last->n += n;
        return MG_OK;
    }
    mg_status status = mg_grow(&seal->hole, &seal->hole_room, seal->n_holes + 1, sizeof *seal->hole, err);
    if (status == MG_OK) seal->hole[seal->n_holes++] = (mg_seal_range){offset, n};
    return status;
}

static mg_status sum_part(const source *from, const mg_seal_part *part, uint64_t *sum, mg_error *err)
{
    mg_status status = MG_OK;
    for (int64_t k = 0; k < mg_seal_n_pieces(part) && status == MG_OK; k++) {
        sum[k] = 0;
        status = sum_range(from, part->offset + k * part->piece, piece_bytes(part, k), &sum[k], err);
    }
    return status;
}

/* All sums that are still missing. */
static mg_status complete(const source *from, mg_seal *seal, mg_error *err)
{
    mg_status status = MG_OK;
    seal->n_file = from->n;
    for (size_t i = 0; i < seal->n_parts && status == MG_OK; i++) {
        mg_seal_part *part = &seal->part[i];
        if (part->is_open && part->offset >= 0) status = sum_part(from, part, seal->sum + part->first_sum, err);
        part->is_open = false;
    }
    return status == MG_OK ? sum_rest(from, seal, &seal->rest, err) : status;
}

static mg_status append(int file, const char *path, int64_t at, const unsigned char *bytes, size_t n, mg_error *err)
{
    while (n > 0) {
        ssize_t written = pwrite(file, bytes, n, (off_t)at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(errno));
        bytes += written;
        at += written;
        n -= (size_t)written;
    }
    return MG_OK;
}

mg_status mg_seal_file(const char *path, mg_seal *seal, mg_error *err)
{
    struct stat info;
    unsigned char *table = NULL;
    size_t n = 0;
    source from = {.path = path, .file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
    if (from.file < 0 || fstat(from.file, &info) != 0) {
        mg_status failed = mg_fail(err, MG_EIO, "cannot open %s: %s", path, strerror(errno));
        if (from.file >= 0) close(from.file);
        return failed;
    }
    from.n = info.st_size;
    mg_status status = mg_alloc(&from.room, STEP, 1, err);
    if (status == MG_OK) status = complete(&from, seal, err);
    if (status == MG_OK) status = mg_seal_pack(seal, &table, &n, err);
    if (status == MG_OK) status = append(from.file, path, from.n, table, n, err);
    if (close(from.file) != 0 && status == MG_OK)
        status = mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(errno));
    free(table);
    free(from.room);
    return status;
}

mg_status mg_seal_image(unsigned char **bytes, size_t *n, mg_seal *seal, mg_error *err)
{
    source from = {.file = -1, .image = *bytes, .n = (int64_t)*n};
    unsigned char *table = NULL;
    size_t n_table = 0;
    mg_status status = complete(&from, seal, err);
    if (status == MG_OK) status = mg_seal_pack(seal, &table, &n_table, err);
    unsigned char *both = status == MG_OK ? realloc(*bytes, *n + n_table) : NULL;
    if (status == MG_OK && both == NULL) status = mg_fail(err, MG_EMEM, "out of memory");
    if (status == MG_OK) {
        memcpy(both + *n, table, n_table);
        *bytes = both;
        *n += n_table;
    }
    free(table);
    return status;
}

void mg_seal_destroy(mg_seal *seal)
{
    free(seal->part);
    free(seal->hole);
    free(seal->sum);
    *seal = (mg_seal){0};
}

/* --- holding against it --- */

static mg_status is_damaged(const mg_seal_part *part, int64_t k, mg_error *err)
{
    int64_t n = mg_seal_n_pieces(part);
    if (n == 1) return mg_fail(err, MG_EINPUT, "dataset %s is damaged: it is not what was written", part->name);
    return mg_fail(err, MG_EINPUT, "chunk %lld of %lld of dataset %s is damaged: it is not what was written",
                   (long long)k, (long long)n, part->name);
}

mg_status mg_seal_check(const mg_seal *seal, const mg_seal_part *part, int64_t k, const void *bytes, mg_error *err)
{
    if (mg_seal_sum(bytes, piece_bytes(part, k)) == seal->sum[part->first_sum + k]) return MG_OK;
    return is_damaged(part, k, err);
}

const mg_seal_part *mg_seal_find(const mg_seal *seal, const char *name)
{
    for (size_t i = 0; i < seal->n_parts; i++)
        if (strcmp(seal->part[i].name, name) == 0) return &seal->part[i];
    return NULL;
}

/* Parts of the file that are of the wanted size. */
static mg_status check_parts(const source *from, const mg_seal *seal, bool at_once, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t i = 0; i < seal->n_parts && status == MG_OK; i++) {
        const mg_seal_part *part = &seal->part[i];
        if (part->offset < 0 || part->at_once != at_once) continue;
        for (int64_t k = 0; k < mg_seal_n_pieces(part) && status == MG_OK; k++) {
            uint64_t sum = 0;
            status = sum_range(from, part->offset + k * part->piece, piece_bytes(part, k), &sum, err);
            if (status == MG_OK && sum != seal->sum[part->first_sum + k]) status = is_damaged(part, k, err);
        }
    }
    return status;
}

static mg_status check_rest(const source *from, const mg_seal *seal, mg_error *err)
{
    uint64_t rest = 0;
    mg_status status = sum_rest(from, seal, &rest, err);
    if (status != MG_OK || rest == seal->rest) return status;
    return mg_fail(
        err, MG_EINPUT,
        "it is damaged: names, shapes, attributes or provenance are not what was written, or another program "
        "has changed the file");
}

/* Open a regular file with room to read it. */
static mg_status open_source(const char *path, source *ret, mg_error *err)
{
    struct stat info;
    *ret = (source){.path = path, .file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)}; /* a pipe must not hang us */
    if (ret->file < 0) return mg_fail(err, MG_EINPUT, "cannot open %s: %s", path, strerror(errno));
    if (fstat(ret->file, &info) == 0 && S_ISREG(info.st_mode)) {
        ret->n = info.st_size;
        mg_status status = mg_alloc(&ret->room, STEP, 1, err);
        if (status != MG_OK) close(ret->file);
        return status;
    }
    close(ret->file);
    return mg_fail(err, MG_EINPUT, "%s is no regular file", path);
}

static void close_source(source *from)
{
    free(from->room);
    close(from->file);
}

/* The table behind the file, and the file without it. */
static mg_status read_table(source *from, mg_seal *ret, bool *ret_there, mg_error *err)
{
    unsigned char end[MG_SEAL_END], *table = NULL;
    size_t n = 0;
    *ret_there = false;
    if (from->n < MG_SEAL_END) return MG_OK;
    mg_status status = read_at(from, from->n - MG_SEAL_END, MG_SEAL_END, err);
    if (status != MG_OK) return status;
    memcpy(end, from->room, sizeof end);
    if (!mg_seal_is_end(end)) return MG_OK;
    *ret_there = true;
    status = mg_seal_table_bytes(end, from->n, &n, err);
    if (status == MG_OK) status = mg_alloc(&table, n, 1, err);
    int64_t offset = from->n - MG_SEAL_END - (int64_t)n;
    for (int64_t at = 0, now; at < (int64_t)n && status == MG_OK; at += now) {
        now = (int64_t)n - at < STEP ? (int64_t)n - at : STEP;
        status = read_at(from, offset + at, now, err);
        if (status == MG_OK) memcpy(table + at, from->room, (size_t)now);
    }
    if (status == MG_OK) status = mg_seal_unpack(table, n, end, ret, err);
    free(table);
    from->n = offset;
    return status;
}

mg_status mg_seal_read(const char *path, mg_seal *ret, bool *ret_there, mg_error *err)
{
    source from;
    mg_seal seal = {0};
    mg_status status = open_source(path, &from, err);
    if (status != MG_OK) return status;
    status = read_table(&from, &seal, ret_there, err);
    if (status == MG_OK && *ret_there) {
        status = check_rest(&from, &seal, err);
        if (status == MG_OK) status = check_parts(&from, &seal, true, err);
    }
    close_source(&from);
    if (status == MG_OK) {
        *ret = seal;
        return MG_OK;
    }
    mg_seal_destroy(&seal);
    return mg_fail_prefix(err, "%s: ", path);
}

mg_status mg_seal_check_file(const char *path, const mg_seal *seal, mg_error *err)
{
    source from;
    mg_status status = open_source(path, &from, err);
    if (status != MG_OK) return status;
    status = check_parts(&from, seal, false, err);
    close_source(&from);
    return status == MG_OK ? MG_OK : mg_fail_prefix(err, "%s: ", path);
}
