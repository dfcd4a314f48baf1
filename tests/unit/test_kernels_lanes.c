/* test_kernels_lanes.c  rows of mutants against their definitions, to the last bit, on each instruction set of this machine;
 * --seed N draws other shapes */
#include "tests/support/kernel_sets.h"

enum { N_RANDOM = 60, ROWS = 40 };

static float *draw_mutants(gsl_rng *rng, int64_t n)
{
    return draw_levels(rng, n * MG_MUTANTS);
}

/* Some of n channels, as bits. */
static uint64_t *draw_mask(gsl_rng *rng, int64_t words)
{
    uint64_t *mask = allocate(words, sizeof *mask);
    for (int64_t c = 0; c < words * 64; c++)
        if (below(rng, 3) == 0) mask[c / 64] |= (uint64_t)1 << (c % 64);
    return mask;
}

static bool listed(const uint64_t *mask, int64_t c)
{
    return (mask[c / 64] >> (c % 64) & 1) != 0;
}

static void check_dots(gsl_rng *rng, const kernel_set *set, int64_t n_outputs, int64_t n_entries, int64_t width)
{
    const float *weight[MG_LANE_OUTPUTS];
    mg_lane_list list = {n_entries, allocate(n_entries + 1, sizeof *list.row),
                         allocate(n_entries + 1, sizeof *list.weight)};
    float *rows = draw_mutants(rng, ROWS), *weights = draw_levels(rng, (n_entries + 1) * width);
    float *got = allocate_untouched((MG_LANE_OUTPUTS + 1) * MG_MUTANTS);
    float *wanted = allocate_untouched((MG_LANE_OUTPUTS + 1) * MG_MUTANTS);
    for (int64_t i = 0; i < n_entries; i++) {
        list.row[i] = (int32_t)below(rng, ROWS);
        list.weight[i] = (int32_t)below(rng, n_entries);
    }
    for (int64_t o = 0; o < n_outputs; o++)
        weight[o] = weights + below(rng, width);
    set->kernels->lanes->dots(weight, width, n_outputs, &list, rows, got);
    for (int64_t o = 0; o < n_outputs; o++)
        for (int m = 0; m < MG_MUTANTS; m++) {
            float sum = 0.0f;
            for (int64_t i = 0; i < n_entries; i++)
                sum = multiply_add(set->fused, weight[o][list.weight[i] * width], rows[list.row[i] * MG_MUTANTS + m],
                                   sum);
            wanted[o * MG_MUTANTS + m] = sum;
        }
    check_bits(set, "dots", got, wanted, (MG_LANE_OUTPUTS + 1) * MG_MUTANTS);
    free(list.row);
    free(list.weight);
    free(rows);
    free(weights);
    free(got);
    free(wanted);
}

static void check_channels(gsl_rng *rng, const kernel_set *set, int64_t words, int32_t taps)
{
    uint64_t *mask = draw_mask(rng, words);
    int64_t n = 3, room = words * 64 + 3 + MG_LANES;
    mg_lane_list list = {n, allocate(room, sizeof *list.row), allocate(room, sizeof *list.weight)};
    set->kernels->lanes->list(mask, words, 100, 7, taps, &list);
    for (int32_t c = 0; c < words * 64; c++)
        if (listed(mask, c)) {
            assert_int_equal(list.row[n], 100 + c);
            assert_int_equal(list.weight[n++], 7 + c * taps);
        }
    assert_int_equal(list.n, n);
    free(mask);
    free(list.row);
    free(list.weight);
}

static void check_first(gsl_rng *rng, const kernel_set *set, int64_t n_outputs)
{
    enum { APART = 40 };
    float *weights = draw_levels(rng, MG_LANE_OUTPUTS * 4 * APART), *change = draw_mutants(rng, 4);
    float *got = allocate_untouched(MG_LANE_OUTPUTS * MG_MUTANTS),
          *wanted = allocate_untouched(MG_LANE_OUTPUTS * MG_MUTANTS);
    const float *weight[MG_LANE_OUTPUTS];
    for (int64_t o = 0; o < n_outputs; o++) {
        weight[o] = weights + o * 4 * APART + below(rng, APART - MG_SITES + 1);
        for (int m = 0; m < MG_MUTANTS; m++) {
            float sum = 0.0f;
            for (int b = 0; b < 4; b++)
                sum = multiply_add(set->fused, weight[o][b * APART + m % MG_SITES], change[b * MG_MUTANTS + m], sum);
            wanted[o * MG_MUTANTS + m] = sum;
        }
    }
    set->kernels->lanes->first(weight, APART, n_outputs, change, got);
    check_bits(set, "first", got, wanted, MG_LANE_OUTPUTS * MG_MUTANTS);
    free(weights);
    free(change);
    free(got);
    free(wanted);
}

static bool any_of_row(const float *row)
{
    for (int m = 0; m < MG_MUTANTS; m++)
        if (row[m] != 0.0f) return true;
    return false;
}

