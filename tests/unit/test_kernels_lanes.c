/* test_kernels_lanes.c  rows of mutants against their definitions, to the last bit, on each instruction set of this machine;
 * --seed N draws other shapes */
#include "tests/support/kernel_sets.h"

enum { N_RANDOM = 60, ROWS = 40 };

static float *draw_mutants(gsl_rng *rng, int64_t n)
{
    return draw_levels(rng, n * MG_MUTANTS);
}

static void check_dots(gsl_rng *rng, const kernel_set *set, int64_t n_outputs, int64_t n_entries, int64_t width)
{
    const float *weight[MG_LANE_OUTPUTS];
    mg_lane_entry *entry = allocate(n_entries + 1, sizeof *entry);
    float *rows = draw_mutants(rng, ROWS), *weights = draw_levels(rng, (n_entries + 1) * width);
    float *got = allocate_untouched((MG_LANE_OUTPUTS + 1) * MG_MUTANTS);
    float *wanted = allocate_untouched((MG_LANE_OUTPUTS + 1) * MG_MUTANTS);
    for (int64_t i = 0; i < n_entries; i++)
        entry[i] = (mg_lane_entry){.row = (int32_t)below(rng, ROWS), .weight = (int32_t)below(rng, n_entries)};
    for (int64_t o = 0; o < n_outputs; o++)
        weight[o] = weights + below(rng, width);
    set->kernels->lanes->dots(weight, width, n_outputs, entry, n_entries, rows, got);
    for (int64_t o = 0; o < n_outputs; o++)
        for (int m = 0; m < MG_MUTANTS; m++) {
            float sum = 0.0f;
            for (int64_t i = 0; i < n_entries; i++)
                sum = multiply_add(set->fused, weight[o][entry[i].weight * width], rows[entry[i].row * MG_MUTANTS + m],
                                   sum);
            wanted[o * MG_MUTANTS + m] = sum;
        }
    check_bits(set, "dots", got, wanted, (MG_LANE_OUTPUTS + 1) * MG_MUTANTS);
    free(entry);
    free(rows);
    free(weights);
    free(got);
    free(wanted);
}

static void check_gates(gsl_rng *rng, const kernel_set *set, bool all_zero)
{
    const mg_lane_kernels *lanes = set->kernels->lanes;
    float *row = draw_mutants(rng, 1), z = draw(rng), slope = below(rng, 2) == 0 ? 0.0f : 0.1f;
    float *got = allocate_untouched(MG_MUTANTS), *wanted = allocate_untouched(MG_MUTANTS);
    float *squares = draw_mutants(rng, 1), *squares_wanted = allocate(MG_MUTANTS, sizeof *squares);
    float zs = z * slope, a = z > zs ? z : zs;
    for (int m = 0; m < MG_MUTANTS && all_zero; m++)
        row[m] = 0.0f;
    memcpy(squares_wanted, squares, MG_MUTANTS * sizeof *squares);
    bool any = false;
    for (int m = 0; m < MG_MUTANTS; m++) {
        float x = row[m] + z, y = x * slope;
        wanted[m] = (x > y ? x : y) - a;
        any = any || wanted[m] != 0.0f;
    }
    for (int m = 0; m < MG_MUTANTS; m++)
        squares_wanted[m] = any ? multiply_add(set->fused, wanted[m], wanted[m], squares[m]) : squares[m];
    assert_int_equal(lanes->rectify_settle(z, a, slope, row, got, squares), any);
    if (any) check_bits(set, "rectify_settle", got, wanted, MG_MUTANTS);
    check_bits(set, "its squares", squares, squares_wanted, MG_MUTANTS);
    lanes->rectify(z, a, slope, row);
    check_bits(set, "rectify", row, wanted, MG_MUTANTS);
    assert_int_equal(lanes->settle(row, got, NULL), any);
    if (any) check_bits(set, "settle", got, wanted, MG_MUTANTS);
    free(row);
    free(got);
    free(wanted);
    free(squares);
    free(squares_wanted);
}

