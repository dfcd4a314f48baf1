/* choices.c  place of each method under every choice of what agreement means */
#include "io/figure/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/figure/plot.h"

#define LEFT   31.0 /* mm for the methods' names */
#define HEADER 3.6  /* mm a line of the head */
#define ROW    4.6  /* mm a method */

/* The choices, from what changes least often to what changes with every column. */
static const struct {
    const char *key, *label;
} levels[] = {{"measure", "correlation"}, {"scale", "scale"}, {"sign", "sign"}, {"reduction", "of substitutions"}};
enum { N_LEVELS = sizeof levels / sizeof *levels };

typedef struct {
    const json_t *orders, *table; /* a row a choice; a row a choice and method */
    double column;                /* mm: how wide one is */
    size_t n;
} grid;

/* Column k has the same value as the one before, in this level and those above. */
static bool goes_on(const grid *g, size_t k, int level)
{
    const json_t *row = json_array_get(g->orders, k), *before = json_array_get(g->orders, k - 1);
    for (int l = 0; l <= level; l++)
        if (!mg_row_is(before, levels[l].key, mg_find_text(row, levels[l].key))) return false;
    return true;
}

static void draw_head(mg_canvas *canvas, const grid *g, int level, double y)
{
    mg_canvas_text(canvas, LEFT - 2, y + 2.4, mg_aligned(mg_type_note, MG_RIGHT), levels[level].label);
    for (size_t k = 0; k < g->n;) {
        size_t end = k + 1;
        while (end < g->n && goes_on(g, end, level))
            end++;
        double from = LEFT + g->column * (double)k, to = LEFT + g->column * (double)end;
        mg_canvas_text(canvas, (from + to) / 2, y + 2.4, mg_aligned(mg_type_small, MG_CENTRE),
                       mg_find_text(json_array_get(g->orders, k), levels[level].key));
        mg_canvas_line(canvas, from + 0.5, y + HEADER - 0.3, to - 0.5, y + HEADER - 0.3, 0.4, MG_FAINT);
        k = end;
    }
}

static const json_t *find_cell(const grid *g, double choice, const char *method)
{
    for (size_t k = 0; k < json_array_size(g->table); k++) {
        const json_t *row = json_array_get(g->table, k);
        if (mg_find_number(row, "choice") == choice && mg_row_is(row, "method", method)) return row;
    }
    return NULL;
}

static void draw_cell(mg_canvas *canvas, const grid *g, size_t k, const char *method, size_t n_methods, double y)
{
    const json_t *order = json_array_get(g->orders, k);
    const json_t *cell = find_cell(g, mg_find_number(order, "choice"), method);
    mg_plot_place(canvas, LEFT + g->column * (double)k, y, g->column, ROW, mg_find_number(cell, "place"),
                  (double)n_methods, mg_find_flag(cell, "shared"), mg_row_is(order, "winner", method));
}

double mg_figure_choices(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    grid g = {mg_find_table(data, "sensitivity", "orders"), mg_find_table(data, "sensitivity", "choices"), 0, 0};
    double y = 2;
    g.n = json_array_size(g.orders);
    if (g.n == 0 || data->n_methods == 0) return 0;
    g.column = (width - LEFT - 3) / (double)g.n;
    for (int level = 0; level < N_LEVELS; level++)
        draw_head(canvas, &g, level, y + HEADER * level);
    y += HEADER * N_LEVELS;
    for (size_t m = 0; m < data->n_methods; m++) {
        mg_plot_name(canvas, LEFT - 2, y + ROW / 2 + MG_HALF_LETTER, mg_aligned(mg_type_text, MG_RIGHT), LEFT - 3,
                     data->method[m].brief);
        for (size_t k = 0; k < g.n; k++)
            draw_cell(canvas, &g, k, data->method[m].name, data->n_methods, y);
        y += ROW;
    }
    const json_t *group = mg_find_table(data, "group", NULL);
    char n[4 * MG_NUMBER_TEXT];
    return mg_plot_note(
        canvas, width, y + 1,
        "n = %s%s. Places by the mean correlation of contributions and effects, 1 is best. Framed: surely best, by "
        "paired tests against each other method (Wilcoxon signed-rank over %s, Holm, 0.05).",
        mg_count_words(n, mg_find_number(group, "windows"), "window"), data->group, mg_find_unit(data, true));
}
