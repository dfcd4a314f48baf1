/* logo_column.c  logos one below the other: the rows of each source, and its axis */
#include "io/figure/logo_column.h"

#include <math.h>
#include <string.h>

typedef double logo[MG_LOGO_MOST][MG_LOGO_BASES];

static const char bases[] = "ACGT";

static bool belongs(const mg_logo_column *column, const json_t *row)
{
    return column->key == NULL || json_equal(json_object_get(row, column->key), column->value);
}

size_t mg_logo_column_count(const mg_logo_column *column, double *ret_first)
{
    mg_range range = mg_range_empty();
    for (size_t r = 0; r < json_array_size(column->rows); r++) {
        const json_t *row = json_array_get(column->rows, r);
        double position = mg_find_number(row, "position");
        if (belongs(column, row) && isfinite(position)) mg_range_add(&range, position);
    }
    *ret_first = range.low;
    double n = range.high - range.low + (range.low < 0 && range.high > 0 ? 0 : 1); /* there is no position 0 */
    return n >= 1 && n <= MG_LOGO_MOST ? (size_t)n : 0;
}

/* The logo of a source; false when it has no letter. */
static bool read_logo(const mg_logo_column *column, const char *source, const mg_columns *columns, logo height)
{
    bool any = false;
    for (size_t i = 0; i < MG_LOGO_MOST * MG_LOGO_BASES; i++)
        height[i / MG_LOGO_BASES][i % MG_LOGO_BASES] = NAN;
    for (size_t r = 0; r < json_array_size(column->rows); r++) {
        const json_t *row = json_array_get(column->rows, r);
        const char *base = mg_find_text(row, "base"), *at = base[0] != '\0' ? strchr(bases, base[0]) : NULL;
        size_t k = mg_columns_find(columns, mg_find_number(row, "position"));
        if (k >= columns->n || at == NULL || !belongs(column, row) || !mg_row_is(row, "source", source)) continue;
        height[k][at - bases] =
            mg_find_number(row, column->height) * (column->weight != NULL ? mg_find_number(row, column->weight) : 1);
        any = any || isfinite(height[k][at - bases]);
    }
    return any;
}

static void draw_logo(const mg_logo_column *column, mg_canvas *canvas, const mg_columns *columns, logo height, double y,
                      const char *label)
{
    double low = y + column->pitch - 4; /* 4 mm for the label of the next */
    mg_range range = mg_range_empty();
    for (size_t k = 0; k < columns->n; k++)
        mg_logo_range(&range, height[k]);
    mg_axis axis = mg_axis_fit(range, low, y);
    double zero = mg_axis_at(&axis, 0);
    if (column->shade[0] != 0) mg_columns_shade(canvas, columns, column->shade, y, low);
    mg_axis_draw_left(canvas, &axis, columns->x - 1, NULL);
    for (size_t k = 0; k < columns->n; k++)
        mg_logo_stack(canvas, columns, k, &axis, height[k]);
    mg_canvas_line(canvas, columns->x, zero, mg_columns_x(columns, columns->n), zero, 0.4, MG_INK);
    mg_canvas_text(canvas, columns->x, y - 1, mg_type_text, label);
}

double mg_logo_column_draw(const mg_logo_column *column, const mg_figure_data *data, mg_canvas *canvas, double x,
                           double y)
{
    logo height;
    double first;
    size_t n = mg_logo_column_count(column, &first);
    const mg_columns columns = {first, x, column->letter, n};
    if (n == 0 || !read_logo(column, "mutations", &columns, height)) return y;
    draw_logo(column, canvas, &columns, height, y, column->title);
    for (size_t m = 0; m < data->n_methods; m++) {
        if (!read_logo(column, data->method[m].name, &columns, height)) continue;
        y += column->pitch;
        draw_logo(column, canvas, &columns, height, y, data->method[m].brief);
    }
    y += column->pitch - 4;
    mg_columns_draw_positions(canvas, &columns, y + 3);
    return y + 4.5;
}

double mg_logo_column_fewest(const mg_logo_column *column)
{
    mg_range range = mg_range_empty();
    for (size_t r = 0; r < json_array_size(column->rows); r++) {
        const json_t *row = json_array_get(column->rows, r);
        double n = mg_find_number(row, "n");
        if (belongs(column, row) && n > 0) mg_range_add(&range, n);
    }
    return range.low;
}
