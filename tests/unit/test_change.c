/* test_change.c  what edits do to a message: classes and HGVS names worked out by hand, new ATGs, agreement with
 * the classes and names of substitutions */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/task/starts/change.h"
#include "src/task/starts/hgvs.h"
#include "src/core/random.h"

enum { MOST = 256 };

static mg_genetic_code code;

static int find_code(void **state)
{
    (void)state;
    return mg_genetic_code_find(1, &code, NULL) != MG_OK;
}

static int64_t codes(const char *text, mg_base *base)
{
    int64_t n = 0;
    for (; text[n] != '\0'; n++)
        base[n] = mg_base_from_iupac(text[n]);
    return n;
}

/* Of the transcripts that follow. */
static mg_coding coding;

/* The change is good until the next call. */
static mg_change change_of(const char *text, int64_t start, int64_t begin, int64_t end, const char *put)
{
    static mg_base before[MOST], after[MOST];
    mg_edit edit = {begin, end, 0, {0}};
    int64_t n = codes(text, before);
    edit.n = codes(put, edit.base);
    mg_edit_apply(&edit, before, n, after);
    mg_transcript transcript = {.base = before, .length = n, .coding = coding};
    return mg_change_begin(&code, &edit, (mg_stretch){0, n}, &transcript, after, start);
}

/* A start at c.1, six bases before it: M K L V W stop, and four behind. */
static const char five[] = "GGCACC"
                           "ATGAAACTGGTTTGGTAA"
                           "CCGG";
/* The start is c.1 again: M A H D stop. */
static const char four[] = "GCCACC"
                           "ATGGCTCATGATTAA"
                           "GGTAAATGACC";
static const char ends_tga[] = "GCCACC"
                               "ATGGCTCATGATTGA"
                               "AAGGC";
static const char ends_twice[] = "GCCACC"
                                 "ATGGCTCATGATTAATAAGGC";
/* M L R N? stop: bases that are not known, amino acids that are. */
static const char vague[] = "GCCACC"
                            "ATGYTAMGRAANTARGG";
static const char tail[] = "GGCACC"
                           "ATGAAACTGATTAGGTAA"
                           "CCGTGACC";

/* What is taken out, what is put in, and what that is called. */
typedef struct {
    const char *text;
    int64_t begin, end; /* from the A of ATG, 0-based */
    const char *put, *class, *coding, *protein;
} example;

