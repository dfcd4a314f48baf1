/* robustness.c  the same question asked again, of a neighbour or with other draws */
#include "src/faithfulness/robustness.h"

#include <math.h>
#include <string.h>

#include "src/core/random.h"
#include "src/faithfulness/families.h"

const mg_metric_row mg_robustness_rows[MG_N_ROBUSTNESS_METRICS] = {
    {"max_sensitivity", "1",
     "Largest change of the contributions over 10 neighbours that differ in one base, as a share of their size",
     MG_BETTER_SMALLER_MAGNITUDE, MG_NEEDS_ATTRIBUTIONS, false},
    {"spread", "1",
     "Spread of the contributions over 5 draws of what the method draws (references, noise), as a share of their size",
     MG_BETTER_SMALLER_MAGNITUDE, MG_NEEDS_ATTRIBUTIONS, false},
};

bool mg_robustness_draw(const mg_trial *trial, mg_neighbour *neighbour)
{
    enum { N_OTHERS = MG_N_BASES - 1, STREAM = 0x6e656967 };
    uint64_t seed = mg_mix(trial->seed, STREAM);
    for (size_t k = 0; k < MG_NEIGHBOURS && trial->n > 0; k++) {
        uint64_t draw = mg_mix(seed, k);
        size_t p = trial->position[draw % trial->n];
        neighbour[k] = (mg_neighbour){
            p, (mg_base)((trial->base[p] + 1 + mg_mix(seed, MG_NEIGHBOURS + k) % N_OTHERS) % MG_N_BASES)};
    }
    return trial->n > 0;
}

static double norm(const double *a, int64_t n)
{
    double squares = 0;
    for (int64_t i = 0; i < n; i++)
        squares += a[i] * a[i];
    return sqrt(squares);
}

double mg_robustness_sensitivity(const mg_trial *trial, const mg_claim *claim, const mg_neighbour *neighbour, size_t n,
                                 mg_base *base, double *other)
{
    double size = norm(claim->a, trial->length), largest = 0;
    if (!claim->asks || !(size > 0)) return NAN;
    for (size_t k = 0; k < n; k++) {
        memcpy(base, trial->base, (size_t)trial->length * sizeof *base);
        base[neighbour[k].position] = neighbour[k].base;
        if (!trial->probe->attribute(trial->probe->context, claim->method, base, 0, other)) return NAN;
        for (int64_t i = 0; i < trial->length; i++)
            other[i] -= claim->a[i];
        double change = norm(other, trial->length);
        if (isnan(change)) return NAN;
        if (change > largest) largest = change;
    }
    return largest / size;
}

double mg_robustness_spread(const mg_trial *trial, const mg_claim *claim, double *sum, double *squares, double *other)
{
    const double n = MG_FURTHER_DRAWS + 1;
    double variance = 0;
    bool same = true;
    if (!claim->asks) return NAN;
    memcpy(sum, claim->a, (size_t)trial->length * sizeof *sum);
    memset(squares, 0, (size_t)trial->length * sizeof *squares);
    for (uint64_t draw = 1; draw <= MG_FURTHER_DRAWS && (draw == 1 || !same); draw++) {
        if (!trial->probe->attribute(trial->probe->context, claim->method, trial->base, draw, other)) return NAN;
        for (int64_t i = 0; i < trial->length; i++) { /* Welford: draw + 1 numbers so far */
            double off = other[i] - sum[i];
            same = same && off == 0;
            sum[i] += off / (double)(draw + 1);
            squares[i] += off * (other[i] - sum[i]);
        }
    }
    for (int64_t i = 0; i < trial->length; i++)
        variance += squares[i] / (n - 1);
    return same ? NAN : sqrt(variance) / norm(sum, trial->length);
}
