/* logo.h  positions along a page, and logos over them: letters as high as their numbers
 *
 * A letter with a positive number stands on the axis, one with a negative number hangs below it, upright as well.
 */
#ifndef MG_IO_FIGURE_LOGO_H
#define MG_IO_FIGURE_LOGO_H

#include "io/figure/canvas.h"
#include "io/figure/plot.h"

enum { MG_LOGO_BASES = 4 }; /* A C G T */

/* Columns of one width, a position each; there is no position 0. */
typedef struct {
    double first; /* position of the first column */
    double x;     /* mm: where it begins */
    double width; /* mm of a column */
    size_t n;
} mg_columns;

/* mg_columns_of_run()  all positions of the run's windows in so many mm; n is 0 when the document does not tell them */
mg_columns mg_columns_of_run(const mg_figure_data *data, double x, double width);

/* mg_columns_find()  index of a position's column; n when it is outside or no number */
size_t mg_columns_find(const mg_columns *columns, double position);
double mg_columns_position(const mg_columns *columns, size_t k); /* of column k */
double mg_columns_x(const mg_columns *columns, size_t k);        /* mm: where column k begins */

/* mg_columns_draw_positions()  round positions and +1, their base line at y */
void mg_columns_draw_positions(mg_canvas *canvas, const mg_columns *columns, double y);

/* mg_columns_shade()  a grey ground behind positions span[0] to span[1], from y0 to y1; mg_columns_shade_codon(): +1 to +3 */
void mg_columns_shade(mg_canvas *canvas, const mg_columns *columns, const double span[2], double y0, double y1);
void mg_columns_shade_codon(mg_canvas *canvas, const mg_columns *columns, double y0, double y1);

/* mg_logo_stack()  the letters of column k, the smallest next to the axis; NaN is no letter */
void mg_logo_stack(mg_canvas *canvas, const mg_columns *columns, size_t k, const mg_axis *axis,
                   const double height[MG_LOGO_BASES]);

/* mg_logo_range()  take in the ends of a stack */
void mg_logo_range(mg_range *range, const double height[MG_LOGO_BASES]);

#endif
