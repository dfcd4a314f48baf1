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

/* A gate's window on its way along a slab: n lines a channel, one of which is followed. */
typedef struct {
    int64_t n, stride; /* stride: channels */
    bool gated, with_relu;
    float *value, *slope;    /* (n, stride) */
    const int32_t *state;    /* (stride) */
    int32_t *now;            /* OUT (stride) the states that the values stand for, */
    int32_t *changed;        /* and the channels where that is another; room for MG_LANES more */
    int64_t n_changed;       /* OUT */
    const mg_moment *moment; /* the kinks of the inputs in the order of time, n_kinks of them */
    int64_t n_kinks;
    int64_t chunk_begin, chunk_end; /* those whose responses are there */
    const int32_t *row;             /* (chunk) the first row of a kink's response: a row a line that it reaches */
    const float *response;          /* (rows, stride) */
    double time, end;               /* of the values; of the slab */
    const mg_kinks *in;
    const int32_t *reach; /* (inputs, n) taps, -1: none */
    int64_t reach_begin;  /* the first input there */
    int32_t *line;        /* (n) scratch: the lines that a kink reaches */
    mg_kinks *out;        /* what is handed on; NULL: nothing */
    int32_t position;     /* there */
    int64_t kinks_room, entries_room;
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
    /* respond()  what each kink begin .. end - 1 of one input changes slopes of n lines by that it reaches with taps
     *            `reach` (-1: not): rows of out_stride, line by line, to `out`
     * Returns: how many lines that are */
    int64_t (*respond)(const struct mg_rows *op, const mg_kinks *in, int64_t begin, int64_t end, const int32_t *reach,
                       int64_t n, float *out);
    /* follow()  on from kink k (`advanced`: the values are there already) until some channel's leader is another than
     *           its state, or the chunk ends
     * Returns: the kink before which that happens, n_kinks for the slab's end; n_kinks + 1 when the end is reached; -1
     *          when there is no room for what is handed on */
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
