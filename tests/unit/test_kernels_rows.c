/* test_kernels_rows.c  compaction, sums of weight rows and dense products against their definitions, each instruction set
 * of this machine, shapes at the edges and random ones; --seed N draws others */
#include "tests/support/kernel_rows.h"

enum { N_RANDOM = 150 };

/* --- compaction --- */

/* Numbers that are hard to tell from zero. */
static float odd_number(gsl_rng *rng)
{
    static const float odd[] = {0.0f, -0.0f, 1e-45f, -1e-45f, NAN, INFINITY, -INFINITY, 3.4e38f};
    return odd[below(rng, 8)];
}

static void check_compact(gsl_rng *rng, const kernel_set *set, int64_t n, int64_t channels, double share)
{
    int64_t stride = padded(channels) + MG_LANES * below(rng, 2), step = n * stride + MG_LANES;
    float *x = allocate(MG_SHARED * step, sizeof *x);
    for (int m = 0; m < MG_SHARED; m++)
        for (int64_t p = 0; p < n; p++)
            for (int64_t c = 0; c < channels; c++)
                if (gsl_rng_uniform(rng) < share)
                    x[m * step + p * stride + c] = below(rng, 4) == 0 ? odd_number(rng) : draw(rng);
    mg_list got = create_list(n, channels, MG_SHARED), wanted = create_list(n, channels, MG_SHARED);
    set->kernels->compact(x, n, stride, channels, &got);
    fill_list(x, step, 1, n, stride, channels, &wanted);
    check_list(set, "compact", &got, &wanted, n, 1);
    set->kernels->compact_shared(x, step, n, stride, channels, &got);
    fill_list(x, step, MG_SHARED, n, stride, channels, &wanted);
    check_list(set, "compact_shared", &got, &wanted, n, MG_SHARED);
    set->kernels->compact_pair(x, x + step, n, stride, channels, &got);
    fill_list(x, step, 2, n, stride, channels, &wanted);
    check_list(set, "compact_pair", &got, &wanted, n, 2);
    destroy_list(&got);
    destroy_list(&wanted);
    free(x);
}

static void test_compact(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        check_compact(rng, &set[s], 0, 1, 1);
        check_compact(rng, &set[s], 5, 40, 0);
        check_compact(rng, &set[s], 5, 48, 1);
        for (int i = 0; i < N_RANDOM; i++)
            check_compact(rng, &set[s], between(rng, 1, 30), between(rng, 1, 70), draw_share(rng));
        gsl_rng_free(rng);
    }
}

/* --- rows --- */

/* The group's columns of the outputs, as they should be, of one input; the others are left. */
static void fill_group(const rows_case *r, const call *w, int64_t group, const float *x, bool with_bias, bool fused,
                       float *out)
{
    const mg_rows *op = &r->op;
    int64_t first = group * op->group_blocks * MG_BLOCK, end = first + op->group_blocks * MG_BLOCK;
    if (end > op->out_stride) end = op->out_stride;
    for (int64_t t = w->t_begin; t < w->t_end; t++, out += op->out_stride)
        for (int64_t o = first; o < end; o++)
            out[o] = rows_ref(r, w, x, with_bias, t, o, fused);
}

enum { GUARD = 4 }; /* rows before and behind the outputs that must stay as they are */

static void check_rows(const kernel_set *set, const rows_case *r, const call *w, const float *x, bool with_bias)
{
    const mg_rows *op = &r->op;
    int64_t guard = GUARD * op->out_stride, n = 2 * guard + (w->t_end - w->t_begin) * op->out_stride;
    mg_list list = create_list(w->p_end - w->p_begin, op->in_channels, 1);
    fill_list(x, 0, 1, w->p_end - w->p_begin, op->in_stride, op->in_channels, &list);
    float *got = allocate_untouched(n), *wanted = allocate_untouched(n);
    for (int64_t g = 0; g < op->n_groups; g++) {
        set->kernels->rows(op, g, &list, w->p_begin, w->p_end, w->t_begin, w->t_end, with_bias, got + guard);
        fill_group(r, w, g, x, with_bias, set->fused, wanted + guard);
        check_bits(set, "rows", got, wanted, n);
    }
    destroy_list(&list);
    free(got);
    free(wanted);
}

static void check_shared_rows(const kernel_set *set, const rows_case *r, const call *w, const float *x, int64_t x_step,
                              bool with_bias)
{
    const mg_rows *op = &r->op;
    int64_t guard = GUARD * op->out_stride, step = guard + (w->t_end - w->t_begin) * op->out_stride;
    int64_t n = guard + MG_SHARED * step;
    mg_list list = create_list(w->p_end - w->p_begin, op->in_channels, MG_SHARED);
    fill_list(x, x_step, MG_SHARED, w->p_end - w->p_begin, op->in_stride, op->in_channels, &list);
    float *got = allocate_untouched(n), *wanted = allocate_untouched(n);
    for (int64_t g = 0; g < op->n_groups; g++) {
        set->kernels->shared_rows(op, g, &list, w->p_begin, w->p_end, w->t_begin, w->t_end, with_bias, got + guard,
                                  step);
        for (int m = 0; m < MG_SHARED; m++)
            fill_group(r, w, g, x + m * x_step, with_bias, set->fused, wanted + guard + m * step);
        check_bits(set, "shared_rows", got, wanted, n);
    }
    destroy_list(&list);
    free(got);
    free(wanted);
}

