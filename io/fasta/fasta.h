/* fasta.h  records of a FASTA file, one at a time or all of them; plain, gzip, bgzip or standard input (io/base/text.h) */
#ifndef MG_IO_FASTA_FASTA_H
#define MG_IO_FASTA_FASTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/alphabet.h"

/* Where the name is in the header: up to the first blank, and for transcripts as io/fasta/header_name.h says. */
typedef enum { MG_FASTA_TRANSCRIPTS, MG_FASTA_CHROMOSOMES } mg_fasta_kind;

typedef struct mg_fasta mg_fasta;

/* One record; everything in it belongs to the reader and lives until the next call. */
typedef struct {
    const char *header; /* without '>' */
    const char *name;
    const mg_base *base; /* length codes, at least one */
    int64_t length;      /* nt */
    int64_t line;        /* of the header */
} mg_fasta_record;

mg_status mg_fasta_open(const char *path, mg_fasta_kind kind, mg_fasta **ret, mg_error *err);

/* mg_fasta_keep_ambiguous()  from here on R, Y, ... and N are ambiguous, not unknown (src/sequence/alphabet.h) */
void mg_fasta_keep_ambiguous(mg_fasta *fasta);

/* mg_fasta_mask()  from here on bases in lower case (soft-masked repeats) are unknown */
void mg_fasta_mask(mg_fasta *fasta);

/* mg_fasta_next()  the next record; ret->name is NULL at the end of the file
 * Returns: MG_OK, MG_EMEM, or MG_EINPUT naming file and line: no record at all, sequence before the first header,
 *          header without name, a name for the second time, record without sequence, byte that is no letter, file cut
 *          short. */
mg_status mg_fasta_next(mg_fasta *fasta, mg_fasta_record *ret, mg_error *err);
void mg_fasta_close(mg_fasta *fasta); /* NULL is fine */

/* mg_fasta_path()  the file, for messages */
const char *mg_fasta_path(const mg_fasta *fasta);

#endif
