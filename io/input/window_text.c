/* window_text.c  reading ready windows */
#include "io/input/window_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/text.h"
#include "src/core/memory.h"
#include "src/sequence/names.h"

typedef struct {
    mg_text *text;
    mg_transcriptome *windows;
    size_t n_room;
    mg_names seen; /* names so far, which live in the windows */
    mg_spool *spool;
    mg_base *base; /* (length) of the window at hand */
    int64_t length, anchor;
    bool positive;
} reader;

/* The name of the line at hand, a copy in *ret; *inout_line goes on to the sequence. */
static mg_status take_name(const reader *r, char **inout_line, size_t *inout_length, char **ret, mg_error *err)
{
    char made[32];
    char *tab = memchr(*inout_line, '\t', *inout_length);
    if (tab == NULL) {
        snprintf(made, sizeof made, "line%" PRId64, mg_text_line_number(r->text));
        return mg_copy_text(ret, made, err);
    }
    size_t n = (size_t)(tab - *inout_line);
    if (n == 0 || n > MG_NAME_LENGTH || memchr(*inout_line, '\0', n) != NULL)
        return mg_text_fail(r->text, err, "a name of 1 to %d bytes is wanted before the tab", MG_NAME_LENGTH);
    *tab = '\0';
    mg_status status = mg_copy_text(ret, *inout_line, err);
    *inout_line += n + 1;
    *inout_length -= n + 1;
    return status;
}

static mg_status take_window(reader *r, char *line, size_t length, mg_error *err)
{
    mg_transcriptome *windows = r->windows;
    size_t n = windows->n_transcripts;
    mg_status status = mg_grow(&windows->transcript, &r->n_room, n + 1, sizeof *windows->transcript, err);
    if (status != MG_OK) return status;
    mg_transcript *window = &windows->transcript[n];
    windows->n_transcripts = n + 1; /* what is half built is given back too */
    status = take_name(r, &line, &length, &window->name, err);
    if (status != MG_OK) return status;
    if (mg_names_find(&r->seen, window->name, strlen(window->name)) != NULL)
        return mg_text_fail(r->text, err, "'%s' is also the name of a window above; names must differ", window->name);
    status = mg_names_add(&r->seen, window->name, strlen(window->name), n, err);
    if (status != MG_OK) return status;
    if (length != (size_t)r->length)
        return mg_text_fail(r->text, err, "a window of %zu letters; the network takes %" PRId64, length, r->length);
    window->length = r->length;
    window->place = mg_spool_take(r->spool, r->length);
    status = mg_text_bases(r->text, line, length, r->base, err);
    if (status == MG_OK) status = mg_spool_write(r->spool, window->place, r->base, r->length, err);
    if (status != MG_OK || !r->positive) return status;
    status = mg_alloc(&window->start, 1, sizeof *window->start, err);
    if (status != MG_OK) return status;
    window->start[0] = r->anchor;
    window->n_starts = 1;
    return MG_OK;
}

mg_status mg_window_text_read(const char *path, int64_t length, int64_t anchor, mg_spool *spool, mg_transcriptome *ret,
                              bool *ret_labelled, mg_error *err)
{
    reader r = {.windows = ret, .length = length, .anchor = anchor, .spool = spool};
    char *line;
    size_t n;
    *ret = (mg_transcriptome){0};
    r.positive = mg_path_has_ending(path, ".pos");
    *ret_labelled = r.positive || mg_path_has_ending(path, ".neg");
    mg_status status = mg_alloc(&r.base, (size_t)length, sizeof *r.base, err);
    if (status == MG_OK) status = mg_text_open(path, &r.text, err);
    while (status == MG_OK) {
        status = mg_text_line(r.text, &line, &n, err);
        if (status != MG_OK || line == NULL) break;
        while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
            n--;
        if (n > 0) status = take_window(&r, line, n, err);
    }
    if (status == MG_OK && ret->n_transcripts == 0)
        status = mg_fail(err, MG_EINPUT, "%s is empty: at least one window of %" PRId64 " letters is wanted",
                         mg_text_path(r.text), length);
    mg_text_close(r.text);
    mg_names_destroy(&r.seen);
    free(r.base);
    if (status != MG_OK) mg_transcriptome_destroy(ret);
    return status;
}
