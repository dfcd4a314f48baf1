/* test_edit.c  edits against strings put together by hand, and alleles of VCF records */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/core/random.h"
#include "src/mutation/edit.h"
#include "src/mutation/edit_place.h"
#include "src/mutation/variant.h"

enum { MOST = 128 };

static size_t codes(const char *text, mg_base *base)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        base[i] = mg_base_from_letter(text[i]);
    return n;
}

static const char *letters(const mg_base *base, int64_t n)
{
    static char text[MOST + 1];
    for (int64_t i = 0; i < n; i++)
        text[i] = mg_letter_from_base(base[i]);
    text[n] = '\0';
    return text;
}

static mg_edit edit_of(int64_t begin, int64_t end, const char *put)
{
    mg_edit edit = {begin, end, 0, {0}};
    edit.n = (int64_t)codes(put, edit.base);
    return edit;
}

static const char *applied(const mg_edit *edit, const char *text)
{
    mg_base before[MOST], after[MOST];
    int64_t n = (int64_t)codes(text, before);
    mg_edit_apply(edit, before, n, after);
    return letters(after, n + mg_edit_shift(edit));
}

static void test_apply(void **state)
{
    (void)state;
    mg_edit edit = edit_of(2, 3, "T");
    assert_string_equal(applied(&edit, "ACGTA"), "ACTTA");
    edit = edit_of(0, 2, "");
    assert_string_equal(applied(&edit, "ACGTA"), "GTA");
    edit = edit_of(4, 4, "CC");
    assert_string_equal(applied(&edit, "ACGTA"), "ACGTCCA");
    edit = edit_of(0, 5, "");
    assert_string_equal(applied(&edit, "ACGTA"), "");
    edit = edit_of(3, 5, "GGG");
    assert_string_equal(applied(&edit, "ACGTA"), "ACGGGG");
}

static void test_touches(void **state)
{
    (void)state;
    mg_edit deletion = edit_of(5, 8, ""), insertion = edit_of(5, 5, "A");
    assert_true(mg_edit_touches(&deletion, 7, 9));
    assert_true(mg_edit_touches(&deletion, 0, 6));
    assert_false(mg_edit_touches(&deletion, 8, 9));
    assert_false(mg_edit_touches(&deletion, 0, 5));
    assert_true(mg_edit_touches(&insertion, 4, 6));
    assert_false(mg_edit_touches(&insertion, 5, 9));
    assert_false(mg_edit_touches(&insertion, 0, 5));
}

static void test_moved(void **state)
{
    (void)state;
    mg_edit deletion = edit_of(5, 8, ""), insertion = edit_of(5, 5, "AC"), exchange = edit_of(5, 8, "G");
    assert_int_equal(mg_edit_moved(&deletion, 4), 4);
    assert_int_equal(mg_edit_moved(&deletion, 5), 5);
    assert_int_equal(mg_edit_moved(&deletion, 7), 5);
    assert_int_equal(mg_edit_moved(&deletion, 8), 5);
    assert_int_equal(mg_edit_moved(&deletion, 10), 7);
    assert_int_equal(mg_edit_moved(&insertion, 4), 4);
    assert_int_equal(mg_edit_moved(&insertion, 5), 7);
    assert_int_equal(mg_edit_moved(&exchange, 5), 5);
    assert_int_equal(mg_edit_moved(&exchange, 7), 6);
    assert_int_equal(mg_edit_moved(&exchange, 9), 7);
}

static void test_avoid(void **state)
{
    (void)state;
    mg_base base[MOST];
    int64_t n = (int64_t)codes("CCAATGATGATGC", base); /* a start codon at 3 */
    mg_edit edit = edit_of(3, 4, "");                  /* one of two As: the one before it */
    mg_edit_avoid(&edit, base, n, 3, 6);
    assert_int_equal(edit.begin, 2);
    edit = edit_of(3, 6, ""); /* one of three ATGs: that behind */
    mg_edit_avoid(&edit, base, n, 3, 6);
    assert_int_equal(edit.begin, 6);
    edit = edit_of(9, 12, ""); /* is behind already */
    mg_edit_avoid(&edit, base, n, 3, 6);
    assert_int_equal(edit.begin, 9);
    edit = edit_of(4, 5, ""); /* the T is there once */
    mg_edit_avoid(&edit, base, n, 3, 6);
    assert_int_equal(edit.begin, 4);
    edit = edit_of(4, 5, "G"); /* a substitution stays */
    mg_edit_avoid(&edit, base, n, 3, 6);
    assert_int_equal(edit.begin, 4);
}

