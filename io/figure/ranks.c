/* ranks.c  critical-difference diagram: mean ranks of the methods, and bars over those that cannot be told apart
 *
 * Source: Demsar 2006, Journal of Machine Learning Research 7:1-30, figure 1.
 */
#include "io/figure/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/figure/plot.h"

#define ROW  3.6 /* mm a method */
#define BARS 1.8 /* mm a bar */

/* Room for the ranks of one metric and group. */
typedef struct {
    const json_t *main, *table, *test; /* the table mean_ranks, and the row of friedman */
    mg_axis axis;
    double y;        /* of the axis */
    size_t n_ranked; /* methods with a mean rank */
} diagram;

static double mean_rank(const diagram *d, const char *method)
{
    const char *const pair[] = {"metric", mg_find_text(d->main, "metric"), "region", mg_find_text(d->main, "region"),
                                "group",  mg_find_text(d->main, "group"),  "method", method,
                                NULL};
    return mg_find_number(mg_find_row(d->table, pair), "mean_rank");
}

static diagram find_ranks(const mg_figure_data *data, double side, double width)
{
    diagram d = {.main = mg_find_table(data, "main", NULL), .table = mg_find_table(data, "mean_ranks", NULL), .y = 11};
    d.test = mg_find_row(mg_find_table(data, "friedman", NULL),
                         (const char *const[]){"metric", mg_find_text(d.main, "metric"), "region",
                                               mg_find_text(d.main, "region"), "group", mg_find_text(d.main, "group"),
                                               NULL});
    for (size_t m = 0; m < data->n_methods; m++)
        d.n_ranked += isfinite(mean_rank(&d, data->method[m].name)) ? 1 : 0;
    d.axis = (mg_axis){1, fmax(2, (double)d.n_ranked), side, width - side};
    return d;
}

static void draw_axis(mg_canvas *canvas, const diagram *d)
{
    size_t n = d->n_ranked;
    mg_canvas_line(canvas, d->axis.begin, d->y, d->axis.end, d->y, 0.5, MG_INK);
    for (size_t rank = 1; rank <= n; rank += n > 20 ? 10 : 1) {
        double x = mg_axis_at(&d->axis, (double)rank);
        mg_canvas_line(canvas, x, d->y - 1, x, d->y, 0.5, MG_INK);
        mg_canvas_print(canvas, x, d->y - 1.8, mg_aligned(mg_type_small, MG_CENTRE), "%zu", rank);
    }
    mg_canvas_text(canvas, d->axis.begin - 2, d->y - 1.8, mg_aligned(mg_type_small, MG_RIGHT), "mean rank (1 is best)");
}

/* The critical difference, as long as it is. */
static void draw_difference(mg_canvas *canvas, const diagram *d)
{
    double difference = mg_find_number(d->test, "critical_difference"), y = d->y - 5.6;
    if (!(difference <= d->axis.high - d->axis.low)) return;
    double begin = d->axis.begin, end = mg_axis_at(&d->axis, d->axis.low + difference);
    mg_canvas_line(canvas, begin, y, end, y, 0.7, MG_INK);
    mg_canvas_line(canvas, begin, y - 0.7, begin, y + 0.7, 0.7, MG_INK);
    mg_canvas_line(canvas, end, y - 0.7, end, y + 0.7, 0.7, MG_INK);
    mg_canvas_print(canvas, end + 1.2, y + 0.75, mg_type_small, "critical difference %.2f", difference);
}

/* Bars join what is closer than the critical difference; returns the y below them. */
static double draw_bars(const mg_figure_data *data, mg_canvas *canvas, const diagram *d)
{
    const json_t *sets = mg_find_table(data, "indistinct", NULL);
    double y = d->y + 1.6;
    for (size_t k = 0; k < json_array_size(sets); k++) {
        const json_t *set = json_array_get(sets, k), *methods = json_object_get(set, "methods");
        mg_range range = mg_range_empty();
        if (!mg_row_is(set, "group", mg_find_text(d->main, "group"))) continue;
        for (size_t i = 0; i < json_array_size(methods); i++) {
            const char *name = json_string_value(json_array_get(methods, i));
            mg_range_add(&range, name != NULL ? mean_rank(d, name) : NAN);
        }
        if (range.low > range.high) continue;
        mg_canvas_line(canvas, mg_axis_at(&d->axis, range.low) - 0.7, y, mg_axis_at(&d->axis, range.high) + 0.7, y, 2,
                       MG_INK);
        y += BARS;
    }
    return y;
}

