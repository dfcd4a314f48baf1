/* fasta.c  FASTA records from lines */
#include "io/fasta/fasta.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/text.h"
#include "io/fasta/header_name.h"
#include "src/core/memory.h"
#include "src/sequence/names.h"
#include "src/sequence/transcript.h"

struct mg_fasta {
    mg_text *text;
    mg_fasta_kind kind;
    bool ambiguous; /* bases are kept as such */
    bool mask;      /* bases in lower case are unknown */
    char *header;   /* of the record at hand */
    char *name;
    int64_t line;
    mg_base *base;
    size_t n_bases, n_room;
    mg_names seen; /* names so far, to the index of their lines; the texts are in `owned` */
    char **owned;
    int64_t *owned_line;
    size_t n_owned_room, n_line_room;
};

mg_status mg_fasta_open(const char *path, mg_fasta_kind kind, mg_fasta **ret, mg_error *err)
{
    mg_fasta *fasta = NULL;
    mg_status status = mg_alloc(&fasta, 1, sizeof *fasta, err);
    if (status != MG_OK) return status;
    fasta->kind = kind;
    status = mg_text_open(path, &fasta->text, err);
    if (status == MG_OK) mg_text_allow_long_lines(fasta->text);
    if (status == MG_OK)
        *ret = fasta;
    else
        mg_fasta_close(fasta);
    return status;
}

void mg_fasta_keep_ambiguous(mg_fasta *fasta)
{
    fasta->ambiguous = true;
}

void mg_fasta_mask(mg_fasta *fasta)
{
    fasta->mask = true;
}

void mg_fasta_close(mg_fasta *fasta)
{
    if (fasta == NULL) return;
    for (size_t i = 0; i < fasta->seen.n; i++)
        free(fasta->owned[i]);
    mg_names_destroy(&fasta->seen);
    free(fasta->owned);
    free(fasta->owned_line);
    free(fasta->header);
    free(fasta->base);
    mg_text_close(fasta->text);
    free(fasta);
}

/* Enter the name of the record at hand among those seen, which keep it. */
static mg_status remember_name(mg_fasta *fasta, const char *name, size_t length, mg_error *err)
{
    mg_name *before = mg_names_find(&fasta->seen, name, length);
    if (before != NULL)
        return mg_text_fail(fasta->text, err,
                            "'%s' is also the name of the sequence in line %" PRId64 "; names must differ",
                            fasta->owned[before->value], fasta->owned_line[before->value]);
    size_t n = fasta->seen.n;
    mg_status status = mg_grow(&fasta->owned, &fasta->n_owned_room, n + 1, sizeof *fasta->owned, err);
    if (status == MG_OK)
        status = mg_grow(&fasta->owned_line, &fasta->n_line_room, n + 1, sizeof *fasta->owned_line, err);
    char *copy = NULL;
    if (status == MG_OK) status = mg_alloc(&copy, length + 1, 1, err);
    if (status != MG_OK) return status;
    memcpy(copy, name, length);
    status = mg_names_add(&fasta->seen, copy, length, n, err);
    if (status != MG_OK) {
        free(copy);
        return status;
    }
    fasta->owned[n] = copy;
    fasta->owned_line[n] = mg_text_line_number(fasta->text);
    fasta->name = copy;
    return MG_OK;
}

/* The name of the record at hand, in its header. NCBI's files may tell one transcript_id twice, as for genes of both sex
 * chromosomes: then the whole accession is the name. */
static const char *find_name(const mg_fasta *fasta, const char *header, size_t n_header, size_t *ret_n)
{
    if (fasta->kind != MG_FASTA_TRANSCRIPTS) {
        *ret_n = mg_header_word(header, n_header);
        return header;
    }
    const char *name = header + mg_header_name(header, n_header, ret_n);
    if (strncmp(header, "lcl|", 4) == 0 && mg_names_find(&fasta->seen, name, *ret_n) != NULL)
        name = header + mg_header_accession(header, mg_header_word(header, n_header), ret_n);
    return name;
}

