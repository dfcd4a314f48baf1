/* layer.c  layers without weights, and shares of relevance; compiled once for each instruction set */
#include "src/kernels/layer.h"

#include "src/kernels/kernels.h"
#include "src/kernels/vector.h"

static void relu(const float *in, int64_t n, float *out)
{
    for (int64_t i = 0; i < n; i += WIDTH)
        store(out + i, positive(load(in + i)));
}

/* Lanes of x where the mask is true, of y elsewhere. */
static inline vec choose(ivec mask, vec x, vec y)
{
    return (vec)((mask & (ivec)x) | (~mask & (ivec)y));
}

static inline vec all_lanes(float x)
{
    return x - (vec){0};
}

static void relu_gradient(const float *z, int64_t n, float *m)
{
    for (int64_t i = 0; i < n; i += WIDTH)
        store(m + i, masked(load(z + i) > 0.0f, load(m + i)));
}

/* (What the ReLU gave is worked out again, because fetching it takes longer.) */
static void relu_rescale(const float *z, const float *z0, int64_t n, float *m)
{
    const vec one = all_lanes(1.0f);
    for (int64_t i = 0; i < n; i += WIDTH) {
        vec in = load(z + i), in0 = load(z0 + i), change = in - in0;
        ivec equal = change == 0.0f;
        vec quotient = (positive(in) - positive(in0)) / choose(equal, one, change);
        store(m + i, load(m + i) * choose(equal, masked(in > 0.0f, one), quotient));
    }
}

static void max_pool_window(const float *in, int64_t n, int64_t step, int64_t width, float *out, int32_t *winner)
{
    for (int64_t c = 0; c < width; c += WIDTH) {
        vec best = load(in + c);
        ivec which = {0};
        for (int64_t j = 1; j < n; j++) {
            vec x = load(in + j * step + c);
            ivec wins = x > best;
            best = larger(x, best);
            which = (wins & (int32_t)j) | (~wins & which);
        }
        store(out + c, best);
        *(ivec *)(winner + c) = which;
    }
}

static void max_pool_gradient(const int32_t *winner, const float *m, int64_t n, int64_t step, int64_t width,
                              float *m_in)
{
    for (int64_t c = 0; c < width; c += WIDTH) {
        ivec which = *(const ivec *)(winner + c);
        vec share = load(m + c);
        for (int64_t j = 0; j < n; j++) {
            float *to = m_in + j * step + c;
            store(to, load(to) + masked(which == (int32_t)j, share));
        }
    }
}

/* A maximum of what a ReLU gave is positive where the winner's input of the ReLU is. (Adding 0 makes 0 of -0, as adding to zeros
 * does.) */
static inline __attribute__((always_inline)) void hand_rectified(const mg_plain_pool *pool, mg_gate_rule gate,
                                                                 const float *m, float *m_in, int64_t kernel)
{
    const int64_t width = pool->width, step = kernel * width;
    const float *out = pool->out;
    const int32_t *winner = pool->winner;
    for (int64_t t = 0; t < pool->n; t++, out += width, winner += width, m += width, m_in += step)
        for (int64_t c = 0; c < width; c += WIDTH) {
            const ivec which = *(const ivec *)(winner + c);
            vec share = load(m + c);
            if (gate != MG_GATE_VALUE) share = positive(share);
            if (gate != MG_GATE_MULTIPLIER) share = masked(load(out + c) > 0.0f, share);
            share += (vec){0};
            for (int64_t j = 0; j < kernel; j++)
                store(m_in + j * width + c, masked(which == (int32_t)j, share));
        }
}

/* The usual sizes unrolled. */
static inline __attribute__((always_inline)) void hand_by_size(const mg_plain_pool *pool, mg_gate_rule gate,
                                                               const float *m, float *m_in)
{
    if (pool->kernel == 2)
        hand_rectified(pool, gate, m, m_in, 2);
    else if (pool->kernel == 3)
        hand_rectified(pool, gate, m, m_in, 3);
    else
        hand_rectified(pool, gate, m, m_in, pool->kernel);
}

static void rectified_pool(const mg_plain_pool *pool, mg_gate_rule gate, const float *m, float *m_in)
{
    if (gate == MG_GATE_VALUE)
        hand_by_size(pool, MG_GATE_VALUE, m, m_in);
    else if (gate == MG_GATE_BOTH)
        hand_by_size(pool, MG_GATE_BOTH, m, m_in);
    else
        hand_by_size(pool, MG_GATE_MULTIPLIER, m, m_in);
}

