/* claims.c  the paired tests that the document points at, corrected as one family
 *
 * They are: the main metric in the report's group, which the answer is about; the first metric of each other family; the
 * main one under each other choice of what agreement means, and in quarters of the score (places.h); and who tells
 * premature stops from other substitutions. The run's own choice is the main metric once more, and takes its values.
 */
#include <stdlib.h>
#include <string.h>

#include "io/report/report.h"
#include "src/core/memory.h"
#include "src/statistics/claims.h"

bool mg_report_choice_is_told(const mg_report *report, mg_choice choice)
{
    return choice.scale != MG_SCALE_PROBABILITY || mg_shape_has_odds(&report->run->shape);
}

const char *mg_report_scale_name(const mg_report *report, mg_scale scale)
{
    return scale == MG_SCALE_LOG_ODDS && !mg_shape_has_odds(&report->run->shape) ? "score" : mg_scale_names[scale];
}

int mg_report_base_choice(const mg_report *report)
{
    bool probability = strcmp(report->run->shape.score_name, "probability") == 0;
    for (int k = 0; k < MG_N_CHOICES; k++) {
        mg_choice c = mg_choice_at(k);
        if (c.measure == MG_MEASURE_SPEARMAN && c.sign == MG_SIGN_SIGNED && c.reduction == MG_REDUCTION_MEAN &&
            (c.scale == MG_SCALE_PROBABILITY) == probability)
            return k;
    }
    return 0;
}

/* All columns of the matrix of places, of which the first is the main metric, and who tells stops. */
static size_t list_comparisons(const mg_report *report, mg_comparison *list)
{
    mg_report_place place[MG_MOST_PLACES];
    size_t n = mg_report_list_places(report, place);
    for (size_t k = 0; k < n; k++)
        list[k] = (mg_comparison){place[k].row, k == 0 ? report->claims.main : place[k].pair};
    if (report->has_effects && mg_report_has(report, MG_SECTION_STOPS))
        list[n++] = (mg_comparison){report->effects.auroc + 1, report->effects.auroc_pair};
    return n;
}

mg_status mg_report_correct(mg_report *report, mg_error *err)
{
    mg_comparison list[MG_MOST_PLACES + 1];
    size_t n_methods = report->run->summary.n_methods, n_pairs = mg_summary_n_pairs(n_methods);
    mg_report_claims *claims = &report->claims;
    mg_status status = mg_alloc(&claims->main, n_pairs, sizeof *claims->main, err);
    if (status != MG_OK) return status;
    memcpy(claims->main, mg_summary_pairs(&report->table.table, MG_REPORT_METRIC, report->group.group),
           n_pairs * sizeof *claims->main);
    claims->n_comparisons = list_comparisons(report, list);
    status = mg_claims_correct(list, claims->n_comparisons, n_methods, &claims->n_tests, err);
    for (size_t k = 0; k < n_pairs && report->has_effects && status == MG_OK; k++)
        report->effects.choice_pair[(size_t)mg_report_base_choice(report) * n_pairs + k].p_holm =
            claims->main[k].p_holm;
    for (size_t k = 0; k < n_pairs && status == MG_OK; k++)
        report->places.family_pair[k].p_holm = claims->main[k].p_holm;
    return status;
}
