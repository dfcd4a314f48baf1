/* test_fasta.c  lines of compressed files, FASTA, ready windows: what is read, what is refused, and with which words */
#include "tests/support/files.h"

#include <fcntl.h>

#include "io/fasta/fasta.h"
#include "io/input/transcripts.h"
#include "io/base/text.h"
#include "io/input/window_text.h"

static const char *const good = ">t1|gene|CDS:2-7| words\r\nacgu\r\nNRT \n\n>t2 more\nAC\nGT\n\n\n>t3\nA";

static mg_spool *new_spool(void)
{
    mg_spool *spool = NULL;
    assert_int_equal(mg_spool_create(folder, &spool, NULL), MG_OK);
    return spool;
}

/* Sequences as "name=LETTERS ...". */
static const char *show(const mg_transcriptome *t, const mg_spool *spool)
{
    mg_base base[256];
    static char text[1024];
    size_t used = 0;
    for (size_t i = 0; i < t->n_transcripts; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s=", t->transcript[i].name);
        int64_t length = t->transcript[i].length;
        assert_true(length <= (int64_t)sizeof base);
        assert_int_equal(mg_spool_read(spool, t->transcript[i].place, base, length, NULL), MG_OK);
        for (int64_t at = 0; at < length && used < sizeof text - 2; at++)
            text[used++] = mg_letter_from_base(base[at]);
        text[used++] = ' ';
        text[used] = '\0';
    }
    return text;
}

static const char *read_as_text(const char *path)
{
    mg_transcriptome transcripts;
    mg_annotation headers;
    mg_error err = {0};
    mg_spool *spool = new_spool();
    if (mg_transcripts_read(path, false, spool, &transcripts, &headers, &err) != MG_OK) fail_msg("%s", err.text);
    const char *text = show(&transcripts, spool);
    mg_spool_destroy(spool);
    mg_transcriptome_destroy(&transcripts);
    mg_annotation_destroy(&headers);
    return text;
}

static mg_status read_it(const char *path, mg_error *err)
{
    mg_transcriptome transcripts;
    mg_annotation headers;
    *err = (mg_error){0};
    mg_spool *spool = new_spool();
    mg_status status = mg_transcripts_read(path, false, spool, &transcripts, &headers, err);
    mg_spool_destroy(spool);
    if (status != MG_OK) {
        assert_null(transcripts.transcript);
        assert_null(headers.entry);
        assert_true(err->text[0] != '\0');
    }
    mg_transcriptome_destroy(&transcripts);
    mg_annotation_destroy(&headers);
    return status;
}

/* --- what is read --- */

static void test_plain_gzip_bgzip(void **state)
{
    (void)state;
    const char *expected = "t1=ACGTNNT t2=ACGT t3=A ";
    assert_string_equal(read_as_text(write_file("a.fa", "wu", good, strlen(good))), expected);
    assert_string_equal(read_as_text(write_file("a.fa.gz", "wg", good, strlen(good))), expected);
    assert_string_equal(read_as_text(write_file("a.fa.bgz", "w", good, strlen(good))), expected);
}

static void test_two_gzip_members(void **state)
{
    (void)state;
    const char *path = write_file("a.gz", "wg", ">a\nAC", 5);
    content first = read_content(path), second = read_content(write_file("b.gz", "wg", "GT\n", 3));
    FILE *out = fopen(path_of("ab.gz"), "wb");
    assert_int_equal(fwrite(first.byte, 1, first.n, out) + fwrite(second.byte, 1, second.n, out), first.n + second.n);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(read_as_text(path_of("ab.gz")), "a=ACGT ");
    free(first.byte);
    free(second.byte);
}

static void test_standard_input(void **state)
{
    (void)state;
    int keep = dup(STDIN_FILENO), file = open(write_file("in.gz", "w", good, strlen(good)), O_RDONLY);
    assert_true(dup2(file, STDIN_FILENO) >= 0);
    assert_string_equal(read_as_text("-"), "t1=ACGTNNT t2=ACGT t3=A ");
    close(file);
    file = open(write_text("in", "AC\n"), O_RDONLY);
    assert_true(dup2(file, STDIN_FILENO) >= 0);
    mg_error err;
    expect_words(read_it("-", &err), MG_EINPUT, &err, "standard input line 1", NULL);
    close(file);
    if (keep >= 0) assert_true(dup2(keep, STDIN_FILENO) >= 0);
    close(keep);
}