/* Few letters, so that there are repeats; rolled as far as it goes, the sequence after is the same. */
static void test_roll_keeps_the_sequence(void **state)
{
    (void)state;
    uint64_t k = 0, n_rolled = 0;
    for (int i = 0; i < 3000; i++) {
        char text[MOST], put[8] = "", wanted[MOST];
        mg_base base[MOST];
        int64_t n = 4 + (int64_t)(mg_mix(5, k++) % 30);
        for (int64_t p = 0; p < n; p++)
            text[p] = "AC"[mg_mix(5, k++) % 2];
        text[n] = '\0';
        int64_t begin = (int64_t)(mg_mix(5, k++) % (uint64_t)n), end = begin, to = mg_mix(5, k++) % 2 == 0 ? 1 : -1;
        if (i % 2 == 0)
            end = begin + 1 + (int64_t)(mg_mix(5, k++) % 3);
        else
            for (uint64_t p = 0, m = 1 + mg_mix(5, k++) % 3; p < m; p++)
                put[p] = "AC"[mg_mix(5, k++) % 2];
        if (end > n) continue;
        codes(text, base);
        mg_edit edit = edit_of(begin, end, put);
        snprintf(wanted, sizeof wanted, "%s", applied(&edit, text));
        while (mg_edit_roll(&edit, base, n, (int)to)) {
            assert_string_equal(applied(&edit, text), wanted);
            n_rolled++;
        }
    }
    assert_true(n_rolled > 1000);
}

/* --- on chromosomes --- */

static const mg_exon forward_exons[] = {{10, 14, 0}, {20, 21, 4}, {30, 35, 5}};
static const mg_exon reverse_exons[] = {{10, 14, 6}, {20, 21, 5}, {30, 35, 0}};
static const mg_placement forward = {0, '+', 3, forward_exons}, reverse = {0, '-', 3, reverse_exons};

static const char *placed(const mg_placement *placement, int64_t begin, int64_t end, const char *put)
{
    static char text[64 + MOST];
    mg_edit_ways ways = {edit_of(begin, end, put), 0, 0};
    mg_edit there;
    mg_stretch exon;
    mg_edit_place place = mg_edit_place_in(&ways, placement, &there, &exon);
    if (place != MG_PLACE_INSIDE) return place == MG_PLACE_PARTLY ? "partly" : "outside";
    assert_true(exon.begin <= there.begin && there.end <= exon.end);
    snprintf(text, sizeof text, "%d-%d %s", (int)there.begin, (int)there.end, letters(there.base, there.n));
    return text;
}

static void test_place(void **state)
{
    (void)state;
    assert_string_equal(placed(&forward, 11, 13, "AC"), "1-3 AC");
    assert_string_equal(placed(&reverse, 11, 13, "AC"), "7-9 GT");
    assert_string_equal(placed(&reverse, 34, 35, "G"), "0-1 C");
    assert_string_equal(placed(&forward, 12, 12, "GA"), "2-2 GA");
    assert_string_equal(placed(&reverse, 12, 12, "GA"), "8-8 TC");
    assert_string_equal(placed(&forward, 13, 15, ""), "partly"); /* over the junction */
    assert_string_equal(placed(&forward, 13, 21, ""), "partly"); /* from exon to exon */
    assert_string_equal(placed(&forward, 15, 16, "A"), "outside");
    assert_string_equal(placed(&forward, 14, 14, "A"), "partly"); /* between exon and intron */
    assert_string_equal(placed(&forward, 10, 10, "A"), "partly");
    assert_string_equal(placed(&reverse, 35, 35, "A"), "partly");
    static const mg_exon touching[] = {{10, 14, 0}, {14, 18, 4}};
    const mg_placement close = {0, '+', 2, touching};
    assert_string_equal(placed(&close, 13, 15, ""), "3-5 ");
    assert_string_equal(placed(&close, 14, 14, "A"), "4-4 A");
}

