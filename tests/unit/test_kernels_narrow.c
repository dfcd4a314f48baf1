/* test_kernels_narrow.c  sums of few channels, and those by sign, against their definitions, each instruction set of this machine,
 * shapes at the edges and random ones; --seed N draws others */
#include "tests/support/kernel_rows.h"

enum { N_RANDOM = 200, GUARD = 4 };

static void check_sums(const kernel_set *set, const rows_case *r, const float *x)
{
    const mg_rows *op = &r->op;
    call all = {0, op->in_length, 0, op->out_length};
    int64_t guard = GUARD * op->out_stride, n = 2 * guard + op->out_length * op->out_stride;
    float *got = allocate_untouched(n), *wanted = allocate_untouched(n), *to = wanted + guard;
    for (int64_t t = 0; t < op->out_length; t++)
        for (int64_t o = 0; o < op->out_stride; o++)
            *to++ = rows_ref(r, &all, x, false, t, o, set->fused);
    set->kernels->narrow->sums(op, x, got + guard);
    check_bits(set, "sums", got, wanted, n);
    free(got);
    free(wanted);
}

/* Each sum is rounded by itself, then they are added. */
static void check_sums_by_sign(const kernel_set *set, const rows_case *r, const float *u, const float *v)
{
    const mg_rows *op = &r->op;
    call all = {0, op->in_length, 0, op->out_length};
    rows_case positive = *r, negative = *r;
    int64_t guard = GUARD * op->out_stride, n = 2 * guard + op->out_length * op->out_stride;
    float *got = allocate_untouched(n), *wanted = allocate_untouched(n), *to = wanted + guard;
    positive.op.sign = 1.0f;
    negative.op.sign = -1.0f;
    for (int64_t t = 0; t < op->out_length; t++)
        for (int64_t o = 0; o < op->out_stride; o++)
            *to++ = rows_ref(&positive, &all, u, false, t, o, set->fused) +
                    rows_ref(&negative, &all, v, false, t, o, set->fused);
    set->kernels->narrow->sums_by_sign(op, u, v, got + guard);
    check_bits(set, "sums_by_sign", got, wanted, n);
    free(got);
    free(wanted);
}

/* The map back of a convolution that reads bases, or four other channels, or fewer. */
static void check_shape(gsl_rng *rng, const kernel_set *set, const shape *s)
{
    rows_case r = create_rows(rng, s, false);
    int64_t length = r.op.in_length, stride = r.op.in_stride, channels = r.op.in_channels;
    float *u = draw_rows(rng, length, stride, channels, draw_share(rng));
    float *v = draw_rows(rng, length, stride, channels, draw_share(rng));
    pack_narrow(&r);
    check_sums(set, &r, u);
    check_sums_by_sign(set, &r, u, v);
    free(u);
    free(v);
    destroy_rows(&r);
}

static const shape at_the_edges[] = {
    /* taps, dilation, pad, stride, length, in, out */
    {1, 1, 0, 1, 2, 1, 1},    /* nothing to it */
    {1, 1, 3, 1, 2, 4, 16},   /* outputs of padding alone */
    {7, 1, 0, 1, 203, 4, 32}, /* TISRover+ */
    {29, 1, 14, 1, 40, 4, 5}, /* as many taps as there may be */
    {7, 1, 6, 1, 3, 4, 20},   /* more padding than input */
    {2, 1, 0, 1, 30, 4, MG_NARROW_CHANNELS},
};

static shape draw_narrow_shape(gsl_rng *rng)
{
    shape s;
    do {
        s = (shape){.taps = between(rng, 1, MG_NARROW_TAPS),
                    .dilation = 1,
                    .pad = between(rng, 0, 6),
                    .stride = 1,
                    .in_length = between(rng, 2, 60),
                    .in_channels = between(rng, 1, MG_NARROW),
                    .out_channels = between(rng, 1, 80)};
    } while (outputs_of(&s) == 0);
    return s;
}

static void test_sums(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (size_t i = 0; i < sizeof at_the_edges / sizeof *at_the_edges; i++)
            check_shape(rng, &set[s], &at_the_edges[i]);
        for (int i = 0; i < N_RANDOM; i++) {
            shape random = draw_narrow_shape(rng);
            check_shape(rng, &set[s], &random);
        }
        gsl_rng_free(rng);
    }
}

int main(int argc, char **argv)
{
    read_seed(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sums)};
    return cmocka_run_group_tests_name("kernels: narrow", tests, NULL, NULL);
}
