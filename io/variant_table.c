/* variant_table.c  one list of columns, written as a line of a table or as a part of INFO */
#include "io/variant_table.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/spool.h"
#include "io/whole_file.h"
#include "src/core/memory.h"

/* --- columns --- */

typedef void write_column(kstring_t *to, const mg_variant_line *line);

static void put_text(kstring_t *to, const char *text)
{
    kputs(text != NULL && text[0] != '\0' ? text : ".", to);
}

static void put_number(kstring_t *to, double value)
{
    ksprintf(to, "%.6g", value);
}

static void put_integer(kstring_t *to, int64_t value)
{
    ksprintf(to, "%" PRId64, value);
}

static void chromosome(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, line->record->chromosome);
}
static void position(kstring_t *to, const mg_variant_line *line)
{
    put_integer(to, line->record->position + 1);
}
static void identifier(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, line->record->id);
}
static void reference(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, line->record->ref);
}
static void alternative(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, line->alternative);
}
static void state(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, mg_variant_states[line->state].name);
}
static void transcript(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, line->transcript);
}

/* Those below are asked only where there is a row. */
static void start(kstring_t *to, const mg_variant_line *line)
{
    put_integer(to, line->row->start);
}
static void label(kstring_t *to, const mg_variant_line *line)
{
    put_integer(to, line->row->label);
}
static void coding(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, line->row->coding);
}
static void protein(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, line->row->protein);
}
static void class(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, mg_change_name(line->row->class));
}
static void kozak(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, line->row->kozak);
}
static void effect(kstring_t *to, const mg_variant_line *line)
{
    put_number(to, line->row->effect);
}
static void score(kstring_t *to, const mg_variant_line *line)
{
    put_number(to, line->row->before.f);
}
static void score_after(kstring_t *to, const mg_variant_line *line)
{
    put_number(to, line->row->after.f);
}
static void probability(kstring_t *to, const mg_variant_line *line)
{
    put_number(to, line->row->before.probability);
}
static void probability_after(kstring_t *to, const mg_variant_line *line)
{
    put_number(to, line->row->after.probability);
}
static void call(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, mg_variant_call(line->row));
}

/* And those below only where an ATG is made. */
static void new_atg(kstring_t *to, const mg_variant_line *line)
{
    put_integer(to, line->row->atg);
}
static void new_class(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, mg_change_name(line->row->atg_class));
}
static void new_score(kstring_t *to, const mg_variant_line *line)
{
    put_number(to, line->row->new_atg.f);
}
static void new_probability(kstring_t *to, const mg_variant_line *line)
{
    put_number(to, line->row->new_atg.probability);
}
static void preferred(kstring_t *to, const mg_variant_line *line)
{
    put_text(to, mg_variant_prefers_new(line->row) ? "new" : "start");
}

enum { ALWAYS, OF_A_ROW, OF_A_NEW_ATG };

static const struct {
    const char *name;
    write_column *write;
    int when;
    bool in_info; /* what the record tells itself is not told again */
} columns[] = {
    {"chromosome", chromosome, ALWAYS, false},
    {"position", position, ALWAYS, false},
    {"id", identifier, ALWAYS, false},
    {"ref", reference, ALWAYS, false},
    {"alt", alternative, ALWAYS, true},
    {"state", state, ALWAYS, true},
    {"transcript", transcript, ALWAYS, true},
    {"start", start, OF_A_ROW, true},
    {"label", label, OF_A_ROW, true},
    {"hgvs_c", coding, OF_A_ROW, true},
    {"hgvs_p", protein, OF_A_ROW, true},
    {"class", class, OF_A_ROW, true},
    {"kozak", kozak, OF_A_ROW, true},
    {"effect", effect, OF_A_ROW, true},
    {"score", score, OF_A_ROW, true},
    {"score_after", score_after, OF_A_ROW, true},
    {"probability", probability, OF_A_ROW, true},
    {"probability_after", probability_after, OF_A_ROW, true},
    {"call", call, OF_A_ROW, true},
    {"new_atg", new_atg, OF_A_NEW_ATG, true},
    {"new_atg_class", new_class, OF_A_NEW_ATG, true},
    {"new_atg_score", new_score, OF_A_NEW_ATG, true},
    {"new_atg_probability", new_probability, OF_A_NEW_ATG, true},
    {"preferred", preferred, OF_A_NEW_ATG, true},
};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

