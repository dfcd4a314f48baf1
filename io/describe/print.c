/* print.c  JSON for people */
#include <stdbool.h>
#include <string.h>

#include "io/describe/describe.h"
#include "src/core/log.h"

enum { KEY_WIDTH = 12, MAX_COLUMNS = 16, ROOM = 128 };

/* Texts come from the user's files: what is no letter must not steer the terminal. */
static void print_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        fputc(c < ' ' || c == 0x7f ? ' ' : c, out);
    }
}

/* [203, 4] as "203 x 4"; NULL when it is no list of integers */
static const char *shape_text(const json_t *list, char room[ROOM])
{
    size_t n = 0, i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        if (!json_is_integer(item) || n >= ROOM) return NULL;
        n += (size_t)snprintf(room + n, ROOM - n, i > 0 ? " x %lld" : "%lld", (long long)json_integer_value(item));
    }
    return n > 0 ? room : NULL;
}

/* A value as it is shown; what is no text goes into `room`. NULL for what is no single value. */
static const char *value_text(const json_t *value, char room[ROOM])
{
    if (json_is_string(value)) return json_string_value(value);
    if (json_is_integer(value)) {
        char count[MG_COUNT_TEXT];
        snprintf(room, ROOM, "%s", mg_format_count(count, json_integer_value(value)));
        return room;
    }
    if (json_is_real(value)) {
        snprintf(room, ROOM, "%.6g", json_real_value(value));
        return room;
    }
    if (json_is_array(value)) return shape_text(value, room);
    return json_is_null(value) ? "" : NULL;
}

static void print_line(FILE *out, const char *key, const char *text)
{
    fprintf(out, "  %-*s ", KEY_WIDTH, key);
    print_text(out, text);
    fputc('\n', out);
}

static void print_list(FILE *out, const char *key, const json_t *list)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        char room[ROOM];
        const char *text = value_text(item, room);
        print_line(out, i == 0 ? key : "", text != NULL ? text : "");
    }
}

typedef struct {
    size_t n, width[MAX_COLUMNS];
    const char *key[MAX_COLUMNS];
    bool right[MAX_COLUMNS]; /* numbers stand to the right */
} columns;

/* Rows are objects with the same keys: the columns come from the first, their widths from all. */
static void measure(const json_t *rows, columns *found)
{
    const char *name;
    json_t *row, *value;
    char room[ROOM];
    size_t i;
    *found = (columns){.n = 0};
    json_object_foreach(json_array_get(rows, 0), name, value)
    {
        if (found->n == MAX_COLUMNS) break;
        found->width[found->n] = strlen(name);
        found->right[found->n] = json_is_number(value);
        found->key[found->n++] = name;
    }
    json_array_foreach(rows, i, row)
    {
        for (size_t c = 0; c < found->n; c++) {
            const char *text = value_text(json_object_get(row, found->key[c]), room);
            if (text != NULL && strlen(text) > found->width[c]) found->width[c] = strlen(text);
        }
    }
}

static void print_cell(FILE *out, const columns *table, size_t c, const char *text)
{
    size_t n = strlen(text), n_space = n < table->width[c] ? table->width[c] - n : 0;
    bool last = c + 1 == table->n;
    fprintf(out, "  %*s", table->right[c] ? (int)n_space : 0, "");
    print_text(out, text);
    if (!table->right[c] && !last) fprintf(out, "%*s", (int)n_space, "");
    if (last) fputc('\n', out);
}

static void print_table(FILE *out, const char *title, const json_t *rows)
{
    columns table;
    size_t i;
    json_t *row;
    measure(rows, &table);
    fprintf(out, "%s\n", title);
    for (size_t c = 0; c < table.n; c++)
        print_cell(out, &table, c, table.key[c]);
    json_array_foreach(rows, i, row)
    {
        for (size_t c = 0; c < table.n; c++) {
            char room[ROOM];
            const char *text = value_text(json_object_get(row, table.key[c]), room);
            print_cell(out, &table, c, text != NULL ? text : "");
        }
    }
}

void mg_describe_print(FILE *out, json_t *about)
{
    const char *key;
    json_t *value;
    char room[ROOM];
    json_object_foreach(about, key, value)
    {
        const char *text = value_text(value, room);
        if (text != NULL) {
            print_line(out, key, text);
        } else if (json_is_object(value)) {
            fprintf(out, "%s\n", key);
            mg_describe_print(out, value);
        } else if (json_is_object(json_array_get(value, 0))) {
            print_table(out, key, value);
        } else {
            print_list(out, key, value);
        }
    }
}
