/* logo.c  columns of positions, and letters stacked in them */
#include "io/figure/logo.h"

#include <math.h>
#include <stdbool.h>

enum { MOST_COLUMNS = 1 << 20 }; /* more is no length of a window */

static const char bases[] = "ACGT";

/* --- columns --- */

mg_columns mg_columns_of_run(const mg_figure_data *data, double x, double width)
{
    const json_t *run = mg_find_table(data, "run", NULL);
    double length = mg_find_number(run, "length"), first = mg_find_number(run, "first_position");
    if (!(length >= 1 && length <= MOST_COLUMNS) || isnan(first)) length = 0;
    return (mg_columns){first, x, length > 0 ? width / length : 0, (size_t)length};
}

double mg_columns_position(const mg_columns *columns, size_t k)
{
    double position = columns->first + (double)k;
    return columns->first < 0 && position >= 0 ? position + 1 : position;
}

size_t mg_columns_find(const mg_columns *columns, double position)
{
    double k = position - columns->first - (columns->first < 0 && position > 0 ? 1 : 0);
    return k >= 0 && k < (double)columns->n && position != 0 ? (size_t)k : columns->n;
}

double mg_columns_x(const mg_columns *columns, size_t k)
{
    return columns->x + columns->width * (double)k;
}

/* Of 1, 2, 5, 10, ... the first that puts labels 8 mm apart, or 1 where columns are wide. */
static double label_step(const mg_columns *columns)
{
    static const double round[] = {1, 2, 5};
    double power = 1;
    int k = 0;
    while (columns->width < 5 && round[k] * power * columns->width < 8) {
        if (k == 2) power *= 10;
        k = (k + 1) % 3;
    }
    return round[k] * power;
}

void mg_columns_draw_positions(mg_canvas *canvas, const mg_columns *columns, double y)
{
    double step = label_step(columns);
    for (size_t k = 0; k < columns->n; k++) {
        double position = mg_columns_position(columns, k), x = mg_columns_x(columns, k) + columns->width / 2;
        if (position != 1 && fmod(position, step) != 0) continue;
        mg_canvas_print(canvas, x, y, mg_aligned(mg_type_small, MG_CENTRE), "%s%.0f", position < 0 ? "\u2212" : "+",
                        fabs(position));
    }
}

void mg_columns_shade_codon(mg_canvas *canvas, const mg_columns *columns, double y0, double y1)
{
    mg_columns_shade(canvas, columns, (const double[]){1, 3}, y0, y1);
}

void mg_columns_shade(mg_canvas *canvas, const mg_columns *columns, const double span[2], double y0, double y1)
{
    for (double position = span[0]; position <= span[1]; position++) {
        size_t k = mg_columns_find(columns, position);
        if (k < columns->n) mg_canvas_box(canvas, mg_columns_x(columns, k), y0, columns->width, y1 - y0, MG_HIGHLIGHT);
    }
}

/* --- logos --- */

void mg_logo_range(mg_range *range, const double height[MG_LOGO_BASES])
{
    double up = 0, down = 0;
    for (int b = 0; b < MG_LOGO_BASES; b++) {
        if (height[b] > 0) up += height[b];
        if (height[b] < 0) down += height[b];
    }
    mg_range_add(range, up);
    mg_range_add(range, down);
}

/* The smallest letter not drawn yet, of one sign; -1: none. Equal ones in the order of the bases. */
static int next_letter(const double height[MG_LOGO_BASES], int sign, const bool *drawn)
{
    int next = -1;
    for (int b = 0; b < MG_LOGO_BASES; b++)
        if (!drawn[b] && sign * height[b] > 0 && (next < 0 || fabs(height[b]) < fabs(height[next]))) next = b;
    return next;
}

void mg_logo_stack(mg_canvas *canvas, const mg_columns *columns, size_t k, const mg_axis *axis,
                   const double height[MG_LOGO_BASES])
{
    double x = mg_columns_x(columns, k) + 0.04 * columns->width, width = 0.92 * columns->width;
    for (int sign = 1; sign >= -1; sign -= 2) {
        bool drawn[MG_LOGO_BASES] = {false};
        double from = 0;
        for (int b = next_letter(height, sign, drawn); b >= 0; b = next_letter(height, sign, drawn)) {
            double y0 = mg_axis_at(axis, from), y1 = mg_axis_at(axis, from + height[b]);
            mg_canvas_letter(canvas, bases[b], x, fmin(y0, y1), width, fabs(y1 - y0), mg_base_colour(bases[b]));
            from += height[b];
            drawn[b] = true;
        }
    }
}
