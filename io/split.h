/* split.h  which transcripts are held out: by chromosome or by name, never by window
 *
 * Transcripts of a gene share windows, so a random choice of windows would test a network on what it was trained on.
 */
#ifndef MG_IO_SPLIT_H
#define MG_IO_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/input.h"
#include "src/core/options.h"
#include "src/core/status.h"
#include "src/training/dataset.h"

/* mg_split_read()  one flag a transcript of the input
 *
 * Purpose:  Each word of the list is a file (the first column of its lines names transcripts: BED, or a plain list), or
 *           a name: of a transcript, of a chromosome of the annotation, or a word of the FASTA headers (set apart by
 *           blanks, '|', ':' or '=').
 * Args:     held_out - OUT (n_transcripts), for free()
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT: a word that stands for no transcript of the input.
 */
mg_status mg_split_read(const mg_input_options *options, const mg_input *input, const mg_text_list *words,
                        bool **ret_held_out, mg_error *err);

/* mg_split_dataset()  all candidate windows of the input, distinct and with labels
 * Args:     held_out - (n_transcripts), NULL: none
 * Returns:  MG_OK and *ret for mg_dataset_destroy(), MG_EMEM, MG_EIO, or MG_EUSAGE when nothing is annotated. */
mg_status mg_split_dataset(const mg_input *input, const bool *held_out, mg_dataset *ret, mg_error *err);

#endif
