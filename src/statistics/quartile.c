/* quartile.c  bits of order statistics, from the top */
#include "src/statistics/quartile.h"

#include <math.h>
#include <string.h>

static const int shift_of[MG_QUARTILE_SWEEPS] = {21, 10, 0}; /* bits below those that a sweep looks at */
static const int width_of[MG_QUARTILE_SWEEPS] = {11, 11, 10};
static const double fraction[3] = {0.25, 0.5, 0.75};

static uint32_t key_of(float value)
{
    uint32_t bits;
    value += 0.0F; /* -0 becomes +0 */
    memcpy(&bits, &value, sizeof bits);
    return bits >> 31 ? ~bits : bits | UINT32_C(1) << 31;
}

static double number_of(uint32_t key)
{
    float value;
    uint32_t bits = key >> 31 ? key & ~(UINT32_C(1) << 31) : ~key;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void mg_quartiles_add_all(mg_quartiles *q, const float *value, size_t n)
{
    int shift = shift_of[q->sweep], width = width_of[q->sweep], n_tables = q->n_tables;
    uint32_t mask = (UINT32_C(1) << width) - 1;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(value[i])) continue;
        uint32_t bits = key_of(value[i]) >> shift, shared = (uint32_t)((uint64_t)bits >> width);
        q->n += q->sweep == 0;
        for (int t = 0; t < n_tables; t++)
            if (q->shared[t] == shared) {
                q->count[t][bits & mask]++; /* tables share no prefix */
                break;
            }
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
