/* base_order.c  the line of a text's head that says it */
#include "io/model/base_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The word behind KEY at the beginning of a line; NULL: it is another line. */
static const char *value_of(const char *line, const char *key)
{
    size_t n = strlen(key);
    line += strspn(line, " \t");
    if (strncmp(line, key, n) != 0 || (line[n] != ' ' && line[n] != '\t')) return NULL;
    return line + n + strspn(line + n, " \t");
}

static bool ends_head(const char *line)
{
    line += strspn(line, " \t");
    return strncmp(line, "layers", 6) == 0 || (strncmp(line, "graph", 5) == 0 && strcspn(line, " \t\r\n#") == 5);
}

bool mg_base_order_find(const char *text, char ret[MG_BASE_ORDER])
{
    ret[0] = '\0';
    while (*text != '\0' && !ends_head(text)) {
        const char *value = value_of(text, "bases");
        if (value == NULL) value = value_of(text, "said bases");
        if (value != NULL) {
            snprintf(ret, MG_BASE_ORDER, "%.*s", (int)strcspn(value, " \t\r\n#"), value);
            return ret[0] != '\0';
        }
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return false;
}

mg_status mg_base_order_add(const char *bases, const char *origin, char **inout, mg_error *err)
{
    char have[MG_BASE_ORDER], *longer = NULL;
    if (mg_base_order_find(*inout, have)) {
        if (strcmp(have, bases) == 0) return MG_OK;
        return mg_fail(err, MG_EUSAGE, "--bases %s: %s says bases %s already", bases, origin, have);
    }
    if (asprintf(&longer, "bases %s\n%s", bases, *inout) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    free(*inout);
    *inout = longer;
    return MG_OK;
}

const char *mg_base_order_tell(const char *order, char text[MG_BASE_ORDER_TEXT])
{
    snprintf(text, MG_BASE_ORDER_TEXT, "%s%s", order[0] != '\0' ? order : "ACGT",
             order[0] != '\0' ? "" : " (assumed; --bases says otherwise)");
    return text;
}

void mg_base_order_describe(FILE *out, const char *order)
{
    char text[MG_BASE_ORDER_TEXT];
    if (order[0] == '\0') fprintf(out, "  %-12s %s\n", "bases", mg_base_order_tell(order, text));
}
