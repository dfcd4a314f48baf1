/* test_sites.c  lists of sites: readers on damaged lines, blacklist, kin and decoys against the simplest way to find them */
#include "tests/support/files.h"

#include "io/sites/blacklist.h"
#include "io/sites/decoys.h"
#include "io/sites/site_kin.h"
#include "io/sites/sites.h"

/* Numbers that depend on the test and their place alone. */
static int64_t draw(uint64_t test, uint64_t k, int64_t n)
{
    return (int64_t)(mg_mix(test, k) % (uint64_t)n);
}

/* --- readers --- */

static const char good[] =
    "track name=\"x\"\nchr1\t10\t20\ta\t0\t+\t1\t1\t1\t5\nchr2 30 41 b 0 - 1 1 1 -1\nchr1\t50\t60\n";

static void test_damaged(void **state)
{
    (void)state;
    static const char *const name[] = {"a.bed", "a.narrowPeak", "a.bedGraph", "a.txt"};
    char text[sizeof good];
    size_t n_read = 0;
    for (uint64_t k = 0; k < 20000; k++) {
        memcpy(text, good, sizeof good);
        for (uint64_t c = 0; c < 1 + k % 4; c++)
            text[draw(1, 10 * k + c, sizeof good - 1)] = (char)draw(2, 10 * k + c, 256);
        const char *path = write_file(name[k % 4], "wu", text, (size_t)draw(3, k, sizeof good));
        mg_error err = {0};
        mg_sites sites = {0};
        mg_blacklist black = {0};
        if (mg_sites_read_regions(path, k % 3 == 0 ? "both" : "column", &sites, &err) == MG_OK) {
            n_read++;
            for (size_t i = 0; i < sites.n; i++)
                assert_true(sites.site[i].at >= 0 && sites.site[i].at < sites.site[i].reach);
            mg_sites_destroy(&sites);
        } else {
            assert_true(err.text[0] != '\0');
        }
        if (mg_blacklist_read(path, &black, &err) == MG_OK) mg_blacklist_destroy(&black);
    }
    assert_true(n_read > 100 && n_read < 19000);
}

static void expect_at(const char *name, const char *strand, const char *text, size_t n, const int64_t *at)
{
    mg_error err = {0};
    mg_sites sites = {0};
    if (mg_sites_read_regions(write_file(name, "wu", text, strlen(text)), strand, &sites, &err) != MG_OK)
        fail_msg("%s", err.text);
    assert_int_equal(sites.n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(sites.site[i].at, at[i]);
    mg_sites_destroy(&sites);
}

static void test_places(void **state)
{
    (void)state;
    expect_at("a.bed", "column", "c\t10\t20\tx\t0\t+\nc\t10\t20\tx\t0\t-\nc\t10\t31\n", 3, (int64_t[]){15, 14, 20});
    expect_at("a.bed", "both", "c\t10\t20\n", 2, (int64_t[]){15, 14});
    expect_at("a.bed", "-", "c\t10\t20\tx\t0\t+\n", 1, (int64_t[]){14});
    expect_at("a.narrowPeak", "both", "c\t10\t20\tx\t0\t.\t1\t1\t1\t3\n", 2, (int64_t[]){13, 13});
    expect_at("a.bg", "column",
              "c\t0\t10\t1\nc\t10\t14\t3\nc\t14\t20\t3\nc\t20\t30\t2\nc\t40\t41\t9\nc\t41\t50\t0\nc\t50\t51\t-"
              "3\nd\t5\t9\t1\n",
              3, (int64_t[]){15, 40, 7});
    expect_at("a.bed", "column", "c\t10\t20\nc\t10\t20\nc\t11\t19\n", 1, (int64_t[]){15});
}

/* --- blacklist --- */

static void test_blacklist(void **state)
{
    (void)state;
    char text[4096] = "";
    int64_t begin[60], end[60], chromosome[60];
    for (uint64_t i = 0; i < 60; i++) {
        chromosome[i] = draw(4, i, 3);
        begin[i] = draw(5, i, 1000);
        end[i] = begin[i] + 1 + draw(6, i, i % 5 == 0 ? 200 : 9);
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "c%d\t%d\t%d\n", (int)chromosome[i], (int)begin[i], (int)end[i]);
    }
    mg_error err = {0};
    mg_blacklist list = {0};
    assert_int_equal(mg_blacklist_read(write_file("b.bed", "wu", text, strlen(text)), &list, &err), MG_OK);
    for (uint64_t k = 0; k < 5000; k++) {
        int64_t c = draw(7, k, 3), b = draw(8, k, 1100), e = b + 1 + draw(9, k, 20);
        char name[8];
        snprintf(name, sizeof name, "c%d", (int)c);
        bool touches = false;
        for (int i = 0; i < 60; i++)
            touches = touches || (chromosome[i] == c && begin[i] < e && end[i] > b);
        assert_int_equal(mg_blacklist_touches(&list, mg_blacklist_find(&list, name), b, e), touches);
    }
    assert_false(mg_blacklist_touches(&list, mg_blacklist_find(&list, "nowhere"), 0, 5000));
    mg_blacklist_destroy(&list);
}