static void test_chromosome_names(void **state)
{
    (void)state;
    mg_fasta *fasta = NULL;
    mg_fasta_record record;
    assert_int_equal(mg_fasta_open(write_text("g.fa", ">gi|1|x y\nAC\n>b\nG\n"), MG_FASTA_CHROMOSOMES, &fasta, NULL),
                     MG_OK);
    assert_int_equal(mg_fasta_next(fasta, &record, NULL), MG_OK);
    assert_string_equal(record.name, "gi|1|x");
    assert_string_equal(record.header, "gi|1|x y");
    assert_int_equal(mg_fasta_next(fasta, &record, NULL), MG_OK);
    assert_string_equal(record.name, "b");
    assert_int_equal(record.line, 3);
    assert_int_equal(record.length, 1);
    assert_int_equal(mg_fasta_next(fasta, &record, NULL), MG_OK);
    assert_null(record.name);
    mg_fasta_close(fasta);
    mg_fasta_close(NULL);
}

static void test_byte_order_mark(void **state)
{
    (void)state;
    assert_string_equal(read_as_text(write_text("b.fa", "\xef\xbb\xbf>a\r\nAC\r\n>b\nG\n")), "a=AC b=G ");
    assert_string_equal(read_as_text(write_file("b.fa.gz", "wg", "\xef\xbb\xbf>a\nAC\n", 9)), "a=AC ");
    assert_string_equal(read_as_text(write_text("b.fa", "\xef\xbb\xbf\n>a\nAC\n")), "a=AC ");
}

static void test_ncbi_names(void **state)
{
    (void)state;
    assert_string_equal(
        read_as_text(write_text("n.fa", ">lcl|NC_1.1_mrna_NM_1.1_1 [gene=A] [transcript_id=NM_1.1] x\nA\n"
                                        ">lcl|NC_2.1_mrna_NM_1.1_2 [transcript_id=NM_1.1]\nC\n"
                                        ">lcl|NC_1.1_cds_NP_1.1_3 [protein_id=NP_1.1]\nG\n"
                                        ">lcl|x [transcript_id=] [transcript_id=a b]\nT\n")),
        "NM_1.1=A NC_2.1_mrna_NM_1.1_2=C NC_1.1_cds_NP_1.1_3=G x=T ");
    assert_string_equal(read_as_text(write_text("n.fa", ">gi|111|ref|NM_1.1| a\nA\n>ref|NM_2.1|\nC\n>gb|AF1.1|X y\nG\n"
                                                        ">gnl|DB|id\nT\n>lcl|\nA\n>gi|7\nC\n")),
                        "NM_1.1=A NM_2.1=C AF1.1=G id=T lcl|=A 7=C ");
    assert_string_equal(read_as_text(write_text("n.fa", ">TR20|c0_g1_i1 len=9\nA\n>TR20|c0_g1_i2 len=9\nC\n>TR2|x\nG\n"
                                                        ">TRx|c0\nT\n>TR|c0\nA\n>t1|g|CDS [transcript_id=u]\nC\n")),
                        "TR20|c0_g1_i1=A TR20|c0_g1_i2=C TR2=G TRx=T TR=A t1=C ");
}

/* --- what is refused --- */

static void refuse(const char *text, const char *words, const char *more)
{
    mg_error err;
    const char *path = write_text("bad.fa", text);
    expect_words(read_it(path, &err), MG_EINPUT, &err, "bad.fa", words, more, NULL);
}

