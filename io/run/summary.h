/* summary.h  what is said about the methods: summary.tsv, summary.json, and the tables on the terminal
 *
 * The files hold no time, host, rank or thread: the same input and options give the same bytes on any allocation.
 * Not collective.
 */
#ifndef MG_IO_RUN_SUMMARY_H
#define MG_IO_RUN_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "src/faithfulness/metric.h"
#include "src/statistics/summary.h"
#include "src/task/task.h"
#include "src/core/status.h"

/* One fact of the head: "windows", "28,317"; "model", "tis-human.h5". */
typedef struct {
    const char *key, *value;
} mg_summary_fact;

/* The aggregates of a run. Arrays belong to the caller. */
typedef struct {
    size_t n_methods, n_baselines;
    const char *const *method_name;  /* (n_methods + n_baselines) "integrated_gradients", for files */
    const char *const *method_label; /* likewise "integrated gradients (50 steps)", for people */
    const bool *is_network;          /* (n_methods) no method: the network, against what was measured; NULL: none is */
    const mg_metric_set *metrics;
    mg_summary_row *row;   /* (metrics, MG_N_GROUPS, n_methods + n_baselines) */
    mg_summary_pair *pair; /* (metrics, MG_N_GROUPS, mg_summary_n_contests()) */
    size_t n_facts;
    const mg_summary_fact *fact; /* (n_facts) */
    const mg_task *task;         /* whose groups they are; NULL: `starts` */
    const char *score;           /* its name; NULL: one that calls */
} mg_summary_table;

/* mg_summary_rows(), mg_summary_pairs()  the rows (methods, then baselines) and pairs of one metric and group: what
 * mg_summary_finish() fills */
mg_summary_row *mg_summary_rows(const mg_summary_table *table, size_t metric, mg_group group);
mg_summary_pair *mg_summary_pairs(const mg_summary_table *table, size_t metric, mg_group group);

/* mg_summary_unit()  what a cluster is: "gene", "transcript", "cluster of FILE"; intervals and tests go by it */
const char *mg_summary_unit(const mg_summary_table *table);

/* mg_summary_write_tsv()  a line a method, metric and group, behind comment lines with the facts
 *
 * Columns:  method metric group n undefined clusters mean sd lo hi median q25 q75 mean_rank unmeasured. The group is "all" or
 *           another of the task's; for a metric over one region "annotated:upstream". Numbers have nine digits; what
 *           is not defined is "nan".
 * Returns:  MG_OK; MG_EINPUT when the file is there and force is not given; MG_EIO, MG_EMEM. The file appears whole or
 *           not at all.
 */
mg_status mg_summary_write_tsv(const char *path, const mg_summary_table *table, bool force, mg_error *err);

/* mg_summary_write_json()  the same rows, and every pair of methods with its paired test
 *
 * Object:   {"facts": {key: value},
 *            "methods": [{name, label}],
 *            "baselines": [{name, label}],
 *            "metrics": [{metric, region, family, unit, better, description}],
 *            "rows": [{method, metric, region, group, n, ...}],
 *            "pairs": [{method, other, metric, region, group, n, wins, ties, mean_difference, p, p_holm}]};
 *           what is not defined is null.
 * Returns:  as mg_summary_write_tsv().
 */
mg_status mg_summary_write_json(const char *path, const mg_summary_table *table, bool force, mg_error *err);

/* mg_summary_object()  that object, a new value with full digits; NULL when memory is out */
json_t *mg_summary_object(const mg_summary_table *table);

/* mg_summary_group()  a group in the words of the task; NULL: there is no such group */
const mg_task_group *mg_summary_group(const mg_summary_table *table, mg_group group);

/* mg_summary_choose_group()  the group to show: annotated or positive windows when there are any, else those that the score
 * calls, else all */
mg_group mg_summary_choose_group(const mg_summary_table *table);

/* mg_summary_print_ranking()  the methods from best to worst by the mean of one metric, with its interval
 *
 * Methods with the same mean share a place ("2="). The network's own row stands only where it has a value: it is compared with
 * measured effects alone, and a line says what those cover. Where smaller is better the order is by |mean|. "best" stands behind the first only when its paired test against
 * every other method, Holm-corrected, is below 0.05; else a line names the methods that it cannot be told from.
 */
void mg_summary_print_ranking(FILE *out, const mg_summary_table *table, size_t metric, mg_group group);

/* mg_summary_print_metrics()  the mean of every metric (line) for every method (column), at most 100 columns wide */
void mg_summary_print_metrics(FILE *out, const mg_summary_table *table, mg_group group);

#endif
