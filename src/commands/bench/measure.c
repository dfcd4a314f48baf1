/* measure.c  the rounds of bench, and medians and quartiles over them */
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "src/commands/bench/bench.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/kernels/kernels.h"

/* Fused multiply-adds a second that this core does on registers alone, best of some tries. */
static double measure_peak(void)
{
    enum { TRIES = 3, LOOPS = 200000 };
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

static mg_status time_row(mg_bench *b, mg_bench_row *row, int64_t round, mg_error *err)
{
    mg_status status = MG_OK;
    double seconds = 0.0;
    int64_t n = 0;
    for (int64_t i = 0; i < b->shard.n; n++) {
        if (row->prepare != NULL && (status = row->prepare(b, row, i, err)) != MG_OK) return status;
        double begin = mg_clock();
        if ((status = row->run(b, row, i, err)) != MG_OK) return status;
        seconds += mg_clock() - begin;
        i = row->step < b->shard.n - i ? i + row->step : b->shard.n;
    }
    if (row->part == MG_BENCH_OUTPUT) n = mg_bench_output_windows(b);
    row->seconds[round] = seconds / (double)n;
    return MG_OK;
}

static mg_status time_round(mg_bench *b, int64_t round, mg_error *err)
{
    mg_status status = MG_OK;
    b->peak[round] = measure_peak();
    for (size_t r = 0; r < b->n_rows && status == MG_OK; r++)
        status = time_row(b, &b->row[r], round, err);
    if (status == MG_OK && b->wanted[MG_BENCH_LAYERS]) mg_bench_time_layers(b);
    for (size_t t = 0; t < b->n_teams && status == MG_OK; t++)
        status = mg_bench_time_team(b, &b->team[t], round, err);
    return status;
}

/* --- over the rounds --- */

/* A number of a round: NaN when one of the rows that it is made of was not measured. */
typedef double figure(const mg_bench *b, const void *of, int64_t round);

static mg_bench_spread spread_of(const mg_bench *b, figure *value, const void *of, double *room)
{
    size_t n = (size_t)b->options->rounds;
    for (size_t k = 0; k < n; k++)
        room[k] = value(b, of, (int64_t)k);
    if (isnan(room[0])) return (mg_bench_spread){NAN, NAN, NAN};
    gsl_sort(room, 1, n);
    return (mg_bench_spread){gsl_stats_quantile_from_sorted_data(room, 1, n, 0.25),
                             gsl_stats_quantile_from_sorted_data(room, 1, n, 0.5),
                             gsl_stats_quantile_from_sorted_data(room, 1, n, 0.75)};
}

/* Seconds of a part that is one row. */
static double seconds_of(const mg_bench *b, mg_bench_part part, int64_t round)
{
    for (size_t r = 0; r < b->n_rows; r++)
        if (b->row[r].part == part) return b->row[r].seconds[round];
    return NAN;
}

static double peak_rate(const mg_bench *b, const void *of, int64_t round)
{
    (void)of;
    return b->peak[round];
}

static double milliseconds(const mg_bench *b, const void *of, int64_t round)
{
    (void)b;
    const mg_bench_row *row = of;
    return row->seconds[round] * 1e3;
}

/* The gradient and the naive scan are no part of a window's work. */
static double share(const mg_bench *b, const void *of, int64_t round)
{
    const mg_bench_row *row = of;
    if (row->part == MG_BENCH_GRADIENT || row->part == MG_BENCH_NAIVE) return NAN;
    return row->seconds[round] / seconds_of(b, MG_BENCH_WINDOW, round);
}

static double share_of_peak(const mg_bench *b, const void *of, int64_t round)
{
    const mg_bench_row *row = of;
    return row->macs / row->seconds[round] / b->peak[round];
}

static double ratio(const mg_bench *b, const void *of, int64_t round)
{
    const mg_bench_row *row = of;
    double before = row->after_forward ? seconds_of(b, MG_BENCH_FORWARD, round) : 0.0;
    return seconds_of(b, MG_BENCH_NAIVE, round) / (before + row->seconds[round]);
}

static double per_second(const mg_bench *b, const void *of, int64_t round)
{
    (void)b;
    const mg_bench_team *team = of;
    return team->rate[round];
}

static double efficiency(const mg_bench *b, const void *of, int64_t round)
{
    const mg_bench_team *team = of, *first = &b->team[0];
    return team->rate[round] / team->n_threads / (first->rate[round] / first->n_threads);
}

static void sum_up(mg_bench *b, double *room)
{
    b->peak_rate = spread_of(b, peak_rate, NULL, room);
    for (size_t r = 0; r < b->n_rows; r++) {
        mg_bench_row *row = &b->row[r];
        row->ms = spread_of(b, milliseconds, row, room);
        row->share = spread_of(b, share, row, room);
        row->peak = spread_of(b, share_of_peak, row, room);
        row->ratio = spread_of(b, ratio, row, room);
    }
    for (size_t t = 0; t < b->n_teams; t++) {
        b->team[t].per_second = spread_of(b, per_second, &b->team[t], room);
        b->team[t].efficiency = spread_of(b, efficiency, &b->team[t], room);
    }
}

mg_status mg_bench_measure(mg_bench *b, mg_error *err)
{
    int64_t n = b->options->rounds;
    double *room = NULL;
    mg_progress progress;
    mg_status status = mg_alloc(&b->peak, (size_t)n, sizeof *b->peak, err);
    if (status == MG_OK) status = mg_alloc(&room, (size_t)n, sizeof *room, err);
    if (status == MG_OK) status = mg_bench_count(b, err);
    if (status == MG_OK && b->wanted[MG_BENCH_LAYERS]) mg_bench_count_layers(b);
    mg_progress_start(&progress, "rounds", n, status != MG_OK);
    for (int64_t round = 0; round < n && status == MG_OK; round++) {
        status = time_round(b, round, err);
        mg_progress_update(&progress, round + 1);
    }
    mg_progress_finish(&progress);
    if (status == MG_OK) sum_up(b, room);
    free(room);
    return status;
}
