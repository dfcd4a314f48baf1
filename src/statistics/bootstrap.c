/* bootstrap.c  draw a set of replicates, add up what they drew, tile by tile, divide, sort */
#include "src/statistics/bootstrap.h"

#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "src/core/memory.h"
#include "src/statistics/replicate.h"

/* --- packing --- */

static bool same_column(const double *total, size_t n_clusters, size_t columns, size_t a, size_t b)
{
    for (size_t k = 0; k < n_clusters; k++)
        if (total[k * columns + a] != total[k * columns + b]) return false;
    return true;
}

/* Which columns stay: (n_kept) of them; the sums, and each count that is unlike those before it. */
static size_t choose_columns(const double *total, size_t n_clusters, size_t n_methods, size_t columns, size_t *kept,
                             uint32_t *count_column)
{
    size_t n_kept = n_methods;
    for (size_t m = 0; m < n_methods; m++) {
        kept[m] = m;
        size_t like = n_methods;
        while (like < n_kept && !same_column(total, n_clusters, columns, n_methods + m, kept[like]))
            like++;
        if (like == n_kept) kept[n_kept++] = n_methods + m;
        count_column[m] = (uint32_t)like;
    }
    return n_kept;
}

size_t mg_bootstrap_pack(double *total, size_t n_clusters, size_t n_methods, uint32_t *count_column)
{
    size_t columns = mg_replicate_columns(2 * n_methods);
    size_t *kept = NULL;
    if (n_methods == 0 || mg_alloc(&kept, 2 * n_methods, sizeof *kept, NULL) != MG_OK) { /* then it stays as it is */
        for (size_t m = 0; m < n_methods; m++)
            count_column[m] = (uint32_t)(n_methods + m);
        return columns;
    }
    size_t n_kept = choose_columns(total, n_clusters, n_methods, columns, kept, count_column);
    size_t packed = mg_replicate_columns(n_kept);
    for (size_t k = 0; k < n_clusters; k++) {
        for (size_t c = 0; c < n_kept; c++) /* to the front: never onto what is still to be read */
            total[k * packed + c] = total[k * columns + kept[c]];
        for (size_t c = n_kept; c < packed; c++)
            total[k * packed + c] = 0;
    }
    free(kept);
    return packed;
}

/* --- replicates --- */

typedef struct {
    const mg_bootstrap_sample *sample;
    size_t n_samples, n_clusters;
    size_t n_columns, n_methods; /* of all samples together */
    uint64_t seed;
} job;

/* What a thread works with. */
typedef struct {
    uint8_t *count; /* (MG_REPLICATE_SET, n_clusters) */
    double *times;  /* (MG_REPLICATE_TILE, MG_REPLICATE_SET) */
    double *sum;    /* of each sample, (MG_REPLICATE_SET, columns) */
} worker;

size_t mg_bootstrap_bytes(size_t n_clusters, size_t n_columns)
{
    return MG_REPLICATE_SET * (n_clusters + (MG_REPLICATE_TILE + n_columns) * sizeof(double));
}

static void destroy_workers(worker *workers, int n)
{
    for (int k = 0; workers != NULL && k < n; k++) {
        free(workers[k].count);
        free(workers[k].times);
        free(workers[k].sum);
    }
    free(workers);
}

static mg_status create_workers(int n, const job *j, worker **ret, mg_error *err)
{
    mg_status status = mg_alloc(ret, (size_t)n, sizeof **ret, err);
    for (int k = 0; k < n && status == MG_OK; k++) {
        worker *w = *ret + k;
        status = mg_alloc(&w->count, MG_REPLICATE_SET, j->n_clusters, err);
        if (status == MG_OK)
            status = mg_alloc_aligned(&w->times, MG_REPLICATE_TILE * MG_REPLICATE_SET, sizeof *w->times, err);
        if (status == MG_OK) status = mg_alloc_aligned(&w->sum, MG_REPLICATE_SET * j->n_columns, sizeof *w->sum, err);
    }
    return status;
}

