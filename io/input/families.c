/* families.c  names of transcripts and of clusters, each in a table of names */
#include "io/input/families.h"

#include <stdlib.h>
#include <string.h>

#include "io/base/text.h"
#include "src/core/memory.h"
#include "src/sequence/names.h"
#include "src/sequence/transcript_names.h"

typedef struct {
    const mg_transcriptome *transcriptome;
    mg_transcript_names names;
    mg_names clusters;
    char **kept; /* owned: names of the clusters, which mg_names only points to */
    size_t n_room;
    mg_families families;
} reader;

/* The number of a cluster: the one it has, or the next. */
static mg_status number_of(reader *r, const char *name, size_t *ret, mg_error *err)
{
    size_t n = strlen(name);
    const mg_name *known = mg_names_find(&r->clusters, name, n);
    if (known != NULL) {
        *ret = known->value;
        return MG_OK;
    }
    *ret = r->clusters.n;
    mg_status status = mg_grow(&r->kept, &r->n_room, *ret + 1, sizeof *r->kept, err);
    if (status == MG_OK) status = mg_copy_text(&r->kept[*ret], name, err);
    return status == MG_OK ? mg_names_add(&r->clusters, r->kept[*ret], n, *ret, err) : status;
}

static mg_status take_line(reader *r, const mg_text *text, char *line, size_t length, mg_error *err)
{
    char *tab = memchr(line, '\t', length);
    if (strlen(line) != length) return mg_text_fail(text, err, "there is a zero byte in it");
    if (tab == NULL) return mg_text_fail(text, err, "a transcript and its cluster are wanted, with a tab between");
    *tab = '\0';
    char *cluster = tab + 1;
    cluster[strcspn(cluster, "\t")] = '\0';
    if (line[0] == '\0' || cluster[0] == '\0')
        return mg_text_fail(text, err, "the name of the %s is empty", line[0] == '\0' ? "transcript" : "cluster");
    size_t t = mg_transcript_names_find(&r->names, line, -1), number = 0;
    if (t == SIZE_MAX) {
        r->families.n_unknown++;
        return MG_OK;
    }
    mg_status status = number_of(r, cluster, &number, err);
    if (status != MG_OK) return status;
    int64_t *of = &r->families.cluster_of[t];
    if (*of >= 0 && *of != (int64_t)number)
        return mg_text_fail(text, err, "transcript '%.80s' is in cluster '%.80s' and in '%.80s'", line, r->kept[*of],
                            cluster);
    r->families.n_named += *of < 0;
    *of = (int64_t)number;
    return MG_OK;
}

static mg_status read_lines(reader *r, mg_text *text, mg_error *err)
{
    for (;;) {
        char *line = NULL;
        size_t length = 0;
        mg_status status = mg_text_line(text, &line, &length, err);
        if (status != MG_OK || line == NULL) return status;
        if (length == 0 || line[0] == '#') continue;
        status = take_line(r, text, line, length, err);
        if (status != MG_OK) return status;
    }
}

mg_status mg_families_read(const char *path, const mg_transcriptome *transcriptome, mg_families *ret, mg_error *err)
{
    reader r = {.transcriptome = transcriptome};
    mg_text *text = NULL;
    size_t n = transcriptome->n_transcripts;
    mg_status status = mg_alloc(&r.families.cluster_of, n, sizeof(int64_t), err);
    for (size_t t = 0; t < n && status == MG_OK; t++)
        r.families.cluster_of[t] = -1;
    if (status == MG_OK) status = mg_transcript_names_add(transcriptome, &r.names, err);
    if (status == MG_OK) status = mg_text_open(path, &text, err);
    if (status == MG_OK) status = read_lines(&r, text, err);
    if (status == MG_OK && r.families.n_named == 0)
        status = mg_fail(err, MG_EINPUT,
                         "%s: it names none of the %zu transcripts; a line is a transcript, a tab, and "
                         "its cluster",
                         path, n);
    for (size_t k = 0; k < r.n_room; k++)
        free(r.kept[k]);
    free(r.kept);
    mg_names_destroy(&r.clusters);
    mg_transcript_names_destroy(&r.names);
    mg_text_close(text);
    if (status == MG_OK)
        *ret = r.families;
    else
        mg_families_destroy(&r.families);
    return status;
}

void mg_families_destroy(mg_families *families)
{
    free(families->cluster_of);
    *families = (mg_families){0};
}
