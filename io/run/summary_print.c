/* summary_print.c  the tables on the terminal: who is best, and every metric at a glance */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "io/run/summary.h"
#include "src/statistics/winner.h"
#include "src/core/log.h"
#include "src/sequence/clusters.h"

enum {
    WIDTH = 100,
    LABEL = 48,        /* most columns of a method's label */
    METRIC_LABEL = 22, /* columns of a metric's name and a space */
    HEADING = 15,      /* most columns of one of the two lines of a method's heading */
    NUMBER = 8         /* columns of a number */
};

static const char *group_words(const mg_summary_table *table, mg_group group)
{
    const mg_task_group *words = mg_summary_group(table, group);
    return words != NULL ? words->label : "no windows";
}

mg_group mg_summary_choose_group(const mg_summary_table *table)
{
    static const mg_group choice[] = {MG_GROUP_ANNOTATED, MG_GROUP_CALLED};
    for (size_t k = 0; k < sizeof choice / sizeof *choice; k++) {
        const mg_summary_row *row = mg_summary_rows(table, MG_SPEARMAN, choice[k]);
        if (mg_summary_group(table, choice[k]) != NULL && table->n_methods > 0 && row[0].n + row[0].n_undefined > 0)
            return choice[k];
    }
    return MG_GROUP_ALL;
}

/* A share or correlation has two decimals; an error in score units may be 1e-7 or 10. */
static void print_number(FILE *out, int width, const mg_metric_info *metric, double x)
{
    if (isnan(x))
        fprintf(out, "%*s", width, "-");
    else if (strcmp(metric->unit, "score") == 0)
        fprintf(out, "%*.2g", width, x);
    else
        fprintf(out, "%*.2f", width, x);
}

/* --- ranking --- */

static int label_width(const mg_summary_table *table)
{
    size_t width = 0;
    for (size_t m = 0; m < table->n_methods; m++) {
        size_t n = strlen(table->method_label[m]);
        width = n > width ? n : width;
    }
    return width < LABEL ? (int)width : LABEL;
}

/* Where no number is said a row of the network says nothing. */
static bool is_silent(const mg_summary_table *table, const mg_summary_row *row)
{
    return row->n == 0 && table->is_network != NULL && table->is_network[row->method];
}

static void print_method(FILE *out, const mg_summary_table *table, const mg_summary_row *all, size_t m, bool best)
{
    const mg_summary_row *row = &all[m];
    const mg_metric_info *metric = &table->metrics->info[row->metric];
    int width = label_width(table);
    mg_standing place = mg_standing_of(all, table->n_methods, m);
    if (place.place > 0)
        fprintf(out, "%4zu%c ", place.place, place.shared ? '=' : ' ');
    else
        fprintf(out, "%4s  ", "-");
    fprintf(out, "%-*.*s", width, width, table->method_label[m]);
    if (row->n == 0) {
        fputs("   not defined\n", out);
        return;
    }
    print_number(out, NUMBER, metric, row->mean);
    if (!isnan(row->low)) {
        fputs("  [", out);
        print_number(out, 0, metric, row->low);
        fputs(", ", out);
        print_number(out, 0, metric, row->high);
        putc(']', out);
    }
    if (best) fputs("  best", out);
    if (row->n_undefined > 0) fprintf(out, "  (%" PRId64 " not defined)", row->n_undefined);
    putc('\n', out);
}

static void print_rivals(FILE *out, const mg_summary_table *table, size_t metric, mg_group group,
                         const mg_winner *winner)
{
    const mg_summary_row *row = mg_summary_rows(table, metric, group);
    const mg_summary_pair *pair = mg_summary_pairs(table, metric, group);
    fprintf(out, "no clear winner: %.*s cannot be told from", LABEL, table->method_label[winner->leader]);
    size_t n_named = 0;
    for (size_t place = 1; place < table->n_methods; place++) {
        size_t m = mg_method_at(row, table->n_methods, place);
        if (isnan(row[m].mean) || mg_is_better(pair, table->n_methods, winner->leader, m)) continue;
        const char *between = n_named == 0 ? "" : n_named + 1 == winner->n_rivals ? " and" : ",";
        fprintf(out, "%s\n  %.*s", between, LABEL, table->method_label[m]);
        n_named++;
    }
    putc('\n', out);
}

/* The group is as large as its best-defined method. */
static void print_size(FILE *out, const mg_summary_row *row, size_t n_methods, const char *unit,
                       const mg_winner *winner, const char *label)
{
    const mg_summary_row *most = row;
    for (size_t m = 1; m < n_methods; m++)
        if (row[m].n > most->n) most = &row[m];
    char windows[MG_COUNT_TEXT], units[MG_COUNT_TEXT + MG_UNIT_TEXT];
    fprintf(out, "n = %s window%s", mg_format_count(windows, most->n), most->n == 1 ? "" : "s");
    if (strcmp(unit, "window") != 0)
        fprintf(out, " of %s", mg_clusters_units(units, sizeof units, most->n_clusters, unit));
    if (most->n_clusters < MG_ENOUGH_CLUSTERS)
        fprintf(out, ": too few for a claim, which takes %s or more",
                mg_clusters_units(units, sizeof units, MG_ENOUGH_CLUSTERS, unit));
    else if (winner->any && !winner->enough)
        fprintf(out, "; of %.*s %s: too few for a claim", LABEL, label,
                mg_clusters_units(units, sizeof units, row[winner->leader].n_clusters, unit));
    putc('\n', out);
}

