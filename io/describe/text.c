/* text.c  sequences, annotations, variants and lists of windows, plain or compressed: told by their first line */
#include <ctype.h>
#include <htslib/bgzf.h>
#include <htslib/hts_log.h>
#include <htslib/kstring.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/describe/describe.h"

typedef struct {
    int64_t n_lines, n_headers, n_letters; /* headers begin with '>', letters stand in all other lines */
    int64_t n_records;                     /* lines that are no comment */
    bool vcf, bcf;                         /* the first line says so */
    int n_columns;                         /* of the first line that is no comment */
    bool letters_only;                     /* in that line */
} counts;

static bool is_sequence_letter(char c)
{
    return isalpha((unsigned char)c) != 0;
}

static void look_at_first(const kstring_t *line, counts *found)
{
    found->n_columns = 1;
    found->letters_only = line->l > 0;
    for (size_t i = 0; i < line->l; i++) {
        if (line->s[i] == '\t') found->n_columns++;
        if (!is_sequence_letter(line->s[i])) found->letters_only = false;
    }
}

static bool begins_with(const kstring_t *line, const char *word)
{
    size_t n = strlen(word);
    return line->l >= n && memcmp(line->s, word, n) == 0;
}

static void count_line(const kstring_t *line, counts *found)
{
    bool comment = line->l == 0 || line->s[0] == '#';
    if (found->n_lines == 0) {
        found->vcf = begins_with(line, "##fileformat=VCF");
        found->bcf = begins_with(line, "BCF\2");
    }
    found->n_lines++;
    if (comment) return;
    found->n_records++;
    if (found->n_columns == 0) look_at_first(line, found);
    if (line->s[0] == '>') {
        found->n_headers++;
    } else {
        found->n_letters += (int64_t)line->l;
    }
}

static mg_status count_file(const char *path, counts *found, const char **ret_packing, mg_error *err)
{
    static const char *const packing[] = {"none", "gzip", "bgzip"};
    kstring_t line = KS_INITIALIZE;
    hts_set_log_level(HTS_LOG_OFF); /* what goes wrong is said once, by us */
    BGZF *file = bgzf_open(path, "r");
    if (file == NULL) return mg_fail(err, MG_EINPUT, "cannot open %s", path);
    int n;
    while ((n = bgzf_getline(file, '\n', &line)) >= 0)
        count_line(&line, found);
    int compression = bgzf_compression(file);
    *ret_packing = packing[compression >= 0 && compression <= 2 ? compression : 0];
    mg_status status = n < -1 ? mg_fail(err, MG_EINPUT, "%s: cannot be unpacked; is it truncated?", path) : MG_OK;
    bgzf_close(file);
    free(line.s);
    return status;
}

mg_status mg_describe_text(const char *path, json_t *about, mg_error *err)
{
    counts found = {0};
    const char *packing = NULL, *kind = "of no kind that mutagree knows", *remark = NULL;
    mg_status status = count_file(path, &found, &packing, err);
    if (status != MG_OK) return status;
    if (found.vcf || found.bcf) {
        kind = found.vcf ? "variants (VCF)" : "variants (BCF)";
        remark = "give it to mutagree score --vcf";
    } else if (found.n_headers > 0) {
        kind = "sequences (FASTA)";
        remark = "give it to --transcripts, or to --genome with --annotation";
    } else if (found.n_columns == 9) {
        kind = "annotation (GTF or GFF3)";
        remark = "give it to --annotation";
    } else if (found.n_columns >= 3) {
        kind = "positions (BED)";
        remark = "give it to --annotation or --candidates";
    } else if (found.letters_only) {
        kind = "windows, one a line";
        remark = "give it to --windows";
    }
    json_object_set_new(about, "file", json_string(path));
    json_object_set_new(about, "kind", json_string(kind));
    json_object_set_new(about, "compression", json_string(packing));
    if (!found.bcf) json_object_set_new(about, "lines", json_integer(found.n_lines));
    if (found.vcf) json_object_set_new(about, "records", json_integer(found.n_records));
    if (found.n_headers > 0 && !found.bcf) {
        json_object_set_new(about, "sequences", json_integer(found.n_headers));
        json_object_set_new(about, "letters", json_integer(found.n_letters));
    }
    if (remark != NULL) json_object_set_new(about, "remark", json_string(remark));
    return MG_OK;
}
