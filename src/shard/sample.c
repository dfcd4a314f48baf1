/* sample.c  one window of each stretch */
#include "src/shard/sample.h"

#include "src/core/random.h"

/* Where stretch i begins: n * i / n_drawn without the large product. */
static int64_t begin_of(int64_t n, int64_t n_drawn, int64_t i)
{
    return n / n_drawn * i + n % n_drawn * i / n_drawn;
}

int64_t mg_sample_window(int64_t n, int64_t n_drawn, uint64_t seed, int64_t i)
{
    int64_t first = begin_of(n, n_drawn, i), end = begin_of(n, n_drawn, i + 1);
    return first + (int64_t)(mg_mix(seed, (uint64_t)i) % (uint64_t)(end - first));
}
