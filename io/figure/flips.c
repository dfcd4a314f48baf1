/* flips.c  which substitutions take the call away or make one: by class, by new base, by position */
#include "io/figure/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/figure/logo.h"

#define TOP     9.0   /* mm */
#define ROW     4.4   /* mm a class, and a base */
#define LEFT    41.0  /* mm for the classes' names */
#define SPLIT   122.0 /* mm: where the second panel begins */
#define PROFILE 20.0  /* mm: bars by position */

typedef struct {
    const char *name, *label;
    mg_colour colour;
} direction;

static const direction directions[] = {{"lost", "call lost", MG_DAMAGE}, {"gained", "call gained", MG_GAIN}};
enum { N_DIRECTIONS = sizeof directions / sizeof *directions };

static void draw_legend(mg_canvas *canvas, double x, double y)
{
    for (int d = 0; d < N_DIRECTIONS; d++) {
        mg_canvas_dot(canvas, x + 18 * d, y - 0.75, 0.55, d == 1, directions[d].colour);
        mg_canvas_text(canvas, x + 18 * d + 1.5, y, mg_type_small, directions[d].label);
    }
}

/* --- dots: rows of one direction stand in the same order as those of the other --- */

typedef struct {
    const json_t *table;
    const char *key, *value, *low, *high; /* columns: what a row is, and its number */
} dots;

static mg_range find_range(const dots *d)
{
    mg_range range = mg_range_empty();
    for (size_t k = 0; k < json_array_size(d->table); k++) {
        mg_range_add(&range, mg_find_number(json_array_get(d->table, k), d->value));
        mg_range_add(&range, mg_find_number(json_array_get(d->table, k), d->high));
    }
    if (range.low <= range.high) mg_range_add(&range, 0);
    return range;
}

static const json_t *find_dot(const dots *d, const char *name, int which)
{
    return mg_find_row(d->table, (const char *const[]){"direction", directions[which].name, d->key, name, NULL});
}

static void draw_pair(mg_canvas *canvas, const dots *d, const mg_axis *axis, const char *name, double y)
{
    for (int i = 0; i < N_DIRECTIONS; i++) {
        const json_t *row = find_dot(d, name, i);
        mg_plot_interval(canvas, axis, y + (i == 0 ? -0.9 : 0.9), mg_find_number(row, d->value),
                         mg_find_number(row, d->low), mg_find_number(row, d->high), i == 1, directions[i].colour);
    }
}

static void draw_row(mg_canvas *canvas, const dots *d, const mg_axis *axis, const json_t *row, const char *label,
                     double y)
{
    mg_canvas_text(canvas, axis->begin - 1.5, y + 0.75, mg_aligned(mg_type_small, MG_RIGHT), label);
    draw_pair(canvas, d, axis, mg_find_text(row, d->key), y);
}

/* The first of the two rows of a class or base, of which one at least has a number. */
static bool has_row(const dots *d, const json_t *row)
{
    if (!mg_row_is(row, "direction", directions[0].name)) return false;
    for (int i = 0; i < N_DIRECTIONS; i++)
        if (isfinite(mg_find_number(find_dot(d, mg_find_text(row, d->key), i), d->value))) return true;
    return false;
}

static size_t count_rows(const dots *d)
{
    size_t n = 0;
    for (size_t k = 0; k < json_array_size(d->table); k++)
        n += has_row(d, json_array_get(d->table, k)) ? 1 : 0;
    return n;
}

/* Rows from TOP down between two abscissae; returns y below them, or 0 when there are none. */
static double draw_dots(mg_canvas *canvas, const dots *d, const char *label, double left, double right,
                        const char *title)
{
    mg_range range = find_range(d);
    if (range.low > range.high) return 0;
    mg_axis axis = mg_axis_fit(range, left, right);
    double y = TOP;
    mg_plot_zero(canvas, &axis, TOP, TOP + ROW * (double)count_rows(d));
    for (size_t k = 0; k < json_array_size(d->table); k++) {
        const json_t *row = json_array_get(d->table, k);
        if (!has_row(d, row)) continue;
        draw_row(canvas, d, &axis, row, mg_find_text(row, label), y + ROW / 2);
        y += ROW;
    }
    mg_axis_draw_bottom(canvas, &axis, y, title);
    return y;
}

/* --- by position --- */

static void draw_bar(mg_canvas *canvas, const mg_columns *columns, const mg_axis *axis, const json_t *row,
                     mg_colour colour)
{
    double share = mg_find_number(row, "share"), zero = mg_axis_at(axis, 0);
    size_t k = mg_columns_find(columns, mg_find_number(row, "position"));
    if (k >= columns->n || !(share > 0)) return;
    mg_canvas_box(canvas, mg_columns_x(columns, k) + 0.1 * columns->width, mg_axis_at(axis, share),
                  0.8 * columns->width, zero - mg_axis_at(axis, share), colour);
}

static mg_range find_shares(const json_t *table, const direction *way)
{
    mg_range range = mg_range_empty();
    for (size_t k = 0; k < json_array_size(table); k++)
        if (mg_row_is(json_array_get(table, k), "direction", way->name))
            mg_range_add(&range, mg_find_number(json_array_get(table, k), "share"));
    return range;
}

