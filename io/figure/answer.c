/* answer.c  which method agrees with the mutations: a dot and its interval a method */
#include "io/figure/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/figure/plot.h"

#define ROW 4.2 /* mm a method */

static double widest_label(const mg_figure_data *data, mg_canvas *canvas)
{
    double widest = 0;
    for (size_t m = 0; m < data->n_methods; m++)
        widest = fmax(widest, mg_canvas_text_width(canvas, mg_type_bold, data->method[m].brief));
    return widest;
}

static void draw_method(mg_canvas *canvas, const mg_axis *axis, const mg_figure_method *method, bool best, double y,
                        double right)
{
    char text[4 * MG_NUMBER_TEXT];
    mg_text_style style = best ? mg_type_bold : mg_type_text;
    mg_plot_name(canvas, axis->begin - 2, y + MG_HALF_LETTER, mg_aligned(style, MG_RIGHT), axis->begin - 3,
                 method->brief);
    mg_plot_interval(canvas, axis, y, method->mean, method->low, method->high, false, method->colour);
    mg_canvas_text(canvas, right, y + MG_HALF_LETTER, mg_aligned(mg_type_small, MG_RIGHT),
                   mg_estimate_text(text, method->mean, method->low, method->high, 2));
}

/* The settings that brief labels leave out: " LRP (gamma 0.05), DeepLIFT (rescale)."; for the caller to free() */
static char *list_settings(const mg_figure_data *data)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL) return NULL;
    const char *between = " ", *end = "";
    for (size_t m = 0; m < data->n_methods; m++) {
        if (strcmp(data->method[m].label, data->method[m].brief) == 0) continue;
        fprintf(out, "%s%s", between, data->method[m].label);
        between = ", ";
        end = ".";
    }
    fputs(end, out);
    fclose(out);
    return text;
}

static double note_answer(const mg_figure_data *data, mg_canvas *canvas, double width, double y, const char *what)
{
    const json_t *verdict = mg_find_table(data, "verdict", NULL);
    char n[4 * MG_NUMBER_TEXT], clusters[MG_NUMBER_TEXT], claim[300] = "No clear winner.",
                                                          *settings = list_settings(data);
    const char *unit = mg_find_unit(data, data->method[0].clusters != 1);
    if (mg_find_text(verdict, "winner")[0] != '\0')
        snprintf(claim, sizeof claim,
                 "Bold: best, by paired tests against each other method (Wilcoxon signed-rank over %s, Holm, 0.05).",
                 mg_find_unit(data, true));
    if (!mg_find_flag(verdict, "enough"))
        snprintf(claim, sizeof claim, "Fewer than 30 %s: too few for a claim.", mg_find_unit(data, true));
    if (settings == NULL) mg_canvas_out_of_memory(canvas);
    y = mg_plot_note(canvas, width, y, "%s; n = %s%s of %s %s. Lines: 95%% interval by %s, bootstrap. %s%s", what,
                     mg_count_words(n, data->method[0].n, "window"), data->group,
                     mg_count_text(clusters, data->method[0].clusters), unit, mg_find_unit(data, false), claim,
                     settings != NULL ? settings : "");
    free(settings);
    return y;
}

/* The axis; returns what the metric is. */
static const char *draw_axis(const mg_figure_data *data, mg_canvas *canvas, const mg_axis *axis, double y)
{
    const json_t *main = mg_find_table(data, "main", NULL);
    const json_t *metric = mg_find_row(
        mg_find_table(data, "summary", "metrics"),
        (const char *const[]){"metric", mg_find_text(main, "metric"), "region", mg_find_text(main, "region"), NULL});
    const char *what = mg_find_text(metric, "description"), *of = strstr(what, " of ");
    char title[160]; /* "Spearman correlation of contribution ..." without the second half, which the note tells */
    snprintf(title, sizeof title, "mean %.*s", of != NULL ? (int)(of - what) : 0, what);
    mg_axis_draw_bottom(canvas, axis, y, title);
    return what;
}

double mg_figure_answer(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    if (data->n_methods == 0 || isnan(data->method[0].mean)) return 0;
    const char *winner = mg_find_text(mg_find_table(data, "verdict", NULL), "winner");
    mg_range range = mg_range_empty();
    mg_range_add(&range, 0);
    for (size_t m = 0; m < data->n_methods; m++) {
        mg_range_add(&range, data->method[m].mean);
        mg_range_add(&range, data->method[m].low);
        mg_range_add(&range, data->method[m].high);
    }
    double top = 3, bottom = top + ROW * (double)data->n_methods,
           left = fmin(widest_label(data, canvas) + 4, width / 2);
    mg_axis axis = mg_axis_fit(range, left, width - 24);
    mg_plot_zero(canvas, &axis, top, bottom);
    for (size_t m = 0; m < data->n_methods; m++)
        draw_method(canvas, &axis, &data->method[m], strcmp(winner, data->method[m].name) == 0,
                    top + ROW * ((double)m + 0.5), width - 2);
    const char *what = draw_axis(data, canvas, &axis, bottom);
    return note_answer(data, canvas, width, bottom + 8, what);
}
