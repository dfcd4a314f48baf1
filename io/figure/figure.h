/* figure.h  the report as static figures for papers: one file each, drawn from the document of io/report/report.h alone
 *
 * A figure is a function of the document: the same document gives the same bytes. To add one: a file
 * io/figure/<subject>.c with its function, its declaration here, and its row in the table of io/figure/figure.c.
 */
#ifndef MG_IO_FIGURE_FIGURE_H
#define MG_IO_FIGURE_FIGURE_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "io/figure/canvas.h"
#include "io/figure/data.h"
#include "src/core/status.h"

/* Pages are one or two columns of a journal wide, mm. */
#define MG_ONE_COLUMN  89.0
#define MG_TWO_COLUMNS 183.0

/* mg_figures_write()  every figure of the document as FOLDER/figures/<name>.<kind>
 *
 * Args:     document - as mg_report_compose() makes it
 *           folder   - is there; figures/ is made in it
 *           kind     - "pdf", "svg" or "png"
 *           talk     - told what was written, and what was left out and why
 * Returns:  MG_OK; MG_EINPUT when a file is there and force is not given; MG_EIO, MG_EMEM
 */
mg_status mg_figures_write(const json_t *document, const char *folder, const char *kind, bool force, FILE *talk,
                           mg_error *err);

/* mg_figure_file_name()  "window-ENST00000304725-69.pdf" for a window's id: letters, digits, '.', '_' and '-' only, told
 * apart by a checksum where that changes the id by more than its last colon. For the caller to free(); NULL: no memory */
char *mg_figure_file_name(const char *id, const char *kind);

/* --- the figures: each draws itself on a page of that width and returns its height, mm; 0: it has nothing to show.
 * A figure is drawn twice, the first time to learn its height. --- */

double mg_figure_answer(const mg_figure_data *data, mg_canvas *canvas, double width);
double mg_figure_ranks(const mg_figure_data *data, mg_canvas *canvas, double width);
double mg_figure_sensitivity(const mg_figure_data *data, mg_canvas *canvas, double width);
double mg_figure_places(const mg_figure_data *data, mg_canvas *canvas, double width);
double mg_figure_curves(const mg_figure_data *data, mg_canvas *canvas, double width);
double mg_figure_choices(const mg_figure_data *data, mg_canvas *canvas, double width);
double mg_figure_profile(const mg_figure_data *data, mg_canvas *canvas, double width);
double mg_figure_kozak(const mg_figure_data *data, mg_canvas *canvas, double width);
double mg_figure_splice(const mg_figure_data *data, mg_canvas *canvas, double width);
double mg_figure_patterns(const mg_figure_data *data, mg_canvas *canvas, double width);
double mg_figure_stops(const mg_figure_data *data, mg_canvas *canvas, double width);
double mg_figure_flips(const mg_figure_data *data, mg_canvas *canvas, double width);
double mg_figure_window(const mg_figure_data *data, mg_canvas *canvas, double width);

#endif
