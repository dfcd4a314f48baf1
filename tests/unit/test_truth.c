/* test_truth.c  tables of measured effects, sound and hostile, and which windows of a run they are of
 *
 * Windows on the genome are held to positions that are written down by hand: exons of a transcript on each strand.
 */
#include "tests/support/files.h"

#include <math.h>

#include "io/given/truth.h"

enum { L = 7, ANCHOR = 2 };

static const char header[] = "window\tposition\talt\tvalue\n";

static mg_status read_text(const char *text, mg_truth_table *table, mg_error *err)
{
    return mg_truth_read(write_file("truth.tsv", "wu", text, strlen(text)), L, table, err);
}

static void refuse(const char *text, const char *why)
{
    mg_truth_table table = {0};
    mg_error err = {0};
    mg_status status = read_text(text, &table, &err);
    if (status != MG_EINPUT || strstr(err.text, why) == NULL) fail_msg("%d '%s', not '%s'", status, err.text, why);
}

static void test_refused(void **state)
{
    (void)state;
    refuse("", "its first line names the columns");
    refuse("window\tposition\talt\n", "no column is called value");
    refuse("position\talt\tvalue\n", "window and chromosome is wanted, not none");
    refuse("window\tchromosome\tposition\talt\tvalue\n", "not both");
    refuse("window\tposition\talt\tvalue\talt\n", "two columns are called alt");
    refuse("window\tposition\talt\tvalue\tstrand\n", "a window has no strand");
    refuse(header, "no line with a value");
    refuse("window\tposition\talt\tvalue\nACATGAC\t0\tC\n", "line 2: 4 columns are wanted, not 3");
    refuse("window\tposition\talt\tvalue\nACATGA\t0\tC\t1\n",
           "line 2: the window has 6 letters, those of the network have 7");
    refuse("window\tposition\talt\tvalue\nACAT-AC\t0\tC\t1\n", "line 2: letter 5 of the window is no base");
    refuse("window\tposition\talt\tvalue\n\nACATGAC\tx\tC\t1\n", "line 3: position 'x' is no whole number");
    refuse("window\tposition\talt\tvalue\nACATGAC\t99999999999999999999\tC\t1\n", "is no whole number");
    refuse("window\tposition\talt\tvalue\nACATGAC\t0\tCC\t1\n", "alt 'CC' is none of A, C, G, T");
    refuse("window\tposition\talt\tvalue\nACATGAC\t0\tN\t1\n", "alt 'N' is none of A, C, G, T");
    refuse("window\tposition\talt\tvalue\nACATGAC\t0\tC\t1x\n", "value '1x' is no number");
    refuse("window\tposition\talt\tvalue\nACATGAC\t0\tC\t0x1p-2\n", "value '0x1p-2' is no number");
    refuse("window\tposition\talt\tvalue\nACATGAC\t0\tC\t 1\n", "value ' 1' is no number");
    refuse("window\tposition\talt\tvalue\tse\nACATGAC\t0\tC\t1\t0x2\n", "se '0x2' is no number");
    refuse("window\tposition\talt\tvalue\nACATGAC\t+0\tC\t1\n", "position '+0' is no whole number");
    refuse("window\tposition\talt\tvalue\nACATGAC\t 0\tC\t1\n", "position ' 0' is no whole number");
    refuse("window\tposition\talt\tvalue\nACATGAC\t0\tC\tinf\n", "value 'inf' is no number");
    refuse("window\tposition\talt\tvalue\nACATGAC\t0\tC\t1e99\n", "is no number");
    refuse("window\tposition\talt\tvalue\tse\nACATGAC\t0\tC\t1\t-0.5\n", "se -0.5 is negative");
    refuse("window\tposition\talt\tvalue\tref\nACATGAC\t0\tC\t1\tAC\n", "ref 'AC'");
    refuse("chromosome\tposition\talt\tvalue\n1\t0\tC\t1\n", "no whole number from 1 on");
    refuse("chromosome\tposition\talt\tvalue\tstrand\n1\t1\tC\t1\tx\n", "strand 'x' is none of");
    refuse("window\tposition\talt\tvalue\nACATGAC\t0\tC\t1\nacaugac\t0\tc\t2\n",
           "lines 2 and 3 give the same substitution two values");
}

/* --- a run --- */

typedef struct {
    mg_input input;
    mg_distinct distinct;
    mg_base base[64 * L];
} run;

static run *open_run(mg_input_options *options)
{
    static run r;
    mg_error err = {0};
    mg_shard_window window[64];
    r = (run){0};
    options->scratch = folder;
    if (mg_input_read(options, L, ANCHOR, &r.input, &err) != MG_OK) fail_msg("%s", err.text);
    if (mg_distinct_find(&r.input, folder, &r.distinct, &err) != MG_OK) fail_msg("%s", err.text);
    assert_true(r.distinct.n_windows <= 64);
    assert_int_equal(mg_distinct_windows(&r.distinct, 0, r.distinct.n_windows, window, r.base, &err), MG_OK);
    return &r;
}

