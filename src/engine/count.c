/* count.c  multiply-adds of a call of rows(), from the map's geometry (kernels.h) */
#include "src/engine/count.h"

uint64_t mg_count_entries(const mg_rows *op, int64_t p, int64_t n, int64_t t_begin, int64_t t_end)
{
    int64_t reached = 0;
    for (int64_t k = 0; k < op->taps; k++) {
        int64_t at = p * op->divide + op->pad - k * op->dilation;
        reached += at % op->step == 0 && at >= t_begin * op->step && at < t_end * op->step;
    }
    return (uint64_t)(n * reached * op->out_channels);
}

uint64_t mg_count_rows(const mg_rows *op, const int32_t *begin, int64_t p_begin, int64_t p_end, int64_t t_begin,
                       int64_t t_end)
{
    uint64_t sum = 0;
    for (int64_t p = p_begin; p < p_end; p++)
        sum += mg_count_entries(op, p, begin[p - p_begin + 1] - begin[p - p_begin], t_begin, t_end);
    return sum;
}
