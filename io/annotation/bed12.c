/* bed12.c  transcripts of a genome from BED12: a line a transcript, with its exons as blocks
 *
 *     chr1  1000  5000  NM_1  0  +  1200  4800  0  2  400,500,  0,3500,
 *
 * chromosome, begin, end, name, score, strand, begin and end of what is drawn thick (the CDS; empty: none), colour, number
 * of blocks, their sizes, and where they begin, counted from the line's begin. All 0-based and half-open. One name on
 * several lines is several loci. gffread --bed draws transcripts without CDS thick as a whole and tells in a column more,
 * "CDS=1200:4800;CDSphase=0;geneID=G", what there is.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/annotation/format.h"
#include "io/annotation/record.h"
#include "src/core/memory.h"

enum {
    CHROMOSOME,
    BEGIN,
    END,
    NAME,
    SCORE,
    STRAND,
    THICK_BEGIN,
    THICK_END,
    COLOUR,
    N_BLOCKS,
    SIZES,
    BEGINS,
    N_COLUMNS
};
enum { MORE = N_COLUMNS }; /* what a column behind them says */

typedef struct {
    mg_annotation *annotation;
    mg_text *text;
    mg_piece *piece;
    size_t n_pieces, n_room;
    mg_span *span;
    size_t n_spans, n_span_room;
} builder;

/* The columns and, where there is one, one more, which is empty otherwise. Returns how many, at most N_COLUMNS. */
static size_t split(const char *line, mg_field ret[N_COLUMNS + 1])
{
    size_t n_fields = 0;
    ret[MORE] = (mg_field){line, 0};
    while (n_fields < N_COLUMNS + 1) {
        line += strspn(line, " \t");
        size_t n = strcspn(line, " \t");
        if (n == 0) break;
        ret[n_fields++] = (mg_field){line, n};
        line += n;
    }
    return n_fields < N_COLUMNS ? n_fields : N_COLUMNS;
}

static bool number(mg_field text, int64_t *ret)
{
    return mg_annotation_number(text.text, text.n, ret);
}

/* Does an item of "a=1;b=2" begin with these words? */
static bool says(mg_field items, const char *words)
{
    size_t n = strlen(words);
    for (size_t i = 0; i + n <= items.n; i++)
        if ((i == 0 || items.text[i - 1] == ';') && memcmp(items.text + i, words, n) == 0) return true;
    return false;
}

static mg_status add_piece(builder *b, mg_piece piece, mg_error *err)
{
    mg_status status = mg_grow(&b->piece, &b->n_room, b->n_pieces + 1, sizeof *b->piece, err);
    if (status == MG_OK) b->piece[b->n_pieces++] = piece;
    return status;
}

/* A block, and the share of the CDS that lies in it. */
static mg_status add_block(builder *b, mg_piece exon, int64_t thick_begin, int64_t thick_end, mg_error *err)
{
    mg_piece cds = exon;
    cds.kind = MG_PIECE_CDS;
    if (cds.begin < thick_begin) cds.begin = thick_begin;
    if (cds.end > thick_end) cds.end = thick_end;
    mg_status status = add_piece(b, exon, err);
    return status == MG_OK && cds.begin < cds.end ? add_piece(b, cds, err) : status;
}

/* What the numbers of a line say. */
typedef struct {
    int64_t begin, end, thick_begin, thick_end, n_blocks;
} range;

static bool read_range(const mg_field *column, range *ret)
{
    return number(column[BEGIN], &ret->begin) && number(column[END], &ret->end) && ret->begin < ret->end &&
           number(column[THICK_BEGIN], &ret->thick_begin) && number(column[THICK_END], &ret->thick_end) &&
           number(column[N_BLOCKS], &ret->n_blocks) && ret->n_blocks > 0;
}

