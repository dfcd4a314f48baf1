/* page.h  the report as one page that opens offline: report.html
 *
 * The page is share/report/page.html with style, programs, Vega and the document put in. It reaches for nothing: its
 * Content-Security-Policy allows the scripts in it by their SHA-256, styles and its own images, and no connection. The
 * document stands in it as JSON in ASCII without '<', and the scripts show its texts as text.
 */
#ifndef MG_IO_REPORT_PAGE_H
#define MG_IO_REPORT_PAGE_H

#include <stdbool.h>

#include <jansson.h>

#include "src/core/status.h"

/* mg_report_page_write()  FOLDER/report.html
 *
 * Purpose:  Write the page of a document of mg_report_compose(). Left out of it are what no chart needs, and windows
 *           and profiles of methods for which 5 MB have no room; the windows' numbers are rounded to four digits of the
 *           largest one beside them. Without Vega the page has its tables and logos but no charts, and a warning says
 *           what to install.
 * Args:     vega - as mg_report_vega_read() takes it; NULL: wherever it is
 * Returns:  MG_OK; MG_EINPUT: a file is there and force is not given, the page's parts are not installed, or Vega is
 *           not where it was said to be; MG_EIO, MG_EMEM
 */
mg_status mg_report_page_write(const json_t *document, const char *vega, const char *folder, bool force, mg_error *err);

/* mg_report_page_document()  what the page shows of the document: JSON in ASCII that can stand within <script>, since
 * every '<' of its texts is written \u003c; for the caller to free(). Returns: MG_OK, MG_EMEM */
mg_status mg_report_page_document(const json_t *document, char **ret, mg_error *err);

#endif
