/* gtf.c  GTF and GFF3, in one reader: each attribute is taken as it comes, so that a ".gff" may hold either
 *
 * The reader takes exon, CDS, UTR, start and stop codon records, and the place of transcripts' own records. Which
 * transcript a record belongs to is told by Parent (GFF3) or transcript_id (GTF); a CDS of GFF3 that has neither is a
 * transcript of its own, by its ID (Prodigal, Prokka).
 * Its gene is told by gene_id or gene of any of its records; else, in GFF3, by the Parent of its own record, whose Name is
 * the gene's symbol.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/annotation/format.h"
#include "io/annotation/record.h"
#include "src/core/memory.h"
#include "src/core/random.h"

typedef struct {
    mg_annotation *annotation;
    mg_text *text;
    mg_piece *piece;
    size_t n_pieces, n_room;
    mg_span *span;
    uint64_t *span_id;  /* (n_spans) hash of the id that it is the span of */
    int64_t *span_gene; /* (n_spans) its gene, -1: none is told */
    size_t n_spans, n_span_room, n_id_room, n_gene_room;
} builder;

/* GFF3 identifiers say of what kind they are; the name is what follows one of the prefixes, of which NULL is the last. */
static mg_field without_prefix(mg_field id, const char *const *prefix)
{
    for (; *prefix != NULL; prefix++) {
        size_t n = strlen(*prefix);
        if (id.n > n && memcmp(id.text, *prefix, n) == 0) return (mg_field){id.text + n, id.n - n};
    }
    return id;
}

static mg_field name_of_transcript(mg_field id)
{
    static const char *const prefix[] = {"transcript:", "Transcript:", "rna-", NULL};
    return without_prefix(id, prefix);
}

static mg_field name_of_gene(mg_field id)
{
    static const char *const prefix[] = {"gene:", "Gene:", "gene-", NULL};
    return without_prefix(id, prefix);
}

/* --- records --- */

/* Column 1 as an index; GFF3 encodes it like its attributes. */
static mg_status chromosome_of(builder *b, mg_field name, bool gff3, size_t *ret, mg_error *err)
{
    char room[MG_NAME_LENGTH + 1];
    bool decode = gff3 && name.n <= MG_NAME_LENGTH;
    mg_field decoded = decode ? mg_field_decode(name, room) : name;
    return mg_annotation_chromosome(b->annotation, decoded.text, decoded.n, ret, err);
}

/* The entry of a transcript, named as the file has it; *ret is SIZE_MAX when that is too long for a name. */
static mg_status entry_of(builder *b, mg_field raw, bool gff3, size_t *ret, mg_error *err)
{
    char room[MG_NAME_LENGTH + 1];
    *ret = SIZE_MAX;
    if (raw.n > MG_NAME_LENGTH) {
        b->annotation->n_without_id++;
        return MG_OK;
    }
    mg_field id = gff3 ? mg_field_decode(name_of_transcript(raw), room) : raw;
    mg_status status = mg_annotation_entry(b->annotation, mg_text_path(b->text), mg_text_line_number(b->text), id.text,
                                           id.n, ret, err);
    if (status != MG_OK) return status;
    mg_entry *entry = &b->annotation->entry[*ret];
    if (entry->raw != NULL || (id.n == raw.n && memcmp(id.text, raw.text, id.n) == 0)) return MG_OK;
    status = mg_alloc(&entry->raw, raw.n + 1, 1, err);
    if (status == MG_OK) memcpy(entry->raw, raw.text, raw.n);
    return status;
}

static void leave_out_range(builder *b, const mg_field *column, mg_entry *entry)
{
    const mg_field *begin = &column[MG_COLUMN_BEGIN], *end = &column[MG_COLUMN_END];
    mg_annotation_leave_out(b->annotation, entry,
                            "%s line %" PRId64 ": '%.*s' to '%.*s' is no range of bases (1-based, both ends included)",
                            mg_text_path(b->text), mg_text_line_number(b->text), (int)(begin->n < 80 ? begin->n : 80),
                            begin->text, (int)(end->n < 80 ? end->n : 80), end->text);
}

/* Phase is 0, 1, 2, or . where it means nothing. */
static void leave_out_phase(builder *b, mg_field phase, mg_entry *entry)
{
    mg_annotation_leave_out(
        b->annotation, entry,
        "%s line %" PRId64 ": the phase of this CDS of transcript %s is '%.*s'; 0, 1, 2 or . is wanted",
        mg_text_path(b->text), mg_text_line_number(b->text), entry->id, (int)(phase.n < 40 ? phase.n : 40), phase.text);
}

static bool is_phase(mg_field phase)
{
    return phase.n == 0 || (phase.n == 1 && strchr("012.", *phase.text) != NULL);
}

/* --- genes --- */

