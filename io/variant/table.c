/* table.c  one list of columns, written as a line of a table or as a part of INFO */
#include "io/variant/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/spool.h"
#include "src/core/memory.h"

/* --- columns --- */

typedef void write_column(mg_writer *to, const mg_variant_line *line);

static void put_text(mg_writer *to, const char *text)
{
    mg_writer_text(to, text != NULL && text[0] != '\0' ? text : ".");
}

static void chromosome(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, line->record->chromosome);
}
static void position(mg_writer *to, const mg_variant_line *line)
{
    mg_writer_integer(to, line->record->position + 1);
}
static void identifier(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, line->record->id);
}
static void reference(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, line->record->ref);
}
static void alternative(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, line->alternative);
}
static void state(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, mg_variant_states[line->state].name);
}
static void transcript(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, line->transcript);
}
static void gene(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, line->gene);
}

/* Those below are asked only where there is a row. */
static void start(mg_writer *to, const mg_variant_line *line)
{
    mg_writer_integer(to, line->row->start);
}
static void label(mg_writer *to, const mg_variant_line *line)
{
    mg_writer_integer(to, line->row->label);
}
static void coding(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, line->row->coding);
}
static void protein(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, line->row->protein);
}
static void class(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, mg_change_name(line->row->class));
}
static void kozak(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, line->row->kozak);
}
static void effect(mg_writer *to, const mg_variant_line *line)
{
    mg_writer_number(to, line->row->effect);
}
static void score(mg_writer *to, const mg_variant_line *line)
{
    mg_writer_number(to, line->row->before.f);
}
static void score_after(mg_writer *to, const mg_variant_line *line)
{
    mg_writer_number(to, line->row->after.f);
}
/* What is not defined is a dot. */
static void put_known(mg_writer *to, double x)
{
    if (isnan(x))
        mg_writer_letter(to, '.');
    else
        mg_writer_number(to, x);
}

static void probability(mg_writer *to, const mg_variant_line *line)
{
    put_known(to, line->row->before.probability);
}
static void probability_after(mg_writer *to, const mg_variant_line *line)
{
    put_known(to, line->row->after.probability);
}
static void call(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, mg_variant_call(line->row));
}

/* And those below only where an ATG is made. */
static void new_atg(mg_writer *to, const mg_variant_line *line)
{
    mg_writer_integer(to, line->row->atg);
}
static void new_class(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, mg_change_name(line->row->atg_class));
}
static void new_score(mg_writer *to, const mg_variant_line *line)
{
    mg_writer_number(to, line->row->new_atg.f);
}
static void new_probability(mg_writer *to, const mg_variant_line *line)
{
    put_known(to, line->row->new_atg.probability);
}
static void preferred(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, mg_variant_prefers_new(line->row) ? "new" : "start");
}

/* Of sites alone. */
static void strand(mg_writer *to, const mg_variant_line *line)
{
    mg_writer_letter(to, line->strand != 0 ? line->strand : '.');
}
static void place(mg_writer *to, const mg_variant_line *line)
{
    mg_writer_integer(to, line->row->place);
}
static void site_probability(mg_writer *to, const mg_variant_line *line)
{
    put_known(to, line->row->before.probability);
}
static void site_probability_after(mg_writer *to, const mg_variant_line *line)
{
    put_known(to, line->row->after.probability);
}
static void site_call(mg_writer *to, const mg_variant_line *line)
{
    put_text(to, line->calls ? mg_variant_call(line->row) : NULL);
}

enum { ALWAYS, OF_A_ROW, OF_A_NEW_ATG };

typedef struct {
    const char *name; /* NULL ends a list */
    write_column *write;
    int when;
    bool in_info; /* what the record tells itself is not told again */
} column;

static const column of_starts[] = {{"chromosome", chromosome, ALWAYS, false},
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
                                   {"gene", gene, ALWAYS, true},
                                   {NULL, NULL, 0, false}};