static void draw_bars(mg_canvas *canvas, const mg_columns *columns, const json_t *table, const direction *way,
                      mg_range range, double y)
{
    double right = mg_columns_x(columns, columns->n);
    mg_axis axis = mg_axis_fit(range, y + PROFILE, y);
    axis.low = 0;
    mg_columns_shade_codon(canvas, columns, y, y + PROFILE);
    for (size_t k = 0; k < json_array_size(table); k++)
        if (mg_row_is(json_array_get(table, k), "direction", way->name))
            draw_bar(canvas, columns, &axis, json_array_get(table, k), way->colour);
    mg_axis_draw_left(canvas, &axis, columns->x - 1, NULL);
    mg_canvas_line(canvas, columns->x, y + PROFILE, right, y + PROFILE, 0.4, MG_INK);
    mg_canvas_text(canvas, right, y + 2.5, mg_aligned(mg_type_text, MG_RIGHT), way->label);
}

/* Bars from y down, of the directions in which anything can flip; returns y below them. */
static double draw_positions(const mg_figure_data *data, mg_canvas *canvas, double width, double y)
{
    const mg_columns columns = mg_columns_of_run(data, 14, width - 17);
    const json_t *table = mg_find_table(data, "flips", "positions");
    if (columns.n == 0) return y;
    mg_plot_panel(canvas, 2, y + 1, "d", "share of the substitutions at a position that flip the call");
    y += 4;
    for (int i = 0; i < N_DIRECTIONS; i++) {
        mg_range range = find_shares(table, &directions[i]);
        if (range.low > range.high) continue;
        draw_bars(canvas, &columns, table, &directions[i], range, y);
        y += PROFILE + 3;
    }
    mg_columns_draw_positions(canvas, &columns, y + 0.2);
    return y + 1.5;
}

/* --- beside what was published --- */

/* Among flips of the coding part: the share that make a stop, by how sure the call was. */
static double draw_published(const mg_figure_data *data, mg_canvas *canvas, double left, double right, double y)
{
    const json_t *table = mg_find_table(data, "flips", "published");
    const mg_axis axis = {0, 1, left, right};
    double top = y, published = NAN;
    char text[MG_NUMBER_TEXT];
    for (size_t k = 0; k < json_array_size(table); k++) {
        const json_t *row = json_array_get(table, k);
        if (!mg_row_is(row, "quantity", "nonsense") || isnan(mg_find_number(row, "share"))) continue;
        y += ROW;
        double least = mg_find_number(row, "least_probability"); /* NaN where a logit is explained */
        mg_canvas_print(canvas, left - 1.5, y - ROW / 2 + 0.75, mg_aligned(mg_type_small, MG_RIGHT), "%s%s",
                        isnan(least) ? "all calls" : "P \u2265 ", isnan(least) ? "" : mg_number_text(text, least, 2));
        mg_plot_interval(canvas, &axis, y - ROW / 2, mg_find_number(row, "share"), mg_find_number(row, "lo"),
                         mg_find_number(row, "hi"), false, MG_DAMAGE);
        published = mg_find_number(row, "published");
    }
    if (y == top) return top;
    double x = mg_axis_at(&axis, published);
    if (isfinite(published)) mg_canvas_line(canvas, x, top, x, y, 0.5, MG_FAINT);
    mg_axis_draw_bottom(canvas, &axis, y, "nonsense among them");
    return y;
}

double mg_figure_flips(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    const dots classes = {mg_find_table(data, "flips", "classes"), "class", "share", "lo", "hi"};
    const dots by_base = {mg_find_table(data, "flips", "bases"), "to", "share_of_flips", "lo_of_flips", "hi_of_flips"};
    const json_t *group = mg_find_table(data, "group", NULL);
    char n[4 * MG_NUMBER_TEXT], called[MG_NUMBER_TEXT];
    double left = draw_dots(canvas, &classes, "label", LEFT, SPLIT - 8, "share that flips the call");
    if (left <= 0) return 0;
    mg_plot_panel(canvas, 2, 3.5, "a", "substitutions by class");
    draw_legend(canvas, 5.5, 6.8);
    double right = draw_dots(canvas, &by_base, "to", SPLIT + 14, width - 4, "share of all flips");
    if (right > 0) mg_plot_panel(canvas, SPLIT, 3.5, "b", "flips by new base, start codon left out");
    double third = fmax(right, TOP) + 16;
    right = draw_published(data, canvas, SPLIT + 14, width - 4, third);
    if (right > third) mg_plot_panel(canvas, SPLIT, third - 2.5, "c", "calls lost in the coding part");
    double y = draw_positions(data, canvas, width, fmax(left, right) + 12);
    return mg_plot_note(
        canvas, width, y,
        "n = %s%s, %s of them called, which can lose the call; the others can gain it. Lines: 95%% "
        "interval by %s. c: windows called with that probability or more; grey line: Ozbulak et al. 2023. "
        "d: grey: start codon.",
        mg_count_words(n, mg_find_number(group, "windows"), "window"), data->group,
        mg_count_text(called, mg_find_number(group, "called")), mg_find_unit(data, false));
}
