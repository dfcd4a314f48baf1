/* stops.c  what classes of substitutions do to the score, and which source tells nonsense from the rest */
#include "io/figure/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/figure/plot.h"

#define TOP   7.0   /* mm */
#define ROW   4.4   /* mm a class, and a source */
#define LEFT  41.0  /* mm for the classes' names */
#define SPLIT 110.0 /* mm: where the second panel begins */

/* --- boxes --- */

static bool has_box(const json_t *row)
{
    return isfinite(mg_find_number(row, "median"));
}

static void draw_box(mg_canvas *canvas, const mg_axis *axis, const json_t *row, double y)
{
    static const char *const keys[] = {"q01", "q05", "q25", "median", "q75", "q95", "q99"};
    enum { Q01, Q05, Q25, MEDIAN, Q75, Q95, Q99, N_KEYS };
    mg_colour colour = mg_find_flag(row, "coding") ? MG_GAIN : 0x7f7f7f;
    double x[N_KEYS], half = 0.28 * ROW;
    if (mg_row_is(row, "class", "nonsense")) colour = MG_DAMAGE;
    for (int k = 0; k < N_KEYS; k++)
        x[k] = mg_axis_at(axis, mg_find_number(row, keys[k]));
    mg_canvas_line(canvas, x[Q05], y, x[Q25], y, 0.7, colour);
    mg_canvas_line(canvas, x[Q75], y, x[Q95], y, 0.7, colour);
    mg_canvas_box(canvas, x[Q25], y - half, x[Q75] - x[Q25], 2 * half, mg_lighter(colour, 0.7));
    mg_canvas_frame(canvas, x[Q25], y - half, x[Q75] - x[Q25], 2 * half, 0.7, colour);
    mg_canvas_line(canvas, x[MEDIAN], y - half, x[MEDIAN], y + half, 1.4, colour);
    for (int k = Q01; k <= Q99; k += Q99)
        mg_canvas_dot(canvas, x[k], y, 0.3, false, colour);
}

static mg_axis fit_boxes(const json_t *classes, size_t *ret_n)
{
    mg_range range = mg_range_empty();
    *ret_n = 0;
    for (size_t k = 0; k < json_array_size(classes); k++) {
        const json_t *row = json_array_get(classes, k);
        if (!has_box(row)) continue;
        mg_range_add(&range, mg_find_number(row, "q01"));
        mg_range_add(&range, mg_find_number(row, "q99"));
        ++*ret_n;
    }
    return mg_axis_fit(range, LEFT, SPLIT - 21);
}

/* Boxes of the classes that have substitutions; returns y below them, or 0. */
static double draw_classes(const mg_figure_data *data, mg_canvas *canvas)
{
    const json_t *classes = mg_find_table(data, "stops", "classes");
    char text[MG_NUMBER_TEXT];
    size_t n;
    mg_axis axis = fit_boxes(classes, &n);
    if (n == 0) return 0;
    double y = TOP, bottom = TOP + ROW * (double)n;
    mg_plot_panel(canvas, 2, 3.5, "a", "effect of a substitution on the score");
    mg_canvas_text(canvas, SPLIT - 8, 3.5, mg_aligned(mg_type_small, MG_RIGHT), "n");
    mg_plot_zero(canvas, &axis, TOP, bottom);
    for (size_t k = 0; k < json_array_size(classes); k++) {
        const json_t *row = json_array_get(classes, k);
        if (!has_box(row)) continue;
        double middle = y + ROW / 2;
        mg_canvas_text(canvas, LEFT - 1.5, middle + 0.75, mg_aligned(mg_type_small, MG_RIGHT),
                       mg_find_text(row, "label"));
        draw_box(canvas, &axis, row, middle);
        mg_canvas_text(canvas, SPLIT - 8, middle + 0.75, mg_aligned(mg_type_small, MG_RIGHT),
                       mg_count_text(text, mg_find_number(row, "n")));
        y += ROW;
    }
    mg_axis_draw_bottom(canvas, &axis, bottom, mg_find_text(mg_find_table(data, "run", NULL), "score"));
    return bottom;
}

