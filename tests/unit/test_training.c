/* test_training.c  what surrounds the gradients: windows, draws, augmentation, optimisers, what is kept
 *
 * Small cases worked out by hand, and laws: a draw is a choice without repeats, a mask spares the start codon, a packed
 * training is the same training.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/task/starts/substitution.h"
#include "src/core/random.h"
#include "src/training/augment.h"
#include "src/training/draw.h"
#include "src/training/recipe.h"
#include "src/training/training.h"
#include "tests/support/small_dataset.h"

/* --- dataset --- */

static void test_distinct(void **state)
{
    (void)state;
    mg_dataset d = {.length = LENGTH};
    add(&d, 0, 7, 0, MG_TRAINED_ON);
    add(&d, 0, 8, 1, MG_TRAINED_ON);
    add(&d, 1, 7, 1, MG_TRAINED_ON); /* a start after all */
    add(&d, 2, 8, 1, MG_HELD_OUT);   /* held out after all */
    add(&d, 2, 9, 0, MG_HELD_OUT);
    add(&d, 3, 10, 0, MG_SET_ASIDE);
    add(&d, 4, 10, 1, MG_HELD_OUT); /* what is set aside stays so */
    assert_int_equal(d.n, 4);
    assert_int_equal(d.n_occurrences, 7);
    assert_true(d.sample[3].part == MG_SET_ASIDE && d.sample[3].start);
    assert_true(d.sample[0].start && d.sample[0].part == MG_TRAINED_ON && d.sample[0].disagreed);
    assert_true(d.sample[1].start && d.sample[1].part == MG_HELD_OUT && !d.sample[1].disagreed);
    assert_true(!d.sample[2].start && d.sample[2].part == MG_HELD_OUT);
    mg_dataset_counts counts = mg_dataset_count(&d);
    assert_true(counts.n_starts[0] == 1 && counts.n_others[0] == 0 && counts.n_starts[1] == 1 &&
                counts.n_others[1] == 1 && counts.n_disagreed[MG_TRAINED_ON] == 1 &&
                counts.n_disagreed[MG_SET_ASIDE] == 1 && counts.n_starts[MG_SET_ASIDE] == 1 &&
                counts.n_others[MG_SET_ASIDE] == 0);
    /* transcripts 0, 1 and 2 share windows, and so do 3 and 4; of one gene, 1 and 4 tie all of them */
    assert_int_equal(mg_dataset_cluster(&d, NULL, 0, "transcript", NULL), MG_OK);
    assert_true(d.sample[0].cluster == 0 && d.sample[1].cluster == 0 && d.sample[2].cluster == 0);
    assert_true(d.sample[3].cluster == 1 && strcmp(d.unit, "cluster of transcripts") == 0);
    const int64_t gene[] = {-1, 6, -1, -1, 6};
    assert_int_equal(mg_dataset_cluster(&d, gene, 2, "gene", NULL), MG_OK); /* the others are of none */
    assert_true(d.sample[3].cluster == 1);
    assert_int_equal(mg_dataset_cluster(&d, gene, 5, "gene", NULL), MG_OK);
    assert_true(d.sample[3].cluster == 0 && strcmp(d.unit, "cluster of genes") == 0);
    mg_dataset_destroy(&d);
}

static void test_many_windows(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_dataset d = {.length = LENGTH}, copy = {0};
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 5000; i++)
            add(&d, i, i * 13, 0, MG_TRAINED_ON);
    assert_int_equal(d.n, 5000);
    unsigned char *bytes = NULL;
    size_t n = 0;
    assert_int_equal(mg_dataset_pack(&d, &bytes, &n, &err), MG_OK);
    assert_int_equal(mg_dataset_unpack(bytes, n - 1, &copy, &err), MG_EINPUT);
    assert_int_equal(mg_dataset_unpack(bytes, n, &copy, &err), MG_OK);
    for (size_t i = 0; i < copy.n; i++) {
        mg_base base[LENGTH];
        mg_dataset_base(&copy, i, base);
        for (int p = 0; p < LENGTH; p++)
            assert_int_equal(base[p], (int)i * 13 >> (2 * p) & 3);
    }
    free(bytes);
    mg_dataset_destroy(&d);
    mg_dataset_destroy(&copy);
}

/* --- draws --- */

static void make_dataset(mg_dataset *d, int n_starts, int n_others)
{
    *d = (mg_dataset){.length = LENGTH};
    for (int i = 0; i < n_starts + n_others; i++)
        add(d, i, i, i < n_starts, MG_TRAINED_ON);
}

