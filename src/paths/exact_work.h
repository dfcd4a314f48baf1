/* exact_work.h  what exact.c and the walk along the path share (exact_walk.h)
 *
 * A network is cut into stages: a map (a linear layer, or none between two gates) and a gate (ReLU, max pooling, both,
 * or none). Stage 0 is special: its gate's inputs are lines in t over the whole path.
 *
 * Along a slab, a stretch of the path, every number is piecewise linear. That is told by *kinks*: at a time, some
 * channels of a position change their slope. Every multiplier is piecewise constant, and changes where a gate's output
 * switches: an *event*.
 */
#ifndef MG_PATHS_EXACT_WORK_H
#define MG_PATHS_EXACT_WORK_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/engine/pass_inside.h"
#include "src/paths/exact.h"
#include "src/kernels/kinetic.h"

enum {
    MG_OFF = -1
}; /* state of a gate's output that is 0 by ReLU; else it is the place, in its window, that it follows */

/* Which inputs a map takes for output p: those at p * step - pad + k * dilation, k = 0 .. taps - 1, that exist. */
typedef struct {
    int64_t taps, step, dilation, pad, in_length;
} mg_span;

typedef struct {
    size_t in, z, out;   /* activations: before the map, at the gate, behind it */
    const mg_link *link; /* of the map, NULL: none between two gates */
    mg_span span;
    bool gated, with_relu;
    mg_pooling pooling; /* of the gate; a window of one without max pooling */
    int64_t n_out;      /* positions behind the gate */
    int64_t channels;   /* there */
    size_t state_at;    /* where its initial states begin among all */
    size_t event_at;    /* where its positions begin in mg_event_list.begin */
} mg_stage;

struct mg_exact {
    const mg_plan *plan;
    const mg_chain *chain;    /* the plan's */
    size_t n_stages, n_gated; /* the last gate belongs to stage n_gated - 1; 0: no gate, F is linear */
    mg_stage *stage;
    size_t n_states, n_event_positions;
    int64_t max_window;                   /* numbers in the largest window */
    int64_t max_reach;                    /* pairs of an input position and a place in a window */
    int64_t max_inputs;                   /* positions before a map */
    int64_t max_above;                    /* pairs of a window and a place in it */
    int64_t max_length;                   /* positions behind a gate */
    int64_t n_kinks, n_entries, n_events; /* room in a slab */
    int64_t n_responses;                  /* numbers */
};

/* An output of a gate follows another input from now on. */
typedef struct {
    double time, change; /* change of the slope of what is handed on */
    int32_t stage, position, channel, before, after;
    int32_t kink; /* of its window: the one before which it is */
} mg_event;

/* Consecutive kinks of one input, and where their responses are. */
typedef struct {
    int64_t first, n_kinks, row, n_lines;
} mg_chunk;

/* Their rows for one line: the first, and floats from one to the next. */
typedef struct {
    const float *row;
    int64_t step;
} mg_ramp;

/* What a thread holds while it walks, by what it is about. A walk goes slab by slab. Upward, from stage 0 on, kinks of one stage
 * become those of the next, and switches of gates are noted as events; downward, from the last gate on, multipliers are integrated
 * between events. mg_exact_is_sound() checks between the two what is said here of events. */

/* Switches of gates within the slab, gate after gate and position after position, without gaps: those of position p at begin[p] ..
 * begin[p + 1] - 1, in no order of time (the way down sorts them). Each is of an output that follows another input than before. */
typedef struct {
    mg_event *list, *room; /* (exact->n_events) each; room: for sorting */
    int64_t n, n_first;    /* n_first <= n: of the first gate */
    int32_t *begin;        /* (n_event_positions + 1), ascending, the last is n */
} mg_event_list;

/* Times at which a window's kinks or events are, to be sorted. */
typedef struct {
    mg_moment *list, *room;
    int32_t *bucket; /* of moments or kinks */
} mg_moment_list;

