/* line.h  a line of a file that is read through BGZF, with a limit on its length
 *
 * htslib's own reader takes memory for as long as no line end comes: a few megabytes of a packed file can hold gigabytes
 * without one.
 */
#ifndef MG_IO_BASE_LINE_H
#define MG_IO_BASE_LINE_H

#include <htslib/bgzf.h>
#include <htslib/hfile.h>
#include <htslib/kstring.h>
#include <stddef.h>

/* What is believed of a line: whole chromosomes on one line of a FASTA, and what stands in tables. */
#define MG_LINE_SEQUENCE ((size_t)1 << 30)
#define MG_LINE_TABLE    ((size_t)1 << 26)

enum { MG_LINE_END = -1, MG_LINE_DAMAGED = -2, MG_LINE_NO_MEMORY = -3, MG_LINE_TOO_LONG = -4 };

/* mg_line_read()  the next line, without its end (LF or CR LF) and with a zero after it
 * Returns: 0, or one of the values above; after MG_LINE_TOO_LONG the file is of no more use. */
int mg_line_read(BGZF *file, size_t n_most, kstring_t *line);

/* mg_line_read_plain()  the same of a file that is not packed, which htslib reads without BGZF */
int mg_line_read_plain(hFILE *file, size_t n_most, kstring_t *line);

#endif
