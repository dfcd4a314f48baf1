/* codes.h  the genetic code that each transcript of a run is read with
 *
 * What the run knows of a transcript holds: the transl_table of its annotation, or that of vertebrate mitochondria where its
 * chromosome is called as theirs (MT, M, chrM, chrMT). All others are read with the code that is asked for.
 */
#ifndef MG_IO_RUN_CODES_H
#define MG_IO_RUN_CODES_H

#include "io/run/file.h"
#include "src/core/status.h"
#include "src/task/starts/genetic_code.h"

enum { MG_RUN_MOST_CODE = 33 };

typedef struct {
    mg_genetic_code asked;
    uint8_t *number;                            /* owned (n_transcripts) 0: the code that is asked for */
    mg_genetic_code code[MG_RUN_MOST_CODE + 1]; /* those that some transcript has, by number */
    int64_t n_transcripts, n_told;              /* with a code of their own that is not the one asked for */
} mg_run_codes;                                 /* begin with {0} */

/* mg_run_codes_read()  MG_OK and *ret for mg_run_codes_destroy(), MG_EMEM or MG_EINPUT; a number that is not known here is
 * passed over */
mg_status mg_run_codes_read(const mg_run_file *run, const mg_genetic_code *asked, mg_run_codes *ret, mg_error *err);
void mg_run_codes_destroy(mg_run_codes *codes); /* frees what it holds, not the struct */

/* mg_run_code()  of a transcript; one that is not there has the code that is asked for. Lives as long as `codes`. */
const mg_genetic_code *mg_run_code(const mg_run_codes *codes, int64_t transcript);

#endif
