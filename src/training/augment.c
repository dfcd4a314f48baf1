/* augment.c  masks and mutations */
#include "src/training/augment.h"

#include "src/task/starts/substitution.h"
#include "src/core/random.h"
#include "src/training/draw.h"

/* Numbers from 0 to most, drawn one after the other. */
typedef struct {
    uint64_t key, n;
} stream;

static int64_t draw(stream *s, int64_t below)
{
    return (int64_t)mg_draw_below(mg_mix(s->key, s->n++), (uint64_t)below);
}

/* One codon between start and stop gets the substitution drawn for it, if that is of the wanted class. A codon has nine
 * substitutions; those of the wanted class are equally likely. */
static void mutate(stream *s, const mg_augmentation *a, mg_substitution_class wanted, int64_t length, int64_t anchor,
                   mg_base *base)
{
    mg_reading reading = mg_reading_begin(a->code, base, length, anchor);
    int64_t n_codons = (reading.stop - anchor) / 3 - 1, n_found = 0;
    if (n_codons < 1) return;
    int64_t first = anchor + 3 + 3 * draw(s, n_codons), offset[9];
    mg_base to[9];
    for (int64_t p = first; p < first + 3; p++)
        for (mg_base b = 0; b < MG_N_BASES; b++)
            if (base[p] < MG_N_BASES && b != base[p] && mg_reading_classify(&reading, p, b) == wanted) {
                offset[n_found] = p;
                to[n_found++] = b;
            }
    if (n_found == 0) return;
    int64_t k = draw(s, n_found);
    base[offset[k]] = to[k];
}

void mg_augment(const mg_augmentation *augmentation, uint64_t key, int64_t length, int64_t anchor, mg_base *base)
{
    stream s = {.key = key};
    for (int64_t n = draw(&s, augmentation->silent + 1); n > 0; n--)
        mutate(&s, augmentation, MG_CLASS_SILENT, length, anchor, base);
    for (int64_t n = draw(&s, augmentation->missense + 1); n > 0; n--)
        mutate(&s, augmentation, MG_CLASS_MISSENSE, length, anchor, base);
    for (int64_t n = length > 3 ? draw(&s, augmentation->mask + 1) : 0; n > 0; n--) {
        int64_t p = draw(&s, length - 3);
        base[p < anchor ? p : p + 3] = MG_UNKNOWN;
    }
}
