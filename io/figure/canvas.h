/* canvas.h  a page to draw on: PDF, SVG or PNG through cairo, in millimetres from the upper left corner
 *
 * What draws need not look for failures: one of cairo or of memory stays in the canvas, and mg_canvas_end() tells it.
 * Texts are UTF-8. The same drawing gives the same bytes on one machine; which font stands in for Helvetica is the
 * machine's choice. Not collective.
 */
#ifndef MG_IO_FIGURE_CANVAS_H
#define MG_IO_FIGURE_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

typedef enum {
    MG_CANVAS_PDF,
    MG_CANVAS_SVG,
    MG_CANVAS_PNG,    /* 300 dots an inch, and says so */
    MG_CANVAS_MEASURE /* no page at all: to learn how high a drawing gets */
} mg_canvas_kind;

typedef struct {
    double width, height; /* mm */
    const char *title;    /* kept in PDF and SVG */
    const char *date;     /* ISO 8601, kept in PDF; NULL: 1970 */
} mg_canvas_page;

typedef uint32_t mg_colour; /* 0xRRGGBB */

/* Which point of a text lies at its place. */
typedef enum { MG_LEFT, MG_CENTRE, MG_RIGHT } mg_align;

typedef struct {
    double size; /* pt */
    mg_colour colour;
    mg_align align;
    bool bold;
} mg_text_style;

typedef struct mg_canvas mg_canvas;

/* mg_canvas_create()  an empty page, white in SVG and PNG; page's texts must live as long as the canvas
 * Returns: MG_OK with *ret for mg_canvas_destroy(), MG_EMEM */
mg_status mg_canvas_create(mg_canvas_kind kind, const mg_canvas_page *page, mg_canvas **ret, mg_error *err);
void mg_canvas_destroy(mg_canvas *canvas);

/* mg_canvas_end()  the page as a file's bytes; nothing may be drawn afterwards
 *
 * SVG has <title>, and in <desc> all words of the figure, since its letters are outlines.
 * Returns: MG_OK with n_ret bytes for the caller to free(); MG_EMEM, or MG_EIO with cairo's reason
 */
mg_status mg_canvas_end(mg_canvas *canvas, char **ret, size_t *n_ret, mg_error *err);

/* mg_canvas_out_of_memory()  for what draws: memory was missing for something, so the page must not be used */
void mg_canvas_out_of_memory(mg_canvas *canvas);

/* --- lines and areas; widths of lines in pt --- */

void mg_canvas_line(mg_canvas *canvas, double x0, double y0, double x1, double y1, double width, mg_colour colour);
void mg_canvas_box(mg_canvas *canvas, double x, double y, double width, double height, mg_colour colour);
void mg_canvas_frame(mg_canvas *canvas, double x, double y, double width, double height, double line, mg_colour colour);
/* mg_canvas_path()  a line through n points; dash - mm of line and of gap, by turns; 0: whole
 * mg_canvas_band()  what lies between low and high (n each) over x, in a colour that lets others shine through */
void mg_canvas_path(mg_canvas *canvas, size_t n, const double *x, const double *y, double width, double dash,
                    mg_colour colour);
void mg_canvas_band(mg_canvas *canvas, size_t n, const double *x, const double *low, const double *high,
                    mg_colour colour);
/* A filled dot, or with `hollow` a ring; radius in mm. */
void mg_canvas_dot(mg_canvas *canvas, double x, double y, double radius, bool hollow, mg_colour colour);

/* mg_canvas_letter()  A, C, G or T as a shape that fills the box exactly; with height 0 or another letter nothing */
void mg_canvas_letter(mg_canvas *canvas, char letter, double x, double y, double width, double height,
                      mg_colour colour);

/* --- texts --- */

/* mg_canvas_text()  a text whose base line begins, is centred or ends at x,y */
void mg_canvas_text(mg_canvas *canvas, double x, double y, mg_text_style style, const char *text);
void mg_canvas_print(mg_canvas *canvas, double x, double y, mg_text_style style, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* mg_canvas_text_up()  the same, written upwards */
void mg_canvas_text_up(mg_canvas *canvas, double x, double y, mg_text_style style, const char *text);

/* mg_canvas_paragraph()  a text broken into lines no wider than `width`; returns y of the last line */
double mg_canvas_paragraph(mg_canvas *canvas, double x, double y, double width, mg_text_style style, const char *text);

double mg_canvas_text_width(mg_canvas *canvas, mg_text_style style, const char *text); /* mm */

/* mg_lighter()  a colour mixed with white: part 0 leaves it, 1 is white */
mg_colour mg_lighter(mg_colour colour, double part);

#endif
