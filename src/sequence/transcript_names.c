/* transcript_names.c  names whole and without version */
#include "src/sequence/transcript_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Bytes of a name without a version ".N" at its end; all of them when there is none. */
static size_t length_without_version(const char *name)
{
    size_t length = strlen(name), n = length;
    while (n > 0 && name[n - 1] >= '0' && name[n - 1] <= '9')
        n--;
    return n > 1 && n < length && name[n - 1] == '.' ? n - 1 : length;
}

mg_status mg_transcript_names_add(const mg_transcriptome *transcriptome, mg_transcript_names *inout, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t i = 0; i < transcriptome->n_transcripts && status == MG_OK; i++) {
        const char *name = transcriptome->transcript[i].name;
        size_t n = strlen(name), n_bare = length_without_version(name);
        status = mg_names_add(&inout->whole, name, n, i, err);
        if (status != MG_OK || n_bare == n) continue;
        mg_name *same = mg_names_find(&inout->bare, name, n_bare);
        if (same != NULL)
            same->value = SIZE_MAX;
        else
            status = mg_names_add(&inout->bare, name, n_bare, i, err);
    }
    return status;
}

mg_name_match mg_transcript_names_match(const mg_transcript_names *names, const char *name, int64_t version,
                                        size_t *ret)
{
    size_t n = strlen(name), n_bare = length_without_version(name);
    mg_name_match match = MG_NAME_SAME;
    const mg_name *found = mg_names_find(&names->whole, name, n);
    if (found == NULL && version >= 0 && n <= MG_NAME_LENGTH) {
        char versioned[MG_NAME_LENGTH + 32];
        int n_versioned = snprintf(versioned, sizeof versioned, "%s.%" PRId64, name, version);
        found = mg_names_find(&names->whole, versioned, (size_t)n_versioned);
    } else if (found == NULL) {
        found = mg_names_find(&names->bare, name, n);
        match = found != NULL && found->value == SIZE_MAX ? MG_NAME_SEVERAL : MG_NAME_ADDED;
    }
    if (found == NULL && n_bare < n) {
        found = mg_names_find(&names->whole, name, n_bare);
        match = MG_NAME_CUT;
    }
    *ret = found != NULL ? found->value : SIZE_MAX;
    return found != NULL ? match : MG_NAME_ABSENT;
}

size_t mg_transcript_names_find(const mg_transcript_names *names, const char *name, int64_t version)
{
    size_t found;
    mg_transcript_names_match(names, name, version, &found);
    return found;
}

void mg_transcript_names_destroy(mg_transcript_names *names)
{
    mg_names_destroy(&names->whole);
    mg_names_destroy(&names->bare);
}
