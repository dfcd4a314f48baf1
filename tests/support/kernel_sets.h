/* kernel_sets.h  for tests of single kernels: the instruction sets that this machine runs, random numbers, same bits
 *
 * The order of additions is part of what a kernel promises, so references add in that order and are compared to the last
 * bit: with fused multiply-adds where a set does them (which makes those sets equal to each other, too), else rounded
 * twice.
 */
#ifndef MG_TESTS_SUPPORT_KERNEL_SETS_H
#define MG_TESTS_SUPPORT_KERNEL_SETS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/kernels/kernels.h"

#define UNUSED __attribute__((unused))

/* --- sets --- */

typedef struct {
    const mg_kernels *kernels;
    bool fused;
} kernel_set;

enum { MAX_SETS = 3 };

/* Of (1 + 2^-12)^2 - (1 + 2^-11), 2^-24 is left unless the product is rounded by itself. A compiler that does not
 * optimise fuses nothing. */
static UNUSED bool is_fused(const mg_kernels *kernels)
{
    float a[MG_LANES], b[MG_LANES], out[MG_LANES];
    for (int i = 0; i < MG_LANES; i++) {
        a[i] = -1 - 0x1p-11F;
        b[i] = 1 + 0x1p-12F;
    }
    kernels->layer->line(a, b, 1 + 0x1p-12F, MG_LANES, out);
    assert_true(out[0] == 0 || out[0] == 0x1p-24F);
    return out[0] != 0;
}

static UNUSED size_t find_sets(kernel_set set[MAX_SETS])
{
    const char *const name[MAX_SETS] = {"portable", "avx2", "avx512"};
    size_t n = 0;
    for (int k = 0; k < MAX_SETS; k++) {
        setenv("MUTAGREE_ISA", name[k], 1);
        const mg_kernels *kernels = mg_kernels_pick();
        if (kernels == NULL) continue;
        assert_string_equal(kernels->name, name[k]);
        set[n++] = (kernel_set){kernels, is_fused(kernels)};
        print_message("# %s%s\n", name[k], set[n - 1].fused ? ", fused" : "");
        if (k == 2 && n > 1) assert_true(set[n - 1].fused == set[n - 2].fused);
    }
    unsetenv("MUTAGREE_ISA");
    assert_true(n > 0);
    return n;
}

static UNUSED float multiply_add(bool fused, float a, float b, float c)
{
    return fused ? fmaf(a, b, c) : a * b + c;
}

/* The sum of 16 lanes, halves added to halves. */
static UNUSED float add_halves_ref(float lane[MG_LANES])
{
    for (int half = MG_LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

/* --- random --- */

static unsigned long kernel_seed = 20221212;

/* TEST [--seed N] */
static UNUSED void read_seed(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) kernel_seed = strtoul(argv[2], NULL, 10);
    printf("# seed %lu\n", kernel_seed);
}

static UNUSED gsl_rng *create_rng(void)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    assert_non_null(rng);
    gsl_rng_set(rng, kernel_seed);
    return rng;
}

static UNUSED int64_t below(gsl_rng *rng, int64_t n)
{
    return (int64_t)gsl_rng_uniform_int(rng, (unsigned long)n);
}

static UNUSED int64_t between(gsl_rng *rng, int64_t low, int64_t high)
{
    return low + below(rng, high - low + 1);
}

static UNUSED float draw(gsl_rng *rng)
{
    return (float)(gsl_rng_uniform(rng) * 2 - 1);
}

static UNUSED int64_t padded(int64_t channels)
{
    return (channels + MG_LANES - 1) / MG_LANES * MG_LANES;
}

static UNUSED void *allocate(int64_t n, size_t size)
{
    void *array = NULL;
    assert_int_equal(mg_alloc_aligned(&array, (size_t)n, size, NULL), MG_OK);
    return array;
}

/* (n, stride) numbers of which about a share is not zero; zeros beyond the channels, as in every activation. */
static UNUSED float *draw_rows(gsl_rng *rng, int64_t n, int64_t stride, int64_t channels, double share)
{
    float *x = allocate(n * stride, sizeof *x);
    for (int64_t p = 0; p < n; p++)
        for (int64_t c = 0; c < channels; c++)
            if (gsl_rng_uniform(rng) < share) x[p * stride + c] = draw(rng);
    return x;
}