/* The chromosome around the second exon of those above, as letters from position 15 on. */
static const char *placed_in(const mg_placement *placement, const char *chromosome, int64_t begin, int64_t end,
                             const char *put)
{
    static char text[64 + MOST];
    mg_base base[MOST];
    mg_edit_ways ways = {edit_of(begin - 15, end - 15, put), 0, 0};
    int64_t n = (int64_t)codes(chromosome, base);
    mg_edit there;
    mg_stretch exon;
    ways.left = mg_edit_reach(&ways.edit, base, n, -1);
    ways.right = mg_edit_reach(&ways.edit, base, n, 1);
    ways.edit.begin += 15;
    ways.edit.end += 15;
    mg_edit_place place = mg_edit_place_in(&ways, placement, &there, &exon);
    if (place != MG_PLACE_INSIDE) return place == MG_PLACE_PARTLY ? "partly" : "outside";
    snprintf(text, sizeof text, "%d-%d %s in %d-%d", (int)there.begin, (int)there.end, letters(there.base, there.n),
             (int)exon.begin, (int)exon.end);
    return text;
}

static void test_place_in_other_ways(void **state)
{
    (void)state;
    static const mg_exon on[] = {{10, 14, 0}, {20, 26, 4}, {30, 35, 10}},
                         back[] = {{10, 14, 11}, {20, 26, 5}, {30, 35, 0}};
    const mg_placement plus = {0, '+', 3, on}, minus = {0, '-', 3, back};
    const char repeat[] = "CCCAGAGCTTTTTGC"; /* AG AG | C, TTTT | T over the ends of 20-26: 15 to 30 */
    assert_string_equal(placed_in(&plus, "CCCAGAGAGTTCCGC", 18, 20, ""), "6-8  in 4-10"); /* AG AG AG: the third */
    assert_string_equal(placed_in(&plus, "CCCAGAGAGTTCCGC", 20, 22, ""), "6-8  in 4-10");
    assert_string_equal(placed_in(&minus, "CCCAGAGAGTTCCGC", 18, 20, ""), "9-11  in 5-11");
    assert_string_equal(placed_in(&plus, repeat, 23, 24, ""), "9-10  in 4-10"); /* one T of five, over the end */
    assert_string_equal(placed_in(&plus, repeat, 27, 28, ""), "9-10  in 4-10");
    assert_string_equal(placed_in(&plus, repeat, 28, 28, "T"), "9-9 T in 4-10");
    assert_string_equal(placed_in(&plus, repeat, 24, 28, ""), "partly");
    assert_string_equal(placed_in(&plus, repeat, 26, 29, ""), "outside");
    assert_string_equal(placed_in(&plus, repeat, 29, 29, "A"), "outside");
    assert_string_equal(placed_in(&plus, repeat, 26, 26, "A"), "partly");
}

/* --- alleles --- */

static const char *read_alleles(const char *ref, const char *alt)
{
    static char text[64 + MOST];
    mg_edit edit;
    mg_variant_state found = mg_variant_edit(100, ref, alt, &edit);
    if (found != MG_VARIANT_SCORED) return mg_variant_states[found].name;
    snprintf(text, sizeof text, "%d-%d %s", (int)edit.begin, (int)edit.end, letters(edit.base, edit.n));
    return text;
}

