/* test_input.c  from options to candidates: genome against spliced transcripts, options that do not go together, the
 * report
 *
 * The windows of the small genome come from tests/oracle/windows.py, which knows nothing of the program.
 */
#include "tests/support/files.h"

#include <inttypes.h>

#include "io/input/input.h"

enum { LENGTH = 203, ANCHOR = 60 };

static mg_window window_of(const mg_input *input, int64_t i, mg_base *base)
{
    mg_window window = {.transcript = -1};
    mg_error err = {0};
    if (mg_input_windows(input, i, 1, &window, base, &err) != MG_OK) fail_msg("%s", err.text);
    return window;
}

static int label_of(const mg_input *input, int64_t i)
{
    mg_base base[LENGTH];
    return (int)window_of(input, i, base).label;
}

/* The candidates as the lines of `mutagree windows`; the caller frees the text. */
static char *table(const mg_input *input)
{
    char *text = NULL;
    size_t n = 0;
    mg_base base[LENGTH];
    FILE *out = open_memstream(&text, &n);
    fprintf(out, "#transcript\tstart\tend\tlabel\tn_padded\tn_unknown\tsequence\n");
    for (int64_t i = 0; i < input->candidates.n_windows; i++) {
        mg_window w = window_of(input, i, base);
        const mg_transcript *t = &input->transcriptome.transcript[w.transcript];
        fprintf(out, "%s\t%" PRId64 "\t%" PRId64 "\t%d\t%d\t%d\t", t->name, w.start, w.start + 3, (int)w.label,
                (int)w.n_padded, (int)w.n_unknown);
        for (int p = 0; p < LENGTH; p++)
            fputc(mg_letter_from_base(base[p]), out);
        fputc('\n', out);
    }
    fclose(out);
    return text;
}

static mg_input read_input(const mg_input_options *options)
{
    mg_input input;
    mg_error err = {0};
    if (mg_input_read(options, LENGTH, ANCHOR, &input, &err) != MG_OK) fail_msg("%s", err.text);
    return input;
}

static const char *describe(const mg_input *input)
{
    static char text[4096];
    FILE *out = fmemopen(text, sizeof text, "w");
    mg_input_describe(out, input);
    fclose(out);
    return text;
}

static void same_windows(const mg_input_options *options)
{
    mg_input input = read_input(options);
    char *found = table(&input);
    content expected = read_content("tests/data/small.windows.tsv");
    assert_string_equal(found, expected.byte);
    free(found);
    free(expected.byte);
    mg_input_destroy(&input);
}

/* --- what is read --- */

static void test_same_windows(void **state)
{
    (void)state;
    const char *genome = "tests/data/small.genome.fa", *spliced = "tests/data/small.spliced.fa";
    same_windows(&(mg_input_options){.genome = genome, .annotation = "tests/data/small.gtf"});
    same_windows(&(mg_input_options){.genome = genome, .annotation = "tests/data/small.gff3"});
    same_windows(&(mg_input_options){.transcripts = spliced, .annotation = "tests/data/small.starts.bed"});
    same_windows(&(mg_input_options){.transcripts = spliced, .annotation = "tests/data/small.gtf"});
    same_windows(&(mg_input_options){.transcripts = spliced,
                                     .annotation = "tests/data/small.gff3",
                                     .candidates = "ATG",
                                     .edges = "pad",
                                     .unknown = "zero"});
}

/* Any windows, in any order and any number at a time, are those of one walk over all. */
static void test_windows_in_any_order(void **state)
{
    (void)state;
    enum { MOST = 40 };
    static mg_base all[MOST * LENGTH], some[MOST * LENGTH];
    static mg_window all_windows[MOST], windows[MOST];
    mg_input input = read_input(&(mg_input_options){.transcripts = "tests/data/small.spliced.fa"});
    int64_t n = input.candidates.n_windows, n_known = 0;
    uint64_t k = 1;
    assert_in_range(n, 20, MOST);
    assert_int_equal(mg_input_windows(&input, 0, n, all_windows, all, NULL), MG_OK);
    for (int64_t i = 0; i < n * LENGTH; i++)
        n_known += all[i] < MG_N_BASES;
    assert_int_equal(input.candidates.n_known, n_known);
    for (int round = 0; round < 500; round++) {
        int64_t first = (int64_t)(number(&k) % (uint64_t)n), m = (int64_t)(number(&k) % (uint64_t)(n - first + 1));
        assert_int_equal(mg_input_windows(&input, first, m, windows, some, NULL), MG_OK);
        assert_memory_equal(windows, all_windows + first, (size_t)m * sizeof *windows);
        assert_memory_equal(some, all + first * LENGTH, (size_t)(m * LENGTH));
    }
    mg_error err;
    assert_int_equal(mg_input_windows(&input, n - 1, 2, windows, some, &err), MG_EBUG);
    mg_input_destroy(&input);
}

