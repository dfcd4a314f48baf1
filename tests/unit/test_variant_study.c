/* test_variant_study.c  rows of variants: substitutions against the mutation scan, all others against windows of a
 * transcript that is put together by hand */
#include "tests/support/random_network.h"
#include "tests/support/support.h"

#include "src/engine/reach.h"
#include "src/engine/scan.h"
#include "src/engine/pass.h"
#include "src/shard/variant_study.h"

enum { LENGTH = 60, ANCHOR = 20, N_BASES = 400 };

/* The effect is a difference of two float32 scores; the scan's is one of deltas. */
static const double TOLERANCE = 1e-4;

typedef struct {
    mg_graph *network;
    mg_genetic_code code;
    mg_variant_study study;
    mg_transcript transcript;
    mg_candidate_options how;
    mg_variant_bench bench;
    mg_variant_rows rows;
    gsl_rng *rng;
} world;

/* A random network of windows of LENGTH nt. */
static mg_graph *network_of(gsl_rng *rng)
{
    for (;;) {
        mg_graph *network = random_chain(rng);
        network->anchor = ANCHOR;
        if (network->length >= LENGTH && network->n_nodes > 3) return network;
        mg_graph_destroy(network);
    }
}

static int make_world(void **state)
{
    world *w = calloc(1, sizeof *w);
    w->rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(w->rng, 11);
    w->network = network_of(w->rng);
    w->transcript.length = N_BASES;
    w->transcript.base = calloc(N_BASES, 1);
    for (int64_t i = 0; i < N_BASES; i++)
        w->transcript.base[i] = (mg_base)below(w->rng, 4);
    w->transcript.n_starts = 2;
    w->transcript.start = calloc(2, sizeof(int64_t));
    w->transcript.start[0] = 7; /* padded */
    w->transcript.start[1] = 150;
    for (size_t s = 0; s < 2; s++)
        memcpy(w->transcript.base + w->transcript.start[s], (mg_base[]){MG_A, MG_T, MG_G}, 3);
    w->transcript.base[170] = MG_UNKNOWN;
    w->how = (mg_candidate_options){
        .kind = MG_CANDIDATES_ANNOTATED, .annotated = true, .length = w->network->length, .anchor = ANCHOR};
    if (mg_genetic_code_find(1, &w->code, NULL) != MG_OK) return 1;
    if (mg_scorer_create(w->network, mg_score_name(MG_SCORE_LOGIT), 2, &w->study.scorer, NULL) != MG_OK) return 1;
    w->study.code = &w->code;
    *state = w;
    return 0;
}

static int end_world(void **state)
{
    world *w = *state;
    mg_scorer_destroy(w->study.scorer);
    mg_variant_bench_destroy(&w->bench);
    free(w->rows.row);
    free(w->transcript.base);
    free(w->transcript.start);
    mg_graph_destroy(w->network);
    gsl_rng_free(w->rng);
    free(w);
    return 0;
}

static size_t study(world *w, const mg_edit *edit)
{
    mg_error err = {0};
    mg_candidate_search search = {.options = &w->how, .transcript = &w->transcript};
    w->rows.n = 0;
    if (mg_variant_study_rows(&w->study, 1, &search, edit, (mg_stretch){0, N_BASES}, &w->bench, &w->rows, &err) !=
        MG_OK)
        fail_msg("%s", err.text);
    return w->rows.n;
}

/* What a scan finds for a window of the transcript. */
static float *scanned(const world *w, int64_t start)
{
    mg_graph *folded = NULL;
    mg_plan *plan = NULL;
    mg_pass *pass = NULL;
    mg_scan *scan = NULL;
    mg_reach reach;
    mg_window window;
    size_t length = (size_t)w->network->length;
    mg_base *base = calloc(length, 1);
    double *x = calloc(length * 4, sizeof *x);
    float *effect = calloc(length * 4, sizeof *effect);
    assert_int_equal(mg_graph_score(w->network, &(mg_score_spec){.kind = MG_SCORE_LOGIT}, &folded, NULL), MG_OK);
    assert_int_equal(mg_plan_create(folded, MG_SINGLE, &plan, NULL), MG_OK);
    assert_int_equal(mg_pass_create(plan, &pass, NULL), MG_OK);
    assert_int_equal(mg_reach_create(plan, &reach, NULL), MG_OK);
    assert_int_equal(mg_scan_create(plan, &reach, &scan, NULL), MG_OK);
    mg_window_cut(&w->transcript, start, (int64_t)length, ANCHOR, 0, base, &window);
    for (size_t i = 0; i < length; i++)
        if (base[i] < 4) x[i * 4 + base[i]] = 1;
    mg_pass_forward(pass, x);
    mg_scan_window(scan, pass, base, effect);
    mg_scan_destroy(scan);
    mg_reach_destroy(&reach);
    mg_pass_destroy(pass);
    mg_plan_destroy(plan);
    mg_graph_destroy(folded);
    free(base);
    free(x);
    return effect;
}

