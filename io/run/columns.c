/* columns.c  members of mg_summary_row and mg_summary_pair, and the names their indices stand for */
#include "io/run/columns.h"

#include <string.h>

#define COLUMN(field, kind, type, member)                                                                              \
    {                                                                                                                  \
        field, kind, offsetof(type, member)                                                                            \
    }
#define ROW(field, member)  COLUMN(field, MG_COLUMN_NUMBER, mg_summary_row, member)
#define PAIR(field, member) COLUMN(field, MG_COLUMN_NUMBER, mg_summary_pair, member)

static const mg_column row_column[] = {
    COLUMN(MG_ROW_METHOD, MG_COLUMN_METHOD, mg_summary_row, method),
    COLUMN(MG_ROW_METRIC, MG_COLUMN_METRIC, mg_summary_row, metric),
    COLUMN(MG_ROW_REGION, MG_COLUMN_REGION, mg_summary_row, metric),
    COLUMN(MG_ROW_GROUP, MG_COLUMN_GROUP, mg_summary_row, group),
    ROW(MG_ROW_N, n),
    ROW(MG_ROW_UNDEFINED, n_undefined),
    ROW(MG_ROW_UNMEASURED, n_unmeasured),
    ROW(MG_ROW_CLUSTERS, n_clusters),
    ROW(MG_ROW_MEAN, mean),
    ROW(MG_ROW_SD, sd),
    ROW(MG_ROW_LO, low),
    ROW(MG_ROW_HI, high),
    ROW(MG_ROW_MEDIAN, median),
    ROW(MG_ROW_Q25, q25),
    ROW(MG_ROW_Q75, q75),
    ROW(MG_ROW_MEAN_RANK, mean_rank),
};

static const mg_column pair_column[] = {
    COLUMN(MG_PAIR_METHOD, MG_COLUMN_METHOD, mg_summary_pair, method),
    COLUMN(MG_PAIR_OTHER, MG_COLUMN_METHOD, mg_summary_pair, other),
    COLUMN(MG_PAIR_METRIC, MG_COLUMN_METRIC, mg_summary_pair, metric),
    COLUMN(MG_PAIR_REGION, MG_COLUMN_REGION, mg_summary_pair, metric),
    COLUMN(MG_PAIR_GROUP, MG_COLUMN_GROUP, mg_summary_pair, group),
    PAIR(MG_PAIR_N, n),
    PAIR(MG_PAIR_WINS, n_wins),
    PAIR(MG_PAIR_TIES, n_ties),
    PAIR(MG_PAIR_MEAN_DIFFERENCE, mean_difference),
    PAIR(MG_PAIR_P, p),
    PAIR(MG_PAIR_P_HOLM, p_holm),
};

const mg_column_table mg_row_columns = {sizeof(mg_summary_row), sizeof row_column / sizeof *row_column, row_column};
const mg_column_table mg_pair_columns = {sizeof(mg_summary_pair), sizeof pair_column / sizeof *pair_column,
                                         pair_column};

const char *mg_column_name(mg_column_kind kind, int32_t index, const mg_run_names *names)
{
    size_t i = (size_t)index;
    if (index < 0) return NULL;
    switch (kind) {
    case MG_COLUMN_METHOD:
        return i < names->n_methods + names->n_baselines ? names->method[i].name : NULL;
    case MG_COLUMN_METRIC:
        return i < names->metrics->n ? names->metrics->info[i].name : NULL;
    case MG_COLUMN_REGION:
        return i < names->metrics->n ? names->metrics->info[i].region : NULL;
    case MG_COLUMN_GROUP:
        break; /* the task's: mg_task_group_of() */
    case MG_COLUMN_NUMBER:
        break;
    }
    return NULL;
}

/* The index whose name is `name`, -1 for none. */
static int32_t find_name(mg_column_kind kind, const char *name, const mg_run_names *names)
{
    const char *found;
    for (int32_t i = 0; (found = mg_column_name(kind, i, names)) != NULL; i++)
        if (strcmp(found, name) == 0) return i;
    return -1;
}

/* The metric of the same name as `metric` whose region is `region`. */
static int32_t metric_of_region(int32_t metric, const char *region, const mg_metric_set *metrics)
{
    size_t found = mg_metric_set_find(metrics, metrics->info[metric].name, region);
    return found < metrics->n ? (int32_t)found : -1;
}

/* Tasks have names of their own for their groups. */
static int32_t find_group(const char *name)
{
    for (mg_task_id id = 0; id < MG_N_TASKS; id++) {
        mg_group group = mg_task_find_group(mg_task_at(id), NULL, name);
        if (group < MG_N_GROUPS) return (int32_t)group;
    }
    return -1;
}

bool mg_column_put_name(const mg_column *column, const char *name, const mg_run_names *names, void *row)
{
    int32_t index;
    void *member = (char *)row + column->offset;
    memcpy(&index, member, sizeof index);
    if (column->kind == MG_COLUMN_REGION)
        index = metric_of_region(index, name, names->metrics);
    else if (column->kind == MG_COLUMN_GROUP)
        index = find_group(name);
    else
        index = find_name(column->kind, name, names);
    memcpy(member, &index, sizeof index);
    return index >= 0;
}

size_t mg_column_numbers(const mg_column_table *table, const void *row, double *number)
{
    size_t n = 0;
    for (size_t c = 0; c < table->n_columns; c++) {
        const mg_column *column = &table->column[c];
        const void *member = (const char *)row + column->offset;
        int64_t integer;
        if (column->kind != MG_COLUMN_NUMBER) continue;
        memcpy(&number[n], member, sizeof *number);
        memcpy(&integer, member, sizeof integer);
        if (mg_fields[column->field].type == MG_FIELD_INT64) number[n] = (double)integer;
        n++;
    }
    return n;
}

mg_field_id mg_column_of_number(const mg_column_table *table, int64_t k)
{
    size_t c = 0;
    while (c + 1 < table->n_columns && (table->column[c].kind != MG_COLUMN_NUMBER || k-- > 0))
        c++;
    return table->column[c].field;
}
