/* shard.h  the unit of work that travels: a run of consecutive windows, and the slots for what is found about them
 *
 * Windows are distinct ones: no two of a run have the same bases. The plan depends on the input alone: shard k holds
 * windows k * size .. (k + 1) * size - 1. Item i of a shard writes slot i of the result and nothing else, so neither rank
 * nor thread shows in the numbers.
 */
#ifndef MG_SHARD_SHARD_H
#define MG_SHARD_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/faithfulness/metric.h"
#include "src/core/status.h"
#include "src/sequence/alphabet.h"
enum { MG_SHARD_SIZE = 64 }; /* windows, default: some 100 ms of work, and 13 KB of sequence to send */

/* What is known of a distinct window before it is worked on. */
typedef struct {
    int64_t place;     /* the first of its places */
    int64_t cluster;   /* unit of the statistics: windows of one cluster are not independent of each other */
    int32_t label;     /* 1 an annotated start in any of its places, 0 in none, -1 nothing is known */
    int32_t n_unknown; /* positions whose base is not known, because it is N or outside the transcript */
    int32_t kind;      /* of its first place, where the task has several kinds of windows; else 0 */
} mg_shard_window;

typedef struct {
    int64_t id;              /* 0.. number of shards - 1 */
    int64_t first;           /* number of its first window */
    int64_t n;               /* windows */
    int64_t length;          /* L */
    mg_shard_window *window; /* owned, n */
    mg_base *base;           /* owned, (n, L) codes */
} mg_shard;

/* mg_shard_count()  shards of `size` windows that n_windows make (the last may be shorter); 0 for none */
int64_t mg_shard_count(int64_t n_windows, int64_t size);

/* mg_shard_create()  room for n windows of L bases; destroy frees what it holds, not the struct */
mg_status mg_shard_create(int64_t n, int64_t length, mg_shard *ret, mg_error *err);
void mg_shard_destroy(mg_shard *shard);

/* What is kept for each window (`--store`). */
typedef enum {
    MG_STORE_SUMMARY,      /* score, probability, agreement */
    MG_STORE_CONTRIBUTION, /* ... and effect and contribution */
    MG_STORE_HYPOTHETICAL  /* ... and hypothetical contribution */
} mg_store;

typedef struct {
    int64_t n;      /* windows */
    int64_t length; /* L */
    size_t n_methods, n_baselines, n_metrics;
    mg_store store;
    float *score;        /* (n) F: log-odds, or the logit with --score logit */
    float *probability;  /* (n) of the target class */
    float *effect;       /* (n, L, 4) D, A C G T, units of F; NULL with MG_STORE_SUMMARY */
    float *contribution; /* (n_methods, n, L) a; NULL with MG_STORE_SUMMARY */
    float *hypothetical; /* (n_methods, n, L, 4) c, NaN for a method without; NULL unless MG_STORE_HYPOTHETICAL */
    float *agreement;    /* (n_methods + n_baselines, n_metrics, n) */
    int8_t *chosen;      /* (n) 1 where metrics that run passes were measured */
    float *measured;     /* (n, L, 4) as mg_measured_row() gives them; NULL unless mg_result_add_measured() */
    float *measured_se;  /* (n, L, 4) likewise; NULL: no standard errors */
} mg_result;

mg_status mg_result_create(int64_t n, int64_t length, size_t n_methods, size_t n_baselines, size_t n_metrics,
                           mg_store store, mg_result *ret, mg_error *err);
/* mg_result_add_measured()  room for measured effects too, with or without standard errors, where effects are kept */
mg_status mg_result_add_measured(mg_result *result, bool with_se, mg_error *err);
void mg_result_destroy(mg_result *result); /* frees what it holds, not the struct */

#endif
