/* starts.c  sections of the task of translation starts: Kozak context, stops, flips */
#include "io/report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/report/table.h"
#include "src/statistics/winner.h"
#include "src/core/memory.h"
#include "src/sequence/window.h"

enum { N_BINS = 60 };

static const char bases[MG_N_BASES][2] = {"A", "C", "G", "T"};

/* --- Kozak --- */

/* Offsets of the Kozak positions that lie in the window: first .. last. */
static void kozak_range(const mg_report *report, int64_t *first, int64_t *last)
{
    int64_t anchor = report->run->anchor;
    *first = anchor + MG_KOZAK_FIRST < 0 ? 0 : anchor + MG_KOZAK_FIRST;
    *last = anchor + MG_KOZAK_LAST - 1; /* there is no position 0 */
    if (*last >= report->run->shape.length) *last = report->run->shape.length - 1;
}

static json_t *kozak_rows(const mg_report *report)
{
    const mg_profile *profile = &report->effects.profile[0];
    int64_t first, last;
    kozak_range(report, &first, &last);
    mg_table t = mg_table_begin();
    for (int64_t p = first; p <= last; p++)
        for (int b = 0; b < MG_N_BASES; b++)
            for (size_t s = 0; s < profile->n_sources; s++) {
                if (!mg_report_has_source(report, s)) continue;
                mg_estimate e = mg_ratio_estimate(mg_report_base_ratio(profile, s, p, b));
                mg_table_row(&t);
                mg_table_count(&t, "position", mg_report_position(report, p));
                mg_table_text(&t, "base", bases[b]);
                mg_table_text(&t, "source", mg_report_source_name(report, s));
                mg_table_count(&t, "n", (int64_t)e.n);
                mg_table_estimate(&t, e);
                mg_table_number(&t, "share", mg_report_base_share(profile, p, b));
            }
    return mg_table_end(&t);
}

static json_t *kozak_effects(const mg_report *report)
{
    const mg_profile *profile = &report->effects.profile[0];
    int64_t first, last;
    kozak_range(report, &first, &last);
    mg_table t = mg_table_begin();
    for (int64_t p = first; p <= last; p++)
        for (int b = 0; b < MG_N_BASES; b++) {
            mg_estimate e = mg_ratio_estimate(&profile->effect_to[p * MG_N_BASES + b]);
            mg_table_row(&t);
            mg_table_count(&t, "position", mg_report_position(report, p));
            mg_table_text(&t, "base", bases[b]);
            mg_table_count(&t, "n", (int64_t)e.n);
            mg_table_estimate(&t, e);
        }
    return mg_table_end(&t);
}

static void put_side(mg_table *t, const mg_contrast *contrast, int side)
{
    static const char *const key[2][3] = {{"mean_with", "lo_with", "hi_with"},
                                          {"mean_without", "lo_without", "hi_without"}};
    mg_estimate e = mg_contrast_side(contrast, side);
    mg_table_number(t, key[side][0], e.mean);
    mg_table_number(t, key[side][1], e.low);
    mg_table_number(t, key[side][2], e.high);
}

static json_t *kozak_features(const mg_report *report)
{
    const mg_kozak *kozak = &report->effects.kozak;
    mg_table t = mg_table_begin();
    for (int f = 0; f < MG_N_KOZAK_FEATURES; f++)
        for (size_t s = 0; s <= kozak->n_sources; s++) {
            if (s < kozak->n_sources && !mg_report_has_source(report, s)) continue;
            const mg_contrast *c = &kozak->contrast[(size_t)f * (kozak->n_sources + 1) + s];
            mg_estimate difference = mg_contrast_difference(c);
            mg_table_row(&t);
            mg_table_text(&t, "feature", mg_kozak_feature_names[f]);
            mg_table_text(&t, "source", s < kozak->n_sources ? mg_report_source_name(report, s) : "score");
            mg_table_count(&t, "n_with", (int64_t)c->all[1]);
            mg_table_count(&t, "n_without", (int64_t)c->all[3]);
            put_side(&t, c, 0);
            put_side(&t, c, 1);
            mg_table_number(&t, "difference", difference.mean);
            mg_table_number(&t, "lo", difference.low);
            mg_table_number(&t, "hi", difference.high);
        }
    return mg_table_end(&t);
}

