/* memory.c  allocation that checks its size and fails by status */
#include "src/core/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static mg_status no_memory(size_t n, size_t size, mg_error *err)
{
    return mg_fail(err, MG_EMEM,
                   "out of memory: %zu items of %zu bytes were not to be had; use fewer threads a node, or "
                   "more memory",
                   n, size);
}

/* Pointers are stored through memcpy because `ret` may be the address of a pointer to any type. */
static void store(void *ret, void *block)
{
    memcpy(ret, &block, sizeof block);
}

mg_status mg_alloc(void *ret, size_t n, size_t size, mg_error *err)
{
    void *block = calloc(n > 0 ? n : 1, size);
    if (block == NULL) return no_memory(n, size, err);
    store(ret, block);
    return MG_OK;
}

mg_status mg_alloc_aligned(void *ret, size_t n, size_t size, mg_error *err)
{
    if (n == 0) n = 1;
    if (size > 0 && n > (SIZE_MAX - MG_ALIGNMENT) / size) return no_memory(n, size, err);
    size_t bytes = (n * size + MG_ALIGNMENT - 1) / MG_ALIGNMENT * MG_ALIGNMENT;
    void *block = aligned_alloc(MG_ALIGNMENT, bytes);
    if (block == NULL) return no_memory(n, size, err);
    memset(block, 0, bytes);
    store(ret, block);
    return MG_OK;
}

mg_status mg_grow(void *array, size_t *n_room, size_t n_wanted, size_t size, mg_error *err)
{
    if (n_wanted <= *n_room) return MG_OK;
    size_t n = *n_room > 0 ? *n_room : 16;
    while (n < n_wanted) {
        if (n > SIZE_MAX / 2) return no_memory(n_wanted, size, err);
        n *= 2;
    }
    if (n > SIZE_MAX / size) return no_memory(n, size, err);
    void *old;
    memcpy(&old, array, sizeof old);
    void *block = realloc(old, n * size);
    if (block == NULL) return no_memory(n, size, err);
    memset((char *)block + *n_room * size, 0, (n - *n_room) * size);
    store(array, block);
    *n_room = n;
    return MG_OK;
}

mg_status mg_copy_text(char **ret, const char *text, mg_error *err)
{
    size_t n = strlen(text) + 1;
    mg_status status = mg_alloc(ret, n, 1, err);
    if (status == MG_OK) memcpy(*ret, text, n);
    return status;
}
