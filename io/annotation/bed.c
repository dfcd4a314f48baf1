/* bed.c  starts from BED in transcript coordinates: transcript, begin, end (0-based, half-open), and more
 * columns of which only the strand is looked at. The begin is the first base of the start codon. */
#include <inttypes.h>
#include <string.h>

#include "io/annotation/format.h"

enum { STRAND_COLUMN = 5, N_COLUMNS = 6 };

typedef struct {
    const char *text;
    size_t n;
} field;

/* The first fields of a line, up to N_COLUMNS; returns how many there are. */
static size_t split(const char *line, field *ret)
{
    size_t n_fields = 0;
    while (n_fields < N_COLUMNS) {
        line += strspn(line, " \t");
        size_t n = strcspn(line, " \t");
        if (n == 0) break;
        ret[n_fields++] = (field){line, n};
        line += n;
    }
    return n_fields;
}

static bool read_interval(const field *column, int64_t *ret_begin, int64_t *ret_end)
{
    return mg_annotation_number(column[1].text, column[1].n, ret_begin) &&
           mg_annotation_number(column[2].text, column[2].n, ret_end);
}

static bool is_record(const char *line)
{
    field column[N_COLUMNS];
    int64_t begin, end;
    return split(line, column) >= 3 && read_interval(column, &begin, &end);
}

static mg_status read_record(mg_annotation *annotation, const mg_text *text, const char *line, mg_error *err)
{
    field column[N_COLUMNS];
    int64_t begin, end;
    size_t n_columns = split(line, column), index;
    if (n_columns < 3)
        return mg_text_fail(text, err, "%zu columns; a BED record has transcript, begin and end", n_columns);
    if (!read_interval(column, &begin, &end))
        return mg_text_fail(text, err, "'%.*s' and '%.*s' are no begin and end of a BED record",
                            (int)(column[1].n < 80 ? column[1].n : 80), column[1].text,
                            (int)(column[2].n < 80 ? column[2].n : 80), column[2].text);
    if (end < begin + 3)
        return mg_text_fail(text, err, "from %" PRId64 " to %" PRId64 " there is no room for a codon of three bases",
                            begin, end);
    if (n_columns > STRAND_COLUMN && column[STRAND_COLUMN].n == 1 && column[STRAND_COLUMN].text[0] == '-')
        return mg_text_fail(text, err,
                            "strand '-', but a start is wanted in coordinates of its transcript; is this a BED of the "
                            "genome?");
    mg_status status = mg_annotation_entry(annotation, mg_text_path(text), mg_text_line_number(text), column[0].text,
                                           column[0].n, &index, err);
    if (status != MG_OK) return status;
    return mg_annotation_add_start(&annotation->entry[index],
                                   (mg_annotated_start){begin, end, mg_text_line_number(text)}, err);
}

static mg_status read_bed(mg_text *text, mg_annotation *ret, mg_error *err)
{
    char *line;
    ret->what = "annotated region";
    mg_status status = MG_OK;
    while (status == MG_OK) {
        status = mg_text_line(text, &line, NULL, err);
        if (status != MG_OK || line == NULL) break;
        if (!mg_annotation_is_comment(line)) status = read_record(ret, text, line, err);
    }
    return status;
}

const mg_annotation_format mg_annotation_bed = {"BED", {".bed"}, is_record, read_bed};
