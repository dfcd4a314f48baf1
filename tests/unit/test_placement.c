/* test_placement.c  positions of transcripts and of the genome, there and back, and which transcripts lie where */
#include "tests/support/files.h"

#include "io/genome/placements.h"
#include "src/sequence/placement.h"

/* Exons of 4, 1 and 5 bases. */
static const mg_exon forward_exons[] = {{10, 14, 0}, {20, 21, 4}, {30, 35, 5}};
static const mg_exon reverse_exons[] = {{10, 14, 6}, {20, 21, 5}, {30, 35, 0}};
static const mg_placement forward = {0, '+', 3, forward_exons}, reverse = {0, '-', 3, reverse_exons};

/* --- one transcript --- */

static void test_positions(void **state)
{
    (void)state;
    static const int64_t plus[] = {10, 11, 12, 13, 20, 30, 31, 32, 33, 34};
    static const int64_t minus[] = {34, 33, 32, 31, 30, 20, 13, 12, 11, 10};
    assert_int_equal(mg_placement_length(&forward), 10);
    assert_int_equal(mg_placement_length(&reverse), 10);
    for (int64_t at = 0; at < 10; at++) {
        assert_int_equal(mg_placement_to_genome(&forward, at), plus[at]);
        assert_int_equal(mg_placement_to_genome(&reverse, at), minus[at]);
        assert_int_equal(mg_placement_to_transcript(&forward, plus[at]), at);
        assert_int_equal(mg_placement_to_transcript(&reverse, minus[at]), at);
    }
}

static void test_outside(void **state)
{
    (void)state;
    static const int64_t outside[] = {-1, 0, 9, 14, 19, 21, 29, 35, 36, INT64_MAX, INT64_MIN};
    const mg_placement nowhere = {0};
    for (size_t k = 0; k < sizeof outside / sizeof *outside; k++) {
        assert_int_equal(mg_placement_to_transcript(&forward, outside[k]), -1);
        assert_int_equal(mg_placement_to_transcript(&reverse, outside[k]), -1);
        assert_int_equal(mg_placement_to_transcript(&nowhere, outside[k]), -1);
    }
    assert_int_equal(mg_placement_to_genome(&forward, -1), -1);
    assert_int_equal(mg_placement_to_genome(&forward, 10), -1);
    assert_int_equal(mg_placement_to_genome(&reverse, 10), -1);
    assert_int_equal(mg_placement_to_genome(&nowhere, 0), -1);
    assert_int_equal(mg_placement_length(&nowhere), 0);
}

static void test_bases(void **state)
{
    (void)state;
    assert_int_equal(mg_placement_base(&forward, MG_A), MG_A);
    assert_int_equal(mg_placement_base(&reverse, MG_A), MG_T);
    assert_int_equal(mg_placement_base(&reverse, MG_G), MG_C);
    assert_int_equal(mg_placement_base(&reverse, MG_UNKNOWN), MG_UNKNOWN);
}

/* Pieces as "10-14 20-21 ". */
static const char *pieces(const mg_placement *placement, int64_t begin, int64_t end)
{
    static char text[256];
    size_t used = 0;
    mg_genome_interval piece;
    text[0] = '\0';
    for (int64_t at = begin; mg_placement_next(placement, &at, end, &piece);)
        used += (size_t)snprintf(text + used, sizeof text - used, "%d-%d ", (int)piece.begin, (int)piece.end);
    return text;
}

static void test_junctions(void **state)
{
    (void)state;
    assert_string_equal(pieces(&forward, 0, 10), "10-14 20-21 30-35 ");
    assert_string_equal(pieces(&reverse, 0, 10), "30-35 20-21 10-14 ");
    assert_string_equal(pieces(&forward, 3, 6), "13-14 20-21 30-31 ");
    assert_string_equal(pieces(&reverse, 4, 7), "30-31 20-21 13-14 ");
    assert_string_equal(pieces(&forward, 4, 5), "20-21 ");
    assert_string_equal(pieces(&forward, 1, 3), "11-13 ");
    assert_string_equal(pieces(&reverse, 7, 9), "11-13 ");
    assert_string_equal(pieces(&forward, 8, 99), "33-35 ");
    assert_string_equal(pieces(&forward, 5, 5), "");
    assert_string_equal(pieces(&forward, 10, 12), "");
}

/* --- random transcripts --- */

enum { N_RANDOM = 200, MOST_EXONS = 12 };

