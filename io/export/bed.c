/* bed.c  windows as BED12: the blocks are exons, the thick part is the candidate codon */
#include "io/export/sorted.h"

#include <stdlib.h>

#include "io/base/bed.h"
#include "src/core/memory.h"

typedef struct {
    int64_t contig, begin, transcript, start;
    float probability;
} record;

typedef struct {
    int64_t begin, end; /* of the window in its transcript */
} stretch;

static int compare(const void *a, const void *b)
{
    const record *x = a, *y = b;
    if (x->contig != y->contig) return x->contig < y->contig ? -1 : 1;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    if (x->transcript != y->transcript) return x->transcript < y->transcript ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

/* What of the window lies in the transcript. */
static stretch inside(const mg_export *export, int64_t transcript, int64_t start)
{
    int64_t begin = start - export->run->anchor, end = begin + export->run->shape.length;
    int64_t length = export->transcriptome.transcript[transcript].length;
    return (stretch){begin > 0 ? begin : 0, end < length ? end : length};
}

static mg_status add(mg_export_sorted *s, int64_t i, mg_error *err)
{
    const mg_export_block *b = s->block;
    record r = {.contig = s->place.contig,
                .transcript = b->transcript[i],
                .start = b->start[i],
                .probability = b->probability[i]};
    stretch seen = inside(s->export, r.transcript, r.start);
    size_t n = mg_bed_split(&s->place.placement, seen.begin, seen.end, s->own);
    if (n == 0) return MG_OK;
    r.begin = ((const mg_genome_interval *)s->own)->begin;
    return mg_record_sort_add(s->sort, &r, err);
}

static mg_status write_window(mg_export_sorted *s, const record *r, mg_error *err)
{
    mg_export_place place;
    mg_genome_interval *piece = s->own, codon[3];
    char name[MG_EXPORT_SITE_TEXT];
    stretch seen = inside(s->export, r->transcript, r->start);
    mg_writer *out = &s->out;
    int64_t length = s->export->transcriptome.transcript[r->transcript].length;
    int64_t codon_end = r->start + (s->export->task->has_codons ? 3 : 1); /* or the site's base */
    if (codon_end > length) codon_end = length;
    mg_export_find_place(s->export, r->transcript, &place); /* it had one when the record was made */
    size_t n = mg_bed_split(&place.placement, seen.begin, seen.end, piece);
    size_t n_codon = mg_bed_split(&place.placement, r->start, codon_end, codon);
    if (piece[n - 1].end >= MG_WRITER_FAR) out->far = true;
    mg_writer_text(out, mg_export_contig_name(s->export, r->contig));
    mg_writer_tab(out);
    mg_writer_integer(out, piece[0].begin);
    mg_writer_tab(out);
    mg_writer_integer(out, piece[n - 1].end);
    mg_writer_tab(out);
    mg_writer_text(out, mg_export_site(s->export, r->transcript, r->start, name));
    mg_writer_tab(out);
    mg_writer_integer(out, mg_bed_score(r->probability));
    mg_writer_tab(out);
    mg_writer_letter(out, place.placement.strand);
    mg_writer_tab(out);
    mg_writer_integer(out, codon[0].begin);
    mg_writer_tab(out);
    mg_writer_integer(out, codon[n_codon - 1].end);
    mg_writer_tab(out);
    mg_writer_letter(out, '0');
    mg_writer_tab(out);
    mg_bed_put_blocks(out, piece, n);
    return mg_writer_end_line(out, err);
}

static mg_status write_lines(mg_export_sorted *s, mg_error *err)
{
    const void *next = NULL;
    mg_status status = mg_record_sort_next(s->sort, &next, err);
    while (status == MG_OK && next != NULL) {
        status = write_window(s, next, err);
        if (status == MG_OK) status = mg_record_sort_next(s->sort, &next, err);
    }
    return status;
}

static mg_status write_bed(const mg_export *export, mg_error *err)
{
    static const mg_export_kind kind = {sizeof(record), compare, NULL, add, write_lines};
    mg_genome_interval *piece = NULL;
    mg_status status = mg_alloc(&piece, (size_t) export->run->shape.length + 1, sizeof *piece, err);
    mg_export_sorted s = {.export = export, .own = piece, .field = MG_WINDOW_SCORE};
    if (status == MG_OK) status = mg_export_write_sorted(&s, &kind, &tbx_conf_bed, err);
    free(piece);
    return status;
}

const mg_export_format mg_export_bed = {.name = "bed", .on_genome = true, .to_stdout = true, .write = write_bed};
