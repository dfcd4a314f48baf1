/* match.h  which windows of two runs are the same: those with a place in a transcript of the same name at the same start
 *
 * Found by walking through the places of both runs side by side, a transcript at a time; transcripts may stand in another
 * order. A window of the first run goes with the one it shares its first common place with, once. Memory grows with the
 * number of transcripts, and by one bit a window of the first run. Not collective.
 */
#ifndef MG_IO_RUN_MATCH_H
#define MG_IO_RUN_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "io/run/file.h"
#include "src/core/status.h"

typedef struct mg_run_match mg_run_match;

/* mg_run_match_create()  find the transcripts of two open runs in each other
 * Returns: MG_OK and *ret for mg_run_match_destroy(), which must go before the runs are closed; MG_EINPUT when a file
 *          is damaged, MG_EMEM. */
mg_status mg_run_match_create(const mg_run_file *one, const mg_run_file *other, mg_run_match **ret, mg_error *err);
void mg_run_match_destroy(mg_run_match *match); /* NULL is fine */

/* mg_run_match_next()  the next windows that are in both, in the order of their places in `one`
 *
 * Args:     n_room                 - largest number of pairs wanted
 *           in_one, in_other, n_ret - OUT, indices of the windows; 0 of them when there are no more
 * Returns:  MG_OK, or MG_EINPUT when a file cannot be read.
 */
mg_status mg_run_match_next(mg_run_match *match, int64_t n_room, int64_t *in_one, int64_t *in_other, int64_t *n_ret,
                            mg_error *err);

/* mg_run_match_rewind()  begin again with the first pair */
void mg_run_match_rewind(mg_run_match *match);

/* mg_run_match_n_transcripts()  transcripts whose names are in both */
int64_t mg_run_match_n_transcripts(const mg_run_match *match);

/* mg_run_match_same_transcripts()  both have the same transcripts, in the same order and of the same lengths */
bool mg_run_match_same_transcripts(const mg_run_match *match);

#endif
