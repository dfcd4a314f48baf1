/* truth.c  lines of measured effects: columns by their names, values, and what is given twice */
#include "io/given/truth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/text.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/core/decimal.h"

typedef enum { WINDOW, CHROMOSOME, POSITION, ALT, VALUE, SE, REF, STRAND, N_COLUMNS } column;

static const char *const column_name[N_COLUMNS] = {"window", "chromosome", "position", "alt",
                                                   "value",  "se",         "ref",      "strand"};

typedef struct {
    mg_text *text;
    int64_t length;
    int at[N_COLUMNS]; /* which column of the file; -1: it has none */
    int n_wanted;      /* columns up to the last of them */
    char *cell[N_COLUMNS];
    char *letters; /* (length + 1) of the line's window */
    mg_truth_table table;
} reader;

void mg_truth_table_destroy(mg_truth_table *table)
{
    for (size_t k = 0; k < table->n_kept; k++)
        free(table->kept[k]);
    free(table->kept);
    free(table->at);
    mg_names_destroy(&table->names);
    *table = (mg_truth_table){0};
}

/* --- columns --- */

/* The next cell of a line, ended by a zero; NULL behind the last. */
static char *next_cell(char **line)
{
    char *cell = *line;
    if (cell == NULL) return NULL;
    char *tab = strchr(cell, '\t');
    *line = tab != NULL ? tab + 1 : NULL;
    if (tab != NULL) *tab = '\0';
    return cell;
}

static mg_status name_columns(reader *r, char *line, mg_error *err)
{
    int n = 0;
    for (int c = 0; c < N_COLUMNS; c++)
        r->at[c] = -1;
    for (char *cell; (cell = next_cell(&line)) != NULL; n++)
        for (int c = 0; c < N_COLUMNS; c++) {
            if (strcmp(cell, column_name[c]) != 0) continue;
            if (r->at[c] >= 0) return mg_text_fail(r->text, err, "two columns are called %s", cell);
            r->at[c] = n;
            r->n_wanted = n + 1;
        }
    for (int c = POSITION; c <= VALUE; c++)
        if (r->at[c] < 0)
            return mg_text_fail(r->text, err,
                                "no column is called %s; the first line names them: window or chromosome, position, "
                                "alt, value, with tabs between",
                                column_name[c]);
    if ((r->at[WINDOW] < 0) == (r->at[CHROMOSOME] < 0))
        return mg_text_fail(r->text, err, "one of the columns window and chromosome is wanted, not %s",
                            r->at[WINDOW] < 0 ? "none" : "both");
    if (r->at[STRAND] >= 0 && r->at[CHROMOSOME] < 0)
        return mg_text_fail(r->text, err, "a window has no strand: its bases are 5' to 3'");
    r->table.by_chromosome = r->at[CHROMOSOME] >= 0;
    r->table.has_se = r->at[SE] >= 0;
    r->table.has_ref = r->at[REF] >= 0;
    return MG_OK;
}

static mg_status split_line(reader *r, char *line, mg_error *err)
{
    int n = 0;
    for (char *cell; n < r->n_wanted && (cell = next_cell(&line)) != NULL; n++)
        for (int c = 0; c < N_COLUMNS; c++)
            if (r->at[c] == n) r->cell[c] = cell;
    return n == r->n_wanted ? MG_OK : mg_text_fail(r->text, err, "%d columns are wanted, not %d", r->n_wanted, n);
}

/* --- cells --- */

static bool is_missing(const char *cell)
{
    static const char *const words[] = {"", "NA", "na", "N/A", "nan", "NaN", "NAN", "."};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (strcmp(cell, words[k]) == 0) return true;
    return false;
}

/* NaN where it is missing. */
static mg_status read_number(const reader *r, column c, float *ret, mg_error *err)
{
    const char *cell = r->cell[c];
    double x;
    *ret = NAN;
    if (is_missing(cell)) return MG_OK;
    bool fits = mg_decimal_read(cell, &x);
    if (fits) *ret = (float)x;
    if (!fits || !isfinite(*ret))
        return mg_text_fail(r->text, err, "%s '%.40s' is no number (NA: not measured)", column_name[c], cell);
    return MG_OK;
}

static mg_status read_base(const reader *r, column c, uint8_t *ret, mg_error *err)
{
    const char *cell = r->cell[c];
    mg_base base = cell[0] != '\0' && cell[1] == '\0' ? mg_base_from_letter(cell[0]) : MG_NOT_A_LETTER;
    *ret = base;
    if (base < MG_N_BASES || (c == REF && (base == MG_UNKNOWN || is_missing(cell)))) {
        if (base >= MG_N_BASES) *ret = MG_UNKNOWN;
        return MG_OK;
    }
    return mg_text_fail(r->text, err, "%s '%.40s' is none of A, C, G, T; only single bases are taken", column_name[c],
                        cell);
}

