/* test_kernels_conv.c  dense products of linear maps against their definition, each instruction set of this machine, shapes
 * at the edges and random ones; --seed N draws others */
#include "tests/support/kernel_rows.h"

enum { N_RANDOM = 200 };

/* Output (t, o): taps, then channels, zeros or not. */
static float conv_ref(const rows_case *r, const float *in, bool with_bias, int64_t t, int64_t o, bool fused)
{
    const mg_rows *op = &r->op;
    float sum = with_bias ? op->bias[o] : 0.0f;
    for (int64_t k = 0; k < op->taps; k++) {
        int64_t at = t * op->step + k * op->dilation - op->pad;
        if (at % op->divide != 0 || at < 0 || at / op->divide >= op->in_length) continue;
        for (int64_t c = 0; c < op->in_channels; c++)
            sum = multiply_add(fused, in[at / op->divide * op->in_stride + c],
                               counted(op, r->plain[(k * op->in_channels + c) * op->out_stride + o]), sum);
    }
    return sum;
}

static void check_outputs(gsl_rng *rng, const kernel_set *set, const rows_case *r, int64_t t_begin, int64_t t_end)
{
    const mg_rows *op = &r->op;
    int64_t n = (t_end - t_begin) * op->out_stride;
    bool with_bias = below(rng, 2) == 0;
    float *in = draw_rows(rng, op->in_length, op->in_stride, op->in_channels, draw_share(rng));
    float *got = allocate_untouched(n + MG_LANES), *wanted = allocate_untouched(n + MG_LANES);
    set->kernels->conv->outputs(op, in, t_begin, t_end, with_bias, got);
    for (int64_t i = 0; i < n; i++)
        wanted[i] = conv_ref(r, in, with_bias, t_begin + i / op->out_stride, i % op->out_stride, set->fused);
    check_bits(set, "outputs", got, wanted, n + MG_LANES);
    free(in);
    free(got);
    free(wanted);
}

/* The sums of rows() to the last bit. */
static void check_like_rows(gsl_rng *rng, const kernel_set *set, const rows_case *r)
{
    const mg_rows *op = &r->op;
    int64_t n = op->out_length * op->out_stride;
    float *in = draw_rows(rng, op->in_length, op->in_stride, op->in_channels, draw_share(rng));
    float *got = allocate_untouched(n), *wanted = allocate_untouched(n);
    mg_list list = create_list(op->in_length, op->in_channels, 1);
    fill_list(in, 0, 1, op->in_length, op->in_stride, op->in_channels, &list);
    set->kernels->conv->outputs(op, in, 0, op->out_length, true, got);
    for (int64_t g = 0; g < op->n_groups; g++)
        set->kernels->rows(op, g, &list, 0, op->in_length, 0, op->out_length, true, wanted);
    check_bits(set, "outputs and rows", got, wanted, n);
    destroy_list(&list);
    free(in);
    free(got);
    free(wanted);
}

static void check_shape(gsl_rng *rng, const kernel_set *set, const shape *s)
{
    for (int forward = 0; forward < 2; forward++) {
        rows_case r = create_rows(rng, s, forward);
        int64_t begin = between(rng, 0, r.op.out_length), end = between(rng, begin, r.op.out_length);
        rows_case part = of_a_sign(rng, &r);
        check_outputs(rng, set, &part, 0, r.op.out_length);
        check_outputs(rng, set, &r, begin, end);
        check_like_rows(rng, set, &part);
        destroy_rows(&r);
    }
}

static void test_outputs(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        shape far = {3, 16, 16, 1, 40, 7, 70}, apart = {4, 9, 3, 4, 50, 5, 40}; /* taps that miss for most outputs */
        check_shape(rng, &set[s], &far);
        check_shape(rng, &set[s], &apart);
        for (size_t i = 0; i < N_EDGES; i++)
            check_shape(rng, &set[s], &edges[i]);
        for (int i = 0; i < N_RANDOM; i++) {
            shape random = draw_shape(rng);
            check_shape(rng, &set[s], &random);
        }
        gsl_rng_free(rng);
    }
}

int main(int argc, char **argv)
{
    read_seed(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_outputs)};
    return cmocka_run_group_tests_name("kernels: dense convolutions", tests, NULL, NULL);
}
