/* baseline.c  a random attribution, a mean profile, and the effects themselves */
#include "src/shard/baseline.h"

#include <math.h>
#include <string.h>

#include "src/core/random.h"

const mg_baseline_info mg_baselines[MG_N_BASELINES] = {
    [MG_BASELINE_RANDOM] = {"random", "random numbers", "random numbers, drawn from the window's bases"},
    [MG_BASELINE_PROFILE] = {"profile", "mean profile of positions",
                             "mean effect of each position over a sample of windows of other clusters"},
    [MG_BASELINE_CEILING] = {"ceiling", "true effects", "mean effects of the mutations of the window itself"},
};

void mg_baseline_random(const mg_base *base, int64_t length, uint64_t seed, double *a, double *c)
{
    const uint64_t stream = 0x72616e646f6d;
    uint64_t begun = mg_mix_begin(mg_mix(seed, stream));
    for (int64_t i = 0; i < length; i++) {
        bool known = base[i] < MG_N_BASES;
        for (int64_t b = 0; b < MG_N_BASES; b++) {
            uint64_t draw = mg_mix_end(begun, (uint64_t)(MG_N_BASES * i + b));
            c[MG_N_BASES * i + b] = known ? (double)(draw >> 11) * 0x1p-52 - 1 : 0;
        }
        a[i] = known ? c[MG_N_BASES * i + base[i]] : 0;
    }
}

void mg_baseline_profile(const mg_base *base, int64_t length, const double *a, double *c)
{
    memset(c, 0, (size_t)length * MG_N_BASES * sizeof *c);
    for (int64_t i = 0; i < length; i++)
        if (base[i] < MG_N_BASES) c[MG_N_BASES * i + base[i]] = a[i];
}

void mg_baseline_ceiling(const mg_base *base, int64_t length, const float *effect, size_t n, const size_t *position,
                         const double *e, double *a, double *c)
{
    memset(a, 0, (size_t)length * sizeof *a);
    memset(c, 0, (size_t)length * MG_N_BASES * sizeof *c);
    for (size_t k = 0; k < n; k++) {
        size_t i = position[k];
        a[i] = e[k];
        for (size_t b = 0; b < MG_N_BASES; b++)
            c[MG_N_BASES * i + b] =
                a[i] + (b == base[i] || isnan(effect[MG_N_BASES * i + b]) ? 0 : effect[MG_N_BASES * i + b]);
    }
}