static void test_draw(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_dataset d;
    mg_draw draw;
    size_t n, n_same_place = 0, n_overlap = 0;
    make_dataset(&d, 50, 5000);
    assert_int_equal(mg_draw_create(&d, 10, &draw, &err), MG_OK);
    uint32_t first[550];
    bool seen[5050] = {false};
    const uint32_t *order = mg_draw_epoch(&draw, 3, 1, &n);
    assert_int_equal(n, 550);
    memcpy(first, order, sizeof first);
    for (size_t i = 0; i < n; i++) {
        assert_true(order[i] < d.n && !seen[order[i]]); /* nothing twice */
        seen[order[i]] = true;
    }
    for (int i = 0; i < 50; i++)
        assert_true(seen[i]); /* every start */
    order = mg_draw_epoch(&draw, 3, 2, &n);
    for (size_t i = 0; i < n; i++) {
        n_same_place += order[i] == first[i];
        n_overlap += order[i] >= 50 && seen[order[i]];
    }
    /* By chance: one in its place; 500 x 500 / 5000 others again, +- 7. */
    assert_true(n_same_place < 10);
    assert_true(n_overlap > 20 && n_overlap < 85);
    assert_memory_equal(mg_draw_epoch(&draw, 3, 1, &n), first, sizeof first);
    mg_draw_destroy(&draw);
    assert_int_equal(mg_draw_create(&d, 0, &draw, &err), MG_OK);
    mg_draw_epoch(&draw, 3, 1, &n);
    assert_int_equal(n, 5050);
    mg_draw_destroy(&draw);
    mg_dataset_destroy(&d);
}

static void test_nothing_to_draw(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_dataset d;
    mg_draw draw;
    make_dataset(&d, 0, 20);
    assert_int_equal(mg_draw_create(&d, 10, &draw, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "0 starts and 20 other windows"));
    mg_dataset_destroy(&d);
    make_dataset(&d, 4, 0);
    assert_int_equal(mg_draw_create(&d, 10, &draw, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "4 starts and 0 other windows"));
    mg_dataset_destroy(&d);
}

static void test_below(void **state)
{
    (void)state;
    size_t count[7] = {0};
    for (uint64_t i = 0; i < 70000; i++)
        count[mg_draw_below(mg_mix(5, i), 7)]++;
    for (int k = 0; k < 7; k++)
        assert_true(count[k] > 9600 && count[k] < 10400); /* 10000 +- 4 x 93 */
    assert_int_equal(mg_draw_below(UINT64_MAX, 3), 2);
    assert_int_equal(mg_draw_below(0, 3), 0);
}

/* --- augmentation --- */

enum { LONG = 203, LONG_ANCHOR = 60 };

static void random_window(uint64_t seed, mg_base *base)
{
    for (int p = 0; p < LONG; p++)
        base[p] = (mg_base)(mg_mix(seed, (uint64_t)p) & 3);
    base[LONG_ANCHOR] = MG_A;
    base[LONG_ANCHOR + 1] = MG_T;
    base[LONG_ANCHOR + 2] = MG_G;
}

static void test_mask(void **state)
{
    (void)state;
    mg_augmentation a = {.mask = 40};
    mg_base base[LONG], changed[LONG];
    int n_masked = 0, n_at_end[2] = {0};
    for (uint64_t key = 0; key < 2000; key++) {
        int n = 0;
        random_window(key, base);
        memcpy(changed, base, sizeof base);
        mg_augment(&a, key, LONG, LONG_ANCHOR, changed);
        for (int p = 0; p < LONG; p++) {
            assert_true(changed[p] == base[p] || changed[p] == MG_UNKNOWN);
            n += changed[p] != base[p];
        }
        assert_true(n <= 40);
        assert_memory_equal(base + LONG_ANCHOR, changed + LONG_ANCHOR, 3);
        n_masked += n;
        n_at_end[0] += changed[0] == MG_UNKNOWN;
        n_at_end[1] += changed[LONG - 1] == MG_UNKNOWN;
    }
    assert_true(n_masked > 2000 * 17 && n_masked < 2000 * 20); /* 20 on average, some twice at one place */
    assert_true(n_at_end[0] > 100 && n_at_end[1] > 100);       /* 2000 x 20 / 200, less those */
}

