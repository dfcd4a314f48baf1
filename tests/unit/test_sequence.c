/* test_sequence.c  alphabet, names, transcripts, windows, candidates */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/sequence/alphabet.h"
#include "src/sequence/candidate.h"
#include "src/sequence/names.h"
#include "src/sequence/transcript.h"
#include "src/sequence/window.h"

/* --- alphabet --- */

static void test_letters(void **state)
{
    (void)state;
    const char letters[] = "ACGTUacgtu";
    const mg_base codes[] = {0, 1, 2, 3, 3, 0, 1, 2, 3, 3};
    for (int i = 0; i < 10; i++)
        assert_int_equal(mg_base_from_letter(letters[i]), codes[i]);
    for (int byte = -128; byte < 128; byte++) {
        mg_base base = mg_base_from_letter((char)byte);
        bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
        assert_int_equal(base == MG_NOT_A_LETTER, !letter);
        if (letter && strchr(letters, byte) == NULL) assert_int_equal(base, MG_UNKNOWN);
    }
    for (mg_base base = 0; base < MG_N_BASES; base++)
        assert_int_equal(mg_base_from_letter(mg_letter_from_base(base)), base);
    assert_int_equal(mg_letter_from_base(MG_UNKNOWN), 'N');
}

static void test_complement(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(mg_letter_from_base(mg_base_complement(mg_base_from_letter("ACGTN"[i]))), "TGCAN"[i]);
    static const char letters[] = "ACGTRYSWKMBDHVN", other[] = "TGCAYRSWMKVHDBN";
    static const unsigned bits[] = {1, 2, 4, 8, 5, 10, 6, 9, 12, 3, 14, 13, 11, 7, 15};
    for (int i = 0; letters[i] != '\0'; i++) {
        mg_base base = mg_base_from_iupac(letters[i]);
        assert_int_equal(mg_base_set(base), bits[i]);
        assert_int_equal(mg_base_complement(base), mg_base_from_iupac(other[i]));
        assert_int_equal(base < MG_N_BASES, i < MG_N_BASES);
        assert_int_equal(mg_letter_from_base(base), i < MG_N_BASES ? letters[i] : 'N');
    }
    assert_int_equal(mg_base_from_iupac('-'), MG_NOT_A_LETTER);
    assert_int_equal(mg_base_set(mg_base_from_iupac('x')), 15);
    assert_int_equal(mg_base_set(MG_UNKNOWN), 0);
}

/* --- names --- */

static void test_names(void **state)
{
    (void)state;
    enum { N = 5000 };
    static char text[N][8];
    mg_names names = {0};
    assert_null(mg_names_find(&names, "a", 1));
    for (size_t i = 0; i < N; i++) {
        snprintf(text[i], sizeof text[i], "%zx", i);
        assert_null(mg_names_find(&names, text[i], strlen(text[i])));
        assert_int_equal(mg_names_add(&names, text[i], strlen(text[i]), i, NULL), MG_OK);
    }
    for (size_t i = 0; i < N; i++)
        assert_int_equal(mg_names_find(&names, text[i], strlen(text[i]))->value, i);
    assert_int_equal(mg_names_find(&names, "123 and more", 3)->value, 0x123);
    assert_null(mg_names_find(&names, "xyz", 3));
    assert_null(mg_names_find(&names, "", 0));
    mg_names_destroy(&names);
}

/* --- windows --- */

/* A transcript of a text; starts end with -1. */
static void make_transcript(mg_transcript *t, const char *letters, const int64_t *start)
{
    t->length = (int64_t)strlen(letters);
    t->name = calloc(8, 1);
    t->base = calloc(strlen(letters) + 1, 1);
    t->start = calloc(8, sizeof *t->start);
    for (int64_t i = 0; i < t->length; i++)
        t->base[i] = mg_base_from_letter(letters[i]);
    for (t->n_starts = 0; start != NULL && start[t->n_starts] >= 0; t->n_starts++)
        t->start[t->n_starts] = start[t->n_starts];
}

static mg_transcriptome make_transcriptome(size_t n, const char *const *letters, const int64_t *const *start)
{
    mg_transcriptome made = {.n_transcripts = n, .transcript = calloc(n, sizeof *made.transcript)};
    for (size_t i = 0; i < n; i++)
        make_transcript(&made.transcript[i], letters[i], start != NULL ? start[i] : NULL);
    return made;
}

static void check_window(const mg_transcript *t, int64_t start, int unknown_is_a, const char *letters, int padded,
                         int unknown)
{
    mg_base base[16];
    char text[17] = "";
    mg_window window = {.label = 7};
    int64_t length = (int64_t)strlen(letters);
    mg_window_cut(t, start, length, 3, unknown_is_a, base, &window);
    for (int64_t p = 0; p < length; p++)
        text[p] = mg_letter_from_base(base[p]);
    assert_string_equal(text, letters);
    assert_int_equal(window.n_padded, padded);
    assert_int_equal(window.n_unknown, unknown);
    assert_int_equal(window.label, 7);
}

static void test_cut(void **state)
{
    (void)state;
    mg_transcript t = {0};
    make_transcript(&t, "CNATGRTT", NULL);
    check_window(&t, 2, 0, "NCNATGNTT", 1, 2);
    check_window(&t, 2, 1, "NCAATGATT", 1, 0);
    check_window(&t, 3, 0, "CNATGNTTN", 1, 2);
    check_window(&t, 5, 0, "ATGNTTNNN", 3, 1);
    check_window(&t, 100, 0, "NNNN", 4, 0);
    check_window(&t, -100, 1, "NNNN", 4, 0);
    mg_transcriptome one = {.n_transcripts = 1, .transcript = calloc(1, sizeof t)};
    one.transcript[0] = t;
    mg_transcriptome_destroy(&one);
    assert_null(one.transcript);
    mg_transcriptome_destroy(NULL);
}

