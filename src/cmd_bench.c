/* cmd_bench.c  mutagree bench: what a window costs on this machine, part by part, as ratios within one run
 *
 * Clock times of shared machines are noisy, so each part is timed in rounds that alternate with all the others, the
 * median round is told, and the column to trust is the ratio to the naive scan measured in the same run.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "io/model.h"
#include "src/attribution/explain.h"
#include "src/commands.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/core/options.h"
#include "src/core/random.h"
#include "src/mutation/naive.h"
#include "src/mutation/reach.h"
#include "src/mutation/scan.h"
#include "src/network/kernels/kernels.h"
#include "src/shard/study.h"
#include "src/shard/team.h"

typedef struct {
    const char *model, *arch, *json;
    int64_t windows, rounds, threads;
    mg_text_list methods;
} bench_options;

static const mg_option table[] = {
    {"model", MG_TEXT, offsetof(bench_options, model), "tis-human", "FILE", 0, 0, "Input", "network to explain"},
    {"arch", MG_TEXT, offsetof(bench_options, arch), NULL, "NAME|FILE", 0, 0, "Input",
     "its architecture, when the file holds weights only"},
    {"methods", MG_TEXTS, offsetof(bench_options, methods), NULL, "LIST", 0, 0, "Input",
     "methods to time; the seven when not given"},
    {"windows", MG_INTEGER, offsetof(bench_options, windows), "32", "N", 1, 100000, "Measurement",
     "random windows in a round"},
    {"rounds", MG_INTEGER, offsetof(bench_options, rounds), "9", "N", 1, 1000, "Measurement",
     "rounds; the median is told"},
    {"threads", MG_INTEGER, offsetof(bench_options, threads), "0", "N", 0, 4096, "Measurement",
     "largest number of threads of the scaling table; 0: all there are"},
    {"json", MG_TEXT, offsetof(bench_options, json), NULL, "FILE", 0, 0, "Output", "write the figures there too"},
    {0}};

static const mg_command_help help = {
    .name = "bench",
    .synopsis = "[OPTION]...",
    .purpose = "Measure what a window costs on this machine: forward pass, mutation scan, each method, agreement.",
    .notes =
        "Windows are random bases with ATG at the anchor, the same in every run. Compare ratios, not milliseconds.\n",
    .option = table};

/* --- what is timed --- */

typedef struct {
    mg_study *study;
    mg_worker *worker;
    mg_network *folded;
    mg_engine *engine;
    mg_pass *pass;
    mg_reach reach;
    mg_scan *scan;
    mg_naive *naive;
    mg_shard shard;
    mg_result result;
    double *x;      /* (windows, L, 4) */
    double *effect; /* (L, 4) scratch */
    float *scanned; /* (L, 4) scratch */
    double *a, *c;  /* (L), (L, 4) scratch */
    void *scratch;  /* of the method in hand */
} bench;

typedef void part(bench *b, int64_t i, const void *what);

static void run_forward(bench *b, int64_t i, const void *what)
{
    (void)what;
    mg_pass_forward(b->pass, b->x + i * b->shard.length * 4);
}

static void run_backward(bench *b, int64_t i, const void *what)
{
    run_forward(b, i, what);
    mg_pass_backward(b->pass, &mg_rule_gradient, b->effect);
}

static void run_scan(bench *b, int64_t i, const void *what)
{
    run_forward(b, i, what);
    mg_scan_window(b->scan, b->pass, b->shard.base + i * b->shard.length, b->scanned);
}

static void run_naive_scan(bench *b, int64_t i, const void *what)
{
    (void)what;
    mg_naive_window(b->naive, b->shard.base + i * b->shard.length, b->scanned);
}

static void run_method(bench *b, int64_t i, const void *what)
{
    const mg_method *method = what;
    mg_view view = {
        .base = b->shard.base + i * b->shard.length, .x = b->x + i * b->shard.length * 4, .seed = (uint64_t)i};
    mg_explanation explanation = {.contribution = b->a, .hypothetical = b->c};
    view.f = mg_pass_forward(b->pass, view.x);
    method->type->explain(method, b->pass, &view, b->scratch, &explanation);
}

