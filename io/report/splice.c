/* splice.c  the section of splice sites: consensus logos of both kinds, and what substitutions do by class */
#include "io/report/report.h"

#include "io/report/table.h"
#include "src/task/splice/classes.h"

static const char base_name[MG_N_BASES][2] = {"A", "C", "G", "T"};

/* Offsets of the consensus that lie in the window: first .. last. */
static void told_range(const mg_report *report, mg_splice_kind kind, int64_t *first, int64_t *last)
{
    int64_t anchor = report->run->anchor, length = report->run->shape.length;
    *first = anchor + (kind == MG_SPLICE_DONOR ? MG_DONOR_FIRST : MG_ACCEPTOR_FIRST);
    *last = anchor + (kind == MG_SPLICE_DONOR ? MG_DONOR_LAST : MG_ACCEPTOR_LAST) - 1; /* there is no position 0 */
    if (*first < 0) *first = 0;
    if (*last >= length) *last = length - 1;
}

static void put_consensus(mg_table *t, const mg_report *report, mg_splice_kind kind)
{
    const mg_profile *profile = &report->effects.profile[kind];
    int64_t first, last;
    told_range(report, kind, &first, &last);
    for (int64_t p = first; p <= last; p++)
        for (int b = 0; b < MG_N_BASES; b++)
            for (size_t s = 0; s < profile->n_sources; s++) {
                if (!mg_report_has_source(report, s)) continue;
                mg_estimate e = mg_ratio_estimate(mg_report_base_ratio(profile, s, p, b));
                mg_table_row(t);
                mg_table_text(t, "kind", report->task->kind[kind]);
                mg_table_count(t, "position", mg_report_position(report, p));
                mg_table_text(t, "base", base_name[b]);
                mg_table_text(t, "source", mg_report_source_name(report, s));
                mg_table_count(t, "n", (int64_t)e.n);
                mg_table_estimate(t, e);
                mg_table_number(t, "share", mg_report_base_share(profile, p, b));
            }
}

/* What mutations and methods say of each class of substitutions: D, its prediction d, or -a. */
static void put_classes(mg_table *t, const mg_report *report, mg_splice_kind kind)
{
    const mg_splice_sums *sums = &report->effects.splice;
    for (int c = 0; c < MG_N_SPLICE_CLASSES; c++)
        for (size_t s = 0; s < sums->n_sources; s++) {
            if (!mg_report_has_source(report, s)) continue;
            mg_estimate e =
                mg_ratio_estimate(&sums->said[((size_t)kind * sums->n_sources + s) * MG_N_SPLICE_CLASSES + (size_t)c]);
            bool predicts = s > 0 && report->effects.hypothetical[s - 1];
            mg_table_row(t);
            mg_table_text(t, "kind", report->task->kind[kind]);
            mg_table_text(t, "class", mg_splice_class_names[c]);
            mg_table_text(t, "label", mg_splice_class_labels[c]);
            mg_table_text(t, "source", mg_report_source_name(report, s));
            mg_table_text(t, "what", s == 0 ? "D" : predicts ? "d" : "a");
            mg_table_count(t, "n", (int64_t)e.n);
            mg_table_estimate(t, e);
        }
}

static json_t *of_kinds(const mg_report *report, void (*put)(mg_table *, const mg_report *, mg_splice_kind))
{
    mg_table t = mg_table_begin();
    for (mg_splice_kind kind = 0; kind < MG_N_SPLICE_KINDS; kind++)
        if (mg_report_has_kind(report, kind)) put(&t, report, kind);
    return mg_table_end(&t);
}

bool mg_report_splice(const mg_report *report, json_t *root)
{
    if (!mg_report_has(report, MG_SECTION_SPLICE)) return true;
    json_t *section = json_null();
    if (report->has_effects)
        section = json_pack("{s:o, s:o}", "consensus", of_kinds(report, put_consensus), "classes",
                            of_kinds(report, put_classes));
    return json_object_set_new(root, "splice", section) == 0;
}
