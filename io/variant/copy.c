/* copy.c  a file of variants written again, record by record, with more in INFO; indexed in the end */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <htslib/hfile.h>

#include "io/base/text.h"
#include "io/variant/line.h"
#include "io/variant/parts.h"
#include "io/base/whole_file.h"
#include "src/core/memory.h"

enum { CSI_SHIFT = 14, TBI_LIMIT = 1 << 29 }; /* a .tbi reaches that many nt */

struct mg_variant_copy {
    const char *path; /* points to the caller's text */
    char *part;       /* owned */
    mg_variant_file *from;
    htsFile *hts;
    bool is_bcf, force;
    const char *index;     /* ending of the index, ".tbi"; NULL: none */
    mg_info_fields fields; /* of the record that comes next, from a VCF to a VCF */
    kstring_t text;        /* owned; its line */
    int64_t last;          /* position of the last record */
    int chromosome;        /* ... and its chromosome, -1 before the first */
    size_t n_seen;
    bool *seen; /* owned (n_seen) chromosomes so far */
};

bool mg_variant_path_is(const char *path)
{
    return mg_path_has_ending(path, ".vcf") || mg_path_has_ending(path, ".bcf");
}

/* Does a chromosome of the header reach beyond what a .tbi can tell? */
static bool is_long(const bcf_hdr_t *header)
{
    for (int i = 0; i < header->n[BCF_DT_CTG]; i++)
        if (header->id[BCF_DT_CTG][i].val != NULL && header->id[BCF_DT_CTG][i].val->info[0] > TBI_LIMIT) return true;
    return false;
}

static mg_status open_part(mg_variant_copy *copy, const char *mode, mg_error *err)
{
    int descriptor = -1;
    mg_status status = mg_whole_file_open(copy->part, &descriptor, err);
    if (status != MG_OK) return status;
    hFILE *stream = hdopen(descriptor, "w");
    if (stream == NULL) close(descriptor);
    if (stream != NULL) copy->hts = hts_hopen(stream, copy->part, mode);
    if (copy->hts != NULL) return MG_OK;
    if (stream != NULL) hclose_abruptly(stream);
    return mg_fail(err, MG_EMEM, "no memory to write %s", copy->path);
}

static mg_status cannot_write(const mg_variant_copy *copy, mg_error *err)
{
    return mg_fail(err, MG_EIO, "cannot write %s: %s", copy->part, strerror(errno != 0 ? errno : EIO));
}

/* "w": plain VCF, "wz": bgzip, "wb": BCF */
static const char *mode_of(const char *path)
{
    if (mg_path_has_ending(path, ".bcf")) return "wb";
    size_t n = strlen(path);
    return n > 4 && strcasecmp(path + n - 4, ".vcf") == 0 ? "w" : "wz";
}

/* A field of this name that the header tells of, from an earlier run or of another kind, gives way. */
static void forget_field(bcf_hdr_t *header, const char *line)
{
    static const char begin[] = "##INFO=<ID=";
    char key[64];
    size_t n = strncmp(line, begin, strlen(begin)) == 0 ? strcspn(line + strlen(begin), ",") : 0;
    if (n == 0 || n >= sizeof key) return;
    memcpy(key, line + strlen(begin), n);
    key[n] = '\0';
    bcf_hdr_remove(header, BCF_HL_INFO, key);
}

static mg_status write_header(mg_variant_copy *copy, size_t n_lines, const char *const *line, mg_error *err)
{
    bcf_hdr_t *header = copy->from->header;
    for (size_t i = 0; i < n_lines; i++) {
        forget_field(header, line[i]);
        if (bcf_hdr_append(header, line[i]) != 0)
            return mg_fail(err, MG_EINPUT, "the header of %s does not take the line %s", copy->from->path, line[i]);
    }
    if (bcf_hdr_sync(header) < 0) return mg_fail(err, MG_EMEM, "no memory for the header of %s", copy->path);
    errno = 0;
    return bcf_hdr_write(copy->hts, header) == 0 ? MG_OK : cannot_write(copy, err);
}

