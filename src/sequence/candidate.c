/* candidate.c  from codon to codon of a transcript */
#include "src/sequence/candidate.h"

/* The next ATG at or behind the place of the search; -1 for none. */
static int64_t next_atg(mg_candidate_search *search)
{
    const mg_transcript *transcript = search->transcript;
    for (int64_t at = search->next; at + 3 <= transcript->length; at++)
        if (mg_transcript_codon_is_atg(transcript, at)) {
            search->next = at + 1;
            return at;
        }
    search->next = transcript->length;
    return -1;
}

/* The next of n starts, or of those that are ATG; -1 for none. */
static int64_t next_of_list(mg_candidate_search *search, size_t n, const int64_t *start, bool any_codon)
{
    while (search->next < (int64_t)n) {
        int64_t at = start[search->next++];
        if (any_codon || mg_transcript_codon_is_atg(search->transcript, at)) return at;
    }
    return -1;
}

static int64_t next_start(mg_candidate_search *search)
{
    const mg_transcript *transcript = search->transcript;
    switch (search->options->kind) {
    case MG_CANDIDATES_ATG:
        return next_atg(search);
    case MG_CANDIDATES_ANNOTATED:
        return next_of_list(search, transcript->n_starts, transcript->start, false);
    case MG_CANDIDATES_LISTED:
        break;
    }
    return next_of_list(search, search->n_listed, search->listed, true);
}

bool mg_candidate_next(mg_candidate_search *search, mg_window *ret, mg_base *base)
{
    const mg_candidate_options *o = search->options;
    for (int64_t start; (start = next_start(search)) >= 0; search->n_skipped++) {
        *ret = (mg_window){.start = start, .label = -1, .kind = search->transcript->kind};
        mg_window_cut(search->transcript, start, o->length, o->anchor, o->unknown_is_a, base, ret);
        if (o->skip_edges && ret->n_padded > 0) continue;
        if (o->annotated) ret->label = mg_transcript_has_start(search->transcript, start);
        return true;
    }
    return false;
}

static bool has_atg(const mg_base *base, int64_t length, int64_t at)
{
    return at + 3 <= length && base[at] == MG_A && base[at + 1] == MG_T && base[at + 2] == MG_G;
}

void mg_candidate_count(mg_candidate_counts *counts, const mg_candidate_options *options, const mg_window *window,
                        const mg_base *base)
{
    int64_t length = options->length;
    counts->n_with_atg += has_atg(base, length, options->anchor);
    counts->n_windows++;
    counts->n_annotated += window->label == 1;
    counts->n_padded += window->n_padded > 0;
    counts->n_with_unknown += window->n_unknown > 0;
    counts->n_known += length - window->n_padded - window->n_unknown;
}
