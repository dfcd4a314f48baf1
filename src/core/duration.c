/* duration.c  two notations: numbers with units, and fields between colons */
#include "src/core/duration.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const double most_seconds = 10 * 366 * 86400.0;

/* A number without sign, blank, exponent or the words that strtod() would take as well. */
static bool read_number(const char **text, double *ret)
{
    char digits[32];
    size_t n = strspn(*text, "0123456789.");
    if (n == 0 || n >= sizeof digits) return false;
    memcpy(digits, *text, n);
    digits[n] = '\0';
    char *end;
    *ret = strtod(digits, &end);
    *text += n;
    return *end == '\0';
}

/* "3h30m": each unit at most once, the larger first; a number alone is seconds. */
static bool read_units(const char *text, double *ret)
{
    static const char unit[] = "dhms";
    static const double seconds[] = {86400, 3600, 60, 1};
    double number;
    size_t next = 0;
    *ret = 0;
    while (*text != '\0') {
        bool first = next == 0;
        if (!read_number(&text, &number)) return false;
        if (*text == '\0' && first) {
            *ret = number;
            return true;
        }
        const char *found = *text != '\0' ? strchr(unit + next, *text) : NULL;
        if (found == NULL) return false;
        *ret += number * seconds[found - unit];
        next = (size_t)(found - unit) + 1;
        text++;
    }
    return next > 0;
}

/* "D-HH:MM:SS", "HH:MM:SS", "MM:SS". */
static bool read_fields(const char *text, double *ret)
{
    double days = 0, number;
    if (strchr(text, '-') != NULL && (!read_number(&text, &days) || *text++ != '-')) return false;
    for (int n = 1; n <= 3; n++) {
        if (!read_number(&text, &number)) return false;
        *ret = n == 1 ? number : *ret * 60 + number;
        if (*text == '\0') {
            *ret += days * 86400;
            return n > 1 && (days == 0 || n == 3);
        }
        if (*text++ != ':') return false;
    }
    return false;
}

mg_status mg_duration_parse(const char *text, double *ret, mg_error *err)
{
    bool fine = strchr(text, ':') != NULL ? read_fields(text, ret) : read_units(text, ret);
    if (fine && *ret > 0 && *ret <= most_seconds) return MG_OK;
    return mg_fail(err, MG_EUSAGE, "'%s' is no length of time; write it as 55m, 3h30m, 2d, 02:00:00 or in seconds",
                   text);
}
