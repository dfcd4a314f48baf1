/* movers.c  outputs that may follow another input along a path (movers.h), compiled once for each instruction set
 *
 * The margin: a line's value is rounded by at most 2^-23 of |start| + |t slope|, with a fused multiply-add or without. If
 * one line is above another at both ends by 2^-20 of the largest such sum, what is known exactly is above by more than
 * both roundings everywhere between, since a difference of lines is a line. Equal lines stay equal, and the first counts.
 */
#include "src/kernels/movers.h"

#include <stddef.h>

#include "src/kernels/kernels.h"
#include "src/kernels/states.h"
#include "src/kernels/vector.h"

static const float margin = 0x1p-20F;

/* WIDTH channels of an output's window: its first lines, and how to go on. */
typedef struct {
    const float *start, *slope;
    int64_t n, step;
} window;

/* The largest line at both ends, the first of equals, with its own start and slope; and the largest |start| + |t slope|. */
typedef struct {
    vec best[2], start, slope, scale;
    ivec which[2];
} leader;

static inline __attribute__((always_inline)) leader find_leader(const window *w, const float t[2])
{
    const vec reach = larger(magnitude(t[0] - (vec){0}), magnitude(t[1] - (vec){0}));
    leader l = {.start = load(w->start), .slope = load(w->slope)};
    l.scale = magnitude(l.start) + reach * magnitude(l.slope);
    UNROLL
    for (int e = 0; e < 2; e++)
        l.best[e] = l.start + t[e] * l.slope;
    for (int64_t j = 1; j < w->n; j++) {
        vec start = load(w->start + j * w->step), slope = load(w->slope + j * w->step);
        l.scale = larger(magnitude(start) + reach * magnitude(slope), l.scale);
        UNROLL
        for (int e = 0; e < 2; e++) {
            vec value = start + t[e] * slope;
            ivec wins = value > l.best[e];
            l.best[e] = larger(value, l.best[e]);
            l.which[e] = pick_lanes_int(wins, (int32_t)j - (ivec){0}, l.which[e]);
            if (e > 0) continue;
            l.start = pick_lanes(wins, start, l.start);
            l.slope = pick_lanes(wins, slope, l.slope);
        }
    }
    return l;
}

/* Lanes that are in one state from t[0] to t[1] for certain. */
static inline __attribute__((always_inline)) ivec are_settled(const window *w, const float t[2], const leader *l,
                                                              bool with_relu)
{
    const vec gap = margin * l->scale;
    ivec ahead = l->which[0] == l->which[1];
    for (int64_t j = 0; j < w->n; j++) {
        vec start = load(w->start + j * w->step), slope = load(w->slope + j * w->step);
        ivec behind = (l->best[0] - (start + t[0] * slope) > gap) & (l->best[1] - (start + t[1] * slope) > gap);
        ivec equal = (start == l->start) & (slope == l->slope) & ((int32_t)j - (ivec){0} >= l->which[0]);
        ahead &= behind | equal;
    }
    if (!with_relu) return ahead;
    ivec on = (l->best[0] > gap) & (l->best[1] > gap), off = (l->best[0] < -gap) & (l->best[1] < -gap);
    return (ahead & on) | off;
}

static void gather(const window *w, int lane, int64_t kernel, mg_movers *movers)
{
    float *start = movers->start + movers->n, *slope = movers->slope + movers->n;
    for (int64_t j = 0; j < kernel; j++) {
        start[j * movers->room] = j < w->n ? w->start[j * w->step + lane] : -__builtin_inff();
        slope[j * movers->room] = j < w->n ? w->slope[j * w->step + lane] : 0.0f;
    }
}

/* Fill the last vector, so that nobody in it turns. */
static void fill_up(mg_movers *movers, int64_t kernel)
{
    for (int64_t i = movers->n; i % MG_LANES != 0; i++) {
        movers->state[i] = 0;
        for (int64_t j = 0; j < kernel; j++) {
            movers->start[j * movers->room + i] = j == 0 ? 1.0f : 0.0f;
            movers->slope[j * movers->room + i] = 0.0f;
        }
    }
}

