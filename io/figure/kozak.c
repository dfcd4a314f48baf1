/* kozak.c  the context of the start codon: logos of the mutations' effects and of each method, in one column */
#include "io/figure/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/figure/logo.h"

enum { N_COLUMNS = 10, FIRST_POSITION = -6 };
#define LEFT   13.0 /* mm */
#define HEIGHT 9.0  /* mm of a logo */
#define PITCH  13.0 /* mm from logo to logo */

typedef double logo[N_COLUMNS][MG_LOGO_BASES];

static const char bases[] = "ACGT";

/* The logo of a source; false when it has no letter. */
static bool read_logo(const json_t *rows, const char *source, const mg_columns *columns, logo height)
{
    bool any = false;
    for (size_t i = 0; i < N_COLUMNS * MG_LOGO_BASES; i++)
        height[i / MG_LOGO_BASES][i % MG_LOGO_BASES] = NAN;
    for (size_t r = 0; r < json_array_size(rows); r++) {
        const json_t *row = json_array_get(rows, r);
        const char *base = mg_find_text(row, "base"), *at = base[0] != '\0' ? strchr(bases, base[0]) : NULL;
        size_t k = mg_columns_find(columns, mg_find_number(row, "position"));
        if (k >= columns->n || at == NULL || !mg_row_is(row, "source", source)) continue;
        height[k][at - bases] = mg_find_number(row, "mean");
        any = any || isfinite(height[k][at - bases]);
    }
    return any;
}

static void draw_logo(mg_canvas *canvas, const mg_columns *columns, logo height, double y, const char *label)
{
    mg_range range = mg_range_empty();
    for (size_t k = 0; k < columns->n; k++)
        mg_logo_range(&range, height[k]);
    mg_axis axis = mg_axis_fit(range, y + HEIGHT, y);
    double zero = mg_axis_at(&axis, 0);
    mg_columns_shade_codon(canvas, columns, y, y + HEIGHT);
    mg_axis_draw_left(canvas, &axis, LEFT - 1, NULL);
    for (size_t k = 0; k < columns->n; k++)
        mg_logo_stack(canvas, columns, k, &axis, height[k]);
    mg_canvas_line(canvas, LEFT, zero, mg_columns_x(columns, columns->n), zero, 0.4, MG_INK);
    mg_canvas_text(canvas, LEFT, y - 1, mg_type_text, label);
}

/* The fewest windows that stand behind a letter. */
static double fewest_windows(const json_t *rows)
{
    mg_range range = mg_range_empty();
    for (size_t r = 0; r < json_array_size(rows); r++)
        if (mg_find_number(json_array_get(rows, r), "n") > 0)
            mg_range_add(&range, mg_find_number(json_array_get(rows, r), "n"));
    return range.low;
}

double mg_figure_kozak(const mg_figure_data *data, mg_canvas *canvas, double width)
{
    const json_t *rows = mg_find_table(data, "kozak", "rows"), *group = mg_find_table(data, "group", NULL);
    const mg_columns columns = {FIRST_POSITION, LEFT, (width - LEFT - 3) / N_COLUMNS, N_COLUMNS};
    double y = 5;
    logo height;
    if (!read_logo(rows, "mutations", &columns, height)) return 0;
    draw_logo(canvas, &columns, height, y, "mutations: mean damage when the base is lost");
    for (size_t m = 0; m < data->n_methods; m++) {
        if (!read_logo(rows, data->method[m].name, &columns, height)) continue;
        y += PITCH;
        draw_logo(canvas, &columns, height, y, data->method[m].brief);
    }
    mg_columns_draw_positions(canvas, &columns, y + HEIGHT + 3);
    char n[4 * MG_NUMBER_TEXT], fewest[MG_NUMBER_TEXT];
    return mg_plot_note(
        canvas, width, y + HEIGHT + 4.5,
        "n = %s (%s). Height of a letter: mean over the windows with that base there (%s or more), for "
        "mutations of minus the effect of the three substitutions, for a method of its contribution, both in units "
        "of the score; letters below the axis: negative. Grey: start codon.",
        mg_count_words(n, mg_find_number(group, "windows"), "window"), mg_find_text(group, "label"),
        mg_count_text(fewest, fewest_windows(rows)));
}
