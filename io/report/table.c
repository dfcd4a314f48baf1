/* table.c  rows as JSON and as text */
#include "io/report/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/cell.h"
#include "io/base/whole_file.h"
#include "src/core/memory.h"

enum { DIGITS = 6, NUMBER = 32 };

/* --- building --- */

json_t *mg_json_number(double x)
{
    char text[NUMBER];
    if (!isfinite(x)) return json_null();
    snprintf(text, sizeof text, "%.*g", DIGITS, x);
    return json_real(strtod(text, NULL));
}

mg_table mg_table_begin(void)
{
    mg_table table = {.rows = json_array()};
    table.failed = table.rows == NULL;
    return table;
}

void mg_table_row(mg_table *table)
{
    table->row = json_object(); /* the array owns it; NULL makes every cell fail */
    if (json_array_append_new(table->rows, table->row) != 0) table->failed = true;
}

void mg_table_value(mg_table *table, const char *key, json_t *value)
{
    if (json_object_set_new(table->row, key, value) != 0) table->failed = true;
}

void mg_table_text(mg_table *table, const char *key, const char *text)
{
    mg_table_value(table, key, mg_json_text(text));
}

void mg_table_count(mg_table *table, const char *key, int64_t n)
{
    mg_table_value(table, key, json_integer(n));
}

void mg_table_number(mg_table *table, const char *key, double x)
{
    mg_table_value(table, key, mg_json_number(x));
}

void mg_table_flag(mg_table *table, const char *key, bool flag)
{
    mg_table_value(table, key, json_boolean(flag));
}

void mg_table_estimate(mg_table *table, mg_estimate estimate)
{
    mg_table_number(table, "mean", estimate.mean);
    mg_table_number(table, "lo", estimate.low);
    mg_table_number(table, "hi", estimate.high);
}

json_t *mg_table_end(mg_table *table)
{
    if (!table->failed) return table->rows;
    json_decref(table->rows);
    return NULL;
}

/* --- tab-separated --- */

/* A text from outside may not break the line or the column it stands in, nor become a formula. */
static void put_text(FILE *out, const char *text)
{
    if (mg_cell_is_formula(text)) putc('\'', out);
    for (; *text != '\0'; text++)
        putc((unsigned char)*text < ' ' ? ' ' : *text, out);
}

static void put_cell(FILE *out, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        put_text(out, json_string_value(value));
        break;
    case JSON_INTEGER:
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        fprintf(out, "%.*g", DIGITS, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        fputs(json_is_true(value) ? "true" : "false", out);
        break;
    default:
        fputs("nan", out);
    }
}

static void put_row(FILE *out, json_t *row, bool keys)
{
    const char *key, *between = "";
    json_t *value;
    json_object_foreach(row, key, value)
    {
        fputs(between, out);
        if (keys)
            put_text(out, key);
        else
            put_cell(out, value);
        between = "\t";
    }
    putc('\n', out);
}

mg_status mg_table_write_tsv(const char *path, const char *comment, const json_t *rows, bool force, mg_error *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL) return mg_fail(err, MG_EMEM, "%s: out of memory", path);
    fputs("# ", out);
    put_text(out, comment);
    putc('\n', out);
    for (size_t k = 0; k < json_array_size(rows); k++) {
        if (k == 0) put_row(out, json_array_get(rows, k), true);
        put_row(out, json_array_get(rows, k), false);
    }
    bool failed = ferror(out) != 0;
    failed = fclose(out) != 0 || failed;
    mg_status status =
        failed ? mg_fail(err, MG_EMEM, "%s: out of memory", path) : mg_whole_file_write(path, text, n, force, err);
    free(text);
    return status;
}