static void find(const float *start, const float *slope, const float t[2], int64_t stride, const mg_pooling *pooling,
                 bool with_relu, int64_t n_outputs, mg_gate_state *state, mg_movers *movers)
{
    movers->n = 0;
    for (int64_t o = 0; o < n_outputs; o++) {
        int64_t first, n = mg_pooling_first(pooling, o, &first);
        for (int64_t c = 0; c < stride; c += WIDTH) {
            window w = {start + first * stride + c, slope + first * stride + c, n, pooling->dilation * stride};
            leader l = find_leader(&w, t);
            ivec now = l.which[0];
            if (with_relu) now |= l.best[0] <= 0.0f; /* true is -1 */
            store_states(state + o * stride + c, now);
            for (uint32_t left = lanes_unequal(are_settled(&w, t, &l, with_relu), (ivec){0} - 1); left != 0;
                 left &= left - 1) {
                int lane = __builtin_ctz(left);
                gather(&w, lane, pooling->kernel, movers);
                movers->place[movers->n] = (mg_gate_switch){(int32_t)o, (int32_t)c + lane};
                movers->state[movers->n++] = now[lane];
            }
        }
    }
    fill_up(movers, pooling->kernel);
}

/* States of WIDTH movers, whose lines are `room` apart, at each t. */
static inline __attribute__((always_inline)) void states_at(const float *start, const float *slope, int64_t room,
                                                            const float t[MG_SHARED], int64_t kernel, bool with_relu,
                                                            ivec which[MG_SHARED])
{
    vec best[MG_SHARED], from = load(start), change = load(slope);
    UNROLL
    for (int m = 0; m < MG_SHARED; m++) {
        best[m] = from + t[m] * change;
        which[m] = (ivec){0};
    }
    UNROLL
    for (int64_t j = 1; j < kernel; j++) {
        from = load(start + j * room), change = load(slope + j * room);
        UNROLL
        for (int m = 0; m < MG_SHARED; m++) {
            vec value = from + t[m] * change;
            which[m] = pick_lanes_int(value > best[m], (int32_t)j - (ivec){0}, which[m]);
            best[m] = larger(value, best[m]);
        }
    }
    UNROLL
    for (int m = 0; m < MG_SHARED; m++)
        if (with_relu) which[m] |= best[m] <= 0.0f; /* true is -1 */
}

/* Inlined with the usual kernel, 3. Turns are few and cannot be foreseen, so those of all three t go through one loop. */
static inline __attribute__((always_inline)) void turn_all(const mg_movers *movers, const float t[MG_SHARED],
                                                           int64_t kernel, bool with_relu,
                                                           mg_turn *const turns[MG_SHARED], int64_t n_turns[MG_SHARED])
{
    const mg_movers all = *movers;
    int64_t n[MG_SHARED] = {0};
    for (int64_t i = 0; i < all.n; i += WIDTH) {
        ivec which[1 + MG_SHARED] = {*(const ivec *)(all.state + i)};
        int32_t state[1 + MG_SHARED][WIDTH];
        uint64_t left = 0;
        states_at(all.start + i, all.slope + i, all.room, t, kernel, with_relu, which + 1);
        UNROLL
        for (int m = 0; m < MG_SHARED; m++)
            left |= (uint64_t)lanes_unequal(which[m], which[m + 1]) << m * WIDTH;
        if (left == 0) continue;
        UNROLL
        for (int m = 0; m <= MG_SHARED; m++)
            *(ivec *)state[m] = which[m];
        *(ivec *)(all.state + i) = which[MG_SHARED];
        for (; left != 0; left &= left - 1) {
            int bit = __builtin_ctzll(left), m = bit / WIDTH, lane = bit % WIDTH;
            turns[m][n[m]++] =
                (mg_turn){(int32_t)i + lane, (mg_gate_state)state[m][lane], (mg_gate_state)state[m + 1][lane]};
        }
    }
    for (int m = 0; m < MG_SHARED; m++)
        n_turns[m] = n[m];
}

static void turn(mg_movers *movers, const float t[MG_SHARED], int64_t kernel, bool with_relu,
                 mg_turn *const turns[MG_SHARED], int64_t n_turns[MG_SHARED])
{
    if (kernel == 3 && with_relu)
        turn_all(movers, t, 3, true, turns, n_turns);
    else
        turn_all(movers, t, kernel, with_relu, turns, n_turns);
}

extern const mg_mover_kernels MG_GLUE(mg_mover_kernels_, MG_ISA);
const mg_mover_kernels MG_GLUE(mg_mover_kernels_, MG_ISA) = {.find = find, .turn = turn};