static void test_refused(void **state)
{
    (void)state;
    char long_name[400] = ">";
    memset(long_name + 1, 'x', 300);
    strcat(long_name, "\nACGT\n");
    refuse("", "is empty", NULL);
    refuse("\n\n", "is empty", NULL);
    refuse("ACGT\n>a\nAC\n", "line 1", "before the first header");
    refuse("\n@read\nAC\n+\nII\n", "line 2", "a read of FASTQ; a FASTA is wanted");
    refuse("\xfd"
           "7zXZ",
           "line 1", "before the first header"); /* a byte too few for its mark */
    refuse("BZh91AY", "compressed in a way that is not read (bzip2)", "gzip");
    refuse("\x28\xb5\x2f\xfd\n>a\nAC", "compressed in a way that is not read (zstd)", NULL);
    refuse("PK\x03\x04", "compressed in a way that is not read (zip)", NULL);
    refuse("\xff\xfe>\na", "UTF-16", NULL);
    refuse("\xef\xbb\xbf"
           "AC\n>a\nAC\n",
           "line 1", "before the first header");
    refuse("\xef\xbb", "line 1", "before the first header");
    refuse(">a\nAC\n>\nAC\n", "line 3", "without a name");
    refuse("> a\nAC\n", "line 1", "without a name");
    refuse(">|a\nAC\n", "line 1", "without a name");
    refuse(">a\n>b\nAC\n", "line 1: 'a' has no sequence", NULL);
    refuse(">a\nAC\n>b\n", "line 3: 'b' has no sequence", "cut short");
    refuse(">a\nAC\n>b\nAC\n>a x\nGT\n", "line 5: 'a'", "line 1; names must differ");
    refuse(">a\nAC\nA-C\n", "line 3: '-' is no letter", NULL);
    refuse(">a\nAC*\n", "line 2: '*'", NULL);
    refuse(">a\nA C\n", "line 2: ' ' is no letter", NULL);
    refuse(">a\nA\x80\n", "line 2: byte 0x80", NULL);
    refuse(">a\nMELVISLQ\n", "line 2: the letter 'E' stands for no base", "protein");
    refuse(">a\x01\nAC\n", "line 1: byte 0x01", NULL);
    refuse(long_name, "300 bytes", "255");
    refuse(">a CDS:5-6\nACGT\n", "line 1: 'CDS:5-6'", "is no range");
    refuse(">a|CDS:5|\nACGT\n", "'CDS:5'", NULL);
    refuse(">a|CDS:0-6|\nACGT\n", "'CDS:0-6'", NULL);
    refuse(">a|CDS:1-99999999999999999999|\nACGT\n", "is no range", NULL);
    mg_error err;
    expect_words(read_it(path_of("absent.fa"), &err), MG_EINPUT, &err, "absent.fa", "No such file", NULL);
    expect_words(read_it(folder, &err), MG_EINPUT, &err, "is a directory", NULL);
    expect_words(read_it("data:,>a%0AAC", &err), MG_EINPUT, &err, "No such file", NULL);
    write_file("zero.fa", "wu", ">a\nA\0C\n", 7);
    expect_words(read_it(path_of("zero.fa"), &err), MG_EINPUT, &err, "line 2: byte 0x00", NULL);
    write_file("empty.gz", "wg", "", 0);
    expect_words(read_it(path_of("empty.gz"), &err), MG_EINPUT, &err, "is empty", NULL);
}

/* Wherever a compressed file is cut, it is noticed: 140,000 bytes in several bgzip blocks or one gzip stream. */
static void cut_everywhere(const char *how, size_t step)
{
    char *text = malloc(200000);
    size_t n = 0;
    uint64_t k = 1;
    mg_error err;
    while (n < 140000) {
        n += (size_t)sprintf(text + n, ">name%zu\n", n);
        for (int i = 0; i < 60; i++)
            text[n++] = "ACGT"[number(&k) % 4];
        text[n++] = '\n';
    }
    content whole = read_content(write_file("whole.gz", how, text, n));
    assert_int_equal(read_it(path_of("whole.gz"), &err), MG_OK);
    for (size_t length = 0; length < whole.n; length += length < 40 || length + 60 > whole.n ? 1 : step) {
        write_file("cut.gz", "wu", whole.byte, length);
        mg_status status = read_it(path_of("cut.gz"), &err);
        if (status == MG_OK) fail_msg("%s cut at %zu of %zu is read", how, length, whole.n);
        assert_int_equal(status, MG_EINPUT);
        if (strstr(err.text, length == 0 ? "is empty" : "cut short") == NULL && length != 1)
            fail_msg("%zu: %s", length, err.text);
    }
    free(whole.byte);
    free(text);
}

static void test_truncated_gzip(void **state)
{
    (void)state;
    cut_everywhere("wg", 997);
}

static void test_truncated_bgzip(void **state)
{
    (void)state;
    cut_everywhere("w", 997);
}

/* A cut between two blocks of bgzip is a whole gzip file; only the end marker tells. */
static void test_bgzip_cut_between_blocks(void **state)
{
    (void)state;
    mg_error err;
    content whole = read_content(write_file("whole.gz", "w", good, strlen(good)));
    write_file("cut.gz", "wu", whole.byte, whole.n - 28);
    expect_words(read_it(path_of("cut.gz"), &err), MG_EINPUT, &err, "cut.gz is cut short after line", "end marker",
                 NULL);
    free(whole.byte);
}

/* --- ready windows --- */

static mg_status read_windows(const char *name, const char *text, mg_spool *spool, mg_transcriptome *ret,
                              bool *labelled, mg_error *err)
{
    *err = (mg_error){0};
    return mg_window_text_read(write_text(name, text), 8, 3, spool, ret, labelled, err);
}

