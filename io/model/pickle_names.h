/* pickle_names.h  which names a pickle may speak of; for io/model/pickle.c only */
#ifndef MG_IO_MODEL_PICKLE_NAMES_H
#define MG_IO_MODEL_PICKLE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "io/model/pickle.h"
#include "src/core/status.h"

typedef struct {
    const char *text;
    size_t n;
} mg_words; /* not ended by a zero */

/* mg_pickle_known_name()  fill global and integer of a GLOBAL value; false when the name is not known */
bool mg_pickle_known_name(mg_words module, mg_words name, mg_pickle_value *ret);

/* mg_pickle_refuse_name()  MG_EINPUT: "refuses to run 'posix.system' (pickle WHAT); a state dict holds tensors only" */
mg_status mg_pickle_refuse_name(mg_words module, mg_words name, const char *what, mg_error *err);

#endif
