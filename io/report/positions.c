/* positions.c  the document's numbers by position: mean effect and contribution, and by base */
#include "io/report/report.h"

#include <math.h>

#include "io/report/table.h"
#include "src/sequence/window.h"

bool mg_report_has_source(const mg_report *report, size_t source)
{
    return source == 0 || !mg_run_method_is_network(&report->run->summary.method[source - 1]);
}

const char *mg_report_source_name(const mg_report *report, size_t source)
{
    return source == 0 ? "mutations" : report->run->summary.method[source - 1].name;
}

int64_t mg_report_position(const mg_report *report, int64_t offset)
{
    return mg_window_position(offset, report->run->anchor);
}

const mg_ratio *mg_report_base_ratio(const mg_profile *profile, size_t source, int64_t p, int b)
{
    return &profile->base[((int64_t)source * profile->length + p) * MG_N_BASES + b];
}

double mg_report_base_share(const mg_profile *profile, int64_t p, int b)
{
    double known = profile->position[p].all_count;
    return known > 0 ? mg_report_base_ratio(profile, 0, p, b)->all_count / known : NAN;
}

bool mg_report_has_kind(const mg_report *report, size_t kind)
{
    const mg_profile *profile = &report->effects.profile[kind];
    for (int64_t p = 0; p < profile->length; p++)
        if (profile->position[p].all_count > 0) return true;
    return false;
}

/* A column only where a task has several kinds of windows. */
static void put_kind(mg_table *t, const mg_report *report, size_t kind)
{
    if (report->task->n_kinds > 1) mg_table_text(t, "kind", report->task->kind[kind]);
}

static void put_profile(mg_table *t, const mg_report *report, size_t kind)
{
    const mg_profile *profile = &report->effects.profile[kind];
    for (int64_t p = 0; p < profile->length; p++)
        for (size_t s = 0; s < profile->n_sources; s++) {
            if (!mg_report_has_source(report, s)) continue;
            mg_estimate e = mg_ratio_estimate(&profile->position[(int64_t)s * profile->length + p]);
            mg_table_row(t);
            put_kind(t, report, kind);
            mg_table_count(t, "position", mg_report_position(report, p));
            mg_table_text(t, "source", mg_report_source_name(report, s));
            mg_table_count(t, "n", (int64_t)e.n);
            mg_table_estimate(t, e);
        }
}

static void put_bases(mg_table *t, const mg_report *report, size_t kind)
{
    static const char base[MG_N_BASES][2] = {"A", "C", "G", "T"};
    const mg_profile *profile = &report->effects.profile[kind];
    for (int64_t p = 0; p < profile->length; p++)
        for (int b = 0; b < MG_N_BASES; b++) {
            mg_table_row(t);
            put_kind(t, report, kind);
            mg_table_count(t, "position", mg_report_position(report, p));
            mg_table_text(t, "base", base[b]);
            mg_table_count(t, "n", (int64_t)mg_report_base_ratio(profile, 0, p, b)->all_count);
            mg_table_number(t, "share", mg_report_base_share(profile, p, b));
            mg_table_number(t, "effect_to", mg_ratio_estimate(&profile->effect_to[p * MG_N_BASES + b]).mean);
            for (size_t s = 0; s < profile->n_sources; s++)
                if (mg_report_has_source(report, s))
                    mg_table_number(t, mg_report_source_name(report, s),
                                    mg_ratio_estimate(mg_report_base_ratio(profile, s, p, b)).mean);
        }
}

static json_t *by_kind(const mg_report *report, void (*put)(mg_table *, const mg_report *, size_t))
{
    mg_table t = mg_table_begin();
    for (size_t k = 0; k < report->task->n_kinds; k++)
        if (report->task->n_kinds == 1 || mg_report_has_kind(report, k)) put(&t, report, k);
    return mg_table_end(&t);
}

bool mg_report_positions(const mg_report *report, json_t *root)
{
    json_t *profile = report->has_effects ? by_kind(report, put_profile) : json_null();
    json_t *bases = report->has_effects ? by_kind(report, put_bases) : json_null();
    bool fine = json_object_set_new(root, "profile", profile) == 0;
    return json_object_set_new(root, "bases", bases) == 0 && fine;
}