static void test_digest(void **state)
{
    (void)state;
    static const char *const text[] = {">a\nCCATGCC\n>b\nATG\n", ">a\nCCATGCC\n>b\nATGC\n", ">a\nCCATGCT\n>b\nATG\n",
                                       ">a\nCCATGCC\n>c\nATG\n", ">b\nATG\n>a\nCCATGCC\n"};
    enum { N = sizeof text / sizeof *text };
    uint64_t digest[N + 1];
    for (size_t i = 0; i <= N; i++) {
        mg_input input = read_input(&(mg_input_options){.transcripts = write_text("d.fa", text[i % N]),
                                                        .annotation = write_text("d.bed", "a\t2\t5\n")});
        digest[i] = input.digest;
        mg_input_destroy(&input);
    }
    assert_true(digest[0] == digest[N]);
    for (size_t i = 1; i < N; i++)
        assert_true(digest[0] != digest[i]);
}

static void test_no_room_for_the_spool(void **state)
{
    (void)state;
    mg_input input;
    mg_error err = {0};
    mg_input_options options = {.transcripts = "tests/data/small.spliced.fa", .scratch = path_of("no-such-folder")};
    expect_words(mg_input_read(&options, LENGTH, ANCHOR, &input, &err), MG_EIO, &err, "temporary file",
                 "no-such-folder", NULL);
}

static void test_spliced_sequences(void **state)
{
    (void)state;
    mg_input a =
        read_input(&(mg_input_options){.genome = "tests/data/small.genome.fa", .annotation = "tests/data/small.gtf"});
    mg_input b = read_input(&(mg_input_options){.transcripts = "tests/data/small.spliced.fa"});
    assert_int_equal(a.transcriptome.n_transcripts, b.transcriptome.n_transcripts);
    for (size_t i = 0; i < a.transcriptome.n_transcripts; i++) {
        const mg_transcript *x = &a.transcriptome.transcript[i], *y = &b.transcriptome.transcript[i];
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->length, y->length);
        mg_base one[4096], other[4096];
        assert_true(x->length <= (int64_t)sizeof one);
        assert_int_equal(mg_spool_read(a.spool, x->place, one, x->length, NULL), MG_OK);
        assert_int_equal(mg_spool_read(b.spool, y->place, other, y->length, NULL), MG_OK);
        assert_memory_equal(one, other, (size_t)x->length);
    }
    assert_int_equal(a.n_unknown, b.n_unknown);
    assert_false(b.annotated);
    assert_int_equal(label_of(&b, 0), -1);
    mg_input_destroy(&a);
    mg_input_destroy(&b);
}

static void test_report(void **state)
{
    (void)state;
    mg_input input =
        read_input(&(mg_input_options){.genome = "tests/data/small.genome.fa", .annotation = "tests/data/small.gtf"});
    assert_string_equal(
        describe(&input),
        "  task         starts: translation starts: windows around start codons of transcripts\n"
        "  transcripts  10 (1,974 nt), 1 gene, 7 annotated starts in 7, 1 in transcripts not given\n"
        "               6 bases are unknown\n"
        "               1 transcript left out: the genome lacks its chromosome\n"
        "               1 transcript of the annotation is on no single strand: not used\n"
        "               2 transcripts have a CDS without its start: no annotated start\n"
        "               1 annotated start is not ATG: no candidate\n"
        "  candidates   32 ATG, 6 annotated starts, 27 windows padded, 16 with unknown bases, 0 skipped\n");
    mg_input_destroy(&input);
    mg_input_destroy(NULL);
}