/* --- area under ROC --- */

static const char *source_label(const mg_figure_data *data, const char *source, mg_colour *ret_colour)
{
    size_t m = mg_find_method(data, source);
    *ret_colour = m < data->n_methods ? data->method[m].colour : MG_INK;
    return m < data->n_methods ? data->method[m].brief : source;
}

/* Rows that are better than row k; equal ones in the table's order. */
static size_t place_of(const json_t *table, size_t k)
{
    double mean = mg_find_number(json_array_get(table, k), "mean");
    size_t before = 0;
    for (size_t i = 0; i < json_array_size(table); i++) {
        double other = mg_find_number(json_array_get(table, i), "mean");
        before += other > mean || (other == mean && i < k) ? 1 : 0;
    }
    return before;
}

static size_t count_defined(const json_t *table)
{
    size_t n = 0;
    for (size_t k = 0; k < json_array_size(table); k++)
        n += isfinite(mg_find_number(json_array_get(table, k), "mean")) ? 1 : 0;
    return n;
}

static void draw_source(const mg_figure_data *data, mg_canvas *canvas, const mg_axis *axis, const json_t *row, double y,
                        double right)
{
    char text[4 * MG_NUMBER_TEXT];
    mg_colour colour;
    double mean = mg_find_number(row, "mean"), low = mg_find_number(row, "lo"), high = mg_find_number(row, "hi");
    const char *label = source_label(data, mg_find_text(row, "source"), &colour);
    mg_plot_name(canvas, axis->begin - 1.5, y + 0.75, mg_aligned(mg_type_small, MG_RIGHT), axis->begin - SPLIT - 2,
                 label);
    mg_plot_interval(canvas, axis, y, mean, low, high, false, colour);
    mg_canvas_text(canvas, right, y + 0.75, mg_aligned(mg_type_small, MG_RIGHT),
                   mg_estimate_text(text, mean, low, high, 2));
}

static double draw_auroc(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    const json_t *table = mg_find_table(data, "stops", "auroc");
    mg_range range = {0.5, 1};
    size_t n = count_defined(table);
    if (n == 0) return 0;
    for (size_t k = 0; k < json_array_size(table); k++) {
        mg_range_add(&range, mg_find_number(json_array_get(table, k), "lo"));
        mg_range_add(&range, mg_find_number(json_array_get(table, k), "mean"));
    }
    mg_axis axis = mg_axis_fit(range, SPLIT + 27, width - 22);
    double chance = mg_axis_at(&axis, 0.5), bottom = TOP + ROW * (double)n;
    mg_plot_panel(canvas, SPLIT, 3.5, "b", "nonsense told from other coding substitutions");
    mg_canvas_line(canvas, chance, TOP, chance, bottom, 0.5, MG_FAINT);
    for (size_t k = 0; k < json_array_size(table); k++) {
        const json_t *row = json_array_get(table, k);
        if (isnan(mg_find_number(row, "mean"))) continue;
        draw_source(data, canvas, &axis, row, TOP + ROW * ((double)place_of(table, k) + 0.5), width - 2);
    }
    mg_axis_draw_bottom(canvas, &axis, bottom, "area under ROC");
    return bottom;
}

double mg_figure_stops(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    const json_t *auroc = mg_find_table(data, "stops", "auroc"), *code = mg_find_table(data, "stops", "genetic_code");
    char n[4 * MG_NUMBER_TEXT];
    double left = draw_classes(data, canvas), right = draw_auroc(data, canvas, width);
    if (left <= 0 && right <= 0) return 0;
    return mg_plot_note(
        canvas, width, fmax(left, right) + 8.5,
        "Boxes: quartiles and median; whiskers: 5%% and 95%%; dots: 1%% and 99%% of the substitutions of a class; "
        "frames relative to the start; genetic code: %s. b: mean over n = %s, 95%% interval by %s, "
        "bootstrap; mutations: the effects themselves, the most that a method could reach; grey line: chance.",
        mg_find_text(code, "name"), mg_count_words(n, mg_find_number(json_array_get(auroc, 0), "n"), "window"),
        mg_find_unit(data, false));
}
