/* metric.c  families, and the list of metrics of a run */
#include "src/faithfulness/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/faithfulness/families.h"

const char *const mg_family_names[MG_N_FAMILIES] = {"single", "curves", "sets", "robustness", "measured"};
const char *const mg_family_words[MG_N_FAMILIES] = {"single mutations", "curves", "sets", "robustness",
                                                    "measured effects"};

/* One row of a family over all positions, or over a region. */
static void add(mg_metric_set *set, mg_family family, const mg_metric_row *row, const mg_region *region)
{
    mg_metric_info *to = &set->info[set->n++];
    *to = (mg_metric_info){.better = row->better, .family = family, .needs = row->needs};
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

double mg_merit(mg_better better, double value)
{
    if (better == MG_BETTER_LARGER) return value;
    return better == MG_BETTER_SMALLER ? -value : -fabs(value);
}
