/* curves.c  perturbation curves: how far the score falls as bases are replaced in the order of each method
 *
 * Each line has its name at its end, where it can be told without colours; baselines are grey and dashed.
 */
#include "io/figure/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/figure/plot.h"
#include "src/core/memory.h"

#define LEFT    13.0 /* mm for the axis of the first panel */
#define BETWEEN 11.0 /* mm, likewise of the second */
#define NAMES   27.0 /* mm for the names beside a panel */
#define TALL    58.0 /* mm at least */
#define TOP     7.0  /* mm, of the panels */
#define APART   2.7  /* mm from name to name */

enum { MOST_POINTS = 32, GREY = 0x7a7a7a };

/* A method, or a baseline. */
typedef struct {
    const char *name, *label;
    mg_colour colour;
    double dash; /* mm; 0: a method */
} source;

typedef struct {
    const json_t *table;
    size_t n;
    source *source; /* (n) */
    double bottom;  /* mm, of the panels */
    mg_axis across, up;
} curves;

/* A curve from 0 bases on, where the score has not fallen, in mm. */
typedef struct {
    size_t n;
    double x[MOST_POINTS], mean[MOST_POINTS], low[MOST_POINTS], high[MOST_POINTS];
} curve;

static bool is_of(const json_t *row, const char *order, const char *name)
{
    return mg_row_is(row, "order", order) && mg_row_is(row, "method", name) &&
           !isnan(mg_find_number(row, "positions")) && !isnan(mg_find_number(row, "mean"));
}

static double end_of(const json_t *row, const char *key)
{
    double end = mg_find_number(row, key);
    return isnan(end) ? mg_find_number(row, "mean") : end;
}

static void add_point(curve *c, const curves *all, double positions, double mean, double low, double high)
{
    if (c->n == MOST_POINTS) return;
    c->x[c->n] = mg_axis_at(&all->across, positions);
    c->mean[c->n] = mg_axis_at(&all->up, mean);
    c->low[c->n] = mg_axis_at(&all->up, low);
    c->high[c->n++] = mg_axis_at(&all->up, high);
}

/* Rows of a method and order stand in the order of their positions. */
static curve find_curve(const curves *all, const char *order, const char *name)
{
    curve c = {.n = 0};
    for (size_t k = 0; k < json_array_size(all->table); k++) {
        const json_t *row = json_array_get(all->table, k);
        if (!is_of(row, order, name)) continue;
        if (c.n == 0) add_point(&c, all, 0, 0, 0, 0);
        add_point(&c, all, mg_find_number(row, "positions"), mg_find_number(row, "mean"), end_of(row, "lo"),
                  end_of(row, "hi"));
    }
    return c;
}

/* --- names at the ends of the lines --- */

typedef struct {
    const source *of;
    double x, y, label_y;
} ending;

static int compare_endings(const void *a, const void *b)
{
    const ending *x = a, *y = b;
    if (x->y != y->y) return x->y < y->y ? -1 : 1;
    return (x->of > y->of) - (x->of < y->of);
}

/* No two names nearer than APART, none below `bottom`: pushed down one by one, then up again from the end. */
static void spread(ending *end, size_t n, double top, double bottom)
{
    for (size_t k = 0; k < n; k++)
        end[k].label_y = fmax(end[k].y, k > 0 ? end[k - 1].label_y + APART : top);
    for (size_t k = n; k > 0; k--)
        end[k - 1].label_y = fmin(end[k - 1].label_y, k < n ? end[k].label_y - APART : bottom);
}

static void draw_endings(mg_canvas *canvas, ending *end, size_t n, double top, double bottom)
{
    qsort(end, n, sizeof *end, compare_endings);
    spread(end, n, top, bottom);
    for (size_t k = 0; k < n; k++) {
        double x = end[k].x;
        mg_canvas_line(canvas, x + 0.6, end[k].y, x + 2.4, end[k].label_y, 0.4, end[k].of->colour);
        mg_text_style style = mg_type_small;
        style.colour = end[k].of->dash > 0 ? GREY : end[k].of->colour;
        mg_plot_name(canvas, x + 2.9, end[k].label_y + 0.75, style, NAMES - 3.5, end[k].of->label);
    }
}

/* --- a panel --- */

static void draw_curve(mg_canvas *canvas, const source *of, const curve *c)
{
    mg_canvas_path(canvas, c->n, c->x, c->mean, of->dash > 0 ? 0.8 : 1, of->dash, of->colour);
    for (size_t k = 1; k < c->n; k++)
        mg_canvas_dot(canvas, c->x[k], c->mean[k], 0.35, false, of->colour);
}

static mg_range find_range(const curves *all, const char *order)
{
    mg_range range = mg_range_empty();
    mg_range_add(&range, 0);
    for (size_t k = 0; k < json_array_size(all->table); k++) {
        const json_t *row = json_array_get(all->table, k);
        if (!mg_row_is(row, "order", order)) continue;
        mg_range_add(&range, mg_find_number(row, "mean"));
        mg_range_add(&range, mg_find_number(row, "lo"));
        mg_range_add(&range, mg_find_number(row, "hi"));
    }
    return range;
}