/* The translation up to the stop says what was done: nothing but silent, or nothing but missense. */
static void check_mutations(const mg_augmentation *a, bool silent)
{
    mg_base base[LONG], changed[LONG];
    int n_changed = 0;
    for (uint64_t key = 0; key < 500; key++) {
        int n = 0, n_acids = 0;
        random_window(key, base);
        memcpy(changed, base, sizeof base);
        mg_augment(a, key, LONG, LONG_ANCHOR, changed);
        mg_reading before = mg_reading_begin(a->code, base, LONG, LONG_ANCHOR);
        mg_reading after = mg_reading_begin(a->code, changed, LONG, LONG_ANCHOR);
        assert_int_equal(before.stop, after.stop);
        assert_memory_equal(base, changed, LONG_ANCHOR + 3);
        assert_memory_equal(base + before.stop, changed + before.stop, (size_t)(LONG - before.stop));
        for (int64_t p = LONG_ANCHOR + 3; p + 3 <= before.stop; p += 3)
            n_acids += mg_translate(a->code, base + p) != mg_translate(a->code, changed + p);
        for (int p = 0; p < LONG; p++)
            n += base[p] != changed[p];
        if (silent) assert_int_equal(n_acids, 0);
        assert_true(n <= 5);
        n_changed += silent ? n : n_acids;
    }
    assert_true(n_changed > 200);
}

static void test_mutations(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_genetic_code code;
    assert_int_equal(mg_genetic_code_find(1, &code, &err), MG_OK);
    check_mutations(&(mg_augmentation){.silent = 5, .code = &code}, true);
    check_mutations(&(mg_augmentation){.missense = 5, .code = &code}, false);
}

/* --- optimisers --- */

static double one_step(mg_optimiser_options *o, mg_learner *learner, double gradient)
{
    mg_learner_step(o, learner, &gradient, 0, 1, 1);
    return learner->parameter[0];
}

static void test_sgd(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_learner learner;
    mg_optimiser_options o = {.kind = MG_SGD, .momentum = 0.5, .decay = 0.1, .rate = 0.1, .n_steps = 10};
    assert_int_equal(mg_learner_create(1, &learner, &err), MG_OK);
    learner.parameter[0] = 1;
    near(one_step(&o, &learner, 2), 1 - 0.1 * 2.1, 1e-15);               /* momentum 2.1 */
    near(one_step(&o, &learner, 0), 0.79 - 0.1 * (1.05 + 0.079), 1e-15); /* 0.5 x 2.1 + 0.1 x 0.79 */
    mg_learner_destroy(&learner);
}

/* The first step of Adam is the rate, whatever the gradient; AdamW takes the decay off by itself. */
static void test_adam(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_learner learner;
    mg_optimiser_options o = {.kind = MG_ADAMW, .decay = 0.2, .rate = 0.1, .n_steps = 10, .average = 0.9};
    assert_int_equal(mg_learner_create(1, &learner, &err), MG_OK);
    learner.parameter[0] = 1;
    near(one_step(&o, &learner, 1e-3), 1 - 0.1 * 0.2 - 0.1, 1e-5);
    near(learner.average[0], 0.1 * 0 + 0.9 * learner.parameter[0], 1e-15); /* keep 1 / 10 at the first step */
    assert_ptr_equal(mg_learner_result(&o, &learner), learner.average);
    mg_learner_destroy(&learner);
    o.kind = MG_ADAM;
    assert_int_equal(mg_learner_create(1, &learner, &err), MG_OK);
    learner.parameter[0] = 1;
    near(one_step(&o, &learner, 1e-3), 1 - 0.1, 1e-6);
    /* m = 0.9 x 0.0201 + 0.1 x (-1 + 0.18), v likewise, by hand from g1 = 0.201, g2 = -0.82 */
    double w = learner.parameter[0], g1 = 0.201, g2 = -1 + 0.2 * w;
    double m = (0.9 * 0.1 * g1 + 0.1 * g2) / (1 - 0.81),
           v = (0.999 * 0.001 * g1 * g1 + 0.001 * g2 * g2) / (1 - 0.998001);
    near(one_step(&o, &learner, -1), w - 0.1 * m / (sqrt(v) + 1e-8), 1e-12);
    o.average = 0;
    assert_ptr_equal(mg_learner_result(&o, &learner), learner.parameter);
    mg_learner_destroy(&learner);
}

/* Parameters that are not among those given stay as they are; the step counts once. */
static void test_slice(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_learner learner;
    mg_optimiser_options o = {.kind = MG_SGD, .rate = 1, .n_steps = 10};
    const double gradient[4] = {1, 1, 1, 1};
    assert_int_equal(mg_learner_create(4, &learner, &err), MG_OK);
    mg_learner_step(&o, &learner, gradient, 1, 3, 2);
    for (int i = 0; i < 4; i++)
        near(learner.parameter[i], i == 1 || i == 2 ? -1 : 0, 0);
    assert_int_equal(learner.n_steps, 1);
    mg_learner_destroy(&learner);
}