static void test_substitutions(void **state)
{
    world *w = *state;
    int64_t start = 150, first = start - ANCHOR;
    float *effect = scanned(w, start);
    double largest = 0, scale = 0;
    for (int64_t i = 0; i < w->network->length; i++)
        for (mg_base b = 0; b < 4; b++) {
            mg_base is = w->transcript.base[first + i];
            if (is == b || is >= MG_N_BASES) continue;
            mg_edit edit = {first + i, first + i + 1, 1, {b}};
            assert_true(study(w, &edit) >= 1);
            const mg_variant_row *row = &w->rows.row[w->rows.n - 1];
            assert_int_equal(row->start, start);
            assert_int_equal(row->label, 1);
            double far = fabs(row->effect - (double)effect[i * 4 + b]);
            if (!(far <= largest)) largest = far;
            scale = fmax(scale, fabs(row->before.f));
        }
    print_message("# effects of substitutions: %.1e of the score from those of a scan\n", largest / scale);
    assert_true(largest <= TOLERANCE * scale);
    free(effect);
}

static double score_of(const world *w, const mg_base *base, int64_t n, int64_t start)
{
    mg_base window[128];
    assert_true(w->network->length <= 128);
    for (int64_t i = 0; i < w->network->length; i++) {
        int64_t at = start - ANCHOR + i;
        window[i] = at >= 0 && at < n ? base[at] : MG_UNKNOWN;
    }
    return mg_scorer_window(w->study.scorer, 0, window).f;
}

/* before | put | behind, and the window around the ATG where it stands then. */
static void test_insertions_and_deletions(void **state)
{
    world *w = *state;
    int n_rows = 0;
    for (int i = 0; i < 600; i++) {
        mg_base after[N_BASES + 16];
        int64_t begin = 100 + below(w->rng, 120), n_out = below(w->rng, 8), n = 0;
        mg_edit edit = {begin, begin + n_out, below(w->rng, 8), {0}};
        for (int64_t k = 0; k < edit.n; k++)
            edit.base[k] = (mg_base)below(w->rng, 4);
        if (n_out + edit.n == 0 || (edit.end > 150 && edit.begin < 153)) continue;
        for (int64_t k = 0; k < begin; k++)
            after[n++] = w->transcript.base[k];
        for (int64_t k = 0; k < edit.n; k++)
            after[n++] = edit.base[k];
        for (int64_t k = edit.end; k < N_BASES; k++)
            after[n++] = w->transcript.base[k];
        int64_t moved = edit.end <= 150 ? 150 + edit.n - n_out : 150;
        study(w, &edit);
        for (size_t r = 0; r < w->rows.n; r++) {
            const mg_variant_row *row = &w->rows.row[r];
            if (row->start != 150) continue;
            double before = score_of(w, w->transcript.base, N_BASES, 150), then = score_of(w, after, n, moved);
            assert_true(row->before.f == before);
            assert_true(row->after.f == then);
            assert_true(row->effect == then - before);
            if (row->makes_atg) assert_true(row->new_atg.f == score_of(w, after, n, moved + row->atg));
            n_rows++;
        }
    }
    assert_true(n_rows > 200);
}

static void test_which_starts(void **state)
{
    world *w = *state;
    mg_edit far_behind = {N_BASES - 2, N_BASES - 1, 1, {MG_A}};
    if (w->transcript.base[N_BASES - 2] == MG_A) far_behind.base[0] = MG_C;
    assert_int_equal(study(w, &far_behind), 0);
    /* A new ATG far before the second start: a row with no effect, and the score of the ATG. */
    mg_edit atg = {60, 63, 3, {MG_A, MG_T, MG_G}};
    memcpy(w->transcript.base + 60, (mg_base[]){MG_C, MG_C, MG_C}, 3);
    size_t n = study(w, &atg);
    assert_true(n >= 1);
    const mg_variant_row *row = &w->rows.row[n - 1];
    assert_int_equal(row->start, 150);
    assert_false(row->touched);
    assert_true(row->effect == 0);
    assert_true(row->makes_atg);
    assert_int_equal(row->atg, -90);
    assert_int_equal(mg_variant_prefers_new(row), row->new_atg.f > row->after.f);
    /* Of every ATG only those whose window is touched. */
    w->how.kind = MG_CANDIDATES_ATG;
    n = study(w, &atg);
    for (size_t r = 0; r < n; r++)
        assert_true(w->rows.row[r].touched);
    w->how.kind = MG_CANDIDATES_ANNOTATED;
}

static void test_probability(void **state)
{
    world *w = *state;
    mg_edit edit = {148, 149, 1, {(mg_base)((w->transcript.base[148] + 1) % 4)}};
    w->study.probability = true;
    size_t n = study(w, &edit);
    w->study.probability = false;
    const mg_variant_row *row = &w->rows.row[n - 1];
    assert_true(fabs(row->effect - 1 / (1 + exp(-row->after.f)) + 1 / (1 + exp(-row->before.f))) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_substitutions),
        cmocka_unit_test(test_insertions_and_deletions),
        cmocka_unit_test(test_which_starts),
        cmocka_unit_test(test_probability),
    };
    return cmocka_run_group_tests_name("variant study", tests, make_world, end_world);
}
