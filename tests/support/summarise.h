/* summarise.h  the summary of one metric, all groups, of windows that stand in arrays */
#ifndef MG_TESTS_SUPPORT_SUMMARISE_H
#define MG_TESTS_SUPPORT_SUMMARISE_H

#include <stdlib.h>
#include <string.h>

#include "src/statistics/summary.h"

typedef struct {
    size_t n_methods, n_windows;
    const float *value;     /* (n_methods, n_windows) */
    const uint8_t *group;   /* (n_windows) */
    const int64_t *cluster; /* (n_windows) */
    size_t metric;
    mg_better better;
    uint64_t seed;
    int64_t n_bootstrap;
    size_t piece; /* windows at a time; 0: all at once */
} summary_input;

static inline void sweep_pieces(mg_summary *summary, const summary_input *in)
{
    size_t piece = in->piece > 0 ? in->piece : in->n_windows;
    for (size_t at = 0; at < in->n_windows; at += piece) {
        size_t n = at + piece < in->n_windows ? piece : in->n_windows - at;
        float *value = calloc(n * in->n_methods + 1, sizeof *value);
        for (size_t m = 0; m < in->n_methods; m++)
            memcpy(value + m * n, in->value + m * in->n_windows + at, n * sizeof *value);
        mg_summary_add(summary, &(mg_summary_windows){n, value, in->group + at, in->cluster + at});
        free(value);
    }
    mg_summary_next(summary);
}

/* row (MG_N_GROUPS, n_methods), pair (MG_N_GROUPS, n_pairs) */
static inline mg_status summarise_arrays(const summary_input *in, mg_summary_row *row, mg_summary_pair *pair,
                                         mg_error *err)
{
    size_t n_clusters = 0;
    for (size_t w = 0; w < in->n_windows; w++)
        if ((size_t)in->cluster[w] >= n_clusters) n_clusters = (size_t)in->cluster[w] + 1;
    mg_summary_plan plan = {.n_methods = in->n_methods,
                            .n_clusters = n_clusters,
                            .metric = in->metric,
                            .better = in->better,
                            .group = MG_GROUP_ALL,
                            .seed = in->seed,
                            .n_bootstrap = in->n_bootstrap};
    for (; plan.group < MG_N_GROUPS; plan.group++) {
        mg_summary *summary = NULL;
        mg_status status = mg_summary_create(&plan, &summary, err);
        for (int sweep = 0; status == MG_OK && sweep < MG_SUMMARY_SWEEPS; sweep++)
            sweep_pieces(summary, in);
        if (status == MG_OK)
            status = mg_summary_finish(summary, row + plan.group * in->n_methods,
                                       pair + plan.group * mg_summary_n_pairs(in->n_methods), err);
        mg_summary_destroy(summary);
        if (status != MG_OK) return status;
    }
    return MG_OK;
}

#endif
