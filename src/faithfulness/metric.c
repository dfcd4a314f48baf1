/* metric.c  families, and the list of metrics of a run */
#include "src/faithfulness/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/core/spelling.h"
#include "src/faithfulness/families.h"

const char *const mg_family_names[MG_N_FAMILIES] = {"single", "curves", "sets", "robustness", "measured"};
const char *const mg_family_words[MG_N_FAMILIES] = {"single mutations", "curves", "sets", "robustness",
                                                    "measured effects"};

static const struct {
    const mg_metric_row *row;
    size_t n;
} tables[MG_N_FAMILIES] = {[MG_FAMILY_SINGLE] = {mg_single_rows, MG_N_WHOLE},
                           [MG_FAMILY_CURVES] = {mg_curve_rows, MG_N_CURVE_METRICS},
                           [MG_FAMILY_SETS] = {mg_set_rows, MG_N_SET_METRICS},
                           [MG_FAMILY_ROBUSTNESS] = {mg_robustness_rows, MG_N_ROBUSTNESS_METRICS}};

/* All of them at once: single and measured ones are in regions too, twice. */
_Static_assert(2 * (MG_N_WHOLE + 2 * MG_MAX_REGIONS) + MG_N_CURVE_METRICS + MG_N_SET_METRICS +
                       MG_N_ROBUSTNESS_METRICS <=
                   MG_MAX_METRICS,
               "room for every metric");

/* One row of a family over all positions, or over a region. */
static void add(mg_metric_set *set, mg_family family, const mg_metric_row *row, const mg_region *region)
{
    mg_metric_info *to = &set->info[set->n++];
    *to = (mg_metric_info){.better = row->better, .family = family};
    to->sampled = (row->needs & (MG_NEEDS_PASSES | MG_NEEDS_ATTRIBUTIONS)) != 0;
    to->row = (uint8_t)(row - tables[family].row);
    if (family == MG_FAMILY_CURVES && to->row >= MG_N_CURVE_AREAS)
        to->point = mg_curve_points[(to->row - MG_N_CURVE_AREAS) % MG_N_CURVE_POINTS];
    snprintf(to->name, sizeof to->name, "%s", row->name);
    snprintf(to->unit, sizeof to->unit, "%s", row->unit);
    snprintf(to->region, sizeof to->region, "%s", region != NULL ? region->name : "all");
    if (region == NULL) {
        snprintf(to->dataset, sizeof to->dataset, "%s", row->name);
        snprintf(to->description, sizeof to->description, "%s", row->description);
    } else {
        snprintf(to->dataset, sizeof to->dataset, "%.30s_%.16s", row->name, region->name);
        snprintf(to->description, sizeof to->description, "%s, %s", row->description, region->place);
    }
}

void mg_metric_set_single(const mg_regions *regions, mg_metric_set *ret)
{
    static const mg_metric regional[] = {MG_PEARSON, MG_SPEARMAN};
    ret->n = 0;
    for (int k = 0; k < MG_N_WHOLE; k++)
        add(ret, MG_FAMILY_SINGLE, &mg_single_rows[k], NULL);
    for (size_t k = 0; k < sizeof regional / sizeof *regional; k++)
        for (size_t r = 0; r < regions->n; r++)
            add(ret, MG_FAMILY_SINGLE, &mg_single_rows[regional[k]], &regions->region[r]);
}

/* --- what a run has --- */

/* Which rows of a family are asked for. */
typedef struct {
    bool row[MG_N_FAMILIES][MG_MAX_METRICS];
} choice;

static void choose_family(choice *c, mg_family family, bool later)
{
    for (size_t k = 0; k < tables[family].n; k++)
        c->row[family][k] = c->row[family][k] || later || !tables[family].row[k].later;
}

/* Is the word a family, or `all`? */
static bool choose_families(choice *c, const char *word)
{
    bool all = strcmp(word, "all") == 0, found = all;
    for (mg_family f = 0; f < MG_N_FAMILIES; f++) {
        bool named = strcmp(word, mg_family_names[f]) == 0;
        if (all || named) choose_family(c, f, all);
        found = found || named;
    }
    return found;
}

