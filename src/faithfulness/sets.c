/* sets.c  sets of positions: the top ones, and drawn ones */
#include "src/faithfulness/sets.h"

#include <math.h>
#include <string.h>

#include "src/core/random.h"
#include "src/faithfulness/correlation.h"
#include "src/faithfulness/families.h"

static const double mask_share = 0.1, noise_sigma = 0.1;

#define P MG_NEEDS_PASSES
#define CAPTURED(K)                                                                                                    \
    {                                                                                                                  \
        "captured_" K, "1",                                                                                            \
            "Sum of the mean effects over the " K " largest contributions, as a share of the largest sum of " K,       \
            MG_BETTER_LARGER, MG_NEEDS_EFFECTS, false                                                                  \
    }
#define ERASURE(PC, SUFFIX, HOW, LATER)                                                                                \
    {"comprehensiveness_" PC SUFFIX,                                                                                   \
     "score",                                                                                                          \
     "Fall of the score without the top " PC "% of the positions, " HOW,                                               \
     MG_BETTER_LARGER,                                                                                                 \
     P,                                                                                                                \
     LATER},                                                                                                           \
    {                                                                                                                  \
        "sufficiency_" PC SUFFIX, "score", "Fall of the score with no position but the top " PC "%, the others " HOW,  \
            MG_BETTER_SMALLER, P, LATER                                                                                \
    }
#define SENSITIVITY(M, SUFFIX, HOW, LATER)                                                                             \
    {                                                                                                                  \
        "sensitivity_" M SUFFIX, "1",                                                                                  \
            "Pearson correlation, over 100 random sets of " M                                                          \
            " positions, of contributions and fall of the score, " HOW,                                                \
            MG_BETTER_LARGER, P, LATER                                                                                 \
    }

#define SUBSTITUTE "each replaced by another base"
#define MEAN       "mean over its three other bases"
#define ZEROS      "each set to zeros"

/* clang-format off */
const mg_metric_row mg_set_rows[MG_N_SET_METRICS] = {
    CAPTURED("5"), CAPTURED("10"), CAPTURED("20"),
    ERASURE("5", "", SUBSTITUTE, false), ERASURE("10", "", SUBSTITUTE, false), ERASURE("20", "", SUBSTITUTE, false),
    ERASURE("5", "_mean", MEAN, true), ERASURE("10", "_mean", MEAN, true), ERASURE("20", "_mean", MEAN, true),
    ERASURE("5", "_zeros", ZEROS, true), ERASURE("10", "_zeros", ZEROS, true), ERASURE("20", "_zeros", ZEROS, true),
    SENSITIVITY("10", "", SUBSTITUTE, false),
    SENSITIVITY("1", "", SUBSTITUTE, true), SENSITIVITY("2", "", SUBSTITUTE, true), SENSITIVITY("5", "", SUBSTITUTE, true),
    SENSITIVITY("20", "", SUBSTITUTE, true), SENSITIVITY("50", "", SUBSTITUTE, true),
    SENSITIVITY("10", "_zeros", ZEROS, true),
    {"infidelity", "score^2", "Infidelity, scaled, to 60 masks that set each position to zeros with probability 0.1",
     MG_BETTER_SMALLER_MAGNITUDE, P, false},
    {"infidelity_noise", "score^2", "Infidelity, scaled, to 60 draws of normal noise, sigma 0.1, of what is said of all bases",
     MG_BETTER_SMALLER_MAGNITUDE, P | MG_NEEDS_HYPOTHETICAL, true},
};
/* clang-format on */

/* --- top positions --- */

static double sum_of_first(const double *value, const uint32_t *order, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < k; i++)
        sum += value[order[i]];
    return sum;
}

double mg_sets_captured(const mg_trial *trial, const double *a, size_t k, mg_trial_room *room)
{
    if (trial->n <= k || !mg_trial_order(trial, a, false, room, room->order)) return NAN;
    double found = sum_of_first(trial->effect, room->order, k);
    mg_sort_descending(room->sorter, trial->effect, trial->n, room->order);
    double most = sum_of_first(trial->effect, room->order, k);
    return most > 0 ? found / most : NAN;
}

size_t mg_sets_top(size_t n, size_t percent)
{
    return (n * percent + 99) / 100;
}