static const example examples[] = {
    {five, 3, 4, "T", "nonsense", "c.4A>T", "p.(Lys2Ter)"},
    {five, 3, 6, "", "inframe_deletion", "c.4_6del", "p.(Lys2del)"},
    {five, 6, 12, "", "inframe_deletion", "c.7_12del", "p.(Leu3_Val4del)"},
    {five, 3, 4, "", "frameshift", "c.6del", "p.(Lys2AsnfsTer?)"},
    {five, 3, 3, "A", "frameshift", "c.6dup", "p.(Leu3ThrfsTer?)"},
    {five, 3, 3, "AAA", "inframe_insertion", "c.4_6dup", "p.(Lys2dup)"},
    {five, 6, 6, "GCC", "inframe_insertion", "c.6_7insGCC", "p.(Lys2_Leu3insAla)"},
    {five, 6, 9, "GAC", "missense", "c.7_9delinsGAC", "p.(Leu3Asp)"},
    {five, 6, 12, "GACGAC", "missense", "c.7_12delinsGACGAC", "p.(Leu3_Val4delinsAspAsp)"},
    {five, 6, 8, "AG", "missense", "c.7_8inv", "p.(Leu3Arg)"},
    {five, 13, 15, "AA", "nonsense", "c.14_15delinsAA", "p.(Trp5Ter)"},
    {five, 6, 6, "TAA", "nonsense", "c.6_7insTAA", "p.(Leu3Ter)"},
    {five, 6, 6, "GCCTAA", "nonsense", "c.6_7insGCCTAA", "p.(Lys2_Leu3insAlaTer)"},
    {five, 8, 9, "C", "silent", "c.9G>C", "p.(Leu3=)"},
    {five, 8, 9, "A", "stop_frame_1", "c.9G>A", "p.(Leu3=)"},
    {five, -4, -4, "ATGATG", "upstream_atg_out_of_frame", "c.-5_-4insATGATG", ""},
    {five, 6, 9, "TTA", "silent", "c.7_9delinsTTA", "p.(Leu3=)"},
    {five, 16, 17, "C", "stop_lost", "c.17A>C", "p.(Ter6SerextTer?)"},
    {five, 15, 18, "", "stop_lost", "c.16_18del", "p.(Ter6ProextTer?)"},
    {tail, 15, 16, "C", "stop_lost", "c.16T>C", "p.(Ter6GlnextTer2)"},
    {tail, 16, 16, "C", "stop_lost", "c.16_17insC", "p.(Ter6SerextTer?)"},
    {tail, 6, 7, "", "nonsense", "c.7del", "p.(Leu3Ter)"},
    {tail, 9, 9, "G", "frameshift", "c.9dup", "p.(Ile4AspfsTer2)"},
    /* a stop among what is put in */
    {five, 5, 5, "AGGGTAGAA", "nonsense", "c.6_7insGGGTAGAAA", "p.(Lys2_Leu3insGlyTer)"},
    {five, 3, 6, "TTGTAG", "nonsense", "c.4_6delinsTTGTAG", "p.(Lys2delinsLeuTer)"},
    {five, 6, 12, "AGCTAA", "nonsense", "c.7_12delinsAGCTAA", "p.(Leu3_Val4delinsSerTer)"},
    {five, 4, 8, "TTTA", "nonsense", "c.5_8delinsTTTA", "p.(Lys2_Leu3delinsIleTer)"},
    {five, 6, 12, "TAGGCC", "nonsense", "c.7_12delinsTAGGCC", "p.(Leu3Ter)"},
    {five, 6, 6, "CTAGC", "frameshift", "c.8_9insAGCCT", "p.(Val4AlafsTer?)"},
    {four, 9, 9, "GCCTAG", "missense", "c.10_11insCCTAGG", "p.(Asp4Ala)"},
    {vague, 5, 6, "G", "silent", "c.6A>G", "p.(Leu2=)"},
    {vague, 4, 5, "C", "incomplete", "c.5T>C", ""},
    {vague, 7, 8, "C", "incomplete", "c.8G>C", ""},
    {vague, 9, 10, "T", "incomplete", "c.10A>T", ""},
    {vague, 12, 13, "G", "stop_lost", "c.13T>G", "p.(Ter5GluextTer?)"},
    {vague, 3, 3, "GGG", "inframe_insertion", "c.3_4insGGG", "p.(Met1_Leu2insGly)"},
    /* the stop is kept, or comes earlier, or is read as an amino acid */
    {ends_tga, 13, 13, "A", "silent", "c.13_14insA", "p.(Ter5=)"},
    {ends_tga, 13, 16, "", "silent", "c.14_*1del", "p.(Ter5=)"},
    {ends_tga, 13, 13, "AG", "silent", "c.13_14insAG", "p.(Ter5=)"},
    {ends_tga, 13, 13, "AATTAA", "silent", "c.13_14insAATTAA", "p.(Ter5=)"},
    {four, 13, 13, "G", "silent", "c.13_14insG", "p.(Ter5=)"},
    {four, 12, 12, "TAG", "silent", "c.14_15insGTA", "p.(Ter5=)"},
    {four, 12, 12, "TAGGCC", "silent", "c.14_15insGGCCTA", "p.(Ter5=)"},
    {four, 13, 13, "C", "stop_lost", "c.13_14insC", "p.(Ter5SerextTer2)"},
    {four, 12, 12, "AAA", "inframe_insertion", "c.12_13insAAA", "p.(Asp4_Ter5insLys)"},
    {four, 12, 12, "GCCTAG", "inframe_insertion", "c.12_13insGCCTAG", "p.(Asp4_Ter5insAla)"},
    {four, 9, 12, "", "inframe_deletion", "c.10_12del", "p.(Asp4del)"},
    {four, 9, 15, "", "stop_lost", "c.11_*1del", "p.(Asp4GlyfsTer3)"},
    {four, 12, 15, "", "stop_lost", "c.13_15del", "p.(Ter5GlyextTer2)"},
    {four, 10, 14, "", "frameshift", "c.12_15del", "p.(Asp4GlufsTer?)"},
    {four, 11, 11, "C", "stop_lost", "c.11_12insC", "p.(Ter5LeuextTer2)"},
    {ends_twice, 9, 15, "", "nonsense", "c.10_15del", "p.(Asp4Ter)"},
    {ends_twice, 10, 13, "", "missense", "c.12_14del", "p.(Asp4Glu)"},
    {five, 18, 19, "T", "beyond_stop", "c.*1C>T", ""},
    {five, 18, 18, "T", "beyond_stop", "c.18_*1insT", ""},
    {five, 18, 20, "", "beyond_stop", "c.*1_*2del", ""},
    {five, 0, 3, "", "start_codon", "c.2_4del", "p.(Met1?)"},
    {five, 1, 2, "C", "start_codon", "c.2T>C", "p.(Met1?)"},
    {five, 1, 1, "C", "start_codon", "c.1_2insC", "p.(Met1?)"},
    {five, -2, 2, "TTTT", "start_codon", "c.-2_2delinsTTTT", "p.(Met1?)"},
    {five, -2, -1, "T", "upstream", "c.-2C>T", ""},
    {five, -3, -2, "", "upstream", "c.-3del", ""},
    {five, -5, -5, "AT", "upstream_atg_out_of_frame", "c.-6_-5insAT", ""},
    {five, -5, -2, "ATGT", "upstream_atg_in_frame", "c.-5_-3delinsATGT", ""},
    {five, -3, -2, "TGA", "upstream", "c.-3delinsTGA", ""},
    {five, -4, -4, "ATGTAAC", "upstream_orf", "c.-5_-4insATGTAAC", ""},
};

