/* summary.c  summary.tsv and summary.json: composed in memory, written in one piece */
#include "io/run/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "io/base/json_text.h"
#include "io/base/whole_file.h"
#include "src/core/memory.h"

enum { DIGITS = 9 }; /* of a number in a file: a float has fewer, and the last bits of a mean say nothing */

const mg_task_group *mg_summary_group(const mg_summary_table *table, mg_group group)
{
    return mg_task_group_of(table->task, group, table->score);
}

static bool has_group(const mg_summary_table *table, int32_t group)
{
    return mg_summary_group(table, (mg_group)group) != NULL;
}

static const char *group_name(const mg_summary_table *table, int32_t group)
{
    return mg_summary_group(table, (mg_group)group)->name;
}

const char *mg_summary_unit(const mg_summary_table *table)
{
    for (size_t k = 0; k < table->n_facts; k++)
        if (strcmp(table->fact[k].key, "unit") == 0) return table->fact[k].value;
    return "transcript";
}

static size_t n_compared(const mg_summary_table *table)
{
    return table->n_methods + table->n_baselines;
}

mg_summary_row *mg_summary_rows(const mg_summary_table *table, size_t metric, mg_group group)
{
    return table->row + (metric * MG_N_GROUPS + (size_t)group) * n_compared(table);
}

mg_summary_pair *mg_summary_pairs(const mg_summary_table *table, size_t metric, mg_group group)
{
    return table->pair +
           (metric * MG_N_GROUPS + (size_t)group) * mg_summary_n_contests(table->n_methods, table->n_baselines);
}

/* --- tab-separated --- */

/* A text from outside (a file name) may not break the line or the column it stands in. */
static void put_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        putc((unsigned char)*text < ' ' ? ' ' : *text, out);
}

static void put_number(FILE *out, double x)
{
    if (isnan(x))
        fputs("\tnan", out); /* printf may write "-nan" */
    else
        fprintf(out, "\t%.*g", DIGITS, x);
}

static void put_head(FILE *out, const mg_summary_table *table)
{
    fputs("# agreement of attribution methods with in silico mutagenesis, one line a method, metric and group\n", out);
    for (size_t k = 0; k < table->n_facts; k++) {
        fputs("# ", out);
        put_text(out, table->fact[k].key);
        fputs(": ", out);
        put_text(out, table->fact[k].value);
        putc('\n', out);
    }
    for (size_t m = 0; m < n_compared(table); m++) {
        fprintf(out, "# %s %s: ", m < table->n_methods ? "method" : "baseline", table->method_name[m]);
        put_text(out, table->method_label[m]);
        putc('\n', out);
    }
    fprintf(out, "# lo, hi: 95%% bootstrap interval of the mean, by %s; mean_rank: 1 is best\n",
            mg_summary_unit(table));
    fputs("method\tmetric\tgroup\tn\tundefined\tclusters\tmean\tsd\tlo\thi\tmedian\tq25\tq75\tmean_rank\tunmeasured\n",
          out);
}

static void put_row(FILE *out, const mg_summary_table *table, const mg_summary_row *row)
{
    const mg_metric_info *metric = &table->metrics->info[row->metric];
    bool whole = strcmp(metric->region, "all") == 0;
    fprintf(out, "%s\t%s\t%s%s%s", table->method_name[row->method], metric->name, group_name(table, row->group),
            whole ? "" : ":", whole ? "" : metric->region);
    fprintf(out, "\t%" PRId64 "\t%" PRId64 "\t%" PRId64, row->n, row->n_undefined, row->n_clusters);
    const double number[] = {row->mean, row->sd, row->low, row->high, row->median, row->q25, row->q75, row->mean_rank};
    for (size_t k = 0; k < sizeof number / sizeof *number; k++)
        put_number(out, number[k]);
    fprintf(out, "\t%" PRId64, row->n_unmeasured);
    putc('\n', out);
}

static size_t n_rows(const mg_summary_table *table)
{
    return table->metrics->n * MG_N_GROUPS * n_compared(table);
}

mg_status mg_summary_write_tsv(const char *path, const mg_summary_table *table, bool force, mg_error *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL) return mg_fail(err, MG_EMEM, "%s: out of memory", path);
    put_head(out, table);
    for (size_t k = 0; k < n_rows(table); k++)
        if (has_group(table, table->row[k].group)) put_row(out, table, &table->row[k]);
    bool failed = ferror(out) != 0;
    failed = fclose(out) != 0 || failed;
    mg_status status =
        failed ? mg_fail(err, MG_EMEM, "%s: out of memory", path) : mg_whole_file_write(path, text, n, force, err);
    free(text);
    return status;
}

