/* places.h  the places of the methods under every way of asking who agrees best, as one matrix
 *
 * Published comparisons name a best method under one measure, one scale, one set of windows. Here each way of asking is a
 * column: a family of measures by the metric that speaks for it (mg_metric_of_family()), the choices of what agreement means (src/statistics/sensitivity.h), and
 * quarters of the windows by their score. All of their paired tests are of the family that is corrected together
 * (mg_report_correct()).
 */
#ifndef MG_IO_REPORT_PLACES_H
#define MG_IO_REPORT_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "src/statistics/sensitivity.h"
#include "src/statistics/summary.h"

struct mg_report;

enum { MG_N_QUARTERS = 4, MG_MOST_PLACES = MG_N_FAMILIES + MG_N_CHOICES + MG_N_QUARTERS };

/* What mg_report_read_places() makes. */
typedef struct {
    size_t n_families;
    size_t family
        [MG_N_FAMILIES]; /* of each the metric that stands for it, a place in the run's metrics; the first is the main one */
    mg_summary_pair *family_pair;   /* owned (n_families, pairs) */
    bool has_quarters;              /* there are windows enough to be divided */
    float bound[MG_N_QUARTERS - 1]; /* a window is in quarter q when its score reaches q of them */
    mg_summary_row *quarter_row;    /* owned (MG_N_QUARTERS, n_methods) of the main metric */
    mg_summary_pair *quarter_pair;  /* owned (MG_N_QUARTERS, pairs) */
} mg_report_places;

/* A column of the matrix. */
typedef struct {
    const char *aspect; /* "family", "choice", "quarter" */
    char name[128];     /* unique together with aspect: "curves", "spearman, log-odds, signed, mean", "2" */
    const mg_summary_row *row;
    mg_summary_pair *pair;
} mg_report_place;

/* mg_report_read_places()  families and quarters, when the group is chosen
 * Returns: MG_OK, MG_EINPUT (the run cannot be read), MG_EMEM */
mg_status mg_report_read_places(struct mg_report *report, mg_error *err);
void mg_report_places_destroy(mg_report_places *places); /* frees what it holds, not the struct */

/* mg_report_list_places()  the columns in their order: families, other choices, quarters; list - OUT (MG_MOST_PLACES).
 * Returns how many. The first is the main metric in the report's group. */
size_t mg_report_list_places(const struct mg_report *report, mg_report_place *list);

/* mg_report_places()  puts `places` into root; false when memory is out */
bool mg_report_put_places(const struct mg_report *report, json_t *root);

/* baselines.c: methods against what explains nothing. mg_report_put_baselines() puts `baselines` into root, false when memory is
 * out; the sentence says which methods do not beat the mean profile of positions, by paired test, or that all do */
bool mg_report_put_baselines(const struct mg_report *report, json_t *root);
void mg_report_tell_baselines(const struct mg_report *report, FILE *out);

/* mg_report_tell_families(), ...  a sentence for the answer, or nothing, after mg_report_correct(): does one method lead in all
 * families; which places settings of a method take; is it the same in all quarters of the score; what measured effects say */
void mg_report_tell_families(const struct mg_report *report, FILE *out);
void mg_report_tell_settings(const struct mg_report *report, FILE *out);
void mg_report_tell_quarters(const struct mg_report *report, FILE *out);
void mg_report_tell_measured(const struct mg_report *report, FILE *out);

#endif