static bool is_as(const example *e)
{
    char coded[MG_CHANGE_TEXT], protein[MG_CHANGE_TEXT];
    mg_change change = change_of(e->text, 6, e->begin + 6, e->end + 6, e->put);
    if (!mg_change_protein(&change, protein)) protein[0] = '\0';
    const char *class = mg_change_name(mg_change_classify(&change));
    mg_change_coding(&change, coded);
    if (strcmp(class, e->class) == 0 && strcmp(coded, e->coding) == 0 && strcmp(protein, e->protein) == 0) return true;
    print_error("%d %d %s: is %s %s %s, should be %s %s %s\n", (int)e->begin, (int)e->end, e->put, class, coded,
                protein, e->class, e->coding, e->protein);
    return false;
}

static void test_examples(void **state)
{
    (void)state;
    int n_wrong = 0;
    for (size_t k = 0; k < sizeof examples / sizeof *examples; k++)
        n_wrong += !is_as(&examples[k]);
    assert_int_equal(n_wrong, 0);
}

/* M A U C stop, over which the CDS goes on, and a TGA out of frame. */
static const char sec[] = "GCCACC"
                          "ATGGCTTGATGCGATTAAGG";
static const example of_sec[] = {
    {sec, 8, 9, "T", "missense", "c.9A>T", "p.(Sec3Cys)"},
    {sec, 7, 8, "A", "nonsense", "c.8G>A", "p.(Sec3Ter)"},
    {sec, 10, 11, "A", "missense", "c.11G>A", "p.(Cys4Tyr)"},
    {sec, 11, 12, "A", "nonsense", "c.12C>A", "p.(Cys4Ter)"},
    {sec, 3, 3, "GGT", "inframe_insertion", "c.4_5insGTG", "p.(Met1_Ala2insGly)"},
    {sec, 3, 3, "TGA", "nonsense", "c.3_4insTGA", "p.(Ala2Ter)"},
    {sec, 6, 9, "", "inframe_deletion", "c.9_11del", "p.(Sec3del)"},
    {sec, 3, 4, "", "frameshift", "c.4del", "p.(Ala2LeufsTer?)"},
    {sec, 9, 12, "", "inframe_deletion", "c.10_12del", "p.(Cys4del)"},
    {sec, 14, 15, "C", "silent", "c.15T>C", "p.(Asp5=)"},
    {sec, 18, 19, "T", "beyond_stop", "c.*1G>T", ""},
    {sec, -2, -1, "", "upstream", "c.-1del", ""},
};

/* The same before a message that is another one without a CDS, and with one that ends at the TGA. */
static void test_selenocysteine(void **state)
{
    (void)state;
    int n_wrong = 0;
    for (int64_t end = 21; end <= 24; end += 3) /* without the stop codon and with it */
        for (size_t k = 0; k < sizeof of_sec / sizeof *of_sec; k++) {
            coding = (mg_coding){.begin = 6, .end = end};
            n_wrong += !is_as(&of_sec[k]);
        }
    assert_int_equal(n_wrong, 0);
    static const example plain = {sec, 8, 9, "T", "stop_lost", "c.9A>T", "p.(Ter3CysextTer3)"};
    static const mg_coding no[] = {{0}, {.begin = 6, .end = 15}, {.begin = 6, .end = 22}, {.begin = 5, .end = 23}};
    for (size_t k = 0; k < sizeof no / sizeof *no; k++) {
        coding = no[k];
        assert_true(is_as(&plain));
    }
    coding = (mg_coding){0};
}