/* The blocks of a line; *ret_fine is false where they are not as many as it says, or do not fill it. */
static mg_status add_blocks(builder *b, const mg_field *column, const range *r, mg_piece piece, bool *ret_fine,
                            mg_error *err)
{
    mg_field sizes = column[SIZES], begins = column[BEGINS], item;
    int64_t size = 0, begin = 0, n = 0;
    bool begins_in = false, ends_in = false; /* the CDS, in blocks */
    mg_status status = MG_OK;
    *ret_fine = false;
    piece.end = r->begin;
    while (status == MG_OK && n < r->n_blocks) {
        if (!mg_field_next_item(&sizes, &item) || !number(item, &size) || size < 1) return MG_OK;
        if (!mg_field_next_item(&begins, &item) || !number(item, &begin) || r->begin + begin < piece.end) return MG_OK;
        if (n == 0 && begin != 0) return MG_OK;
        piece.begin = r->begin + begin;
        piece.end = piece.begin + size;
        status = add_block(b, piece, r->thick_begin, r->thick_end, err);
        if (r->thick_begin >= piece.begin && r->thick_begin < piece.end) begins_in = true;
        if (r->thick_end > piece.begin && r->thick_end <= piece.end) ends_in = true;
        n++;
    }
    bool inside = r->thick_begin >= r->begin && r->thick_end <= r->end;
    bool starts = inside && (piece.strand == '-' ? ends_in : begins_in);
    bool thick_fits = r->thick_begin >= r->thick_end || starts;
    *ret_fine = piece.end == r->end && sizes.n == 0 && begins.n == 0 && thick_fits;
    return status;
}

static mg_status add_span(builder *b, const mg_piece *piece, const range *r, mg_error *err)
{
    mg_status status = mg_grow(&b->span, &b->n_span_room, b->n_spans + 1, sizeof *b->span, err);
    if (status != MG_OK) return status;
    b->span[b->n_spans++] = (mg_span){.entry = piece->entry,
                                      .chromosome = piece->chromosome,
                                      .begin = r->begin,
                                      .end = r->end,
                                      .strand = piece->strand};
    return MG_OK;
}

static mg_status add_transcript(builder *b, const mg_field *column, mg_error *err)
{
    range r = {0, 0, 0, 0, 0};
    bool fine = read_range(column, &r);
    const char *path = mg_text_path(b->text);
    int64_t line = mg_text_line_number(b->text);
    mg_piece piece = {
        .kind = MG_PIECE_EXON, .line = line, .strand = *(column[STRAND].n == 1 ? column[STRAND].text : ".")};
    if (column[NAME].n > MG_NAME_LENGTH) {
        b->annotation->n_without_id++;
        return MG_OK;
    }
    mg_status status =
        mg_annotation_entry(b->annotation, path, line, column[NAME].text, column[NAME].n, &piece.entry, err);
    if (status == MG_OK)
        status = mg_annotation_chromosome(b->annotation, column[CHROMOSOME].text, column[CHROMOSOME].n,
                                          &piece.chromosome, err);
    if (says(column[MORE], "geneID=") && !says(column[MORE], "CDS=")) r.thick_end = r.thick_begin;
    piece.in_frame = !says(column[MORE], "CDSphase=1") && !says(column[MORE], "CDSphase=2");
    if (status == MG_OK && fine) status = add_blocks(b, column, &r, piece, &fine, err);
    if (status == MG_OK && fine) status = add_span(b, &piece, &r, err);
    if (status == MG_OK && !fine)
        mg_annotation_leave_out(b->annotation, &b->annotation->entry[piece.entry],
                                "%s line %" PRId64
                                ": the blocks of transcript %s are not as BED12 has them: ascending, as "
                                "many as it says, the first at its begin, the last up to its end; what is drawn thick "
                                "lies within it, and its 5' end in a block",
                                path, line, b->annotation->entry[piece.entry].id);
    return status;
}

static bool is_record(const char *line)
{
    mg_field column[N_COLUMNS + 1];
    range r;
    return split(line, column) == N_COLUMNS && read_range(column, &r);
}

static mg_status read_bed12(mg_text *text, mg_annotation *ret, mg_error *err)
{
    builder b = {.annotation = ret, .text = text};
    mg_field column[N_COLUMNS + 1];
    char *line;
    ret->what = "CDS";
    mg_status status = MG_OK;
    while (status == MG_OK) {
        status = mg_text_line(text, &line, NULL, err);
        if (status != MG_OK || line == NULL) break;
        if (mg_annotation_is_comment(line)) continue;
        size_t n = split(line, column);
        status = n == N_COLUMNS
                     ? add_transcript(&b, column, err)
                     : mg_text_fail(text, err,
                                    "%zu columns of BED, which holds no exons: those of a genome's transcripts "
                                    "are told by the 12 columns of BED12, by GTF or GFF3",
                                    n);
    }
    if (status == MG_OK)
        status = mg_annotation_assemble(ret, mg_text_path(text), b.piece, b.n_pieces, b.span, b.n_spans, err);
    free(b.piece);
    free(b.span);
    return status;
}

const mg_annotation_format mg_annotation_bed12 = {"BED12", {".bed"}, is_record, read_bed12};