/* rectify() and settle(), one row at a time. */
static void check_gates(gsl_rng *rng, const kernel_set *set, bool all_zero)
{
    const mg_lane_kernels *lanes = set->kernels->lanes;
    float *row = draw_mutants(rng, 1), z = draw(rng), slope = below(rng, 2) == 0 ? 0.0f : 0.1f;
    float *got = allocate_untouched(MG_MUTANTS), *wanted = allocate_untouched(MG_MUTANTS);
    float *squares = draw_mutants(rng, 1), *squares_wanted = allocate(MG_MUTANTS, sizeof *squares);
    float zs = z * slope, a = z > zs ? z : zs;
    for (int m = 0; m < MG_MUTANTS && all_zero; m++)
        row[m] = 0.0f;
    for (int m = 0; m < MG_MUTANTS; m++) {
        float x = row[m] + z, y = x * slope;
        wanted[m] = (x > y ? x : y) - a;
    }
    bool any = any_of_row(wanted);
    for (int m = 0; m < MG_MUTANTS; m++)
        squares_wanted[m] = any ? multiply_add(set->fused, wanted[m], wanted[m], squares[m]) : squares[m];
    lanes->rectify(z, a, slope, row);
    check_bits(set, "rectify", row, wanted, MG_MUTANTS);
    assert_int_equal(lanes->settle(row, got, squares), any);
    if (any) check_bits(set, "settle", got, wanted, MG_MUTANTS);
    check_bits(set, "its squares", squares, squares_wanted, MG_MUTANTS);
    assert_int_equal(lanes->settle(row, got, NULL), any);
    free(row);
    free(got);
    free(wanted);
    free(squares);
    free(squares_wanted);
}

/* Ascending channels below 128; returns how many. */
static int64_t draw_channels(gsl_rng *rng, int64_t *channel)
{
    int64_t n = 0;
    for (int64_t c = 0; c < 128 && n < MG_LANE_OUTPUTS; c++)
        if (below(rng, 12) == 0) channel[n++] = c;
    return n;
}

/* keep() is rectify() and settle() of each row. */
static void check_keep(gsl_rng *rng, const kernel_set *set, bool packed, bool gated)
{
    const mg_lane_kernels *lanes = set->kernels->lanes;
    int64_t channel[MG_LANE_OUTPUTS], n = draw_channels(rng, channel), kept = 0;
    float *rows = draw_mutants(rng, MG_LANE_OUTPUTS), *z = draw_levels(rng, 128), *a = draw_levels(rng, 128);
    float *slope = draw_levels(rng, 128), *got = allocate_untouched(128 * MG_MUTANTS);
    float *wanted = allocate_untouched(128 * MG_MUTANTS), *squares = draw_mutants(rng, 1);
    float *squares_wanted = allocate(MG_MUTANTS, sizeof *squares);
    uint64_t mask[2] = {0, 0}, mask_wanted[2] = {0, 0};
    memset(rows, 0, MG_MUTANTS * sizeof *rows);
    memcpy(squares_wanted, squares, MG_MUTANTS * sizeof *squares);
    for (int64_t c = 0; c < 128; c++) {
        slope[c] = below(rng, 2) == 0 ? 0.0f : 0.25f;
        a[c] = z[c] > z[c] * slope[c] ? z[c] : z[c] * slope[c];
    }
    const mg_lane_gate gate = {z, a, slope};
    const int64_t got_kept = lanes->keep(gated ? &gate : NULL, channel, n, rows, packed, got, mask, squares);
    for (int64_t i = 0; i < n; i++) {
        int64_t c = channel[i];
        if (gated) lanes->rectify(z[c], a[c], slope[c], rows + i * MG_MUTANTS);
        if (!lanes->settle(rows + i * MG_MUTANTS, wanted + (packed ? kept : c) * MG_MUTANTS, squares_wanted)) continue;
        mask_wanted[c / 64] |= (uint64_t)1 << (c % 64);
        kept++;
    }
    assert_int_equal(got_kept, kept);
    assert_memory_equal(mask, mask_wanted, sizeof mask);
    check_bits(set, "keep", got, wanted, 128 * MG_MUTANTS);
    check_bits(set, "its squares", squares, squares_wanted, MG_MUTANTS);
    free(rows);
    free(z);
    free(a);
    free(slope);
    free(got);
    free(wanted);
    free(squares);
    free(squares_wanted);
}