const char mg_variant_info_line[] =
    "##INFO=<ID=MUTAGREE,Number=.,Type=String,Description=\"By mutagree score, a part for each allele, transcript and "
    "start: alt|state|transcript|start|label|hgvs_c|hgvs_p|class|kozak|effect|score|score_after|probability|"
    "probability_after|call|new_atg|new_atg_class|new_atg_score|new_atg_probability|preferred\">";

static void write_column_of(kstring_t *to, size_t c, const mg_variant_line *line)
{
    bool there = columns[c].when == ALWAYS || (line->row != NULL && columns[c].when == OF_A_ROW) ||
                 (line->row != NULL && line->row->makes_atg);
    if (there)
        columns[c].write(to, line);
    else
        kputc('.', to);
}

/* --- INFO --- */

/* From `first` on, write with % what VCF keeps for itself. */
static mg_status escape(kstring_t *text, size_t first, mg_error *err)
{
    kstring_t escaped = {0, 0, NULL};
    for (const char *c = text->s + first; *c != '\0'; c++)
        if (strchr(",;=%| \t", *c) != NULL)
            ksprintf(&escaped, "%%%02X", (unsigned)(unsigned char)*c);
        else
            kputc(*c, &escaped);
    text->l = first;
    bool done = kputsn(escaped.s != NULL ? escaped.s : "", escaped.l, text) >= 0;
    free(escaped.s);
    return done ? MG_OK : mg_fail(err, MG_EMEM, "no memory for a line");
}

mg_status mg_variant_info_add(kstring_t *inout, const mg_variant_line *line, mg_error *err)
{
    mg_status status = MG_OK;
    char separator = inout->l > 0 ? ',' : '\0';
    for (size_t c = 0; c < N_COLUMNS && status == MG_OK; c++) {
        if (!columns[c].in_info) continue;
        if (separator != '\0') kputc(separator, inout);
        separator = '|';
        size_t first = inout->l;
        write_column_of(inout, c, line);
        if (inout->s == NULL) return mg_fail(err, MG_EMEM, "no memory for a line");
        status = escape(inout, first, err);
    }
    return status;
}

/* --- table --- */

/* Where a line waits, and what it is ranked by. */
typedef struct {
    double size; /* |effect|; -1: not scored */
    double atg;  /* score of the new ATG; -INFINITY without one */
    int64_t number, place, length;
} waiting;

struct mg_variant_table {
    const char *path; /* points to the caller's text; NULL: standard output */
    char *part;       /* owned */
    FILE *out;
    bool ranked;
    char *head; /* owned */
    mg_spool *spool;
    size_t n_waiting, n_room;
    waiting *waiting; /* owned */
    kstring_t line;
};

static mg_status cannot_write(const mg_variant_table *table, mg_error *err)
{
    return mg_fail(err, MG_EIO, "cannot write %s: %s", table->path != NULL ? table->part : "standard output",
                   strerror(errno != 0 ? errno : EIO));
}

static mg_status open_output(mg_variant_table *table, bool force, mg_error *err)
{
    if (table->path == NULL) {
        table->out = stdout;
        return MG_OK;
    }
    mg_status status = mg_whole_file_begin(table->path, force, &table->part, err);
    if (status != MG_OK) return status;
    table->out = fopen(table->part, "we");
    return table->out != NULL ? MG_OK : mg_fail(err, MG_EIO, "cannot create %s: %s", table->part, strerror(errno));
}

/* Of a ranked table at the end: when something goes wrong before, there is nothing on standard output. */
static void write_head(const mg_variant_table *table)
{
    fputs(table->head, table->out);
    for (size_t c = 0; c < N_COLUMNS; c++)
        fprintf(table->out, "%s%s", c == 0 ? "#" : "\t", columns[c].name);
    fputc('\n', table->out);
}