double mg_sets_erasure(const mg_trial *trial, const double *a, size_t k, bool rest, mg_replacement replacement,
                       mg_trial_room *room)
{
    if (trial->n == 0 || !mg_trial_order(trial, a, false, room, room->order)) return NAN;
    memset(room->in, 0, (size_t)trial->length * sizeof *room->in);
    for (size_t i = 0; i < trial->n; i++)
        room->in[trial->position[room->order[i]]] = rest ? i >= k : i < k;
    return trial->score - mg_trial_without(trial, room->in, replacement, room);
}

/* --- drawn sets --- */

void mg_sets_delta(const mg_trial *trial, const bool *in, size_t n_sets, mg_replacement replacement,
                   mg_trial_room *room, double *delta)
{
    for (size_t s = 0; s < n_sets; s++)
        delta[s] = trial->score - mg_trial_without(trial, in + s * (size_t)trial->length, replacement, room);
}

void mg_sets_sums(const mg_trial *trial, const double *a, const bool *in, size_t n_sets, double *sum)
{
    size_t length = (size_t)trial->length;
    for (size_t s = 0; s < n_sets; s++) {
        sum[s] = 0;
        for (size_t p = 0; p < length; p++)
            if (in[s * length + p]) sum[s] += a[p];
    }
}

double mg_sets_sensitivity(const double *sum, const double *delta, size_t n, double *work)
{
    for (size_t s = 0; s < n; s++)
        if (!isfinite(sum[s])) return NAN;
    mg_centred centred = mg_centre(delta, mg_mean(delta, n), n, work);
    return mg_pearson(sum, mg_mean(sum, n), &centred, n);
}

double mg_sets_infidelity(const double *dot, const double *delta, size_t n, bool scaled)
{
    double product = 0, squares = 0, sum = 0;
    for (size_t s = 0; s < n; s++) {
        product += dot[s] * delta[s];
        squares += dot[s] * dot[s];
    }
    double beta = !scaled ? 1 : squares > 0 ? product / squares : 0;
    for (size_t s = 0; s < n; s++) {
        double off = beta * dot[s] - delta[s];
        sum += off * off;
    }
    return sum / (double)n;
}

/* A number in [0, 1) from the top bits. */
static double uniform(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

/* The first m of a shuffle of the items. */
void mg_sets_draw(const mg_trial *trial, size_t m, mg_trial_room *room, bool *in)
{
    uint64_t seed = mg_mix(trial->seed, m);
    size_t length = (size_t)trial->length;
    if (m > trial->n) m = trial->n;
    memset(in, 0, MG_SETS_DRAWN * length * sizeof *in);
    for (size_t s = 0; s < MG_SETS_DRAWN; s++) {
        uint64_t draws = mg_mix(seed, s);
        for (uint32_t i = 0; i < trial->n; i++)
            room->order[i] = i;
        for (size_t i = 0; i < m; i++) {
            size_t other = i + (size_t)(mg_mix(draws, i) % (trial->n - i));
            uint32_t item = room->order[other];
            room->order[other] = room->order[i];
            room->order[i] = item;
            in[s * length + trial->position[item]] = true;
        }
    }
}

void mg_sets_draw_masks(const mg_trial *trial, bool *in)
{
    size_t length = (size_t)trial->length;
    memset(in, 0, MG_SETS_MASKS * length * sizeof *in);
    for (size_t s = 0; s < MG_SETS_MASKS; s++)
        for (size_t i = 0; i < trial->n; i++)
            in[s * length + trial->position[i]] = uniform(mg_mix(mg_mix(trial->seed, UINT64_MAX - s), i)) < mask_share;
}

void mg_sets_draw_noise(const mg_trial *trial, size_t k, double *noise)
{
    const double full_turn = 6.283185307179586;
    uint64_t seed = mg_mix(trial->seed, UINT64_MAX / 2 - k);
    for (uint64_t i = 0; i < (uint64_t)trial->length * MG_N_BASES; i += 2) {
        double radius = noise_sigma * sqrt(-2 * log(1 - uniform(mg_mix(seed, i))));
        double angle = full_turn * uniform(mg_mix(seed, i + 1));
        noise[i] = radius * cos(angle);
        noise[i + 1] = radius * sin(angle);
    }
}