static uint64_t below(uint64_t *k, uint64_t n)
{
    return number(k) % n;
}

/* Exons that may touch, on either strand, from `begin` on. */
static mg_placement random_placement(uint64_t *k, int64_t begin, mg_exon *exon)
{
    mg_placement p = {below(k, 3), below(k, 2) == 0 ? '+' : '-', 1 + below(k, MOST_EXONS), exon};
    int64_t length = 0;
    for (size_t e = 0; e < p.n_exons; e++) {
        exon[e].begin = begin + (int64_t)below(k, 30);
        begin = exon[e].end = exon[e].begin + 1 + (int64_t)below(k, 20);
    }
    for (size_t e = 0; e < p.n_exons; e++) {
        mg_exon *next = &exon[p.strand == '-' ? p.n_exons - 1 - e : e];
        next->offset = length;
        length += next->end - next->begin;
    }
    return p;
}

static void test_round_trips(void **state)
{
    (void)state;
    uint64_t k = 0;
    mg_exon exon[MOST_EXONS];
    for (int i = 0; i < N_RANDOM; i++) {
        mg_placement p = random_placement(&k, 0, exon);
        int64_t length = mg_placement_length(&p), n_inside = 0, last = exon[p.n_exons - 1].end, before = -1;
        for (int64_t at = 0; at < length; at++) {
            int64_t there = mg_placement_to_genome(&p, at);
            assert_int_equal(mg_placement_to_transcript(&p, there), at);
            if (at > 0) assert_true(p.strand == '+' ? there > before : there < before);
            before = there;
        }
        for (int64_t at = -3; at < last + 3; at++)
            n_inside += mg_placement_to_transcript(&p, at) >= 0;
        assert_int_equal(n_inside, length);
        int64_t begin = (int64_t)below(&k, (uint64_t)length), end = begin + (int64_t)below(&k, 60), at = begin;
        mg_genome_interval piece;
        while (mg_placement_next(&p, &at, end, &piece)) {
            assert_true(piece.end > piece.begin);
            int64_t first = p.strand == '-' ? piece.end - 1 : piece.begin;
            assert_int_equal(first, mg_placement_to_genome(&p, at - (piece.end - piece.begin)));
        }
        assert_int_equal(at, begin == end ? begin : end < length ? end : length);
    }
}

/* --- the index --- */

static void test_index(void **state)
{
    (void)state;
    static mg_exon exon[N_RANDOM][MOST_EXONS];
    static mg_placement placement[N_RANDOM];
    mg_placements all = {.n_placements = N_RANDOM, .placement = placement, .n_chromosomes = 3};
    mg_overlaps found = {0};
    uint64_t k = 77;
    for (size_t i = 0; i < N_RANDOM; i++) {
        placement[i] = random_placement(&k, (int64_t)below(&k, 2000), exon[i]);
        if (i % 17 == 0) placement[i] = (mg_placement){0};
    }
    assert_int_equal(mg_placements_index(&all, NULL), MG_OK);
    for (int q = 0; q < 3000; q++) {
        size_t chromosome = below(&k, 3), n = 0;
        int64_t begin = (int64_t)below(&k, 2600) - 100, end = begin + (int64_t)below(&k, q % 2 == 0 ? 3 : 90);
        assert_int_equal(mg_placements_over(&all, chromosome, begin, end, &found, NULL), MG_OK);
        for (size_t i = 0; i < N_RANDOM; i++) {
            bool over = false;
            for (size_t e = 0; e < placement[i].n_exons; e++)
                over = over || (placement[i].chromosome == chromosome && exon[i][e].begin < end &&
                                exon[i][e].end > begin && begin < end);
            if (!over) continue;
            assert_true(n < found.n);
            assert_int_equal(found.transcript[n++], i);
        }
        assert_int_equal(n, found.n);
    }
    free(found.transcript);
    free(all.indexed);
    free(all.first_indexed);
}

static void test_empty_index(void **state)
{
    (void)state;
    mg_placement nowhere = {0};
    mg_placements all = {.n_placements = 1, .placement = &nowhere, .n_chromosomes = 1};
    mg_overlaps found = {0};
    assert_int_equal(mg_placements_index(&all, NULL), MG_OK);
    assert_int_equal(mg_placements_over(&all, 0, 0, 1000, &found, NULL), MG_OK);
    assert_int_equal(found.n, 0);
    free(all.indexed);
    free(all.first_indexed);
    all = (mg_placements){.n_placements = 1, .placement = &nowhere};
    assert_int_equal(mg_placements_index(&all, NULL), MG_OK);
    free(all.indexed);
    free(all.first_indexed);
    mg_placements_destroy(NULL);
}

