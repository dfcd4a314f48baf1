/* trial.h  a window that metrics put to the test: what is known of it, what may be asked about it, how positions are replaced
 *
 * Metrics see no network. What needs scores of other inputs, or what a method says of other windows, asks a *probe*, which
 * whoever owns the network fills in (src/shard/study.c; in tests, a plan in float64).
 */
#ifndef MG_FAITHFULNESS_TRIAL_H
#define MG_FAITHFULNESS_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/faithfulness/rank.h"
#include "src/sequence/alphabet.h"

typedef struct {
    void *context;
    /* F of an input (L, 4), rows in the order A C G T: the score that is explained */
    double (*score)(void *context, const double *x);
    /* What a method says of another window: a - OUT (L). draw 0: with the random numbers of the window on trial; 1, 2, ...:
     * with others. False: it cannot be asked (rows from a file). */
    bool (*attribute)(void *context, size_t method, const mg_base *base, uint64_t draw, double *a);
} mg_probe;

/* One window. Plain pointers into what the caller keeps. */
typedef struct {
    int64_t length;            /* L */
    const mg_base *base;       /* (L) codes */
    const double *x;           /* (L, 4) its rows */
    double score;              /* F of x, as the probe gives it */
    size_t n;                  /* informative positions: only they are ranked, drawn and replaced */
    const size_t *position;    /* (n) ascending */
    const double *effect;      /* (n) e(i) */
    const mg_base *substitute; /* (L) one other base for each known position, for MG_REPLACE_SUBSTITUTE */
    uint64_t seed;             /* of this window: run seed and bases */
    const mg_probe *probe;
} mg_trial;

/* What an attribution says of the window. */
typedef struct {
    const double *a; /* (L) */
    const double *c; /* (L, 4), or NULL: it says nothing of bases that are not there */
    size_t method;   /* for the probe */
    bool asks;       /* it may be asked about other windows */
} mg_claim;

/* How a position is taken out. */
typedef enum {
    MG_REPLACE_SUBSTITUTE, /* by one other base, drawn for window and position */
    MG_REPLACE_MEAN, /* by each of the three others: the mean of three scores, in which every replaced position takes base
                              (b + 1) mod 4, (b + 2) mod 4, (b + 3) mod 4 in the order A C G T */
    MG_REPLACE_ZEROS, /* by a row of zeros */
    MG_N_REPLACEMENTS
} mg_replacement;

extern const char *const mg_replacement_names[MG_N_REPLACEMENTS]; /* "substitute", "mean", "zeros" */

/* Room for one thread. */
typedef struct {
    size_t n_max; /* positions */
    mg_sorter *sorter;
    double *x;       /* (L, 4) the input as it is changed */
    double *value;   /* (n_max) what is sorted */
    uint32_t *order; /* (n_max) */
    bool *in;        /* (L) positions of a set */
    double *score;   /* (n_max + 1) of a curve */
} mg_trial_room;

mg_status mg_trial_room_create(int64_t length, mg_trial_room *ret, mg_error *err);
void mg_trial_room_destroy(mg_trial_room *room); /* frees what it holds, not the struct */
size_t mg_trial_room_bytes(int64_t length);

/* mg_trial_substitutes()  substitute - OUT (L): for each known base one of the three others, drawn from the seed and the
 * position; unknown ones stay */
void mg_trial_substitutes(const mg_base *base, int64_t length, uint64_t seed, mg_base *substitute);

/* mg_trial_order()  the items 0 .. n - 1 by a(position), the largest first, or the smallest; equal ones: the lower position
 * first. Returns false, and no order, when a number is not finite. order - OUT (n) */
bool mg_trial_order(const mg_trial *trial, const double *a, bool smallest_first, mg_trial_room *room, uint32_t *order);

/* mg_trial_without()  F with the positions of `in` (L) taken out */
double mg_trial_without(const mg_trial *trial, const bool *in, mg_replacement replacement, mg_trial_room *room);

/* mg_trial_curve()  F after the first j items of an order are taken out, j = 0 .. k: score - OUT (k + 1) */
void mg_trial_curve(const mg_trial *trial, const uint32_t *order, size_t k, mg_replacement replacement,
                    mg_trial_room *room, double *score);

#endif
