/* test_kernels_places.c  sums over the places of dense inputs, alone and with a max pooling behind them, against their
 * definitions, each instruction set of this machine, shapes at the edges and random ones; --seed N draws others */
#include "tests/support/kernel_rows.h"

enum { N_RANDOM = 150 };

static mg_places create_places(int64_t n_positions, int64_t stride)
{
    mg_places places = {.begin = allocate(n_positions + 1, sizeof *places.begin)};
    places.at = allocate(n_positions * stride + MG_LANES, sizeof *places.at);
    return places;
}

static void destroy_places(mg_places *places)
{
    free(places->begin);
    free(places->at);
}

/* Are they the places where any of x, (n_positions, stride), x_step floats apart, is not zero? */
static void check_places(const mg_places *places, const float *x, int64_t x_step, int64_t n_positions, int64_t stride)
{
    int32_t n = 0;
    assert_int_equal(places->begin[0], 0);
    for (int64_t i = 0; i < n_positions * stride; i++) {
        if (x[i] != 0 || x[x_step + i] != 0 || x[2 * x_step + i] != 0) assert_int_equal(places->at[n++], i);
        if ((i + 1) % stride == 0) assert_int_equal(places->begin[(i + 1) / stride], n);
    }
}

/* --- rows --- */

/* MG_SHARED inputs of a map at the positions of a window, step floats apart, and their places. */
static mg_sparse draw_sparse(gsl_rng *rng, const kernel_set *set, const mg_rows *op, const call *w)
{
    int64_t n = w->p_end - w->p_begin;
    mg_sparse in = {.x_step = n * op->in_stride + MG_LANES * below(rng, 2), .p_begin = w->p_begin, .p_end = w->p_end};
    float *x = allocate(MG_SHARED * in.x_step, sizeof *x);
    double share = draw_share(rng);
    for (int m = 0; m < MG_SHARED; m++)
        for (int64_t p = 0; p < n; p++)
            for (int64_t c = 0; c < op->in_channels; c++)
                if (gsl_rng_uniform(rng) < share)
                    x[m * in.x_step + p * op->in_stride + c] = below(rng, 9) == 0 ? -0.0f : draw(rng);
    in.x = x;
    in.places = create_places(n, op->in_stride);
    set->kernels->places->find(&in, op->in_stride, op->in_channels);
    check_places(&in.places, x, in.x_step, n, op->in_stride);
    return in;
}

static void destroy_sparse(mg_sparse *in)
{
    free((void *)(uintptr_t)in->x);
    destroy_places(&in->places);
}

static void fill_rows(const rows_case *r, const call *w, const float *x, bool with_bias, bool fused, float *out)
{
    for (int64_t t = w->t_begin; t < w->t_end; t++, out += r->op.out_stride)
        for (int64_t o = 0; o < r->op.out_stride; o++)
            out[o] = rows_ref(r, w, x, with_bias, t, o, fused);
}

static void check_rows(gsl_rng *rng, const kernel_set *set, const rows_case *r, const call *w)
{
    const mg_rows *op = &r->op;
    int64_t step = (w->t_end - w->t_begin) * op->out_stride + MG_LANES;
    bool with_bias = below(rng, 2) == 0;
    mg_sparse in = draw_sparse(rng, set, op, w);
    float *got = allocate_untouched(MG_SHARED * step), *wanted = allocate_untouched(MG_SHARED * step);
    set->kernels->places->rows(op, &in, w->t_begin, w->t_end, with_bias, got, step);
    for (int m = 0; m < MG_SHARED; m++)
        fill_rows(r, w, in.x + m * in.x_step, with_bias, set->fused, wanted + m * step);
    check_bits(set, "rows of places", got, wanted, MG_SHARED * step);
    destroy_sparse(&in);
    free(got);
    free(wanted);
}

/* --- with a ReLU and a dot product --- */

/* The definition: a sum for each lane of the channels, then halves to halves. */
static float dot_ref(const rows_case *r, const call *w, const float *x, int64_t t, const float *base,
                     const float *weight, bool fused)
{
    float lane[MG_LANES] = {0};
    for (int64_t c = 0; c < r->op.out_stride; c++) {
        float change = positive_ref(base[c] + rows_ref(r, w, x, false, t, c, fused)) - positive_ref(base[c]);
        lane[c % MG_LANES] = multiply_add(fused, change, weight[c], lane[c % MG_LANES]);
    }
    return add_halves_ref(lane);
}