static void close_run(run *r)
{
    mg_distinct_destroy(&r->distinct);
    mg_input_destroy(&r->input);
}

static run *open_windows(void)
{
    static const char text[] = "ACATGAC\nGGATGTT\nACATGAN\n";
    mg_input_options options = {.windows = write_file("w.pos", "wu", text, sizeof text - 1)};
    return open_run(&options);
}

static mg_status match(const char *text, run *r, mg_truth_table *table, mg_measured *measured, mg_error *err)
{
    mg_status status = read_text(text, table, err);
    return status == MG_OK ? mg_truth_match("truth.tsv", table, &r->distinct, ANCHOR, measured, err) : status;
}

static void test_by_window(void **state)
{
    (void)state;
    static const char text[] = "# measured in a dream\r\nse\twindow\tposition\tother\talt\tvalue\tref\r\n"
                               "0.5\tACATGAC\t0\tx\tC\t-1.25\tA\r\n"  /* line 3: fits */
                               "NA\tacaugac\t0\tx\tG\t2\tN\r\n"       /* fits, no se, no ref */
                               "1\tACATGAC\t0\tx\tT\tNA\tA\r\n"       /* not measured */
                               "1\tACATGAC\t6\tx\tC\t3\tC\r\n"        /* alt is there already */
                               "1\tACATGAC\t7\tx\tC\t3\tC\r\n"        /* outside */
                               "1\tACATGAC\t-1\tx\tC\t3\tC\r\n"       /* outside */
                               "1\tACATGAC\t1\tx\tA\t3\tG\r\n"        /* another ref */
                               "1\tACATGAN\t6\tx\tA\t3\tN\r\n"        /* not known here */
                               "1\tTTTTTTT\t6\tx\tA\t3\tT\r\n"        /* no such window */
                               "0.5\tACATGAC\t0\tx\tC\t-1.25\tA\r\n"  /* again */
                               "0.25\tGGATGTT\t5\tx\tG\t0.125\tT\r\n" /* fits */
                               "0.25\tGGATGTT\t5\tx\tA\t0.5\t.\r\n"   /* fits */
                               "0.25\tGGATGTT\t5\tx\tC\t0.75\t.\r\n"; /* fits */
    run *r = open_windows();
    mg_truth_table table = {0};
    mg_measured m = {0};
    mg_error err = {0};
    float effect[L * 4], se[L * 4];
    if (match(text, r, &table, &m, &err) != MG_OK) fail_msg("%s", err.text);
    static const mg_truth_count wanted[MG_N_TRUTH_COUNTS] = {
        [MG_TRUTH_MISSING] = {1, 5},     [MG_TRUTH_SAME_BASE] = {1, 6},  [MG_TRUTH_NO_POSITION] = {2, 7},
        [MG_TRUTH_CONTRADICTS] = {2, 9}, [MG_TRUTH_NO_WINDOW] = {1, 11}, [MG_TRUTH_REPEATED] = {1, 12}};
    for (int k = 0; k < MG_N_TRUTH_COUNTS; k++) {
        assert_int_equal(table.count[k].n, wanted[k].n);
        assert_int_equal(table.count[k].line, wanted[k].line);
    }
    assert_int_equal(table.n_windows, 2);
    assert_int_equal(table.n_measured, 5);
    assert_int_equal(table.n_lines, 13);
    assert_true(mg_measured_row(&m, r->base, effect, se));
    assert_true(effect[MG_C] == -1.25F && effect[MG_G] == 2 && isnan(effect[MG_T]) && effect[MG_A] == 0);
    assert_true(se[MG_C] == 0.5F && isnan(se[MG_G]) && isnan(effect[4 + MG_A]) && effect[4 + MG_C] == 0);
    assert_true(mg_measured_row(&m, r->base + L, effect, se));
    assert_true(effect[20 + MG_G] == 0.125F && effect[20 + MG_A] == 0.5F && effect[20 + MG_C] == 0.75F);
    assert_true(effect[20 + MG_T] == 0 && se[20 + MG_A] == 0.25F);
    assert_false(mg_measured_row(&m, r->base + 2 * L, effect, NULL) && !isnan(effect[MG_C]));
    mg_measured_destroy(&m);
    mg_truth_table_destroy(&table);
    close_run(r);
}

