/* text.c  sequences, annotations, variants and lists of windows, plain or compressed: told by their first line */
#include <ctype.h>
#include <htslib/bgzf.h>
#include <htslib/hts_log.h>
#include <htslib/kstring.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/json_text.h"
#include "io/base/line.h"
#include "io/base/packing.h"
#include "io/describe/describe.h"

typedef struct {
    int64_t n_lines, n_headers, n_letters; /* headers begin with '>', letters stand in all other lines */
    int64_t n_records;                     /* lines that are no comment */
    bool vcf, bcf, bam;                    /* the first line says so */
    bool binary;                           /* bytes that no text has, in the first lines */
    int n_columns;                         /* of the first line that is no comment */
    bool letters_only, fasta, fastq;       /* in that line */
} counts;

enum { LOOKED_AT = 100, FRONT = 64 }; /* lines; bytes */

static bool is_sequence_letter(char c)
{
    return isalpha((unsigned char)c) != 0;
}

static void look_at_first(const kstring_t *line, counts *found)
{
    found->n_columns = 1;
    found->fasta = line->l > 0 && line->s[0] == '>';
    found->fastq = line->l > 0 && line->s[0] == '@';
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

/* A zero byte, or control bytes that stand in no text. */
static bool is_binary(const kstring_t *line)
{
    for (size_t i = 0; i < line->l; i++) {
        unsigned char c = (unsigned char)line->s[i];
        if (c < ' ' && strchr("\t\r\f\v", c) == NULL) return true;
        if (c == 0) return true;
    }
    return false;
}

static void count_line(const kstring_t *line, counts *found)
{
    bool comment = line->l == 0 || line->s[0] == '#';
    if (found->n_lines == 0) {
        found->vcf = begins_with(line, "##fileformat=VCF");
        found->bcf = begins_with(line, "BCF\2");
        found->bam = begins_with(line, "BAM\1");
    }
    if (found->n_lines < LOOKED_AT) found->binary = found->binary || is_binary(line);
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
    while ((n = mg_line_read(file, MG_LINE_SEQUENCE, &line)) == 0)
        count_line(&line, found);
    int compression = bgzf_compression(file);
    *ret_packing = packing[compression >= 0 && compression <= 2 ? compression : 0];
    mg_status status = MG_OK;
    if (n == MG_LINE_TOO_LONG)
        status = mg_fail(err, MG_EINPUT, "%s: a line of more than %zu MB; it is no text", path, MG_LINE_SEQUENCE >> 20);
    else if (n != MG_LINE_END)
        status = mg_fail(err, MG_EINPUT, "%s: cannot be unpacked; is it truncated?", path);
    bgzf_close(file);
    free(line.s);
    return status;
}

/* The file's own first bytes, packed or not. */
static size_t read_front(const char *path, unsigned char front[FRONT])
{
    FILE *file = fopen(path, "rb");
    size_t n = file != NULL ? fread(front, 1, FRONT, file) : 0;
    if (file != NULL) fclose(file);
    return n;
}

/* Fields saved_model_schema_version, 1, and meta_graphs of a protocol buffer. */
static bool is_saved_model(const unsigned char *front, size_t n)
{
    return n >= 3 && front[0] == 0x08 && front[1] == 1 && front[2] == 0x12;
}

/* What a binary file is; false when it is a text, or variants. */
static bool tell_binary(const char *path, const counts *found, json_t *about)
{
    static const char convert[] = "export the network as ONNX, or its weights as safetensors or a state dict";
    unsigned char front[FRONT];
    size_t n = read_front(path, front);
    const char *packing = mg_packing_name(front, n), *remark = NULL;
    if (packing != NULL) {
        json_object_set_new(about, "kind", json_sprintf("packed by %s, which is not read", packing));
        remark = "unpack it, or pack it with gzip or bgzip";
    } else if (!found->binary || found->bcf) {
        return false;
    } else if (is_saved_model(front, n)) {
        json_object_set_new(about, "kind", json_string("network (TensorFlow SavedModel)"));
        remark = convert;
    } else {
        json_object_set_new(about, "kind",
                            json_string(found->bam ? "alignments (BAM)" : "binary, of no kind that mutagree knows"));
    }
    if (remark != NULL) json_object_set_new(about, "remark", json_string(remark));
    return true;
}

static void tell_text(const counts *found, json_t *about)
{
    const char *kind = "of no kind that mutagree knows", *remark = NULL;
    if (found->vcf || found->bcf) {
        kind = found->vcf ? "variants (VCF)" : "variants (BCF)";
        remark = "give it to mutagree score --vcf";
    } else if (found->fastq) {
        kind = "reads (FASTQ)";
        remark = "a FASTA is wanted; samtools fasta makes one";
    } else if (found->fasta) {
        kind = "sequences (FASTA)";
        remark = "give it to --transcripts, or to --genome with --annotation";
    } else if (found->n_columns == 9) {
        kind = "annotation (GTF or GFF3)";
        remark = "give it to --annotation";
    } else if (found->n_columns >= 3) {
        kind = "positions (BED)";
        remark = "give it to --annotation or --candidates";
    } else if (found->letters_only) {
        kind = "windows, one a line";
        remark = "give it to --windows";
    }
    json_object_set_new(about, "kind", json_string(kind));
    if (remark != NULL) json_object_set_new(about, "remark", json_string(remark));
}

mg_status mg_describe_text(const char *path, json_t *about, mg_error *err)
{
    counts found = {0};
    const char *packing = NULL;
    mg_status status = count_file(path, &found, &packing, err);
    if (status != MG_OK) return status;
    json_object_set_new(about, "file", mg_json_text(path));
    if (tell_binary(path, &found, about)) return MG_OK;
    tell_text(&found, about);
    json_object_set_new(about, "compression", json_string(packing));
    if (!found.bcf) json_object_set_new(about, "lines", json_integer(found.n_lines));
    if (found.vcf) json_object_set_new(about, "records", json_integer(found.n_records));
    if (found.fasta && !found.bcf) {
        json_object_set_new(about, "sequences", json_integer(found.n_headers));
        json_object_set_new(about, "letters", json_integer(found.n_letters));
    }
    return MG_OK;
}
