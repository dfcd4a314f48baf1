/* bootstrap.c  draw transcripts, average, sort */
#include "src/statistics/bootstrap.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "src/core/memory.h"
#include "src/core/random.h"

/* What a thread needs to draw. */
typedef struct {
    gsl_rng *rng;
    uint32_t *n_drawn; /* (n_transcripts) */
    double *sum;       /* (2, n_methods) */
} drawer;

typedef struct {
    const double *total;
    size_t n_transcripts, n_methods;
    uint64_t seed;
} sample;

static void destroy_drawers(drawer *drawers, int n)
{
    for (int k = 0; drawers != NULL && k < n; k++) {
        if (drawers[k].rng != NULL) gsl_rng_free(drawers[k].rng);
        free(drawers[k].n_drawn);
        free(drawers[k].sum);
    }
    free(drawers);
}

static mg_status create_drawers(int n, const sample *from, drawer **ret, mg_error *err)
{
    mg_status status = mg_alloc(ret, (size_t)n, sizeof **ret, err);
    for (int k = 0; k < n && status == MG_OK; k++) {
        drawer *d = *ret + k;
        if ((status = mg_alloc(&d->n_drawn, from->n_transcripts, sizeof *d->n_drawn, err)) != MG_OK) break;
        if ((status = mg_alloc(&d->sum, 2 * from->n_methods, sizeof *d->sum, err)) != MG_OK) break;
        if ((d->rng = gsl_rng_alloc(gsl_rng_mt19937)) == NULL)
            status = mg_fail(err, MG_EMEM, "out of memory for a random number generator");
    }
    return status;
}

/* The means of replicate r. mt19937 takes 32 bits of a seed, so of mg_mix()'s 64 the lower ones are given; that two
 * replicates draw alike has a chance of one in four billion, and would do a percentile no harm. */
static void replicate(drawer *d, const sample *from, int64_t r, double *mean)
{
    size_t n = from->n_transcripts, n_methods = from->n_methods;
    gsl_rng_set(d->rng, (unsigned long)(mg_mix(from->seed, (uint64_t)r) & UINT32_MAX));
    memset(d->n_drawn, 0, n * sizeof *d->n_drawn);
    for (size_t k = 0; k < n; k++)
        d->n_drawn[gsl_rng_uniform_int(d->rng, n)]++;
    memset(d->sum, 0, 2 * n_methods * sizeof *d->sum);
    for (size_t t = 0; t < n; t++) {
        const double *total = from->total + 2 * n_methods * t;
        double times = d->n_drawn[t];
        for (size_t m = 0; m < 2 * n_methods; m++)
            d->sum[m] += times * total[m];
    }
    for (size_t m = 0; m < n_methods; m++)
        mean[m] = d->sum[n_methods + m] > 0 ? d->sum[m] / d->sum[n_methods + m] : NAN;
}

/* Percentiles of method m over the replicates that have a mean. */
static void find_interval(const double *mean, size_t n_replicates, size_t n_methods, size_t m, double *sorted,
                          double *low, double *high)
{
    size_t n = 0;
    for (size_t r = 0; r < n_replicates; r++)
        if (!isnan(mean[r * n_methods + m])) sorted[n++] = mean[r * n_methods + m];
    if (n == 0) return;
    gsl_sort(sorted, 1, n);
    *low = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.025);
    *high = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.975);
}

mg_status mg_bootstrap_means(const double *total, size_t n_transcripts, size_t n_methods, uint64_t seed,
                             int64_t n_replicates, double *low, double *high, mg_error *err)
{
    for (size_t m = 0; m < n_methods; m++)
        low[m] = high[m] = NAN;
    if (n_replicates < 1 || n_transcripts < 2 || n_methods == 0) return MG_OK;

    sample from = {total, n_transcripts, n_methods, seed};
    size_t n = (size_t)n_replicates;
    int n_threads = omp_get_max_threads();
    drawer *drawers = NULL;
    double *mean = NULL, *sorted = NULL;
    mg_status status;
    if ((status = create_drawers(n_threads, &from, &drawers, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&mean, n, n_methods * sizeof *mean, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&sorted, n, sizeof *sorted, err)) != MG_OK) goto cleanup;

#pragma omp parallel for schedule(static) num_threads(n_threads)
    for (int64_t r = 0; r < n_replicates; r++)
        replicate(&drawers[omp_get_thread_num()], &from, r, mean + (size_t)r * n_methods);
    for (size_t m = 0; m < n_methods; m++)
        find_interval(mean, n, n_methods, m, sorted, &low[m], &high[m]);

cleanup:
    destroy_drawers(drawers, n_threads);
    free(mean);
    free(sorted);
    return status;
}
