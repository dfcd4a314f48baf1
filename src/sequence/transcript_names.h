/* transcript_names.h  finding a given transcript by a name that may lack its version, or have one
 *
 * By the same name; else by "name.version" where the version is told apart; else by the one name that differs only in a
 * version ".N" that the other side does not have. A version that differs means another sequence, so it is no match.
 */
#ifndef MG_SEQUENCE_TRANSCRIPT_NAMES_H
#define MG_SEQUENCE_TRANSCRIPT_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/names.h"
#include "src/sequence/transcript.h"

typedef struct {
    mg_names whole;
    mg_names bare;     /* of names with a version; the value is SIZE_MAX when several transcripts share the bare name */
} mg_transcript_names; /* begin with {0} */

/* mg_transcript_names_add()  all names of a transcriptome, which must outlive the index; MG_OK or MG_EMEM */
mg_status mg_transcript_names_add(const mg_transcriptome *transcriptome, mg_transcript_names *inout, mg_error *err);

/* How a name was found. */
typedef enum {
    MG_NAME_ABSENT,  /* no transcript has it */
    MG_NAME_SAME,    /* one has, with the same version or none on both sides */
    MG_NAME_ADDED,   /* one has, with a version where the question has none */
    MG_NAME_CUT,     /* one has, without the version that the question has */
    MG_NAME_SEVERAL, /* several have, with different versions where the question has none */
} mg_name_match;

/* mg_transcript_names_match()  the index of a transcript, and how it was found
 * Args: version - told beside the name; -1: not told
 *       ret     - OUT, SIZE_MAX for none and for several */
mg_name_match mg_transcript_names_match(const mg_transcript_names *names, const char *name, int64_t version,
                                        size_t *ret);

/* mg_transcript_names_find()  the index alone */
size_t mg_transcript_names_find(const mg_transcript_names *names, const char *name, int64_t version);

void mg_transcript_names_destroy(mg_transcript_names *names); /* frees what it holds, not the struct */

#endif