static const column of_sites[] = {{"chromosome", chromosome, ALWAYS, false},
                                  {"position", position, ALWAYS, false},
                                  {"id", identifier, ALWAYS, false},
                                  {"ref", reference, ALWAYS, false},
                                  {"alt", alternative, ALWAYS, true},
                                  {"state", state, ALWAYS, true},
                                  {"site", transcript, ALWAYS, true},
                                  {"strand", strand, ALWAYS, true},
                                  {"place", place, OF_A_ROW, true},
                                  {"label", label, OF_A_ROW, true},
                                  {"effect", effect, OF_A_ROW, true},
                                  {"score", score, OF_A_ROW, true},
                                  {"score_after", score_after, OF_A_ROW, true},
                                  {"probability", site_probability, OF_A_ROW, true},
                                  {"probability_after", site_probability_after, OF_A_ROW, true},
                                  {"call", site_call, OF_A_ROW, true},
                                  {"gene", gene, ALWAYS, true},
                                  {NULL, NULL, 0, false}};

static const column *const lists[] = {[MG_VARIANT_STARTS] = of_starts, [MG_VARIANT_SITES] = of_sites};

static const char start_info[] =
    "##INFO=<ID=MUTAGREE,Number=.,Type=String,Description=\"By mutagree score, a part for each allele, transcript and "
    "start: alt|state|transcript|start|label|hgvs_c|hgvs_p|class|kozak|effect|score|score_after|probability|"
    "probability_after|call|new_atg|new_atg_class|new_atg_score|new_atg_probability|preferred|gene\">";

static const char site_info[] =
    "##INFO=<ID=MUTAGREE,Number=.,Type=String,Description=\"By mutagree score, a part for each allele and site: "
    "alt|state|site|strand|place|label|effect|score|score_after|probability|probability_after|call|gene\">";

const char *mg_variant_info_line(mg_variant_columns columns)
{
    return columns == MG_VARIANT_SITES ? site_info : start_info;
}

static void write_column_of(mg_writer *to, const column *c, const mg_variant_line *line)
{
    bool there =
        c->when == ALWAYS || (line->row != NULL && c->when == OF_A_ROW) || (line->row != NULL && line->row->makes_atg);
    if (there)
        c->write(to, line);
    else
        mg_writer_letter(to, '.');
}

/* --- INFO --- */

/* What was written from `first` on, once more, with % what VCF keeps for itself. */
static void escape(mg_writer *to, size_t first)
{
    kstring_t plain = {0, 0, NULL};
    if (kputsn(to->text.s + first, to->text.l - first, &plain) < 0) to->failed = true;
    to->text.l = first;
    for (size_t i = 0; i < plain.l; i++)
        if (strchr(",;=%| ", plain.s[i]) == NULL)
            mg_writer_letter(to, plain.s[i]);
        else if (ksprintf(&to->text, "%%%02X", (unsigned)(unsigned char)plain.s[i]) < 0)
            to->failed = true;
    free(plain.s);
}

mg_status mg_variant_info_add(mg_writer *inout, mg_variant_columns columns, const mg_variant_line *line, mg_error *err)
{
    char separator = inout->text.l > 0 ? ',' : '\0';
    for (const column *c = lists[columns]; c->name != NULL && !inout->failed; c++) {
        if (!c->in_info) continue;
        if (separator != '\0') mg_writer_letter(inout, separator);
        separator = '|';
        size_t first = inout->text.l;
        write_column_of(inout, c, line);
        if (!inout->failed) escape(inout, first);
    }
    return inout->failed ? mg_fail(err, MG_EMEM, "no memory for a line") : MG_OK;
}

/* --- table --- */

/* Where a line waits, and what it is ranked by. */
typedef struct {
    double size; /* |effect|; -1: not scored */
    double atg;  /* score of the new ATG; -INFINITY without one */
    int64_t number, place, length;
} waiting;

struct mg_variant_table {
    mg_writer out;
    const column *columns;
    bool ranked;
    char *head; /* owned */
    mg_spool *spool;
    size_t n_waiting, n_room;
    waiting *waiting; /* owned */
    mg_writer line;   /* room for one; it goes nowhere by itself */
};