/* A gene's number, named as the file has it. */
static mg_status add_gene(builder *b, mg_field id, mg_field name, bool gff3, int64_t *ret, mg_error *err)
{
    char id_room[MG_NAME_LENGTH + 1], name_room[MG_NAME_LENGTH + 1];
    *ret = -1;
    if (id.n > MG_NAME_LENGTH) return MG_OK;
    if (name.n > MG_NAME_LENGTH) name.n = 0;
    if (gff3) id = mg_field_decode(name_of_gene(id), id_room);
    if (gff3) name = mg_field_decode(name, name_room);
    return mg_genes_add(&b->annotation->genes, id.text, id.n, name.text, name.n, ret, err);
}

/* The gene that a record itself names. */
static mg_status told_gene(builder *b, const mg_attributes *said, int64_t *ret, mg_error *err)
{
    mg_field id = said->gene_id.n > 0 ? said->gene_id : said->gene;
    mg_field name = said->gene_name.n > 0 ? said->gene_name : said->gene;
    if (id.n == 0) id = name;
    return add_gene(b, id, name, said->gff3, ret, err);
}

/* A gene's own record in GFF3, which tells its symbol. */
static mg_status note_gene(builder *b, const mg_attributes *said, mg_error *err)
{
    int64_t ignored;
    mg_field name = said->gene_name.n > 0 ? said->gene_name : said->gene.n > 0 ? said->gene : said->name;
    if (!said->gff3 || said->id.n == 0) return MG_OK;
    return add_gene(b, said->id, name, true, &ignored, err);
}

/* --- pieces --- */

/* Add a record, or its share, to the transcript `id`. */
static mg_status add_piece(builder *b, const mg_field *column, mg_field id, const mg_attributes *said, mg_piece piece,
                           mg_error *err)
{
    mg_status status = entry_of(b, id, said->gff3, &piece.entry, err);
    if (status != MG_OK || piece.entry == SIZE_MAX) return status;
    mg_entry *entry = &b->annotation->entry[piece.entry];
    if (piece.end <= piece.begin) {
        leave_out_range(b, column, entry);
        return MG_OK;
    }
    if (piece.kind == MG_PIECE_CDS && !is_phase(column[MG_COLUMN_PHASE])) {
        leave_out_phase(b, column[MG_COLUMN_PHASE], entry);
        return MG_OK;
    }
    int64_t version;
    if (mg_annotation_number(said->transcript_version.text, said->transcript_version.n, &version))
        entry->version = version;
    if (mg_annotation_number(said->transl_table.text, said->transl_table.n, &version) && version <= INT16_MAX)
        entry->coding.genetic_code = (int32_t)version;
    entry->start_not_found = entry->start_not_found || said->start_not_found;
    if (entry->gene < 0) status = told_gene(b, said, &entry->gene, err);
    if (status != MG_OK) return status;
    status = mg_grow(&b->piece, &b->n_room, b->n_pieces + 1, sizeof *b->piece, err);
    if (status == MG_OK) b->piece[b->n_pieces++] = piece;
    return status;
}

/* Columns 4 and 5; {0, 0} when they are no range. */
static void read_range(const mg_field *column, int64_t *ret_begin, int64_t *ret_end)
{
    const mg_field *begin = &column[MG_COLUMN_BEGIN], *end = &column[MG_COLUMN_END];
    int64_t first, last;
    *ret_begin = *ret_end = 0;
    if (!mg_annotation_number(begin->text, begin->n, &first) || !mg_annotation_number(end->text, end->n, &last)) return;
    if (first < 1 || last < first) return;
    *ret_begin = first - 1;
    *ret_end = last;
}

static char strand_of(const mg_field *column)
{
    return *(column[MG_COLUMN_STRAND].n == 1 ? column[MG_COLUMN_STRAND].text : ".");
}

/* The number of an exon, or of a part, which may be "1/2"; 0 when it is none. */
static int64_t number_of(mg_field text)
{
    int64_t number;
    size_t n = 0;
    while (n < text.n && text.text[n] >= '0' && text.text[n] <= '9')
        n++;
    bool whole = n == text.n || text.text[n] == '/' || text.text[n] == '%';
    return whole && mg_annotation_number(text.text, n, &number) ? number : 0;
}

static mg_piece piece_of(builder *b, const mg_field *column, mg_piece_kind kind, const mg_attributes *said)
{
    const mg_field phase = column[MG_COLUMN_PHASE], name = said->id.n > 0 ? said->id : said->protein_id;
    mg_piece piece = {.kind = kind,
                      .strand = strand_of(column),
                      .line = mg_text_line_number(b->text),
                      .trans_spliced = said->trans_spliced,
                      .is_part = said->number_is_part};
    read_range(column, &piece.begin, &piece.end);
    piece.number = number_of(said->number);
    if (kind != MG_PIECE_CDS) return piece;
    piece.in_frame = !mg_field_is(phase, "1") && !mg_field_is(phase, "2");
    piece.cut = piece.strand == '-' ? said->right_partial : said->left_partial;
    if (name.n > 0) piece.cds = mg_hash_bytes(0, name.text, name.n);
    return piece;
}