static void check_dot_rows(gsl_rng *rng, const kernel_set *set, const rows_case *r)
{
    const mg_rows *op = &r->op;
    call w = draw_call(rng, op);
    mg_sparse in = draw_sparse(rng, set, op, &w);
    int64_t t = between(rng, 0, op->out_length - 1);
    float *base = draw_rows(rng, 1, op->out_stride, op->out_channels, 1);
    float *weight = draw_rows(rng, 1, op->out_stride, op->out_channels, 1), got[3 * MG_SHARED], wanted[3 * MG_SHARED];
    for (int k = 0; k < 3 * MG_SHARED; k++)
        got[k] = wanted[k] = untouched;
    set->kernels->places->dot_rows(op, &in, t, base, weight, got, 3);
    for (int m = 0; m < MG_SHARED; m++)
        wanted[3 * m] = dot_ref(r, &w, in.x + m * in.x_step, t, base, weight, set->fused);
    check_bits(set, "dot_rows", got, wanted, 3 * MG_SHARED);
    destroy_sparse(&in);
    free(base);
    free(weight);
}

/* Plain convolutions, with strides or not, and dense layers, of enough outputs. */
static shape draw_flat_shape(gsl_rng *rng)
{
    shape s;
    do {
        s = (shape){.taps = between(rng, 1, 9),
                    .dilation = 1,
                    .pad = between(rng, 0, 4),
                    .stride = below(rng, 2) == 0 ? 1 : between(rng, 2, 4),
                    .in_length = between(rng, 1, 20),
                    .in_channels = between(rng, 1, 40),
                    .out_channels = between(rng, MG_FLAT_OUTPUTS - MG_LANES + 1, MG_FLAT_PART)};
        if (below(rng, 3) == 0) s.out_channels = MG_FLAT_PART * between(rng, 2, 3) - below(rng, MG_LANES);
        if (below(rng, 8) == 0) s.taps = s.in_length; /* dense, or nearly so */
    } while (outputs_of(&s) == 0);
    return s;
}

static void test_rows(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (int i = 0; i < N_RANDOM; i++) {
            shape random = draw_flat_shape(rng);
            rows_case r = create_rows(rng, &random, true);
            call all = {0, r.op.in_length, 0, r.op.out_length}, some = draw_call(rng, &r.op);
            pack_flat(&r);
            check_rows(rng, &set[s], &r, &all);
            check_rows(rng, &set[s], &r, &some);
            check_dot_rows(rng, &set[s], &r);
            destroy_rows(&r);
        }
        gsl_rng_free(rng);
    }
}

/* --- pools --- */

/* The largest of n positions of base + delta from p on, delta beginning at position p_begin; delta NULL: the window. */
static float largest(const float *base, const float *delta, int64_t p_begin, int64_t p, int64_t n, int64_t stride,
                     int64_t c, bool with_relu)
{
    float best = with_relu ? 0.0f : -INFINITY;
    for (int64_t j = p; j < p + n; j++) {
        float x = base[j * stride + c] + (delta != NULL ? delta[(j - p_begin) * stride + c] : 0.0f);
        if (x > best) best = x;
    }
    return best;
}

/* A map's outputs in a window (`base`), what mutants change of those that pooled outputs t_begin .. t_end - 1 take, and of
 * these themselves. */
typedef struct {
    mg_pooling pooling;
    bool with_relu;
    int64_t stride, n_pooled, t_begin, t_end;
    float *base, *pooled, *wanted;
    int64_t step; /* of wanted, and of what is to be like it */
} pool_case;

static pool_case draw_pool(gsl_rng *rng, int64_t length, int64_t stride, bool apart)
{
    pool_case p = {.stride = stride, .with_relu = below(rng, 2) == 0};
    int64_t kernel = between(rng, 1, length < 5 ? length : 5);
    p.pooling = (mg_pooling){kernel, apart ? kernel + below(rng, 2) : between(rng, 1, kernel), 1, 0, length};
    p.n_pooled = pooled_length(&p.pooling);
    p.t_begin = between(rng, 0, p.n_pooled - 1);
    p.t_end = between(rng, p.t_begin, p.n_pooled);
    p.base = draw_rows(rng, length, stride, stride, 1);
    p.pooled = allocate(p.n_pooled * stride, sizeof *p.pooled);
    for (int64_t t = 0; t < p.n_pooled; t++)
        for (int64_t c = 0; c < stride; c++)
            p.pooled[t * stride + c] = largest(p.base, NULL, 0, t * p.pooling.step, kernel, stride, c, p.with_relu);
    p.step = (p.t_end - p.t_begin) * stride + MG_LANES;
    p.wanted = allocate_untouched(MG_SHARED * p.step);
    return p;
}

