/* places.c  place of each method, whichever way it is asked: families, choices, quarters of the score */
#include "io/figure/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/figure/plot.h"

#define LEFT   36.0 /* mm for the methods' names */
#define HEADER 3.6  /* mm for the words of an aspect */
#define TURNED 43.0 /* mm for those of a column, written upwards */
#define ROW    4.2  /* mm a method */
#define WIDEST 8.0  /* mm a column at most */

typedef struct {
    const json_t *columns, *cells;
    double column; /* mm: how wide one is */
    size_t n;
} grid;

static const char *aspect_of(const grid *g, size_t k)
{
    return mg_find_text(json_array_get(g->columns, k), "aspect");
}

static void draw_aspects(mg_canvas *canvas, const grid *g, double y)
{
    static const char *const words[][2] = {
        {"family", "families"}, {"choice", "other choices of what agreement means"}, {"quarter", "score"}};
    for (size_t k = 0, end; k < g->n; k = end) {
        const char *word = aspect_of(g, k);
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (strcmp(aspect_of(g, k), words[w][0]) == 0) word = words[w][1];
        for (end = k + 1; end < g->n && strcmp(aspect_of(g, end), aspect_of(g, k)) == 0;)
            end++;
        double from = LEFT + g->column * (double)k, to = LEFT + g->column * (double)end;
        mg_canvas_text(canvas, (from + to) / 2, y + 2.4, mg_aligned(mg_type_small, MG_CENTRE), word);
        mg_canvas_line(canvas, from + 0.5, y + HEADER - 0.3, to - 0.5, y + HEADER - 0.3, 0.4, MG_FAINT);
    }
}

static void draw_heads(mg_canvas *canvas, const grid *g, double y)
{
    static const char *const quarters[] = {"lowest", "second", "third", "highest"};
    for (size_t k = 0; k < g->n; k++) {
        const char *name = mg_find_text(json_array_get(g->columns, k), "name");
        if (strcmp(aspect_of(g, k), "quarter") == 0 && name[0] >= '1' && name[0] <= '4') name = quarters[name[0] - '1'];
        mg_canvas_text_up(canvas, LEFT + g->column * ((double)k + 0.5) + MG_HALF_LETTER, y + TURNED - 1,
                          mg_aligned(mg_type_small, MG_LEFT), name);
    }
}

static const json_t *find_cell(const grid *g, const json_t *column, const char *method)
{
    for (size_t k = 0; k < json_array_size(g->cells); k++) {
        const json_t *cell = json_array_get(g->cells, k);
        if (mg_row_is(cell, "method", method) && mg_row_is(cell, "aspect", mg_find_text(column, "aspect")) &&
            mg_row_is(cell, "name", mg_find_text(column, "name")))
            return cell;
    }
    return NULL;
}

static void draw_cell(mg_canvas *canvas, const grid *g, size_t k, const char *method, double y)
{
    const json_t *column = json_array_get(g->columns, k), *cell = find_cell(g, column, method);
    if (cell == NULL) return;
    bool sure = json_is_true(json_object_get(column, "sure")) && mg_row_is(column, "leader", method);
    mg_plot_place(canvas, LEFT + g->column * (double)k, y, g->column, ROW, mg_find_number(cell, "place"),
                  mg_find_number(column, "methods"), mg_find_flag(cell, "shared"), sure);
}

static void draw_method(mg_canvas *canvas, const grid *g, const mg_figure_method *method, double y)
{
    mg_plot_name(canvas, LEFT - 2, y + ROW / 2 + MG_HALF_LETTER, mg_aligned(mg_type_text, MG_RIGHT), LEFT - 3,
                 method->brief);
    for (size_t k = 0; k < g->n; k++)
        draw_cell(canvas, g, k, method->name, y);
}

double mg_figure_places(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    grid g = {mg_find_table(data, "places", "columns"), mg_find_table(data, "places", "cells"), 0, 0};
    double y = 2;
    g.n = json_array_size(g.columns);
    if (g.n == 0 || data->n_methods == 0) return 0;
    g.column = fmin((width - LEFT - 3) / (double)g.n, WIDEST);
    draw_aspects(canvas, &g, y);
    draw_heads(canvas, &g, y + HEADER);
    y += HEADER + TURNED;
    for (size_t m = 0; m < data->n_methods; m++, y += ROW)
        draw_method(canvas, &g, &data->method[m], y);
    if (data->has_network) {
        draw_method(canvas, &g, &data->network, y);
        y += ROW;
    }
    const json_t *group = mg_find_table(data, "group", NULL);
    char n[4 * MG_NUMBER_TEXT];
    return mg_plot_note(
        canvas, width, y + 1,
        "n = %s%s. Places by the mean, 1 is best, = shared. Framed: surely best, by paired tests against each other "
        "method "
        "(Wilcoxon signed-rank over %s, Holm over all columns, 0.05). Score: quarters of the windows by their score.",
        mg_count_words(n, mg_find_number(group, "windows"), "window"), data->group, mg_find_unit(data, true));
}