/* The place-th best by rank of those that have one; equal ranks in the order of the methods. */
static const mg_figure_method *method_at(const mg_figure_data *data, const diagram *d, size_t place)
{
    for (size_t m = 0; m < data->n_methods; m++) {
        double rank = mean_rank(d, data->method[m].name);
        size_t before = 0;
        for (size_t k = 0; k < data->n_methods; k++) {
            double other = mean_rank(d, data->method[k].name);
            before += other < rank || (other == rank && k < m);
        }
        if (isfinite(rank) && before == place) return &data->method[m];
    }
    return NULL;
}

/* The better half on the left, best on top; the other half on the right, worst on top. */
static void draw_method(mg_canvas *canvas, const diagram *d, const mg_figure_method *method, bool left, double y,
                        double right)
{
    double rank = mean_rank(d, method->name), x = mg_axis_at(&d->axis, rank);
    double end = left ? d->axis.begin - 1 : d->axis.end + 1;
    mg_text_style style = mg_aligned(mg_type_small, left ? MG_RIGHT : MG_LEFT);
    mg_canvas_line(canvas, x, d->y, x, y, 0.7, method->colour);
    mg_canvas_line(canvas, x, y, end, y, 0.7, method->colour);
    mg_canvas_dot(canvas, x, d->y, 0.55, false, method->colour);
    char text[MG_NUMBER_TEXT];
    double room = d->axis.begin - 12; /* beside the rank */
    mg_plot_name(canvas, end + (left ? -7.5 : 1), y + 0.75, style, room, method->brief);
    mg_canvas_text(canvas, left ? end - 1 : right, y + 0.75, mg_aligned(mg_type_small, MG_RIGHT),
                   mg_number_text(text, rank, 2));
}

/* Room for the names on both sides. */
static double find_side(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    double widest = 0;
    for (size_t m = 0; m < data->n_methods; m++)
        widest = fmax(widest, mg_canvas_text_width(canvas, mg_type_small, data->method[m].brief));
    return fmin(widest + 11, 0.4 * width);
}

static double note_ranks(const mg_figure_data *data, mg_canvas *canvas, const diagram *d, double width, double y)
{
    char n[MG_NUMBER_TEXT], test[160 + MG_NUMBER_TEXT];
    double n_clusters = mg_find_number(d->test, "clusters");
    snprintf(test, sizeof test, "Too few %.100s for Friedman's test.", mg_find_unit(data, true));
    double chi2 = mg_find_number(d->test, "chi2"), p = mg_find_number(d->test, "p");
    if (isfinite(chi2) && isfinite(p))
        snprintf(test, sizeof test, "Friedman test: \u03c7\u00b2 = %.1f, df = %.0f, p %s %.2g.", chi2,
                 mg_find_number(d->test, "df"), p > 0 ? "=" : "<", fmax(p, 1e-300));
    return mg_plot_note(
        canvas, width, y,
        "n = %s %s. Bars join methods whose mean ranks differ by less than the critical difference (Nemenyi, "
        "0.05). %s",
        mg_count_text(n, n_clusters), mg_find_unit(data, n_clusters != 1), test);
}

double mg_figure_ranks(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    diagram d = find_ranks(data, find_side(data, canvas, width), width);
    if (d.n_ranked < 2) return 0;
    draw_axis(canvas, &d);
    draw_difference(canvas, &d);
    double y = draw_bars(data, canvas, &d), lowest = y;
    for (size_t place = 0; place < d.n_ranked; place++) {
        size_t half = (d.n_ranked + 1) / 2, row = place < half ? place : d.n_ranked - 1 - place;
        const mg_figure_method *method = method_at(data, &d, place);
        if (method == NULL) continue;
        lowest = fmax(lowest, y + 2 + ROW * (double)row);
        draw_method(canvas, &d, method, place < half, y + 2 + ROW * (double)row, width - 2);
    }
    return note_ranks(data, canvas, &d, width, lowest + 3);
}