static void test_windows(void **state)
{
    (void)state;
    mg_transcriptome windows;
    mg_spool *spool = new_spool();
    bool labelled;
    mg_error err;
    assert_int_equal(read_windows("a.pos", "CCCATGCC\n\nname\tcccaugnn\n", spool, &windows, &labelled, &err), MG_OK);
    assert_string_equal(show(&windows, spool), "line1=CCCATGCC name=CCCATGNN ");
    assert_true(labelled);
    assert_int_equal(windows.transcript[1].n_starts, 1);
    assert_int_equal(windows.transcript[1].start[0], 3);
    mg_transcriptome_destroy(&windows);
    assert_int_equal(read_windows("a.neg", "CCCATGCC\r\n", spool, &windows, &labelled, &err), MG_OK);
    assert_true(labelled);
    assert_int_equal(windows.transcript[0].n_starts, 0);
    mg_transcriptome_destroy(&windows);
    assert_int_equal(read_windows("a.txt", "CCCATGCC", spool, &windows, &labelled, &err), MG_OK);
    assert_false(labelled);
    mg_transcriptome_destroy(&windows);
    assert_int_equal(
        mg_window_text_read(write_file("b.pos.gz", "wg", "CCCATGCC\n", 9), 8, 3, spool, &windows, &labelled, &err),
        MG_OK);
    assert_true(labelled);
    mg_transcriptome_destroy(&windows);
    mg_spool_destroy(spool);
}

static void test_windows_refused(void **state)
{
    (void)state;
    static const char *const text[][2] = {{"CCCATGCC\nCCCATGC\n", "line 2: a window of 7 letters; the network takes 8"},
                                          {"CCCATGCCC\n", "line 1: a window of 9 letters"},
                                          {"CCCATG1C\n", "line 1: '1' is no letter"},
                                          {"\tCCCATGCC\n", "line 1: a name of 1 to 255 bytes"},
                                          {"a\tCCCATGCC\na\tCCCATGCC\n", "line 2: 'a' is also the name"},
                                          {"a\tCCCATGCC\tx\n", "line 1: a window of 10 letters"},
                                          {"\n\n", "is empty"}};
    mg_transcriptome windows;
    mg_spool *spool = new_spool();
    bool labelled;
    mg_error err;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        mg_status status = read_windows("bad.pos", text[i][0], spool, &windows, &labelled, &err);
        expect_words(status, MG_EINPUT, &err, "bad.pos", text[i][1], NULL);
        assert_null(windows.transcript);
    }
    mg_spool_destroy(spool);
}

/* --- anything at all --- */

/* Damaged files end in a status, never in a crash; run this under the sanitizers too. */
static void read_damaged(content whole, const char *name, int times)
{
    uint64_t k = 1;
    char *bytes = malloc(whole.n);
    mg_error err;
    mg_transcriptome windows;
    mg_spool *spool = new_spool();
    bool labelled;
    int n_refused = 0;
    for (int i = 0; i < times; i++) {
        size_t n = damage(whole, bytes, &k);
        const char *path = write_file(name, "wu", bytes, n);
        n_refused += read_it(path, &err) != MG_OK;
        if (mg_window_text_read(path, 8, 3, spool, &windows, &labelled, &err) == MG_OK)
            mg_transcriptome_destroy(&windows);
    }
    assert_true(n_refused > times / 10);
    mg_spool_destroy(spool);
    free(bytes);
}

static void test_damaged(void **state)
{
    (void)state;
    content plain = read_content(write_file("a.fa", "wu", good, strlen(good)));
    content gzip = read_content(write_file("a.fa.gz", "wg", good, strlen(good)));
    content bgzip = read_content(write_file("b.fa.gz", "w", good, strlen(good)));
    read_damaged(plain, "damaged.fa", 1500);
    read_damaged(gzip, "damaged.fa.gz", 700);
    read_damaged(bgzip, "damaged.fa.gz", 700);
    free(plain.byte);
    free(gzip.byte);
    free(bgzip.byte);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_gzip_bgzip), cmocka_unit_test(test_two_gzip_members),
        cmocka_unit_test(test_standard_input),   cmocka_unit_test(test_chromosome_names),
        cmocka_unit_test(test_ncbi_names),       cmocka_unit_test(test_byte_order_mark),
        cmocka_unit_test(test_refused),          cmocka_unit_test(test_truncated_gzip),
        cmocka_unit_test(test_truncated_bgzip),  cmocka_unit_test(test_bgzip_cut_between_blocks),
        cmocka_unit_test(test_windows),          cmocka_unit_test(test_windows_refused),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests_name("fasta", tests, make_folder, remove_folder);
}
