/* metric.h  measures of faithfulness: what is known of each, and the list of those that a run has
 *
 * A metric is a row of a family, a file each (single.c, curves.c, sets.c, robustness.c); the catalogue in metric.c lists the
 * families. What a run measures is an mg_metric_set, made from the catalogue, the choice of the user and the regions that
 * the task gives (src/sequence/regions.h), and written into run.h5 as the methods are: so a reader knows the metrics of a
 * file from the file, and not from the program that reads it.
 */
#ifndef MG_FAITHFULNESS_METRIC_H
#define MG_FAITHFULNESS_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/regions.h"

/* Which question a metric asks of an attribution. */
typedef enum {
    MG_FAMILY_SINGLE,     /* does it agree with the effects of single mutations? */
    MG_FAMILY_CURVES,     /* does the score fall, and rise, when positions are replaced in its order? */
    MG_FAMILY_SETS,       /* does it find the sets of positions that matter together? */
    MG_FAMILY_ROBUSTNESS, /* does it say the same of nearly the same input, and when asked again? */
    MG_FAMILY_MEASURED,   /* does it agree with effects of single mutations that somebody has measured? */
    MG_N_FAMILIES
} mg_family;

extern const char *const mg_family_names[MG_N_FAMILIES]; /* "single", "curves", "sets", "robustness", "measured" */
extern const char *const mg_family_words[MG_N_FAMILIES]; /* for people: "single mutations", ... */

/* What a metric has to be given beside the attribution; bits. */
enum {
    MG_NEEDS_EFFECTS = 1,      /* the mutation effects of the window */
    MG_NEEDS_HYPOTHETICAL = 2, /* what the method says of bases that are not there */
    MG_NEEDS_PASSES = 4,       /* scores of other inputs */
    MG_NEEDS_ATTRIBUTIONS = 8  /* what the method says of other inputs */
};

/* Which value is the better one. */
typedef enum {
    MG_BETTER_SMALLER = -2,           /* the smaller, signs and all */
    MG_BETTER_SMALLER_MAGNITUDE = -1, /* the one nearer to 0 */
    MG_BETTER_LARGER = 1
} mg_better;

enum { MG_METRIC_NAME = 48, MG_METRIC_UNIT = 16, MG_METRIC_DESCRIPTION = 240, MG_MAX_METRICS = 128 };

typedef struct {
    char name[MG_METRIC_NAME];    /* "spearman"; unique together with region */
    char region[MG_METRIC_NAME];  /* "all", or a region of the task */
    char dataset[MG_METRIC_NAME]; /* "spearman", "spearman_upstream": name in run.h5; unique */
    char unit[MG_METRIC_UNIT];    /* "1", "nt", "score" */
    char description[MG_METRIC_DESCRIPTION];
    mg_better better;
    mg_family family;
    bool sampled; /* it runs passes, so it is measured in chosen windows only (measure.h) */
    uint8_t
        point; /* a point of a curve (curves.h), so many positions taken out: told with its interval, but it takes no place
                      and is not tested, since points of a curve are no independent measures. 0: none */
    uint8_t row; /* its place in the table of its family, for who computes it; of no meaning in a set that was read */
} mg_metric_info;

/* The metrics of a run, in the order of its tables. A metric is told by its place in it. */
typedef struct {
    size_t n;
    mg_metric_info info[MG_MAX_METRICS];
} mg_metric_set;

/* The first places of every set: metrics over all positions that the mutations alone decide. */
typedef enum {
    MG_PEARSON,            /* of a and e */
    MG_SPEARMAN,           /* of a and e, mid-ranks */
    MG_KENDALL,            /* tau-b of a and e, O(n log n) */
    MG_COSINE,             /* of a and e */
    MG_SPEARMAN_MAGNITUDE, /* of |a| and |e| */
    MG_SIGN_AGREEMENT,     /* share of positions with a != 0 and e != 0 where the signs agree */
    MG_JACCARD_5,          /* overlap of the 5 largest a and the 5 largest e; ties: the lower position first */
    MG_JACCARD_10,
    MG_JACCARD_20,
    MG_PEAK_DISTANCE, /* nt between argmax a and argmax e */
    MG_FLIP_AUROC,    /* area under ROC of a for 'some mutation here flips the call' (sign of F + D != sign of F) */
    MG_SUBSTITUTION_PEARSON, /* of d and D over all substitutions */
    MG_SUBSTITUTION_SPEARMAN,
    MG_COMPLETENESS_ERROR, /* sum of a over ALL positions minus what it should sum to; NaN if no sum is claimed */
    MG_N_WHOLE,            /* behind them: pearson over each region, spearman over each region */
    MG_ANY_METRIC = MG_MAX_METRICS
} mg_metric;

/* mg_metric_set_single()  the family of single mutations over these regions: MG_N_WHOLE + 2 regions->n metrics */
void mg_metric_set_single(const mg_regions *regions, mg_metric_set *ret);

/* mg_metric_set_choose()  the metrics of a run
 *
 * Args:     choice - words, separated by spaces or commas: a family, with the metrics that a run has by default; the name of a
 *                    metric; `all`; `single`. The family of single mutations is always among them. NULL or "": those of
 *                    all families that a run has by default.
 * Returns:  MG_OK, or MG_EUSAGE naming the word that is none; the sentence lists what there is.
 */
mg_status mg_metric_set_choose(const char *choice, const mg_regions *regions, mg_metric_set *ret, mg_error *err);

/* mg_metric_catalogue()  every metric there is, without regions */
void mg_metric_catalogue(mg_metric_set *ret);

/* mg_metric_is_default()  does a run have it by default?  info - of a catalogue or of a set that was chosen */
bool mg_metric_is_default(const mg_metric_info *info);
/* mg_metric_needs()  MG_NEEDS_..., likewise */
unsigned mg_metric_needs(const mg_metric_info *info);

/* mg_metric_n_single()  metrics of the family of single mutations: the first of the set, which mg_truth_compare() fills */
size_t mg_metric_n_single(const mg_metric_set *set);

/* mg_metric_set_add_measured()  behind the metrics of the set those of single mutations once more, as "measured_spearman", of
 * effects that were measured. The call of the network and its completeness have no part in them. */
void mg_metric_set_add_measured(const mg_regions *regions, mg_metric_set *inout);

/* mg_metric_pick_measured()  of the family of single mutations (n) those that have a measured counterpart, in the order of
 * mg_metric_set_add_measured(); returns how many */
size_t mg_metric_pick_measured(const float *single, size_t n, float *metric);

/* mg_metric_set_find()  the place of a metric; set->n: it is not in the set */
size_t mg_metric_set_find(const mg_metric_set *set, const char *name, const char *region);

/* mg_metric_of_family()  the metric that speaks for a family: spearman, area_20, sensitivity_10, max_sensitivity,
 * measured_spearman; else the first of the family over all positions. set->n: the set has none */
size_t mg_metric_of_family(const mg_metric_set *set, mg_family family);

/* mg_merit()  larger is better, whatever the metric */
double mg_merit(mg_better better, double value);

#endif