/* Both written in the frame of the start: the codon of a start that is pushed on is found again. */
static void test_start_moves(void **state)
{
    (void)state;
    mg_change change = change_of(five, 6, 2, 2, "TTT");
    assert_int_equal(change.after.anchor, 9);
    change = change_of(five, 6, 0, 4, "");
    assert_int_equal(change.after.anchor, 2);
    change = change_of("AAATGCC", 2, 2, 3, ""); /* one of three As: A ATG stays */
    assert_int_equal(change.edit.begin, 1);
    assert_int_equal(change.after.anchor, 1);
    assert_true(mg_reading_is_atg(&change.after, change.after.anchor));
    assert_string_equal(mg_change_name(mg_change_classify(&change)), "upstream");
}

static void test_kozak(void **state)
{
    (void)state;
    char text[MG_KOZAK_TEXT];
    mg_change change = change_of(five, 6, 3, 4, "T");
    assert_true(mg_change_kozak(&change, text));
    assert_string_equal(text, "GGCACCATGA>GGCTCCATGA");
    change = change_of(five, 6, 2, 2, "T");
    assert_true(mg_change_kozak(&change, text));
    assert_string_equal(text, "GGCACCATGA>GTCACCATGA");
    change = change_of(five, 6, 10, 11, "T");
    assert_false(mg_change_kozak(&change, text));
    change = change_of(five + 3, 3, 0, 1, "");
    assert_true(mg_change_kozak(&change, text));
    assert_string_equal(text, "NNNACCATGA>NNNNCCATGA");
}

/* --- random transcripts --- */

static uint64_t draw(uint64_t *k, uint64_t n)
{
    return mg_mix(9, (*k)++) % n;
}

static void random_text(uint64_t *k, char *text, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        text[i] = "ACGTATGT"[draw(k, 8)]; /* ATG now and then */
    text[n] = '\0';
}

static void test_substitutions_agree(void **state)
{
    (void)state;
    uint64_t k = 0;
    char text[MOST], coded[MG_CHANGE_TEXT], protein[MG_CHANGE_TEXT], name[MG_HGVS_TEXT];
    for (int i = 0; i < 4000; i++) {
        random_text(&k, text, 90);
        memcpy(text + 30, "ATG", 3);
        int64_t at = (int64_t)draw(&k, 90);
        const char put[] = {"ACGT"[draw(&k, 4)], '\0'};
        if (put[0] == text[at]) continue;
        mg_change change = change_of(text, 30, at, at + 1, put);
        mg_base to = mg_base_from_letter(put[0]);
        mg_substitution_class class = mg_reading_classify(&change.before, at, to);
        assert_int_equal(mg_change_classify(&change), class);
        assert_string_equal(mg_change_coding(&change, coded), mg_hgvs_coding(&change.before, at, to, name));
        bool is = mg_change_protein(&change, protein), should = mg_hgvs_protein(&change.before, at, to, name);
        assert_int_equal(is, should);
        if (should) assert_memory_equal(protein, name, strcspn(name, "?"));
        int64_t atg = -1;
        bool makes = mg_change_next_atg(&change, &atg);
        bool upstream = class >= MG_CLASS_UPSTREAM_ORF && class <= MG_CLASS_UPSTREAM_ATG_OUT_OF_FRAME;
        if (at >= 30) continue; /* the G of a new ATG may be the start codon's first base */
        assert_int_equal(makes, upstream);
        if (makes) assert_int_equal(mg_reading_upstream(&change.after, atg), class);
        assert_false(makes && mg_change_next_atg(&change, &atg));
    }
}

static int64_t count_upstream(const mg_reading *r)
{
    int64_t n = 0;
    for (int64_t at = 0; at < r->anchor; at++)
        n += mg_reading_is_atg(r, at);
    return n;
}

/* What is found new explains that there are more, and where nothing is found there are as many as before. */
static void test_upstream_counts(void **state)
{
    (void)state;
    uint64_t k = 0, n_new = 0, n_lost = 0;
    char text[MOST], put[16];
    for (int i = 0; i < 6000; i++) {
        random_text(&k, text, 60);
        memcpy(text + 30, "ATG", 3);
        int64_t begin = 1 + (int64_t)draw(&k, 25), end = begin + (int64_t)draw(&k, 5), found = 0;
        random_text(&k, put, (int64_t)draw(&k, 6));
        if (end > 30) continue;
        mg_change change = change_of(text, 30, begin, end, put);
        int class = mg_change_classify(&change);
        for (int64_t at = -1; mg_change_next_atg(&change, &at); found++)
            assert_true(mg_reading_is_atg(&change.after, at));
        int64_t more = count_upstream(&change.after) - count_upstream(&change.before);
        assert_true(more <= found);
        if (found == 0 && class == MG_CLASS_UPSTREAM) assert_int_equal(more, 0);
        if (class == MG_CLASS_UPSTREAM_ATG_LOST) assert_true(more < 0);
        n_new += found > 0;
        n_lost += class == MG_CLASS_UPSTREAM_ATG_LOST;
        assert_true(mg_reading_is_atg(&change.after, change.after.anchor));
    }
    assert_true(n_new > 100 && n_lost > 100);
}

