/* window.c  cutting windows out of transcripts */
#include "src/sequence/window.h"

void mg_window_cut(const mg_transcript *transcript, int64_t start, int64_t length, int64_t anchor, int unknown_is_a,
                   mg_base *base, mg_window *window)
{
    window->n_padded = 0;
    window->n_unknown = 0;
    for (int64_t p = 0; p < length; p++) {
        int64_t at = start - anchor + p;
        if (at < 0 || at >= transcript->length) {
            base[p] = MG_UNKNOWN;
            window->n_padded++;
        } else if (transcript->base[at] < MG_N_BASES) {
            base[p] = transcript->base[at];
        } else {
            base[p] = unknown_is_a ? MG_A : MG_UNKNOWN;
            window->n_unknown += !unknown_is_a;
        }
    }
}

int64_t mg_window_position(int64_t offset, int64_t anchor)
{
    return offset >= anchor ? offset - anchor + 1 : offset - anchor;
}
