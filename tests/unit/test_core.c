/* test_core.c  options, messages, progress, memory, spelling: what everything else stands on */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/core/decimal.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/core/options.h"
#include "src/core/random.h"
#include "src/core/spelling.h"
#include "src/core/status.h"
#include "src/core/version.h"

/* --- options --- */

typedef struct {
    bool force, quiet;
    int64_t threads, any;
    double alpha, free;
    const char *model, *out, *unknown;
    mg_text_list methods, names;
} values;

static const mg_option table[] = {
    {"model", MG_TEXT, offsetof(values, model), "tis-human", "FILE", 0, 0, "Input", "network to explain"},
    {"unknown", MG_CHOICE, offsetof(values, unknown), "zero", "zero|A", 0, 0, "Input", "what stands for N"},
    {"methods", MG_TEXTS, offsetof(values, methods), "saliency lrp", "LIST", 0, 0, "Work", "attribution methods"},
    {"name", MG_NAMES, offsetof(values, names), NULL, "NAME", 0, 0, "Work", "names"},
    {"threads", MG_INTEGER, offsetof(values, threads), "0", "N", 0, 4096, "Speed", "threads a rank; 0: all"},
    {"any", MG_INTEGER, offsetof(values, any), "-7", "N", 0, 0, "Speed", "a number without range"},
    {"alpha", MG_REAL, offsetof(values, alpha), "0.05", "X", 0, 1, "Speed", "a share"},
    {"free", MG_REAL, offsetof(values, free), NULL, "X", 0, 0, "Work", "a number without range or default"},
    {"out", MG_TEXT, offsetof(values, out), NULL, "FILE", 0, 0, "Output", "result"},
    {"force", MG_FLAG, offsetof(values, force), NULL, NULL, 0, 0, "Output", "replace an existing file"},
    {"quiet", MG_FLAG, offsetof(values, quiet), NULL, NULL, 0, 0, "Output", "say nothing"},
    {0}};
static const mg_command_help command = {
    "try", "--out FILE [options] [WORD...]",   "Tries the options.", "Example: none",
    table, "o=out f=force n=threads x=no-such"};

enum { MAX_WORDS = 32 };

/* Parse words that are separated by '|' (so that a word can hold spaces). */
static mg_status parse(const char *line, values *v, bool *help, mg_text_list *positional, mg_error *err)
{
    static char copy[512];
    char *argv[MAX_WORDS] = {"try"};
    int argc = 1;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *rest = copy, *word; line[0] != '\0' && argc < MAX_WORDS && (word = strsep(&rest, "|")) != NULL;)
        argv[argc++] = word;
    *v = (values){0};
    *err = (mg_error){0};
    return mg_options_parse(&command, argc, argv, v, help, positional, err);
}

static void presets_hold_without_options(void **state)
{
    (void)state;
    values v;
    bool help;
    mg_error err;
    assert_int_equal(parse("", &v, &help, NULL, &err), MG_OK);
    assert_false(help);
    assert_false(v.force);
    assert_string_equal(v.model, "tis-human");
    assert_string_equal(v.unknown, "zero");
    assert_null(v.out);
    assert_int_equal(v.threads, 0);
    assert_int_equal(v.any, -7);
    assert_true(v.alpha == 0.05);
    assert_int_equal(v.methods.n, 2);
    assert_string_equal(v.methods.text[1], "lrp");
    mg_options_free(&command, &v, NULL);
    assert_int_equal(v.methods.n, 0);
}

static void options_are_read_in_every_form(void **state)
{
    (void)state;
    values v;
    bool help;
    mg_error err;
    mg_text_list rest;
    const char *line =
        "a.fa|--model|m.h5|--threads=4|--alpha|1|--unk|A|--force|-|--out=--odd|--any|-9223372036854775808"
        "|--|--model|-x";
    assert_int_equal(parse(line, &v, &help, &rest, &err), MG_OK);
    assert_string_equal(v.model, "m.h5");
    assert_int_equal(v.threads, 4);
    assert_true(v.alpha == 1);
    assert_string_equal(v.unknown, "A");
    assert_true(v.force);
    assert_string_equal(v.out, "--odd");
    assert_true(v.any == INT64_MIN);
    assert_int_equal(rest.n, 4);
    assert_string_equal(rest.text[0], "a.fa");
    assert_string_equal(rest.text[1], "-");
    assert_string_equal(rest.text[2], "--model");
    assert_string_equal(rest.text[3], "-x");
    mg_options_free(&command, &v, &rest);
}

