/* print.c  the figures of bench: tables for people, JSON for programs; both from the same numbers */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <omp.h>

#include "io/base/json_text.h"
#include "src/commands/bench/bench.h"
#include "src/core/version.h"

enum { CELL = 40 };

/* --- tables --- */

void mg_bench_print_head(const mg_bench *b)
{
    printf("mutagree %s  bench\n", mg_version());
    printf("  network   %s   %" PRId64 " nt, %zu layers, explaining %s\n", b->model.path, b->graph->length,
           mg_graph_n_layers(b->model.network), mg_study_score_name(b->study));
    printf("  windows   %s\n", b->source);
    printf("  rounds    %" PRId64 "; medians, and quartiles as low-high\n", b->options->rounds);
    printf("  machine   %s; %s kernels\n", b->machine.processor, mg_study_instruction_set());
    fflush(stdout);
}

/* Decimals of a number of this size, so that a microsecond and a minute both fit a column. */
static int places(double x)
{
    return x < 10.0 ? 4 : x < 1000.0 ? 2 : 0;
}

/* A number in a table: nothing for what was not measured. */
static const char *cell(char text[CELL], double x, int decimals, const char *unit)
{
    text[0] = '\0';
    if (!isnan(x)) snprintf(text, CELL, "%.*f%s", decimals, x, unit);
    return text;
}

static const char *quartiles(char text[CELL], const mg_bench_spread *s, double scale, int decimals, const char *unit)
{
    text[0] = '\0';
    if (!isnan(s->median))
        snprintf(text, CELL, "%.*f-%.*f%s", decimals, s->q25 * scale, decimals, s->q75 * scale, unit);
    return text;
}

/* Of the first column: the longest name, and 32 at the least. */
static int width_of_names(const mg_bench *b)
{
    int width = 32;
    for (size_t r = 0; r < b->n_rows; r++)
        if ((int)strlen(b->row[r].name) > width) width = (int)strlen(b->row[r].name);
    return width;
}

static void print_row(const mg_bench_row *row, int width)
{
    char ms[CELL], range[CELL], share[CELL], macs[CELL], peak[CELL], ratio[CELL], ratios[CELL];
    printf("%-*s %11s %19s %7s %9s %8s %9s %15s\n", width, row->name,
           cell(ms, row->ms.median, places(row->ms.median), ""),
           quartiles(range, &row->ms, 1.0, places(row->ms.median), ""), cell(share, 100.0 * row->share.median, 1, "%"),
           cell(macs, row->macs * 1e-6, places(row->macs * 1e-6), ""), cell(peak, 100.0 * row->peak.median, 1, "%"),
           cell(ratio, row->ratio.median, 1, ""), quartiles(ratios, &row->ratio, 1.0, 1, ""));
}

static void print_parts(const mg_bench *b)
{
    char range[CELL];
    int width = width_of_names(b);
    if (b->n_rows == 0) return;
    printf("\n%-*s %11s %19s %7s %9s %8s %9s %15s\n", width, "one thread", "ms a window", "quartiles", "share", "M MAC",
           "of peak", "naive is", "quartiles");
    for (size_t r = 0; r < b->n_rows; r++)
        print_row(&b->row[r], width);
    printf("\nThis core does %.1f (%s) G multiply-adds a second at most.\n", b->peak_rate.median * 1e-9,
           quartiles(range, &b->peak_rate, 1e-9, 1, ""));
    if (b->wanted[MG_BENCH_OUTPUT])
        printf("Output: %" PRId64 " windows of %" PRId64 " bytes in %s.\n", mg_bench_output_windows(b),
               mg_run_window_bytes(&b->output.store.shape), b->output.folder);
}

