/* test_stretches.c  splice sites' classes; strongest stretches, who finds them, and their patterns, where all is known */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/task/seqlets.h"
#include "src/task/splice/classes.h"

enum { LENGTH = 60, ANCHOR = 30 };

static void spell(const char *text, mg_base *base)
{
    for (size_t k = 0; text[k] != '\0'; k++)
        base[k] = mg_base_from_letter(text[k]);
}

/* --- splice --- */

/* A donor at 30, a weak GT in the exon at 10, one in the intron at 50; all else C. */
static void donor(mg_base base[LENGTH])
{
    memset(base, MG_C, LENGTH);
    spell("CAGGTAAGT", base + ANCHOR - 3);
    spell("GT", base + 10);
    spell("GT", base + 50);
}

static void test_kind_is_told(void **state)
{
    (void)state;
    mg_base base[LENGTH];
    donor(base); /* AG before, GT behind: the consensus decides */
    assert_int_equal(mg_splice_kind_of(base, LENGTH, ANCHOR), MG_SPLICE_DONOR);
    memset(base, MG_T, LENGTH);
    spell("CAG", base + ANCHOR - 3);
    assert_int_equal(mg_splice_kind_of(base, LENGTH, ANCHOR), MG_SPLICE_ACCEPTOR);
    spell("GT", base + ANCHOR); /* YYYYNCAG|GT is an acceptor's all the same */
    assert_int_equal(mg_splice_kind_of(base, LENGTH, ANCHOR), MG_SPLICE_ACCEPTOR);
    assert_int_equal(mg_splice_matches(base, LENGTH, ANCHOR, MG_SPLICE_ACCEPTOR), 15);
}

static void test_classes_of_a_donor(void **state)
{
    (void)state;
    mg_base base[LENGTH];
    donor(base);
    assert_int_equal(mg_splice_matches(base, LENGTH, ANCHOR, MG_SPLICE_DONOR), 9);
    const struct {
        int64_t at;
        mg_base to;
        mg_splice_class class;
    } wanted[] = {{ANCHOR, MG_A, MG_SPLICE_SITE},
                  {ANCHOR + 1, MG_C, MG_SPLICE_SITE},
                  {ANCHOR - 3, MG_T, MG_SPLICE_CONSENSUS},
                  {ANCHOR + 5, MG_A, MG_SPLICE_CONSENSUS},
                  {10, MG_A, MG_SPLICE_LOST},
                  {21, MG_G, MG_SPLICE_EXON},
                  {45, MG_A, MG_SPLICE_INTRON},
                  {ANCHOR - 4, MG_G, MG_SPLICE_EXON}};
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++)
        assert_int_equal(mg_splice_classify(base, LENGTH, ANCHOR, MG_SPLICE_DONOR, wanted[k].at, wanted[k].to),
                         wanted[k].class);
    base[21] = MG_T; /* a G before it makes GT */
    assert_int_equal(mg_splice_classify(base, LENGTH, ANCHOR, MG_SPLICE_DONOR, 20, MG_G), MG_SPLICE_NEW_EXON);
    base[42] = MG_G;
    assert_int_equal(mg_splice_classify(base, LENGTH, ANCHOR, MG_SPLICE_DONOR, 43, MG_T), MG_SPLICE_NEW_INTRON);
}

/* GT with five of nine is no competitor yet; the sixth base makes it one. */
static void test_strengthened(void **state)
{
    (void)state;
    mg_base base[LENGTH];
    donor(base);
    spell("CAGGTCCCC", base + 7); /* C A G G T: five */
    assert_int_equal(mg_splice_matches(base, LENGTH, 10, MG_SPLICE_DONOR), 5);
    assert_int_equal(mg_splice_classify(base, LENGTH, ANCHOR, MG_SPLICE_DONOR, 12, MG_A), MG_SPLICE_STRENGTHENED);
    assert_int_equal(mg_splice_classify(base, LENGTH, ANCHOR, MG_SPLICE_DONOR, 12, MG_T), MG_SPLICE_EXON);
    assert_int_equal(base[12], MG_C); /* as it was */
}

/* --- seqlets --- */

typedef struct {
    mg_base base[LENGTH];
    bool blind[LENGTH];
    float effect[LENGTH * MG_N_BASES], good[LENGTH], bad[LENGTH];
} window;

