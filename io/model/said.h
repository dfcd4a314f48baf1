/* said.h  what the user said of a model, kept in its text as header lines "said KEY VALUE"
 *
 * A run of mutagree keeps the text of its network. To make that network again from the file of another program, what was said of
 * it has to be known too: `mutagree verify` reads it here.
 */
#ifndef MG_IO_MODEL_SAID_H
#define MG_IO_MODEL_SAID_H

#include <stdbool.h>

#include "io/model/model_words.h"
#include "src/core/status.h"

/* mg_said_add()  the text with such lines before it, one for each word; *inout is replaced */
mg_status mg_said_add(const mg_model_words *words, char **inout, mg_error *err);

/* mg_said_find()  the words of a text; they point into *ret_room, which the caller gives back by mg_said_free()
 * Returns: MG_OK; *ret_any false when the text has no such line */
typedef struct {
    char *text;               /* owned */
    char **inputs, **lambdas; /* owned */
} mg_said;

mg_status mg_said_find(const char *text, mg_said *ret_room, mg_model_words *ret, bool *ret_any, mg_error *err);
void mg_said_free(mg_said *said);

#endif
