/* window_finder.c  from transcript to transcript, and in each from candidate to candidate
 *
 * One transcript is in memory. That a transcript knows the number of its first window makes every window a short search
 * away, so an interrupted run goes on without walking over what is done.
 */
#include "io/input/window_finder.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/core/random.h"

struct mg_window_finder {
    mg_candidate_options how;
    size_t index;             /* of the transcript at hand; SIZE_MAX: none yet */
    mg_transcript transcript; /* as in the list, with its bases, which are the finder's */
    size_t n_room;
    mg_candidate_search search; /* in it */
    int64_t next;               /* number of the window that the search gives next */
};

mg_status mg_input_bases(const mg_input *input, size_t transcript, mg_base **inout, size_t *inout_room, mg_error *err)
{
    const mg_transcript *from = &input->transcriptome.transcript[transcript];
    mg_status status = mg_grow(inout, inout_room, (size_t)from->length, sizeof **inout, err);
    return status == MG_OK ? mg_spool_read(input->spool, from->place, *inout, from->length, err) : status;
}

mg_candidate_search mg_input_search(const mg_input *input, size_t transcript, const mg_transcript *with_bases)
{
    mg_candidate_search search = {.options = &input->how, .transcript = with_bases};
    if (input->ready_windows) {
        search.n_listed = 1;
        search.listed = &input->how.anchor;
    } else if (input->listed != NULL) {
        search.n_listed = input->listed[transcript].n;
        search.listed = input->listed[transcript].start;
    }
    return search;
}

/* Take transcript `index` in hand, to be searched from its beginning. */
static mg_status load(mg_window_finder *finder, const mg_input *input, size_t index, mg_error *err)
{
    mg_base *base = finder->transcript.base;
    finder->index = SIZE_MAX;
    mg_status status = mg_input_bases(input, index, &base, &finder->n_room, err);
    finder->transcript = input->transcriptome.transcript[index];
    finder->transcript.base = base;
    if (status != MG_OK) return status;
    finder->index = index;
    finder->next = input->first_window[index];
    finder->search = mg_input_search(input, index, &finder->transcript);
    finder->search.options = &finder->how; /* the input may be moved */
    return MG_OK;
}

/* --- once over everything --- */

static uint64_t add_window(uint64_t digest, const mg_window *window)
{
    const int64_t what[] = {window->transcript, window->start, window->label};
    return mg_hash_bytes(digest, what, sizeof what);
}

/* Count the transcript at hand and its windows; `base` is room for one. */
static void count_transcript(mg_window_finder *finder, mg_input *input, mg_base *base)
{
    const mg_transcript *transcript = &finder->transcript;
    mg_candidate_counts *counts = &input->candidates;
    mg_window window;
    input->n_bases += transcript->length;
    for (int64_t at = 0; at < transcript->length; at++)
        input->n_unknown += transcript->base[at] >= MG_N_BASES;
    input->digest = mg_hash_bytes(input->digest, transcript->name, strlen(transcript->name) + 1);
    input->digest = mg_hash_bytes(input->digest, transcript->base, (size_t)transcript->length);
    while (mg_candidate_next(&finder->search, &window, base)) {
        window.transcript = (int64_t)finder->index;
        input->digest = add_window(input->digest, &window);
        mg_candidate_count(counts, &input->how, &window, base);
    }
    counts->n_not_atg += mg_transcript_n_not_atg(transcript);
    counts->n_skipped += finder->search.n_skipped;
}

mg_status mg_window_finder_begin(mg_input *input, mg_error *err)
{
    mg_base *base = NULL;
    size_t n = input->transcriptome.n_transcripts;
    mg_status status = mg_alloc(&input->finder, 1, sizeof *input->finder, err);
    if (status == MG_OK) status = mg_alloc(&input->first_window, n, sizeof *input->first_window, err);
    if (status == MG_OK) status = mg_alloc(&base, (size_t)input->how.length, sizeof *base, err);
    if (status == MG_OK) input->finder->how = input->how;
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        input->first_window[i] = input->candidates.n_windows;
        status = load(input->finder, input, i, err);
        if (status == MG_OK) count_transcript(input->finder, input, base);
    }
    if (input->finder != NULL) input->finder->index = SIZE_MAX;
    free(base);
    return status;
}

void mg_window_finder_set_how(mg_input *input)
{
    input->finder->how = input->how;
    input->finder->index = SIZE_MAX;
}

void mg_window_finder_destroy(mg_window_finder *finder)
{
    if (finder == NULL) return;
    free(finder->transcript.base);
    free(finder);
}

/* --- windows that are wanted --- */

/* The last transcript whose first window is not behind window `first`: that one has it. */
static size_t transcript_of(const mg_input *input, int64_t first)
{
    size_t low = 0, high = input->transcriptome.n_transcripts;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (input->first_window[middle] <= first)
            low = middle;
        else
            high = middle;
    }
    return low;
}

mg_status mg_input_windows(const mg_input *input, int64_t first, int64_t n, mg_window *window, mg_base *base,
                           mg_error *err)
{
    mg_window_finder *finder = input->finder;
    int64_t length = input->how.length, n_found = 0;
    mg_status status = MG_OK;
    if (first < 0 || n > input->candidates.n_windows - first)
        return mg_fail(err, MG_EBUG, "windows %lld to %lld are wanted of %lld", (long long)first,
                       (long long)(first + n - 1), (long long)input->candidates.n_windows);
    while (n_found < n && status == MG_OK) {
        int64_t wanted = first + n_found;
        size_t index = transcript_of(input, wanted);
        if (finder->index != index || finder->next > wanted) status = load(finder, input, index, err);
        if (status != MG_OK) break;
        while (n_found < n && mg_candidate_next(&finder->search, &window[n_found], base + n_found * length)) {
            window[n_found].transcript = (int64_t)index;
            n_found += finder->next++ == first + n_found;
        }
    }
    return status;
}