static void lists_replace_their_preset_and_then_grow(void **state)
{
    (void)state;
    values v;
    bool help;
    mg_error err;
    assert_int_equal(
        parse("--methods| ig:steps=50  lrp:rule=epsilon,epsilon=1e-6 |--methods=deeplift", &v, &help, NULL, &err),
        MG_OK);
    assert_int_equal(v.methods.n, 3);
    assert_string_equal(v.methods.text[0], "ig:steps=50");
    assert_string_equal(v.methods.text[1], "lrp:rule=epsilon,epsilon=1e-6");
    assert_string_equal(v.methods.text[2], "deeplift");
    mg_options_free(&command, &v, NULL);
}

static void names_keep_their_blanks(void **state)
{
    (void)state;
    values v;
    bool help;
    mg_error err;
    char *text = NULL;
    assert_int_equal(parse("--name| two  words|--name=--out|--methods|lrp", &v, &help, NULL, &err), MG_OK);
    assert_int_equal(v.names.n, 2);
    assert_string_equal(v.names.text[0], " two  words");
    assert_string_equal(v.names.text[1], "--out");
    assert_int_equal(mg_options_describe(&command, &v, &text, &err), MG_OK);
    assert_non_null(strstr(text, "\n--name  two  words\n--name --out\n"));
    free(text);
    mg_options_free(&command, &v, NULL);
}

static void letters_stand_for_options(void **state)
{
    (void)state;
    values v;
    bool help;
    mg_error err;
    mg_text_list rest;
    assert_int_equal(parse("-o|a.h5|-n3|-f|word|--|-f", &v, &help, &rest, &err), MG_OK);
    assert_string_equal(v.out, "a.h5");
    assert_int_equal(v.threads, 3);
    assert_true(v.force);
    assert_int_equal(rest.n, 2);
    assert_string_equal(rest.text[1], "-f");
    mg_options_free(&command, &v, &rest);
}

static void help_is_seen_before_any_mistake(void **state)
{
    (void)state;
    values v;
    bool help;
    mg_error err;
    assert_int_equal(parse("--no-such|--help", &v, &help, NULL, &err), MG_OK);
    assert_true(help);
    mg_options_free(&command, &v, NULL);
    mg_text_list rest;
    assert_int_equal(parse("--|--help", &v, &help, &rest, &err), MG_OK);
    assert_false(help);
    mg_options_free(&command, &v, &rest);
}

static void mistakes_are_told_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *line, *text;
    } wrong[] = {
        {"--treads|4", "try has no option --treads; did you mean --threads?"},
        {"--xylophone", "try has no option --xylophone"},
        {"--", NULL},
        {"--=3", "try has no option --"},
        {"--f", "--f may mean --free or --force"},
        {"--threads", "--threads needs a value: --threads N"},
        {"--model|--force", "--model needs a value: --model FILE"},
        {"--out=", "--out was given an empty value"},
        {"--force=yes", "--force takes no value (was given 'yes')"},
        {"--threads|4x", "--threads: '4x' is no whole number"},
        {"--threads|4097", "--threads: 4097 is not between 0 and 4096"},
        {"--threads|-1", "--threads: -1 is not between 0 and 4096"},
        {"--threads|99999999999999999999", "--threads: 99999999999999999999 is not between 0 and 4096"},
        {"--any|99999999999999999999", "--any: 99999999999999999999 is too large a number"},
        {"--alpha|1.5", "--alpha: 1.5 is not between 0 and 1"},
        {"--alpha|nan", "--alpha: 'nan' is no number"},
        {"--free|1e999", "--free: '1e999' is no number"},
        {"--unknown|B", "--unknown: 'B' is none of zero|A"},
        {"--unknown|zero|", "try: '' is no option, and try takes nothing else"},
        {"-x|4", "'-x': options are written with two dashes and a name"},
        {"-o", "--out needs a value: --out FILE"},
        {"-fast", "--force takes no value (was given 'ast')"},
        {"-n|many", "--threads: 'many' is no whole number"},
        {"-t|4", "'-t': options are written with two dashes and a name"},
        {"word", "try: 'word' is no option, and try takes nothing else"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        values v;
        bool help;
        mg_error err;
        mg_status status = parse(wrong[i].line, &v, &help, NULL, &err);
        assert_int_equal(status, wrong[i].text != NULL ? MG_EUSAGE : MG_OK);
        assert_string_equal(err.text, wrong[i].text != NULL ? wrong[i].text : "");
        mg_options_free(&command, &v, NULL);
    }
}