static mg_status name_index(const mg_variant_copy *copy, char **ret, mg_error *err)
{
    if (asprintf(ret, "%s%s", copy->path, copy->index) >= 0) return MG_OK;
    *ret = NULL;
    return mg_fail(err, MG_EMEM, "out of memory");
}

/* An index that is there is not replaced unasked either: said before the work. */
static mg_status check_index(const mg_variant_copy *copy, mg_error *err)
{
    char *index = NULL;
    if (copy->index == NULL) return MG_OK;
    mg_status status = name_index(copy, &index, err);
    if (status == MG_OK) status = mg_whole_file_check_name(index, copy->force, err);
    free(index);
    return status;
}

mg_status mg_variant_copy_create(const char *path, mg_variant_file *from, size_t n_lines, const char *const *line,
                                 bool force, mg_variant_copy **ret, mg_error *err)
{
    mg_variant_copy *copy = NULL;
    const char *mode = mode_of(path);
    mg_status status = mg_alloc(&copy, 1, sizeof *copy, err);
    if (status != MG_OK) return status;
    *copy = (mg_variant_copy){.path = path, .from = from, .is_bcf = mode[1] == 'b', .force = force, .chromosome = -1};
    if (mode[1] != '\0') copy->index = copy->is_bcf || is_long(from->header) ? ".csi" : ".tbi";
    status = check_index(copy, err);
    if (status == MG_OK) status = mg_whole_file_begin(path, force, &copy->part, err);
    if (status == MG_OK) status = open_part(copy, mode, err);
    if (status == MG_OK) status = write_header(copy, n_lines, line, err);
    if (status != MG_OK) return mg_variant_copy_end(copy, status, err);
    *ret = copy;
    return MG_OK;
}

/* Is the line that was read written again? Else the record, as htslib holds it. */
static bool keeps_line(const mg_variant_copy *copy, const mg_variant_record *record)
{
    return !copy->is_bcf && record->line.l > 0;
}

static mg_status no_memory(const mg_variant_copy *copy, const char *key, mg_error *err)
{
    return mg_fail(err, MG_EMEM, "no memory for %s of a record of %s", key, copy->path);
}

mg_status mg_variant_copy_texts(mg_variant_copy *copy, mg_variant_record *record, const char *key, const char *text,
                                mg_error *err)
{
    int got = keeps_line(copy, record) ? mg_info_fields_add(&copy->fields, key, text)
                                       : bcf_update_info_string(copy->from->header, record->bcf, key, text);
    return got == 0 ? MG_OK : no_memory(copy, key, err);
}

/* As htslib writes numbers. */
static int add_numbers(mg_variant_copy *copy, const char *key, const float *value, size_t n)
{
    kstring_t text = {0, 0, NULL};
    for (size_t i = 0; i < n; i++) {
        if (i > 0) kputc(',', &text);
        if (isnan(value[i]))
            kputc('.', &text);
        else
            kputd((double)value[i], &text);
    }
    int got = text.s != NULL ? mg_info_fields_add(&copy->fields, key, text.s) : -1;
    free(text.s);
    return got;
}

mg_status mg_variant_copy_numbers(mg_variant_copy *copy, mg_variant_record *record, const char *key, const float *value,
                                  size_t n, mg_error *err)
{
    float *number = NULL;
    if (keeps_line(copy, record)) return add_numbers(copy, key, value, n) == 0 ? MG_OK : no_memory(copy, key, err);
    mg_status status = mg_alloc(&number, n, sizeof *number, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < n; i++) {
        number[i] = value[i];
        if (isnan(value[i])) bcf_float_set_missing(number[i]);
    }
    if (bcf_update_info_float(copy->from->header, record->bcf, key, number, (int)n) != 0)
        status = no_memory(copy, key, err);
    free(number);
    return status;
}