/* --- JSON --- */

/* Every function here returns a new value, or NULL when memory is out; json_pack() and the _new functions take values
 * over and pass a NULL on. */

static json_t *json_number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *json_facts(const mg_summary_table *table)
{
    json_t *facts = json_object();
    for (size_t k = 0; k < table->n_facts && facts != NULL; k++)
        if (json_object_set_new(facts, table->fact[k].key, mg_json_text(table->fact[k].value)) != 0) {
            json_decref(facts);
            facts = NULL;
        }
    return facts;
}

static json_t *json_of_method(const mg_summary_table *table, size_t m)
{
    return json_pack("{s:o, s:o}", "name", mg_json_text(table->method_name[m]), "label",
                     mg_json_text(table->method_label[m]));
}

static json_t *json_of_baseline(const mg_summary_table *table, size_t b)
{
    return json_of_method(table, table->n_methods + b);
}

static json_t *json_of_metric(const mg_summary_table *table, size_t m)
{
    const mg_metric_info *info = &table->metrics->info[m];
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:i}", "metric", info->name, "region", info->region, "family",
                     mg_family_names[info->family], "unit", info->unit, "better", (int)info->better, "description",
                     info->description, "point", (int)info->point);
}

static json_t *json_of_row(const mg_summary_table *table, size_t k)
{
    const mg_summary_row *row = &table->row[k];
    const mg_metric_info *metric = &table->metrics->info[row->metric];
    return json_pack("{s:o, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "method",
                     mg_json_text(table->method_name[row->method]), "metric", metric->name, "region", metric->region,
                     "group", group_name(table, row->group), "n", (json_int_t)row->n, "undefined",
                     (json_int_t)row->n_undefined, "unmeasured", (json_int_t)row->n_unmeasured, "clusters",
                     (json_int_t)row->n_clusters, "mean", json_number(row->mean), "sd", json_number(row->sd), "lo",
                     json_number(row->low), "hi", json_number(row->high), "median", json_number(row->median), "q25",
                     json_number(row->q25), "q75", json_number(row->q75), "mean_rank", json_number(row->mean_rank));
}

static json_t *json_of_pair(const mg_summary_table *table, size_t k)
{
    const mg_summary_pair *pair = &table->pair[k];
    const mg_metric_info *metric = &table->metrics->info[pair->metric];
    return json_pack(
        "{s:o, s:o, s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o}", "method",
        mg_json_text(table->method_name[pair->method]), "other", mg_json_text(table->method_name[pair->other]),
        "metric", metric->name, "region", metric->region, "group", group_name(table, pair->group), "n",
        (json_int_t)pair->n, "wins", (json_int_t)pair->n_wins, "ties", (json_int_t)pair->n_ties, "mean_difference",
        json_number(pair->mean_difference), "p", json_number(pair->p), "p_holm", json_number(pair->p_holm));
}

/* Rows and pairs of groups that the run has. */
static json_t *json_of_row_kept(const mg_summary_table *table, size_t k)
{
    return has_group(table, table->row[k].group) ? json_of_row(table, k) : json_null();
}

static json_t *json_of_pair_kept(const mg_summary_table *table, size_t k)
{
    return has_group(table, table->pair[k].group) ? json_of_pair(table, k) : json_null();
}

/* A null of make() is left out. */
static json_t *json_list(const mg_summary_table *table, size_t n, json_t *(*make)(const mg_summary_table *, size_t))
{
    json_t *list = json_array();
    for (size_t k = 0; k < n && list != NULL; k++) {
        json_t *value = make(table, k);
        if (json_is_null(value) || json_array_append_new(list, value) == 0) continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

json_t *mg_summary_object(const mg_summary_table *table)
{
    size_t n_pairs = table->metrics->n * MG_N_GROUPS * mg_summary_n_contests(table->n_methods, table->n_baselines);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "facts", json_facts(table), "methods",
                     json_list(table, table->n_methods, json_of_method), "baselines",
                     json_list(table, table->n_baselines, json_of_baseline), "metrics",
                     json_list(table, table->metrics->n, json_of_metric), "rows",
                     json_list(table, n_rows(table), json_of_row_kept), "pairs",
                     json_list(table, n_pairs, json_of_pair_kept));
}

mg_status mg_summary_write_json(const char *path, const mg_summary_table *table, bool force, mg_error *err)
{
    json_t *root = mg_summary_object(table);
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(DIGITS)) : NULL;
    mg_status status = text != NULL ? mg_whole_file_write(path, text, strlen(text), force, err)
                                    : mg_fail(err, MG_EMEM, "%s: out of memory", path);
    free(text);
    json_decref(root);
    return status;
}