/* --- from an annotation --- */

static char *const names[] = {"minus2", "plus3", "scattered", "stranger", "noncoding"};
static mg_transcript given[] = {{.length = 230}, {.length = 310}, {.length = 60}, {.length = 9}, {.length = 300}};
static mg_transcriptome transcriptome = {.n_transcripts = 5, .transcript = given};

static int name_transcripts(void **state)
{
    for (size_t i = 0; i < transcriptome.n_transcripts; i++)
        given[i].name = names[i];
    return make_folder(state);
}

static void small_places(const char *path)
{
    mg_placements p;
    mg_error err = {0};
    if (mg_placements_read(path, &transcriptome, &p, &err) != MG_OK) fail_msg("%s", err.text);
    assert_int_equal(mg_placements_n_placed(&p), 3);
    assert_int_equal(p.placement[2].n_exons + p.placement[3].n_exons, 0);
    assert_string_equal(p.chromosome[p.placement[0].chromosome], "chrA");
    assert_int_equal(p.placement[0].strand, '-');
    assert_string_equal(pieces(&p.placement[0], 78, 83), "1300-1302 1247-1250 ");
    assert_string_equal(pieces(&p.placement[1], 58, 61), "658-660 700-701 ");
    const mg_name *chromosome = mg_names_find(&p.chromosome_names, "chrA", 4);
    mg_overlaps found = {0};
    assert_int_equal(mg_placements_index(&p, &err), MG_OK);
    assert_int_equal(mg_placements_over(&p, chromosome->value, 200, 700, &found, &err), MG_OK);
    assert_int_equal(found.n, 2);
    assert_int_equal(found.transcript[0], 1);
    assert_int_equal(found.transcript[1], 4);
    free(found.transcript);
    mg_placements_destroy(&p);
}

static void test_small_genome(void **state)
{
    (void)state;
    small_places("tests/data/small.gtf");
    small_places("tests/data/small.gff3");
}

#define EXON(from, to, id) "c\tx\texon\t" from "\t" to "\t.\t+\t.\ttranscript_id \"" id "\";\n"

static void refuse(const char *text, const char *words)
{
    mg_placements p;
    mg_error err = {0};
    mg_status status = mg_placements_read(write_text("a.gtf", text), &transcriptome, &p, &err);
    expect_words(status, MG_EINPUT, &err, words, NULL);
}

static void test_refused(void **state)
{
    (void)state;
    mg_placements p;
    mg_error err = {0};
    expect_words(mg_placements_read("tests/data/small.starts.bed", &transcriptome, &p, &err), MG_EINPUT, &err,
                 "holds no exons", NULL);
    refuse(EXON("1", "9", "other"), "places none of the transcripts");
    refuse(EXON("1", "10", "stranger"), "stranger has 9 nt but its exons have 10");
    refuse(EXON("1", "5", "stranger") EXON("5", "8", "stranger"), "overlaps the one in line 1");
}

/* Named twice, with version and without, at two places: neither is taken. */
static void test_two_places(void **state)
{
    (void)state;
    static char versioned[] = "t.1", other[] = "stranger";
    mg_transcript two[] = {{.name = versioned, .length = 9}, {.name = other, .length = 9}};
    mg_transcriptome pair = {.n_transcripts = 2, .transcript = two};
    mg_placements p;
    mg_error err = {0};
    const char *path = write_text("a.gtf", EXON("1", "9", "t.1") EXON("101", "109", "t") EXON("1", "9", "stranger"));
    if (mg_placements_read(path, &pair, &p, &err) != MG_OK) fail_msg("%s", err.text);
    assert_int_equal(p.placement[0].n_exons, 0);
    assert_int_equal(p.placement[1].n_exons, 1);
    mg_placements_destroy(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_positions),   cmocka_unit_test(test_outside),      cmocka_unit_test(test_bases),
        cmocka_unit_test(test_junctions),   cmocka_unit_test(test_round_trips),  cmocka_unit_test(test_index),
        cmocka_unit_test(test_empty_index), cmocka_unit_test(test_small_genome), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_two_places),
    };
    return cmocka_run_group_tests_name("placement", tests, name_transcripts, remove_folder);
}
