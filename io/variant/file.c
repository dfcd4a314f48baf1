/* file.c  reading VCF and BCF */
#include "io/variant/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <htslib/bgzf.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <htslib/hts_log.h>
#include <htslib/kseq.h>

#include "io/base/line.h"
#include "io/variant/parts.h"
#include "io/base/packing.h"
#include "src/core/memory.h"

enum { POS = 2, COLUMNS = 8 }; /* of a VCF: which one from 1, and how many a record has at least */

void mg_variant_record_destroy(mg_variant_record *record)
{
    if (record->bcf != NULL) bcf_destroy(record->bcf);
    free(record->line.s);
    *record = (mg_variant_record){0};
}

static mg_status open_descriptor(const char *path, int *ret, mg_error *err)
{
    struct stat about;
    *ret = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (*ret < 0) return mg_fail(err, MG_EINPUT, "cannot open %s: %s", path, strerror(errno));
    if (fstat(*ret, &about) != 0 || !S_ISDIR(about.st_mode)) return MG_OK;
    close(*ret);
    return mg_fail(err, MG_EINPUT, "cannot read %s: it is a directory; give a file", path);
}

static mg_status no_variants(const mg_variant_file *file, mg_error *err)
{
    if (file->hts != NULL && file->hts->is_bgzf && file->hts->fp.bgzf->errcode != 0)
        return mg_fail(err, MG_EINPUT, "%s is cut short or damaged; copy or make it again", file->path);
    return mg_fail(
        err, MG_EINPUT,
        "%s is no VCF or BCF that can be read; a VCF begins with ##fileformat=VCF, and its columns are named "
        "in the line #CHROM",
        file->path);
}

/* Pass over a mark of the byte order, as Windows' editors write it, and know what is packed in another way. */
static mg_status check_front(hFILE *stream, const mg_variant_file *file, mg_error *err)
{
    char front[8];
    ssize_t n = hpeek(stream, front, sizeof front);
    const char *packing = n > 0 ? mg_packing_name(front, (size_t)n) : NULL;
    if (packing != NULL)
        return mg_fail(err, MG_EINPUT,
                       "%s is compressed in a way that is not read (%s): unpack it, or compress it with bgzip",
                       file->path, packing);
    if (n >= 3 && memcmp(front, "\xef\xbb\xbf", 3) == 0 && hread(stream, front, 3) != 3) return no_variants(file, err);
    return MG_OK;
}

/* Not hts_open(), which would take "s3:..." and the like for addresses. */
static mg_status open_hts(const char *path, mg_variant_file *file, mg_error *err)
{
    int descriptor = -1;
    mg_status status = open_descriptor(path, &descriptor, err);
    if (status != MG_OK) return status;
    hts_set_log_level(HTS_LOG_OFF); /* what goes wrong is said once, by us */
    hFILE *stream = hdopen(descriptor, "r");
    if (stream == NULL) {
        close(descriptor);
        return mg_fail(err, MG_EMEM, "no memory to open %s", path);
    }
    status = check_front(stream, file, err);
    file->hts = status == MG_OK ? hts_hopen(stream, file->path, "r") : NULL;
    if (file->hts == NULL) {
        hclose_abruptly(stream);
        return status != MG_OK ? status : no_variants(file, err);
    }
    enum htsExactFormat format = hts_get_format(file->hts)->format;
    if (format != vcf && format != bcf) return no_variants(file, err);
    file->header = bcf_hdr_read(file->hts);
    return file->header != NULL ? MG_OK : no_variants(file, err);
}

mg_status mg_variant_file_open(const char *path, mg_variant_file **ret, mg_error *err)
{
    mg_variant_file *file = NULL;
    mg_status status = mg_alloc(&file, 1, sizeof *file, err);
    if (status != MG_OK) return status;
    file->path = strcmp(path, "-") == 0 ? "standard input" : path;
    status = open_hts(path, file, err);
    if (status == MG_OK)
        *ret = file;
    else
        mg_variant_file_close(file);
    return status;
}

void mg_variant_file_close(mg_variant_file *file)
{
    if (file == NULL) return;
    if (file->header != NULL) bcf_hdr_destroy(file->header);
    /* Closing a file that was only read cannot lose anything; its errors were seen by the reads. */
    if (file->hts != NULL && hts_close(file->hts) < 0) errno = 0;
    free(file);
}

const char *mg_variant_file_path(const mg_variant_file *file)
{
    return file->path;
}

const char *mg_variant_file_unit(const mg_variant_file *file)
{
    return hts_get_format(file->hts)->format == bcf ? "record" : "line";
}

/* At the end of the data: was it the end of the file that was written? */
static mg_status check_end(const mg_variant_file *file, mg_error *err)
{
    const BGZF *bgzf_file = file->hts->is_bgzf ? file->hts->fp.bgzf : NULL;
    if (bgzf_file != NULL && bgzf_file->errcode != 0)
        return mg_fail(err, MG_EINPUT, "%s is cut short or damaged after %s %" PRId64 "; copy or make it again",
                       file->path, mg_variant_file_unit(file), file->number);
    if (bgzf_file == NULL || bgzf_compression(file->hts->fp.bgzf) != bgzf || bgzf_file->last_block_eof) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "%s is cut short after %s %" PRId64 ": the end marker of bgzip is missing; copy or make it again",
                   file->path, mg_variant_file_unit(file), file->number);
}

