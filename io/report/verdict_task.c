/* verdict_task.c  what a run of translation starts says of its biology, in sentences, and how numbers stand in them */
#include "io/report/verdict_parts.h"

#include <math.h>
#include <string.h>

#include "src/core/log.h"
#include "src/statistics/winner.h"

/* --- numbers in sentences --- */

/* What rounds to zero has no sign. */
static void put_number(FILE *out, const char *format, double x)
{
    char text[64];
    snprintf(text, sizeof text, format, x);
    fputs(text + (text[0] == '-' && strpbrk(text, "123456789") == NULL), out);
}

void mg_verdict_put_interval(FILE *out, const char *format, double mean, double low, double high)
{
    put_number(out, format, mean);
    if (isnan(low) || isnan(high)) {
        fputs(" [no interval]", out);
        return;
    }
    fputs(" [", out);
    put_number(out, format, low);
    fputs(", ", out);
    put_number(out, format, high);
    putc(']', out);
}

/* Two decimals, and more where all of it is near 0: networks differ in the size of their scores. */
static void put_effect(FILE *out, mg_estimate e)
{
    double size = fmax(fabs(e.mean), fmax(fabs(e.low), fabs(e.high))); /* of what is no NaN */
    const char *format = size >= 0.05 || size == 0 ? "%.2f" : size >= 0.005 ? "%.3f" : size >= 0.0005 ? "%.4f" : "%.1e";
    mg_verdict_put_interval(out, format, e.mean, e.low, e.high);
}

static void put_percent(FILE *out, mg_estimate e)
{
    mg_verdict_put_interval(out, "%.1f%%", 100 * e.mean, 100 * e.low, 100 * e.high);
}

/* Nothing can be best of one. */
bool mg_verdict_is_alone(const mg_report *report, const mg_summary_row *row)
{
    size_t n = 0;
    for (size_t m = 0; m < report->run->summary.n_methods; m++)
        n += isnan(row[m].mean) ? 0 : 1;
    return n == 1;
}

/* --- the sentences --- */

void mg_verdict_tell_kozak(const mg_report *report, FILE *out)
{
    static const char *const verb[MG_N_KOZAK_CHANGES] = {"taking away", "making"};
    const char *between = "The score changes by ";
    for (int f = 0; f < MG_N_KOZAK_FEATURES; f++)
        for (int c = 0; c < MG_N_KOZAK_CHANGES; c++) {
            mg_estimate e = mg_ratio_estimate(&report->effects.kozak.change[f][c]);
            if (isnan(e.mean)) continue;
            fputs(between, out);
            put_effect(out, e);
            fprintf(out, " on %s a %s", verb[c], mg_kozak_feature_names[f]);
            between = ", by ";
        }
    if (between[0] == ',') putc('.', out);
}

void mg_verdict_tell_stops(const mg_report *report, FILE *out)
{
    static const mg_substitution_class told[] = {MG_CLASS_STOP_FRAME_1, MG_CLASS_STOP_FRAME_2, MG_CLASS_MISSENSE,
                                                 MG_CLASS_SILENT};
    const mg_ratio *said = report->effects.stops.said;
    mg_estimate nonsense = mg_ratio_estimate(&said[MG_CLASS_NONSENSE]);
    if (isnan(nonsense.mean)) return;
    fputs("A substitution that makes a stop in the frame of the start changes the score by ", out);
    put_effect(out, nonsense);
    const char *between = " on average; ";
    for (size_t k = 0; k < sizeof told / sizeof *told; k++) {
        mg_estimate e = mg_ratio_estimate(&said[told[k]]);
        if (isnan(e.mean)) continue;
        fprintf(out, "%s%s ", between, mg_classes[told[k]].label);
        put_effect(out, e);
        between = ", ";
    }
    putc('.', out);
}

void mg_verdict_tell_flips(const mg_report *report, FILE *out)
{
    const mg_flip_counts *lost = &report->effects.flips.direction[MG_FLIP_LOST];
    mg_estimate nonsense = mg_share_estimate(&lost->nonsense[0]);
    mg_estimate sure = mg_share_estimate(&lost->nonsense[MG_SURE_CLEAR]);
    char n[MG_COUNT_TEXT];
    if (isnan(nonsense.mean)) return;
    fprintf(out, "Of %s substitutions in the coding part that take the call away, ",
            mg_format_count(n, (int64_t)nonsense.n));
    put_percent(out, nonsense);
    fputs(" make a stop in frame", out);
    if (!isnan(sure.mean) && mg_shape_has_odds(&report->run->shape)) {
        fprintf(out, "; of %s in windows called with a probability of %g or more, ",
                mg_format_count(n, (int64_t)sure.n), mg_sure_probability[MG_SURE_CLEAR]);
        put_percent(out, sure);
    }
    fputs(" (Ozbulak et al. 2023: 96.5%).", out);
    /* Shares of flips hide how often a rare kind of substitution flips. */
    mg_estimate upstream = mg_share_estimate(&lost->class[MG_CLASS_UPSTREAM_ATG_IN_FRAME]);
    mg_estimate stop = mg_share_estimate(&lost->class[MG_CLASS_NONSENSE]);
    if (isnan(upstream.mean) || isnan(stop.mean)) return;
    fprintf(out, " An ATG that is made upstream in frame takes the call away in ");
    put_percent(out, upstream);
    fprintf(out, " of %s cases, a stop in frame in ", mg_format_count(n, (int64_t)upstream.n));
    put_percent(out, stop);
    fprintf(out, " of %s.", mg_format_count(n, (int64_t)stop.n));
}

void mg_verdict_tell_auroc(const mg_report *report, FILE *out)
{
    const mg_summary_row *row = report->effects.auroc;
    mg_winner winner = mg_find_winner(row + 1, report->effects.auroc_pair, report->run->summary.n_methods, NULL);
    if (!winner.any || isnan(row[0].mean)) return;
    bool predicted = report->effects.hypothetical[winner.leader];
    const char *how = winner.wins ? " best" : mg_verdict_is_alone(report, row + 1) ? "" : " best, though not surely";
    fprintf(out, "%s tells nonsense from other coding substitutions%s, area under ROC ",
            report->run->summary.method[winner.leader].label, how);
    mg_verdict_put_interval(out, "%.3f", row[1 + winner.leader].mean, row[1 + winner.leader].low,
                            row[1 + winner.leader].high);
    fputs(predicted ? " by its own prediction d" : " by its contribution alone", out);
    fputs("; the mutations themselves reach ", out);
    mg_verdict_put_interval(out, "%.3f", row[0].mean, row[0].low, row[0].high);
    putc('.', out);
}
