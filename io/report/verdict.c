/* verdict.c  the answer in words, made from the numbers, each with its interval beside it
 *
 * With fewer clusters than a claim takes, the answer says that and is all.
 */
#include "io/report/verdict_parts.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/report/table.h"
#include "src/sequence/clusters.h"
#include "src/statistics/winner.h"
#include "src/core/log.h"
#include "src/core/memory.h"

/* The sentences in the making: a list of {topic, text}, and the stream of the present text. */
typedef struct {
    const mg_report *report;
    mg_table list;
    char *text;
    size_t n_text;
    FILE *out;
} writer;

static void begin_sentence(writer *w)
{
    w->out = open_memstream(&w->text, &w->n_text);
    if (w->out == NULL) w->list.failed = true;
}

static void end_sentence(writer *w, const char *topic)
{
    if (w->out == NULL || fclose(w->out) != 0) w->list.failed = true;
    if (!w->list.failed && w->n_text > 0) {
        w->text[0] = (char)toupper((unsigned char)w->text[0]); /* it may be a method's name */
        mg_table_row(&w->list);
        mg_table_text(&w->list, "topic", topic);
        mg_table_text(&w->list, "text", w->text);
    }
    free(w->text);
    w->text = NULL;
    w->out = NULL;
}

static const char *label(const writer *w, size_t m)
{
    return w->report->run->summary.method[m].label;
}

static void put_mean(FILE *out, const mg_summary_row *row)
{
    mg_verdict_put_interval(out, "%.2f", row->mean, row->low, row->high);
}

/* --- the answer --- */

static void put_rivals(const writer *w, const bool *rival, size_t n_rivals)
{
    size_t n = 0;
    for (size_t m = 0; m < w->report->run->summary.n_methods; m++) {
        if (!rival[m]) continue;
        fprintf(w->out, "%s%s", n == 0 ? "" : n + 1 == n_rivals ? " and " : ", ", label(w, m));
        n++;
    }
}

static void write_answer(writer *w, const mg_summary_row *row, const mg_winner *winner, const bool *rival)
{
    char windows[MG_COUNT_TEXT], units[MG_COUNT_TEXT + MG_UNIT_TEXT];
    const char *unit = mg_summary_unit(&w->report->table.table);
    const mg_task_group *words = mg_shape_group(&w->report->run->shape, w->report->group.group);
    if (!winner->any) {
        fprintf(w->out, "No method has a value in the group '%s'.", words->name);
        return;
    }
    const mg_summary_row *best = &row[winner->leader];
    if (winner->wins)
        fprintf(w->out, "%s agrees best with the mutations", label(w, winner->leader));
    else if (mg_verdict_is_alone(w->report, row))
        fprintf(w->out, "There is no other method to compare %s with: agreement with the mutations",
                label(w, winner->leader));
    else
        fprintf(w->out, "There is no clear winner: %s has the highest agreement with the mutations",
                label(w, winner->leader));
    fputs(", mean Spearman correlation ", w->out);
    put_mean(w->out, best);
    fprintf(w->out, " over %s %s", mg_format_count(windows, best->n), best->n == 1 ? words->one : words->many);
    if (strcmp(unit, "window") != 0)
        fprintf(w->out, " of %s", mg_clusters_units(units, sizeof units, best->n_clusters, unit));
    if (winner->wins)
        fputs("; the paired test against each other method, corrected for all tests shown here, is below 0.05", w->out);
    else if (winner->n_rivals > 0) {
        fputs(", but cannot be told from ", w->out);
        put_rivals(w, rival, winner->n_rivals);
    }
    if (!winner->enough)
        fprintf(w->out, "; fewer than %s are too few for a claim",
                mg_clusters_units(units, sizeof units, MG_ENOUGH_CLUSTERS, unit));
    putc('.', w->out);
}

/* A network that says no to every annotated site is as a rule asked about another base, in another order, or of another
 * class than it was trained for. */
static void write_uncalled(const mg_report *report, FILE *out)
{
    enum { ENOUGH = 10 }; /* windows: of a few sites it may well miss all */
    const mg_run_shape *shape = &report->run->shape;
    const mg_report_group *group = &report->group;
    char n[MG_COUNT_TEXT];
    if (group->group != MG_GROUP_ANNOTATED || group->n < ENOUGH || group->n_called > 0) return;
    if (mg_shape_group(shape, MG_GROUP_CALLED) == NULL) return;
    fprintf(
        out,
        "The network calls none of these %s %s (no score is above 0): look whether --anchor, --bases and --target are "
        "what it was trained for before the ranking is read.",
        mg_format_count(n, (int64_t)group->n), mg_shape_group(shape, group->group)->many);
}