static void test_headers(void **state)
{
    (void)state;
    const char *fasta = write_text("h.fa", ">a|CDS:4-9|\nCCCATGCCC\n>b\nATG\n>c CDS:1-3\nCTG\n");
    mg_input input = read_input(&(mg_input_options){.transcripts = fasta});
    assert_true(input.annotated);
    assert_string_equal(describe(&input),
                        "  task         starts: translation starts: windows around start codons of transcripts\n"
                        "  transcripts  3 (15 nt), 2 annotated starts in 2\n"
                        "               1 annotated start is not ATG: no candidate\n"
                        "  candidates   2 ATG, 1 annotated start, 2 windows padded, 0 skipped\n");
    mg_input_destroy(&input);
    input = read_input(&(mg_input_options){.transcripts = fasta, .candidates = "annotated"});
    assert_int_equal(input.candidates.n_windows, 1);
    mg_input_destroy(&input);
    /* an annotation that is given takes the place of what the headers say */
    const char *bed = write_text("h.bed", "b\t0\t3\n");
    input = read_input(&(mg_input_options){.transcripts = fasta, .annotation = bed});
    assert_int_equal(label_of(&input, 0), 0);
    assert_int_equal(label_of(&input, 1), 1);
    mg_input_destroy(&input);
}

static void test_listed(void **state)
{
    (void)state;
    const char *bed = write_text("l.bed", "three\t0\t3\nctg\t70\t73\nctg\t0\t3\nother\t1\t4\nctg\t0\t3\n");
    mg_input input = read_input(&(mg_input_options){
        .transcripts = "tests/data/small.spliced.fa", .annotation = "tests/data/small.starts.bed", .candidates = bed});
    assert_int_equal(input.candidates.n_windows, 3);
    assert_int_equal(label_of(&input, 0), 0);
    assert_int_equal(label_of(&input, 1), 1);
    mg_base base[LENGTH];
    assert_int_equal(window_of(&input, 2, base).transcript, 9);
    assert_non_null(strstr(describe(&input), "3 listed, 2 annotated starts, 3 windows padded, 0 skipped, 1 in "
                                             "transcripts not given\n"));
    mg_input_destroy(&input);
}

static void test_edges_and_unknown(void **state)
{
    (void)state;
    mg_input input = read_input(&(mg_input_options){
        .genome = "tests/data/small.genome.fa", .annotation = "tests/data/small.gtf", .edges = "skip", .unknown = "A"});
    assert_int_equal(input.candidates.n_windows, 5);
    assert_int_equal(input.candidates.n_skipped, 27);
    assert_int_equal(input.candidates.n_padded, 0);
    assert_int_equal(input.candidates.n_with_unknown, 0);
    char *text = table(&input);
    assert_null(strchr(text, 'N'));
    free(text);
    mg_input_destroy(&input);
}

static void test_windows(void **state)
{
    (void)state;
    char text[2 * LENGTH + 3];
    memset(text, 'C', sizeof text - 1);
    text[LENGTH] = text[2 * LENGTH + 1] = '\n';
    text[sizeof text - 1] = '\0';
    memcpy(text + LENGTH + 1 + ANCHOR, "NTG", 3);
    mg_input input = read_input(&(mg_input_options){.windows = write_text("w.pos", text), .candidates = "atg"});
    assert_int_equal(input.candidates.n_windows, 2);
    assert_int_equal(input.candidates.n_annotated, 2);
    mg_base base[LENGTH];
    assert_int_equal(window_of(&input, 1, base).start, ANCHOR);
    assert_int_equal(window_of(&input, 1, base).n_unknown, 1);
    assert_string_equal(input.transcriptome.transcript[1].name, "line2");
    mg_input_destroy(&input);
    input = read_input(&(mg_input_options){.windows = write_text("w.neg", text)});
    assert_int_equal(label_of(&input, 0), 0);
    mg_input_destroy(&input);
    input = read_input(&(mg_input_options){.windows = write_text("w.txt", text)});
    assert_int_equal(label_of(&input, 0), -1);
    assert_non_null(strstr(describe(&input), "  windows      2 (406 nt), without labels\n"));
    mg_input_destroy(&input);
}

/* --- what is refused --- */

static void refuse(mg_input_options options, mg_status status, const char *words, const char *more)
{
    mg_input input;
    mg_error err = {0};
    mg_status found = mg_input_read(&options, LENGTH, ANCHOR, &input, &err);
    expect_words(found, status, &err, words, more, NULL);
    assert_null(input.transcriptome.transcript);
    assert_null(input.spool);
}

