/* quartile.c  bits of order statistics, from the top */
#include "src/statistics/quartile.h"

#include <math.h>
#include <string.h>

#include "src/core/clones.h"

enum { BLOCK = 256, LANES = 16 };

static const int width_of[MG_QUARTILE_SWEEPS] = {11, 11, 10};
static const double fraction[3] = {0.25, 0.5, 0.75};

static double number_of(uint32_t key)
{
    float value;
    uint32_t bits = key >> 31 ? key & ~(UINT32_C(1) << 31) : ~key;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Keys of n numbers, whose unsigned order is theirs; returns how many are kept, which is all that are finite. */
MG_CLONES static size_t make_keys(const float *value, size_t n, uint32_t key[BLOCK])
{
    const uint32_t infinite = UINT32_C(0x7f800000), sign = UINT32_C(1) << 31;
    uint32_t n_odd = 0;
    for (size_t i = 0; i < n; i++) {
        float turned = value[i] + 0.0F; /* -0 becomes +0 */
        uint32_t bits;
        memcpy(&bits, &turned, sizeof bits);
        n_odd += (bits & infinite) == infinite;
        key[i] = bits & sign ? ~bits : bits | sign;
    }
    if (n_odd == 0) return n;
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(value[i])) key[n_kept++] = key[i];
    return n_kept;
}

static void count_first(mg_quartiles *q, const uint32_t *key, size_t n)
{
    uint32_t *count = q->count[0];
    q->n += (int64_t)n;
    for (size_t i = 0; i < n; i++)
        count[key[i] >> 21]++;
}

/* Most numbers share their first bits with one that is wanted: a branch would be a guess each time, so the others are
 * counted as well, where nobody looks. */
static void count_second(mg_quartiles *q, const uint32_t *key, size_t n)
{
    uint8_t table_of[MG_QUARTILE_COUNTERS];
    memset(table_of, MG_QUARTILE_WANTED, sizeof table_of);
    for (int t = 0; t < q->n_tables; t++)
        table_of[q->shared[t]] = (uint8_t)t;
    for (size_t i = 0; i < n; i++)
        q->count[table_of[key[i] >> 21]][key[i] >> 10 & (MG_QUARTILE_COUNTERS - 1)]++;
}

/* Does one of LANES numbers share 22 bits with one that is wanted? */
static inline uint32_t any_shares(const mg_quartiles *q, const uint32_t *key)
{
    uint32_t any = 0;
    for (int t = 0; t < q->n_tables; t++) {
        uint32_t shared = q->shared[t];
        for (int i = 0; i < LANES; i++)
            any |= key[i] >> 10 == shared;
    }
    return any;
}

/* Hardly any does. */
MG_CLONES static void count_third(mg_quartiles *q, const uint32_t *key, size_t n)
{
    for (size_t first = 0; first < n; first += LANES) {
        size_t end = first + LANES < n ? first + LANES : n;
        if (end == first + LANES && !any_shares(q, key + first)) continue;
        for (size_t i = first; i < end; i++)
            for (int t = 0; t < q->n_tables; t++)
                if (q->shared[t] == key[i] >> 10) q->count[t][key[i] & 1023]++;
    }
}

void mg_quartiles_add_all(mg_quartiles *q, const float *value, size_t n)
{
    uint32_t key[BLOCK];
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t n_kept = make_keys(value + at, n - at < BLOCK ? n - at : BLOCK, key);
        if (q->sweep == 0)
            count_first(q, key, n_kept);
        else if (q->sweep == 1)
            count_second(q, key, n_kept);
        else
            count_third(q, key, n_kept);
    }
}

void mg_quartiles_add(mg_quartiles *q, float value)
{
    mg_quartiles_add_all(q, &value, 1);
}

/* The order statistics that are wanted, now that it is known how many numbers there are. */
static void choose_places(mg_quartiles *q)
{
    for (int k = 0; k < 3; k++) {
        int64_t below = (int64_t)(fraction[k] * (double)(q->n - 1));
        q->place[2 * k] = below;
        q->place[2 * k + 1] = below + 1 < q->n ? below + 1 : below;
    }
}

/* The digit of the number at `place` among those that a table counts; *place becomes its place among equal digits. */
static uint32_t find_digit(const uint32_t *count, int64_t *place)
{
    uint32_t digit = 0;
    while (*place >= count[digit])
        *place -= count[digit++];
    return digit;
}

/* Order statistics that share all bits known share a table. */
static void share_tables(mg_quartiles *q, const uint32_t known[MG_QUARTILE_WANTED])
{
    q->n_tables = 0;
    for (int w = 0; w < MG_QUARTILE_WANTED; w++) {
        int t = 0;
        while (t < q->n_tables && q->shared[t] != known[w])
            t++;
        if (t == q->n_tables) q->shared[q->n_tables++] = known[w];
        q->table[w] = t;
    }
}

void mg_quartiles_next(mg_quartiles *q)
{
    uint32_t known[MG_QUARTILE_WANTED];
    if (q->n > 0) {
        if (q->sweep == 0) choose_places(q);
        for (int w = 0; w < MG_QUARTILE_WANTED; w++) {
            int t = q->table[w];
            known[w] = (uint32_t)((uint64_t)q->shared[t] << width_of[q->sweep]) | find_digit(q->count[t], &q->place[w]);
        }
        memset(q->count, 0, (size_t)q->n_tables * sizeof q->count[0]);
        share_tables(q, known);
    }
    q->sweep++;
}

void mg_quartiles_get(const mg_quartiles *q, double ret[3])
{
    for (int k = 0; k < 3; k++) {
        double h = fraction[k] * (double)(q->n - 1), rest = h - floor(h);
        ret[k] = NAN;
        if (q->n == 0) continue;
        double below = number_of(q->shared[q->table[2 * k]]), above = number_of(q->shared[q->table[2 * k + 1]]);
        ret[k] = (1 - rest) * below + rest * above;
    }
}
