/* test_variant_file.c  VCF and BCF: what is read, what is refused, and copies with more in INFO */
#include "tests/support/files.h"

#include <htslib/tbx.h>
#include <htslib/vcf.h>
#include <math.h>

#include "io/variant/file.h"

#define HEAD                                                                                                           \
    "##fileformat=VCFv4.2\n##contig=<ID=c1,length=900>\n##contig=<ID=c2>\n##INFO=<ID=AF,Number=A,Type=Float,"          \
    "Description=\"x\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
#define BODY "c1\t5\trs1\tA\tC,<DEL>\t.\t.\tAF=0.1,0.2\nc1\t9\t.\tac\t.\t.\t.\t.\nc2\t1\t.\tG\t*\t50\tPASS\tAF=0.5\n"

/* Records as "c1:5 A C,<DEL>; "; or the sentence of a failure, and its status in *status. */
static const char *read_all(const char *path, mg_status *status)
{
    static char text[4096];
    static mg_error err;
    mg_variant_file *file = NULL;
    mg_variant_record record = {0};
    bool more = true;
    size_t n = 0;
    err = (mg_error){0};
    text[0] = '\0';
    *status = mg_variant_file_open(path, &file, &err);
    while (*status == MG_OK && more) {
        *status = mg_variant_file_next(file, &record, &more, &err);
        if (*status != MG_OK || !more) break;
        n += (size_t)snprintf(text + n, sizeof text - n, "%s:%d %s ", record.chromosome, (int)record.position + 1,
                              record.ref);
        for (size_t a = 0; a < record.n_alternatives; a++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", a > 0 ? "," : "", record.alternative[a]);
        n += (size_t)snprintf(text + n, sizeof text - n, "; ");
        if (n > sizeof text - 512) n = 0;
    }
    mg_variant_record_destroy(&record);
    mg_variant_file_close(file);
    return *status == MG_OK ? text : err.text;
}

static const char whole[] = "c1:5 A C,<DEL>; c1:9 ac ; c2:1 G *; ";

static void gives(const char *path, const char *expected)
{
    mg_status status;
    const char *found = read_all(path, &status);
    assert_int_equal(status, MG_OK);
    assert_string_equal(found, expected);
}

static void test_vcf(void **state)
{
    (void)state;
    const char *how[] = {"wu", "wg", "w"};
    for (int i = 0; i < 3; i++)
        gives(write_file("a.vcf", how[i], HEAD BODY, strlen(HEAD BODY)), whole);
    gives(write_text("a.vcf", HEAD), "");
    gives(write_text("a.vcf", HEAD "other\t7\t.\tA\tG\t.\t.\tNEW=5\n"), "other:7 A G; ");
    gives(write_text("a.vcf", HEAD "c2\t0\t.\tA\tG\t.\t.\t.\n"), "c2:0 A G; ");
    gives(write_text("a.vcf", HEAD "c2\t9\t.\tA\tG\t.\t.\t.\nc1\t1\t.\tA\tG\t.\t.\t.\n"), "c2:9 A G; c1:1 A G; ");
}

static void refuse(const char *path, const char *words)
{
    mg_error err = {0};
    mg_status status;
    snprintf(err.text, sizeof err.text, "%s", read_all(path, &status));
    expect_words(status, MG_EINPUT, &err, words, NULL);
}

static void test_refused(void **state)
{
    (void)state;
    refuse(path_of("missing.vcf"), "cannot open");
    refuse(folder, "directory");
    refuse(write_text("a.vcf", ""), "no VCF or BCF");
    refuse(write_text("a.vcf", "c1\t5\t.\tA\tC\t.\t.\t.\n"), "no VCF or BCF");
    refuse(write_text("a.vcf", ">seq\nACGT\n"), "no VCF or BCF");
    refuse(write_text("a.vcf", HEAD "c1\tx\t.\tA\tC\t.\t.\t.\n"), "line 6: its POS");
    refuse(write_text("a.vcf", HEAD BODY "c1\t7\n"), "line 9: 2 columns");
    refuse(write_text("a.vcf", HEAD BODY "c1\t7\t.\tA"), "line 9: 4 columns"); /* htslib: one without ALT */
    refuse(write_text("a.vcf", HEAD BODY "c1\t7\t.\tA\tC\t.\t.\n"), "line 9: 7 columns");
    refuse(write_text("a.vcf", HEAD BODY "c1 7 . A C . . .\n"), "line 9: 1 columns");
    refuse(write_text("a.vcf", HEAD BODY "\n"), "line 9: an empty line");
    static const char zero[] = HEAD "c1\t5\t.\tA\tC\0G\t.\t.\t.\n";
    refuse(write_file("a.vcf", "wu", zero, sizeof zero - 1), "line 6: a zero byte");
}

static void test_cut_short(void **state)
{
    (void)state;
    static const char *const how[] = {"wg", "w"};
    for (int i = 0; i < 2; i++) {
        content file = read_content(write_file("whole.vcf.gz", how[i], HEAD BODY, strlen(HEAD BODY)));
        for (size_t n = 30; n < file.n; n += 7) {
            mg_status status;
            const char *found = read_all(write_file("cut.vcf.gz", "wu", file.byte, n), &status);
            if (status == MG_OK) fail_msg("%zu of %zu bytes read as %s", n, file.n, found);
        }
        free(file.byte);
    }
}

/* --- copies --- */

static mg_status copy_file(const char *from, const char *to, bool force, mg_error *err)
{
    static const char *const line[] = {"##INFO=<ID=X,Number=.,Type=String,Description=\"x\">",
                                       "##INFO=<ID=Y,Number=A,Type=Float,Description=\"y\">"};
    const float value[] = {1.5f, NAN};
    mg_variant_file *file = NULL;
    mg_variant_copy *copy = NULL;
    mg_variant_record record = {0};
    bool more = true;
    mg_status status = mg_variant_file_open(from, &file, err);
    if (status == MG_OK) status = mg_variant_copy_create(to, file, 2, line, force, &copy, err);
    while (status == MG_OK) {
        status = mg_variant_file_next(file, &record, &more, err);
        if (status != MG_OK || !more) break;
        status = mg_variant_copy_texts(copy, &record, "X", "a|b", err);
        if (status == MG_OK && record.n_alternatives > 0)
            status = mg_variant_copy_numbers(copy, &record, "Y", value, record.n_alternatives, err);
        if (status == MG_OK) status = mg_variant_copy_add(copy, &record, err);
    }
    status = mg_variant_copy_end(copy, status, err);
    mg_variant_record_destroy(&record);
    mg_variant_file_close(file);
    return status;
}

static void make_copy(const char *from, const char *to)
{
    mg_error err = {0};
    if (copy_file(from, to, true, &err) != MG_OK) fail_msg("%s", err.text);
    assert_int_equal(access(path_of("out.part"), F_OK), -1);
}

static void test_copies(void **state)
{
    (void)state;
    const char *from = write_text("a.vcf", HEAD BODY);
    make_copy(from, path_of("b.vcf"));
    content copy = read_content(path_of("b.vcf"));
    assert_non_null(strstr(copy.byte, "\tAF=0.1,0.2;X=a|b;Y=1.5,.\n"));
    free(copy.byte);
    make_copy(from, path_of("b.vcf.gz"));
    gives(path_of("b.vcf.gz"), whole);
    assert_int_equal(access(path_of("b.vcf.gz.tbi"), R_OK), 0);
    make_copy(path_of("b.vcf.gz"), path_of("c.bcf"));
    gives(path_of("c.bcf"), whole);
    assert_int_equal(access(path_of("c.bcf.csi"), R_OK), 0);
    make_copy(path_of("c.bcf"), path_of("d.vcf"));
    gives(path_of("d.vcf"), whole);
    /* Y of another kind, and an X of before: what is written now is what the header tells of */
    make_copy(write_text("a.vcf", "##fileformat=VCFv4.2\n##INFO=<ID=Y,Number=1,Type=String,Description=\"old\">\n"
                                  "##INFO=<ID=X,Number=1,Type=Integer,Description=\"old\">\n"
                                  "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nc1\t5\t.\tA\tC\t.\t.\tX=7;Y=q\n"),
              path_of("e.vcf"));
    copy = read_content(path_of("e.vcf"));
    assert_null(strstr(copy.byte, "old"));
    assert_non_null(strstr(copy.byte, "\tX=a|b;Y=1.5\n"));
    free(copy.byte);
    tbx_t *index = tbx_index_load(path_of("b.vcf.gz"));
    assert_non_null(index);
    hts_itr_t *found = tbx_itr_querys(index, "c2:1-1");
    assert_non_null(found);
    tbx_itr_destroy(found);
    tbx_destroy(index);
}

/* Numbers of more digits than htslib writes, a flag, samples; POS, QUAL and case as nobody would write them anew. */
#define LONG_HEAD                                                                                                      \
    "##fileformat=VCFv4.2\n##contig=<ID=c1,length=900>\n##INFO=<ID=AF,Number=A,Type=Float,Description=\"x\">\n"        \
    "##INFO=<ID=DB,Number=0,Type=Flag,Description=\"x\">\n##INFO=<ID=Q,Number=.,Type=Float,Description=\"x\">\n"       \
    "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"x\">\n##FORMAT=<ID=GP,Number=.,Type=Float,Description=\"x\">"  \
    "\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
#define LONG_INFO  "DB;AF=0.123456789,1e-7;Q=1234567.8,.,3"
#define LONG_LEFT  "c1\t5\trs1\ta\tC,T\t123456.789\tPASS\t"
#define LONG_RIGHT "\tGT:GP\t0/1:0.333333333,0.5\t./.:.\n"

static void has(const char *path, const char *text)
{
    content file = read_content(path);
    if (strstr(file.byte, text) == NULL) fail_msg("%s: %s is not in %s", path, text, strrchr(file.byte, '#'));
    free(file.byte);
}

/* What is not ours has the bytes it had; out of a BCF, the digits that its float32 needs. */
static void test_numbers_are_kept(void **state)
{
    (void)state;
    const char *ours = ";X=a|b;Y=1.5,.";
    char line[512];
    snprintf(line, sizeof line, "%s%s%s%s", LONG_LEFT, LONG_INFO, ours, LONG_RIGHT);
    make_copy(write_text("a.vcf", LONG_HEAD "\tFORMAT\tone\ttwo\n" LONG_LEFT LONG_INFO LONG_RIGHT), path_of("b.vcf"));
    has(path_of("b.vcf"), line);
    make_copy(path_of("b.vcf"), path_of("c.vcf")); /* ours give way to ours */
    has(path_of("c.vcf"), line);
    make_copy(path_of("c.vcf"), path_of("d.bcf"));
    make_copy(path_of("d.bcf"), path_of("e.bcf"));
    make_copy(path_of("e.bcf"), path_of("f.vcf"));
    has(path_of("f.vcf"), "c1\t5\trs1\ta\tC,T\t123456.79\tPASS\tDB;AF=0.12345679,1e-07;Q=1234567.8,.,3;X=a|b;Y=1.5,.\t"
                          "GT:GP\t0/1:0.33333334,0.5\t./.:.\n");
    make_copy(
        write_text("a.vcf", LONG_HEAD "\nc1\t5\t.\tA\tC\t0.1234567\tPASS\t.\nc1\t6\t.\tA\t.\t7\tPASS\tX=1;AF=2.00\n"),
        path_of("g.vcf"));
    has(path_of("g.vcf"), "\t0.1234567\tPASS\tX=a|b;Y=1.5\n");
    has(path_of("g.vcf"), "\t7\tPASS\tAF=2.00;X=a|b\n");
}

static void refuse_copy(const char *text, const char *to, bool force, const char *words)
{
    mg_error err = {0};
    mg_status status = copy_file(write_text("a.vcf", text), path_of(to), force, &err);
    expect_words(status, MG_EINPUT, &err, words, NULL);
    assert_int_equal(access(path_of("n.vcf.gz"), F_OK), -1);
    assert_int_equal(access(path_of("n.vcf.gz.part"), F_OK), -1);
}

static void test_copies_refused(void **state)
{
    (void)state;
    write_text("there.vcf", "mine");
    refuse_copy(HEAD BODY, "there.vcf", false, "is there already");
    gives(write_text("a.vcf", HEAD), "");
    refuse_copy(HEAD "c1\t5\t.\tA\tC\t.\t.\t.\nc1\t4\t.\tA\tC\t.\t.\t.\n", "n.vcf.gz", false,
                "line 7: c1:4 is out of order");
    refuse_copy(HEAD "c1\t5\t.\tA\tC\t.\t.\t.\nc2\t4\t.\tA\tC\t.\t.\t.\nc1\t6\t.\tA\tC\t.\t.\t.\n", "n.vcf.gz", false,
                "line 8: c1:6 is out of order");
    refuse_copy(HEAD BODY "c2\tx\n", "n.vcf.gz", false, "line 9");
    refuse_copy(HEAD "other\t5\t.\tA\tC\t.\t.\t.\n", "n.bcf", false, "BCF cannot hold");
    make_copy(write_text("a.vcf", HEAD "c1\t5\t.\tA\tC\t.\t.\t.\nc1\t4\t.\tA\tC\t.\t.\t.\n"), path_of("plain.vcf"));
}

/* --- damage --- */

/* A file of bgzip, unpacked: damage then reaches what reads the records, not only what unpacks them. */
static content unpacked(const char *path)
{
    enum { ROOM = 1 << 16 };
    content all = {.byte = calloc(ROOM, 1)};
    BGZF *file = bgzf_open(path, "r");
    assert_non_null(file);
    ssize_t n = bgzf_read(file, all.byte, ROOM);
    assert_true(n > 0 && n < ROOM);
    assert_int_equal(bgzf_close(file), 0);
    all.n = (size_t)n;
    return all;
}

static void test_damaged(void **state)
{
    (void)state;
    enum { TIMES = 1000, KINDS = 3 };
    make_copy(write_text("a.vcf", HEAD BODY), path_of("a.bcf"));
    content file[KINDS] = {read_content(path_of("a.vcf")), read_content(path_of("a.bcf")), unpacked(path_of("a.bcf"))};
    static const char *const how[KINDS] = {"wu", "wu", "w"};
    uint64_t k = 1;
    for (int f = 0; f < KINDS; f++) {
        char *bytes = calloc(file[f].n + 1, 1);
        for (int i = 0; i < TIMES; i++) {
            mg_status status;
            size_t n = damage(file[f], bytes, &k);
            const char *found = read_all(write_file("damaged", how[f], bytes, n), &status);
            assert_true(status == MG_OK || status == MG_EINPUT);
            assert_true(status == MG_OK || found[0] != '\0');
        }
        free(bytes);
        free(file[f].byte);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vcf),     cmocka_unit_test(test_refused),          cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_copies),  cmocka_unit_test(test_numbers_are_kept), cmocka_unit_test(test_copies_refused),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests_name("variant file", tests, make_folder, remove_folder);
}
