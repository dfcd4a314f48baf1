/* curves.c  areas over perturbation curves */
#include "src/faithfulness/curves.h"

#include <math.h>
#include <string.h>

#include "src/faithfulness/families.h"

#define CURVES(SUFFIX, HOW, EXTENT, LATER)                                                                             \
    {                                                                                                                  \
        "morf_" SUFFIX,                                                                                                \
        "score",                                                                                                       \
        "Mean fall of the score over " EXTENT " from the largest contribution on, " HOW,                               \
        MG_BETTER_LARGER,                                                                                              \
        MG_NEEDS_PASSES,                                                                                               \
        LATER},                                                                                                        \
        {"lerf_" SUFFIX,                                                                                               \
         "score",                                                                                                      \
         "Mean fall of the score over " EXTENT " from the smallest contribution on, " HOW,                             \
         MG_BETTER_SMALLER,                                                                                            \
         MG_NEEDS_PASSES,                                                                                              \
         LATER},                                                                                                       \
        {"area_" SUFFIX,   "score",         "Area between the two curves of " EXTENT ": morf minus lerf, " HOW,        \
         MG_BETTER_LARGER, MG_NEEDS_PASSES, LATER},                                                                    \
    {                                                                                                                  \
        "share_" SUFFIX, "1",                                                                                          \
            "Share of the way from a random order to the order of the true effects, by morf over " EXTENT ", " HOW,    \
            MG_BETTER_LARGER, MG_NEEDS_PASSES | MG_NEEDS_EFFECTS, LATER                                                \
    }

#define SUBSTITUTE "each replaced by another base"
#define MEAN       "mean over its three other bases"
#define ZEROS      "each set to zeros"
#define SHORT      "20 positions"
#define FULL       "all positions"

#define POINT(K, SOME, HOW)                                                                                            \
    {                                                                                                                  \
        "morf_at_" K, "score", "Fall of the score without the largest " SOME ", " HOW, MG_BETTER_LARGER,               \
            MG_NEEDS_PASSES, false                                                                                     \
    }
#define POINT_LERF(K, SOME, HOW)                                                                                       \
    {                                                                                                                  \
        "lerf_at_" K, "score", "Fall of the score without the smallest " SOME ", " HOW, MG_BETTER_SMALLER,             \
            MG_NEEDS_PASSES, false                                                                                     \
    }
#define EACH_POINT(P)                                                                                                  \
    P("1", "contribution", "its base replaced by another"), P("2", "2 contributions", SUBSTITUTE),                     \
        P("5", "5 contributions", SUBSTITUTE), P("10", "10 contributions", SUBSTITUTE),                                \
        P("20", "20 contributions", SUBSTITUTE)

const uint8_t mg_curve_points[MG_N_CURVE_POINTS] = {1, 2, 5, 10, MG_CURVE_SHORT};

/* By replacement, then extent; four each. Then points. */
const mg_metric_row mg_curve_rows[MG_N_CURVE_METRICS] = {
    CURVES("20", SUBSTITUTE, SHORT, false),
    CURVES("full", SUBSTITUTE, FULL, true),
    CURVES("20_mean", MEAN, SHORT, true),
    CURVES("full_mean", MEAN, FULL, true),
    CURVES("20_zeros", ZEROS, SHORT, true),
    CURVES("full_zeros", ZEROS, FULL, true),
    EACH_POINT(POINT),
    EACH_POINT(POINT_LERF),
};

static double aopc(const double *score, size_t k)
{
    double sum = 0;
    for (size_t j = 0; j <= k; j++)
        sum += score[0] - score[j];
    return sum / (double)(k + 1);
}

mg_curve_pair mg_curves_aopc(const mg_trial *trial, const double *a, size_t k, mg_replacement replacement,
                             mg_trial_room *room, double *morf, double *lerf)
{
    mg_curve_pair pair = {NAN, NAN};
    if (k > trial->n) k = trial->n;
    for (int smallest = 0; smallest < 2 && k > 0; smallest++) {
        if (!mg_trial_order(trial, a, smallest, room, room->order)) break;
        mg_trial_curve(trial, room->order, k, replacement, room, room->score);
        *(smallest ? &pair.lerf : &pair.morf) = aopc(room->score, k);
        double *score = smallest ? lerf : morf;
        if (score != NULL) memcpy(score, room->score, (k + 1) * sizeof *score);
    }
    return pair;
}

double mg_curves_share(double morf, double random, double ceiling)
{
    return ceiling > random ? (morf - random) / (ceiling - random) : NAN;
}
