/* candidate.c  listing the codons to look at, transcript by transcript */
#include "src/sequence/candidate.h"

#include <stdlib.h>

#include "src/core/memory.h"

/* What the search carries from codon to codon. */
typedef struct {
    const mg_candidate_options *options;
    mg_candidates *found;
    size_t n_room; /* windows that found->window can hold */
    mg_base *base; /* length codes of the window at hand */
} search;

static mg_status add_candidate(search *s, const mg_transcript *transcript, int64_t index, int64_t start, mg_error *err)
{
    const mg_candidate_options *o = s->options;
    mg_candidates *found = s->found;
    mg_window window = {.transcript = index, .start = start, .label = -1};
    mg_window_cut(transcript, start, o->length, o->anchor, o->unknown_is_a, s->base, &window);
    if (o->skip_edges && window.n_padded > 0) {
        found->n_skipped++;
        return MG_OK;
    }
    if (o->annotated) window.label = mg_transcript_has_start(transcript, start);
    found->n_annotated += window.label == 1;
    found->n_padded += window.n_padded > 0;
    found->n_with_unknown += window.n_unknown > 0;
    mg_status status = mg_grow(&found->window, &s->n_room, found->n_windows + 1, sizeof *found->window, err);
    if (status == MG_OK) found->window[found->n_windows++] = window;
    return status;
}

/* The candidates of one transcript among n given starts; all of them, or those that are ATG. */
static mg_status add_listed(search *s, const mg_transcript *transcript, int64_t index, size_t n, const int64_t *start,
                            bool any_codon, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t i = 0; i < n && status == MG_OK; i++)
        if (any_codon || mg_transcript_codon_is_atg(transcript, start[i]))
            status = add_candidate(s, transcript, index, start[i], err);
    return status;
}

static mg_status add_every_atg(search *s, const mg_transcript *transcript, int64_t index, mg_error *err)
{
    mg_status status = MG_OK;
    for (int64_t at = 0; at + 3 <= transcript->length && status == MG_OK; at++)
        if (mg_transcript_codon_is_atg(transcript, at)) status = add_candidate(s, transcript, index, at, err);
    return status;
}

static mg_status search_transcript(search *s, const mg_transcript *transcript, int64_t index,
                                   const mg_start_list *listed, mg_error *err)
{
    for (size_t i = 0; i < transcript->n_starts; i++)
        s->found->n_not_atg += !mg_transcript_codon_is_atg(transcript, transcript->start[i]);
    switch (s->options->kind) {
    case MG_CANDIDATES_ATG:
        return add_every_atg(s, transcript, index, err);
    case MG_CANDIDATES_ANNOTATED:
        return add_listed(s, transcript, index, transcript->n_starts, transcript->start, false, err);
    case MG_CANDIDATES_LISTED:
        return add_listed(s, transcript, index, listed[index].n, listed[index].start, true, err);
    }
    return mg_fail(err, MG_EBUG, "no such kind of candidates: %d", (int)s->options->kind);
}

mg_status mg_candidates_find(const mg_transcriptome *transcriptome, const mg_candidate_options *options,
                             const mg_start_list *listed, mg_candidates *ret, mg_error *err)
{
    *ret = (mg_candidates){0};
    search s = {.options = options, .found = ret};
    mg_status status = mg_alloc(&s.base, (size_t)options->length, sizeof *s.base, err);
    for (size_t i = 0; i < transcriptome->n_transcripts && status == MG_OK; i++)
        status = search_transcript(&s, &transcriptome->transcript[i], (int64_t)i, listed, err);
    free(s.base);
    if (status != MG_OK) mg_candidates_destroy(ret);
    return status;
}

void mg_candidates_destroy(mg_candidates *candidates)
{
    if (candidates == NULL) return;
    free(candidates->window);
    *candidates = (mg_candidates){0};
}
