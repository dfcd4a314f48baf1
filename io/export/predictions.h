/* predictions.h  scores of windows as a table or as BED, line by line
 *
 * Windows around sites of a genome have no codons: their table has site, chromosome, position (of the site's base, from 0) and
 * strand in place of transcript, start and end, and their BED is that of the genome: the window, its site's base thick.
 */
#ifndef MG_IO_EXPORT_PREDICTIONS_H
#define MG_IO_EXPORT_PREDICTIONS_H

#include <stdbool.h>

#include "io/input/input.h"
#include "io/base/writer.h"
#include "src/core/status.h"
#include "src/sequence/window.h"
#include "src/shard/scorer.h"

typedef enum {
    MG_PREDICTIONS_TABLE,
    MG_PREDICTIONS_BED,       /* the codon in its transcript */
    MG_PREDICTIONS_GENOME_BED /* the codon on the genome, BED12: a block a piece between junctions */
} mg_predictions_kind;

typedef struct {
    mg_predictions_kind kind;
    const mg_input *input; /* with placements for MG_PREDICTIONS_GENOME_BED and for sites of a genome */
    size_t n_scores;       /* of a window, in a table; BED has one */
    const char *columns;   /* of a table: "score", and "probability" where it is told, of each: names between blanks */
    mg_writer out;
    int64_t n_without_place; /* windows passed over because their transcript has none */
} mg_predictions;

/* mg_predictions_kind_of()  by the ending of a path: BED for .bed and .bed.gz, else a table */
mg_predictions_kind mg_predictions_kind_of(const char *path, bool on_genome);

/* mg_predictions_begin()  open the file and write the head of a table; mg_predictions_end() in any case afterwards
 * Args: head - lines that begin with '#' */
mg_status mg_predictions_begin(const char *path, bool force, const char *head, mg_predictions *inout, mg_error *err);

/* mg_predictions_add()  the line of a window; score (n_scores); a probability that is NaN is no column, and 0 in BED */
mg_status mg_predictions_add(mg_predictions *inout, const mg_window *window, const mg_window_score *score,
                             mg_error *err);

/* mg_predictions_end()  as mg_writer_close() */
mg_status mg_predictions_end(mg_predictions *inout, mg_status status, mg_error *err);

#endif
