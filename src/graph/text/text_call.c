/* text_call.c  words of a statement as numbers and tensors */
#include "src/graph/text/text_call.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/decimal.h"

mg_status mg_statement_fail(const mg_text_call *call, mg_error *err, const char *format, ...)
{
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return mg_fail(err, MG_EINPUT, "%s line %d, %s: %s", call->all->origin, call->statement->line,
                   call->statement->name, text);
}

mg_status mg_text_integer(mg_text_call *call, const char *key, int64_t missing, int64_t *ret, mg_error *err)
{
    const char *text = mg_statement_word(call->statement, key);
    char *end = NULL;
    *ret = missing;
    if (text == NULL) return MG_OK;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (*end != '\0' || errno != 0 || number > (long long)1 << 40 || number < -((long long)1 << 40))
        return mg_statement_fail(call, err, "%s=%.60s is no whole number", key, text);
    *ret = number;
    return MG_OK;
}

mg_status mg_text_real(mg_text_call *call, const char *key, double missing, double *ret, mg_error *err)
{
    const char *text = mg_statement_word(call->statement, key);
    *ret = missing;
    if (text == NULL || mg_decimal_read(text, ret)) return MG_OK;
    /* as a clip without an end is written */
    if (strcmp(text, "inf") != 0 && strcmp(text, "-inf") != 0)
        return mg_statement_fail(call, err, "%s=%.60s is no number", key, text);
    *ret = text[0] == '-' ? -INFINITY : INFINITY;
    return MG_OK;
}

mg_status mg_text_flag(mg_text_call *call, const char *key, bool *ret, mg_error *err)
{
    const char *text = mg_statement_word(call->statement, key);
    *ret = text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
    if (text == NULL || *ret || strcmp(text, "false") == 0 || strcmp(text, "0") == 0) return MG_OK;
    return mg_statement_fail(call, err, "%s=%.60s is neither true nor false", key, text);
}

mg_status mg_text_axis(mg_text_call *call, int missing, bool all, int *ret, mg_error *err)
{
    const char *text = mg_statement_word(call->statement, "axis");
    *ret = missing;
    if (text == NULL) return MG_OK;
    *ret = strcmp(text, "positions") == 0 ? 1 : strcmp(text, "channels") == 0 ? 2 : 0;
    if (*ret != 0 || (all && strcmp(text, "all") == 0)) return MG_OK;
    return mg_statement_fail(call, err, "axis=%.60s is neither positions nor channels%s", text, all ? " nor all" : "");
}

mg_status mg_text_integers(mg_text_call *call, const char *key, int64_t **ret, int64_t *ret_n, mg_error *err)
{
    const char *text = mg_statement_word(call->statement, key);
    int64_t n = 1, i = 0;
    *ret_n = 0;
    if (text == NULL) return MG_OK;
    for (const char *at = text; *at != '\0'; at++)
        n += *at == ':';
    mg_status status = mg_front_places(call->front, n, ret, err);
    if (status != MG_OK) return status;
    for (const char *at = text; i < n; i++) {
        char *end = NULL;
        errno = 0;
        (*ret)[i] = strtoll(at, &end, 10);
        if (end == at || errno != 0 || (*end != ':' && *end != '\0'))
            return mg_statement_fail(call, err, "%s=%.60s is no list of whole numbers like 1:4:7", key, text);
        at = *end == ':' ? end + 1 : end;
    }
    *ret_n = n;
    return MG_OK;
}

/* --- tensors --- */

static bool ends_in_part(const char *name, const char *part)
{
    size_t n = strlen(name), n_part = strlen(part);
    if (n > 2 && strcmp(name + n - 2, ":0") == 0) n -= 2;
    return n >= n_part && strncmp(name + n - n_part, part, n_part) == 0 &&
           (n == n_part || name[n - n_part - 1] == '.' || name[n - n_part - 1] == '/');
}

/* The tensor whose name is `name`, or that with Keras' ":0" behind. */
static int64_t find_exact(const mg_tensors *tensors, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; tensors != NULL && i < tensors->n; i++) {
        const char *have = tensors->tensor[i].name;
        if (strncmp(have, name, n) == 0 && (have[n] == '\0' || strcmp(have + n, ":0") == 0)) return (int64_t)i;
    }
    return -1;
}

/* The one tensor below `from` that is called `part`: "from.part", or "from.....part:0"; -2 when there are several. */
static int64_t find_below(const mg_tensors *tensors, const char *from, const char *part)
{
    size_t n = strlen(from);
    int64_t found = -1;
    for (size_t i = 0; tensors != NULL && i < tensors->n; i++) {
        const char *have = tensors->tensor[i].name;
        if (strncmp(have, from, n) != 0 || have[n] != '.' || !ends_in_part(have + n + 1, part)) continue;
        if (found >= 0) return -2;
        found = (int64_t)i;
    }
    return found;
}

static mg_status take_tensor(mg_text_call *call, int64_t i, mg_view *ret, mg_error *err)
{
    const mg_tensor *tensor = &call->all->tensors->tensor[i];
    double *number = NULL;
    mg_status status = mg_front_numbers(call->front, (int64_t)tensor->n, &number, err);
    if (status != MG_OK) return status;
    for (size_t k = 0; k < tensor->n; k++) {
        number[k] = (double)tensor->data[k];
        if (!isfinite(number[k]))
            return mg_statement_fail(call, err, "tensor %.100s holds numbers that are not finite", tensor->name);
    }
    call->all->taken[i] = true;
    *ret = mg_view_constant(tensor->n_dims, tensor->dim, number);
    return MG_OK;
}

mg_status mg_text_tensor(mg_text_call *call, const char *key, const char *const *names, mg_view *ret, bool *ret_found,
                         mg_error *err)
{
    const char *name = mg_statement_word(call->statement, key), *from = mg_statement_word(call->statement, "from");
    *ret_found = true;
    if (name != NULL) {
        int64_t i = find_exact(call->all->tensors, name);
        if (i < 0) return mg_statement_fail(call, err, "there is no tensor %.100s", name);
        return take_tensor(call, i, ret, err);
    }
    for (; from != NULL && *names != NULL; names++) {
        int64_t i = find_below(call->all->tensors, from, *names);
        if (i == -2)
            return mg_statement_fail(call, err, "several tensors below %.100s are called %s; name one by %s=", from,
                                     *names, key);
        if (i >= 0) return take_tensor(call, i, ret, err);
    }
    *ret_found = false;
    return MG_OK;
}
