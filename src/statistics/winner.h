/* winner.h  who is best, and is it sure
 *
 * A method wins when it has the best mean and its paired test against every other method, Holm-corrected, is below 0.05
 * in its favour, with enough clusters for a claim.
 */
#ifndef MG_STATISTICS_WINNER_H
#define MG_STATISTICS_WINNER_H

#include <stdbool.h>
#include <stddef.h>

#include "src/statistics/summary.h"

enum { MG_ENOUGH_CLUSTERS = 30 };

/* mg_is_better()  does the paired test say that `method` is better than `other`?
 * Args: pair - (mg_summary_n_pairs) of one metric and group */
bool mg_is_better(const mg_summary_pair *pair, size_t n_methods, size_t method, size_t other);

/* mg_pair_is_won()  does the test of the pair say that its first method is better than what it is compared with? */
bool mg_pair_is_won(const mg_summary_pair *pair);

/* mg_method_at()  the method at a place (0 is best) by mean, ties by index, those without a mean at the end
 * Args: row - (n_methods) of one metric and group */
size_t mg_method_at(const mg_summary_row *row, size_t n_methods, size_t place);

/* mg_order_methods()  all of them in that order; returns how many have a mean.  order - OUT (n_methods) */
size_t mg_order_methods(const mg_summary_row *row, size_t n_methods, size_t *order);

/* 1 is best; methods with the same mean, to the last bit, share a place: 1, 2, 2, 4. */
typedef struct {
    size_t place; /* 0: no mean, no place */
    bool shared;
} mg_standing;

/* mg_standing_of()  of one method of row (n_methods) */
mg_standing mg_standing_of(const mg_summary_row *row, size_t n_methods, size_t method);

typedef struct {
    bool any;        /* a method has a mean */
    bool enough;     /* the leader's mean is over enough clusters */
    size_t leader;   /* the best mean */
    size_t n_rivals; /* methods with a mean that the leader cannot be told from */
    bool wins;       /* enough, and no rivals among two or more methods */
} mg_winner;

/* mg_find_winner()  rival - OUT (n_methods), may be NULL */
mg_winner mg_find_winner(const mg_summary_row *row, const mg_summary_pair *pair, size_t n_methods, bool *rival);

#endif