static mg_status add_record(builder *b, const mg_field *column, mg_piece_kind kind, mg_error *err)
{
    mg_attributes said = mg_record_attributes(column[MG_COLUMN_ATTRIBUTES].text);
    mg_field owners = said.parent.n > 0 ? said.parent : said.transcript_id, id;
    if (owners.n == 0 && said.gff3 && kind == MG_PIECE_CDS) owners = said.id;
    if (owners.n == 0) {
        b->annotation->n_without_id += kind != MG_PIECE_OTHER;
        return MG_OK;
    }
    mg_piece piece = piece_of(b, column, kind, &said);
    mg_status status = chromosome_of(b, column[MG_COLUMN_CHROMOSOME], said.gff3, &piece.chromosome, err);
    if (said.parent.n == 0) return status != MG_OK ? status : add_piece(b, column, owners, &said, piece, err);
    while (status == MG_OK && mg_field_next_item(&owners, &id))
        status = add_piece(b, column, id, &said, piece, err);
    return status;
}

/* --- transcripts' own records --- */

static bool ends_with(mg_field type, const char *ending)
{
    size_t n = strlen(ending);
    return type.n >= n && memcmp(type.text + type.n - n, ending, n) == 0;
}

/* mRNA, transcript, lnc_RNA, pseudogenic_transcript, ... */
static bool is_transcript_type(mg_field type)
{
    return ends_with(type, "RNA") || ends_with(type, "transcript") || ends_with(type, "gene_segment");
}

/* The gene that a transcript's own record names, or is part of. */
static mg_status gene_of_transcript(builder *b, const mg_attributes *said, int64_t *ret, mg_error *err)
{
    mg_field parents = said->parent, parent;
    mg_status status = told_gene(b, said, ret, err);
    if (status != MG_OK || *ret >= 0 || !said->gff3 || !mg_field_next_item(&parents, &parent)) return status;
    return add_gene(b, parent, (mg_field){NULL, 0}, true, ret, err);
}

/* Where it stands is kept by the hash of its id: whether that has exons is known at the end. */
static mg_status note_span(builder *b, const mg_field *column, const mg_attributes *said, mg_error *err)
{
    char room[MG_NAME_LENGTH + 1];
    mg_field id = said->gff3 ? said->id : said->transcript_id;
    if (id.n == 0 || id.n > MG_NAME_LENGTH) return MG_OK;
    if (said->gff3) id = mg_field_decode(name_of_transcript(id), room);
    mg_span span = {.entry = SIZE_MAX, .strand = strand_of(column), .trans_spliced = said->trans_spliced};
    read_range(column, &span.begin, &span.end);
    mg_status status = chromosome_of(b, column[MG_COLUMN_CHROMOSOME], said->gff3, &span.chromosome, err);
    if (status == MG_OK) status = mg_grow(&b->span, &b->n_span_room, b->n_spans + 1, sizeof *b->span, err);
    if (status == MG_OK) status = mg_grow(&b->span_id, &b->n_id_room, b->n_spans + 1, sizeof *b->span_id, err);
    if (status == MG_OK) status = mg_grow(&b->span_gene, &b->n_gene_room, b->n_spans + 1, sizeof *b->span_gene, err);
    if (status == MG_OK) status = gene_of_transcript(b, said, &b->span_gene[b->n_spans], err);
    if (status != MG_OK) return status;
    b->span[b->n_spans] = span;
    b->span_id[b->n_spans++] = mg_hash_bytes(0, id.text, id.n);
    return MG_OK;
}

/* A transcript's own record in Ensembl's GFF3 tells the version that its FASTA files put behind the name. */
static mg_status note_version(builder *b, const mg_attributes *said, mg_error *err)
{
    int64_t version;
    size_t index;
    if (said->id.n < 11 || memcmp(said->id.text, "transcript:", 11) != 0) return MG_OK;
    if (!mg_annotation_number(said->version.text, said->version.n, &version)) return MG_OK;
    mg_status status = entry_of(b, said->id, said->gff3, &index, err);
    if (status == MG_OK && index != SIZE_MAX) b->annotation->entry[index].version = version;
    return status;
}

