/* sensitivity.c  how the agreement of each method moves when one choice is made the other way */
#include "io/figure/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/figure/plot.h"
#include "src/core/memory.h"

#define TOP    7.0 /* mm */
#define HEIGHT 52.0
#define NAME   26.0 /* mm for a name */
#define SLOPE  15.0 /* mm between the two ends of a slope */

/* A choice that can be made in two ways; the first is that of the run. */
typedef struct {
    const char *letter, *key, *what;
    const char *value[2], *label[2];
} fork;

static const fork forks[] = {
    {"a", "scale", "scale of the effects", {"log-odds", "probability"}, {"log-odds", "probability"}},
    {"b", "sign", "signed or absolute", {"signed", "absolute"}, {"signed", "absolute"}},
    {"c", "reduction", "mean or worst substitution", {"mean", "worst"}, {"mean", "worst"}},
};
enum { N_FORKS = sizeof forks / sizeof *forks };

/* The row of a method when the fork is taken to one side and all else is as in the run. */
static const json_t *find_choice(const mg_figure_data *data, const fork *f, int side, const char *method)
{
    static const char *const keys[] = {"measure", "scale", "sign", "reduction"};
    const json_t *base = mg_find_table(data, "sensitivity", "base"),
                 *table = mg_find_table(data, "sensitivity", "choices");
    for (size_t k = 0; k < json_array_size(table); k++) {
        const json_t *row = json_array_get(table, k);
        bool same = mg_row_is(row, "method", method);
        for (size_t i = 0; i < sizeof keys / sizeof *keys && same; i++)
            same = mg_row_is(row, keys[i], strcmp(keys[i], f->key) == 0 ? f->value[side] : mg_find_text(base, keys[i]));
        if (same) return row;
    }
    return NULL;
}

static mg_range find_range(const mg_figure_data *data)
{
    static const char *const ends[] = {"mean", "lo", "hi"};
    mg_range range = mg_range_empty();
    for (size_t m = 0; m < data->n_methods; m++)
        for (int k = 0; k < N_FORKS * 2; k++)
            for (size_t e = 0; e < 3; e++)
                mg_range_add(&range,
                             mg_find_number(find_choice(data, &forks[k / 2], k % 2, data->method[m].name), ends[e]));
    return range;
}

/* --- names at the right ends, moved apart so that they can be read --- */

typedef struct {
    const mg_figure_method *method;
    double y, label; /* mm: where the line ends, and where the name stands */
} line_end;

static int by_height(const void *a, const void *b)
{
    const line_end *x = a, *y = b;
    if (x->y != y->y) return x->y < y->y ? -1 : 1;
    return x->method < y->method ? -1 : x->method > y->method;
}

/* Midway between pushing down from the top what stands too close, and pushing up from the bottom. */
static void spread(line_end *end, size_t n)
{
    double up = INFINITY;
    qsort(end, n, sizeof *end, by_height);
    for (size_t k = 0; k < n; k++)
        end[k].label = k > 0 ? fmax(end[k].y, end[k - 1].label + MG_SMALL_LINE) : end[k].y;
    for (size_t k = n; k-- > 0;) {
        up = fmin(end[k].y, up - MG_SMALL_LINE);
        end[k].label = (end[k].label + up) / 2;
    }
}

static void draw_slope(mg_canvas *canvas, const mg_axis *axis, double x, const json_t *const row[2], mg_colour colour)
{
    for (int side = 0; side < 2; side++) {
        double at = x + side * SLOPE, low = mg_find_number(row[side], "lo"), high = mg_find_number(row[side], "hi");
        if (isfinite(low) && isfinite(high))
            mg_canvas_line(canvas, at, mg_axis_at(axis, low), at, mg_axis_at(axis, high), 1, colour);
        mg_canvas_dot(canvas, at, mg_axis_at(axis, mg_find_number(row[side], "mean")), 0.7, false, colour);
    }
    mg_canvas_line(canvas, x, mg_axis_at(axis, mg_find_number(row[0], "mean")), x + SLOPE,
                   mg_axis_at(axis, mg_find_number(row[1], "mean")), 0.8, colour);
}

/* Slopes of all methods; end has room for them. Returns how many there are. */
static size_t draw_slopes(const mg_figure_data *data, mg_canvas *canvas, const mg_axis *axis, const fork *f, double x,
                          line_end *end)
{
    size_t n = 0;
    for (size_t m = 0; m < data->n_methods; m++) {
        const json_t *row[2];
        for (int side = 0; side < 2; side++)
            row[side] = find_choice(data, f, side, data->method[m].name);
        if (isnan(mg_find_number(row[0], "mean")) || isnan(mg_find_number(row[1], "mean"))) continue;
        draw_slope(canvas, axis, x, row, data->method[m].colour);
        end[n++] = (line_end){&data->method[m], mg_axis_at(axis, mg_find_number(row[1], "mean")), 0};
    }
    return n;
}

static void draw_names(mg_canvas *canvas, line_end *end, size_t n, double x)
{
    spread(end, n);
    for (size_t k = 0; k < n; k++) {
        mg_canvas_line(canvas, x + 1.2, end[k].y, x + 3.4, end[k].label, 0.4, end[k].method->colour);
        mg_plot_name(canvas, x + 4, end[k].label + 0.75, mg_type_small, NAME, end[k].method->brief);
    }
}

static void draw_fork(const mg_figure_data *data, mg_canvas *canvas, const mg_axis *axis, const fork *f, double x,
                      line_end *end)
{
    mg_plot_panel(canvas, x - 10, 4, f->letter, f->what);
    mg_axis_draw_left(canvas, axis, x - 4, NULL);
    size_t n = draw_slopes(data, canvas, axis, f, x, end);
    draw_names(canvas, end, n, x + SLOPE);
    for (int side = 0; side < 2; side++)
        mg_canvas_text(canvas, x + side * SLOPE, axis->begin + 3.5, mg_aligned(mg_type_small, MG_CENTRE),
                       f->label[side]);
    if (n == 0) mg_canvas_text(canvas, x, (axis->begin + axis->end) / 2, mg_type_note, "not defined in this run");
}

double mg_figure_sensitivity(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    mg_range range = find_range(data);
    if (range.low > range.high) return 0;
    line_end *end = NULL;
    if (mg_alloc(&end, data->n_methods, sizeof *end, NULL) != MG_OK) {
        mg_canvas_out_of_memory(canvas);
        return 1;
    }
    mg_axis axis = mg_axis_fit(range, TOP + HEIGHT, TOP);
    int first = mg_find_odds(data) ? 0 : 1; /* a score without odds has one scale */
    double panel = (width - 4) / (N_FORKS - first);
    for (int k = first; k < N_FORKS; k++)
        draw_fork(data, canvas, &axis, &forks[k], 17 + (k - first) * panel, end);
    mg_canvas_text_up(canvas, 4.5, TOP + HEIGHT / 2, mg_aligned(mg_type_text, MG_CENTRE), "mean Spearman correlation");
    free(end);
    char n[4 * MG_NUMBER_TEXT];
    const json_t *group = mg_find_table(data, "group", NULL);
    return mg_plot_note(
        canvas, width, TOP + HEIGHT + 6,
        "n = %s%s. Each panel makes one choice the other way and leaves the rest as in the run: Spearman, "
        "%ssigned, mean over the three substitutions. Lines at the dots: 95%% interval by %s, bootstrap.",
        mg_count_words(n, mg_find_number(group, "windows"), "window"), data->group,
        mg_find_odds(data) ? "log-odds, " : "", mg_find_unit(data, false));
}