static void test_alleles(void **state)
{
    (void)state;
    assert_string_equal(read_alleles("A", "C"), "100-101 C");
    assert_string_equal(read_alleles("a", "u"), "100-101 T");
    assert_string_equal(read_alleles("AC", "A"), "101-102 ");
    assert_string_equal(read_alleles("CA", "A"), "100-101 ");
    assert_string_equal(read_alleles("A", "AGG"), "101-101 GG");
    assert_string_equal(read_alleles("ACGT", "AGCT"), "101-103 GC");
    assert_string_equal(read_alleles("ACCC", "ACC"), "101-102 ");
    assert_string_equal(read_alleles("ACGT", "TTT"), "100-103 TT");
    assert_string_equal(read_alleles("A", NULL), "no_alternative");
    assert_string_equal(read_alleles("A", "."), "no_alternative");
    assert_string_equal(read_alleles("A", "a"), "no_alternative");
    assert_string_equal(read_alleles("T", "U"), "no_alternative");
    assert_string_equal(read_alleles("A", "<DEL>"), "symbolic");
    assert_string_equal(read_alleles("A", "*"), "symbolic");
    assert_string_equal(read_alleles("A", "A]chr2:7]"), "symbolic");
    assert_string_equal(read_alleles("A", "N"), "unknown_base");
    assert_string_equal(read_alleles("R", "A"), "unknown_base");
}

static void test_long_alleles(void **state)
{
    (void)state;
    char text[MG_EDIT_LONGEST + 3] = "A";
    memset(text + 1, 'C', MG_EDIT_LONGEST);
    assert_string_not_equal(read_alleles("A", text), "too_long");
    assert_string_not_equal(read_alleles(text, "A"), "too_long");
    text[MG_EDIT_LONGEST + 1] = 'C';
    text[MG_EDIT_LONGEST + 2] = '\0';
    assert_string_equal(read_alleles("A", text), "too_long");
    assert_string_equal(read_alleles(text, "A"), "too_long");
    /* What both have at their ends does not count. */
    char other[sizeof text];
    memcpy(other, text, sizeof text);
    other[30] = 'G';
    assert_string_equal(read_alleles(text, other), "130-131 G");
    assert_string_equal(read_alleles("NAC", "NA"), "102-103 ");
    assert_string_equal(read_alleles("nRC", "NRTC"), "102-102 T");
    assert_string_equal(read_alleles("NC", "RC"), "unknown_base");
    assert_string_equal(read_alleles("ANC", "AC"), "unknown_base");
}

static const char *checked(int64_t position, const char *ref, const mg_placement *placement, int64_t *ret)
{
    mg_base base[MOST];
    int64_t n = (int64_t)codes("ACGTACGTAN", base);
    *ret = -1;
    mg_edit edit = {position, position + (int64_t)strlen(ref), 0, {0}};
    return mg_variant_states[mg_variant_check(position, ref, &edit, placement, base, n, ret)].name;
}

static void test_check(void **state)
{
    (void)state;
    int64_t at;
    assert_string_equal(checked(1, "CGT", NULL, &at), "scored");
    assert_string_equal(checked(1, "cGu", NULL, &at), "scored");
    assert_string_equal(checked(1, "CTT", NULL, &at), "ref_mismatch");
    assert_int_equal(at, 2);
    assert_string_equal(checked(8, "AN", NULL, &at), "unknown_base");
    assert_string_equal(checked(8, "AR", NULL, &at), "unknown_base");
    assert_string_equal(checked(10, "A", NULL, &at), "ref_mismatch");
    assert_int_equal(at, 10);
    assert_string_equal(checked(-1, "A", NULL, &at), "ref_mismatch");
    assert_int_equal(at, 10);
    /* The transcript's 0..3 on the forward strand, 6..9 on the reverse; the intron is not looked at. */
    assert_string_equal(checked(10, "ACGTCC", &forward, &at), "scored");
    assert_string_equal(checked(8, "TTACC", &forward, &at), "ref_mismatch");
    assert_int_equal(at, 2);
    assert_string_equal(checked(30, "TACGT", &reverse, &at), "scored");
    assert_string_equal(checked(30, "TACGA", &reverse, &at), "ref_mismatch");
    assert_int_equal(at, 0);
    assert_string_equal(checked(10, "A", &reverse, &at), "unknown_base");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apply),
        cmocka_unit_test(test_touches),
        cmocka_unit_test(test_moved),
        cmocka_unit_test(test_avoid),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_place_in_other_ways),
        cmocka_unit_test(test_roll_keeps_the_sequence),
        cmocka_unit_test(test_alleles),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_long_alleles),
    };
    return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
