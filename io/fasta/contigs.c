/* contigs.c  lengths out of an index, or counted */
#include "io/fasta/contigs.h"

#include <stdio.h>
#include <string.h>

#include "io/fasta/fasta.h"
#include "io/base/text.h"
#include "src/sequence/chromosome_names.h"
#include "src/core/decimal.h"

static void put(const mg_names *names, const char *name, size_t n_name, int64_t measured, int64_t *length)
{
    const mg_name *found = mg_chromosome_find(names, name, n_name);
    if (found != NULL) length[found->value] = measured;
}

/* NAME, LENGTH, and three columns (in FASTQ's index four) that say where the bases lie. */
static mg_status read_line(const mg_text *text, const char *line, const mg_names *names, int64_t *length, mg_error *err)
{
    size_t n_name = strcspn(line, "\t");
    const char *number = line + n_name + (line[n_name] == '\t');
    size_t n_number = strcspn(number, "\t");
    char digits[32];
    int64_t measured;
    snprintf(digits, sizeof digits, "%.*s", n_number < sizeof digits ? (int)n_number : 0, number);
    if (n_name == 0 || number[n_number] != '\t' || !mg_decimal_whole(digits, &measured) || measured < 1)
        return mg_text_fail(text, err, "no line of a .fai, which begins with a name, a tab and a length");
    put(names, line, n_name, measured, length);
    return MG_OK;
}

static mg_status read_index(const char *path, const mg_names *names, int64_t *length, mg_error *err)
{
    mg_text *text = NULL;
    char *line = NULL;
    mg_status status = mg_text_open(path, &text, err);
    if (status == MG_OK) status = mg_text_line(text, &line, NULL, err);
    while (status == MG_OK && line != NULL) {
        status = read_line(text, line, names, length, err);
        if (status == MG_OK) status = mg_text_line(text, &line, NULL, err);
    }
    mg_text_close(text);
    return status;
}

static mg_status measure_records(const char *path, const mg_names *names, int64_t *length, mg_error *err)
{
    mg_fasta *fasta = NULL;
    mg_fasta_record record = {0};
    mg_status status = mg_fasta_open(path, MG_FASTA_CHROMOSOMES, &fasta, err);
    if (status == MG_OK) status = mg_fasta_next(fasta, &record, err);
    while (status == MG_OK && record.name != NULL) {
        put(names, record.name, strlen(record.name), record.length, length);
        status = mg_fasta_next(fasta, &record, err);
    }
    mg_fasta_close(fasta);
    return status;
}

mg_status mg_contigs_measure(const char *path, const mg_names *names, int64_t *length, mg_error *err)
{
    return mg_path_has_ending(path, ".fai") ? read_index(path, names, length, err)
                                            : measure_records(path, names, length, err);
}
