/* decimal.c  the form is looked at here, the value is strtod()'s */
#include "src/core/decimal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789";

/* Behind the exponent at `text`, if there is a whole one; else `text`. */
static const char *skip_exponent(const char *text)
{
    const char *at = text;
    if (*at != 'e' && *at != 'E') return text;
    at++;
    at += *at == '+' || *at == '-';
    size_t n = strspn(at, digits);
    return n > 0 ? at + n : text;
}

const char *mg_decimal_scan(const char *text, double *ret)
{
    const char *at = text + (*text == '+' || *text == '-');
    size_t n_before = strspn(at, digits), n_behind = 0;
    at += n_before;
    if (*at == '.') n_behind = strspn(at + 1, digits);
    if (n_before + n_behind == 0) return NULL;
    if (*at == '.') at += 1 + n_behind;
    at = skip_exponent(at);
    char *end;
    double value = strtod(text, &end);
    if (end != at || !isfinite(value)) return NULL; /* strtod() goes on where a hexadecimal number begins */
    *ret = value;
    return at;
}

bool mg_decimal_read(const char *text, double *ret)
{
    double value;
    const char *end = mg_decimal_scan(text, &value);
    if (end == NULL || *end != '\0') return false;
    *ret = value;
    return true;
}

bool mg_decimal_whole(const char *text, int64_t *ret)
{
    const char *first = text + (*text == '-');
    size_t n = strspn(first, digits);
    if (n == 0 || first[n] != '\0') return false;
    errno = 0;
    long long value = strtoll(text, NULL, 10);
    if (errno != 0) return false;
    *ret = value;
    return true;
}