static void a_very_long_option_is_told_and_cut(void **state)
{
    (void)state;
    char *word = malloc(100000);
    assert_non_null(word);
    memset(word, 'x', 99999);
    memcpy(word, "--", 2);
    word[99999] = '\0';
    char *argv[] = {"try", word};
    values v = {0};
    bool help;
    mg_error err;
    assert_int_equal(mg_options_parse(&command, 2, argv, &v, &help, NULL, &err), MG_EUSAGE);
    assert_int_equal(strlen(err.text), MG_ERROR_TEXT - 1);
    mg_options_free(&command, &v, NULL);
    free(word);
}

static char *help_text(const mg_command_help *of)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    mg_options_help(out, of);
    assert_int_equal(fclose(out), 0);
    return text;
}

static int count_of(const char *text, const char *part)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        n++;
    return n;
}

static void help_shows_groups_ranges_and_defaults(void **state)
{
    (void)state;
    char *text = help_text(&command);
    assert_non_null(strstr(text, "Usage: mutagree try --out FILE [options] [WORD...]\n"));
    assert_non_null(strstr(text, "\nInput:\n  --model FILE      network to explain [tis-human]\n"));
    assert_non_null(strstr(text, "\n  -n, --threads N   threads a rank; 0: all (0 to 4096) [0]\n"));
    assert_non_null(strstr(text, "\n  --any N           a number without range [-7]\n"));
    assert_non_null(strstr(text, "\n  -f, --force       replace an existing file\n"));
    assert_int_equal(count_of(text, "\nWork:\n"), 1);
    free(text);
}

static void help_keeps_to_100_columns(void **state)
{
    (void)state;
    static const mg_option wide[] = {
        {"an-option-with-a-name-that-is-long", MG_TEXT, 0, "and-a-default", "SOMETHING", 0, 0, "Input",
         "a sentence that goes on and on, over the end of the line, so that it has to be wrapped at least once, and "
         "then "
         "goes on for a while so that it has to be wrapped once more before it comes to its end"},
        {0}};
    char long_notes[] =
        "Short line.\n\n  An indented line that is too long goes on and on over the end of the line, so that "
        "it has to be wrapped.\nLast.";
    char *text = help_text(&(mg_command_help){"try", "", "Tries.", long_notes, wide, NULL});
    assert_non_null(strstr(text, "Usage: mutagree try\n"));
    assert_non_null(strstr(text, "\nShort line.\n\n  An indented"));
    assert_non_null(strstr(text, "\n  wrapped.\nLast.\n"));
    int n_lines = 0;
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL; n_lines++)
        assert_true(strlen(line) <= 100);
    assert_true(n_lines > 8);
    free(text);
}

static void description_can_be_given_again(void **state)
{
    (void)state;
    values v;
    bool help;
    mg_error err;
    char *text = NULL;
    assert_int_equal(parse("--alpha|0.1|--free|0.30000000000000004|--force|--threads|3", &v, &help, NULL, &err), MG_OK);
    assert_int_equal(mg_options_describe(&command, &v, &text, &err), MG_OK);
    assert_string_equal(
        text, "--model tis-human\n--unknown zero\n--methods saliency lrp\n--threads 3\n--any -7\n--alpha 0.1\n"
              "--free 0.30000000000000004\n--force\n");
    free(text);
    mg_options_free(&command, &v, NULL);
}

/* --- spelling --- */

static void distances_count_slips(void **state)
{
    (void)state;
    assert_int_equal(mg_spelling_distance("", ""), 0);
    assert_int_equal(mg_spelling_distance("", "abc"), 3);
    assert_int_equal(mg_spelling_distance("scan", "Scan"), 0);
    assert_int_equal(mg_spelling_distance("scna", "scan"), 1);
    assert_int_equal(mg_spelling_distance("kitten", "sitting"), 3);
    assert_int_equal(mg_spelling_distance("ca", "abc"), 3); /* the restricted distance; the unrestricted one is 2 */
    char word[MG_SPELLING_LENGTH + 2];
    memset(word, 'a', sizeof word);
    word[MG_SPELLING_LENGTH] = '\0';
    assert_int_equal(mg_spelling_distance(word, word), 0);
    word[MG_SPELLING_LENGTH] = 'a';
    word[MG_SPELLING_LENGTH + 1] = '\0';
    assert_int_equal(mg_spelling_distance(word, "a"), -1);
}

static void only_a_slip_is_suggested(void **state)
{
    (void)state;
    const char *nearest = NULL;
    mg_spelling_nearest("reprot", "info", &nearest);
    assert_null(nearest);
    mg_spelling_nearest("reprot", "report", &nearest);
    mg_spelling_nearest("reprot", "repeat", &nearest);
    assert_string_equal(nearest, "report");
}