static void run_everything(bench *b, int64_t i, const void *what)
{
    (void)what;
    mg_error err;
    mg_worker_window(b->worker, &b->shard, i, &b->result, &err);
}

/* --- timing --- */

typedef struct {
    char name[MG_METHOD_LABEL];
    part *run;
    const void *what;
    bool slow;       /* timed on every eighth window */
    double *seconds; /* (rounds) a window */
    double median;
} row;

static void time_round(bench *b, row *rows, size_t n_rows, int64_t round)
{
    for (size_t r = 0; r < n_rows; r++) {
        int64_t step = rows[r].slow ? 8 : 1, n = 0;
        double begin = mg_clock();
        for (int64_t i = 0; i < b->shard.n; i += step, n++)
            rows[r].run(b, i, rows[r].what);
        rows[r].seconds[round] = (mg_clock() - begin) / (double)n;
    }
}

static mg_status time_rows(bench *b, row *rows, size_t n_rows, int64_t n_rounds, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t r = 0; r < n_rows && status == MG_OK; r++)
        status = mg_alloc(&rows[r].seconds, (size_t)n_rounds, sizeof(double), err);
    if (status != MG_OK) return status;
    for (int64_t round = 0; round < n_rounds; round++)
        time_round(b, rows, n_rows, round);
    for (size_t r = 0; r < n_rows; r++) {
        gsl_sort(rows[r].seconds, 1, (size_t)n_rounds);
        rows[r].median = gsl_stats_median_from_sorted_data(rows[r].seconds, 1, (size_t)n_rounds);
    }
    return MG_OK;
}

enum { FIXED_ROWS = 5, SCAN = 2, NAIVE = 3 }; /* rows that others are compared with */

static size_t list_rows(const bench *b, row *rows)
{
    static const struct {
        const char *name;
        part *run;
        bool slow;
    } fixed[FIXED_ROWS] = {{"forward", run_forward, false},
                           {"forward + gradient", run_backward, false},
                           {"mutation scan", run_scan, false},
                           {"naive scan, dense products", run_naive_scan, true},
                           {"everything", run_everything, false}};
    size_t n = 0;
    for (; n < FIXED_ROWS; n++) {
        snprintf(rows[n].name, sizeof rows[n].name, "%s", fixed[n].name);
        rows[n].run = fixed[n].run;
        rows[n].slow = fixed[n].slow;
    }
    for (size_t m = 0; m < mg_study_n_methods(b->study); m++, n++) {
        const mg_method *method = mg_study_method(b->study, m);
        snprintf(rows[n].name, sizeof rows[n].name, "%s", method->label);
        rows[n].run = run_method;
        rows[n].what = method;
    }
    return n;
}

/* Windows a second with 1, 2, 4, ... threads, all windows worked on as a shard. */
static mg_status time_team(const bench *b, int n_threads, double *ret, mg_error *err)
{
    mg_team *team = NULL;
    mg_result result = {0};
    mg_status status = mg_team_create(b->study, n_threads, &team, err);
    if (status == MG_OK)
        status =
            mg_result_create(b->shard.n, b->shard.length, mg_study_n_methods(b->study), MG_STORE_SUMMARY, &result, err);
    *ret = 0.0;
    for (int round = 0; round < 3 && status == MG_OK; round++) {
        double begin = mg_clock();
        status = mg_team_work(team, &b->shard, &result, NULL, err);
        double rate = (double)b->shard.n / (mg_clock() - begin);
        if (rate > *ret) *ret = rate;
    }
    mg_result_destroy(&result);
    mg_team_destroy(team);
    return status;
}

/* --- telling --- */

