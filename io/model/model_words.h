/* model_words.h  what the user says about a model file: everything that the file itself does not tell
 *
 * These are options of every command that reads a model, and `convert` stores what they led to. All texts belong to the
 * caller; a member that is NULL or 0 was not given.
 */
#ifndef MG_IO_MODEL_MODEL_WORDS_H
#define MG_IO_MODEL_MODEL_WORDS_H

#include <stdint.h>

#include "src/core/options.h"

typedef struct {
    const char *bases;    /* order of the input's channels: "AGCT"; lower case or N: not read */
    int64_t length;       /* bases of a window, for networks of any length */
    mg_text_list inputs;  /* "NAME=VALUE,VALUE,...", "NAME=FILE", "NAME=window": what goes into an input (inputs.h) */
    mg_text_list lambdas; /* "NAME=relu": what a Lambda layer of Keras does (keras.h) */
    const char *output;   /* a tensor or layer that is explained, where it is no output of the file */
} mg_model_words;

#endif