static UNUSED float positive_ref(float x)
{
    return x > 0.0f ? x : 0.0f;
}

/* Numbers of which many are equal, some are zeros of either sign. */
static UNUSED float draw_level(gsl_rng *rng)
{
    return below(rng, 3) == 0 ? draw(rng) : (float)between(rng, -2, 2) * (below(rng, 2) == 0 ? 0.5f : -0.5f);
}

static UNUSED float *draw_levels(gsl_rng *rng, int64_t n)
{
    float *x = allocate(n, sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = draw_level(rng);
    return x;
}

/* A pooling, of which each output takes a position at least. */
static UNUSED mg_pooling draw_pooling(gsl_rng *rng)
{
    mg_pooling pooling = {.kernel = between(rng, 1, 6), .step = between(rng, 1, 4), .dilation = between(rng, 1, 2)};
    pooling.pad = between(rng, 0, pooling.kernel / 2);
    pooling.in_length = between(rng, (pooling.kernel - 1) * pooling.dilation + 1, 30);
    return pooling;
}

static UNUSED int64_t pooled_length(const mg_pooling *pooling)
{
    int64_t span = (pooling->kernel - 1) * pooling->dilation + 1;
    return (pooling->in_length + 2 * pooling->pad - span) / pooling->step + 1;
}

/* none, all, or some share in between */
static UNUSED double draw_share(gsl_rng *rng)
{
    static const double share[] = {0, 0.05, 0.3, 0.6, 1};
    return share[below(rng, 5)];
}

/* --- comparison --- */

static const float untouched = -31.375f; /* what no kernel writes */

static UNUSED float *allocate_untouched(int64_t n)
{
    float *x = allocate(n, sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = untouched;
    return x;
}

/* Also tells 0 from -0. */
static UNUSED void check_bits(const kernel_set *set, const char *what, const float *got, const float *wanted, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (memcmp(&got[i], &wanted[i], sizeof *got) != 0)
            fail_msg("%s, %s: number %lld of %lld is %.9g, not %.9g", set->kernels->name, what, (long long)i,
                     (long long)n, (double)got[i], (double)wanted[i]);
}

/* --- lists --- */

static UNUSED mg_list create_list(int64_t n_positions, int64_t channels, int n_inputs)
{
    mg_list list = {.room = n_positions * padded(channels) + MG_LANES};
    list.begin = allocate(n_positions + 1, sizeof *list.begin);
    list.channel = allocate(list.room, sizeof *list.channel);
    list.value = allocate(n_inputs * list.room, sizeof *list.value);
    return list;
}

static UNUSED void destroy_list(mg_list *list)
{
    free(list->begin);
    free(list->channel);
    free(list->value);
}

/* The places where any of n_inputs inputs, x_step floats apart, is not zero. */
static UNUSED void fill_list(const float *x, int64_t x_step, int n_inputs, int64_t n_positions, int64_t stride,
                             int64_t channels, mg_list *list)
{
    int32_t n = 0;
    list->begin[0] = 0;
    for (int64_t p = 0; p < n_positions; p++) {
        for (int64_t c = 0; c < channels; c++) {
            bool any = false;
            for (int m = 0; m < n_inputs; m++)
                any |= x[m * x_step + p * stride + c] != 0;
            if (!any) continue;
            list->channel[n] = (int32_t)c;
            for (int m = 0; m < n_inputs; m++)
                list->value[m * list->room + n] = x[m * x_step + p * stride + c];
            n++;
        }
        list->begin[p + 1] = n;
    }
}

static UNUSED void check_list(const kernel_set *set, const char *what, const mg_list *got, const mg_list *wanted,
                              int64_t n_positions, int n_inputs)
{
    for (int64_t p = 0; p <= n_positions; p++)
        assert_int_equal(got->begin[p], wanted->begin[p]);
    int32_t n = wanted->begin[n_positions];
    for (int32_t j = 0; j < n; j++)
        assert_int_equal(got->channel[j], wanted->channel[j]);
    for (int m = 0; m < n_inputs; m++)
        check_bits(set, what, got->value + m * got->room, wanted->value + m * wanted->room, n);
}

#endif