static mg_status write_json(const char *path, const bench *b, const row *rows, size_t n_rows, const json_t *scaling,
                            mg_error *err)
{
    json_t *parts = json_array();
    for (size_t r = 0; r < n_rows; r++)
        json_array_append_new(parts,
                              json_pack("{s:s, s:f, s:f}", "part", rows[r].name, "milliseconds", rows[r].median * 1e3,
                                        "times_faster_than_naive_scan", rows[NAIVE].median / rows[r].median));
    json_t *root =
        json_pack("{s:s, s:I, s:I, s:o, s:O}", "instruction_set", mg_study_instruction_set(), "length",
                  (json_int_t)b->shard.length, "windows", (json_int_t)b->shard.n, "parts", parts, "scaling", scaling);
    bool written = root != NULL && json_dump_file(root, path, JSON_INDENT(2)) == 0;
    json_decref(root);
    if (written) return MG_OK;
    return mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(errno));
}

/* Fused multiply-adds a second that this core does on registers alone, best of some tries. */
static double measure_peak(void)
{
    enum { TRIES = 5, LOOPS = 200000 };
    double best = 0.0;
    for (int i = 0; i < TRIES; i++) {
        double begin = mg_clock();
        volatile float keep = mg_kernels_pick()->dense->peak(LOOPS);
        (void)keep;
        double rate = (double)LOOPS * MG_PEAK_MACS / (mg_clock() - begin);
        if (rate > best) best = rate;
    }
    return best;
}

static void print_peak(const bench *b, const row *rows)
{
    double macs = (double)mg_network_n_macs(b->folded) * 3.0 * (double)b->shard.length, peak = measure_peak();
    printf(
        "\nthis core does %.1f G multiply-adds a second at most; the naive scan needs %.1f M a window, so it runs at "
        "%.0f%% of\nthat, and the mutation scan takes the time of %.1f M\n",
        peak * 1e-9, macs * 1e-6, 100.0 * macs / rows[NAIVE].median / peak, rows[SCAN].median * peak * 1e-6);
}

static void print_rows(const row *rows, size_t n_rows)
{
    printf("%-40s %12s %22s\n", "part", "ms a window", "naive scan is");
    for (size_t r = 0; r < n_rows; r++)
        printf("%-40s %12.4f %15.1f times\n", rows[r].name, rows[r].median * 1e3, rows[NAIVE].median / rows[r].median);
}

static mg_status scale(const bench *b, int most, json_t *scaling, mg_error *err)
{
    double one = 0.0;
    printf("\n%8s %12s %12s\n", "threads", "windows/s", "efficiency");
    for (int n = 1; n <= most; n = n < most && 2 * n > most ? most : 2 * n) {
        double rate;
        mg_status status = time_team(b, n, &rate, err);
        if (status != MG_OK) return status;
        if (n == 1) one = rate;
        printf("%8d %12.0f %11.0f%%\n", n, rate, 100.0 * rate / one / n);
        json_array_append_new(scaling, json_pack("{s:i, s:f}", "threads", n, "windows_per_second", rate));
    }
    return MG_OK;
}

/* --- set-up --- */

static void random_windows(bench *b, int64_t anchor)
{
    static const mg_base atg[] = {MG_A, MG_T, MG_G};
    int64_t length = b->shard.length;
    for (int64_t i = 0; i < b->shard.n * length; i++)
        b->shard.base[i] = (mg_base)(mg_mix(20221212, (uint64_t)i) % MG_N_BASES);
    for (int64_t i = 0; i < b->shard.n; i++)
        for (int64_t k = 0; k < 3 && anchor + k < length; k++)
            b->shard.base[i * length + anchor + k] = atg[k];
    for (int64_t i = 0; i < b->shard.n * length; i++)
        b->x[i * 4 + b->shard.base[i]] = 1.0;
}

static mg_status largest_scratch(bench *b, mg_error *err)
{
    size_t largest = 1;
    for (size_t m = 0; m < mg_study_n_methods(b->study); m++) {
        const mg_method *method = mg_study_method(b->study, m);
        size_t bytes = method->type->scratch(method, b->engine);
        if (bytes > largest) largest = bytes;
    }
    return mg_alloc_aligned(&b->scratch, largest, 1, err);
}

