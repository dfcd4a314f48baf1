/* window_text.h  ready windows, one a line, as in the .pos and .neg files of the literature on translation
 * initiation */
#ifndef MG_IO_INPUT_WINDOW_TEXT_H
#define MG_IO_INPUT_WINDOW_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "io/base/spool.h"
#include "src/core/status.h"
#include "src/sequence/transcript.h"

/* mg_window_text_read()  each line as a transcript of its own, as long as the window
 *
 * Purpose:  A line is a window, then named "line17" after its number, or a name, a tab and a window. The file's ending
 *           tells the labels: windows of a .pos file get a start at `anchor`, those of a .neg file none; of any other
 *           file nothing is known.
 * Args:     length, anchor - of the network's window
 *           spool          - gets the bases
 *           ret            - OUT, given back by the caller with mg_transcriptome_destroy()
 *           ret_labelled   - OUT, whether the labels are known
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT naming file and line: a line that is not `length` letters, a name given twice,
 *           no line at all, file cut short.
 */
mg_status mg_window_text_read(const char *path, int64_t length, int64_t anchor, mg_spool *spool, mg_transcriptome *ret,
                              bool *ret_labelled, mg_error *err);

#endif
