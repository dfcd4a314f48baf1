/* logo_column.h  logos one below the other over the same positions: of the mutations' effects on top, one a method beneath
 *
 * A row of the document is a letter: {position, base, source, <height>}.
 */
#ifndef MG_IO_FIGURE_LOGO_COLUMN_H
#define MG_IO_FIGURE_LOGO_COLUMN_H

#include "io/figure/data.h"
#include "io/figure/logo.h"

enum { MG_LOGO_MOST = 64 }; /* columns of a logo that this draws */

typedef struct {
    const json_t *rows;
    const char *key;      /* only rows with this value under this key; NULL: all rows */
    const json_t *value;  /* of the document */
    const char *height;   /* key of a letter's height ... */
    const char *weight;   /* ... and of what it is multiplied by; NULL: of nothing */
    const char *title;    /* above the mutations' logo */
    double shade[2];      /* positions with a grey ground, first and last; 0 and 0: none */
    double letter, pitch; /* mm: width of a position, and from logo to logo */
} mg_logo_column;

/* mg_logo_column_count()  positions from the first to the last that its rows name; 0: none, or more than MG_LOGO_MOST
 * Args: ret_first - the first */
size_t mg_logo_column_count(const mg_logo_column *column, double *ret_first);

/* mg_logo_column_draw()  all logos that have a letter; the axis of the first is at x, its top at y
 *
 * Returns:  y below the last logo's positions; y when the mutations have no letter, and then nothing is drawn
 */
double mg_logo_column_draw(const mg_logo_column *column, const mg_figure_data *data, mg_canvas *canvas, double x,
                           double y);

/* mg_logo_column_fewest()  the fewest windows that stand behind a letter, NaN when none is told */
double mg_logo_column_fewest(const mg_logo_column *column);

#endif