static void max_pool_cross(const mg_pool_pair *pair, const float *m, int64_t n, int64_t step, int64_t width,
                           float *m_in)
{
    for (int64_t c = 0; c < width; c += WIDTH) {
        ivec which = *(const ivec *)(pair->winner + c), which0 = *(const ivec *)(pair->winner0 + c);
        vec out = load(pair->out + c), out0 = load(pair->out0 + c), share = load(m + c);
        vec at_winner = {0}, at_winner0 = {0}; /* the reference's value there, and the input's */
        for (int64_t j = 0; j < n; j++) {
            at_winner = choose(which == (int32_t)j, load(pair->in0 + j * step + c), at_winner);
            at_winner0 = choose(which0 == (int32_t)j, load(pair->in + j * step + c), at_winner0);
        }
        vec credit = share * (out - out0);
        vec gain = choose(out == at_winner, share, masked(out > out0, credit / (out - at_winner)));
        vec loss = masked(out < out0, credit / (at_winner0 - out0));
        for (int64_t j = 0; j < n; j++) {
            float *to = m_in + j * step + c;
            store(to, load(to) + masked(which == (int32_t)j, gain) + masked(which0 == (int32_t)j, loss));
        }
    }
}

static inline vec stabilised(vec z, float epsilon)
{
    return z + choose(z >= 0.0f, all_lanes(epsilon), all_lanes(-epsilon));
}

static inline void gamma_shares(const mg_linear_rule *rule, vec bias, vec z, vec relevance, float *u, float *v)
{
    const float gamma = (float)rule->gamma;
    vec sum = load(u), positive_sum = sum + positive(bias), lifted = sum;
    ivec lifts_positive = (ivec){0} - 1;
    if (!rule->plain_bias) {
        lifts_positive = z > 0.0f;
        lifted = choose(lifts_positive, positive_sum, z - positive_sum);
    }
    vec lift = gamma * lifted;
    TOUCH(lift); /* rounded by itself on every instruction set */
    vec share = relevance / stabilised(z + lift, (float)rule->epsilon);
    vec plain = masked(relevance != 0.0f, share), more = masked(relevance != 0.0f, share * (1.0f + gamma));
    store(u, choose(lifts_positive, more, plain));
    store(v, choose(lifts_positive, plain, more));
}

static inline void alpha_beta_shares(const mg_linear_rule *rule, vec bias, vec relevance, float *u, float *v)
{
    const float alpha = (float)rule->alpha, epsilon = (float)rule->epsilon;
    vec up = load(u) + (rule->plain_bias ? bias : positive(bias)), share = {0};
    store(u, masked(relevance != 0.0f, alpha * relevance / stabilised(up, epsilon)));
    if (alpha != 1.0f) {
        vec down = load(v) + masked(bias < 0.0f, bias);
        share = masked(relevance != 0.0f, (1.0f - alpha) * relevance / stabilised(down, epsilon));
    }
    store(v, share);
}

static void lrp_shares(const mg_linear_rule *rule, const float *bias, const float *z, const float *m, int64_t n,
                       int64_t width, float *u, float *v)
{
    for (int64_t t = 0; t < n; t++)
        for (int64_t c = 0; c < width; c += WIDTH) {
            int64_t o = t * width + c;
            vec out = load(z + o), relevance = out * load(m + o);
            if (rule->kind == MG_LINEAR_GAMMA)
                gamma_shares(rule, load(bias + c), out, relevance, u + o, v + o);
            else
                alpha_beta_shares(rule, load(bias + c), relevance, u + o, v + o);
        }
}

static void line(const float *a, const float *b, float t, int64_t n, float *out)
{
    for (int64_t i = 0; i < n; i += WIDTH)
        store(out + i, load(a + i) + t * load(b + i));
}

extern const mg_layer_kernels MG_GLUE(mg_layer_kernels_, MG_ISA);
const mg_layer_kernels MG_GLUE(mg_layer_kernels_, MG_ISA) = {.relu = relu,
                                                             .relu_gradient = relu_gradient,
                                                             .relu_rescale = relu_rescale,
                                                             .max_pool_window = max_pool_window,
                                                             .max_pool_gradient = max_pool_gradient,
                                                             .rectified_pool = rectified_pool,
                                                             .max_pool_cross = max_pool_cross,
                                                             .lrp_shares = lrp_shares,
                                                             .line = line};