/* A motif with effects at `at`, on the other strand if so; the first method says the same, the second looks elsewhere. */
static mg_evidence make(window *w, int64_t at, bool reverse, const float *const contribution[2],
                        const float *const hypothetical[2])
{
    static const char motif[] = "TGACTCAC";
    memset(w, 0, sizeof *w);
    for (int64_t p = 0; p < LENGTH; p++)
        w->base[p] = (mg_base)(p * p % 4);
    for (int k = 0; k < 8; k++) {
        int64_t p = at + (reverse ? 7 - k : k);
        mg_base b = mg_base_from_letter(motif[k]);
        w->base[p] = reverse ? mg_base_complement(b) : b;
        for (int to = 0; to < MG_N_BASES; to++)
            if (to != w->base[p]) w->effect[p * MG_N_BASES + to] = -1 - 0.1f * (float)k;
        w->good[p] = 1;
    }
    w->bad[at > 30 ? 2 : 57] = 1;
    return (mg_evidence){.base = w->base,
                         .blind = w->blind,
                         .effect = w->effect,
                         .n_methods = 2,
                         .contribution = contribution,
                         .hypothetical = hypothetical};
}

static void test_found_and_kept(void **state)
{
    (void)state;
    mg_seqlets s;
    mg_error err;
    window w;
    const float *const contribution[2] = {w.good, w.bad}, *const none[2] = {NULL, NULL};
    assert_int_equal(mg_seqlets_create(LENGTH, 2, &s, &err), MG_OK);
    for (int k = 0; k < 4; k++) {
        mg_evidence e = make(&w, 8 + 11 * k, false, contribution, none);
        mg_seqlets_add(&s, 100 + k, &e);
        mg_seqlets_end_cluster(&s);
    }
    assert_int_equal(s.n, 4); /* what does not overlap has no effect at all */
    for (size_t i = 0; i < s.n; i++) {
        int64_t at = 8 + 11 * (s.seqlet[i].window - 100);
        assert_in_range(s.seqlet[i].begin, at - (MG_SEQLET_LENGTH - 8), at);
        assert_true(fabs(s.seqlet[i].sum - 8 * 1.35) < 1e-5);
        if (i > 0) assert_true(s.seqlet[i].window > s.seqlet[i - 1].window); /* equal: in their order */
    }
    assert_true(mg_share_estimate(&s.found[0]).mean == 1);
    assert_true(mg_share_estimate(&s.found[1]).mean == 0);
    mg_seqlets_destroy(&s);
}

static void view_of(const window *w, int64_t begin, mg_seqlet_view *view)
{
    for (int k = 0; k < MG_SEQLET_ROOM; k++) {
        int64_t p = begin - MG_SEQLET_FLANK + k;
        bool inside = p >= 0 && p < LENGTH;
        view->base[k] = inside ? w->base[p] : MG_UNKNOWN;
        view->effect[k] = inside && w->good[p] > 0 ? 1 : 0;
    }
}

/* The same motif, shifted and on the other strand, is one pattern; another one is not. */
static void test_patterns(void **state)
{
    (void)state;
    mg_seqlet_view view[4];
    mg_seqlet_fit fit[4];
    size_t n = 0;
    mg_error err;
    window w;
    const float *const none[2] = {NULL, NULL};
    make(&w, 20, false, none, none);
    view_of(&w, 17, &view[0]);
    view_of(&w, 15, &view[1]);
    make(&w, 20, true, none, none);
    view_of(&w, 17, &view[2]);
    make(&w, 20, false, none, none);
    for (int64_t p = 20; p < 28; p++)
        w.base[p] = MG_A; /* AAAAAAAA */
    view_of(&w, 17, &view[3]);
    assert_int_equal(mg_seqlets_match(view, 4, fit, &n, &err), MG_OK);
    assert_int_equal(n, 2);
    assert_int_equal(fit[0].pattern, 0);
    assert_int_equal(fit[1].pattern, 0);
    assert_int_equal(fit[1].shift, 2);
    assert_int_equal(fit[2].pattern, 0);
    assert_true(fit[2].reverse && !fit[1].reverse);
    assert_int_equal(fit[3].pattern, 1);
    for (int i = 1; i < 3; i++) { /* T of TGACTCAC stands at the same place of the pattern */
        int place = mg_seqlet_place(&fit[i], MG_SEQLET_FLANK + 3);
        mg_base base = view[i].base[place];
        assert_int_equal(fit[i].reverse ? mg_base_complement(base) : base, MG_T);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kind_is_told), cmocka_unit_test(test_classes_of_a_donor),
                                       cmocka_unit_test(test_strengthened), cmocka_unit_test(test_found_and_kept),
                                       cmocka_unit_test(test_patterns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