static mg_status note_transcript(builder *b, const mg_field *column, mg_error *err)
{
    bool is_gene = ends_with(column[MG_COLUMN_TYPE], "gene");
    if (!is_gene && !is_transcript_type(column[MG_COLUMN_TYPE]) &&
        strstr(column[MG_COLUMN_ATTRIBUTES].text, "ID=transcript:") == NULL)
        return MG_OK;
    mg_attributes said = mg_record_attributes(column[MG_COLUMN_ATTRIBUTES].text);
    if (is_gene && strstr(column[MG_COLUMN_ATTRIBUTES].text, "ID=transcript:") == NULL) return note_gene(b, &said, err);
    mg_status status = note_span(b, column, &said, err);
    return status == MG_OK ? note_version(b, &said, err) : status;
}

/* The spans get the entries that they are of: by the hash of the id, which is looked for among the entries. */
static mg_status name_spans(builder *b, mg_error *err)
{
    mg_names by_hash = {0};
    mg_status status = MG_OK;
    uint64_t *hash = NULL;
    size_t n = b->annotation->n_entries;
    if (b->n_spans > 0) status = mg_alloc(&hash, n, sizeof *hash, err);
    for (size_t i = 0; b->n_spans > 0 && i < n && status == MG_OK; i++) {
        const char *id = b->annotation->entry[i].id;
        hash[i] = mg_hash_bytes(0, id, strlen(id));
        if (mg_names_find(&by_hash, (const char *)&hash[i], sizeof hash[i]) == NULL)
            status = mg_names_add(&by_hash, (const char *)&hash[i], sizeof hash[i], i, err);
    }
    for (size_t i = 0; i < b->n_spans && status == MG_OK; i++) {
        const mg_name *found = mg_names_find(&by_hash, (const char *)&b->span_id[i], sizeof b->span_id[i]);
        if (found == NULL) continue;
        b->span[i].entry = found->value;
        mg_entry *entry = &b->annotation->entry[found->value];
        if (entry->gene < 0) entry->gene = b->span_gene[i];
    }
    mg_names_destroy(&by_hash);
    free(hash);
    return status;
}

/* --- the file --- */

/* The kind of exon a type stands for; false when for none. */
static bool piece_kind(mg_field type, mg_piece_kind *ret)
{
    static const struct {
        const char *type;
        mg_piece_kind kind;
    } known[] = {{"exon", MG_PIECE_EXON},
                 {"CDS", MG_PIECE_CDS},
                 {"start_codon", MG_PIECE_START_CODON},
                 {"stop_codon", MG_PIECE_OTHER},
                 {"five_prime_UTR", MG_PIECE_OTHER},
                 {"three_prime_UTR", MG_PIECE_OTHER},
                 {"five_prime_utr", MG_PIECE_OTHER},
                 {"three_prime_utr", MG_PIECE_OTHER},
                 {"5UTR", MG_PIECE_OTHER},
                 {"3UTR", MG_PIECE_OTHER},
                 {"UTR", MG_PIECE_OTHER}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!mg_field_is(type, known[i].type)) continue;
        *ret = known[i].kind;
        return true;
    }
    return false;
}

static mg_status read_record(builder *b, const char *line, mg_error *err)
{
    mg_field column[MG_N_COLUMNS];
    mg_piece_kind kind;
    size_t n_columns = mg_record_split(line, column);
    if (n_columns < MG_N_COLUMNS)
        return mg_text_fail(b->text, err, "%zu columns; a record of GTF or GFF3 has nine, with tabs between them",
                            n_columns);
    if (piece_kind(column[MG_COLUMN_TYPE], &kind)) return add_record(b, column, kind, err);
    return note_transcript(b, column, err);
}

static bool is_record(const char *line)
{
    mg_field column[MG_N_COLUMNS];
    int64_t number;
    return mg_record_split(line, column) == MG_N_COLUMNS &&
           mg_annotation_number(column[MG_COLUMN_BEGIN].text, column[MG_COLUMN_BEGIN].n, &number) &&
           mg_annotation_number(column[MG_COLUMN_END].text, column[MG_COLUMN_END].n, &number);
}

static mg_status read_gtf(mg_text *text, mg_annotation *ret, mg_error *err)
{
    builder b = {.annotation = ret, .text = text};
    char *line;
    ret->what = "start codon";
    mg_status status = MG_OK;
    while (status == MG_OK) {
        status = mg_text_line(text, &line, NULL, err);
        if (status != MG_OK || line == NULL) break;
        if (strncmp(line, "##FASTA", 7) == 0) break; /* GFF3: from here on, sequences */
        if (!mg_annotation_is_comment(line)) status = read_record(&b, line, err);
    }
    if (status == MG_OK) status = name_spans(&b, err);
    if (status == MG_OK)
        status = mg_annotation_assemble(ret, mg_text_path(text), b.piece, b.n_pieces, b.span, b.n_spans, err);
    free(b.piece);
    free(b.span);
    free(b.span_id);
    free(b.span_gene);
    return status;
}

const mg_annotation_format mg_annotation_gtf = {"GTF or GFF3", {".gtf", ".gff", ".gff3"}, is_record, read_gtf};