static mg_status read_position(const reader *r, int64_t *ret, mg_error *err)
{
    const char *cell = r->cell[POSITION];
    int64_t x, first = r->table.by_chromosome ? 1 : 0;
    if (mg_decimal_whole(cell, &x) && (x >= first || !r->table.by_chromosome)) {
        *ret = x - first;
        return MG_OK;
    }
    return mg_text_fail(r->text, err, "position '%.40s' is no whole number%s", cell,
                        r->table.by_chromosome ? " from 1 on" : "");
}

static mg_status read_strand(const reader *r, char *ret, mg_error *err)
{
    const char *cell = r->at[STRAND] >= 0 ? r->cell[STRAND] : ".";
    *ret = is_missing(cell) ? '.' : cell[0];
    if (is_missing(cell) || strcmp(cell, "+") == 0 || strcmp(cell, "-") == 0) return MG_OK;
    return mg_text_fail(r->text, err, "strand '%.40s' is none of + - .", cell);
}

/* A window's text in the letters that all windows are told in. */
static mg_status read_letters(reader *r, mg_error *err)
{
    const char *cell = r->cell[WINDOW];
    size_t n = strlen(cell);
    if (n != (size_t)r->length)
        return mg_text_fail(r->text, err, "the window has %zu letters, those of the network have %lld", n,
                            (long long)r->length);
    for (size_t i = 0; i < n; i++) {
        mg_base base = mg_base_from_letter(cell[i]);
        if (base == MG_NOT_A_LETTER) return mg_text_fail(r->text, err, "letter %zu of the window is no base", i + 1);
        r->letters[i] = mg_letter_from_base(base);
    }
    r->cell[WINDOW] = r->letters;
    return MG_OK;
}

/* The number of a text: the one it has, or the next. Of the same window there are hundreds of lines, one after the other. */
static mg_status number_of(mg_truth_table *t, const char *name, int64_t *ret, mg_error *err)
{
    size_t n = strlen(name);
    const mg_name *known = mg_names_find(&t->names, name, n);
    *ret = (int64_t)(known != NULL ? known->value : t->n_kept);
    if (known != NULL) return MG_OK;
    mg_status status = mg_grow(&t->kept, &t->kept_room, t->n_kept + 1, sizeof *t->kept, err);
    if (status == MG_OK) status = mg_copy_text(&t->kept[t->n_kept], name, err);
    if (status == MG_OK) status = mg_names_add(&t->names, t->kept[t->n_kept], n, t->n_kept, err);
    if (status == MG_OK)
        t->n_kept++;
    else if (t->n_kept < t->kept_room)
        free(t->kept[t->n_kept]);
    return status;
}

static void count(mg_truth_table *table, mg_truth_kind kind, int64_t line)
{
    mg_truth_count *c = &table->count[kind];
    if (c->n++ == 0 || line < c->line) c->line = line;
}

/* --- lines --- */

static mg_status take_line(reader *r, char *line, mg_error *err)
{
    mg_truth_table *t = &r->table;
    mg_truth_line l = {.line = mg_text_line_number(r->text), .se = NAN, .ref = MG_UNKNOWN};
    mg_status status = split_line(r, line, err);
    if (status == MG_OK && !t->by_chromosome) status = read_letters(r, err);
    if (status == MG_OK) status = read_position(r, &l.position, err);
    if (status == MG_OK) status = read_base(r, ALT, &l.alt, err);
    if (status == MG_OK) status = read_number(r, VALUE, &l.value, err);
    if (status == MG_OK && t->has_se) status = read_number(r, SE, &l.se, err);
    if (status == MG_OK && l.se < 0) status = mg_text_fail(r->text, err, "se %s is negative", r->cell[SE]);
    if (status == MG_OK && t->has_ref) status = read_base(r, REF, &l.ref, err);
    if (status == MG_OK) status = read_strand(r, &l.strand, err);
    if (status != MG_OK) return status;
    t->n_lines++;
    if (isnan(l.value)) {
        count(t, MG_TRUTH_MISSING, l.line);
        return MG_OK;
    }
    status = number_of(t, r->cell[t->by_chromosome ? CHROMOSOME : WINDOW], &l.key, err);
    if (status == MG_OK) status = mg_grow(&t->at, &t->n_room, t->n + 1, sizeof *t->at, err);
    if (status == MG_OK) t->at[t->n++] = l;
    return status;
}