/* How far the correction goes is said with the number. */
static void put_p(const writer *w, double p)
{
    char n[MG_COUNT_TEXT];
    if (isnan(p)) return;
    if (p < 1e-300)
        fputs(" (p < 1e-300", w->out); /* a p of 0 is one too small for a double */
    else
        fprintf(w->out, " (p = %.2g", p);
    size_t n_tests = w->report->claims.n_tests;
    if (n_tests == 1)
        fputs(", the only test of this report)", w->out);
    else
        fprintf(w->out, ", Holm-corrected over all %s tests of this report)", mg_format_count(n, (int64_t)n_tests));
}

/* The second best, and by how much it is behind. */
static void write_difference(writer *w, const mg_summary_row *row, const mg_winner *winner)
{
    const mg_report *report = w->report;
    size_t n_methods = report->run->summary.n_methods, n_pairs = mg_summary_n_pairs(n_methods), *order = NULL;
    if (!winner->any || mg_alloc(&order, n_methods, sizeof *order, NULL) != MG_OK) return;
    size_t n = mg_order_methods(row, n_methods, order), g = report->group.group;
    const mg_summary_pair *pair = report->claims.main;
    for (size_t k = 0; k < n_pairs && n > 1; k++) {
        bool forward = (size_t)pair[k].method == order[0] && (size_t)pair[k].other == order[1];
        if (!forward && ((size_t)pair[k].method != order[1] || (size_t)pair[k].other != order[0])) continue;
        if (row[order[0]].mean == row[order[1]].mean) {
            fprintf(w->out, "%s has the very same mean.", label(w, order[1]));
            continue;
        }
        double sign = forward ? 1 : -1, low = report->ranks.low[g * n_pairs + k],
               high = report->ranks.high[g * n_pairs + k];
        fprintf(w->out, "Next comes %s with ", label(w, order[1]));
        put_mean(w->out, &row[order[1]]);
        fputs(", a difference of ", w->out);
        mg_verdict_put_interval(w->out, "%.3f", sign * pair[k].mean_difference, forward ? low : -high,
                                forward ? high : -low);
        put_p(w, pair[k].p_holm);
        putc('.', w->out);
    }
    free(order);
}

/* In how many of the choices a method leads, and in how many of them the test against each other method says so. */
typedef struct {
    int led, surely;
} lead_count;

/* Returns the number of choices counted; probability says nothing where a logit is explained. */
static int count_leads(const mg_report *report, lead_count *lead)
{
    size_t n_methods = report->run->summary.n_methods, n_pairs = mg_summary_n_pairs(n_methods);
    int n_choices = 0;
    for (size_t k = 0; k < MG_N_CHOICES; k++) {
        if (!mg_report_choice_is_told(report, mg_choice_at((int)k))) continue;
        mg_winner winner = mg_find_winner(report->effects.choice + k * n_methods,
                                          report->effects.choice_pair + k * n_pairs, n_methods, NULL);
        n_choices++;
        if (!winner.any) continue;
        lead[winner.leader].led++;
        lead[winner.leader].surely += winner.wins;
    }
    return n_choices;
}

static void put_lead(const writer *w, size_t m, const lead_count *lead)
{
    fprintf(w->out, "%s leads in %d", label(w, m), lead->led);
    if (lead->led > 0) fprintf(w->out, " (%d surely)", lead->surely);
}

/* Who leads under each of the choices, and how often: the leader of the run first. */
static void write_choices(writer *w, const mg_winner *winner)
{
    const mg_report *report = w->report;
    size_t n_methods = report->run->summary.n_methods;
    bool logit = !mg_shape_has_odds(&report->run->shape);
    lead_count *lead = NULL;
    if (!report->has_effects || !winner->any || n_methods < 2 ||
        mg_alloc(&lead, n_methods, sizeof *lead, NULL) != MG_OK)
        return;
    fprintf(
        w->out,
        "Under %d choices of what agreement means (rank or linear correlation, %ssigned values or magnitudes, mean or "
        "worst substitution) ",
        count_leads(report, lead), logit ? "" : "log-odds or probability, ");
    put_lead(w, winner->leader, &lead[winner->leader]);
    for (size_t m = 0; m < n_methods; m++) {
        if (m == winner->leader || lead[m].led == 0) continue;
        fputs("; ", w->out);
        put_lead(w, m, &lead[m]);
    }
    putc('.', w->out);
    free(lead);
}

