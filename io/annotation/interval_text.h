/* interval_text.h  lines of BED and its kin: chromosome, begin, end, and whatever columns follow
 *
 * Columns stand between tabs, or, in a line without any, between blanks. Empty lines, comments (#) and the lines "track"
 * and "browser" of genome browsers are passed over. Positions count from 0 and intervals are half-open.
 * For io/annotation/ and io/sites/ only. Source: UCSC, BED format (Frequently asked questions, data file formats).
 */
#ifndef MG_IO_ANNOTATION_INTERVAL_TEXT_H
#define MG_IO_ANNOTATION_INTERVAL_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "io/base/text.h"
#include "io/annotation/record.h"
#include "src/core/status.h"

enum { MG_INTERVAL_COLUMNS = 12 };

typedef struct {
    size_t n_columns; /* at most MG_INTERVAL_COLUMNS; what follows is not looked at. 0: the text has ended */
    mg_field column[MG_INTERVAL_COLUMNS]; /* in the line, until the next call */
    int64_t begin, end;                   /* nt; begin < end */
    const char *track;                    /* the last "track" line so far, without what stands in quotes; "" for none */
} mg_interval_line;

typedef struct {
    mg_text *text;
    char track[256];
} mg_interval_text;

/* mg_interval_text_open()  the path as of mg_text_open(); mg_interval_text_close() in any case */
mg_status mg_interval_text_open(const char *path, mg_interval_text *ret, mg_error *err);
void mg_interval_text_close(mg_interval_text *text);

/* mg_interval_text_next()  the next interval
 * Returns: MG_OK, or MG_EINPUT naming file and line: fewer than three columns, no chromosome or one of too many bytes, a
 *          position that is no number from 0 to 10^15, a begin that is not before the end; or as mg_text_line(). */
mg_status mg_interval_text_next(mg_interval_text *text, mg_interval_line *ret, mg_error *err);

#endif
