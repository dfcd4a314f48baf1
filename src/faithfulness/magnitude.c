/* magnitude.c  the order of magnitudes, merged from that of values
 *
 * Along the order of values, the magnitudes of those that are not negative fall, then those of the negative rise. Both runs are
 * merged from their outer ends, the largest first, and from where they meet, the smallest first, at the same time: either waits
 * for its last choice. Among equal ones the left run comes first, and both agree. Bits of numbers that are not negative compare
 * as the numbers do.
 */
#include "src/faithfulness/magnitude.h"

#include <math.h>
#include <string.h>

#include "src/core/clones.h"

typedef struct {
    size_t n, n_left; /* numbers; how many are not negative */
    uint64_t *left;   /* (n_left) falling, between the largest bits and 0 */
    uint64_t *right;  /* (n - n_left) rising, between 0 and the largest bits */
} two_runs;

static inline two_runs find_runs(const mg_ordered *row, double *magnitude, uint64_t *bits)
{
    size_t n = row->n, n_left = 0;
    for (size_t i = 0; i < n; i++) {
        magnitude[i] = fabs(row->value[i]);
        n_left += row->value[i] >= 0;
    }
    two_runs runs = {n, n_left, bits + 1, bits + n_left + 3};
    runs.left[-1] = runs.right[n - n_left] = UINT64_MAX;
    runs.left[n_left] = runs.right[-1] = 0;
    for (size_t k = 0; k < n_left; k++)
        memcpy(&runs.left[k], &magnitude[row->order[k]], sizeof *bits);
    for (size_t k = n_left; k < n; k++)
        memcpy(&runs.right[k - n_left], &magnitude[row->order[k]], sizeof *bits);
    return runs;
}

/* One of two by a mask, which spares a branch that would be a coin toss. */
static inline uint64_t pick(uint64_t mask, uint64_t yes, uint64_t no)
{
    return no ^ ((yes ^ no) & mask);
}

MG_CLONES mg_ordered mg_order_magnitudes(const mg_ordered *row, double *magnitude, uint32_t *order, uint64_t *room)
{
    const two_runs runs = find_runs(row, magnitude, room);
    const uint64_t *left = runs.left, *right = runs.right;
    const size_t n = runs.n, n_left = runs.n_left;
    uint64_t *sorted = room + n + MG_RUN_ENDS;
    size_t outer_left = 0, outer_right = n - n_left - 1, inner_left = n_left - 1, inner_right = 0, n_tied = 0;
    for (size_t k = 0; k < (n + 1) / 2; k++) {
        uint64_t x = left[outer_left], y = right[(ptrdiff_t)outer_right], takes_left = x >= y, mask = 0 - takes_left;
        sorted[k] = pick(mask, x, y);
        order[k] = row->order[pick(mask, outer_left, n_left + outer_right)];
        outer_left += takes_left;
        outer_right -= 1 - takes_left;
        if (k == n - 1 - k) break;
        x = left[(ptrdiff_t)inner_left], y = right[inner_right], takes_left = x < y, mask = 0 - takes_left;
        sorted[n - 1 - k] = pick(mask, x, y);
        order[n - 1 - k] = row->order[pick(mask, inner_left, n_left + inner_right)];
        inner_left -= takes_left;
        inner_right += 1 - takes_left;
    }
    for (size_t k = 1; k < n; k++)
        n_tied += sorted[k] == sorted[k - 1];
    return (mg_ordered){magnitude, order, n, n_tied};
}