/* What is settled takes its gradient as it is; in the average of the weights it takes part. */
static void test_settled(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_learner learner;
    mg_optimiser_options o = {.kind = MG_ADAMW, .decay = 0.2, .rate = 0.1, .n_steps = 10, .average = 0.9};
    assert_int_equal(mg_learner_create(1, &learner, &err), MG_OK);
    learner.settled[0] = true;
    learner.parameter[0] = 3;
    near(one_step(&o, &learner, 0.25), 2.75, 0);
    near(one_step(&o, &learner, 0.25), 2.5, 0);
    near(learner.average[0], (2.0 / 11) * (0.9 * 2.75) + (9.0 / 11) * 2.5, 1e-15);
    mg_learner_destroy(&learner);
}

static void test_schedules(void **state)
{
    (void)state;
    mg_optimiser_options o = {.rate = 2, .n_steps = 110, .n_warm_up = 10, .schedule = MG_SCHEDULE_COSINE};
    near(mg_learner_rate(&o, 0), 0.2, 1e-15);
    near(mg_learner_rate(&o, 9), 2, 1e-15);
    near(mg_learner_rate(&o, 10), 2, 1e-15);
    near(mg_learner_rate(&o, 60), 1, 1e-12);
    near(mg_learner_rate(&o, 110), 0, 1e-12);
    o.final_rate = 0.5;
    near(mg_learner_rate(&o, 110), 1, 1e-12);
    o.schedule = MG_SCHEDULE_STEP;
    o.n_down = 20;
    near(mg_learner_rate(&o, 19), 2, 1e-15);
    near(mg_learner_rate(&o, 20), 1, 1e-15);
    near(mg_learner_rate(&o, 45), 0.5, 1e-15);
    o.schedule = MG_SCHEDULE_CONSTANT;
    near(mg_learner_rate(&o, 100), 2, 1e-15);
}

/* --- what is kept --- */

static void note(mg_training *training, double auprc, double parameter)
{
    mg_error err = {0};
    mg_epoch_record record = {.n_windows = 10, .rate = 0.1, .loss = 1, .quality = {0}};
    record.quality[MG_AUPRC] = auprc;
    double result[2] = {parameter, -parameter};
    assert_int_equal(mg_training_note(training, &record, result, &err), MG_OK);
}

static void test_best_epoch(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_training training, again;
    assert_int_equal(mg_training_create(2, &training, &err), MG_OK);
    note(&training, 0.2, 1);
    note(&training, 0.4, 2);
    note(&training, 0.3, 3);
    assert_int_equal(training.best_epoch, 2);
    near(training.best[0], 2, 0);
    training.learner.parameter[1] = 5;
    training.learner.square[0] = 6;
    training.learner.n_steps = 77;
    unsigned char *bytes = NULL, *other = NULL;
    size_t n = 0, n_other = 0;
    assert_int_equal(mg_training_pack(&training, &bytes, &n, &err), MG_OK);
    assert_int_equal(mg_training_create(2, &again, &err), MG_OK);
    assert_int_equal(mg_training_unpack(bytes, n - 8, &again, &err), MG_EINPUT);
    assert_int_equal(mg_training_unpack(bytes, n, &again, &err), MG_OK);
    assert_int_equal(mg_training_pack(&again, &other, &n_other, &err), MG_OK);
    assert_int_equal(n, n_other);
    assert_memory_equal(bytes, other, n);
    mg_training_destroy(&again);
    assert_int_equal(mg_training_create(3, &again, &err), MG_OK);
    assert_int_equal(mg_training_unpack(bytes, n, &again, &err), MG_EINPUT);
    free(bytes);
    free(other);
    mg_training_destroy(&again);
    note(&training, NAN, 4); /* nothing held out: the last is the best */
    assert_int_equal(training.best_epoch, 4);
    mg_training_destroy(&training);
}

/* --- recipes --- */

static mg_status read_recipe(const char *text, mg_layer_recipe *recipe, double *parameter, mg_error *err)
{
    mg_tensors tensors;
    mg_graph *network = NULL;
    mg_status status = mg_network_tensors(text, "text", NULL, &tensors, err);
    if (status == MG_OK) status = mg_network_build_unfolded(text, "text", &tensors, &network, err);
    if (status == MG_OK) status = mg_recipe_read(text, "text", network, &tensors, recipe, err);
    if (status == MG_OK && parameter != NULL) mg_recipe_begin(network, recipe, 1, parameter);
    mg_tensors_destroy(&tensors);
    mg_graph_destroy(network);
    return status;
}

