/* plain_agreement.h  metrics of agreement by their definitions, in the plainest way: ranks and places by counting */
#ifndef MG_TESTS_SUPPORT_PLAIN_AGREEMENT_H
#define MG_TESTS_SUPPORT_PLAIN_AGREEMENT_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum { PLAIN_ROW_MAX = 1000 };

static double correlation_ref(const double *x, const double *y, size_t n, bool about_means)
{
    double x_mean = 0, y_mean = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n && about_means; i++) {
        x_mean += x[i] / (double)n;
        y_mean += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - x_mean) * (x[i] - x_mean);
        yy += (y[i] - y_mean) * (y[i] - y_mean);
        xy += (x[i] - x_mean) * (y[i] - y_mean);
    }
    double x_noise = about_means ? 1e-13 * x_mean : 0, y_noise = about_means ? 1e-13 * y_mean : 0;
    bool defined = n >= 3 && xx > (double)n * x_noise * x_noise && yy > (double)n * y_noise * y_noise;
    return defined ? xy / (sqrt(xx) * sqrt(yy)) : NAN;
}

static void ranks_ref(const double *x, size_t n, double *rank)
{
    for (size_t i = 0; i < n; i++) {
        rank[i] = 0.5;
        for (size_t j = 0; j < n; j++)
            rank[i] += (x[j] > x[i]) + 0.5 * (x[j] == x[i]);
    }
}

static double spearman_ref(const double *x, const double *y, size_t n)
{
    double x_rank[PLAIN_ROW_MAX], y_rank[PLAIN_ROW_MAX];
    ranks_ref(x, n, x_rank);
    ranks_ref(y, n, y_rank);
    return correlation_ref(x_rank, y_rank, n, true);
}

static double kendall_ref(const double *x, const double *y, size_t n)
{
    double balance = 0, x_untied = 0, y_untied = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            int a = (x[i] > x[j]) - (x[i] < x[j]), b = (y[i] > y[j]) - (y[i] < y[j]);
            balance += a * b;
            x_untied += a != 0;
            y_untied += b != 0;
        }
    return n >= 3 && x_untied > 0 && y_untied > 0 ? balance / (sqrt(x_untied) * sqrt(y_untied)) : NAN;
}

/* how many come before item i: the larger ones, and equal ones at a lower position */
static size_t place_ref(const double *x, size_t n, size_t i)
{
    size_t place = 0;
    for (size_t j = 0; j < n; j++)
        place += x[j] > x[i] || (x[j] == x[i] && j < i);
    return place;
}

static bool constant_ref(const double *x, size_t n)
{
    size_t n_other = 0;
    for (size_t i = 0; i < n; i++)
        n_other += x[i] != x[0];
    return n_other == 0;
}

static double jaccard_ref(const double *a, const double *e, size_t n, size_t k)
{
    size_t n_both = 0, n_any = 0;
    for (size_t i = 0; i < n; i++) {
        bool in_a = place_ref(a, n, i) < k, in_e = place_ref(e, n, i) < k;
        n_both += in_a && in_e;
        n_any += in_a || in_e;
    }
    return n > k && !constant_ref(a, n) && !constant_ref(e, n) ? (double)n_both / (double)n_any : NAN;
}

static double auroc_ref(const double *a, const bool *flips, size_t n)
{
    double won = 0, n_pairs = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (flips[i] && !flips[j]) {
                won += (a[i] > a[j]) + 0.5 * (a[i] == a[j]);
                n_pairs++;
            }
    return n_pairs > 0 ? won / n_pairs : NAN;
}

#endif