static json_t *kozak_changes(const mg_report *report)
{
    mg_table t = mg_table_begin();
    for (int f = 0; f < MG_N_KOZAK_FEATURES; f++)
        for (int c = 0; c < MG_N_KOZAK_CHANGES; c++) {
            mg_estimate e = mg_ratio_estimate(&report->effects.kozak.change[f][c]);
            mg_table_row(&t);
            mg_table_text(&t, "feature", mg_kozak_feature_names[f]);
            mg_table_text(&t, "change", mg_kozak_change_names[c]);
            mg_table_count(&t, "n", (int64_t)e.n);
            mg_table_estimate(&t, e);
        }
    return mg_table_end(&t);
}

/* --- stops --- */

static void put_class(mg_table *t, int class)
{
    mg_table_text(t, "class", mg_classes[class].name);
    mg_table_text(t, "label", mg_classes[class].label);
    mg_table_flag(t, "coding", mg_classes[class].coding);
}

static json_t *class_table(const mg_report *report)
{
    static const struct {
        const char *key;
        double q;
    } quantile[] = {{"q01", 0.01}, {"q05", 0.05}, {"q25", 0.25}, {"median", 0.5},
                    {"q75", 0.75}, {"q95", 0.95}, {"q99", 0.99}};
    const mg_stops *stops = &report->effects.stops;
    bool logit = !mg_shape_has_odds(&report->run->shape);
    mg_table t = mg_table_begin();
    for (int c = 0; c < MG_N_CLASSES; c++) {
        mg_estimate e = mg_ratio_estimate(&stops->said[c]);
        mg_table_row(&t);
        put_class(&t, c);
        mg_table_count(&t, "n", (int64_t)e.n);
        mg_table_count(&t, "clusters", e.n_clusters);
        mg_table_estimate(&t, e);
        for (size_t k = 0; k < sizeof quantile / sizeof *quantile; k++)
            mg_table_number(&t, quantile[k].key, mg_spread_quantile(&stops->spread[c], quantile[k].q));
        mg_table_number(&t, "probability", logit ? NAN : mg_ratio_estimate(&stops->probability[c]).mean);
    }
    return mg_table_end(&t);
}

/* Edges that hold all classes' middle 99%. */
static void find_edges(const mg_stops *stops, double edge[N_BINS + 1])
{
    double low = 0, high = 0;
    for (int c = 0; c < MG_N_CLASSES; c++) {
        if (stops->spread[c].n == 0) continue;
        low = fmin(low, mg_spread_quantile(&stops->spread[c], 0.005));
        high = fmax(high, mg_spread_quantile(&stops->spread[c], 0.995));
    }
    if (!(high > low)) high = low + 1;
    for (int k = 0; k <= N_BINS; k++)
        edge[k] = low + (high - low) * k / N_BINS;
}

static json_t *histogram(const mg_report *report)
{
    double edge[N_BINS + 1];
    int64_t count[N_BINS];
    json_t *edges = json_array(), *counts = json_object();
    bool fine = edges != NULL && counts != NULL;
    find_edges(&report->effects.stops, edge);
    for (int k = 0; k <= N_BINS && fine; k++)
        fine = json_array_append_new(edges, mg_json_number(edge[k])) == 0;
    for (int c = 0; c < MG_N_CLASSES && fine; c++) {
        json_t *list = json_array();
        mg_spread_histogram(&report->effects.stops.spread[c], edge, N_BINS, count);
        for (int k = 0; k < N_BINS && fine; k++)
            fine = json_array_append_new(list, json_integer(count[k])) == 0;
        fine = json_object_set_new(counts, mg_classes[c].name, list) == 0 && fine;
    }
    if (fine) return json_pack("{s:o, s:o}", "edges", edges, "counts", counts);
    json_decref(edges);
    json_decref(counts);
    return NULL;
}

/* What a source says about a substitution. */
static const char *what_is_said(const mg_report *report, size_t source)
{
    if (source == 0) return "D";
    return report->effects.hypothetical[source - 1] ? "d" : "a";
}

static json_t *predicted_table(const mg_report *report)
{
    const mg_stops *stops = &report->effects.stops;
    mg_table t = mg_table_begin();
    for (int c = 0; c < MG_N_CLASSES; c++)
        for (size_t s = 0; s < stops->n_sources; s++) {
            if (!mg_report_has_source(report, s)) continue;
            mg_estimate e = mg_ratio_estimate(&stops->said[s * MG_N_CLASSES + (size_t)c]);
            mg_table_row(&t);
            mg_table_text(&t, "class", mg_classes[c].name);
            mg_table_text(&t, "source", mg_report_source_name(report, s));
            mg_table_text(&t, "what", what_is_said(report, s));
            mg_table_count(&t, "n", (int64_t)e.n);
            mg_table_estimate(&t, e);
        }
    return mg_table_end(&t);
}