static void test_usage(void **state)
{
    (void)state;
    const char *fa = "tests/data/small.spliced.fa", *gtf = "tests/data/small.gtf";
    refuse((mg_input_options){0}, MG_EUSAGE, "give one of --transcripts, --genome and --windows", NULL);
    refuse((mg_input_options){.transcripts = fa, .genome = fa}, MG_EUSAGE, "not several", NULL);
    refuse((mg_input_options){.genome = fa}, MG_EUSAGE, "--genome needs the exons", "--annotation");
    refuse((mg_input_options){.windows = fa, .annotation = gtf}, MG_EUSAGE, "--windows takes no --annotation", NULL);
    refuse((mg_input_options){.windows = fa, .candidates = "annotated"}, MG_EUSAGE, "--windows takes no --candidates",
           NULL);
    refuse((mg_input_options){.transcripts = "-", .annotation = "-"}, MG_EUSAGE, "only one file", "standard input");
    refuse((mg_input_options){.transcripts = fa, .candidates = "anotated"}, MG_EUSAGE, "--candidates anotated",
           "'annotated'");
    refuse((mg_input_options){.transcripts = fa, .candidates = "annotated"}, MG_EUSAGE, "needs --annotation", NULL);
}

static void test_refused(void **state)
{
    (void)state;
    const char *fa = "tests/data/small.spliced.fa", *gtf = "tests/data/small.gtf";
    const char *other = write_text("other.fa", ">x\nACGT\n"), *short_genome = write_text("short.fa", ">chrA\nACGT\n");
    refuse((mg_input_options){.transcripts = other, .annotation = gtf}, MG_EINPUT, "small.gtf: none of its 12",
           "'plus1', the sequences 'x'");
    refuse((mg_input_options){.genome = other, .annotation = gtf}, MG_EINPUT, "none of its chromosomes",
           "'chrA', the genome 'x'");
    refuse((mg_input_options){.genome = short_genome, .annotation = gtf}, MG_EINPUT, "chromosome chrA ends at 4 but",
           "is this the annotation of this genome?");
    refuse((mg_input_options){.genome = fa, .annotation = "tests/data/small.starts.bed"}, MG_EINPUT, "holds no exons",
           NULL);
    refuse((mg_input_options){.transcripts = fa, .candidates = write_text("c.bed", "x\t1\t4\n")}, MG_EINPUT,
           "c.bed: none of its 1 ", NULL);
    refuse((mg_input_options){.transcripts = write_text("h.fa", ">a|CDS:4-12|\nCCCATGCCC\n")}, MG_EINPUT,
           "h.fa line 1: transcript a ends at 9 but its CDS ends at 12", NULL);
    refuse((mg_input_options){.genome = write_text("g.fa", ">chrA\n"), .annotation = gtf}, MG_EINPUT,
           "'chrA' has no sequence", NULL);
}

/* A damaged annotation of a whole genome ends in a status, never in a crash; so does a damaged genome. */
static void test_damaged(void **state)
{
    (void)state;
    content gtf = read_content("tests/data/small.gtf"), genome = read_content("tests/data/small.genome.fa");
    char *bytes = malloc(gtf.n + genome.n);
    uint64_t k = 1;
    int n_read = 0;
    for (int i = 0; i < 600; i++) {
        mg_input input;
        mg_error err = {0};
        mg_input_options options = {.genome = "tests/data/small.genome.fa", .annotation = "tests/data/small.gtf"};
        size_t n = damage(i % 2 == 0 ? gtf : genome, bytes, &k);
        *(i % 2 == 0 ? &options.annotation : &options.genome) = write_file("damaged", "wu", bytes, n);
        n_read += mg_input_read(&options, LENGTH, ANCHOR, &input, &err) == MG_OK;
        mg_input_destroy(&input);
    }
    assert_in_range(n_read, 50, 550);
    free(bytes);
    free(gtf.byte);
    free(genome.byte);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_windows),
        cmocka_unit_test(test_windows_in_any_order),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_no_room_for_the_spool),
        cmocka_unit_test(test_spliced_sequences),
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_listed),
        cmocka_unit_test(test_edges_and_unknown),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests_name("input", tests, make_folder, remove_folder);
}
