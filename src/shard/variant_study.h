/* variant_study.h  one variant on one transcript: the score of each start whose window it changes, before and after
 *
 * The window after is cut from the transcript as the variant leaves it, around the place that the codon has there; so
 * an insertion or deletion moves all that lies between it and the window's end on its side. Also looked for is every
 * ATG that the variant makes before the start, in the window or further up: the best scored of them is told beside the
 * start.
 */
#ifndef MG_SHARD_VARIANT_STUDY_H
#define MG_SHARD_VARIANT_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/task/starts/change.h"
#include "src/core/status.h"
#include "src/mutation/edit.h"
#include "src/sequence/candidate.h"
#include "src/shard/scorer.h"

/* What is the same for all variants. */
typedef struct {
    mg_scorer *scorer;
    const mg_genetic_code *code;
    bool probability; /* the effect is told on the probability, not on F */
} mg_variant_study;

/* What a variant means for one start. */
typedef struct {
    int64_t start; /* of the codon, in the transcript before; of a site its base in the record */
    int64_t place; /* of sites: where the variant lies, seen from the site, as told to people */
    int32_t label; /* as of its window */
    bool touched;  /* false: its window is the same, before and after */
    mg_window_score before, after;
    double effect; /* after - before: of F, or of the probability */
    int class;     /* of change.h */
    char coding[MG_CHANGE_TEXT], protein[MG_CHANGE_TEXT], kozak[MG_KOZAK_TEXT]; /* empty where there is none */
    bool makes_atg; /* an ATG before the start, of which the best scored is told: */
    int64_t atg;    /* its place from the codon, as told to people (-28) */
    int atg_class;  /* MG_CLASS_UPSTREAM_... */
    mg_window_score new_atg;
} mg_variant_row;

/* The rows of one variant on one transcript, and what a thread needs to make them. */
typedef struct {
    size_t n, n_room;
    mg_variant_row *row; /* owned */
} mg_variant_rows;       /* begin with {0}; free(row) */

typedef struct {
    mg_base *after, *window; /* owned */
    size_t n_after, n_window;
} mg_variant_bench; /* begin with {0} */

void mg_variant_bench_destroy(mg_variant_bench *bench); /* frees what it holds, not the struct */

/* mg_variant_study_rows()  add a row for each start that the variant concerns
 *
 * Purpose:  These are the candidates whose window it changes; of annotated and listed ones also those before which it
 *           makes an ATG.
 * Args:     thread - of the scorer
 *           search - for the candidates of the transcript, at its beginning
 *           edit   - within the transcript; an insertion has a base on either side
 *           exon   - in which it lies, or the whole transcript: the name does not move out of it
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT when a score is not finite.
 */
mg_status mg_variant_study_rows(const mg_variant_study *study, int thread, mg_candidate_search *search,
                                const mg_edit *edit, mg_stretch exon, mg_variant_bench *bench, mg_variant_rows *inout,
                                mg_error *err);

/* mg_variant_effect()  after - before, of F or of the probability */
double mg_variant_effect(const mg_variant_study *study, const mg_variant_row *row);

/* mg_variant_call()  "lost", "gained", "kept" or "none": is the start called, F > 0, before and after? */
const char *mg_variant_call(const mg_variant_row *row);

/* mg_variant_prefers_new()  does the network score the new ATG higher than the start as it is after the variant? */
bool mg_variant_prefers_new(const mg_variant_row *row);

#endif