static json_t *codon_table(const mg_report *report)
{
    const mg_stops *stops = &report->effects.stops;
    mg_table t = mg_table_begin();
    for (size_t codon = 1; codon < stops->n_codons; codon++)
        for (int c = 0; c < MG_N_CODING_CLASSES; c++) {
            mg_estimate e = mg_ratio_estimate(&stops->codon[codon * MG_N_CODING_CLASSES + (size_t)c]);
            if (e.n == 0) continue;
            mg_table_row(&t);
            mg_table_count(&t, "codon", (int64_t)codon + 1);
            mg_table_text(&t, "class", mg_classes[MG_CLASS_NONSENSE + c].name);
            mg_table_count(&t, "n", (int64_t)e.n);
            mg_table_estimate(&t, e);
        }
    return mg_table_end(&t);
}

static json_t *auroc_table(const mg_report *report)
{
    size_t n_methods = report->run->summary.n_methods;
    const mg_summary_row *row = report->effects.auroc;
    mg_table t = mg_table_begin();
    for (size_t s = 0; s <= n_methods; s++) {
        mg_standing place = {0};
        if (!mg_report_has_source(report, s)) continue;
        if (s > 0) place = mg_standing_of(row + 1, n_methods, s - 1);
        mg_table_row(&t);
        mg_table_text(&t, "source", mg_report_source_name(report, s));
        mg_table_text(&t, "what", what_is_said(report, s));
        mg_table_count(&t, "n", row[s].n);
        mg_table_count(&t, "undefined", row[s].n_undefined);
        mg_table_count(&t, "clusters", row[s].n_clusters);
        mg_table_estimate(&t, (mg_estimate){.mean = row[s].mean, .low = row[s].low, .high = row[s].high});
        mg_table_number(&t, "mean_rank", s > 0 ? row[s].mean_rank : NAN);
        mg_table_value(&t, "place", place.place > 0 ? json_integer((json_int_t)place.place) : json_null());
        mg_table_flag(&t, "shared", place.shared);
    }
    return mg_table_end(&t);
}

static json_t *auroc_pair_table(const mg_report *report)
{
    const mg_summary_pair *pair = report->effects.auroc_pair;
    mg_table t = mg_table_begin();
    for (size_t k = 0; k < mg_summary_n_pairs(report->run->summary.n_methods); k++) {
        const mg_run_method *method = report->run->summary.method;
        if (mg_run_method_is_network(&method[pair[k].method]) || mg_run_method_is_network(&method[pair[k].other]))
            continue;
        mg_table_row(&t);
        mg_table_text(&t, "method", mg_report_source_name(report, 1 + (size_t)pair[k].method));
        mg_table_text(&t, "other", mg_report_source_name(report, 1 + (size_t)pair[k].other));
        mg_table_count(&t, "n", pair[k].n);
        mg_table_count(&t, "wins", pair[k].n_wins);
        mg_table_count(&t, "ties", pair[k].n_ties);
        mg_table_number(&t, "mean_difference", pair[k].mean_difference);
        mg_table_number(&t, "p", pair[k].p);
        mg_table_number(&t, "p_holm", pair[k].p_holm);
    }
    return mg_table_end(&t);
}

static json_t *stops_object(const mg_report *report)
{
    char list[MG_CODON_LIST];
    return json_pack("{s:{s:i, s:s, s:s}, s:o, s:o, s:o, s:o, s:o, s:o}", "genetic_code", "number", report->code.number,
                     "name", report->code.name, "stops", mg_genetic_code_stops(&report->code, list), "classes",
                     class_table(report), "histogram", histogram(report), "predicted", predicted_table(report),
                     "codons", codon_table(report), "auroc", auroc_table(report), "auroc_pairs",
                     auroc_pair_table(report));
}

/* --- flips --- */

/* n, flips, and the share of them. */
static void put_share(mg_table *t, const mg_ratio *ratio)
{
    mg_estimate e = mg_share_estimate(ratio);
    mg_table_count(t, "n", (int64_t)e.n);
    mg_table_count(t, "flips", e.n > 0 ? (int64_t)llround(e.mean * e.n) : 0);
    mg_table_number(t, "share", e.mean);
    mg_table_number(t, "lo", e.low);
    mg_table_number(t, "hi", e.high);
}

