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

/* What a linear node sums up for an output: numbers that differ in some mutant. */
typedef struct {
    int64_t n;
    int32_t *row;    /* (n) whose differences are row number `row` */
    int32_t *weight; /* (n) and meet weight number `weight` of each output, counted in steps of the outputs' width */
} mg_lane_list;

/* f(x) = max(x, slope x) behind sums, 0 <= slope <= 1: a ReLU, a leaky one. */
typedef struct {
    const float *z, *a; /* of each channel: the window's own number before it and behind it */
    const float *slope; /* of each channel */
} mg_lane_gate;

typedef struct {
    /* list()  add the channels c of a mask: row first_row + c, weight first_weight + c taps. The list has room for MG_LANES
     *         more than it gets. */
    void (*list)(const uint64_t *mask, int64_t words, int32_t first_row, int32_t first_weight, int32_t taps,
                 mg_lane_list *list);
    /* dots()  out row o = sum over the list of weight[o][list.weight * width] times the row, for
     *         1 <= n_outputs <= MG_LANE_OUTPUTS */
    void (*dots)(const float *const *weight, int64_t width, int64_t n_outputs, const mg_lane_list *list,
                 const float *rows, float *out);
    /* first()  the same for the window's own channels, where every mutant differs at one position: out row o, lane m =
     *          sum over b of weight[o][b * apart + site of m] change[b][m]; change: (4, MG_MUTANTS) */
    void (*first)(const float *const *weight, int64_t apart, int64_t n_outputs, const float *change, float *out);
    /* rectify()  row = f(z + row) - a, f(x) = x where positive, slope x elsewhere (0 <= slope <= 1) */
    void (*rectify)(float z, float a, float slope, float *row);
    /* settle()  keep a row: copied to `to`, squares added to `squares` (a row; NULL: nobody asks); false, and nothing done,
     *           when it is 0 all over */
    bool (*settle)(const float *row, float *to, float *squares);
    /* keep()  rows of the channels channel[0 .. n - 1], ascending, through a gate (NULL: as they are) and kept, those that
     *         are not 0 all over then: channel c at `to` as row number c, or, when packed, one behind the other; its bit
     *         of `mask` is set, squares are added. Returns how many were kept. */
    int64_t (*keep)(const mg_lane_gate *gate, const int64_t *channel, int64_t n, const float *rows, bool packed,
                    float *to, uint64_t *mask, float *squares);
    /* merge()  add packed rows of the channels of `added` to those of `mask` (row number c at `to`), which gets them too.
     *          Returns the largest sum of squares that a mutant then has; 0 unless squared. */
    float (*merge)(const uint64_t *added, int64_t words, const float *rows, bool squared, float *to, uint64_t *mask);
    /* certify()  bound = sum over n_taps of x[k] norm[k]; which of n numbers, a multiple of MG_LANES, have own + bound >= 0:
     *            bits of `alive`, 64 a word; which of those own - bound <= 0: `undecided` (NULL: nobody asks) */
    void (*certify)(const float *const *norm, const float *x, int64_t n_taps, const float *own, int64_t n,
                    uint64_t *alive, uint64_t *undecided);
    /* weigh()  total += sum over the channels c of `mask` of x[c] times row number c */
    void (*weigh)(const uint64_t *mask, int64_t words, const float *rows, const float *x, float *total);
    /* correct()  total += g[c] times what a gate's output differs from the line that it follows in the window (slope 1
     *            where z > 0), for sums (rows) of the channels channel[0 .. n - 1]; exactly 0 where none crosses 0 */
    void (*correct)(const mg_lane_gate *gate, const float *g, const int64_t *channel, int64_t n, const float *rows,
                    float *total);
    /* fetch()  say that the rows of a mask will be wanted */
    void (*fetch)(const uint64_t *mask, int64_t words, const float *rows);
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