/* Any edit at all, near the ends too: names end, and nothing is read that is not there (for the sanitizers). */
static void test_any_edit(void **state)
{
    (void)state;
    uint64_t k = 0;
    char text[MOST], put[64], coded[MG_CHANGE_TEXT], protein[MG_CHANGE_TEXT], kozak[MG_KOZAK_TEXT];
    for (int i = 0; i < 20000; i++) {
        int64_t n = 4 + (int64_t)draw(&k, 60), start = (int64_t)draw(&k, (uint64_t)n - 2);
        random_text(&k, text, n);
        if (i % 3 == 0) text[draw(&k, (uint64_t)n)] = 'N';
        int64_t begin = (int64_t)draw(&k, (uint64_t)n), end = begin + (int64_t)draw(&k, 9);
        random_text(&k, put, (int64_t)draw(&k, i % 5 == 0 ? MG_EDIT_LONGEST : 5));
        if (end > n || (begin == end && (begin == 0 || put[0] == '\0'))) continue;
        if (end - begin == (int64_t)strlen(put) && memcmp(text + begin, put, strlen(put)) == 0) continue;
        mg_change change = change_of(text, start, begin, end, put);
        assert_in_range(mg_change_classify(&change), 0, MG_N_CHANGE_CLASSES - 1);
        mg_change_coding(&change, coded);
        assert_memory_equal(coded, "c.", 2);
        if (mg_change_protein(&change, protein)) {
            assert_memory_equal(protein, "p.(", 3);
            assert_null(strstr(protein, "Xaa"));
        }
        mg_change_kozak(&change, kozak);
    }
}

/* Everything that is told of a change, as one text. */
static const char *told(const mg_change *change)
{
    static char text[3 * MG_CHANGE_TEXT + MG_KOZAK_TEXT + 64];
    char coded[MG_CHANGE_TEXT], protein[MG_CHANGE_TEXT] = "", kozak[MG_KOZAK_TEXT] = "";
    int64_t atg = -1;
    bool makes = mg_change_next_atg(change, &atg);
    mg_change_protein(change, protein);
    mg_change_kozak(change, kozak);
    snprintf(text, sizeof text, "%d %s %s %s %d %d %d", mg_change_classify(change), mg_change_coding(change, coded),
             protein, kozak, (int)change->after.anchor, makes, (int)atg);
    return text;
}

/* An insertion or deletion in a repeat is the same change, however it was written. */
static void test_ways_to_write(void **state)
{
    (void)state;
    uint64_t k = 0, n_ways = 0;
    char text[MOST], put[64], first[4 * MG_CHANGE_TEXT];
    for (int i = 0; i < 6000; i++) {
        mg_base base[MOST];
        random_text(&k, text, 40);
        for (int p = 0; p < 40; p++)
            if (text[p] == 'C') text[p] = 'A'; /* repeats */
        memcpy(text + 15, "ATG", 3);
        int64_t n = codes(text, base), begin = 1 + (int64_t)draw(&k, 36),
                end = begin + (i % 2 == 0) * (1 + (int64_t)draw(&k, 3));
        random_text(&k, put, i % 2 == 0 ? 0 : 1 + (int64_t)draw(&k, 3));
        mg_edit edit = {begin, end, 0, {0}};
        edit.n = codes(put, edit.base);
        mg_change change = change_of(text, 15, begin, end, put);
        snprintf(first, sizeof first, "%s", told(&change));
        for (int to = -1; to <= 1; to += 2)
            for (mg_edit way = edit; mg_edit_roll(&way, base, n - (begin == end), to) && way.begin > 0;) {
                mg_base after[MOST];
                mg_edit_apply(&way, base, n, after);
                mg_transcript transcript = {.base = base, .length = n};
                change = mg_change_begin(&code, &way, (mg_stretch){0, n}, &transcript, after, 15);
                assert_string_equal(told(&change), first);
                n_ways++;
            }
    }
    assert_true(n_ways > 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_start_moves),
        cmocka_unit_test(test_kozak),
        cmocka_unit_test(test_selenocysteine),
        cmocka_unit_test(test_substitutions_agree),
        cmocka_unit_test(test_upstream_counts),
        cmocka_unit_test(test_any_edit),
        cmocka_unit_test(test_ways_to_write),
    };
    return cmocka_run_group_tests_name("change", tests, find_code, NULL);
}