static void test_position(void **state)
{
    (void)state;
    assert_int_equal(mg_window_position(60, 60), 1);
    assert_int_equal(mg_window_position(59, 60), -1);
    assert_int_equal(mg_window_position(0, 60), -60);
    assert_int_equal(mg_window_position(202, 60), 143);
}

static void test_starts(void **state)
{
    (void)state;
    int64_t start[] = {9, 3, 9, 0, 3};
    assert_int_equal(mg_starts_normalise(start, 5), 3);
    assert_int_equal(start[0], 0);
    assert_int_equal(start[1], 3);
    assert_int_equal(start[2], 9);
    assert_int_equal(mg_starts_normalise(NULL, 0), 0);
    mg_transcript t = {.start = start, .n_starts = 3};
    assert_true(mg_transcript_has_start(&t, 9));
    assert_false(mg_transcript_has_start(&t, 4));
}

/* --- candidates --- */

static const char *const sequences[] = {"ATGATGNNATG", "A", "CCCTGATG", "AT"};
static const int64_t starts_0[] = {3, -1}, starts_2[] = {2, 5, -1}, none[] = {-1};
static const int64_t *const starts[] = {starts_0, none, starts_2, none};

/* The candidates of all transcripts as text: "transcript:start/label ...", and their counts. */
static const char *list(const mg_candidate_options *options, const mg_start_list *listed, mg_candidate_counts *ret)
{
    static char text[256];
    size_t used = 0;
    mg_window window;
    mg_base base[16];
    text[0] = '\0';
    *ret = (mg_candidate_counts){0};
    mg_transcriptome transcriptome = make_transcriptome(4, sequences, starts);
    for (size_t i = 0; i < 4; i++) {
        mg_candidate_search search = {.options = options, .transcript = &transcriptome.transcript[i]};
        if (listed != NULL) search.n_listed = listed[i].n;
        if (listed != NULL) search.listed = listed[i].start;
        while (mg_candidate_next(&search, &window, base)) {
            used += (size_t)snprintf(text + used, sizeof text - used, "%zu:%d/%d ", i, (int)window.start,
                                     (int)window.label);
            mg_candidate_count(ret, options, &window, base);
        }
        assert_false(mg_candidate_next(&search, &window, base));
        ret->n_skipped += search.n_skipped;
        ret->n_not_atg += mg_transcript_n_not_atg(search.transcript);
    }
    mg_transcriptome_destroy(&transcriptome);
    return text;
}

static mg_candidate_counts found;

static void test_every_atg(void **state)
{
    (void)state;
    mg_candidate_options o = {.kind = MG_CANDIDATES_ATG, .annotated = true, .length = 7, .anchor = 2};
    assert_string_equal(list(&o, NULL, &found), "0:0/0 0:3/1 0:8/0 2:5/1 ");
    o.annotated = false;
    assert_string_equal(list(&o, NULL, &found), "0:0/-1 0:3/-1 0:8/-1 2:5/-1 ");
    o.skip_edges = true;
    assert_string_equal(list(&o, NULL, &found), "0:3/-1 ");
}

static void test_annotated(void **state)
{
    (void)state;
    mg_candidate_options o = {.kind = MG_CANDIDATES_ANNOTATED, .annotated = true, .length = 7, .anchor = 2};
    assert_string_equal(list(&o, NULL, &found), "0:3/1 2:5/1 ");
}

static void test_listed(void **state)
{
    (void)state;
    int64_t a[] = {1, 8}, c[] = {2};
    mg_start_list listed[] = {{.n = 2, .start = a}, {.n = 0}, {.n = 1, .start = c}, {.n = 0}};
    mg_candidate_options o = {.kind = MG_CANDIDATES_LISTED, .annotated = true, .length = 7, .anchor = 2};
    assert_string_equal(list(&o, listed, &found), "0:1/0 0:8/0 2:2/1 ");
}

static void test_counts(void **state)
{
    (void)state;
    mg_candidate_options o = {.kind = MG_CANDIDATES_ATG, .annotated = true, .length = 7, .anchor = 2};
    list(&o, NULL, &found);
    assert_int_equal(found.n_windows, 4);
    assert_int_equal(found.n_annotated, 2);
    assert_int_equal(found.n_not_atg, 1); /* CTG at 2 of the third */
    assert_int_equal(found.n_padded, 3);
    assert_int_equal(found.n_with_unknown, 2);
    assert_int_equal(found.n_skipped, 0);
    assert_int_equal(found.n_known, 4 * 7 - 2 - 2 - 4 - 2);
    o.skip_edges = o.unknown_is_a = true;
    list(&o, NULL, &found);
    assert_int_equal(found.n_windows, 1);
    assert_int_equal(found.n_skipped, 3);
    assert_int_equal(found.n_with_unknown, 0);
    assert_int_equal(found.n_known, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters),   cmocka_unit_test(test_complement), cmocka_unit_test(test_names),
        cmocka_unit_test(test_cut),       cmocka_unit_test(test_position),   cmocka_unit_test(test_starts),
        cmocka_unit_test(test_every_atg), cmocka_unit_test(test_annotated),  cmocka_unit_test(test_listed),
        cmocka_unit_test(test_counts),
    };
    return cmocka_run_group_tests_name("sequence", tests, NULL, NULL);
}
