/* costs.c  what a window costs each method: key `costs`, and the table on the terminal
 *
 * Passes are a fact of the method and its settings, and stand in /methods. Times are of the machine and the day: the provenance
 * keeps them, they are in no table that must have the same bits in every run.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/report/report.h"
#include "io/report/table.h"

double mg_report_cost(const char *costs, const char *method)
{
    size_t n = strlen(method);
    for (const char *line = costs; line != NULL && *line != '\0';) {
        if (strncmp(line, method, n) == 0 && line[n] == ' ') return strtod(line + n, NULL);
        line = strchr(line, '\n');
        line += line != NULL;
    }
    return NAN;
}

json_t *mg_report_cost_table(const mg_report *report)
{
    mg_table t = mg_table_begin();
    for (size_t m = 0; m < report->run->summary.n_methods; m++) {
        const mg_run_method *method = &report->run->summary.method[m];
        if (mg_run_method_is_network(method)) continue;
        mg_table_row(&t);
        mg_table_text(&t, "method", method->name);
        if (method->passes == MG_PASSES_VARY)
            mg_table_number(&t, "passes", NAN);
        else
            mg_table_count(&t, "passes", method->passes);
        mg_table_number(&t, "ms", mg_report_cost(report->run->provenance.costs, method->name));
    }
    return mg_table_end(&t);
}

void mg_report_print_costs(FILE *out, const mg_run_summary *run, const char *costs)
{
    int width = (int)strlen("a window takes");
    for (size_t m = 0; m < run->n_methods; m++)
        if ((int)strlen(run->method[m].label) > width) width = (int)strlen(run->method[m].label);
    fprintf(out, "\n%-*s  passes          ms (this run, one thread)\n", width, "a window takes");
    for (size_t m = 0; m < run->n_methods; m++) {
        const mg_run_method *method = &run->method[m];
        double ms = mg_report_cost(costs, method->name);
        if (mg_run_method_is_network(method)) continue;
        fprintf(out, "%-*s", width, method->label);
        if (method->passes == MG_PASSES_VARY)
            fprintf(out, "%8s", "exact");
        else
            fprintf(out, "%8" PRId64, method->passes);
        if (isnan(ms))
            fputs("           -\n", out);
        else
            fprintf(out, "%12.3g\n", ms);
    }
}
