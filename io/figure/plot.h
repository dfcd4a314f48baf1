/* plot.h  what the figures share: type sizes, axes with round ticks, means with their intervals */
#ifndef MG_IO_FIGURE_PLOT_H
#define MG_IO_FIGURE_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "io/figure/canvas.h"
#include "io/figure/data.h"

/* Type: 7 pt, and 6 pt for what is read last. */
extern const mg_text_style mg_type_text, mg_type_small, mg_type_note, mg_type_bold;
mg_text_style mg_aligned(mg_text_style style, mg_align align);

/* Distances in mm: from a base line to the middle of a 7 pt letter, between lines of 7 pt, and of 6 pt. */
#define MG_HALF_LETTER 0.88
#define MG_LINE        3.2
#define MG_SMALL_LINE  2.65

/* --- axes --- */

typedef struct {
    double low, high; /* low > high: nothing yet */
} mg_range;

mg_range mg_range_empty(void);
void mg_range_add(mg_range *range, double x); /* what is not finite is left out */

/* Values low to high lie from begin to end, mm; end may be the smaller one. */
typedef struct {
    double low, high, begin, end;
} mg_axis;

/* mg_axis_fit()  an axis for the range and a little more; 0 to 1 where the range is empty */
mg_axis mg_axis_fit(mg_range range, double begin, double end);
double mg_axis_at(const mg_axis *axis, double x); /* mm; what lies outside goes to the nearest end */

/* Drawn with ticks at multiples of 1, 2 or 5, and a title unless that is NULL. The bottom axis lies at y with its words
 * below (8 mm in all with a title), the left axis at x with its words to the left (10 mm). */
void mg_axis_draw_bottom(mg_canvas *canvas, const mg_axis *axis, double y, const char *title);
void mg_axis_draw_left(mg_canvas *canvas, const mg_axis *axis, double x, const char *title);

/* --- marks and words --- */

/* mg_plot_interval()  a dot at the mean and a line from low to high, along the axis at height y; nothing for NaN */
void mg_plot_interval(mg_canvas *canvas, const mg_axis *axis, double y, double mean, double low, double high,
                      bool hollow, mg_colour colour);

/* mg_plot_zero()  a faint line where a horizontal axis is 0, if it is anywhere, from y0 to y1 */
void mg_plot_zero(mg_canvas *canvas, const mg_axis *axis, double y0, double y1);

/* mg_plot_name()  a name no wider than so many mm: in smaller letters when it must be */
void mg_plot_name(mg_canvas *canvas, double x, double y, mg_text_style style, double room, const char *name);

/* mg_plot_place()  a place 1 .. last in a cell of width x height mm whose corner is (x, y), on a ground that is the lighter the
 * worse it is, with a '=' where it is shared; framed where the method is surely best; nothing where there is no place (NaN) */
void mg_plot_place(mg_canvas *canvas, double x, double y, double width, double height, double place, double last,
                   bool shared, bool sure);

/* mg_plot_panel()  the letter of a panel and what it shows */
void mg_plot_panel(mg_canvas *canvas, double x, double y, const char *letter, const char *what);

/* mg_plot_note()  small words under a figure of that width, from y down; returns how high the figure is, mm */
double mg_plot_note(mg_canvas *canvas, double width, double y, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

enum { MG_NUMBER_TEXT = 48 };

/* mg_number_text()  with so many decimals and a real minus sign; "n. d." for NaN */
const char *mg_number_text(char text[MG_NUMBER_TEXT], double x, int decimals);

/* mg_scaled_text()  the same, but as "-1.2e-05" (with real minus signs) where numbers of that size would all be near 0 */
const char *mg_scaled_text(char text[MG_NUMBER_TEXT], double x, int decimals, double size);

/* mg_count_text()  a whole number with commas; "n. d." for NaN */
const char *mg_count_text(char text[MG_NUMBER_TEXT], double n);

/* mg_count_words()  "508 windows", "1 window" */
const char *mg_count_words(char text[4 * MG_NUMBER_TEXT], double n, const char *noun);

/* mg_estimate_text()  "0.54 [0.53, 0.55]", without brackets where there is no interval */
const char *mg_estimate_text(char text[4 * MG_NUMBER_TEXT], double mean, double low, double high, int decimals);

#endif
