/* test_clusters.c  components over genes and distinct windows, held to a search that knows no union-find */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/sequence/clusters.h"

enum { MAX = 64 };

typedef struct {
    size_t window, transcript;
} place;

/* Places in, numbers out. */
static mg_clusters_facts number(size_t n_transcripts, const int64_t *gene, const place *places, size_t n,
                                uint32_t *window, uint32_t *transcript)
{
    mg_clusters made;
    mg_clusters_facts facts;
    assert_int_equal(mg_clusters_create(n_transcripts, gene, &made, NULL), MG_OK);
    for (size_t k = 0; k < n; k++)
        assert_int_equal(mg_clusters_add(&made, places[k].window, places[k].transcript, NULL), MG_OK);
    assert_int_equal(mg_clusters_number(&made, transcript, &facts, NULL), MG_OK);
    assert_int_equal(facts.n_clusters, made.n_clusters);
    if (made.n_windows > 0) memcpy(window, made.window, made.n_windows * sizeof *window);
    mg_clusters_destroy(&made);
    return facts;
}

/* Two isoforms of gene 7, a paralogue tied by window 1, a transcript of no gene, one without windows. */
static void test_genes_and_windows(void **state)
{
    (void)state;
    const int64_t gene[] = {7, 3, 7, 4, -1, -1, 3};
    const place places[] = {{0, 0}, {1, 0}, {2, 1}, {0, 2}, {3, 2}, {1, 3}, {4, 3}, {5, 4}};
    uint32_t window[6], transcript[7];
    mg_clusters_facts facts = number(7, gene, places, 8, window, transcript);
    assert_int_equal(facts.n_clusters, 3);
    assert_int_equal(facts.largest, 0);
    assert_int_equal(facts.n_largest_windows, 4);
    const uint32_t windows_want[] = {0, 0, 1, 0, 0, 2};
    const uint32_t transcripts_want[] = {0, 1, 0, 0, 2, MG_NO_CLUSTER, 1};
    assert_memory_equal(window, windows_want, sizeof window);
    assert_memory_equal(transcript, transcripts_want, sizeof transcript);

    facts = number(7, NULL, places, 8, window, transcript); /* windows 0 and 1 still tie transcripts 0, 2 and 3 */
    assert_int_equal(facts.n_clusters, 3);
    assert_memory_equal(window, windows_want, sizeof window);
    assert_int_equal(transcript[6], MG_NO_CLUSTER);
}

/* A cluster is a gene unless genes share a window. */
static void test_what_a_cluster_is(void **state)
{
    (void)state;
    const int64_t gene[] = {7, 7, 4, -1};
    const place apart[] = {{0, 0}, {0, 1}, {1, 2}, {1, 2}, {2, 3}},
                tied[] = {{0, 0}, {0, 1}, {1, 2}, {0, 2}, {1, 1}, {0, 3}};
    static const char *const names[][2] = {{"gene", "cluster of genes"},
                                           {"transcript", "cluster of transcripts"},
                                           {"region", "cluster of regions"},
                                           {"window", "window"},
                                           {"cluster of families.tsv", "cluster of families.tsv"}};
    uint32_t window[6], transcript[4];
    mg_clusters_facts one = number(4, gene, apart, 5, window, transcript),
                      more = number(4, gene, tied, 6, window, transcript);
    assert_true(one.n_joined == 0 && one.n_clusters == 3);
    assert_true(more.n_joined == 2 && more.n_clusters == 1); /* each tie once, whatever comes again */
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        char unit[MG_UNIT_TEXT], text[200];
        snprintf(unit, sizeof unit, "%s", names[k][0]);
        mg_clusters_unit(&one, unit);
        assert_string_equal(unit, names[k][0]);
        mg_clusters_unit(&more, unit);
        assert_string_equal(unit, names[k][1]);
        if (k == 0) assert_string_equal(mg_clusters_units(text, sizeof text, 1505, unit), "1,505 clusters of genes");
    }
}

