/* annotation_gtf.c  GTF and GFF3: nine columns alike, and attributes written in two ways
 *
 *     GTF    transcript_id "ENST00000303450"; transcript_version "4"; tag "basic"; tag "CCDS";
 *     GFF3   ID=exon:1;Parent=transcript:ENST00000303450,transcript:ENST00000508190;tag=basic,CCDS
 *
 * The reader takes exon, CDS and start_codon records, each attribute as it comes, so that a ".gff" may hold either.
 * Which transcript a record belongs to is told by Parent (GFF3) or transcript_id (GTF).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/input/annotation_format.h"
#include "src/core/memory.h"

enum { CHROMOSOME, SOURCE, TYPE, BEGIN, END, SCORE, STRAND, PHASE, ATTRIBUTES, N_COLUMNS };

typedef struct {
    const char *text;
    size_t n;
} field;

typedef struct {
    mg_annotation *annotation;
    mg_text *text;
    mg_piece *piece;
    size_t n_pieces, n_room;
} builder;

/* What the attributes of a record say. */
typedef struct {
    field id, parent, transcript_id, version, transcript_version;
    bool start_not_found; /* a tag says so */
    bool left_partial, right_partial;
} attributes;

/* --- columns and attributes --- */

/* Columns of a line; a field too many belongs to the last. Returns how many there are. */
static size_t split(const char *line, field *column)
{
    size_t n_columns = 0;
    while (n_columns < N_COLUMNS) {
        size_t n = n_columns == ATTRIBUTES ? strlen(line) : strcspn(line, "\t");
        column[n_columns++] = (field){line, n};
        if (line[n] == '\0') break;
        line += n + 1;
    }
    return n_columns;
}

static bool is(field text, const char *word)
{
    return text.n == strlen(word) && memcmp(text.text, word, text.n) == 0;
}

/* The next attribute of *inout; false when there is no more. Quotes, where there are some, hold the value together. */
static bool next_attribute(const char **inout, field *ret_key, field *ret_value)
{
    const char *at = *inout + strspn(*inout, " ;");
    if (*at == '\0') return false;
    *ret_key = (field){at, strcspn(at, " =;")};
    at += ret_key->n;
    at += strspn(at, " ");
    if (*at == '=') at++;
    if (*at == '"') {
        at++;
        *ret_value = (field){at, strcspn(at, "\"")};
        at += ret_value->n;
        at += strcspn(at, ";");
    } else {
        size_t n = strcspn(at, ";");
        *ret_value = (field){at, n};
        at += n;
        while (ret_value->n > 0 && ret_value->text[ret_value->n - 1] == ' ')
            ret_value->n--;
    }
    *inout = at;
    return true;
}

/* The next item of a list with commas; false when there is no more. */
static bool next_item(field *inout, field *ret)
{
    if (inout->n == 0) return false;
    const char *comma = memchr(inout->text, ',', inout->n);
    ret->text = inout->text;
    ret->n = comma != NULL ? (size_t)(comma - inout->text) : inout->n;
    size_t used = comma != NULL ? ret->n + 1 : ret->n;
    inout->text += used;
    inout->n -= used;
    return true;
}

static bool tag_says_no_start(field list)
{
    field tag;
    while (next_item(&list, &tag))
        if (is(tag, "cds_start_NF") || is(tag, "mRNA_start_NF")) return true;
    return false;
}

static attributes read_attributes(const char *text)
{
    attributes found = {{0}, {0}, {0}, {0}, {0}, false, false, false};
    field key, value;
    while (next_attribute(&text, &key, &value)) {
        if (is(key, "transcript_id"))
            found.transcript_id = value;
        else if (is(key, "Parent"))
            found.parent = value;
        else if (is(key, "ID"))
            found.id = value;
        else if (is(key, "transcript_version"))
            found.transcript_version = value;
        else if (is(key, "version"))
            found.version = value;
        else if (is(key, "tag"))
            found.start_not_found = found.start_not_found || tag_says_no_start(value);
        else if (is(key, "start_range")) /* NCBI: ".,120" where the feature begins before what is known of it */
            found.left_partial = true;
        else if (is(key, "end_range"))
            found.right_partial = true;
    }
    return found;
}

/* GFF3 identifiers say of what kind they are; the name of the transcript is what follows. */
static field without_prefix(field id)
{
    static const char *const prefix[] = {"transcript:", "Transcript:", "rna-"};
    for (size_t i = 0; i < sizeof prefix / sizeof *prefix; i++) {
        size_t n = strlen(prefix[i]);
        if (id.n > n && memcmp(id.text, prefix[i], n) == 0) return (field){id.text + n, id.n - n};
    }
    return id;
}

/* --- records --- */

static mg_status chromosome_index(mg_annotation *annotation, field name, size_t *ret, mg_error *err)
{
    const mg_name *known = mg_names_find(&annotation->chromosome_names, name.text, name.n);
    if (known != NULL) {
        *ret = known->value;
        return MG_OK;
    }
    size_t n = annotation->n_chromosomes;
    mg_status status =
        mg_grow(&annotation->chromosome, &annotation->n_chromosome_room, n + 1, sizeof *annotation->chromosome, err);
    char *copy = NULL;
    if (status == MG_OK) status = mg_alloc(&copy, name.n + 1, 1, err);
    if (status != MG_OK) return status;
    memcpy(copy, name.text, name.n);
    annotation->chromosome[n] = copy;
    annotation->n_chromosomes = n + 1;
    *ret = n;
    return mg_names_add(&annotation->chromosome_names, copy, name.n, n, err);
}

