/* profile.c  mean effect and mean contribution by position, coloured by position in the codon where there are codons */
#include "io/figure/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/figure/logo.h"

#define LEFT    17.0 /* mm */
#define TALL    32.0 /* mm: the mutations */
#define SMALL   9.0  /* mm: a method */
#define BETWEEN 3    /* mm */

/* Upstream, and bases 1, 2 and 3 of the codons. */
static const mg_colour frame_colours[] = {0x8c8c8c, 0x08306b, 0x2f8fc9, 0x9ecae1};

/* What the bars of one panel are made of. */
typedef struct {
    const json_t *table;
    const char *kind; /* of windows; NULL: the table has no such column */
    bool codons;
} panel;

static bool is_of(const panel *p, const json_t *row, const char *source)
{
    return mg_row_is(row, "source", source) && (p->kind == NULL || mg_row_is(row, "kind", p->kind));
}

static mg_colour bar_colour(const panel *p, double position)
{
    if (!p->codons) return frame_colours[1];
    return position < 0 ? frame_colours[0] : frame_colours[1 + (int)fmod(position - 1, 3)];
}

static mg_range find_range(const panel *p, const char *source)
{
    mg_range range = mg_range_empty();
    for (size_t k = 0; k < json_array_size(p->table); k++) {
        const json_t *row = json_array_get(p->table, k);
        if (!is_of(p, row, source)) continue;
        mg_range_add(&range, mg_find_number(row, "mean"));
        mg_range_add(&range, mg_find_number(row, "lo"));
        mg_range_add(&range, mg_find_number(row, "hi"));
    }
    if (range.low <= range.high) mg_range_add(&range, 0);
    return range;
}

static void draw_bar(mg_canvas *canvas, const mg_columns *columns, const mg_axis *axis, const panel *p,
                     const json_t *row, bool interval)
{
    double position = mg_find_number(row, "position"), mean = mg_find_number(row, "mean");
    size_t k = mg_columns_find(columns, position);
    if (k >= columns->n || isnan(mean)) return;
    double x = mg_columns_x(columns, k) + 0.1 * columns->width, zero = mg_axis_at(axis, 0), y = mg_axis_at(axis, mean);
    mg_canvas_box(canvas, x, fmin(y, zero), 0.8 * columns->width, fabs(y - zero), bar_colour(p, position));
    double low = mg_find_number(row, "lo"), high = mg_find_number(row, "hi");
    if (!interval || isnan(low) || isnan(high)) return;
    x += 0.4 * columns->width;
    mg_canvas_line(canvas, x, mg_axis_at(axis, low), x, mg_axis_at(axis, high), 0.35, MG_INK);
}

/* Bars of a source from y down; false, and nothing drawn, when it has no number. */
static bool draw_source(mg_canvas *canvas, const mg_columns *columns, const panel *p, const char *source, double y,
                        double height, bool interval)
{
    mg_range range = find_range(p, source);
    if (range.low > range.high) return false;
    mg_axis axis = mg_axis_fit(range, y + height, y);
    if (p->codons) mg_columns_shade_codon(canvas, columns, y, y + height);
    for (size_t k = 0; k < json_array_size(p->table); k++)
        if (is_of(p, json_array_get(p->table, k), source))
            draw_bar(canvas, columns, &axis, p, json_array_get(p->table, k), interval);
    mg_canvas_line(canvas, LEFT, mg_axis_at(&axis, 0), mg_columns_x(columns, columns->n), mg_axis_at(&axis, 0), 0.4,
                   MG_INK);
    mg_axis_draw_left(canvas, &axis, LEFT - 1, NULL);
    return true;
}

static void draw_legend(mg_canvas *canvas, double right, double y)
{
    static const char *const what[] = {"before the codon", "base 1 of a codon", "base 2", "base 3"};
    static const double place[] = {86, 60, 32, 16}; /* mm from the right edge */
    for (int k = 0; k < 4; k++) {
        mg_canvas_box(canvas, right - place[k], y - 1.8, 1.8, 1.8, frame_colours[k]);
        mg_canvas_text(canvas, right - place[k] + 2.6, y, mg_type_small, what[k]);
    }
}

static double note_profile(const mg_figure_data *data, mg_canvas *canvas, double width, double y)
{
    const json_t *group = mg_find_table(data, "group", NULL);
    bool codons = mg_find_codons(data);
    char n[4 * MG_NUMBER_TEXT];
    return mg_plot_note(
        canvas, width, y,
        "n = %s%s. Position relative to %s%s. Lines in a: 95%% "
        "interval by %s. a: mean over windows of minus the effect of the three substitutions at a position; "
        "b: mean contribution; each in units of the score, each with its own axis.",
        mg_count_words(n, mg_find_number(group, "windows"), "window"), data->group, mg_find_origin(data),
        codons ? " (grey), whose first base is +1" : "", mg_find_unit(data, false));
}

/* Panels a and b of one kind of windows, from y down; returns where they end, y itself where there is no number. */
static double draw_kind(const mg_figure_data *data, mg_canvas *canvas, double width, const mg_columns *columns,
                        const panel *p, double y)
{
    char what[80];
    const char *before = p->kind != NULL ? p->kind : "", *colon = p->kind != NULL ? "s: " : "";
    if (!draw_source(canvas, columns, p, "mutations", y + 7, TALL, true)) return y;
    snprintf(what, sizeof what, "%s%smutations: mean damage by position", before, colon);
    mg_plot_panel(canvas, 2, y + 4, "a", what);
    if (p->codons) draw_legend(canvas, width, y + 4);
    y += 7 + TALL + 9;
    mg_columns_draw_positions(canvas, columns, y - 5.8);
    snprintf(what, sizeof what, "%s%swhat the methods say", before, colon);
    mg_plot_panel(canvas, 2, y - 1.5, "b", what);
    y += 1;
    for (size_t m = 0; m < data->n_methods; m++) {
        if (!draw_source(canvas, columns, p, data->method[m].name, y, SMALL, false)) continue;
        mg_canvas_text(canvas, width - 3, y + 2, mg_aligned(mg_type_text, MG_RIGHT), data->method[m].brief);
        y += SMALL + BETWEEN;
    }
    mg_columns_draw_positions(canvas, columns, y + 0.5);
    return y + 2;
}

double mg_figure_profile(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    panel p = {.table = mg_find_table(data, "profile", NULL), .codons = mg_find_codons(data)};
    const mg_columns columns = mg_columns_of_run(data, LEFT, width - LEFT - 3);
    double y = 0;
    if (columns.n == 0) return 0;
    const char *last = "";
    for (size_t k = 0; k < json_array_size(p.table); k++) { /* rows of a kind stand together */
        const char *kind = mg_find_text(json_array_get(p.table, k), "kind");
        if (k > 0 && strcmp(kind, last) == 0) continue;
        last = kind;
        p.kind = kind[0] != '\0' ? kind : NULL;
        y = draw_kind(data, canvas, width, &columns, &p, y);
    }
    return y > 0 ? note_profile(data, canvas, width, y) : 0;
}