/* Forty copies of one window are one window in one cluster. */
static void test_copies(void **state)
{
    (void)state;
    place places[40];
    uint32_t window[1], transcript[40];
    for (size_t k = 0; k < 40; k++)
        places[k] = (place){0, k};
    mg_clusters_facts facts = number(40, NULL, places, 40, window, transcript);
    assert_int_equal(facts.n_clusters, 1);
    assert_int_equal(facts.n_largest_windows, 1);
    for (size_t k = 0; k < 40; k++)
        assert_int_equal(transcript[k], 0);
}

static void test_nothing(void **state)
{
    (void)state;
    uint32_t window[1], transcript[3];
    mg_clusters_facts facts = number(3, NULL, NULL, 0, window, transcript);
    assert_int_equal(facts.n_clusters, 0);
    assert_int_equal(facts.n_largest_windows, 0);
    assert_int_equal(transcript[2], MG_NO_CLUSTER);
    facts = number(0, NULL, NULL, 0, window, NULL);
    assert_int_equal(facts.n_clusters, 0);
}

/* Spread the smallest window of each component until nothing changes; then number in the order of the windows. */
static size_t search(const int64_t *gene, const place *places, size_t n, size_t n_windows, uint32_t *window)
{
    size_t least[MAX], n_found = 0, changed = 1;
    for (size_t w = 0; w < n_windows; w++)
        least[w] = w;
    while (changed) {
        changed = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                const place *a = &places[i], *b = &places[j];
                if (a->transcript != b->transcript &&
                    (gene[a->transcript] < 0 || gene[a->transcript] != gene[b->transcript]))
                    continue;
                if (least[a->window] >= least[b->window]) continue;
                least[b->window] = least[a->window];
                changed = 1;
            }
    }
    for (size_t w = 0; w < n_windows; w++)
        window[w] = least[w] == w ? (uint32_t)n_found++ : window[least[w]];
    return n_found;
}

static uint64_t draw(uint64_t *state, uint64_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (*state >> 33) % below;
}

/* Random places; those that repeat a window are shuffled, and change nothing. */
static void test_random(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int trial = 0; trial < 500; trial++) {
        size_t n_transcripts = 1 + draw(&seed, 40), n_windows = 1 + draw(&seed, MAX), n = n_windows + draw(&seed, 30);
        int64_t gene[40];
        place places[MAX + 30];
        for (size_t t = 0; t < n_transcripts; t++)
            gene[t] = (int64_t)draw(&seed, 60) - 20 < 0 ? -1 : (int64_t)draw(&seed, 30) * 1000000007;
        for (size_t k = 0; k < n; k++)
            places[k] = (place){k < n_windows ? k : draw(&seed, n_windows), draw(&seed, n_transcripts)};
        uint32_t want[MAX], got[MAX], again[MAX], transcript[40];
        size_t n_want = search(gene, places, n, n_windows, want);
        mg_clusters_facts facts = number(n_transcripts, gene, places, n, got, transcript);
        assert_int_equal(facts.n_clusters, n_want);
        assert_memory_equal(got, want, n_windows * sizeof *got);
        for (size_t k = 0; k < n; k++)
            assert_int_equal(transcript[places[k].transcript], got[places[k].window]);
        for (size_t k = n - 1; k > n_windows; k--) {
            size_t other = n_windows + draw(&seed, k - n_windows + 1);
            place held = places[k];
            places[k] = places[other];
            places[other] = held;
        }
        number(n_transcripts, gene, places, n, again, NULL);
        assert_memory_equal(again, got, n_windows * sizeof *got);
    }
}

static void test_too_many(void **state)
{
    (void)state;
    mg_clusters made;
    mg_error err;
    assert_int_equal(mg_clusters_create(UINT32_MAX, NULL, &made, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "4294967295 transcripts"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_genes_and_windows),
        cmocka_unit_test(test_what_a_cluster_is),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests_name("clusters", tests, NULL, NULL);
}
