/* dense.c  a dense product with its sums in registers, compiled once for each instruction set */
#include "src/kernels/dense.h"

#include "src/kernels/kernels.h"
#include "src/kernels/vector.h"

#if defined(__AVX512F__)
enum { ROWS = 12 };
#elif defined(__AVX__)
enum { ROWS = 3 };
#else
enum { ROWS = 1 };
#endif
enum { FULL = MG_BLOCK / WIDTH, HALF = MG_LANES / WIDTH };

/* n_rows rows of one block of n_vectors vectors; inlined with constants, so that the sums stay in registers. */
static inline __attribute__((always_inline)) void block(const mg_rows *op, const float *weight, const float *bias,
                                                        const float *in, int64_t in_step, float *out, int64_t out_step,
                                                        int n_rows, int n_vectors)
{
    vec sum[ROWS][FULL];
    UNROLL
    for (int r = 0; r < n_rows; r++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            sum[r][v] = load(bias + v * WIDTH);
    }
    for (int64_t k = 0; k < op->taps; k++)
        for (int64_t c = 0; c < op->in_channels; c++) {
            const float *row = weight + (c * op->taps + k) * (n_vectors * WIDTH);
            const float *x = in + k * op->dilation * op->in_stride + c;
            UNROLL
            for (int r = 0; r < n_rows; r++) {
                vec value = x[r * in_step] - (vec){0};
                UNROLL
                for (int v = 0; v < n_vectors; v++)
                    sum[r][v] += value * load(row + v * WIDTH);
            }
        }
    UNROLL
    for (int r = 0; r < n_rows; r++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            store(out + r * out_step + v * WIDTH, sum[r][v]);
    }
}

static void product(const mg_rows *op, const float *in, int64_t in_step, int64_t n_rows, float *out, int64_t out_step)
{
    for (int64_t b = 0; b < op->n_blocks; b++) {
        int64_t first = b * MG_BLOCK;
        bool whole = op->out_stride - first >= MG_BLOCK;
        const float *weight = op->weight + op->taps * op->in_channels * first, *bias = op->bias + first;
        int64_t r = 0;
        for (; whole && r + ROWS <= n_rows; r += ROWS)
            block(op, weight, bias, in + r * in_step, in_step, out + r * out_step + first, out_step, ROWS, FULL);
        for (; r < n_rows; r++) {
            if (whole)
                block(op, weight, bias, in + r * in_step, in_step, out + r * out_step + first, out_step, 1, FULL);
            else
                block(op, weight, bias, in + r * in_step, in_step, out + r * out_step + first, out_step, 1, HALF);
        }
    }
}

static float peak(int64_t n)
{
    enum { PARTS = MG_PEAK_LANES / WIDTH };
    float total = 0.0f;
    for (int part = 0; part < PARTS; part++) { /* a vector's width at a time, so that the sums fit the registers */
        vec sum[MG_PEAK_SUMS], x = 1.0f - (vec){0}, y = 1e-9f - (vec){0};
        for (int i = 0; i < MG_PEAK_SUMS; i++)
            sum[i] = (float)i - (vec){0};
        for (int64_t k = 0; k < n; k++) {
            UNROLL
            for (int i = 0; i < MG_PEAK_SUMS; i++)
                sum[i] += x * y;
            TOUCH(x); /* else the product would be taken out of the loop */
        }
        for (int i = 0; i < MG_PEAK_SUMS; i++)
            total += sum[i][0];
    }
    return total;
}

extern const mg_dense_kernels MG_GLUE(mg_dense_kernels_, MG_ISA);
const mg_dense_kernels MG_GLUE(mg_dense_kernels_, MG_ISA) = {.product = product, .peak = peak};