mg_status mg_variant_table_create(const char *path, bool ranked, bool force, const char *head, mg_variant_table **ret,
                                  mg_error *err)
{
    mg_variant_table *table = NULL;
    mg_status status = mg_alloc(&table, 1, sizeof *table, err);
    if (status != MG_OK) return status;
    table->path = path != NULL && strcmp(path, "-") != 0 ? path : NULL;
    table->ranked = ranked;
    status = open_output(table, force, err);
    if (status == MG_OK) status = mg_copy_text(&table->head, head, err);
    if (status == MG_OK && ranked) status = mg_spool_create(NULL, &table->spool, err);
    if (status != MG_OK) return mg_variant_table_end(table, status, err);
    if (!ranked) write_head(table);
    *ret = table;
    return MG_OK;
}

static mg_status keep(mg_variant_table *table, const mg_variant_row *row, mg_error *err)
{
    int64_t length = (int64_t)table->line.l;
    mg_status status = mg_grow(&table->waiting, &table->n_room, table->n_waiting + 1, sizeof *table->waiting, err);
    if (status != MG_OK) return status;
    waiting *w = &table->waiting[table->n_waiting];
    *w = (waiting){-1, -INFINITY, (int64_t)table->n_waiting, mg_spool_take(table->spool, length), length};
    if (row != NULL) w->size = fabs(row->effect);
    if (row != NULL && row->makes_atg) w->atg = row->new_atg.f;
    table->n_waiting++;
    return mg_spool_write(table->spool, w->place, table->line.s, length, err);
}

mg_status mg_variant_table_add(mg_variant_table *table, const mg_variant_line *line, mg_error *err)
{
    table->line.l = 0;
    for (size_t c = 0; c < N_COLUMNS; c++) {
        if (c > 0) kputc('\t', &table->line);
        write_column_of(&table->line, c, line);
    }
    if (kputc('\n', &table->line) < 0) return mg_fail(err, MG_EMEM, "no memory for a line");
    if (table->ranked) return keep(table, line->row, err);
    errno = 0;
    return fwrite(table->line.s, 1, table->line.l, table->out) == table->line.l ? MG_OK : cannot_write(table, err);
}

static int compare_waiting(const void *a, const void *b)
{
    const waiting *x = a, *y = b;
    if (x->size != y->size) return x->size > y->size ? -1 : 1;
    if (x->atg != y->atg) return x->atg > y->atg ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static mg_status write_waiting(mg_variant_table *table, mg_error *err)
{
    mg_status status = MG_OK;
    write_head(table);
    if (table->n_waiting > 0) qsort(table->waiting, table->n_waiting, sizeof *table->waiting, compare_waiting);
    for (size_t i = 0; i < table->n_waiting && status == MG_OK; i++) {
        const waiting *w = &table->waiting[i];
        if (ks_resize(&table->line, (size_t)w->length) < 0) return mg_fail(err, MG_EMEM, "no memory for a line");
        status = mg_spool_read(table->spool, w->place, table->line.s, w->length, err);
        errno = 0;
        if (status == MG_OK && fwrite(table->line.s, 1, (size_t)w->length, table->out) != (size_t)w->length)
            status = cannot_write(table, err);
    }
    return status;
}

static mg_status close_output(mg_variant_table *table, mg_status status, mg_error *err)
{
    errno = 0;
    if (status == MG_OK && (fflush(table->out) != 0 || ferror(table->out))) status = cannot_write(table, err);
    if (table->path == NULL) return status;
    if (fclose(table->out) != 0 && status == MG_OK) status = cannot_write(table, err);
    return mg_whole_file_end(table->path, table->part, status, err);
}

mg_status mg_variant_table_end(mg_variant_table *table, mg_status status, mg_error *err)
{
    if (table == NULL) return status;
    if (status == MG_OK && table->ranked) status = write_waiting(table, err);
    if (table->out != NULL) status = close_output(table, status, err);
    mg_spool_destroy(table->spool);
    free(table->waiting);
    free(table->line.s);
    free(table->part);
    free(table->head);
    free(table);
    return status;
}