static void put_share_of_flips(mg_table *t, const mg_ratio *ratio)
{
    mg_estimate e = mg_share_estimate(ratio);
    mg_table_number(t, "share_of_flips", e.mean);
    mg_table_number(t, "lo_of_flips", e.low);
    mg_table_number(t, "hi_of_flips", e.high);
}

static json_t *flips_by_class(const mg_report *report)
{
    mg_table t = mg_table_begin();
    for (int f = 0; f < MG_N_FLIPS; f++)
        for (int c = 0; c < MG_N_CLASSES; c++) {
            const mg_flip_counts *counts = &report->effects.flips.direction[f];
            mg_table_row(&t);
            mg_table_text(&t, "direction", mg_flip_names[f]);
            put_class(&t, c);
            put_share(&t, &counts->class[c]);
            put_share_of_flips(&t, &counts->of_flips_class[c]);
        }
    return mg_table_end(&t);
}

static json_t *flips_by_position(const mg_report *report)
{
    mg_table t = mg_table_begin();
    for (int f = 0; f < MG_N_FLIPS; f++)
        for (int64_t p = 0; p < report->effects.flips.length; p++) {
            mg_table_row(&t);
            mg_table_text(&t, "direction", mg_flip_names[f]);
            mg_table_count(&t, "position", mg_report_position(report, p));
            put_share(&t, &report->effects.flips.direction[f].position[p]);
        }
    return mg_table_end(&t);
}

static json_t *flips_by_base(const mg_report *report)
{
    mg_table t = mg_table_begin();
    for (int f = 0; f < MG_N_FLIPS; f++)
        for (int b = 0; b < MG_N_BASES; b++) {
            const mg_flip_counts *counts = &report->effects.flips.direction[f];
            mg_table_row(&t);
            mg_table_text(&t, "direction", mg_flip_names[f]);
            mg_table_text(&t, "to", bases[b]);
            put_share(&t, &counts->to[b]);
            put_share_of_flips(&t, &counts->of_flips_to[b]);
        }
    return mg_table_end(&t);
}

static void put_published(mg_table *t, const char *quantity, double least, const mg_ratio *ratio, double published)
{
    mg_estimate e = mg_share_estimate(ratio);
    mg_table_row(t);
    mg_table_text(t, "quantity", quantity);
    mg_table_number(t, "least_probability", least);
    mg_table_count(t, "n", (int64_t)e.n);
    mg_table_number(t, "share", e.mean);
    mg_table_number(t, "lo", e.low);
    mg_table_number(t, "hi", e.high);
    mg_table_number(t, "published", published);
}

/* A logit tells no probability, so there all called windows count. */
static json_t *flips_published(const mg_report *report)
{
    const mg_flip_counts *lost = &report->effects.flips.direction[MG_FLIP_LOST];
    bool logit = !mg_shape_has_odds(&report->run->shape);
    mg_table t = mg_table_begin();
    for (int k = 0; k < (logit ? 1 : MG_N_SURE); k++) {
        double least = logit ? NAN : mg_sure_probability[k];
        put_published(&t, "nonsense", least, &lost->nonsense[k], 0.965);
        put_published(&t, "to C", least, &lost->to_c[k], 0.012);
    }
    return mg_table_end(&t);
}

/* --- the whole --- */

static bool set(json_t *root, const char *key, json_t *value)
{
    return json_object_set_new(root, key, value) == 0;
}

bool mg_report_starts(const mg_report *report, json_t *root)
{
    static const char *const sections[] = {"kozak", "stops", "flips"};
    if (!mg_report_has(report, MG_SECTION_KOZAK)) return true;
    size_t n = mg_report_has(report, MG_SECTION_FLIPS) ? 3 : 2;
    for (size_t k = 0; !report->has_effects && k < n; k++)
        if (!set(root, sections[k], json_null())) return false;
    if (!report->has_effects) return true;
    return set(root, "kozak",
               json_pack("{s:o, s:o, s:o, s:o}", "rows", kozak_rows(report), "effects", kozak_effects(report),
                         "features", kozak_features(report), "changes", kozak_changes(report))) &&
           set(root, "stops", stops_object(report)) &&
           (!mg_report_has(report, MG_SECTION_FLIPS) ||
            set(root, "flips",
                json_pack("{s:o, s:o, s:o, s:o}", "classes", flips_by_class(report), "positions",
                          flips_by_position(report), "bases", flips_by_base(report), "published",
                          flips_published(report))));
}