/* delta: differences of the map's outputs from position p_begin on, delta_step floats apart. */
static void fill_pool(pool_case *p, const float *delta, int64_t delta_step, int64_t p_begin)
{
    for (int m = 0; m < MG_SHARED; m++)
        for (int64_t t = p->t_begin; t < p->t_end; t++)
            for (int64_t c = 0; c < p->stride; c++)
                p->wanted[m * p->step + (t - p->t_begin) * p->stride + c] =
                    largest(p->base, delta + m * delta_step, p_begin, t * p->pooling.step, p->pooling.kernel, p->stride,
                            c, p->with_relu) -
                    p->pooled[t * p->stride + c];
}

static void check_pool(const kernel_set *set, const char *what, const pool_case *p, const float *got,
                       const mg_places *places)
{
    check_bits(set, what, got, p->wanted, MG_SHARED * p->step);
    check_places(places, got, p->step, p->t_end - p->t_begin, p->stride);
}

static void destroy_pool(pool_case *p)
{
    free(p->base);
    free(p->pooled);
    free(p->wanted);
}

static void check_max_pool(gsl_rng *rng, const kernel_set *set)
{
    int64_t length = between(rng, 1, 20), stride = MG_LANES * between(rng, 1, 9);
    pool_case p = draw_pool(rng, length, stride, below(rng, 2) == 0);
    int64_t begin = p.t_begin * p.pooling.step, end = length;
    float *delta = draw_rows(rng, MG_SHARED * (end - begin), stride, stride, draw_share(rng));
    mg_difference in = {p.base, delta, (end - begin) * stride, stride, begin, end};
    mg_places places = create_places(p.t_end - p.t_begin, stride);
    float *got = allocate_untouched(MG_SHARED * p.step);
    fill_pool(&p, delta, in.step, begin);
    set->kernels->places->max_pool(&in, &p.pooling, p.with_relu, p.pooled, p.t_begin, p.t_end, got, p.step, &places);
    check_pool(set, "max_pool to places", &p, got, &places);
    destroy_places(&places);
    destroy_pool(&p);
    free(delta);
    free(got);
}

static void check_pool_rows(gsl_rng *rng, const kernel_set *set, const rows_case *r)
{
    const mg_rows *op = &r->op;
    call w = draw_call(rng, op);
    pool_case p = draw_pool(rng, op->out_length, op->out_stride, true);
    mg_sparse in = draw_sparse(rng, set, op, &w);
    w.t_begin = 0;
    w.t_end = op->out_length;
    int64_t size = op->out_length * op->out_stride;
    float *delta = allocate(MG_SHARED * size, sizeof *delta), *got = allocate_untouched(MG_SHARED * p.step);
    for (int m = 0; m < MG_SHARED; m++)
        fill_rows(r, &w, in.x + m * in.x_step, false, set->fused, delta + m * size);
    fill_pool(&p, delta, size, 0);
    mg_places places = create_places(p.t_end - p.t_begin, op->out_stride);
    mg_pooled_rows step = {op, &p.pooling, p.with_relu, p.base, p.pooled};
    set->kernels->places->pool_rows(&step, &in, p.t_begin, p.t_end, got, p.step, &places);
    check_pool(set, "pool_rows", &p, got, &places);
    destroy_places(&places);
    destroy_sparse(&in);
    destroy_pool(&p);
    free(delta);
    free(got);
}

static void test_pools(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (int i = 0; i < N_RANDOM; i++) {
            shape random = draw_flat_shape(rng);
            rows_case r = create_rows(rng, &random, true);
            pack_flat(&r);
            check_max_pool(rng, &set[s]);
            check_pool_rows(rng, &set[s], &r);
            destroy_rows(&r);
        }
        gsl_rng_free(rng);
    }
}

int main(int argc, char **argv)
{
    read_seed(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_pools)};
    return cmocka_run_group_tests_name("kernels: places", tests, NULL, NULL);
}
