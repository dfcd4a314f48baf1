/* replicate.c  draws by a counter, and a product in registers: 4 replicates x 8 columns at a time
 *
 * Each of the 32 sums sees its clusters in their order, whatever the width of a vector, so all instruction sets give
 * the same bits; there is no fused multiply-add in them.
 */
#include "src/statistics/replicate.h"

#include <string.h>

#include "src/core/clones.h"
#include "src/core/random.h"

enum { AT_ONCE = 4, LANES = 4, VECTORS = MG_REPLICATE_COLUMNS / LANES };

typedef double vec __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

size_t mg_replicate_columns(size_t n)
{
    return (n + MG_REPLICATE_COLUMNS - 1) / MG_REPLICATE_COLUMNS * MG_REPLICATE_COLUMNS;
}

static size_t scale(uint64_t bits, size_t n)
{
    return (size_t)((bits & UINT32_MAX) * (uint64_t)n >> 32);
}

void mg_replicate_draw(uint64_t seed, int64_t r, size_t n, uint8_t *count)
{
    uint64_t begun = mg_mix_begin(mg_mix(seed, (uint64_t)r));
    memset(count, 0, n);
    for (size_t k = 0; k < n / 2; k++) {
        uint64_t bits = mg_mix_end(begun, k);
        count[scale(bits, n)]++;
        count[scale(bits >> 32, n)]++;
    }
    if (n % 2 > 0) count[scale(mg_mix_end(begun, n / 2), n)]++;
}

MG_CLONES void mg_replicate_turn(const uint8_t *count, size_t n_clusters, size_t first, size_t n, double *times)
{
    for (size_t k = 0; k < n; k++)
        for (size_t r = 0; r < MG_REPLICATE_SET; r++)
            times[k * MG_REPLICATE_SET + r] = count[r * n_clusters + first + k];
}

MG_CLONES void mg_replicate_add(const double *times, const double *total, size_t n, size_t columns, double *sum)
{
    for (size_t c = 0; c < columns; c += MG_REPLICATE_COLUMNS)
        for (size_t r = 0; r < MG_REPLICATE_SET; r += AT_ONCE) {
            vec now[AT_ONCE][VECTORS];
            for (size_t i = 0; i < AT_ONCE; i++)
                for (size_t v = 0; v < VECTORS; v++)
                    now[i][v] = *(const vec *)(sum + (r + i) * columns + c + v * LANES);
            for (size_t k = 0; k < n; k++) {
                const double *row = total + k * columns + c, *drawn = times + k * MG_REPLICATE_SET + r;
                for (size_t i = 0; i < AT_ONCE; i++)
                    for (size_t v = 0; v < VECTORS; v++)
                        now[i][v] += drawn[i] * *(const vec *)(row + v * LANES);
            }
            for (size_t i = 0; i < AT_ONCE; i++)
                for (size_t v = 0; v < VECTORS; v++)
                    *(vec *)(sum + (r + i) * columns + c + v * LANES) = now[i][v];
        }
}

void mg_replicate_add_ref(const double *times, const double *total, size_t n, size_t columns, double *sum)
{
    for (size_t k = 0; k < n; k++)
        for (size_t r = 0; r < MG_REPLICATE_SET; r++)
            for (size_t c = 0; c < columns; c++)
                sum[r * columns + c] += times[k * MG_REPLICATE_SET + r] * total[k * columns + c];
}