/* Whom outputs of gates follow: a place in their window, or MG_OFF. */
typedef struct {
    int32_t *initial, *then; /* (n_states) of all gates: at the slab's beginning; as time goes on, on the way down */
    int32_t *here;           /* of one position: now */
    int32_t *now, *changed;  /* of one position: whom channels should follow, and which change */
    int32_t *followed;       /* of one position: whom channels followed at what is handed on now */
    int64_t n_changed;
} mg_gate_states;

/* What kinks of a window's inputs do to the slopes of its lines. */
typedef struct {
    float *dt;          /* (n_kinks + 1) of a chunk of a window's kinks and the slab's end: the time before it, */
    const float **row;  /* (n_responses / MG_LANES + max_window) and what its lines' slopes change by, line by line */
    void *number;       /* (n_responses) what slopes of those lines change by; MG_SINGLE only */
    mg_chunk *chunk;    /* (inputs) */
    mg_ramp *ramp;      /* (inputs, window) */
    int64_t begin, end; /* of a window's kinks: those at work */
} mg_responses;

/* Which taps take which inputs where; -1: none does. */
typedef struct {
    int32_t *tap;       /* (inputs, window) from an input position to a place in the window in hand */
    int32_t *above;     /* (windows, lines) from a position to the next gate's windows */
    int64_t begin, end; /* the input positions of `tap` */
} mg_reach_table;

/* A score along the slab, and a clock that it drives (mg_exact_warp()); all ascend. */
typedef struct {
    double *time, *score, *shown; /* (n_kinks + 2) */
} mg_score_clock;

/* On the way down, in the numbers of the walk's precision. */
typedef struct {
    void *multiplier, *change; /* (n_states) of outputs; how much they change, scratch */
    void *moment_sum, *paid;   /* (outputs of stage 1) sum of changes times when they were; integral when the line that
                                 * is followed began to be */
    void *settled;             /* (outputs of stage 1, lines) integrals of lines before that */
    void *due;                 /* (n_events) what the output of an event of the first gate has got by then */
} mg_way_down;

/* Of one window, in the numbers of the walk's precision. */
typedef struct {
    void *value, *slope, *delta;
    void *few; /* (2, window) scratch */
} mg_window_lines;

/* Of the whole path, in the numbers of the walk's precision. */
typedef struct {
    void *start, *line;        /* (size[gate 0]) the lines of stage 0 */
    void *slope_out, *slope_z; /* (max_size) slopes at the slab's beginning */
    void *integral;            /* (size[gate 0]) OUT of the walk: integral of the multipliers at gate 0 */
} mg_path_lines;

typedef struct {
    bool full;         /* the slab held more than there is room for */
    double load;       /* largest share of that room that was used */
    mg_kinks kinks[2]; /* of the stage in hand, and of the next: by position, ascending in time */
    mg_event_list events;
    mg_moment_list moments;
    mg_gate_states states;
    mg_responses responses;
    mg_reach_table reach;
    mg_score_clock clock;
    mg_way_down down;
    mg_window_lines window;
    mg_path_lines lines;
    uint64_t *n_macs; /* of the pass in hand (count.h) */
} mg_exact_work;

/* mg_exact_is_sound()  do the events of a slab from `begin` to `end` keep what mg_event_list says of them? Builds with the address
 *                      sanitizer, and those with -DMG_CHECKED, assert it after each way up */
#if defined(__SANITIZE_ADDRESS__) || defined(MG_CHECKED)
#    define MG_EXACT_CHECK(sound) assert(sound)
#else
#    define MG_EXACT_CHECK(sound) ((void)0)
#endif
bool mg_exact_is_sound(const mg_exact *exact, const mg_exact_work *work, double begin, double end);

/* mg_span_tap()  the tap that takes input q to output p, -1 when there is none */
static inline int32_t mg_span_tap(const mg_span *span, int64_t q, int64_t p)
{
    int64_t at = q + span->pad - p * span->step;
    if (at < 0 || at % span->dilation != 0 || at / span->dilation >= span->taps) return -1;
    return (int32_t)(at / span->dilation);
}

