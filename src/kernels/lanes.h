/* lanes.h  inner loops of the mutation scan of graphs: vectors run over mutants
 *
 * A tile is MG_SITES neighbouring positions with their three mutants each: MG_MUTANTS lanes. The differences of a number from
 * the window's own are a *row* of so many floats. A weight is one number that meets a whole row, so weights need no
 * packing, outputs may be any, and a lane sees its additions in the order of the entries, whatever the width of the
 * vectors: the same bits on every instruction set with fused multiply-add.
 */
#ifndef MG_KERNELS_LANES_H
#define MG_KERNELS_LANES_H

#include <stdbool.h>
#include <stdint.h>

enum { MG_SITES = 16, MG_MUTANTS = 3 * MG_SITES, MG_LANE_OUTPUTS = 8 };

/* A number that differs in some mutant, as a linear node sees it. */
typedef struct {
    int32_t row;    /* its differences: row number `row` */
    int32_t weight; /* its weights: number `weight` of each output's, counted in steps of the outputs' width */
} mg_lane_entry;

typedef struct {
    /* dots()  out row o = sum over entries of weight[o][entry.weight * width] times the entry's row, for
     *         1 <= n_outputs <= MG_LANE_OUTPUTS */
    void (*dots)(const float *const *weight, int64_t width, int64_t n_outputs, const mg_lane_entry *entry, int64_t n,
                 const float *rows, float *out);
    /* rectify()  row = f(z + row) - a, f(x) = x where positive, slope x elsewhere (0 <= slope <= 1) */
    void (*rectify)(float z, float a, float slope, float *row);
    /* settle()  keep a row: copied to `to`, squares added to `squares` (a row; NULL: nobody asks); false, and nothing done,
     *           when it is 0 all over
     * rectify_settle()  rectify() and settle() in one; `row` stays as it is */
    bool (*settle)(const float *row, float *to, float *squares);
    bool (*rectify_settle)(float z, float a, float slope, const float *row, float *to, float *squares);
    /* bounds()  bound += x norm, n numbers, a multiple of MG_LANES */
    void (*bounds)(const float *norm, float x, int64_t n, float *bound);
    /* alive()  which of n numbers, a multiple of MG_LANES, have own + bound >= 0: bits of mask, 64 a word */
    void (*alive)(const float *own, const float *bound, int64_t n, uint64_t *mask);
    /* add()  to += x row */
    void (*add)(const float *row, float x, float *to);
    /* square()  squares += row row */
    void (*square)(const float *row, float *squares);
    /* largest()  of a row */
    float (*largest)(const float *row);
    /* max_pool()  row = max over n numbers of (z[k] + row k, NULL: no differences) minus a */
    void (*max_pool)(const float *z, const float *const *row, int64_t n, float a, float *out);
} mg_lane_kernels;

#endif
