/* text.h  the lines of a text file, plain, gzip or bgzip, with path and line number for messages
 *
 * Reads through htslib's BGZF, which takes all three. Files are local: a path is never taken for an address of the
 * network. A compressed file that was cut short is an error, wherever it was cut; so is one that is packed in another way
 * (xz, zip), or written in UTF-16. A byte order mark of UTF-8 is passed over. Not collective.
 */
#ifndef MG_IO_BASE_TEXT_H
#define MG_IO_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/alphabet.h"

typedef struct mg_text mg_text;

/* mg_text_open()  "-" is standard input. MG_EINPUT when it cannot be opened. */
mg_status mg_text_open(const char *path, mg_text **ret, mg_error *err);
void mg_text_close(mg_text *text); /* NULL is fine */

/* mg_text_line()  the next line, without its end (LF or CR LF)
 *
 * Args:     ret_line   - OUT, the line, ending in a zero byte, valid and free to be written into until the next call;
 *                        NULL at the end of the file
 *           ret_length - OUT, bytes of the line (it may hold zero bytes of its own); may be NULL
 * Returns:  MG_OK, or MG_EINPUT when the file is cut short or damaged, or cannot be read, or when a line has no end for too
 *           long (io/base/line.h).
 */
mg_status mg_text_line(mg_text *text, char **ret_line, size_t *ret_length, mg_error *err);

/* mg_text_allow_long_lines()  take lines of up to 1 GiB, as sequences have them, in place of 64 MiB */
void mg_text_allow_long_lines(mg_text *text);

/* mg_text_again()  let the next mg_text_line() give the same line once more (it must not have been written into) */
void mg_text_again(mg_text *text);

const char *mg_text_path(const mg_text *text);    /* as given; "standard input" for "-" */
int64_t mg_text_line_number(const mg_text *text); /* of the last line given, 1-based; 0 before the first */

/* mg_text_fail()  MG_EINPUT with "PATH line N: " before the sentence, N the number of the last line given */
mg_status mg_text_fail(const mg_text *text, mg_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* mg_text_bases()  n letters of the present line as base codes
 *
 * Args:     base - OUT, n codes, allocated by the caller
 * Returns:  MG_OK, or MG_EINPUT naming the first byte that is no letter, or a letter that no base has.
 */
mg_status mg_text_bases(const mg_text *text, const char *letter, size_t n, mg_base *base, mg_error *err);

/* mg_path_has_ending()  does the path end in `ending` (".bed"), a ".gz", ".bgz" or ".bgzf" after it left aside? */
bool mg_path_has_ending(const char *path, const char *ending);

#endif