/* Sums of replicates first .. first + n - 1; those of a set that are not wanted stay as they are and are not used. */
static void add_set(worker *w, const job *j, int64_t first, size_t n)
{
    for (size_t r = 0; r < n; r++)
        mg_replicate_draw(j->seed, first + (int64_t)r, j->n_clusters, w->count + r * j->n_clusters);
    memset(w->sum, 0, MG_REPLICATE_SET * j->n_columns * sizeof *w->sum);
    for (size_t k = 0; k < j->n_clusters; k += MG_REPLICATE_TILE) {
        size_t left = j->n_clusters - k, n_tile = left < MG_REPLICATE_TILE ? left : MG_REPLICATE_TILE;
        double *sum = w->sum;
        mg_replicate_turn(w->count, j->n_clusters, k, n_tile, w->times);
        for (size_t s = 0; s < j->n_samples; s++) {
            size_t columns = j->sample[s].columns;
            mg_replicate_add(w->times, j->sample[s].total + k * columns, n_tile, columns, sum);
            sum += MG_REPLICATE_SET * columns;
        }
    }
}

static void divide(const worker *w, const job *j, size_t n, double *mean)
{
    const double *sum = w->sum;
    size_t at = 0;
    for (size_t s = 0; s < j->n_samples; s++) {
        const mg_bootstrap_sample *sample = &j->sample[s];
        for (size_t r = 0; r < n; r++)
            for (size_t m = 0; m < sample->n_methods; m++) {
                double count = sum[r * sample->columns + sample->count_column[m]];
                mean[r * j->n_methods + at + m] = count > 0 ? sum[r * sample->columns + m] / count : NAN;
            }
        at += sample->n_methods;
        sum += MG_REPLICATE_SET * sample->columns;
    }
}

mg_status mg_bootstrap_replicates(const mg_bootstrap_sample *sample, size_t n_samples, size_t n_clusters, uint64_t seed,
                                  int64_t begin, int64_t end, double *mean, mg_error *err)
{
    job j = {.sample = sample, .n_samples = n_samples, .n_clusters = n_clusters, .seed = seed};
    for (size_t s = 0; s < n_samples; s++) {
        j.n_columns += sample[s].columns;
        j.n_methods += sample[s].n_methods;
    }
    int64_t n_sets = (end - begin + MG_REPLICATE_SET - 1) / MG_REPLICATE_SET;
    int n_threads = omp_get_max_threads() < n_sets ? omp_get_max_threads() : (int)n_sets;
    worker *workers = NULL;
    mg_status status = n_threads > 0 ? create_workers(n_threads, &j, &workers, err) : MG_OK;
    if (status == MG_OK && n_threads > 0) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_threads)
        for (int64_t k = 0; k < n_sets; k++) {
            int64_t at = k * MG_REPLICATE_SET, left = end - begin - at;
            size_t n = left < MG_REPLICATE_SET ? (size_t)left : MG_REPLICATE_SET;
            worker *w = &workers[omp_get_thread_num()];
            add_set(w, &j, begin + at, n);
            divide(w, &j, n, mean + (size_t)at * j.n_methods);
        }
    }
    destroy_workers(workers, n_threads);
    return status;
}

/* --- intervals --- */

void mg_bootstrap_interval(const double *mean, size_t n_replicates, size_t stride, double *sorted, double *low,
                           double *high)
{
    size_t n = 0;
    for (size_t r = 0; r < n_replicates; r++)
        if (!isnan(mean[r * stride])) sorted[n++] = mean[r * stride];
    *low = *high = NAN;
    if (n == 0) return;
    gsl_sort(sorted, 1, n);
    *low = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.025);
    *high = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.975);
}

mg_status mg_bootstrap_means(const mg_bootstrap_sample *sample, size_t n_clusters, uint64_t seed, int64_t n_replicates,
                             double *low, double *high, mg_error *err)
{
    size_t n_methods = sample->n_methods, n = n_replicates > 0 && n_clusters > 1 ? (size_t)n_replicates : 0;
    double *mean = NULL, *sorted = NULL;
    mg_status status = mg_alloc(&mean, n, n_methods * sizeof *mean, err);
    if (status == MG_OK) status = mg_alloc(&sorted, n, sizeof *sorted, err);
    if (status == MG_OK && n > 0)
        status = mg_bootstrap_replicates(sample, 1, n_clusters, seed, 0, n_replicates, mean, err);
    for (size_t m = 0; m < n_methods && status == MG_OK; m++)
        mg_bootstrap_interval(mean + m, n, n_methods, sorted, &low[m], &high[m]);
    free(mean);
    free(sorted);
    return status;
}