static void check_rows(gsl_rng *rng, const kernel_set *set)
{
    const mg_lane_kernels *lanes = set->kernels->lanes;
    float *row = draw_mutants(rng, 1), *to = draw_mutants(rng, 1), x = draw(rng), most = -INFINITY;
    float *wanted = allocate(MG_MUTANTS, sizeof *wanted);
    for (int m = 0; m < MG_MUTANTS; m++)
        wanted[m] = multiply_add(set->fused, x, row[m], to[m]);
    lanes->add(row, x, to);
    check_bits(set, "add", to, wanted, MG_MUTANTS);
    for (int m = 0; m < MG_MUTANTS; m++)
        wanted[m] = multiply_add(set->fused, row[m], row[m], to[m]);
    lanes->square(row, to);
    check_bits(set, "square", to, wanted, MG_MUTANTS);
    for (int m = 0; m < MG_MUTANTS; m++)
        most = row[m] > most ? row[m] : most;
    assert_true(lanes->largest(row) == most);
    free(row);
    free(to);
    free(wanted);
}

static void check_bounds(gsl_rng *rng, const kernel_set *set, int64_t n)
{
    const mg_lane_kernels *lanes = set->kernels->lanes;
    float *norm = draw_levels(rng, n), *bound = draw_levels(rng, n), *own = draw_levels(rng, n), x = draw(rng);
    float *wanted = allocate(n, sizeof *wanted);
    uint64_t *mask = allocate((n + 63) / 64, sizeof *mask);
    for (int64_t o = 0; o < n; o++)
        wanted[o] = multiply_add(set->fused, x, norm[o], bound[o]);
    lanes->bounds(norm, x, n, bound);
    check_bits(set, "bounds", bound, wanted, n);
    lanes->alive(own, bound, n, mask);
    for (int64_t o = 0; o < n; o++)
        assert_int_equal(mask[o / 64] >> (o % 64) & 1, own[o] + bound[o] >= 0.0f);
    free(norm);
    free(bound);
    free(own);
    free(wanted);
    free(mask);
}

static void check_pool(gsl_rng *rng, const kernel_set *set, int64_t n)
{
    float *z = draw_levels(rng, n), *rows = draw_mutants(rng, n), a = draw(rng);
    float *got = allocate_untouched(MG_MUTANTS), *wanted = allocate_untouched(MG_MUTANTS);
    const float **row = allocate(n, sizeof *row);
    for (int64_t k = 0; k < n; k++)
        row[k] = below(rng, 3) > 0 ? rows + k * MG_MUTANTS : NULL;
    for (int m = 0; m < MG_MUTANTS; m++) {
        float most = -INFINITY;
        for (int64_t k = 0; k < n; k++) {
            float x = row[k] != NULL ? z[k] + row[k][m] : z[k];
            most = x > most ? x : most;
        }
        wanted[m] = most - a;
    }
    set->kernels->lanes->max_pool(z, row, n, a, got);
    check_bits(set, "max_pool", got, wanted, MG_MUTANTS);
    free(z);
    free(rows);
    free(got);
    free(wanted);
    free(row);
}

static void test_lanes(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (int64_t o = 1; o <= MG_LANE_OUTPUTS; o++)
            check_dots(rng, &set[s], o, o == 1 ? 0 : between(rng, 1, 90), o % 2 == 0 ? MG_BLOCK : MG_LANES);
        for (int i = 0; i < N_RANDOM; i++) {
            check_dots(rng, &set[s], between(rng, 1, MG_LANE_OUTPUTS), between(rng, 0, 300),
                       below(rng, 2) == 0 ? MG_BLOCK : MG_LANES);
            check_gates(rng, &set[s], i % 5 == 0);
            check_rows(rng, &set[s]);
            check_bounds(rng, &set[s], MG_LANES * between(rng, 1, 12));
            check_pool(rng, &set[s], between(rng, 1, 9));
        }
        gsl_rng_free(rng);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lanes)};
    read_seed(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