static mg_status take_header(mg_fasta *fasta, const char *line, size_t length, mg_error *err)
{
    const char *header = line + 1;
    size_t n;
    const char *name = find_name(fasta, header, length - 1, &n);
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)name[i];
        if (byte < ' ' || byte == 127)
            return mg_text_fail(fasta->text, err, "byte 0x%02x in a name; is this a text file?", byte);
    }
    if (n == 0) return mg_text_fail(fasta->text, err, "a header without a name; write it right after the '>'");
    if (n > MG_NAME_LENGTH)
        return mg_text_fail(fasta->text, err, "a name of %zu bytes; at most %d are allowed", n, MG_NAME_LENGTH);
    fasta->line = mg_text_line_number(fasta->text);
    mg_status status = remember_name(fasta, name, n, err);
    if (status != MG_OK) return status;
    free(fasta->header);
    fasta->header = NULL;
    return mg_copy_text(&fasta->header, header, err);
}

static mg_status take_sequence(mg_fasta *fasta, const char *line, size_t length, mg_error *err)
{
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
        length--;
    if (length == 0) return MG_OK;
    mg_status status = mg_grow(&fasta->base, &fasta->n_room, fasta->n_bases + length, sizeof *fasta->base, err);
    if (status == MG_OK) status = mg_text_bases(fasta->text, line, length, fasta->base + fasta->n_bases, err);
    for (size_t i = 0; status == MG_OK && fasta->ambiguous && i < length; i++)
        fasta->base[fasta->n_bases + i] = mg_base_from_iupac(line[i]);
    for (size_t i = 0; status == MG_OK && fasta->mask && i < length; i++)
        if (line[i] >= 'a' && line[i] <= 'z') fasta->base[fasta->n_bases + i] = MG_UNKNOWN;
    if (status == MG_OK) fasta->n_bases += length;
    return status;
}

/* Go to the first header, over empty lines; *ret_line is NULL when there is nothing left. */
static mg_status find_header(mg_fasta *fasta, char **ret_line, size_t *ret_length, mg_error *err)
{
    mg_status status;
    do
        status = mg_text_line(fasta->text, ret_line, ret_length, err);
    while (status == MG_OK && *ret_line != NULL && *ret_length == 0);
    if (status != MG_OK) return status;
    if (*ret_line == NULL) {
        if (fasta->seen.n > 0) return MG_OK;
        return mg_fail(err, MG_EINPUT, "%s is empty: a FASTA file with at least one sequence is wanted",
                       mg_text_path(fasta->text));
    }
    if (**ret_line == '@')
        return mg_text_fail(
            fasta->text, err,
            "a read of FASTQ; a FASTA is wanted, whose headers begin with '>' (samtools fasta makes one)");
    if (**ret_line != '>')
        return mg_text_fail(fasta->text, err,
                            "sequence before the first header; a FASTA file begins with '>' and a name");
    return MG_OK;
}

mg_status mg_fasta_next(mg_fasta *fasta, mg_fasta_record *ret, mg_error *err)
{
    *ret = (mg_fasta_record){0};
    char *line;
    size_t length;
    mg_status status = find_header(fasta, &line, &length, err);
    if (status != MG_OK || line == NULL) return status;
    status = take_header(fasta, line, length, err);
    fasta->n_bases = 0;
    while (status == MG_OK) {
        status = mg_text_line(fasta->text, &line, &length, err);
        if (status != MG_OK || line == NULL) break;
        if (*line == '>' && length > 0) {
            mg_text_again(fasta->text);
            break;
        }
        status = take_sequence(fasta, line, length, err);
    }
    if (status != MG_OK) return status;
    if (fasta->n_bases == 0)
        return mg_fail(err, MG_EINPUT, "%s line %" PRId64 ": '%s' has no sequence; is the file cut short?",
                       mg_text_path(fasta->text), fasta->line, fasta->name);
    *ret = (mg_fasta_record){fasta->header, fasta->name, fasta->base, (int64_t)fasta->n_bases, fasta->line};
    return MG_OK;
}

const char *mg_fasta_path(const mg_fasta *fasta)
{
    return mg_text_path(fasta->text);
}
