/* table.h  tables of the report: rows of one kind, made once, written as JSON and as tab-separated text
 *
 * A table is a JSON array of flat objects that all have the same keys in the same order. A builder collects rows and
 * remembers whether memory ran out, so that the code that fills it reads like the table's head.
 *
 *     mg_table t = mg_table_begin();
 *     mg_table_row(&t);
 *     mg_table_text(&t, "class", "nonsense");
 *     mg_table_estimate(&t, estimate);
 *     json_t *rows = mg_table_end(&t);      (NULL: no memory)
 */
#ifndef MG_IO_REPORT_TABLE_H
#define MG_IO_REPORT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "io/base/json_text.h"
#include "src/statistics/cluster.h"
#include "src/core/status.h"

typedef struct {
    json_t *rows, *row;
    bool failed;
} mg_table;

mg_table mg_table_begin(void);
void mg_table_row(mg_table *table); /* begin a row */
/* Cells of the present row, in the order of the columns. */
void mg_table_text(mg_table *table, const char *key, const char *text); /* NULL: not defined */
void mg_table_count(mg_table *table, const char *key, int64_t n);
void mg_table_number(mg_table *table, const char *key, double x); /* not finite: not defined */
void mg_table_flag(mg_table *table, const char *key, bool flag);
void mg_table_estimate(mg_table *table, mg_estimate estimate);        /* mean, lo, hi */
void mg_table_value(mg_table *table, const char *key, json_t *value); /* any value, taken over; NULL: no memory */
/* mg_table_end()  the array, for the caller to json_decref(); NULL when memory ran out */
json_t *mg_table_end(mg_table *table);

/* mg_json_number()  six significant digits; null when not finite. NULL when memory is out. */
json_t *mg_json_number(double x);

/* mg_table_write_tsv()  the rows as tab-separated text: a comment line, the keys, a line a row; what is not defined is
 * "nan". Returns: as mg_whole_file_write(). */
mg_status mg_table_write_tsv(const char *path, const char *comment, const json_t *rows, bool force, mg_error *err);

#endif
