/* families.h  --clusters: a table of transcripts and the clusters that the user wants them in
 *
 * A line a transcript: its name and that of its cluster, with a tab between; further columns, empty lines and lines that
 * begin with # are passed over. It takes the place of genes: for families of paralogues, or where genes are not told.
 * Transcripts that it does not name are clusters of their own. Not collective.
 */
#ifndef MG_IO_INPUT_FAMILIES_H
#define MG_IO_INPUT_FAMILIES_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/transcript.h"

typedef struct {
    int64_t *cluster_of; /* owned (n_transcripts) a number a cluster, -1: not named */
    int64_t n_named;     /* transcripts that are */
    int64_t n_unknown;   /* lines whose transcript is not one of the input's */
} mg_families;

/* mg_families_read()  read the table
 *
 * Returns:  MG_OK and *ret for mg_families_destroy(), MG_EMEM, or MG_EINPUT naming file and line: a line without a tab, a
 *           name that is empty, a transcript in two clusters; or a file that names none of the transcripts
 */
mg_status mg_families_read(const char *path, const mg_transcriptome *transcriptome, mg_families *ret, mg_error *err);
void mg_families_destroy(mg_families *families); /* frees what it holds, not the struct; one that is all 0 is fine */

#endif
