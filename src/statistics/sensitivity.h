/* sensitivity.h  one window's agreement under each of the choices that are known to turn the order of methods
 *
 * Published comparisons differ in what they call agreement. Four choices of two make sixteen: rank or linear
 * correlation; effects in log-odds or in probability; signed values or magnitudes; the mean or the worst of the three
 * substitutions of a position. All are taken over the informative positions (metric.h).
 */
#ifndef MG_STATISTICS_SENSITIVITY_H
#define MG_STATISTICS_SENSITIVITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/alphabet.h"
#include "src/sequence/regions.h"

typedef enum { MG_MEASURE_SPEARMAN, MG_MEASURE_PEARSON, MG_N_MEASURES } mg_measure;
typedef enum { MG_SCALE_LOG_ODDS, MG_SCALE_PROBABILITY, MG_N_SCALES } mg_scale;
typedef enum { MG_SIGN_SIGNED, MG_SIGN_ABSOLUTE, MG_N_SIGNS } mg_sign;
typedef enum { MG_REDUCTION_MEAN, MG_REDUCTION_WORST, MG_N_REDUCTIONS } mg_reduction;

extern const char *const mg_measure_names[MG_N_MEASURES];     /* "spearman", "pearson" */
extern const char *const mg_scale_names[MG_N_SCALES];         /* "log-odds", "probability" */
extern const char *const mg_sign_names[MG_N_SIGNS];           /* "signed", "absolute" */
extern const char *const mg_reduction_names[MG_N_REDUCTIONS]; /* "mean", "worst" */

enum { MG_N_CHOICES = MG_N_MEASURES * MG_N_SCALES * MG_N_SIGNS * MG_N_REDUCTIONS };

typedef struct {
    mg_measure measure;
    mg_scale scale;
    mg_sign sign;
    mg_reduction reduction;
} mg_choice;

/* mg_choice_at()  choice k of MG_N_CHOICES; 0 is Spearman, log-odds, signed, mean */
mg_choice mg_choice_at(int k);

/* Room to work in; one a thread. */
typedef struct mg_sensitivity mg_sensitivity;

/* mg_sensitivity_create()  for windows of `length` bases
 * Args: region - (length) as of mg_regions_of(): offsets that are MG_REGION_LEFT_OUT take no part; NULL: all take part. The
 *                caller's, which must outlive it. */
mg_status mg_sensitivity_create(int64_t length, const uint8_t *region, mg_sensitivity **ret, mg_error *err);
void mg_sensitivity_destroy(mg_sensitivity *sensitivity);

/* mg_sensitivity_set()  take in the mutations of a window
 *
 * Args:     base   - (L) codes
 *           blind  - (L) true where no path leads to the output
 *           effect - (L, 4) D, log-odds (or logits: then the rows of MG_SCALE_PROBABILITY mean nothing)
 *           score  - F of the window as it is
 */
void mg_sensitivity_set(mg_sensitivity *sensitivity, const mg_base *base, const bool *blind, const float *effect,
                        double score);

/* mg_sensitivity_compare()  agreement of one method with them
 *
 * e(i) is the mean over the three other bases of -D(i,b), or the largest -D(i,b); with magnitudes |mean D| or the
 * largest |D|, against |a|.
 *
 * Args:     contribution - (L) a
 *           value        - OUT (MG_N_CHOICES); NaN with fewer than 3 positions, a constant row, or values that are not
 *                          finite
 */
void mg_sensitivity_compare(mg_sensitivity *sensitivity, const float *contribution, float *value);

#endif