/* --- log --- */

static void counts_are_grouped_by_thousands(void **state)
{
    (void)state;
    char text[MG_COUNT_TEXT];
    assert_string_equal(mg_format_count(text, 0), "0");
    assert_string_equal(mg_format_count(text, 999), "999");
    assert_string_equal(mg_format_count(text, 1000), "1,000");
    assert_string_equal(mg_format_count(text, -12345678), "-12,345,678");
    assert_string_equal(mg_format_count(text, INT64_MIN), "-9,223,372,036,854,775,808");
}

/* Run `what` with stderr turned into a file, and give back what it said. */
static char *said(void (*what)(void))
{
    FILE *catch = tmpfile();
    assert_non_null(catch);
    int old = dup(STDERR_FILENO);
    assert_true(old >= 0);
    fflush(stderr);
    assert_true(dup2(fileno(catch), STDERR_FILENO) >= 0);
    what();
    fflush(stderr);
    assert_true(dup2(old, STDERR_FILENO) >= 0);
    close(old);
    long n = lseek(fileno(catch), 0, SEEK_END);
    char *text = calloc((size_t)n + 1, 1);
    assert_non_null(text);
    rewind(catch);
    assert_int_equal(fread(text, 1, (size_t)n, catch), n);
    fclose(catch);
    return text;
}

static void talk(void)
{
    mg_note("a %s", "note");
    mg_warn("%d worries", 2);
}

static void notes_and_warnings_are_lines_on_stderr(void **state)
{
    (void)state;
    char *text = said(talk);
    assert_string_equal(text, "a note\nmutagree: warning: 2 worries\n");
    free(text);
}

static void work_aloud(void)
{
    mg_progress progress;
    mg_progress_start(&progress, "windows", 1200, false);
    progress.n_before = 200;
    for (int64_t i = 200; i <= 1200; i++)
        mg_progress_update(&progress, i);
    mg_progress_finish(&progress);
}

static void work_quietly(void)
{
    mg_progress progress;
    mg_progress_start(&progress, "windows", 10, true);
    mg_progress_update(&progress, 10);
    mg_progress_finish(&progress);
}

static void a_log_gets_few_lines_of_progress(void **state)
{
    (void)state;
    char *text = said(work_aloud);
    assert_non_null(strstr(text, "  1,200/1,200 windows  "));
    assert_non_null(strstr(text, "/s  0:00:00 taken\n"));
    assert_null(strchr(text, '\r'));
    assert_ptr_equal(strchr(text, '\n') + 1, text + strlen(text)); /* one line: it was over within the minute */
    free(text);
    text = said(work_quietly);
    assert_string_equal(text, "");
    free(text);
}

/* --- memory, status, random --- */

static void allocation_refuses_impossible_sizes(void **state)
{
    (void)state;
    mg_error err = {0};
    int *block = NULL;
    assert_int_equal(mg_alloc(&block, SIZE_MAX / 2, 8, &err), MG_EMEM);
    assert_null(block);
    assert_int_equal(mg_alloc_aligned(&block, SIZE_MAX / 4, 4, &err), MG_EMEM);
    assert_null(block);
    size_t n_room = 0;
    assert_int_equal(mg_grow(&block, &n_room, SIZE_MAX, sizeof *block, &err), MG_EMEM);
    assert_null(block);
    assert_int_equal(n_room, 0);
}

