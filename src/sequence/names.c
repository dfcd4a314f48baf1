/* names.c  an index of names: hash table with linear probing */
#include "src/sequence/names.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/core/random.h"

/* The slot that holds the name, or the free one where it would go. */
static mg_name *slot_of(mg_name *slot, size_t n_slots, const char *text, size_t length)
{
    size_t at = (size_t)mg_mix(mg_hash_bytes(0, text, length), length) & (n_slots - 1);
    while (slot[at].text != NULL && (slot[at].length != length || memcmp(slot[at].text, text, length) != 0))
        at = (at + 1) & (n_slots - 1);
    return &slot[at];
}

mg_name *mg_names_find(const mg_names *names, const char *text, size_t length)
{
    if (names->n == 0) return NULL;
    mg_name *found = slot_of(names->slot, names->n_slots, text, length);
    return found->text != NULL ? found : NULL;
}

static mg_status make_room(mg_names *names, mg_error *err)
{
    if (2 * (names->n + 1) < names->n_slots) return MG_OK;
    size_t n_slots = names->n_slots > 0 ? 2 * names->n_slots : 64;
    mg_name *slot;
    mg_status status = mg_alloc(&slot, n_slots, sizeof *slot, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < names->n_slots; i++) {
        const mg_name *old = &names->slot[i];
        if (old->text != NULL) *slot_of(slot, n_slots, old->text, old->length) = *old;
    }
    free(names->slot);
    names->slot = slot;
    names->n_slots = n_slots;
    return MG_OK;
}

mg_status mg_names_add(mg_names *names, const char *text, size_t length, size_t value, mg_error *err)
{
    mg_status status = make_room(names, err);
    if (status != MG_OK) return status;
    *slot_of(names->slot, names->n_slots, text, length) = (mg_name){text, length, value};
    names->n++;
    return MG_OK;
}

mg_status mg_names_number(mg_names *names, char ***inout_list, size_t *inout_n, size_t *inout_room, const char *text,
                          size_t length, size_t *ret, mg_error *err)
{
    const mg_name *known = mg_names_find(names, text, length);
    size_t n = *inout_n;
    char *copy = NULL;
    *ret = known != NULL ? known->value : n;
    if (known != NULL) return MG_OK;
    mg_status status = mg_grow(inout_list, inout_room, n + 1, sizeof **inout_list, err);
    if (status == MG_OK) status = mg_alloc(&copy, length + 1, 1, err);
    if (status != MG_OK) return status;
    memcpy(copy, text, length);
    (*inout_list)[n] = copy;
    *inout_n = n + 1;
    return mg_names_add(names, copy, length, n, err);
}

void mg_names_destroy(mg_names *names)
{
    free(names->slot);
    *names = (mg_names){0};
}