/* --- the whole --- */

/* With too few clusters there is nothing to be said beyond the answer, that the network calls none, and which methods are one. */
static void write_sentences(writer *w, const mg_summary_row *row, const mg_winner *winner, const bool *rival)
{
    begin_sentence(w);
    if (w->out != NULL) write_answer(w, row, winner, rival);
    end_sentence(w, "answer");
    begin_sentence(w);
    if (w->out != NULL) write_uncalled(w->report, w->out);
    end_sentence(w, "uncalled");
    begin_sentence(w);
    if (w->out != NULL) mg_report_tell_same(w->report, w->out);
    end_sentence(w, "same");
    static const struct {
        const char *topic;
        void (*tell)(const mg_report *report, FILE *out);
    } places[] = {{"families", mg_report_tell_families},
                  {"baselines", mg_report_tell_baselines},
                  {"measured", mg_report_tell_measured},
                  {"settings", mg_report_tell_settings},
                  {"quarters", mg_report_tell_quarters}};
    if (!winner->enough) return;
    begin_sentence(w);
    if (w->out != NULL) write_difference(w, row, winner);
    end_sentence(w, "difference");
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        begin_sentence(w);
        if (w->out != NULL) places[k].tell(w->report, w->out);
        end_sentence(w, places[k].topic);
    }
    begin_sentence(w);
    if (w->out != NULL) write_choices(w, winner);
    end_sentence(w, "choices");
    static const struct {
        const char *topic;
        mg_section section;
        void (*tell)(const mg_report *report, FILE *out);
    } part[] = {{"kozak", MG_SECTION_KOZAK, mg_verdict_tell_kozak},
                {"stops", MG_SECTION_STOPS, mg_verdict_tell_stops},
                {"flips", MG_SECTION_FLIPS, mg_verdict_tell_flips},
                {"auroc", MG_SECTION_STOPS, mg_verdict_tell_auroc}};
    for (size_t k = 0; w->report->has_effects && k < sizeof part / sizeof *part; k++) {
        if (!mg_report_has(w->report, part[k].section)) continue;
        begin_sentence(w);
        if (w->out != NULL) part[k].tell(w->report, w->out);
        end_sentence(w, part[k].topic);
    }
}

static json_t *paragraph(const json_t *sentences)
{
    char *text = NULL;
    size_t n = 0, k;
    const json_t *sentence;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL) return NULL;
    json_array_foreach(sentences, k, sentence)
        fprintf(out, "%s%s", k > 0 ? " " : "", json_string_value(json_object_get(sentence, "text")));
    bool fine = fclose(out) == 0;
    json_t *value = fine ? mg_json_text(text) : NULL;
    free(text);
    return value;
}

static json_t *name_of(const mg_report *report, bool known, size_t m)
{
    return known ? mg_json_text(report->run->summary.method[m].name) : json_null();
}

static json_t *rival_names(const mg_report *report, const bool *rival)
{
    json_t *list = json_array();
    bool fine = list != NULL;
    for (size_t m = 0; m < report->run->summary.n_methods && fine; m++)
        if (rival[m]) fine = json_array_append_new(list, name_of(report, true, m)) == 0;
    if (fine) return list;
    json_decref(list);
    return NULL;
}

json_t *mg_report_verdict(const mg_report *report)
{
    size_t n_methods = report->run->summary.n_methods;
    mg_group group = report->group.group;
    const mg_summary_row *row = mg_summary_rows(&report->table.table, MG_REPORT_METRIC, group);
    const mg_summary_pair *pair = report->claims.main;
    bool *rival = NULL;
    if (mg_alloc(&rival, n_methods, sizeof *rival, NULL) != MG_OK) return NULL;
    mg_winner winner = mg_find_winner(row, pair, n_methods, rival);
    writer w = {.report = report, .list = mg_table_begin()};
    write_sentences(&w, row, &winner, rival);
    json_t *sentences = mg_table_end(&w.list), *text = sentences != NULL ? paragraph(sentences) : NULL;
    json_t *verdict =
        json_pack("{s:o, s:o, s:o, s:b, s:o, s:o}", "winner", name_of(report, winner.wins, winner.leader), "leader",
                  name_of(report, winner.any, winner.leader), "rivals", rival_names(report, rival), "enough",
                  winner.enough, "sentences", sentences, "text", text);
    free(rival);
    return verdict;
}