static void draw_panel(mg_canvas *canvas, curves *all, const char *order, double left, double right, ending *end)
{
    size_t n = 0;
    all->across.begin = left;
    all->across.end = right;
    all->up = mg_axis_fit(find_range(all, order), all->bottom, TOP);
    if (all->up.low < 0 && all->up.high > 0)
        mg_canvas_line(canvas, left, mg_axis_at(&all->up, 0), right, mg_axis_at(&all->up, 0), 0.4, MG_FAINT);
    for (size_t s = 0; s < all->n; s++) {
        curve c = find_curve(all, order, all->source[s].name);
        mg_canvas_band(canvas, c.n, c.x, c.low, c.high, all->source[s].colour);
    }
    for (size_t s = 0; s < all->n; s++) {
        curve c = find_curve(all, order, all->source[s].name);
        if (c.n == 0) continue;
        draw_curve(canvas, &all->source[s], &c);
        end[n++] = (ending){.of = &all->source[s], .x = c.x[c.n - 1], .y = c.mean[c.n - 1]};
    }
    draw_endings(canvas, end, n, all->up.end, all->up.begin);
    mg_axis_draw_bottom(canvas, &all->across, all->up.begin, "bases replaced");
    mg_axis_draw_left(canvas, &all->up, left, strcmp(order, "morf") == 0 ? "mean fall of the score" : NULL);
}

/* --- the whole --- */

/* Baselines first, so that methods lie over them. */
static mg_status list_sources(const mg_figure_data *data, curves *all)
{
    static const double dashes[] = {0.6, 1.2, 2.4};
    const json_t *baselines = mg_find_table(data, "baselines", "list");
    size_t n_baselines = json_array_size(baselines);
    if (mg_alloc(&all->source, n_baselines + data->n_methods, sizeof *all->source, NULL) != MG_OK) return MG_EMEM;
    for (size_t b = 0; b < n_baselines; b++) {
        const json_t *row = json_array_get(baselines, b);
        all->source[all->n++] = (source){mg_find_text(row, "name"), mg_find_text(row, "label"), GREY, dashes[b % 3]};
    }
    for (size_t m = data->n_methods; m > 0; m--) /* the best on top */
        all->source[all->n++] =
            (source){data->method[m - 1].name, data->method[m - 1].brief, data->method[m - 1].colour, 0};
    return MG_OK;
}

/* The largest number of positions; 0: there is no point to draw. */
static double most_positions(const curves *all)
{
    double most = 0;
    for (size_t k = 0; k < json_array_size(all->table); k++) {
        const json_t *row = json_array_get(all->table, k);
        if (!isnan(mg_find_number(row, "mean"))) most = fmax(most, mg_find_number(row, "positions"));
    }
    return most;
}

static double note_curves(const mg_figure_data *data, mg_canvas *canvas, double width, double y)
{
    const json_t *table = mg_find_table(data, "curves", NULL), *most = json_array_get(table, 0);
    char n[4 * MG_NUMBER_TEXT], clusters[MG_NUMBER_TEXT];
    for (size_t k = 0; k < json_array_size(table); k++)
        if (mg_find_number(json_array_get(table, k), "n") > mg_find_number(most, "n")) most = json_array_get(table, k);
    double n_clusters = mg_find_number(most, "clusters");
    return mg_plot_note(canvas, width, y,
                        "n = %s%s of %s %s. Lines: mean fall of the score when so many bases are replaced, each by "
                        "another one; bands: 95%% "
                        "interval by %s, bootstrap. a: the largest contributions first, better is higher; b: the "
                        "smallest first, better is lower; each with its own axis. Grey, dashed: no methods.",
                        mg_count_words(n, mg_find_number(most, "n"), "window"), data->group,
                        mg_count_text(clusters, n_clusters), mg_find_unit(data, n_clusters != 1),
                        mg_find_unit(data, false));
}

double mg_figure_curves(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    curves all = {.table = mg_find_table(data, "curves", NULL)};
    ending *end = NULL;
    double y = 0, most = most_positions(&all);
    if (!(most > 0)) return 0;
    if (list_sources(data, &all) == MG_OK && mg_alloc(&end, all.n, sizeof *end, NULL) == MG_OK) {
        double panel = (width - LEFT - BETWEEN) / 2 - NAMES, second = LEFT + panel + NAMES + BETWEEN;
        all.bottom = TOP + fmax(TALL, APART * (double)(all.n + 1));
        all.across = (mg_axis){0, most, 0, 0};
        mg_plot_panel(canvas, 2, 4, "a", "largest contributions first");
        draw_panel(canvas, &all, "morf", LEFT, LEFT + panel, end);
        mg_plot_panel(canvas, second - 8, 4, "b", "smallest contributions first");
        draw_panel(canvas, &all, "lerf", second, second + panel, end);
        y = note_curves(data, canvas, width, all.bottom + 8);
    } else
        mg_canvas_out_of_memory(canvas);
    free(end);
    free(all.source);
    return y;
}