void mg_summary_print_ranking(FILE *out, const mg_summary_table *table, size_t metric, mg_group group)
{
    const mg_summary_row *row = mg_summary_rows(table, metric, group);
    size_t n_methods = table->n_methods;
    if (n_methods == 0) return;
    mg_winner winner = mg_find_winner(row, mg_summary_pairs(table, metric, group), n_methods, NULL);
    fprintf(out, "which method agrees with the mutations?   %s, mean and 95%% interval by %s\n",
            group_words(table, group), mg_summary_unit(table));
    fprintf(out, "%s%s:\n", table->metrics->info[metric].description,
            table->metrics->info[metric].better > 0 ? "" : " (smaller is better)");
    for (size_t place = 0; place < n_methods; place++) {
        size_t m = mg_method_at(row, n_methods, place);
        if (!is_silent(table, &row[m])) print_method(out, table, row, m, place == 0 && winner.wins);
    }
    if (winner.n_rivals > 0 && winner.enough) print_rivals(out, table, metric, group, &winner);
    print_size(out, row, n_methods, mg_summary_unit(table), &winner, table->method_label[winner.leader]);
    if (mg_metric_of_family(table->metrics, MG_FAMILY_MEASURED) < table->metrics->n)
        fputs("measured effects (--truth) are of single mutations: rows measured_... compare with them, and there\n"
              "alone the network itself has a value; all else, curves and sets too, is of its own effects\n",
              out);
}

/* --- every metric --- */

/* "guided_backpropagation" as two lines, "guided" and "backpropagation": cut at the underscore that leaves the shorter
 * longest line; without one all of it stands in the lower line. */
static void split_heading(const char *name, char upper[HEADING + 1], char lower[HEADING + 1])
{
    size_t n = strlen(name), cut = 0, longest = n;
    for (size_t k = 1; k + 1 < n; k++) {
        size_t longer = k > n - k - 1 ? k : n - k - 1;
        if (name[k] == '_' && longer < longest) {
            longest = longer;
            cut = k;
        }
    }
    snprintf(upper, HEADING + 1, "%.*s", (int)cut, name);
    snprintf(lower, HEADING + 1, "%s", name + (cut > 0 ? cut + 1 : 0));
    for (char *c = upper; *c != '\0'; c++)
        *c = *c == '_' ? ' ' : *c;
    for (char *c = lower; *c != '\0'; c++)
        *c = *c == '_' ? ' ' : *c;
}

static int column_width(const char *name)
{
    char upper[HEADING + 1], lower[HEADING + 1];
    split_heading(name, upper, lower);
    int width = (int)(strlen(upper) > strlen(lower) ? strlen(upper) : strlen(lower));
    return 1 + (width > NUMBER ? width : NUMBER);
}

/* How many there are to tell, methods and baselines. */
static size_t n_compared(const mg_summary_table *table)
{
    return table->n_methods + table->n_baselines;
}

static void print_headings(FILE *out, const mg_summary_table *table, size_t begin, size_t end, mg_group group)
{
    for (int line = 0; line < 2; line++) {
        int room = METRIC_LABEL - fprintf(out, "%s", line == 0 ? "mean over" : group_words(table, group));
        for (size_t m = begin; m < end; m++) {
            char part[2][HEADING + 1];
            split_heading(table->method_name[m], part[0], part[1]);
            room += column_width(table->method_name[m]);
            if (part[line][0] == '\0') continue; /* no blanks at the end of a line */
            fprintf(out, "%*s", room, part[line]);
            room = 0;
        }
        putc('\n', out);
    }
}

/* A metric that no method has a value of says nothing here. */
static bool is_defined(const mg_summary_row *row, size_t n_methods)
{
    for (size_t m = 0; m < n_methods; m++)
        if (row[m].n > 0) return true;
    return false;
}

static void print_means(FILE *out, const mg_summary_table *table, size_t begin, size_t end, mg_group group)
{
    for (size_t metric = 0; metric < table->metrics->n; metric++) {
        const mg_metric_info *info = &table->metrics->info[metric];
        const mg_summary_row *row = mg_summary_rows(table, metric, group);
        if (!is_defined(row, table->n_methods)) continue;
        fprintf(out, "%-*s", METRIC_LABEL, info->dataset);
        for (size_t m = begin; m < end; m++)
            print_number(out, column_width(table->method_name[m]), info, row[m].mean);
        putc('\n', out);
    }
}

void mg_summary_print_metrics(FILE *out, const mg_summary_table *table, mg_group group)
{
    for (size_t begin = 0, end = 0; begin < n_compared(table); begin = end) {
        int width = METRIC_LABEL;
        while (end < n_compared(table) && (end == begin || width + column_width(table->method_name[end]) <= WIDTH))
            width += column_width(table->method_name[end++]);
        print_headings(out, table, begin, end, group);
        print_means(out, table, begin, end, group);
    }
    if (table->n_methods > 0) fputs("peak_distance is in nt, completeness_error in units of the score\n", out);
}
