/* seqlets.h  the stretches of windows that matter most, and patterns that they share
 *
 * A *seqlet* is a stretch of MG_SEQLET_LENGTH positions. Of a window the one with the largest sum of |e| is taken, and the
 * next one that does not overlap it; of all windows the strongest MG_MOST_SEQLETS are kept. Each method is asked for its own
 * strongest stretch of the same length, by |a|: it finds that of the mutations when the two overlap by half or more.
 *
 * *Patterns* are made greedily, the strongest seqlet first: it joins the pattern that it is most like, on either strand and
 * shifted by at most MG_SEQLET_SHIFT positions, where the cosine of its e (a row of four numbers a position, e at the base that
 * is there) with the pattern's sum over the overlap is MG_SEQLET_LIKE or more; else it begins a pattern of its own. This is
 * the idea of TF-MoDISco (Shrikumar et al. 2018, arXiv:1811.00416) in its plainest form, to look at, and no substitute for it:
 * `mutagree export --format modisco` writes its input.
 */
#ifndef MG_TASK_SEQLETS_H
#define MG_TASK_SEQLETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/statistics/cluster.h"
#include "src/task/evidence.h"

enum {
    MG_SEQLET_LENGTH = 15, /* nt; shorter windows are one seqlet */
    MG_SEQLET_FLANK = 5,   /* nt shown on either side */
    MG_SEQLET_ROOM = MG_SEQLET_LENGTH + 2 * MG_SEQLET_FLANK,
    MG_SEQLET_SHIFT = 5,
    MG_MOST_SEQLETS = 2000,
    MG_MOST_PATTERNS = 8, /* that are told */
    MG_LEAST_SEQLETS = 3  /* of a pattern that is told */
};
#define MG_SEQLET_LIKE 0.7

typedef struct {
    int64_t window; /* of the run */
    int64_t begin;  /* offset in it */
    double sum;     /* of |e| */
} mg_seqlet;

typedef struct {
    int64_t length;   /* of a window */
    int64_t n_within; /* positions of a seqlet: MG_SEQLET_LENGTH, or the window's where that is shorter */
    size_t n_methods;
    size_t n;            /* seqlets kept */
    mg_seqlet *seqlet;   /* owned (MG_MOST_SEQLETS), the strongest first; the lower window first where they are equal */
    mg_ratio *found;     /* owned (n_methods): of the windows, the share whose strongest stretch the method finds */
    double *size, *work; /* owned (L), (L + 1) scratch */
} mg_seqlets;

mg_status mg_seqlets_create(int64_t length, size_t n_methods, mg_seqlets *ret, mg_error *err);
void mg_seqlets_destroy(mg_seqlets *seqlets); /* frees what it holds, not the struct */

/* mg_seqlets_add()  take in a window; those of a cluster come together, and then the cluster ends */
void mg_seqlets_add(mg_seqlets *seqlets, int64_t window, const mg_evidence *evidence);
void mg_seqlets_end_cluster(mg_seqlets *seqlets);

/* A seqlet with its surroundings: place k of the room is offset begin - MG_SEQLET_FLANK + k of the window. */
typedef struct {
    mg_base base[MG_SEQLET_ROOM]; /* MG_UNKNOWN also outside the window */
    float effect[MG_SEQLET_ROOM]; /* e, 0 where the base is not known */
} mg_seqlet_view;

typedef struct {
    int pattern; /* number of the pattern it joined */
    int shift;   /* place k of the pattern is place k + shift of the view, on the strand that it was put on */
    bool reverse;
} mg_seqlet_fit;

/* mg_seqlets_match()  patterns of n views, in the order of the seqlets
 * Args:     fit - OUT (n)
 *           ret_n_patterns - OUT, numbered in the order in which they began
 * Returns:  MG_OK, MG_EMEM */
mg_status mg_seqlets_match(const mg_seqlet_view *view, size_t n, mg_seqlet_fit *fit, size_t *ret_n_patterns,
                           mg_error *err);

/* mg_seqlet_place()  the place of the view that stands at place k of the pattern; -1: outside the view */
int mg_seqlet_place(const mg_seqlet_fit *fit, int k);

#endif
