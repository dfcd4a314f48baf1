/* names.h  from a name to a number: the index by which transcripts, chromosomes and annotation entries are found
 *
 * A hash table with open addressing. It keeps pointers to the names, so the names must live as long as it is used.
 */
#ifndef MG_SEQUENCE_NAMES_H
#define MG_SEQUENCE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "src/core/status.h"

typedef struct {
    const char *text; /* not owned, `length` bytes; NULL: slot is free */
    size_t length;
    size_t value;
} mg_name;

typedef struct {
    size_t n;
    size_t n_slots; /* a power of two, more than half of them free */
    mg_name *slot;  /* owned */
} mg_names;         /* begin with {0} */

/* mg_names_find()  the entry of a name of `length` bytes, whose value may be changed; NULL when it is not there */
mg_name *mg_names_find(const mg_names *names, const char *text, size_t length);

/* mg_names_add()  enter a name that is not there yet; MG_EMEM on failure (then names is as before) */
mg_status mg_names_add(mg_names *names, const char *text, size_t length, size_t value, mg_error *err);

/* mg_names_number()  the number of a name in a list that is indexed so; one that is not there yet is added, as a copy
 *
 * Args:     inout_list   - (*inout_n, room for *inout_room) owned texts, each its copy
 * Returns:  MG_OK, or MG_EMEM
 */
mg_status mg_names_number(mg_names *names, char ***inout_list, size_t *inout_n, size_t *inout_room, const char *text,
                          size_t length, size_t *ret, mg_error *err);

void mg_names_destroy(mg_names *names); /* frees what it holds, not the struct */

#endif