/* Add a record, or its share, to the transcript `id`. */
static mg_status add_piece(builder *b, field id, const attributes *said, size_t chromosome, char strand, mg_piece piece,
                           mg_error *err)
{
    mg_status status =
        mg_annotation_entry(b->annotation, mg_text_path(b->text), piece.line, id.text, id.n, &piece.entry, err);
    if (status != MG_OK) return status;
    mg_entry *entry = &b->annotation->entry[piece.entry];
    if (entry->strand == '\0') { /* its first piece */
        entry->chromosome = chromosome;
        entry->strand = strand;
    }
    if (entry->chromosome != chromosome || entry->strand != strand || (strand != '+' && strand != '-'))
        entry->state = MG_ENTRY_SCATTERED;
    int64_t version;
    if (mg_annotation_number(said->transcript_version.text, said->transcript_version.n, &version))
        entry->version = version;
    bool partial = piece.kind == MG_PIECE_CDS && (strand == '-' ? said->right_partial : said->left_partial);
    entry->start_not_found = entry->start_not_found || said->start_not_found || partial;
    status = mg_grow(&b->piece, &b->n_room, b->n_pieces + 1, sizeof *b->piece, err);
    if (status == MG_OK) b->piece[b->n_pieces++] = piece;
    return status;
}

static mg_status add_record(builder *b, const field *column, mg_piece_kind kind, mg_error *err)
{
    int64_t first, last;
    if (!mg_annotation_number(column[BEGIN].text, column[BEGIN].n, &first) ||
        !mg_annotation_number(column[END].text, column[END].n, &last) || first < 1 || last < first)
        return mg_text_fail(b->text, err, "'%.*s' to '%.*s' is no range of bases (1-based, both ends included)",
                            (int)(column[BEGIN].n < 80 ? column[BEGIN].n : 80), column[BEGIN].text,
                            (int)(column[END].n < 80 ? column[END].n : 80), column[END].text);
    attributes said = read_attributes(column[ATTRIBUTES].text);
    field owners = said.parent.n > 0 ? said.parent : said.transcript_id, id;
    if (owners.n == 0) {
        b->annotation->n_without_id++;
        return MG_OK;
    }
    size_t chromosome = 0;
    mg_status status = chromosome_index(b->annotation, column[CHROMOSOME], &chromosome, err);
    mg_piece piece = {.kind = kind,
                      .in_frame = is(column[PHASE], "0"),
                      .begin = first - 1,
                      .end = last,
                      .line = mg_text_line_number(b->text)};
    char strand = *(column[STRAND].n == 1 ? column[STRAND].text : ".");
    if (said.parent.n == 0)
        return status != MG_OK ? status : add_piece(b, owners, &said, chromosome, strand, piece, err);
    while (status == MG_OK && next_item(&owners, &id))
        status = add_piece(b, without_prefix(id), &said, chromosome, strand, piece, err);
    return status;
}

/* A transcript's own record in Ensembl's GFF3 tells the version that its FASTA files put behind the name. */
static mg_status note_version(builder *b, const field *column, mg_error *err)
{
    if (strstr(column[ATTRIBUTES].text, "ID=transcript:") == NULL) return MG_OK;
    attributes said = read_attributes(column[ATTRIBUTES].text);
    field id = without_prefix(said.id);
    int64_t version;
    size_t index;
    if (id.n == said.id.n || !mg_annotation_number(said.version.text, said.version.n, &version)) return MG_OK;
    mg_status status = mg_annotation_entry(b->annotation, mg_text_path(b->text), mg_text_line_number(b->text), id.text,
                                           id.n, &index, err);
    if (status == MG_OK) b->annotation->entry[index].version = version;
    return status;
}

static mg_status read_record(builder *b, const char *line, mg_error *err)
{
    field column[N_COLUMNS];
    size_t n_columns = split(line, column);
    if (n_columns < N_COLUMNS)
        return mg_text_fail(b->text, err, "%zu columns; a record of GTF or GFF3 has nine, with tabs between them",
                            n_columns);
    if (is(column[TYPE], "exon")) return add_record(b, column, MG_PIECE_EXON, err);
    if (is(column[TYPE], "CDS")) return add_record(b, column, MG_PIECE_CDS, err);
    if (is(column[TYPE], "start_codon")) return add_record(b, column, MG_PIECE_START_CODON, err);
    return note_version(b, column, err);
}

static bool is_record(const char *line)
{
    field column[N_COLUMNS];
    int64_t number;
    return split(line, column) == N_COLUMNS && mg_annotation_number(column[BEGIN].text, column[BEGIN].n, &number) &&
           mg_annotation_number(column[END].text, column[END].n, &number);
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
    if (status == MG_OK) status = mg_annotation_assemble(ret, mg_text_path(text), b.piece, b.n_pieces, err);
    free(b.piece);
    return status;
}

const mg_annotation_format mg_annotation_gtf = {"GTF or GFF3", {".gtf", ".gff", ".gff3"}, is_record, read_gtf};
