/* reference.c  references, and the shuffle that keeps dinucleotides
 *
 * Altschul & Erickson (Mol Biol Evol 2:526, 1985): a sequence is a walk over the edges of a graph whose vertices are
 * the four bases; every other walk from the same first base over the same edges has the same dinucleotides. Such a walk
 * exists when the last edges taken out of each base lead to the final base, so last edges are drawn until they do, the
 * other edges of each base are put in random order, and the walk is read off.
 */
#include "src/attribution/reference.h"

#include <stdbool.h>
#include <string.h>

#include "src/attribution/draw.h"
#include "src/attribution/explain.h"
#include "src/core/random.h"

/* Do the last edges lead from every base that occurs to the final one? */
static bool last_edges_connect(const mg_base *last, const int64_t *degree, mg_base final)
{
    for (mg_base b = 0; b < 4; b++) {
        mg_base at = b;
        if (degree[b] == 0) continue;
        for (int step = 0; step < 4 && at != final; step++)
            at = last[at];
        if (at != final) return false;
    }
    return true;
}

/* Put each base's outgoing edges (targets) in random order, one that leads on to the final base last. */
static void order_edges(mg_stream *d, mg_base *edge, const int64_t *first, const int64_t *degree, mg_base final)
{
    mg_base last[4] = {0};
    int64_t chosen[4] = {0};
    do {
        for (mg_base b = 0; b < 4; b++) {
            if (degree[b] == 0 || b == final) continue;
            chosen[b] = mg_stream_below(d, degree[b]);
            last[b] = edge[first[b] + chosen[b]];
        }
    } while (!last_edges_connect(last, degree, final));
    for (mg_base b = 0; b < 4; b++) {
        mg_base *out = edge + first[b];
        int64_t n = degree[b];
        if (n > 0 && b != final) {
            mg_base keep = out[chosen[b]];
            out[chosen[b]] = out[n - 1];
            out[--n] = keep;
        }
        for (int64_t i = n - 1; i > 0; i--) {
            int64_t j = mg_stream_below(d, i + 1);
            mg_base swap = out[i];
            out[i] = out[j];
            out[j] = swap;
        }
    }
}

void mg_shuffle_dinucleotides(uint64_t seed, int64_t n, mg_base *base, mg_base *scratch)
{
    if (n < 4) return;
    mg_stream d = {.seed = seed};
    int64_t degree[4] = {0}, first[4] = {0}, used[4] = {0};
    for (int64_t i = 0; i + 1 < n; i++)
        degree[base[i]]++;
    for (int b = 1; b < 4; b++)
        first[b] = first[b - 1] + degree[b - 1];
    for (int64_t i = 0; i + 1 < n; i++)
        scratch[first[base[i]] + used[base[i]]++] = base[i + 1];
    order_edges(&d, scratch, first, degree, base[n - 1]);
    memset(used, 0, sizeof used);
    for (int64_t i = 0; i + 1 < n; i++)
        base[i + 1] = scratch[first[base[i]] + used[base[i]]++];
}

static void fill_shuffle(const mg_view *view, int64_t length, int64_t k, mg_base *scratch, double *reference)
{
    mg_base *known = scratch, *edges = scratch + length;
    int64_t n = 0;
    for (int64_t i = 0; i < length; i++)
        if (view->base[i] < MG_N_BASES) known[n++] = view->base[i];
    mg_shuffle_dinucleotides(mg_mix(view->seed, (uint64_t)k), n, known, edges);
    n = 0;
    for (int64_t i = 0; i < length; i++)
        if (view->base[i] < MG_N_BASES) reference[i * 4 + known[n++]] = 1.0;
}

const char *mg_reference_words(int kind, mg_reference_kind preset)
{
    static const char *const words[] = {", zero reference", ", uniform reference", ", shuffled references"};
    return kind == (int)preset ? "" : words[kind];
}

void mg_reference_fill(mg_reference_kind kind, const mg_view *view, int64_t length, int64_t k, mg_base *shuffled,
                       double *reference)
{
    size_t n = (size_t)length * 4;
    if (view->given != NULL && view->given->reference != NULL) {
        memcpy(reference, view->given->reference + (size_t)k * n, n * sizeof *reference);
        return;
    }
    memset(reference, 0, n * sizeof *reference);
    if (kind == MG_REFERENCE_SHUFFLE) fill_shuffle(view, length, k, shuffled, reference);
    if (kind == MG_REFERENCE_UNIFORM)
        for (int64_t i = 0; i < length; i++)
            for (int b = 0; b < 4 && view->base[i] < MG_N_BASES; b++)
                reference[i * 4 + b] = 0.25;
}

/* --- a window seen from references --- */

/* Reference and multipliers (L, 4), and 2 L codes for shuffling, in whole doubles. */
static size_t own_doubles(int64_t length)
{
    return (size_t)length * 8 + ((size_t)length * 2 * sizeof(mg_base) + sizeof(double) - 1) / sizeof(double);
}

size_t mg_reference_scratch(const mg_plan *plan, size_t room)
{
    return own_doubles(plan->graph->length) * sizeof(double) + room;
}

void mg_explain_from_references(const mg_seen_from *how, mg_pass *pass, const mg_view *view, void *scratch,
                                mg_explanation *explanation)
{
    int64_t length = mg_pass_plan(pass)->graph->length;
    double *reference = scratch, *multiplier = reference + length * 4, sum = 0.0;
    double *room = reference + own_doubles(length), weight = 1.0 / (double)how->n;
    mg_base *shuffled = (mg_base *)(multiplier + length * 4);
    mg_explain_clear(length, explanation);
    for (int64_t k = 0; k < how->n; k++) {
        mg_reference_fill(how->kind, view, length, k, shuffled, reference);
        double factor = how->multipliers(how->settings, pass, view, k, reference, room, multiplier);
        mg_explain_add(view, length, multiplier, reference, weight * factor, explanation);
        sum += weight * mg_score_of(view->probability, mg_pass_forward_reference(pass, reference));
    }
    explanation->claimed_sum = mg_score_of(view->probability, view->f) - sum;
}