static mg_status damaged(const mg_variant_file *file, const char *what, mg_error *err)
{
    return mg_fail(err, MG_EINPUT, "%s %s %" PRId64 ": %s", file->path, mg_variant_file_unit(file), file->number, what);
}

/* A line of a VCF, before htslib takes it apart: it takes a POS that is no number for 0, and a line that is cut short for
 * one without ALT. */
static mg_status check_line(const mg_variant_file *file, mg_error *err)
{
    const kstring_t *line = &file->hts->line;
    const char *column = line->s;
    int n_columns = 1;
    if (line->l == 0) return damaged(file, "an empty line; take it out", err);
    if (strlen(line->s) != line->l) return damaged(file, "a zero byte; a VCF is text", err);
    for (const char *tab = strchr(column, '\t'); tab != NULL; tab = strchr(column, '\t')) {
        if (n_columns == POS && (tab == column || strspn(column, "0123456789") != (size_t)(tab - column)))
            return damaged(file, "its POS is no number", err);
        column = tab + 1;
        n_columns++;
    }
    if (n_columns >= COLUMNS) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "%s line %" PRId64 ": %d columns; from CHROM to INFO there are %d, with tabs between; is the file "
                   "cut short?",
                   file->path, file->number, n_columns, (int)COLUMNS);
}

static mg_status unpack(const mg_variant_file *file, mg_variant_record *record, mg_error *err)
{
    bcf1_t *b = record->bcf;
    /* A chromosome or tag that the header does not tell of is no fault, but for BCF. */
    record->undefined = b->errcode != 0;
    b->errcode &= ~(BCF_ERR_CTG_UNDEF | BCF_ERR_TAG_UNDEF);
    if (b->errcode != 0) return damaged(file, "a record that VCF does not allow", err);
    if (bcf_unpack(b, BCF_UN_STR) < 0) return damaged(file, "a record that is damaged", err);
    if (b->n_allele == 0 || b->d.allele == NULL || b->rid < 0 || b->rid >= file->header->n[BCF_DT_CTG])
        return damaged(file, "a record without chromosome or REF; columns of a VCF stand between tabs", err);
    record->number = file->number;
    record->chromosome = bcf_hdr_id2name(file->header, b->rid);
    record->position = b->pos;
    record->id = b->d.id;
    record->ref = b->d.allele[0];
    record->n_alternatives = (size_t)b->n_allele - 1;
    record->alternative = b->d.allele + 1;
    return MG_OK;
}

static int too_long(const mg_variant_file *file, mg_error *err, mg_status *ret)
{
    *ret = mg_fail(err, MG_EINPUT, "%s line %lld: a line of more than %zu MB; is this a VCF?", file->path,
                   (long long)file->hts->lineno + 1, MG_LINE_TABLE >> 20);
    return 0;
}

/* Read into record->bcf: 0, or as bcf_read() -1 at the end, less when something is wrong. */
static int read_record(mg_variant_file *file, mg_variant_record *record, mg_error *err, mg_status *ret)
{
    if (hts_get_format(file->hts)->format == bcf) {
        int got = bcf_read(file->hts, file->header, record->bcf);
        if (got == 0) file->number++; /* lines are counted by htslib, records by us */
        return got;
    }
    bool plain = hts_get_format(file->hts)->compression == no_compression;
    int got = plain ? mg_line_read_plain(file->hts->fp.hfile, MG_LINE_TABLE, &file->hts->line)
                    : mg_line_read(file->hts->fp.bgzf, MG_LINE_TABLE, &file->hts->line);
    if (got == MG_LINE_TOO_LONG) return too_long(file, err, ret);
    if (got < 0) return got;
    file->number = ++file->hts->lineno;
    *ret = check_line(file, err);
    record->line.l = 0; /* htslib takes its own to pieces */
    if (*ret == MG_OK && kputsn(file->hts->line.s, file->hts->line.l, &record->line) < 0)
        *ret = mg_fail(err, MG_EMEM, "no memory for a record of %s", file->path);
    return *ret == MG_OK ? vcf_parse(&file->hts->line, file->header, record->bcf) : 0;
}

mg_status mg_variant_file_next(mg_variant_file *file, mg_variant_record *inout, bool *ret_more, mg_error *err)
{
    mg_status status = MG_OK;
    if (inout->bcf == NULL) inout->bcf = bcf_init();
    if (inout->bcf == NULL) return mg_fail(err, MG_EMEM, "no memory for a record of %s", file->path);
    int got = read_record(file, inout, err, &status);
    *ret_more = got >= 0;
    if (status != MG_OK) return status;
    if (got == -1) return check_end(file, err);
    if (got >= 0) return unpack(file, inout, err);
    status = check_end(file, err); /* a block that cannot be unpacked is no fault of the record */
    return status != MG_OK ? status : damaged(file, "a record that cannot be read; is the file whole?", err);
}
