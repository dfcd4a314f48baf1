/* bed.c  pieces and blocks of BED12 */
#include "io/base/bed.h"

#include <math.h>

enum { FULL_SCORE = 1000 };

size_t mg_bed_split(const mg_placement *placement, int64_t begin, int64_t end, mg_genome_interval *ret)
{
    size_t n = 0;
    for (mg_genome_interval next; mg_placement_next(placement, &begin, end, &next); n++)
        ret[n] = next;
    for (size_t k = 0; placement->strand == '-' && k < n / 2; k++) {
        mg_genome_interval first = ret[k];
        ret[k] = ret[n - 1 - k];
        ret[n - 1 - k] = first;
    }
    return n;
}

int64_t mg_bed_score(double probability)
{
    return probability >= 0 && probability <= 1 ? lrint(FULL_SCORE * probability) : 0;
}

void mg_bed_put_blocks(mg_writer *out, const mg_genome_interval *piece, size_t n)
{
    mg_writer_integer(out, (int64_t)n);
    mg_writer_tab(out);
    for (size_t k = 0; k < n; k++) {
        mg_writer_integer(out, piece[k].end - piece[k].begin);
        mg_writer_letter(out, ',');
    }
    mg_writer_tab(out);
    for (size_t k = 0; k < n; k++) {
        mg_writer_integer(out, piece[k].begin - piece[0].begin);
        mg_writer_letter(out, ',');
    }
}