/* mg_stage_map()  the weight rows of a stage's map; NULL: it has none */
static inline const mg_map *mg_stage_map(const mg_stage *stage)
{
    return stage->link != NULL ? stage->link->map : NULL;
}

/* mg_stage_factor()  what channel c of a map that is no convolution multiplies each input of output p with */
static inline double mg_stage_factor(const mg_stage *stage, int64_t p, int64_t c)
{
    return stage->link == NULL ? 1.0 : stage->link->step->ops->factor(stage->link->step, p, c);
}

/* mg_exact_score_slope()  rise of the logistic function over that of its argument, from a to b; its slope when a = b */
double mg_exact_score_slope(double a, double b);

/* mg_stage_windows()  the outputs [*begin, *end) of a stage's gate whose windows input q may reach */
void mg_stage_windows(const mg_stage *stage, int64_t q, int64_t *begin, int64_t *end);

/* mg_stage_lines()  the positions [*low, *high) that windows begin .. end - 1 of a stage's gate take
 * mg_stage_inputs()  the inputs [*from, *to) of its map that may reach them */
void mg_stage_lines(const mg_stage *stage, int64_t begin, int64_t end, int64_t *low, int64_t *high);
void mg_stage_inputs(const mg_stage *stage, int64_t begin, int64_t end, int64_t *from, int64_t *to);

/* mg_exact_reach()  inputs [*begin, *end) of a stage's map reach a window of n positions from `first`; their taps go to
 *                   work->reach.tap
 * mg_exact_reach_above()  the taps that take input q to the windows begin .. end - 1 */
void mg_exact_reach(const mg_stage *stage, int64_t first, int64_t n, mg_exact_work *work, int64_t *begin, int64_t *end);
void mg_exact_reach_above(const mg_stage *stage, int64_t q, int64_t begin, int64_t end, int64_t lines, int32_t *tap);

/* mg_exact_sort()  put the first n of work->moments.list in the order of time; those of one time keep theirs */
void mg_exact_sort(mg_exact_work *work, int64_t n);

/* mg_exact_sort_events()  the same for the events from `first` on, which are before the kinks begin .. end - 1 of a
 *                         window */
void mg_exact_sort_events(mg_exact_work *work, int64_t first, int64_t begin, int64_t end);

/* mg_exact_warp()  for the probability p of a score F: make the times of all events those of a clock that starts at 0
 *                  when the slab begins and runs with dp/dF; F begins with `score` and `slope` and has `kinks`
 * Returns: what that clock shows when the slab ends */
double mg_exact_warp(const mg_exact *exact, mg_exact_work *work, double begin, double end, double score, double slope);

/* The walk itself, once a precision: exact_walk.h compiled by exact_single.c and exact_double.c.
 *
 *   lines   both ends of the path at gate 0, and nothing integrated yet
 *   slab    integrate the multipliers at gate 0 over a slab; false, and nothing done, when there is not room enough
 *   point   the multipliers at t instead, times weight
 *   finish  from what was integrated at gate 0 to the mean gradient (L, 4) at the input
 */
#define MG_EXACT_WALK(precision)                                                                                       \
    void mg_exact_lines_##precision(const mg_exact *exact, mg_pass *pass, mg_exact_work *work, const double *x,        \
                                    const double *reference);                                                          \
    bool mg_exact_slab_##precision(const mg_exact *exact, mg_pass *pass, mg_exact_work *work, double begin,            \
                                   double end, bool probability);                                                      \
    void mg_exact_point_##precision(const mg_exact *exact, mg_pass *pass, mg_exact_work *work, double t,               \
                                    double weight, bool probability);                                                  \
    void mg_exact_finish_##precision(const mg_exact *exact, mg_pass *pass, const mg_exact_work *work, double *mean);
MG_EXACT_WALK(single)
MG_EXACT_WALK(double)
#undef MG_EXACT_WALK

#endif