static void check_merge(gsl_rng *rng, const kernel_set *set, int64_t words, bool squared)
{
    uint64_t *added = draw_mask(rng, words), *mask = draw_mask(rng, words), *old = allocate(words, sizeof *old);
    float *rows = draw_mutants(rng, words * 64), *to = draw_mutants(rng, words * 64), most = 0.0f;
    float *wanted = allocate(words * 64 * MG_MUTANTS, sizeof *wanted), squares[MG_MUTANTS] = {0};
    memcpy(wanted, to, (size_t)(words * 64 * MG_MUTANTS) * sizeof *to);
    memcpy(old, mask, (size_t)words * sizeof *old);
    int64_t next = 0;
    for (int64_t c = 0; c < words * 64; c++)
        for (int m = 0; listed(added, c) && m < MG_MUTANTS; m++)
            wanted[c * MG_MUTANTS + m] = listed(old, c) ? to[c * MG_MUTANTS + m] + rows[next++] : rows[next++];
    for (int64_t w = 0; w < words; w++) /* of 64 channels, those added before the others */
        for (int first = 1; first >= 0; first--)
            for (int64_t c = w * 64; c < w * 64 + 64; c++)
                for (int m = 0; listed(added, c) == (first == 1) && (first == 1 || listed(old, c)) && m < MG_MUTANTS;
                     m++)
                    squares[m] =
                        multiply_add(set->fused, wanted[c * MG_MUTANTS + m], wanted[c * MG_MUTANTS + m], squares[m]);
    for (int m = 0; squared && m < MG_MUTANTS; m++)
        most = squares[m] > most ? squares[m] : most;
    assert_true(set->kernels->lanes->merge(added, words, rows, squared, to, mask) == most);
    check_bits(set, "merge", to, wanted, words * 64 * MG_MUTANTS);
    for (int64_t w = 0; w < words; w++)
        assert_true(mask[w] == (old[w] | added[w]));
    free(added);
    free(mask);
    free(old);
    free(rows);
    free(to);
    free(wanted);
}

/* weigh() and correct() */
static void check_totals(gsl_rng *rng, const kernel_set *set)
{
    int64_t channel[MG_LANE_OUTPUTS], n = draw_channels(rng, channel);
    uint64_t *mask = draw_mask(rng, 2);
    float *rows = draw_mutants(rng, 128), *x = draw_levels(rng, 128), *z = draw_levels(rng, 128);
    float *slope = draw_levels(rng, 128), *total = draw_mutants(rng, 1), *wanted = allocate(MG_MUTANTS, sizeof *wanted);
    for (int64_t c = 0; c < 128; c++)
        slope[c] = below(rng, 2) == 0 ? 0.0f : 0.25f;
    memcpy(wanted, total, MG_MUTANTS * sizeof *total);
    for (int64_t c = 0; c < 128; c++)
        for (int m = 0; listed(mask, c) && m < MG_MUTANTS; m++)
            wanted[m] = multiply_add(set->fused, x[c], rows[c * MG_MUTANTS + m], wanted[m]);
    set->kernels->lanes->weigh(mask, 2, rows, x, total);
    check_bits(set, "weigh", total, wanted, MG_MUTANTS);
    const mg_lane_gate gate = {z, NULL, slope};
    for (int64_t i = 0; i < n; i++)
        for (int m = 0; m < MG_MUTANTS; m++) {
            int64_t c = channel[i];
            float y = rows[i * MG_MUTANTS + m] + z[c], over = z[c] > 0.0f ? -y : y;
            wanted[m] = multiply_add(set->fused, x[c] * (1.0f - slope[c]), over > 0.0f ? over : 0.0f, wanted[m]);
        }
    set->kernels->lanes->correct(&gate, x, channel, n, rows, total);
    check_bits(set, "correct", total, wanted, MG_MUTANTS);
    free(mask);
    free(rows);
    free(x);
    free(z);
    free(slope);
    free(total);
    free(wanted);
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

static void check_bounds(gsl_rng *rng, const kernel_set *set, int64_t n, int64_t n_taps)
{
    float *norms = draw_levels(rng, n * n_taps), *own = draw_levels(rng, n), *x = draw_levels(rng, n_taps);
    const float **norm = allocate(n_taps, sizeof *norm);
    uint64_t *alive = allocate((n + 63) / 64, sizeof *alive), *undecided = allocate((n + 63) / 64, sizeof *undecided);
    for (int64_t k = 0; k < n_taps; k++)
        norm[k] = norms + k * n;
    set->kernels->lanes->certify(norm, x, n_taps, own, n, alive, undecided);
    for (int64_t o = 0; o < n; o++) {
        float bound = 0.0f;
        for (int64_t k = 0; k < n_taps; k++)
            bound = multiply_add(set->fused, x[k], norm[k][o], bound);
        assert_int_equal(listed(alive, o), own[o] + bound >= 0.0f);
        assert_int_equal(listed(undecided, o), own[o] + bound >= 0.0f && own[o] - bound <= 0.0f);
    }
    free(norms);
    free(own);
    free(x);
    free(norm);
    free(alive);
    free(undecided);
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
            check_channels(rng, &set[s], between(rng, 1, 3), (int32_t)between(rng, 1, 9));
            check_first(rng, &set[s], between(rng, 1, MG_LANE_OUTPUTS));
            check_keep(rng, &set[s], i % 2 == 0, i % 3 == 0);
            check_merge(rng, &set[s], between(rng, 1, 3), i % 2 == 0);
            check_totals(rng, &set[s]);
            check_bounds(rng, &set[s], MG_LANES * between(rng, 1, 12), between(rng, 1, 5));
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