static void grown_blocks_keep_their_items_and_are_zero_behind(void **state)
{
    (void)state;
    mg_error err;
    int *block = NULL;
    size_t n_room = 0;
    for (size_t n = 1; n <= 1000; n++) {
        assert_int_equal(mg_grow(&block, &n_room, n, sizeof *block, &err), MG_OK);
        assert_true(n_room >= n);
        assert_int_equal(block[n - 1], 0);
        block[n - 1] = (int)n;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(block[i], i + 1);
    free(block);
    assert_int_equal(mg_alloc_aligned(&block, 3, sizeof *block, &err), MG_OK);
    assert_int_equal((uintptr_t)block % MG_ALIGNMENT, 0);
    assert_int_equal(block[2], 0);
    free(block);
}

static void errors_carry_one_sentence(void **state)
{
    (void)state;
    mg_error err = {0};
    assert_int_equal(mg_fail(&err, MG_EINPUT, "line %d", 7), MG_EINPUT);
    assert_int_equal(mg_fail_prefix(&err, "%s ", "a.fa"), MG_EINPUT);
    assert_string_equal(err.text, "a.fa line 7");
    assert_int_equal(mg_fail(NULL, MG_EIO, "nobody listens"), MG_EIO);
    assert_int_equal(mg_exit_status(MG_OK), 0);
    assert_int_equal(mg_exit_status(MG_EUSAGE), 2);
    assert_int_equal(mg_exit_status(MG_EIO), 1);
    assert_int_equal(mg_exit_status(MG_EBUG), 1);
}

static void hashes_have_their_published_values(void **state)
{
    (void)state;
    assert_true(mg_hash_bytes(0, "", 0) == 0xcbf29ce484222325u); /* FNV-1a test vectors of its authors */
    assert_true(mg_hash_bytes(0, "a", 1) == 0xaf63dc4c8601ec8cu);
    assert_true(mg_hash_bytes(0, "foobar", 6) == 0x85944171f73967e8u);
    assert_true(mg_hash_bytes(mg_hash_bytes(0, "foo", 3), "bar", 3) == 0x85944171f73967e8u);
    assert_true(mg_mix(1, 2) != mg_mix(2, 1));
    assert_true(mg_mix(0, 0) != 0);
}

static void the_build_knows_what_it_is(void **state)
{
    (void)state;
    assert_true(strlen(mg_version()) > 0);
    assert_true(strlen(mg_revision()) > 0);
    assert_true(strlen(mg_compiler()) > 0);
}

/* --- numbers --- */

static void test_numbers_are_decimal(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0", 0},       {"-1.5", -1.5}, {"+2", 2},   {".5", 0.5},       {"5.", 5},    {"1e3", 1000},
                {"2E-2", 0.02}, {"007", 7},     {"-0.0", 0}, {"1.25e+1", 12.5}, {"1e-999", 0}};
    static const char *const bad[] = {"",    "+",     "-",        ".",     "-.",     "e3",          "1e",
                                      "1e+", " 1",    "1 ",       "\t1",   "0x10",   "-0X1p3",      "0x",
                                      "inf", "-INF",  "infinity", "nan",   "nan(1)", "1e999",       "-1e999",
                                      "1,5", "1_000", "--1",      "1.2.3", "1f",     "\xef\xbc\x91"};
    double x;
    for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
        x = 99;
        if (!mg_decimal_read(good[k].text, &x) || x != good[k].value) fail_msg("'%s' is %g", good[k].text, x);
    }
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        x = 99;
        if (mg_decimal_read(bad[k], &x) || x != 99) fail_msg("'%s' is %g", bad[k], x);
    }
    const char *list = "1.5e:-2x";
    assert_true(mg_decimal_scan(list, &x) == list + 3 && x == 1.5); /* an exponent without digits is none of it */
    assert_true(mg_decimal_scan(list + 5, &x) == list + 7 && x == -2);
}

static void test_whole_numbers(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "9223372036854775808", "--1"};
    int64_t n = 5;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        if (mg_decimal_whole(bad[k], &n) || n != 5) fail_msg("'%s' is %" PRId64, bad[k], n);
    assert_true(mg_decimal_whole("-9223372036854775808", &n) && n == INT64_MIN);
    assert_true(mg_decimal_whole("0012", &n) && n == 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_decimal),
        cmocka_unit_test(test_whole_numbers),
        cmocka_unit_test(presets_hold_without_options),
        cmocka_unit_test(options_are_read_in_every_form),
        cmocka_unit_test(lists_replace_their_preset_and_then_grow),
        cmocka_unit_test(names_keep_their_blanks),
        cmocka_unit_test(help_is_seen_before_any_mistake),
        cmocka_unit_test(mistakes_are_told_by_name),
        cmocka_unit_test(a_very_long_option_is_told_and_cut),
        cmocka_unit_test(letters_stand_for_options),
        cmocka_unit_test(help_shows_groups_ranges_and_defaults),
        cmocka_unit_test(help_keeps_to_100_columns),
        cmocka_unit_test(description_can_be_given_again),
        cmocka_unit_test(distances_count_slips),
        cmocka_unit_test(only_a_slip_is_suggested),
        cmocka_unit_test(counts_are_grouped_by_thousands),
        cmocka_unit_test(notes_and_warnings_are_lines_on_stderr),
        cmocka_unit_test(a_log_gets_few_lines_of_progress),
        cmocka_unit_test(allocation_refuses_impossible_sizes),
        cmocka_unit_test(grown_blocks_keep_their_items_and_are_zero_behind),
        cmocka_unit_test(errors_carry_one_sentence),
        cmocka_unit_test(hashes_have_their_published_values),
        cmocka_unit_test(the_build_knows_what_it_is),
    };
    return cmocka_run_group_tests_name("core", tests, NULL, NULL);
}
