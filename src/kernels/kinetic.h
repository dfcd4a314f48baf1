/* kinetic.h  inner loops of exact integrated gradients: lines in time whose slopes change at kinks (exact_walk.h) */
#ifndef MG_KERNELS_KINETIC_H
#define MG_KERNELS_KINETIC_H

#include <stdbool.h>
#include <stdint.h>

struct mg_rows;

/* Kinks position by position, in the order of time. */
typedef struct {
    int64_t n_kinks, n_entries;
    double *time;
    int32_t *position;
    int32_t *begin; /* entries of kink k: begin[k] .. begin[k + 1] - 1 */
    int32_t *first; /* kinks of position p: first[p] .. first[p + 1] - 1 */
    int32_t *index; /* channel of an entry */
    void *value;    /* of an entry, float or double */
} mg_kinks;

/* Something that happens at a position, for putting it in order. */
typedef struct {
    double time;
    int32_t id, bucket; /* bucket: for sorting */
} mg_moment;

/* A gate's window on its way along some steps of a slab: n lines a channel, one of which is followed. Channels do not
 * see each other, so a few of them go along all steps before others do. */
typedef struct {
    int64_t n, stride; /* stride: channels */
    bool with_relu;
    float *value, *slope; /* (n, stride) */
    float *few;           /* (2, n, MG_LANES) scratch */
    const int32_t *state; /* (stride) whom channels follow */
    int64_t n_steps;
    const float *dt;         /* (steps) how long lines go on before slopes turn */
    const float *const *row; /* (steps, n) what slopes then change by, each (stride) */
    int64_t channel, step;   /* where it stands: set to 0 at the beginning */
    bool advanced;           /* the values are those at the step already; set to false at the beginning */
    int32_t *changed;        /* OUT the channels where the values stand for another state */
    int64_t n_changed;       /* OUT */
} mg_course;

/* The multipliers of a gate's outputs at one position. */
typedef struct {
    int64_t stride;                   /* channels */
    const float *multiplier, *moment; /* (stride) sum of its changes so far; of changes times when they were */
    const float *paid;                /* (stride) integral when the line that is followed began to be */
    const float *settled;             /* (n, stride) integrals of the lines up to then */
    const int32_t *state;             /* (stride) */
} mg_multiplier;

typedef struct {
    /* respond()  what each kink begin .. end - 1 of one input changes slopes of n lines by that it reaches with taps
     *            `reach` (-1: not): rows of out_stride, line by line, to `out`
     * Returns: how many lines that are */
    int64_t (*respond)(const struct mg_rows *op, const mg_kinks *in, int64_t begin, int64_t end, const int32_t *reach,
                       int64_t n, float *out);
    /* follow()  on until some channel's leader is another than its state: at course->step; call it again with another
     *           state
     * Returns: false when all channels are at the end */
    bool (*follow)(mg_course *course);
    /* hand_on()  what the rows of steps begin .. end - 1 change for those who are followed, to the entries of `out`, a
     *            kink a step where there are any; time: of each step
     * Returns: false when there is no room for it */
    bool (*hand_on)(const mg_course *course, int64_t begin, int64_t end, const mg_moment *moment, int32_t position,
                    const int64_t *room, mg_kinks *out);
    /* answer()  sum over the window's lines, by taps, of forward weights of `channel` times the lines' integrals at a
     *           time, in 16 sums over every sixteenth channel, then halves added to halves */
    float (*answer)(const struct mg_rows *op, const int32_t *tap, int64_t n, int64_t channel, float time,
                    const mg_multiplier *of);
} mg_kinetic_kernels;

#endif