static mg_status read_lines(reader *r, mg_error *err)
{
    for (bool named = false;;) {
        char *line = NULL;
        size_t length = 0;
        mg_status status = mg_text_line(r->text, &line, &length, err);
        if (status == MG_OK && line == NULL && !named)
            return mg_fail(err, MG_EINPUT, "%s is empty; its first line names the columns", mg_text_path(r->text));
        if (status != MG_OK || line == NULL) return status;
        if (length == 0 || line[0] == '#') continue;
        if (strlen(line) != length) return mg_text_fail(r->text, err, "there is a zero byte in it");
        status = named ? take_line(r, line, err) : name_columns(r, line, err);
        if (status != MG_OK) return status;
        named = true;
    }
}

/* --- order --- */

static int sign_of(int64_t difference)
{
    return (difference > 0) - (difference < 0);
}

/* Whether both are of one substitution; the strand is a part of it, because it chooses windows. */
static int compare_substitutions(const mg_truth_line *a, const mg_truth_line *b)
{
    int order = sign_of(a->key - b->key);
    if (order == 0) order = sign_of(a->position - b->position);
    if (order == 0) order = a->strand - b->strand;
    return order == 0 ? a->alt - b->alt : order;
}

static int compare_lines(const void *a, const void *b)
{
    int order = compare_substitutions(a, b);
    return order == 0 ? sign_of(((const mg_truth_line *)a)->line - ((const mg_truth_line *)b)->line) : order;
}

static bool same_number(float a, float b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* In order; the same substitution again goes, if it has the same value. */
static mg_status sort_lines(const char *path, mg_truth_table *t, mg_error *err)
{
    size_t n = 0;
    if (t->n > 0) qsort(t->at, t->n, sizeof *t->at, compare_lines);
    for (size_t k = 0; k < t->n; k++) {
        const mg_truth_line *before = n > 0 ? &t->at[n - 1] : NULL, *now = &t->at[k];
        if (before == NULL || compare_substitutions(before, now) != 0) {
            t->at[n++] = *now;
            continue;
        }
        if (before->value != now->value || !same_number(before->se, now->se))
            return mg_fail(err, MG_EINPUT,
                           "%s lines %lld and %lld give the same substitution two values; give their mean", path,
                           (long long)before->line, (long long)now->line);
        count(t, MG_TRUTH_REPEATED, now->line);
    }
    t->n = n;
    return MG_OK;
}

/* --- the whole --- */

mg_status mg_truth_read(const char *path, int64_t length, mg_truth_table *ret, mg_error *err)
{
    reader r = {.length = length, .table = {.length = length}};
    mg_status status = mg_alloc(&r.letters, (size_t)length + 1, 1, err);
    if (status == MG_OK) status = mg_text_open(path, &r.text, err);
    if (status == MG_OK) status = read_lines(&r, err);
    if (status == MG_OK) status = sort_lines(path, &r.table, err);
    if (status == MG_OK && r.table.n == 0) status = mg_fail(err, MG_EINPUT, "%s has no line with a value", path);
    mg_text_close(r.text);
    free(r.letters);
    if (status == MG_OK)
        *ret = r.table;
    else
        mg_truth_table_destroy(&r.table);
    return status;
}

/* --- words --- */

void mg_truth_describe(FILE *out, const mg_truth_table *table)
{
    static const char *const words[MG_N_TRUTH_COUNTS] = {
        [MG_TRUTH_MISSING] = "without a value",
        [MG_TRUTH_NO_WINDOW] = "in no window of the run",
        [MG_TRUTH_NO_POSITION] = "outside their window",
        [MG_TRUTH_SAME_BASE] = "with the base that is there as alt",
        [MG_TRUTH_CONTRADICTS] = "with another reference base than the run",
        [MG_TRUTH_REPEATED] = "given again",
        [MG_TRUTH_ELSEWHERE] = "of a window that was measured at another place"};
    char lines[MG_COUNT_TEXT], windows[MG_COUNT_TEXT], effects[MG_COUNT_TEXT], n[MG_COUNT_TEXT];
    fprintf(out, "%s lines%s; %s windows of the run with %s measured substitutions",
            mg_format_count(lines, table->n_lines), table->has_se ? " with standard errors" : "",
            mg_format_count(windows, table->n_windows), mg_format_count(effects, table->n_measured));
    for (int k = 0; k < MG_N_TRUTH_COUNTS; k++)
        if (table->count[k].n > 0)
            fprintf(out, "; %s %s (first in line %lld)", mg_format_count(n, table->count[k].n), words[k],
                    (long long)table->count[k].line);
}