/* A pair: the first input meets the positive weights, the second the negative ones. */
static void check_rows_by_sign(const kernel_set *set, const rows_case *r, const float *x, int64_t x_step)
{
    const mg_rows *op = &r->op;
    call all = {0, op->in_length, 0, op->out_length};
    int64_t guard = GUARD * op->out_stride, step = guard + op->out_length * op->out_stride, n = guard + 2 * step;
    rows_case part = *r;
    mg_list list = create_list(op->in_length, op->in_channels, 2);
    fill_list(x, x_step, 2, op->in_length, op->in_stride, op->in_channels, &list);
    float *got = allocate_untouched(n), *wanted = allocate_untouched(n);
    for (int64_t g = 0; g < op->n_groups; g++) {
        set->kernels->rows_by_sign(op, g, &list, got + guard, step);
        for (int m = 0; m < 2; m++) {
            part.op.sign = m == 0 ? 1.0f : -1.0f;
            fill_group(&part, &all, g, x + m * x_step, false, set->fused, wanted + guard + m * step);
        }
        check_bits(set, "rows_by_sign", got, wanted, n);
    }
    destroy_list(&list);
    free(got);
    free(wanted);
}

static void check_call(gsl_rng *rng, const kernel_set *set, const rows_case *r, const call *w, double share)
{
    const mg_rows *op = &r->op;
    int64_t step = (w->p_end - w->p_begin) * op->in_stride;
    float *x = draw_rows(rng, MG_SHARED * (w->p_end - w->p_begin), op->in_stride, op->in_channels, share);
    rows_case part = of_a_sign(rng, r);
    check_rows(set, &part, w, x, below(rng, 2) == 0);
    check_shared_rows(set, r, w, x, step, below(rng, 2) == 0);
    bool whole = w->p_begin == 0 && w->p_end == op->in_length;
    if (whole && mg_rows_roll(op)) check_rows_by_sign(set, r, x, step);
    free(x);
}

static void check_shape(gsl_rng *rng, const kernel_set *set, const shape *s, int n_windows)
{
    for (int forward = 0; forward < 2; forward++) {
        rows_case r = create_rows(rng, s, forward);
        call all = {0, r.op.in_length, 0, r.op.out_length};
        check_call(rng, set, &r, &all, draw_share(rng));
        for (int i = 0; i < n_windows; i++) {
            call some = draw_call(rng, &r.op);
            check_call(rng, set, &r, &some, draw_share(rng));
        }
        destroy_rows(&r);
    }
}

static void test_rows_at_the_edges(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (size_t i = 0; i < N_EDGES; i++)
            check_shape(rng, &set[s], &edges[i], 6);
        gsl_rng_free(rng);
    }
}

static void test_rows(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (int i = 0; i < N_RANDOM; i++) {
            shape random = draw_shape(rng);
            check_shape(rng, &set[s], &random, 1);
        }
        gsl_rng_free(rng);
    }
}

/* --- dense products --- */

static void check_product(gsl_rng *rng, const kernel_set *set, const shape *s, int64_t n_rows)
{
    rows_case r = create_rows(rng, s, true);
    const mg_rows *op = &r.op;
    int64_t in_step = op->in_stride * between(rng, 1, 3), out_step = op->out_stride + MG_LANES * below(rng, 2);
    int64_t n_in = (n_rows - 1) * in_step + span_of(s) * op->in_stride;
    float *in = draw_rows(rng, 1, n_in, n_in, 0.8), *got = allocate_untouched(n_rows * out_step);
    float *wanted = allocate_untouched(n_rows * out_step);
    set->kernels->dense->product(op, in, in_step, n_rows, got, out_step);
    for (int64_t i = 0; i < n_rows; i++)
        for (int64_t o = 0; o < op->out_stride; o++) {
            float sum = op->bias[o];
            for (int64_t k = 0; k < op->taps; k++)
                for (int64_t c = 0; c < op->in_channels; c++)
                    sum = multiply_add(set->fused, in[i * in_step + k * op->dilation * op->in_stride + c],
                                       r.plain[(k * op->in_channels + c) * op->out_stride + o], sum);
            wanted[i * out_step + o] = sum;
        }
    check_bits(set, "product", got, wanted, n_rows * out_step);
    free(in);
    free(got);
    free(wanted);
    destroy_rows(&r);
}

static void test_dense_product(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (size_t i = 0; i < N_EDGES; i++)
            check_product(rng, &set[s], &edges[i], 1);
        for (int i = 0; i < N_RANDOM / 3; i++) {
            shape random = draw_shape(rng);
            check_product(rng, &set[s], &random, between(rng, 1, 30));
        }
        gsl_rng_free(rng);
    }
}

/* Sum i begins at i and grows by n times 1e-9: only that of 0 sees it in float32. */
static void test_peak(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        float begin = 0;
        for (int i = 0; i < MG_PEAK_SUMS; i++)
            begin += (float)i;
        float parts = set[s].kernels->dense->peak(0) / begin;
        assert_true(parts == 1 || parts == 2 || parts == 4);
        float grown = set[s].kernels->dense->peak(1000000) - set[s].kernels->dense->peak(0);
        assert_true(fabsf(grown - 1e-3f * parts) < 1e-4f);
    }
}

int main(int argc, char **argv)
{
    read_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compact), cmocka_unit_test(test_rows_at_the_edges),
        cmocka_unit_test(test_rows),    cmocka_unit_test(test_dense_product),
        cmocka_unit_test(test_peak),
    };
    return cmocka_run_group_tests_name("kernels: rows", tests, NULL, NULL);
}
