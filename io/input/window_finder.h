/* window_finder.h  the windows of an input, found when they are wanted; for io/input/input*.c only */
#ifndef MG_IO_INPUT_WINDOW_FINDER_H
#define MG_IO_INPUT_WINDOW_FINDER_H

#include "io/input/input.h"
#include "src/core/status.h"

/* mg_window_finder_begin()  go through all transcripts once: counts, digest, first windows, and the finder itself.
 * Returns: MG_OK, MG_EMEM or MG_EIO; what was made goes with mg_input_destroy(). */
mg_status mg_window_finder_begin(mg_input *input, mg_error *err);
/* mg_window_finder_set_how()  after a change of input->how */
void mg_window_finder_set_how(mg_input *input);

void mg_window_finder_destroy(mg_window_finder *finder); /* NULL is fine */

#endif