static mg_status set_up(bench *b, const bench_options *options, const mg_network *network, mg_error *err)
{
    size_t length = (size_t)network->length;
    mg_status status = mg_study_create(network, MG_SCORE_LOG_ODDS, options->methods.n,
                                       (const char *const *)options->methods.text, 1, &b->study, err);
    if (status == MG_OK) status = mg_worker_create(b->study, &b->worker, err);
    if (status == MG_OK) status = mg_network_fold_score(network, MG_SCORE_LOG_ODDS, &b->folded, err);
    if (status == MG_OK) status = mg_engine_create(b->folded, MG_SINGLE, &b->engine, err);
    if (status == MG_OK) status = mg_pass_create(b->engine, &b->pass, err);
    if (status == MG_OK) status = mg_reach_create(b->folded, &b->reach, err);
    if (status == MG_OK) status = mg_scan_create(b->engine, &b->reach, &b->scan, err);
    if (status == MG_OK) status = mg_naive_create(b->engine, &b->naive, err);
    if (status == MG_OK) status = mg_shard_create(options->windows, network->length, &b->shard, err);
    if (status == MG_OK)
        status = mg_result_create(options->windows, network->length, mg_study_n_methods(b->study), MG_STORE_SUMMARY,
                                  &b->result, err);
    if (status == MG_OK) status = mg_alloc(&b->x, (size_t)options->windows * length * 4, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&b->effect, length * 4, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&b->scanned, length * 4, sizeof(float), err);
    if (status == MG_OK) status = mg_alloc(&b->a, length, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&b->c, length * 4, sizeof(double), err);
    if (status == MG_OK) status = largest_scratch(b, err);
    if (status == MG_OK) random_windows(b, network->anchor);
    return status;
}

static void tear_down(bench *b)
{
    mg_shard_destroy(&b->shard);
    mg_result_destroy(&b->result);
    mg_naive_destroy(b->naive);
    mg_scan_destroy(b->scan);
    mg_reach_destroy(&b->reach);
    mg_pass_destroy(b->pass);
    mg_engine_destroy(b->engine);
    mg_network_destroy(b->folded);
    mg_worker_destroy(b->worker);
    mg_study_destroy(b->study);
    free(b->x);
    free(b->effect);
    free(b->scanned);
    free(b->a);
    free(b->c);
    free(b->scratch);
}

static mg_status measure(bench *b, const bench_options *options, mg_error *err)
{
    row *rows = NULL;
    json_t *scaling = json_array();
    mg_status status = mg_alloc(&rows, FIXED_ROWS + mg_study_n_methods(b->study), sizeof *rows, err);
    size_t n_rows = status == MG_OK ? list_rows(b, rows) : 0;
    if (status == MG_OK) status = time_rows(b, rows, n_rows, options->rounds, err);
    if (status == MG_OK) {
        print_rows(rows, n_rows);
        print_peak(b, rows);
        status = scale(b, options->threads > 0 ? (int)options->threads : omp_get_max_threads(), scaling, err);
    }
    if (status == MG_OK && options->json != NULL) status = write_json(options->json, b, rows, n_rows, scaling, err);
    for (size_t r = 0; r < n_rows; r++)
        free(rows[r].seconds);
    free(rows);
    json_decref(scaling);
    return status;
}

mg_status mg_cmd_bench(int argc, char **argv, mg_error *err)
{
    bench_options options = {0};
    mg_model model = {0};
    bench b = {0};
    bool want_help = false;
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, NULL, err);
    if (status != MG_OK) goto cleanup;
    if (want_help) {
        mg_options_help(stdout, &help);
        goto cleanup;
    }
    if ((status = mg_model_read(options.model, options.arch, &model, err)) != MG_OK ||
        (status = set_up(&b, &options, model.network, err)) != MG_OK)
        goto cleanup;
    printf("%s, window %" PRId64 " nt, %" PRId64 " random windows, median of %" PRId64
           " rounds, %s kernels, one thread\n\n",
           options.model, model.network->length, options.windows, options.rounds, mg_study_instruction_set());
    status = measure(&b, &options, err);
cleanup:
    tear_down(&b);
    mg_model_destroy(&model);
    mg_options_free(&help, &options, NULL);
    return status;
}