static void test_does_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *why;
    } bad[] = {
        {"window\tposition\talt\tvalue\tref\nACATGAC\t1\tG\t1\tA\nACATGAC\t2\tG\t1\tC\nACATGAC\t0\tC\t1\tA\n",
         "2 lines contradict the bases of the run, 1 fit (line 2 is the first that does not); are positions counted "
         "from 0"},
        {"window\tposition\talt\tvalue\nACACGAC\t1\tG\t1\n", "none of its 1 lines with a value is of a position"},
        {"chromosome\tposition\talt\tvalue\n1\t1\tG\t1\n", "does not know where its transcripts lie"}};
    run *r = open_windows();
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        mg_truth_table table = {0};
        mg_measured m = {0};
        mg_error err = {0};
        assert_int_equal(match(bad[k].lines, r, &table, &m, &err), MG_EINPUT);
        if (strstr(err.text, bad[k].why) == NULL) fail_msg("'%s', not '%s'", err.text, bad[k].why);
        mg_truth_table_destroy(&table);
    }
    close_run(r);
}

/* --- on a genome --- */

static const char genome[] = ">chr1\nAAACCATGACTTTTTATGGCATGCCGGGGTCATAACATCC\n";
static const char *const bases = "ACGT";

/* Where the bases of the two transcripts are, counted from 0: CCATGAC|ATGGCATGCC, and GGATGTTATGAC on the other strand. */
static const int place_of[2][17] = {{3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24},
                                    {39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28}};
static const int n_of[2] = {17, 12};

static float told(int at, int b)
{
    return (float)(10 * at + b) + 0.5F;
}

/* All substitutions of the chromosome, but those to A at position 18; of position 35 on the forward strand alone. */
static char *make_lines(void)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    fputs("chromosome\tposition\talt\tvalue\tstrand\n", out);
    for (int at = 0; at < 40; at++)
        for (int b = 0; b < 4; b++)
            if (genome[6 + at] != bases[b] && !(at == 18 && b == 0))
                fprintf(out, "1\t%d\t%c\t%g\t%s\n", at + 1, bases[b], (double)told(at, b), at == 35 ? "+" : ".");
    fclose(out);
    return text;
}

static void check_window(const run *r, const mg_place *place, const mg_measured *m)
{
    float effect[L * 4];
    const mg_base *base = r->base + place->window * L;
    int t = (int)place->transcript;
    mg_measured_row(m, base, effect, NULL);
    for (int p = 0; p < L; p++)
        for (int b = 0; b < 4; b++) {
            int64_t at = place->start - ANCHOR + p;
            int forward = t == 0 ? b : 3 - b, where = at >= 0 && at < n_of[t] ? place_of[t][at] : -1;
            float wanted = where < 0 || (where == 18 && forward == 0) || where == 35 ? NAN : told(where, forward);
            if (base[p] == b) wanted = 0;
            bool same = isnan(wanted) ? isnan(effect[4 * p + b]) != 0 : effect[4 * p + b] == wanted;
            if (!same)
                fail_msg("window %d, p %d, b %d: %g, not %g", (int)place->window, p, b, effect[4 * p + b], wanted);
        }
}

static void test_by_chromosome(void **state)
{
    (void)state;
    static const char gtf[] = "chr1\tx\texon\t4\t10\t.\t+\t.\tgene_id \"g\"; transcript_id \"p\";\n"
                              "chr1\tx\texon\t16\t25\t.\t+\t.\tgene_id \"g\"; transcript_id \"p\";\n"
                              "chr1\tx\texon\t29\t40\t.\t-\t.\tgene_id \"h\"; transcript_id \"m\";\n";
    mg_input_options options = {.genome = write_file("g.fa", "wu", genome, sizeof genome - 1),
                                .annotation = write_file("a.gtf", "wu", gtf, sizeof gtf - 1),
                                .places = true};
    run *r = open_run(&options);
    char *lines = make_lines();
    mg_truth_table table = {0};
    mg_measured m = {0};
    mg_error err = {0};
    mg_place place[64];
    if (match(lines, r, &table, &m, &err) != MG_OK) fail_msg("%s", err.text);
    assert_int_equal(r->distinct.n_places, 5);
    assert_int_equal(mg_distinct_places(&r->distinct, 0, 5, place, &err), MG_OK);
    for (int k = 0; k < 5; k++)
        check_window(r, &place[k], &m);
    assert_int_equal(table.n_windows, 5);
    assert_int_equal(table.count[MG_TRUTH_CONTRADICTS].n, 0);
    free(lines);
    mg_measured_destroy(&m);
    mg_truth_table_destroy(&table);
    close_run(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_by_window),
        cmocka_unit_test(test_does_not_fit),
        cmocka_unit_test(test_by_chromosome),
    };
    return cmocka_run_group_tests_name("truth", tests, make_folder, remove_folder);
}