static mg_status choose_word(choice *c, const char *word, mg_error *err)
{
    const char *nearest = NULL;
    if (choose_families(c, word)) return MG_OK;
    for (mg_family f = 0; f < MG_N_FAMILIES; f++)
        for (size_t k = 0; k < tables[f].n; k++) {
            if (strcmp(word, tables[f].row[k].name) == 0) {
                c->row[f][k] = true;
                return MG_OK;
            }
            mg_spelling_nearest(word, tables[f].row[k].name, &nearest);
        }
    return mg_fail(
        err, MG_EUSAGE,
        "there is no metric or family '%.40s'%s%s%s; families are single, curves, sets, robustness and all, and "
        "'mutagree methods --metrics' lists the metrics",
        word, nearest != NULL ? ", did you mean " : "", nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

static mg_status choose_words(choice *c, const char *words, mg_error *err)
{
    mg_status status = MG_OK;
    while (*words != '\0' && status == MG_OK) {
        char word[MG_METRIC_NAME];
        size_t n = strcspn(words, " ,");
        snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), words);
        if (n > 0) status = choose_word(c, word, err);
        words += n + (words[n] != '\0');
    }
    return status;
}

static void list_chosen(const choice *c, mg_metric_set *ret)
{
    for (mg_family f = MG_FAMILY_SINGLE + 1; f < MG_N_FAMILIES; f++)
        for (size_t k = 0; k < tables[f].n; k++)
            if (c->row[f][k]) add(ret, f, &tables[f].row[k], NULL);
}

mg_status mg_metric_set_choose(const char *words, const mg_regions *regions, mg_metric_set *ret, mg_error *err)
{
    choice c = {0};
    mg_status status = MG_OK;
    mg_metric_set_single(regions, ret);
    if (words == NULL || *words == '\0')
        for (mg_family f = 0; f < MG_N_FAMILIES; f++)
            choose_family(&c, f, false);
    else
        status = choose_words(&c, words, err);
    list_chosen(&c, ret);
    return status;
}

void mg_metric_catalogue(mg_metric_set *ret)
{
    const mg_regions none = {0};
    mg_metric_set_choose("all", &none, ret, NULL);
}

bool mg_metric_is_default(const mg_metric_info *info)
{
    return !tables[info->family].row[info->row].later;
}

unsigned mg_metric_needs(const mg_metric_info *info)
{
    return tables[info->family].row[info->row].needs;
}

size_t mg_metric_n_single(const mg_metric_set *set)
{
    size_t n = 0;
    while (n < set->n && set->info[n].family == MG_FAMILY_SINGLE)
        n++;
    return n;
}

static bool has_measured(size_t k)
{
    return k != MG_FLIP_AUROC && k != MG_COMPLETENESS_ERROR;
}

void mg_metric_set_add_measured(const mg_regions *regions, mg_metric_set *inout)
{
    mg_metric_set single;
    mg_metric_set_single(regions, &single);
    for (size_t k = 0; k < single.n && inout->n < MG_MAX_METRICS; k++) {
        if (!has_measured(k)) continue;
        const mg_metric_info *from = &single.info[k];
        mg_metric_info *to = &inout->info[inout->n++];
        *to = *from;
        to->family = MG_FAMILY_MEASURED;
        snprintf(to->name, sizeof to->name, "measured_%.38s", from->name);
        snprintf(to->dataset, sizeof to->dataset, "measured_%.38s", from->dataset);
        snprintf(to->description, sizeof to->description, "%.200s; effects as measured", from->description);
    }
}

size_t mg_metric_pick_measured(const float *single, size_t n, float *metric)
{
    size_t n_picked = 0;
    for (size_t k = 0; k < n; k++)
        if (has_measured(k)) metric[n_picked++] = single[k];
    return n_picked;
}

size_t mg_metric_set_find(const mg_metric_set *set, const char *name, const char *region)
{
    size_t k = 0;
    while (k < set->n && (strcmp(set->info[k].name, name) != 0 || strcmp(set->info[k].region, region) != 0))
        k++;
    return k;
}

size_t mg_metric_of_family(const mg_metric_set *set, mg_family family)
{
    static const char *const speaker[MG_N_FAMILIES] = {"spearman", "area_20", "sensitivity_10", "max_sensitivity",
                                                       "measured_spearman"};
    size_t k = mg_metric_set_find(set, speaker[family], "all");
    if (k < set->n) return k;
    for (k = 0; k < set->n; k++)
        if (set->info[k].family == family && strcmp(set->info[k].region, "all") == 0) break;
    return k;
}

double mg_merit(mg_better better, double value)
{
    if (better == MG_BETTER_LARGER) return value;
    return better == MG_BETTER_SMALLER ? -value : -fabs(value);
}