/* Of a ranked table at the end: when something goes wrong before, there is nothing on standard output. */
static mg_status write_head(mg_variant_table *table, mg_error *err)
{
    if (kputs(table->head, &table->out.text) < 0) table->out.failed = true;
    for (const column *c = table->columns; c->name != NULL; c++) {
        mg_writer_letter(&table->out, c == table->columns ? '#' : '\t');
        mg_writer_text(&table->out, c->name);
    }
    return mg_writer_end_line(&table->out, err);
}

mg_status mg_variant_table_create(const char *path, mg_variant_columns columns, bool ranked, bool force,
                                  const char *head, mg_variant_table **ret, mg_error *err)
{
    mg_variant_table *table = NULL;
    mg_status status = mg_alloc(&table, 1, sizeof *table, err);
    if (status != MG_OK) return status;
    table->ranked = ranked;
    table->columns = lists[columns];
    status = mg_writer_open(path, force, &table->out, err);
    table->out.table = table->line.table = true;
    if (status == MG_OK) status = mg_copy_text(&table->head, head, err);
    if (status == MG_OK && ranked) status = mg_spool_create(NULL, &table->spool, err);
    if (status == MG_OK && !ranked) status = write_head(table, err);
    if (status != MG_OK) return mg_variant_table_end(table, status, err);
    *ret = table;
    return MG_OK;
}

/* Put the line into the spool. */
static mg_status keep(mg_variant_table *table, const mg_variant_row *row, mg_error *err)
{
    int64_t length = (int64_t)table->line.text.l;
    mg_status status = mg_grow(&table->waiting, &table->n_room, table->n_waiting + 1, sizeof *table->waiting, err);
    if (status != MG_OK) return status;
    waiting *w = &table->waiting[table->n_waiting];
    *w = (waiting){-1, -INFINITY, (int64_t)table->n_waiting, mg_spool_take(table->spool, length), length};
    if (row != NULL) w->size = fabs(row->effect);
    if (row != NULL && row->makes_atg) w->atg = row->new_atg.f;
    table->n_waiting++;
    return mg_spool_write(table->spool, w->place, table->line.text.s, length, err);
}

mg_status mg_variant_table_add(mg_variant_table *table, const mg_variant_line *line, mg_error *err)
{
    mg_writer *to = table->ranked ? &table->line : &table->out;
    for (const column *c = table->columns; c->name != NULL; c++) {
        if (c != table->columns) mg_writer_tab(to);
        write_column_of(to, c, line);
    }
    if (!table->ranked) return mg_writer_end_line(to, err);
    mg_writer_letter(to, '\n');
    mg_status status = to->failed ? mg_fail(err, MG_EMEM, "no memory for a line") : keep(table, line->row, err);
    to->text.l = 0;
    return status;
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
    kstring_t *text = &table->out.text;
    mg_status status = write_head(table, err);
    if (table->n_waiting > 0) qsort(table->waiting, table->n_waiting, sizeof *table->waiting, compare_waiting);
    for (size_t i = 0; i < table->n_waiting && status == MG_OK; i++) {
        const waiting *w = &table->waiting[i];
        if (ks_resize(text, text->l + (size_t)w->length + 1) < 0) return mg_fail(err, MG_EMEM, "no memory for a line");
        status = mg_spool_read(table->spool, w->place, text->s + text->l, w->length, err);
        text->l += (size_t)w->length;
        if (status == MG_OK) status = mg_writer_flush(&table->out, err);
    }
    return status;
}

mg_status mg_variant_table_end(mg_variant_table *table, mg_status status, mg_error *err)
{
    if (table == NULL) return status;
    if (status == MG_OK && table->ranked) status = write_waiting(table, err);
    status = mg_writer_close(&table->out, status, err);
    mg_spool_destroy(table->spool);
    free(table->waiting);
    free(table->line.text.s);
    free(table->head);
    free(table);
    return status;
}
