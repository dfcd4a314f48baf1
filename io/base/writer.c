/* writer.c  text through htslib's BGZF, compressed or as it is */
#include "io/base/writer.h"

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/base/cell.h"
#include "io/base/whole_file.h"

enum { ENOUGH = 1 << 16, DIGITS = 6, NUMBER = 32, CSI_SHIFT = 14, BLOCKS = 64 /* that a thread takes at once */ };

static bool is_compressed(const char *path)
{
    size_t n = strlen(path);
    return n > 3 && strcmp(path + n - 3, ".gz") == 0;
}

static const char *name_of(const mg_writer *writer)
{
    return writer->part != NULL ? writer->part : "standard output";
}

/* Through a second descriptor: closing it leaves standard output itself open. */
static BGZF *open_standard_output(void)
{
    int second = dup(STDOUT_FILENO);
    BGZF *file = second >= 0 ? bgzf_dopen(second, "wu") : NULL;
    if (file == NULL && second >= 0) close(second);
    return file;
}

/* Compression takes longer than all else: it goes over threads, with the same bytes for any number of them. */
static BGZF *open_file(int descriptor, bool compressed)
{
    BGZF *file = bgzf_dopen(descriptor, compressed ? "w" : "wu");
    int n_threads = omp_get_max_threads();
    if (file == NULL) close(descriptor);
    if (file == NULL || !compressed || n_threads == 1 || bgzf_mt(file, n_threads, BLOCKS) == 0) return file;
    bgzf_close(file);
    return NULL;
}

/* An index of that name may have to be written too. */
static mg_status check_indices(const char *path, bool force, mg_error *err)
{
    static const char *const ending[] = {"tbi", "csi"};
    mg_status status = MG_OK;
    for (size_t i = 0; i < sizeof ending / sizeof *ending && status == MG_OK; i++) {
        char *index = NULL;
        if (asprintf(&index, "%s.%s", path, ending[i]) < 0) return mg_fail(err, MG_EMEM, "out of memory");
        status = mg_whole_file_check_name(index, force, err);
        free(index);
    }
    return status;
}

mg_status mg_writer_open(const char *path, bool force, mg_writer *ret, mg_error *err)
{
    mg_status status = MG_OK;
    int descriptor = -1;
    *ret = (mg_writer){.path = path, .force = force};
    if (strcmp(path, "-") != 0) {
        if (is_compressed(path)) status = check_indices(path, force, err);
        if (status == MG_OK) status = mg_whole_file_begin(path, force, &ret->part, err);
        if (status == MG_OK) status = mg_whole_file_open(ret->part, &descriptor, err);
    }
    if (status != MG_OK) return status;
    ret->file = descriptor < 0 ? open_standard_output() : open_file(descriptor, is_compressed(path));
    if (ret->file == NULL) return mg_fail(err, MG_EIO, "cannot write %s: %s", name_of(ret), strerror(errno));
    return MG_OK;
}

/* --- a line --- */

/* Does a cell begin here? */
static bool at_cell(const mg_writer *writer)
{
    return writer->text.l == 0 || strchr("\t\n", writer->text.s[writer->text.l - 1]) != NULL;
}

void mg_writer_text(mg_writer *writer, const char *text)
{
    bool utf8 = mg_cell_is_utf8(text);
    if (writer->table && at_cell(writer) && mg_cell_is_formula(text)) mg_writer_letter(writer, '\'');
    for (; *text != '\0'; text++)
        mg_writer_letter(writer, mg_cell_byte(*text, utf8));
}

void mg_writer_letter(mg_writer *writer, char letter)
{
    if (kputc(letter, &writer->text) < 0) writer->failed = true;
}

void mg_writer_integer(mg_writer *writer, int64_t n)
{
    if (kputll(n, &writer->text) < 0) writer->failed = true;
}

void mg_writer_number(mg_writer *writer, double x)
{
    char text[NUMBER] = "nan";
    if (isfinite(x)) snprintf(text, sizeof text, "%.*g", DIGITS, x);
    if (kputs(text, &writer->text) < 0) writer->failed = true;
}

void mg_writer_tab(mg_writer *writer)
{
    mg_writer_letter(writer, '\t');
}

void mg_writer_columns(mg_writer *writer, const char *names)
{
    writer->table = true;
    for (; *names != '\0'; names++)
        if (*names == ' ')
            mg_writer_tab(writer);
        else
            mg_writer_letter(writer, *names);
}

/* --- out --- */

/* The reason that another thread met is not told to this one. */
static mg_status cannot_write(const mg_writer *writer, mg_error *err)
{
    return mg_fail(err, MG_EIO, "cannot write %s: %s", name_of(writer),
                   errno != 0 ? strerror(errno) : "is there room on the disk?");
}

static mg_status write_text(mg_writer *writer, mg_error *err)
{
    if (writer->failed) return mg_fail(err, MG_EMEM, "out of memory");
    errno = 0;
    if (writer->text.l > 0 && bgzf_write(writer->file, writer->text.s, writer->text.l) < 0)
        return cannot_write(writer, err);
    writer->text.l = 0;
    return MG_OK;
}

mg_status mg_writer_flush(mg_writer *writer, mg_error *err)
{
    if (writer->text.l < ENOUGH && !writer->failed) return MG_OK;
    return write_text(writer, err);
}

mg_status mg_writer_end_line(mg_writer *writer, mg_error *err)
{
    mg_writer_letter(writer, '\n');
    return mg_writer_flush(writer, err);
}

/* --- index --- */

/* Index the part of the file as a part of its own, which gets its name after the file has its own. */
static mg_status make_index(const mg_writer *writer, const char *index, mg_error *err)
{
    errno = 0;
    if (tbx_index_build3(writer->part, index, writer->far ? CSI_SHIFT : 0, 0, writer->index) == 0) return MG_OK;
    return mg_fail(err, MG_EIO, "cannot index %s: %s", writer->path, errno != 0 ? strerror(errno) : "htslib refuses");
}

static mg_status name_files(const mg_writer *writer, mg_status status, mg_error *err)
{
    char *index = NULL, *part = NULL;
    bool indexed = writer->index != NULL && is_compressed(writer->path);
    if (!indexed) return mg_whole_file_end(writer->path, writer->part, writer->force, status, err);
    if (asprintf(&index, "%s.%s", writer->path, writer->far ? "csi" : "tbi") < 0) index = NULL;
    if (status == MG_OK && index == NULL) status = mg_fail(err, MG_EMEM, "out of memory");
    if (status == MG_OK) status = mg_whole_file_begin(index, writer->force, &part, err);
    if (status == MG_OK) status = make_index(writer, part, err);
    status = mg_whole_file_end(writer->path, writer->part, writer->force, status, err);
    if (part != NULL) status = mg_whole_file_end(index, part, writer->force, status, err);
    free(index);
    free(part);
    return status;
}

mg_status mg_writer_close(mg_writer *writer, mg_status status, mg_error *err)
{
    if (status == MG_OK) status = write_text(writer, err);
    errno = 0;
    if (writer->file != NULL && bgzf_close(writer->file) != 0 && status == MG_OK) status = cannot_write(writer, err);
    if (writer->part != NULL) status = name_files(writer, status, err);
    free(writer->part);
    free(writer->text.s);
    *writer = (mg_writer){0};
    return status;
}
