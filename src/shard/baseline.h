/* baseline.h  attributions that explain nothing, or everything: what methods are seen between
 *
 * They go through every metric beside the methods, but are none: they take no place, win nothing and are in no comparison of
 * methods with each other.
 *
 *   random   numbers drawn from the window's bases: what no knowledge is worth
 *   profile  the mean effect of the position over other windows (average.h): what the position is worth. A method that does not
 *            beat it has not read the window
 *   ceiling  the effects of the mutations themselves: what there is to be had where positions count one at a time
 */
#ifndef MG_SHARD_BASELINE_H
#define MG_SHARD_BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/sequence/alphabet.h"

typedef enum { MG_BASELINE_RANDOM, MG_BASELINE_PROFILE, MG_BASELINE_CEILING, MG_N_BASELINES } mg_baseline;

typedef struct {
    const char *name;  /* "random": names datasets and rows */
    const char *label; /* for people */
    const char *about; /* one sentence */
} mg_baseline_info;

extern const mg_baseline_info mg_baselines[MG_N_BASELINES];

/* mg_baseline_random()  a - OUT (L), c - OUT (L, 4): in [-1, 1), a(i) = c(i, x_i); 0 at unknown positions */
void mg_baseline_random(const mg_base *base, int64_t length, uint64_t seed, double *a, double *c);

/* mg_baseline_profile()  of a mean a (L): c - OUT (L, 4), in which all other bases of a position do the same */
void mg_baseline_profile(const mg_base *base, int64_t length, const double *a, double *c);

/* mg_baseline_ceiling()  of effects D (L, 4) and e at n positions: a - OUT (L), c - OUT (L, 4) with c(i,b) - c(i,x_i) = D(i,b);
 * 0 at other positions */
void mg_baseline_ceiling(const mg_base *base, int64_t length, const float *effect, size_t n, const size_t *position,
                         const double *e, double *a, double *c);

#endif