/* An index needs the records of a chromosome together, ascending. */
static mg_status check_order(mg_variant_copy *copy, const mg_variant_record *record, mg_error *err)
{
    size_t chromosome = (size_t)record->bcf->rid;
    mg_status status = mg_grow(&copy->seen, &copy->n_seen, chromosome + 1, sizeof *copy->seen, err);
    if (status != MG_OK) return status;
    bool same = record->bcf->rid == copy->chromosome;
    if (same ? record->position < copy->last : copy->seen[chromosome])
        return mg_fail(err, MG_EINPUT,
                       "%s %s %" PRId64 ": %s:%" PRId64 " is out of order, and %s is to be indexed; sort the file "
                       "(bcftools sort), or write a plain .vcf",
                       copy->from->path, mg_variant_file_unit(copy->from), record->number, record->chromosome,
                       record->position + 1, copy->path);
    copy->seen[chromosome] = true;
    copy->chromosome = record->bcf->rid;
    copy->last = record->position;
    return MG_OK;
}

static mg_status write_record(mg_variant_copy *copy, mg_variant_record *record, mg_error *err)
{
    int got = 0;
    errno = 0;
    if (copy->is_bcf) {
        got = bcf_write(copy->hts, copy->from->header, record->bcf);
    } else {
        got = keeps_line(copy, record) ? mg_variant_line_with(record->line.s, &copy->fields, &copy->text)
                                       : mg_variant_line_of(copy->from->header, record->bcf, &copy->text);
        if (got == 0) got = vcf_write_line(copy->hts, &copy->text);
    }
    copy->fields.n = copy->fields.text.l = 0;
    return got == 0 ? MG_OK : cannot_write(copy, err);
}

mg_status mg_variant_copy_add(mg_variant_copy *copy, mg_variant_record *record, mg_error *err)
{
    mg_status status = copy->index != NULL ? check_order(copy, record, err) : MG_OK;
    if (status != MG_OK) return status;
    if (record->undefined && copy->is_bcf)
        return mg_fail(err, MG_EINPUT,
                       "%s line %" PRId64
                       ": a chromosome or tag that the header does not tell of, which BCF cannot hold; "
                       "write a .vcf.gz",
                       copy->from->path, record->number);
    return write_record(copy, record, err);
}

/* Index the part of the file; the index gets its name when the file has. */
static mg_status make_index(const mg_variant_copy *copy, char **ret, char **ret_part, mg_error *err)
{
    mg_status status = name_index(copy, ret, err);
    if (status == MG_OK) status = mg_whole_file_begin(*ret, copy->force, ret_part, err);
    if (status != MG_OK) return status;
    int shift = strcmp(copy->index, ".csi") == 0 ? CSI_SHIFT : 0;
    if (bcf_index_build3(copy->part, *ret_part, shift, 0) == 0) return MG_OK;
    return mg_fail(err, MG_EIO, "cannot write the index of %s: %s", copy->path, strerror(errno != 0 ? errno : EIO));
}

mg_status mg_variant_copy_end(mg_variant_copy *copy, mg_status status, mg_error *err)
{
    if (copy == NULL) return status;
    char *index = NULL, *index_part = NULL;
    errno = 0;
    if (copy->hts != NULL && hts_close(copy->hts) != 0 && status == MG_OK) status = cannot_write(copy, err);
    if (status == MG_OK && copy->index != NULL) status = make_index(copy, &index, &index_part, err);
    if (copy->part != NULL) status = mg_whole_file_end(copy->path, copy->part, copy->force, status, err);
    if (index_part != NULL) status = mg_whole_file_end(index, index_part, copy->force, status, err);
    free(index);
    free(index_part);
    free(copy->part);
    free(copy->seen);
    free(copy->fields.text.s);
    free(copy->text.s);
    free(copy);
    return status;
}
