/* split.h  which transcripts are held out or set aside: by chromosome or by name, never by window
 *
 * Transcripts of a gene share windows, so a random choice of windows would test a network on what it was trained on.
 */
#ifndef MG_IO_INPUT_SPLIT_H
#define MG_IO_INPUT_SPLIT_H

#include <stdint.h>
#include <stdio.h>

#include "io/input/input.h"
#include "src/core/options.h"
#include "src/core/status.h"
#include "src/training/dataset.h"

typedef struct {
    mg_input_options input;
    const char *others;     /* ready windows that are no starts, beside --windows; NULL: none */
    mg_text_list held_out;  /* by name */
    mg_text_list set_aside; /* by name; a transcript of both lists is set aside */
} mg_split_options;

/* mg_split_load()  all candidate windows of the input, distinct, with labels, and what each is for
 *
 * Purpose:  Each word of the two lists is a file (the first column of its lines names transcripts: BED, or a plain list), or
 *           a name: of a transcript, of a chromosome of the annotation, or a word of the FASTA headers (set apart by
 *           blanks, '|', ':' or '=').
 * Args:     length, anchor - of the network's window, nt
 *           talk           - gets the lines that describe the input; NULL: nothing is said
 * Returns:  MG_OK and *ret for mg_dataset_destroy(), MG_EMEM, MG_EIO; MG_EUSAGE when nothing is annotated; MG_EINPUT for
 *           a fault of a file, or a word that stands for no transcript of the input.
 */
mg_status mg_split_load(const mg_split_options *options, int64_t length, int64_t anchor, FILE *talk, mg_dataset *ret,
                        mg_error *err);

#endif
