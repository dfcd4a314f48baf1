/* kinetic.h  inner loops of exact integrated gradients: lines in time whose slopes change at kinks (exact_walk.h) */
#ifndef MG_NETWORK_KINETIC_H
#define MG_NETWORK_KINETIC_H

#include <stdbool.h>
#include <stdint.h>

struct mg_rows;

/* Kinks position by position, in the order of time. */
typedef struct {
    int64_t n_kinks, n_entries;
    int64_t lines; /* forward 1, an input of a map; backward the places of a window */
    double *time;
    int32_t *position;
    int32_t *begin; /* entries of kink k, line j: begin[k * lines + j] .. begin[k * lines + j + 1] - 1 */
    int32_t *first; /* kinks of position p: first[p] .. first[p + 1] - 1 */
    int32_t *index; /* channel of an entry */
    void *value;    /* of an entry, float or double */
} mg_kinks;

/* Something that happens at a position, for putting it in order. */
typedef struct {
    double time;
    int32_t id;
} mg_moment;

/* One block of channels of a gate's window on its way along a slab: n lines a channel, one of which is followed. */
typedef struct {
    int64_t n, width; /* width: channels, MG_BLOCK or MG_LANES */
    bool gated, with_relu;
    float *value, *slope;    /* (n, width) */
    float *delta;            /* (n, width) scratch */
    const int32_t *state;    /* (width) */
    int32_t *now;            /* OUT (width) the states that the values stand for, when follow() returns early */
    const mg_moment *moment; /* the kinks of the inputs in the order of time, n_kinks of them */
    int64_t n_kinks;
    double time, end; /* of the values; of the slab */
    const mg_kinks *in;
    const int32_t *reach; /* (inputs, n) taps, -1: none */
    int64_t reach_begin;  /* the first input there */
    const float *weight;  /* of the block: (channels, taps, width) */
    int64_t taps;
    int32_t *noted_begin;            /* (n_kinks + 1) what changes for followers at each kink; NULL: not wanted */
    int32_t *noted_channel, channel; /* the block's first channel */
    float *noted_value;
    int64_t n_noted, noted_room;
} mg_course;

/* The multipliers of a gate's outputs at one position. */
typedef struct {
    int64_t stride;             /* channels */
    float *multiplier, *moment; /* (stride) sum of the steps so far; of steps times when they were */
    float *step;                /* (stride) */
    const float *paid;          /* (stride) integral when the line that is followed began to be */
    const float *settled;       /* (n, stride) integrals of the lines up to then */
    const int32_t *state;       /* (stride) */
} mg_multiplier;

typedef struct {
    /* follow()  on from kink k (`advanced`: the values are there already) until some channel's leader is another than
     *           its state
     * Returns: the kink before which that happens, n_kinks for the slab's end; n_kinks + 1 when the end is reached; -1
     *          when there is no room for notes */
    int64_t (*follow)(mg_course *course, int64_t k, bool advanced);
    /* gather()  step = sum of the rows of backward weights that kink `id` has entries for, line by line, by the taps of
     *           its window's lines; the multiplier grows by the step and the moment by `after` times the step */
    void (*gather)(const struct mg_rows *op, const mg_kinks *in, int32_t id, const int32_t *tap, float after,
                   const mg_multiplier *to);
    /* answer()  sum over the window's lines, by taps, of forward weights of `channel` times the lines' integrals at a
     *           time, in 16 sums over every sixteenth channel, then halves added to halves */
    float (*answer)(const struct mg_rows *op, const int32_t *tap, int64_t n, int64_t channel, float time,
                    const mg_multiplier *of);
    /* route()  the step, line by line, to whom each channel follows: entries from to->n_entries on, and where lines end
     *          in end_line[0 .. n - 1] */
    void (*route)(const mg_multiplier *of, int64_t n, mg_kinks *to, int32_t *end_line);
} mg_kinetic_kernels;

#endif