static void print_teams(const mg_bench *b)
{
    char range[CELL], share[CELL], memory[CELL];
    if (b->n_teams == 0) return;
    printf("\n%7s %10s %19s %11s %12s %12s\n", "threads", "windows/s", "quartiles", "efficiency", "quartiles",
           "MB a thread");
    for (size_t t = 0; t < b->n_teams; t++) {
        const mg_bench_team *team = &b->team[t];
        int decimals = places(team->per_second.median);
        printf("%7d %10.*f %19s %10.1f%% %12s %12s\n", team->n_threads, decimals, team->per_second.median,
               quartiles(range, &team->per_second, 1.0, decimals, ""), 100.0 * team->efficiency.median,
               quartiles(share, &team->efficiency, 100.0, 1, "%"), cell(memory, team->bytes * 1e-6, 1, ""));
    }
    printf("\nA thread's workspace is planned with %.1f MB; MB a thread is what was resident at most.\n",
           (double)mg_worker_bytes(b->study) * 1e-6);
}

void mg_bench_print(const mg_bench *b)
{
    print_parts(b);
    if (b->wanted[MG_BENCH_LAYERS]) mg_bench_print_layers(b);
    print_teams(b);
}

/* --- JSON --- */

static json_t *number(double x)
{
    return isnan(x) ? json_null() : json_real(x);
}

static json_t *spread(const mg_bench_spread *s, double scale)
{
    if (isnan(s->median)) return json_null();
    return json_pack("{s:f, s:f, s:f}", "median", s->median * scale, "q25", s->q25 * scale, "q75", s->q75 * scale);
}

static json_t *parts_to_json(const mg_bench *b)
{
    json_t *parts = json_array();
    for (size_t r = 0; r < b->n_rows; r++) {
        const mg_bench_row *row = &b->row[r];
        json_array_append_new(parts, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "part", row->name, "milliseconds",
                                               spread(&row->ms, 1.0), "share_of_window", spread(&row->share, 1.0),
                                               "macs", number(row->macs), "share_of_peak", spread(&row->peak, 1.0),
                                               "naive_scan_ratio", spread(&row->ratio, 1.0)));
    }
    return parts;
}

static json_t *teams_to_json(const mg_bench *b)
{
    json_t *teams = json_array();
    for (size_t t = 0; t < b->n_teams; t++) {
        const mg_bench_team *team = &b->team[t];
        json_array_append_new(teams,
                              json_pack("{s:i, s:o, s:o, s:o}", "threads", team->n_threads, "windows_per_second",
                                        spread(&team->per_second, 1.0), "efficiency", spread(&team->efficiency, 1.0),
                                        "bytes_per_thread", number(team->bytes)));
    }
    return teams;
}

mg_status mg_bench_write_json(const mg_bench *b, mg_error *err)
{
    json_t *root = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:I, s:s, s:o, s:I, s:I, s:i, s:o, s:o, s:o, s:o, s:I, s:o}", "program",
        mg_version(), "revision", mg_revision(), "processor", b->machine.processor, "instruction_set",
        mg_study_instruction_set(), "model", mg_json_text(b->model.path), "window_length", (json_int_t)b->graph->length,
        "score", mg_study_score_name(b->study), "windows", mg_json_text(b->source), "windows_in_a_round",
        (json_int_t)b->shard.n, "rounds", (json_int_t)b->options->rounds, "cores", omp_get_num_procs(),
        "peak_macs_per_second", spread(&b->peak_rate, 1.0), "parts", parts_to_json(b), "scan_layers",
        mg_bench_layers_to_json(b), "threads", teams_to_json(b), "planned_bytes_per_thread",
        (json_int_t)mg_worker_bytes(b->study), "output_bytes_per_window",
        b->wanted[MG_BENCH_OUTPUT] ? json_integer(mg_run_window_bytes(&b->output.store.shape)) : json_null());
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(2)) : NULL;
    mg_status status = text != NULL ? mg_whole_file_write(b->options->json, text, strlen(text), b->options->force, err)
                                    : mg_fail(err, MG_EMEM, "out of memory");
    free(text);
    json_decref(root);
    return status;
}
