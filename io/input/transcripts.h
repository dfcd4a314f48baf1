/* transcripts.h  the records of a FASTA file as transcripts, with what their headers say of genes and starts */
#ifndef MG_IO_INPUT_TRANSCRIPTS_H
#define MG_IO_INPUT_TRANSCRIPTS_H

#include <stdbool.h>

#include "io/base/spool.h"
#include "io/annotation/annotation.h"
#include "src/core/status.h"
#include "src/sequence/transcript.h"

/* mg_transcripts_read()  all records as transcripts, in the order of the file
 *
 * Args:     spool       - gets the bases
 *           ret         - OUT, given back by the caller with mg_transcriptome_destroy(); no starts in it
 *           ambiguous   - keep ambiguous bases
 *           ret_headers - OUT, what the headers say about starts ("CDS:78-860"); no entries when they say nothing;
 *                         given back by the caller with mg_annotation_destroy()
 * Returns:  as mg_fasta_next(); on failure both are empty.
 */
mg_status mg_transcripts_read(const char *path, bool ambiguous, mg_spool *spool, mg_transcriptome *ret,
                              mg_annotation *ret_headers, mg_error *err);

#endif
