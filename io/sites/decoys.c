/* decoys.c  counting the candidates of a gene, then drawing among them one after the other
 *
 * Of c candidates that are still to come, of which w are wanted, the next is taken with probability w / c.
 * Source: Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S.
 */
#include "io/sites/decoys.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/random.h"

/* The base `by` places further on the strand. */
static mg_base base_at(const mg_base *base, int64_t length, int64_t at, char strand, int64_t by)
{
    int64_t there = strand == '+' ? at + by : at - by;
    if (there < 0 || there >= length) return MG_UNKNOWN;
    return strand == '+' ? base[there] : mg_base_complement(base[there]);
}

static bool looks_like(mg_site_kind kind, const mg_base *base, int64_t length, int64_t at, char strand)
{
    if (kind == MG_SITE_DONOR)
        return base_at(base, length, at, strand, 0) == MG_G && base_at(base, length, at, strand, 1) == MG_T;
    return base_at(base, length, at, strand, -2) == MG_A && base_at(base, length, at, strand, -1) == MG_G;
}

static int compare(const void *a, const void *b)
{
    return mg_site_compare(a, b);
}

int64_t mg_decoys_draw(const mg_site_locus *locus, const char *chromosome, mg_site_kind kind, const mg_site *known,
                       size_t n_known, const mg_base *base, int64_t length, uint64_t seed, int64_t n, int64_t *ret)
{
    int64_t what[] = {locus->begin, locus->end, locus->strand, kind}, n_found = 0, n_taken = 0;
    int64_t end = locus->end < length ? locus->end : length;
    seed = mg_mix(seed, mg_hash_bytes(mg_hash_bytes(0, chromosome, strlen(chromosome)), what, sizeof what));
    for (int pass = 0; pass < 2; pass++) {
        int64_t left = n_found;
        for (int64_t at = locus->begin; at < end; at++) {
            mg_site site = {.chromosome = locus->chromosome, .at = at, .strand = locus->strand, .kind = kind};
            if (!looks_like(kind, base, length, at, locus->strand)) continue;
            if (bsearch(&site, known, n_known, sizeof site, compare) != NULL) continue;
            n_found += pass == 0;
            if (pass == 0) continue;
            double draw = (double)(mg_mix(seed, (uint64_t)at) >> 11) * 0x1p-53;
            int64_t wanted = n - n_taken < left ? n - n_taken : left;
            if (draw * (double)left < (double)wanted) ret[n_taken++] = at;
            left--;
        }
    }
    return n_taken;
}
