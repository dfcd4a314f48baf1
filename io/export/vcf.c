/* vcf.c  every substitution as a variant, what it does in INFO
 *
 * One record a variant. The same variant may lie in several windows, of several codons and transcripts: what they say
 * stands in lists of the same order, an item a window. Through htslib's bcf structures.
 * Source: The Variant Call Format, version 4.2 (samtools/hts-specs).
 */
#include "io/export/sorted.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <htslib/vcf.h>

#include "src/task/starts/hgvs.h"
#include "src/core/memory.h"
#include "src/core/version.h"
#include "src/sequence/window.h"

/* What one window says of one variant. */
typedef struct {
    int64_t contig, position, transcript, start;
    int32_t number, label; /* number of HGVS; of sites the place seen from them */
    float score, effect;
    mg_base ref, alt; /* on the contig's forward strand */
    uint8_t class;
    bool behind, reverse;
} record;

typedef struct {
    bcf_hdr_t *head;
    bcf1_t *line;
    size_t n, n_room; /* windows that speak of the present variant */
    record *record;   /* owned (n_room) */
    float *number;    /* owned (number_room) */
    int32_t *integer; /* owned (integer_room) */
    size_t number_room, integer_room;
    kstring_t text;
} variant;

static int compare(const void *a, const void *b)
{
    const record *x = a, *y = b;
    if (x->contig != y->contig) return x->contig < y->contig ? -1 : 1;
    if (x->position != y->position) return x->position < y->position ? -1 : 1;
    if (x->ref != y->ref) return x->ref < y->ref ? -1 : 1;
    if (x->alt != y->alt) return x->alt < y->alt ? -1 : 1;
    if (x->transcript != y->transcript) return x->transcript < y->transcript ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

/* --- head --- */

static mg_status append(bcf_hdr_t *head, const char *line, mg_error *err)
{
    if (bcf_hdr_append(head, line) == 0) return MG_OK;
    return mg_fail(err, MG_EINPUT, "htslib does not take the line '%s' into the head of a VCF", line);
}

/* VCF 4.3, section 1.4.7; and nothing that would end the line. */
static bool is_contig_name(const char *name)
{
    if (name[0] == '\0' || name[0] == '*' || name[0] == '=') return false;
    for (; *name != '\0'; name++)
        if ((unsigned char)*name <= ' ' || *name == 0x7f || strchr("\\,\"'`()[]{}<>", *name) != NULL) return false;
    return true;
}

static mg_status append_contig(bcf_hdr_t *head, const char *name, int64_t length, mg_error *err)
{
    char *line = NULL;
    if (!is_contig_name(name))
        return mg_fail(err, MG_EINPUT, "'%s' cannot be the name of a contig in a VCF; take --format effects", name);
    int n = length < 0 ? asprintf(&line, "##contig=<ID=%s>", name)
                       : asprintf(&line, "##contig=<ID=%s,length=%" PRId64 ">", name, length);
    if (n < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = append(head, line, err);
    free(line);
    return status;
}

static mg_status append_source(const mg_export *export, bcf_hdr_t *head, mg_error *err)
{
    char *line = NULL;
    if (asprintf(&line, "##source=mutagree %s export, scores in %s", mg_version(), export->run->shape.score_name) < 0)
        return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = append(head, line, err);
    free(line);
    return status;
}

static mg_status fill_head(const mg_export *export, bcf_hdr_t *head, mg_error *err)
{
    bool codons = export->task->has_codons;
    static const char *const always[] = {
        "##INFO=<ID=STRONGEST,Number=1,Type=Float,Description=\"the EFFECT of largest magnitude\">",
        "##INFO=<ID=EFFECT,Number=.,Type=Float,Description=\"score with ALT minus score as it is, a window each\">",
        "##INFO=<ID=PROB,Number=.,Type=Float,Description=\"change of the probability, a window each\">",
        "##INFO=<ID=LABEL,Number=.,Type=Integer,Description=\"label of the window: 1, 0, or -1 where none is known\">",
    };
    static const char *const of_codons[] = {
        "##INFO=<ID=CLASS,Number=.,Type=String,Description=\"class of the substitution, a window each\">",
        "##INFO=<ID=TRANSCRIPT,Number=.,Type=String,Description=\"transcript of the window\">",
        "##INFO=<ID=START,Number=.,Type=Integer,Description=\"place of the codon in the transcript, from 0\">",
        "##INFO=<ID=HGVSC,Number=.,Type=String,Description=\"the substitution seen from the candidate codon\">",
    };
    static const char *const of_sites[] = {
        "##INFO=<ID=SITE,Number=.,Type=String,Description=\"the window\">",
        "##INFO=<ID=POSITION,Number=.,Type=Integer,Description=\"place seen from the site, whose base is 1; there is "
        "no 0\">",
    };
    mg_status status = append_source(export, head, err);
    for (int64_t c = 0; c < mg_export_n_contigs(export) && status == MG_OK; c++)
        status = append_contig(head, mg_export_contig_name(export, c), mg_export_contig_length(export, c), err);
    for (size_t k = 0; k < sizeof always / sizeof *always && status == MG_OK; k++)
        status = append(head, always[k], err);
    for (size_t k = 0; k < sizeof of_codons / sizeof *of_codons && status == MG_OK && codons; k++)
        status = append(head, of_codons[k], err);
    for (size_t k = 0; k < sizeof of_sites / sizeof *of_sites && status == MG_OK && !codons; k++)
        status = append(head, of_sites[k], err);
    if (status == MG_OK && bcf_hdr_sync(head) < 0) status = mg_fail(err, MG_EMEM, "out of memory");
    return status;
}

static mg_status begin(mg_export_sorted *s, mg_error *err)
{
    variant *v = s->own;
    v->head = bcf_hdr_init("w");
    v->line = bcf_init();
    if (v->head == NULL || v->line == NULL) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = fill_head(s->export, v->head, err);
    if (status == MG_OK && bcf_hdr_format(v->head, 0, &s->out.text) < 0)
        status = mg_fail(err, MG_EMEM, "out of memory");
    return status == MG_OK ? mg_writer_flush(&s->out, err) : status;
}

/* --- windows --- */

static mg_status add(mg_export_sorted *s, int64_t i, mg_error *err)
{
    const mg_export_block *block = s->block;
    const mg_placement *placement = &s->place.placement;
    int64_t length = s->export->run->shape.length, anchor = s->export->run->anchor;
    const mg_base *base = s->base + i * length;
    mg_reading reading = mg_reading_begin(mg_run_code(&s->export->codes, block->transcript[i]), base, length, anchor);
    record r = {.contig = s->place.contig,
                .transcript = block->transcript[i],
                .start = block->start[i],
                .score = block->score[i],
                .label = block->label[i],
                .reverse = placement->strand == '-'};
    bool codons = s->export->task->has_codons;
    mg_status status = MG_OK;
    for (int64_t p = 0; p < length; p++) {
        r.position = mg_placement_to_genome(placement, r.start - anchor + p);
        if (r.position < 0 || base[p] >= MG_N_BASES) continue;
        r.ref = mg_placement_base(placement, base[p]);
        r.number = codons ? (int32_t)mg_hgvs_number(&reading, p, &r.behind) : (int32_t)mg_window_position(p, anchor);
        for (mg_base b = 0; b < MG_N_BASES && status == MG_OK; b++) {
            if (b == base[p]) continue;
            r.alt = mg_placement_base(placement, b);
            r.effect = s->value[(i * length + p) * MG_N_BASES + b];
            if (codons) r.class = (uint8_t)mg_reading_classify(&reading, p, b);
            status = mg_record_sort_add(s->sort, &r, err);
        }
    }
    return status;
}

/* --- a variant --- */

/* A name in a list of INFO: what has a meaning there is written as %2C. */
static bool put_name(kstring_t *text, const char *name)
{
    int failed = 0;
    for (; *name != '\0'; name++) {
        bool plain = (unsigned char)*name > ' ' && *name != 0x7f && strchr(",;=%", *name) == NULL;
        failed |= (plain ? kputc(*name, text) : ksprintf(text, "%%%02X", (unsigned char)*name)) < 0;
    }
    return failed == 0;
}

typedef enum { TEXT_CLASS, TEXT_TRANSCRIPT, TEXT_HGVS } text_item;

static bool put_item(const mg_export_sorted *s, kstring_t *text, const record *r, text_item item)
{
    char hgvs[MG_HGVS_TEXT];
    mg_base from = r->reverse ? mg_base_complement(r->ref) : r->ref;
    mg_base to = r->reverse ? mg_base_complement(r->alt) : r->alt;
    switch (item) {
    case TEXT_CLASS:
        return kputs(mg_classes[r->class].name, text) >= 0;
    case TEXT_TRANSCRIPT:
        return put_name(text, s->export->transcriptome.transcript[r->transcript].name);
    case TEXT_HGVS:
        return kputs(mg_hgvs_substitution(r->number, r->behind, from, to, hgvs), text) >= 0;
    }
    return false;
}

/* "a,b,c" */
static bool set_texts(const mg_export_sorted *s, const char *key, text_item item)
{
    variant *v = s->own;
    v->text.l = 0;
    for (size_t k = 0; k < v->n; k++)
        if ((k > 0 && kputc(',', &v->text) < 0) || !put_item(s, &v->text, &v->record[k], item)) return false;
    return bcf_update_info_string(v->head, v->line, key, v->text.s) == 0;
}

static bool set_numbers(const mg_export_sorted *s)
{
    variant *v = s->own;
    float strongest = v->record[0].effect;
    for (size_t k = 0; k < v->n; k++) {
        v->number[k] = v->record[k].effect;
        if (fabsf(v->number[k]) > fabsf(strongest)) strongest = v->number[k];
    }
    if (bcf_update_info_float(v->head, v->line, "STRONGEST", &strongest, 1) != 0 ||
        bcf_update_info_float(v->head, v->line, "EFFECT", v->number, (int)v->n) != 0)
        return false;
    for (size_t k = 0; k < v->n; k++)
        v->number[k] = (float)mg_export_probability_change(s->export, v->record[k].score, v->record[k].effect);
    return isnan(v->number[0]) || bcf_update_info_float(v->head, v->line, "PROB", v->number, (int)v->n) == 0;
}

static bool set_integers(variant *v, bool codons)
{
    for (size_t k = 0; k < v->n; k++)
        v->integer[k] = codons ? (int32_t)v->record[k].start : v->record[k].number;
    const char *key = codons ? "START" : "POSITION";
    if (bcf_update_info_int32(v->head, v->line, key, v->integer, (int)v->n) != 0) return false;
    for (size_t k = 0; k < v->n; k++)
        v->integer[k] = v->record[k].label;
    return bcf_update_info_int32(v->head, v->line, "LABEL", v->integer, (int)v->n) == 0;
}

static mg_status write_variant(mg_export_sorted *s, mg_error *err)
{
    variant *v = s->own;
    if (v->n == 0) return MG_OK;
    const record *r = &v->record[0];
    const char alleles[] = {mg_letter_from_base(r->ref), ',', mg_letter_from_base(r->alt), '\0'};
    if (r->position >= MG_WRITER_FAR) s->out.far = true;
    bcf_clear(v->line);
    v->line->rid = (int32_t)r->contig;
    v->line->pos = r->position;
    bool codons = s->export->task->has_codons;
    bool fine = bcf_update_alleles_str(v->head, v->line, alleles) == 0 && set_numbers(s) &&
                (!codons || set_texts(s, "CLASS", TEXT_CLASS)) &&
                set_texts(s, codons ? "TRANSCRIPT" : "SITE", TEXT_TRANSCRIPT) && set_integers(v, codons) &&
                (!codons || set_texts(s, "HGVSC", TEXT_HGVS)) && vcf_format(v->head, v->line, &s->out.text) == 0;
    v->n = 0;
    if (!fine) return mg_fail(err, MG_EMEM, "out of memory for a record of the VCF");
    return mg_writer_flush(&s->out, err);
}

static bool is_same_variant(const record *x, const record *y)
{
    return x->contig == y->contig && x->position == y->position && x->ref == y->ref && x->alt == y->alt;
}

static mg_status take(mg_export_sorted *s, const record *r, mg_error *err)
{
    variant *v = s->own;
    mg_status status = MG_OK;
    if (v->n > 0 && !is_same_variant(&v->record[0], r)) status = write_variant(s, err);
    if (status == MG_OK) status = mg_grow(&v->record, &v->n_room, v->n + 1, sizeof *v->record, err);
    if (status == MG_OK) status = mg_grow(&v->number, &v->number_room, v->n + 1, sizeof *v->number, err);
    if (status == MG_OK) status = mg_grow(&v->integer, &v->integer_room, v->n + 1, sizeof *v->integer, err);
    if (status == MG_OK) v->record[v->n++] = *r;
    return status;
}

static mg_status write_lines(mg_export_sorted *s, mg_error *err)
{
    const void *next = NULL;
    mg_status status = mg_record_sort_next(s->sort, &next, err);
    while (status == MG_OK && next != NULL) {
        status = take(s, next, err);
        if (status == MG_OK) status = mg_record_sort_next(s->sort, &next, err);
    }
    return status == MG_OK ? write_variant(s, err) : status;
}

static mg_status write_vcf(const mg_export *export, mg_error *err)
{
    static const mg_export_kind kind = {sizeof(record), compare, begin, add, write_lines};
    variant v = {.n = 0};
    mg_export_sorted s = {.export = export, .own = &v, .field = MG_MUTATION_EFFECT};
    mg_status status = mg_export_write_sorted(&s, &kind, &tbx_conf_vcf, err);
    bcf_hdr_destroy(v.head);
    bcf_destroy(v.line);
    free(v.record);
    free(v.number);
    free(v.integer);
    free(v.text.s);
    return status;
}

const mg_export_format mg_export_vcf = {.name = "vcf",
                                        .store = MG_STORE_CONTRIBUTION,
                                        .on_genome = true,
                                        .has_lengths = true,
                                        .to_stdout = true,
                                        .ending = {".vcf", ".vcf.gz"},
                                        .write = write_vcf};
