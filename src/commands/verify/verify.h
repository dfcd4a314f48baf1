/* verify.h  a finished run, worked out again: what `mutagree verify` holds, and its parts in the order they come */
#ifndef MG_COMMANDS_VERIFY_VERIFY_H
#define MG_COMMANDS_VERIFY_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "io/model/model.h"
#include "io/run/columns.h"
#include "io/run/file.h"
#include "src/core/difference.h"
#include "src/core/options.h"
#include "src/core/status.h"
#include "src/shard/study.h"
#include "src/shard/team.h"

/* What the user asked for. */
typedef struct {
    const char *model;
    int64_t windows, threads, seed;
    mg_text_list attributions;
    bool all, summary, quiet;
} mg_verify_options;

/* One dataset: what is in the file (one) against what comes out now (other). */
typedef struct {
    mg_field_id id;
    int64_t s; /* which of the field's datasets */
    double tolerance;
    mg_difference difference;
} mg_verify_set;

typedef struct {
    const mg_verify_options *options;
    mg_run_file run;
    mg_model model;
    mg_study *study;
    mg_team *team;
    bool same_bits;  /* they are expected; else a tolerance */
    int64_t n_drawn; /* windows that are looked at */
    char *own; /* owned: where own attributions and measured effects come from now, a line each; NULL: there are none */
    size_t n_sets;
    mg_verify_set *set;        /* owned (n_sets): by field, then method, then metric */
    mg_difference rows, pairs; /* of the summary: a place is a row, an item a column of numbers */
} mg_verify;

/* mg_verify_share()  the share of a dataset's numbers that may be further apart than the tolerance
 *
 * Scores, probabilities and effects of mutations are continuous, so none. What methods say jumps where two activations
 * are nearly equal, and ranks where two positions are: seen in 0.1% of the numbers, so 1% is let pass.
 */
double mg_verify_share(mg_field_id id);

/* mg_verify_open()  the run, its model (checked by its sum) and the study it was made with */
mg_status mg_verify_open(const char *path, mg_verify *v, mg_error *err);

/* mg_verify_add_own()  own attributions and measured effects into the study, which knows the other methods already; n_drawn is
 * known */
mg_status mg_verify_add_own(mg_verify *v, mg_error *err);

/* mg_verify_add_measures()  measures.c: the metrics of the run, the windows they are measured in, and its baselines */
mg_status mg_verify_add_measures(mg_verify *v, mg_error *err);
/* mg_verify_check_metrics()  when all is added: are they in the order of the file? */
mg_status mg_verify_check_metrics(const mg_verify *v, mg_error *err);

/* mg_verify_windows()  work out the windows drawn and compare all that is kept of them */
mg_status mg_verify_windows(mg_verify *v, mg_error *err);

/* mg_verify_summary()  work out the aggregates from the agreement in the file, all of it, and compare them. Windows come
 * by in blocks; memory grows with the transcripts, as that of mg_summary_create(). */
mg_status mg_verify_summary(mg_verify *v, mg_error *err);

void mg_verify_close(mg_verify *v); /* frees what it holds, not the struct */

#endif
