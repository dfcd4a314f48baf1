/* dataset.h  the windows that a network is trained or tested on, made distinct by their bases
 *
 * Transcripts of a gene share most of their windows, so each sequence of bases is taken once. It is a start when any
 * transcript has an annotated start there, and held out or set aside when it occurs in any transcript that is: nothing
 * that was trained on is tested on. Every occurrence is remembered, because the question which ATG of a transcript scores
 * best is about all ATGs that the transcript has.
 */
#ifndef MG_TRAINING_DATASET_H
#define MG_TRAINING_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/clusters.h"
#include "src/sequence/window.h"

/* What a window is for; what occurs in transcripts of several parts belongs to the last of them. */
typedef enum {
    MG_TRAINED_ON,
    MG_HELD_OUT,  /* tested on after each epoch */
    MG_SET_ASIDE, /* takes no part */
    MG_N_PARTS
} mg_part;

typedef struct {
    uint32_t cluster; /* of mg_dataset_cluster() */
    bool start;
    uint8_t part;   /* an mg_part */
    bool disagreed; /* a start in one occurrence, none in another */
} mg_sample;

typedef struct {
    uint32_t sample;
    int32_t transcript;
    bool start; /* annotated in this very transcript */
} mg_occurrence;

typedef struct {
    int64_t length; /* L */
    size_t n, n_room, n_code_room;
    mg_sample *sample; /* owned, n of them, in the order of their first occurrence */
    uint8_t *code;     /* owned: (n, (L + 1) / 2), two bases a byte */
    size_t n_occurrences, n_occurrence_room;
    mg_occurrence *occurrence; /* owned, in the order of the input */
    size_t n_slots;            /* of the table by which equal windows are found: a power of two */
    uint32_t *slot;            /* owned: sample + 1, 0 is free */
    char unit[MG_UNIT_TEXT];   /* what a cluster is */
} mg_dataset;                  /* begin with {.length = L} */

/* mg_dataset_add()  one window: window->label 1 is a start, anything else none
 * Returns: MG_OK, MG_EMEM, or MG_EINPUT when there are more than 2^31 windows. */
mg_status mg_dataset_add(mg_dataset *dataset, const mg_window *window, const mg_base *base, mg_part part,
                         mg_error *err);

/* mg_dataset_base()  the L bases of sample i */
void mg_dataset_base(const mg_dataset *dataset, size_t i, mg_base *base);

void mg_dataset_destroy(mg_dataset *dataset); /* frees what it holds, not the struct; NULL is fine */

typedef struct {
    int64_t n_starts[MG_N_PARTS], n_others[MG_N_PARTS], n_disagreed[MG_N_PARTS];
} mg_dataset_counts;

mg_dataset_counts mg_dataset_count(const mg_dataset *dataset);

/* mg_dataset_cluster()  put the samples into clusters (src/sequence/clusters.h), when all are there
 *
 * Args:     kin  - (n_kin) what ties transcripts, as mg_clusters_create() takes it; those from n_kin on, and all where
 *                  it is NULL, are tied by nothing but the windows that they share
 *           unit - what a cluster is, as told to people
 * Returns:  MG_OK, MG_EMEM or MG_EINPUT.
 */
mg_status mg_dataset_cluster(mg_dataset *dataset, const int64_t *kin, size_t n_kin, const char *unit, mg_error *err);

/* mg_dataset_pack()    all of it but the occurrences as one block of bytes for ranks of the same machine type; *ret is
 *                      for the caller to free()
 * mg_dataset_unpack()  the dataset again; it cannot be added to. MG_EINPUT when the block is damaged. */
mg_status mg_dataset_pack(const mg_dataset *dataset, unsigned char **ret, size_t *n_ret, mg_error *err);
mg_status mg_dataset_unpack(const unsigned char *bytes, size_t n, mg_dataset *ret, mg_error *err);

#endif
