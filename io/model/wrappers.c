/* wrappers.c  prefixes of tensors' names */
#include "io/model/wrappers.h"

#include <string.h>

static const char *const known[] = {"module.", "_orig_mod.", "model.", "net.", "network."};

/* Bytes of the wrapper that a name begins with; 0: none, or there is nothing behind it. */
static size_t wrapper_length(const char *name)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strlen(known[i]);
        if (strncmp(name, known[i], n) == 0 && name[n] != '\0') return n;
    }
    return 0;
}

static size_t add_prefix(char list[MG_MAX_WRAPPERS][MG_WRAPPER_TEXT], size_t n_list, const char *name, size_t n)
{
    for (size_t i = 0; i < n_list; i++)
        if (strlen(list[i]) == n && memcmp(list[i], name, n) == 0) return n_list;
    if (n_list == MG_MAX_WRAPPERS) return n_list;
    memcpy(list[n_list], name, n);
    list[n_list][n] = '\0';
    return n_list + 1;
}

size_t mg_wrappers_find(const mg_tensors *tensors, char ret[MG_MAX_WRAPPERS][MG_WRAPPER_TEXT])
{
    size_t n_found = 0;
    for (size_t i = 0; i < tensors->n; i++) {
        const char *name = tensors->tensor[i].name;
        for (size_t n, at = 0; (n = wrapper_length(name + at)) > 0 && at + n < MG_WRAPPER_TEXT;) {
            at += n;
            n_found = add_prefix(ret, n_found, name, at);
        }
    }
    return n_found;
}

void mg_wrappers_common(const mg_tensors *tensors, char ret[MG_WRAPPER_TEXT])
{
    size_t n_common = 0;
    ret[0] = '\0';
    if (tensors->n == 0) return;
    const char *first = tensors->tensor[0].name;
    for (size_t n; (n = wrapper_length(first + n_common)) > 0 && n_common + n < MG_WRAPPER_TEXT; n_common += n) {
        for (size_t i = 1; i < tensors->n; i++) {
            const char *name = tensors->tensor[i].name;
            if (strncmp(name, first, n_common + n) != 0 || name[n_common + n] == '\0') return;
        }
        memcpy(ret, first, n_common + n);
        ret[n_common + n] = '\0';
    }
}

static void move_names(mg_tensors *tensors, size_t n, const bool *marked)
{
    for (size_t i = 0; i < tensors->n; i++) {
        char *name = tensors->tensor[i].name;
        if (marked[i]) memmove(name, name + n, strlen(name + n) + 1);
    }
}

bool mg_wrappers_take(mg_tensors *tensors, const char *prefix, bool *marked)
{
    size_t n = strlen(prefix);
    for (size_t i = 0; i < tensors->n; i++) {
        const char *name = tensors->tensor[i].name;
        marked[i] = strncmp(name, prefix, n) == 0 && name[n] != '\0';
        if (!marked[i]) continue;
        const mg_tensor *other = mg_tensors_find(tensors, name + n);
        if (other != NULL && (strncmp(other->name, prefix, n) != 0 || other->name[n] == '\0')) return false;
    }
    move_names(tensors, n, marked);
    return true;
}

void mg_wrappers_put_back(mg_tensors *tensors, const char *prefix, const bool *marked)
{
    size_t n = strlen(prefix);
    for (size_t i = 0; i < tensors->n; i++) {
        char *name = tensors->tensor[i].name; /* its room is what it was */
        if (!marked[i]) continue;
        memmove(name + n, name, strlen(name) + 1);
        memcpy(name, prefix, n);
    }
}
