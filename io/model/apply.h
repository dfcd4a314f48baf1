/* apply.h  what the user says of a network's outputs, done to its graph */
#ifndef MG_IO_MODEL_APPLY_H
#define MG_IO_MODEL_APPLY_H

#include <stdbool.h>

#include "io/model/model_words.h"
#include "src/graph/graph.h"

/* mg_words_apply()  choose the output, its position, its head, classes and target, and the anchor
 *
 * Afterwards output 0 is the one that is explained, and it has names for its classes ("0", "1", ... unless told).
 * Returns: MG_OK; MG_EUSAGE with a sentence that names the option and what there is; MG_EMEM
 */
mg_status mg_words_apply(mg_graph *graph, const mg_model_words *words, mg_error *err);

/* mg_words_edit()  the same for a text with printed layers: header lines instead of those that are there
 * Returns: MG_OK and *ret for the caller to free(); MG_EUSAGE for words that such a text has no line for */
mg_status mg_words_edit(const char *text, const mg_model_words *words, char **ret, mg_error *err);

/* mg_words_any()  whether anything but arch is said */
bool mg_words_any(const mg_model_words *words);

#endif
