/* writer.h  lines of text on their way to a new file or to standard output
 *
 * A file is written as PATH.part and has its name when it is whole. Where the name ends with ".gz" it is compressed in
 * the blocks of bgzip, which tabix can index. Not collective.
 */
#ifndef MG_IO_BASE_WRITER_H
#define MG_IO_BASE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include <htslib/bgzf.h>
#include <htslib/kstring.h>
#include <htslib/tbx.h>

#include "src/core/status.h"

typedef struct {
    const char *path; /* the caller's; "-": standard output */
    char *part;       /* owned; NULL: standard output */
    bool force;       /* a file that is there may be replaced */
    BGZF *file;
    kstring_t text;          /* what is not written yet */
    bool failed;             /* memory ran out */
    bool table;              /* made for spreadsheets: set by mg_writer_columns() */
    const tbx_conf_t *index; /* a compressed file is indexed for tabix in this way; NULL: not */
    bool far;                /* it has positions that a .tbi cannot hold: make a .csi */
} mg_writer;

enum { MG_WRITER_FAR = 1 << 29 }; /* nt: the first position that a .tbi cannot hold */

/* mg_writer_open()  begin
 * Args:    force - a file that is there may be replaced
 * Returns: MG_OK, or MG_EINPUT, MG_EIO: as mg_whole_file_begin(). In any case mg_writer_close() afterwards. */
mg_status mg_writer_open(const char *path, bool force, mg_writer *ret, mg_error *err);

/* Append a cell of the line; what fails is told by mg_writer_end_line(). Texts are made fit for it
 * (io/base/cell.h), numbers have six significant digits, and what is not finite is "nan". */
void mg_writer_text(mg_writer *writer, const char *text);
void mg_writer_letter(mg_writer *writer, char letter);
void mg_writer_integer(mg_writer *writer, int64_t n);
void mg_writer_number(mg_writer *writer, double x);
void mg_writer_tab(mg_writer *writer);
void mg_writer_columns(mg_writer *writer, const char *names); /* cells that are separated by blanks in `names` */

/* mg_writer_end_line()  end the line, and write when there is enough. Returns: MG_OK, MG_EMEM, MG_EIO */
mg_status mg_writer_end_line(mg_writer *writer, mg_error *err);

/* mg_writer_flush()  write what whole lines there are, when there is enough of them */
mg_status mg_writer_flush(mg_writer *writer, mg_error *err);

/* mg_writer_close()  `status` MG_OK: write the rest, index, and give the file its name; else, or when that fails, remove
 * it. Returns: status, or MG_EIO, MG_EMEM */
mg_status mg_writer_close(mg_writer *writer, mg_status status, mg_error *err);

#endif