/* --- kin --- */

static bool are_kin(const mg_kin_window *a, const mg_kin_window *b)
{
    bool overlap = a->chromosome == b->chromosome && a->begin < b->end && b->begin < a->end;
    return overlap || (a->group >= 0 && a->group == b->group);
}

static void test_kin(void **state)
{
    (void)state;
    enum { N = 40 };
    for (uint64_t t = 0; t < 300; t++) {
        mg_kin_window window[N], sorted[N];
        int64_t kin[N], label[N];
        for (uint64_t i = 0; i < N; i++) {
            int64_t begin = draw(10 + t, i, 1200) - 20;
            window[i] =
                (mg_kin_window){(size_t)draw(11 + t, i + 100, 2), begin, begin + 20, draw(12 + t, i + 200, 40) - 20, i};
            if (window[i].group < 0) window[i].group = -1;
            label[i] = (int64_t)i;
        }
        memcpy(sorted, window, sizeof window);
        mg_site_kin(sorted, N, kin);
        for (int round = 0; round < N; round++) /* the smallest number of a component spreads over it */
            for (int i = 0; i < N; i++)
                for (int j = 0; j < N; j++)
                    if (are_kin(&window[i], &window[j]) && label[j] < label[i]) label[i] = label[j];
        for (int i = 0; i < N; i++)
            assert_int_equal(kin[i], label[i]);
    }
}

/* --- decoys --- */

static int compare(const void *a, const void *b)
{
    return mg_site_compare(a, b);
}

static void test_decoys(void **state)
{
    (void)state;
    enum { LENGTH = 3000, WANTED = 12 };
    mg_base base[LENGTH];
    int64_t hits = 0;
    for (uint64_t i = 0; i < LENGTH; i++)
        base[i] = (mg_base)draw(20, i, 5);
    for (uint64_t t = 0; t < 400; t++) {
        char strand = "+-"[t % 2];
        mg_site_kind kind = t % 4 < 2 ? MG_SITE_DONOR : MG_SITE_ACCEPTOR;
        mg_site_locus locus = {.chromosome = 0, .strand = strand, .begin = 100, .end = 2900, .gene = -1};
        mg_site known[50];
        int64_t decoy[WANTED];
        for (uint64_t i = 0; i < 50; i++)
            known[i] =
                (mg_site){.at = draw(21 + t, i, LENGTH), .strand = "+-"[i % 2], .kind = i % 3 ? kind : MG_SITE_TSS};
        qsort(known, 50, sizeof *known, compare);
        int64_t n = mg_decoys_draw(&locus, "c", kind, known, 50, base, LENGTH, t, WANTED, decoy);
        assert_int_equal(n, WANTED);
        for (int64_t k = 0; k < n; k++) {
            mg_site site = {.at = decoy[k], .strand = strand, .kind = kind};
            int to = strand == '+' ? 1 : -1, first = kind == MG_SITE_DONOR ? 0 : -2;
            mg_base x = base[decoy[k] + first * to], y = base[decoy[k] + (first + 1) * to];
            if (strand == '-') x = mg_base_complement(x);
            if (strand == '-') y = mg_base_complement(y);
            assert_int_equal(x, kind == MG_SITE_DONOR ? MG_G : MG_A);
            assert_int_equal(y, kind == MG_SITE_DONOR ? MG_T : MG_G);
            assert_null(bsearch(&site, known, 50, sizeof site, compare));
            assert_true(k == 0 || decoy[k] > decoy[k - 1]);
            hits += decoy[k] < 1500;
        }
    }
    /* Half of the gene has half of the draws: 2,400 of 4,800 with a standard deviation of some 35. */
    assert_true(hits > 2400 - 350 && hits < 2400 + 350);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_damaged), cmocka_unit_test(test_places),
                                       cmocka_unit_test(test_blacklist), cmocka_unit_test(test_kin),
                                       cmocka_unit_test(test_decoys)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