static void test_recipe(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_layer_recipe recipe[12] = {{0}};
    assert_int_equal(read_recipe(mg_architecture_builtin("tisrover+"), recipe, NULL, &err), MG_OK);
    for (int l = 0; l < 12; l++)
        near(recipe[l].dropout, l == 10 ? 0.5 : 0, 0);
    double parameter[4 * 3 * 5 + 5 + 35 * 2 + 2];
    const char *text = "window 9\nanchor 3\nlayers\nSequential(\n"
                       "  (0): Conv1d(4, 5, kernel_size=(3,), stride=(1,), bias=False)\n  (1): Dropout(p=0.2)\n"
                       "  (2): Identity()\n  (3): Dropout(p=0.5)\n  (4): Linear(in_features=35, out_features=2)\n)\n";
    if (read_recipe(text, recipe, parameter, &err) != MG_OK) fail_msg("%s", err.text);
    near(recipe[0].dropout, 0.6, 1e-15);
    assert_true(recipe[0].no_bias && !recipe[1].no_bias);
    double largest[2] = {0};
    for (size_t i = 0; i < 60; i++)
        largest[0] = fmax(largest[0], fabs(parameter[i]));
    for (size_t i = 60; i < 65; i++)
        near(parameter[i], 0, 0);
    for (size_t i = 65; i < 137; i++)
        largest[1] = fmax(largest[1], fabs(parameter[i]));
    assert_true(largest[0] <= sqrt(1 / 12.0) && largest[0] > 0.9 * sqrt(1 / 12.0));
    assert_true(largest[1] <= sqrt(1 / 35.0) && largest[1] > 0.9 * sqrt(1 / 35.0));
}

/* A batch normalisation is a layer that dropout may follow; it begins as one that changes nothing. */
static void test_recipe_with_norm(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_layer_recipe recipe[12] = {{0}};
    double parameter[4 * 3 * 5 + 5 + 4 * 5 + 35 * 2 + 2];
    const char *text = "window 9\nanchor 3\nlayers\nSequential(\n"
                       "  (0): Conv1d(4, 5, kernel_size=(3,), stride=(1,))\n  (1): BatchNorm1d(5)\n"
                       "  (2): Dropout(p=0.5)\n  (3): Linear(in_features=35, out_features=2)\n)\n";
    if (read_recipe(text, recipe, parameter, &err) != MG_OK) fail_msg("%s", err.text);
    near(recipe[0].dropout, 0, 0);
    near(recipe[1].dropout, 0.5, 0);
    for (size_t i = 65; i < 85; i++)
        near(parameter[i], i < 70 || i >= 80 ? 1 : 0, 0);
    assert_true(fabs(parameter[64]) > 0 && fabs(parameter[64]) < 1 && fabs(parameter[85]) > 0);
}

static void refuse_recipe(const char *line, const char *wanted)
{
    char text[512];
    mg_error err = {0};
    mg_layer_recipe recipe[12] = {{0}};
    snprintf(text, sizeof text,
             "window 9\nanchor 3\nlayers\nSequential(\n%s  (4): Linear(in_features=36, out_features=1)\n)\n", line);
    assert_int_equal(read_recipe(text, recipe, NULL, &err), MG_EINPUT);
    if (strstr(err.text, wanted) == NULL) fail_msg("wanted '%s', got '%s'", wanted, err.text);
}

static void test_refused_recipes(void **state)
{
    (void)state;
    refuse_recipe("  (0): Dropout(p=0.1)\n", "before all layers");
    refuse_recipe("  (0): ReLU()\n  (1): AlphaDropout(p=0.1)\n", "1 AlphaDropout(p=0.1) is not known in training");
    refuse_recipe("  (0): ReLU()\n  (1): Dropout(p=1.0)\n", "below 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distinct),
        cmocka_unit_test(test_many_windows),
        cmocka_unit_test(test_draw),
        cmocka_unit_test(test_nothing_to_draw),
        cmocka_unit_test(test_below),
        cmocka_unit_test(test_mask),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_sgd),
        cmocka_unit_test(test_adam),
        cmocka_unit_test(test_slice),
        cmocka_unit_test(test_settled),
        cmocka_unit_test(test_schedules),
        cmocka_unit_test(test_best_epoch),
        cmocka_unit_test(test_recipe),
        cmocka_unit_test(test_recipe_with_norm),
        cmocka_unit_test(test_refused_recipes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
