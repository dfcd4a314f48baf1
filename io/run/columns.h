/* columns.h  the aggregates as columns: which member of a row is which dataset of /summary */
#ifndef MG_IO_RUN_COLUMNS_H
#define MG_IO_RUN_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/run/fields.h"
#include "io/run/run_h5.h"
#include "src/core/status.h"

/* How a column is made from the member of a row: a number as it is, or an index that stands for a name. */
typedef enum { MG_COLUMN_NUMBER, MG_COLUMN_METHOD, MG_COLUMN_METRIC, MG_COLUMN_REGION, MG_COLUMN_GROUP } mg_column_kind;

typedef struct {
    mg_field_id field;
    mg_column_kind kind;
    size_t offset; /* of an 8-byte number, or of an int32_t index */
} mg_column;

/* One table of rows: mg_summary_row or mg_summary_pair. */
typedef struct {
    size_t row_bytes;
    size_t n_columns;
    const mg_column *column;
} mg_column_table;

extern const mg_column_table mg_row_columns, mg_pair_columns;

/* mg_column_name()  the name that an index stands for; NULL for an index out of range */
const char *mg_column_name(mg_column_kind kind, int32_t index, const mg_run_names *names);

/* mg_column_put_name()  the inverse, for the row at `row`: a metric's name leaves the region open (its first metric of
 * that name is taken), a region's name then picks the metric of that region. False when there is no such name. */
bool mg_column_put_name(const mg_column *column, const char *name, const mg_run_names *names, void *row);

/* mg_column_numbers()  the numbers of a row as doubles, in the order of the table's columns of numbers
 * Args: number - OUT, MG_N_FIELDS suffice. Returns: how many there are */
size_t mg_column_numbers(const mg_column_table *table, const void *row, double *number);

/* mg_column_of_number()  the field of the k-th of these numbers */
mg_field_id mg_column_of_number(const mg_column_table *table, int64_t k);

#endif
