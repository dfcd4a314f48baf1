/* json_text.c  UTF-8, or what can be shown of a text that is none */
#include "io/base/json_text.h"

#include <stdlib.h>
#include <string.h>

json_t *mg_json_text(const char *text)
{
    return text != NULL ? mg_json_text_n(text, strlen(text)) : json_null();
}

json_t *mg_json_text_n(const char *text, size_t n)
{
    json_t *value = json_stringn(text, n);
    if (value != NULL) return value;
    char *copy = strndup(text, n);
    if (copy == NULL) return NULL;
    for (char *c = copy; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80) *c = '?';
    value = json_string(copy);
    free(copy);
    return value;
}
