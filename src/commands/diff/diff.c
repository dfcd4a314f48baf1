/* diff.c  mutagree diff: what two runs have in common, and where they differ */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "src/commands/commands.h"
#include "src/core/log.h"
#include "src/core/options.h"
#include "src/commands/diff/diff.h"

typedef struct {
    bool quiet;
} diff_options;

static const mg_option table[] = {
    {"quiet", MG_FLAG, offsetof(diff_options, quiet), NULL, NULL, 0, 0, "Output", "say nothing; the exit status tells"},
    {0}};

static const mg_command_help help = {
    .name = "diff",
    .synopsis = "one.h5 other.h5 [OPTION]...",
    .purpose = "Compare two runs in words: how they were made, which windows and methods are in both, how far their "
               "numbers are apart, and whether the methods come out in the same order.",
    .notes =
        "Windows go together when they are at the same start of a transcript of the same name; methods when they "
        "have the same options, or else the same name.\n"
        "Exit status, as that of diff(1) and unlike that of the other commands: 0 the results are the same, bit by "
        "bit, however they were made; 1 they differ; 2 they could not be compared, or the command line is wrong.\n",
    .option = table};

/* --- windows and methods --- */

static void print_windows(const mg_diff *diff)
{
    char both[MG_COUNT_TEXT], one[MG_COUNT_TEXT], other[MG_COUNT_TEXT];
    printf("windows                  %s in both, %s only in the one, %s only in the other%s\n",
           mg_format_count(both, diff->n_both), mg_format_count(one, diff->one.shape.n_windows - diff->n_both),
           mg_format_count(other, diff->other.shape.n_windows - diff->n_both),
           diff->in_place ? "" : "; they stand in other places");
    if (diff->one.shape.length != diff->other.shape.length)
        printf("                         of %" PRId64 " | %" PRId64 " nt: bases, effects and contributions are not "
               "compared\n",
               diff->one.shape.length, diff->other.shape.length);
    printf("transcripts              %s in both, %s only in the one, %s only in the other\n",
           mg_format_count(both, mg_run_match_n_transcripts(diff->match)),
           mg_format_count(one, diff->one.shape.n_transcripts - mg_run_match_n_transcripts(diff->match)),
           mg_format_count(other, diff->other.shape.n_transcripts - mg_run_match_n_transcripts(diff->match)));
}

/* Methods of a run that are not in the other. */
static void print_lonely(const mg_diff *diff, bool other)
{
    const mg_run_summary *run = other ? &diff->other.summary : &diff->one.summary;
    for (size_t m = 0; m < run->n_methods; m++) {
        size_t k = 0;
        while (k < diff->n_methods && (size_t)(other ? diff->method[k].other : diff->method[k].one) != m)
            k++;
        if (k == diff->n_methods)
            printf("                         only in the %s: %s\n", other ? "other" : "one", run->method[m].spec);
    }
}

static void print_methods(const mg_diff *diff)
{
    printf("methods                  %zu in both\n", diff->n_methods);
    for (size_t k = 0; k < diff->n_methods; k++) {
        const char *one = diff->one.summary.method[diff->method[k].one].spec;
        const char *other = diff->other.summary.method[diff->method[k].other].spec;
        if (strcmp(one, other) != 0) printf("                         %s | %s\n", one, other);
    }
    print_lonely(diff, false);
    print_lonely(diff, true);
    putchar('\n');
}

/* --- numbers --- */

static void print_line(const char *name, const mg_difference *d)
{
    char n[MG_COUNT_TEXT], different[MG_COUNT_TEXT];
    printf("%-52s %13s %13s", name, mg_format_count(n, d->n), mg_format_count(different, d->n_different));
    if (d->n_different == 0)
        puts("        -        -");
    else
        printf(" %8.1e %8.1e%s\n", d->largest, mg_difference_mean(d), d->n_undefined > 0 ? " and undefined" : "");
}

/* All datasets of one field and method are a line: agreement has one for each metric. */
static void print_numbers(const mg_diff *diff)
{
    printf("%-52s %13s %13s  largest     mean\n", "numbers of the windows in both", "values", "differ");
    for (size_t k = 0; k < diff->n_sets;) {
        mg_field_id id = diff->set[k].id;
        size_t n = mg_field_has_metrics(id) ? diff->n_metrics : 1;
        char name[MG_FIELD_PATH];
        mg_difference sum = {0};
        mg_run_file_set_path(&diff->one, id, diff->set[k].s_one, name);
        if (n > 1) mg_run_file_generalise(name);
        for (size_t end = k + n; k < end; k++)
            mg_difference_join(&sum, &diff->set[k].difference);
        print_line(name, &sum);
    }
    print_line("/summary/aggregate/*", &diff->rows);
    if (diff->same_methods && diff->same_metrics) print_line("/summary/pairs/*", &diff->pairs);
    putchar('\n');
}

/* --- the verdict --- */

static int64_t count_different(const mg_diff *diff)
{
    int64_t n = diff->rows.n_different + diff->pairs.n_different;
    for (size_t k = 0; k < diff->n_sets; k++)
        n += diff->set[k].difference.n_different;
    return n;
}

static bool same_kind(const mg_diff *diff)
{
    const mg_run_shape *one = &diff->one.shape, *other = &diff->other.shape;
    return diff->same_metrics && one->length == other->length && diff->one.anchor == diff->other.anchor &&
           one->task == other->task && one->store == other->store && strcmp(one->score_name, other->score_name) == 0;
}

static bool print_verdict(const mg_diff *diff, bool quiet)
{
    int64_t n = count_different(diff);
    bool same = n == 0 && same_kind(diff) && diff->same_windows && diff->same_methods;
    char number[MG_COUNT_TEXT];
    if (quiet) return same;
    if (same)
        puts("the results are the same, bit by bit");
    else if (n == 0)
        puts("the results are not the same, but what is in both is the same, bit by bit");
    else
        printf("the results are not the same: %s number%s\n", mg_format_count(number, n),
               n == 1 ? " differs" : "s differ");
    return same;
}

static mg_status compare(const char *one, const char *other, bool quiet, mg_diff *diff, mg_error *err)
{
    mg_status status = mg_diff_open(one, other, diff, err);
    if (status == MG_OK) status = mg_diff_compare(diff, err);
    if (status == MG_OK && !quiet) status = mg_diff_correlate(diff, err);
    if (status != MG_OK) return status;
    if (!quiet) {
        mg_diff_print_made(diff);
        print_windows(diff);
        print_methods(diff);
        print_numbers(diff);
        mg_diff_print_ranking(diff);
    }
    return print_verdict(diff, quiet) ? MG_OK : MG_DIFFERENT;
}

/* Words that do not arrive are trouble too, and not the difference that main.c would make of them. */
static mg_status flush(mg_status status, mg_error *err)
{
    if (fflush(stdout) == 0) return status;
    return mg_fail(err, MG_EIO, "cannot write standard output: %s", strerror(errno));
}

mg_status mg_cmd_diff(int argc, char **argv, mg_error *err)
{
    diff_options options = {0};
    mg_diff diff = {.one.file = -1, .other.file = -1};
    mg_text_list files = {0};
    bool want_help = false;
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, &files, err);
    if (status == MG_OK && want_help) {
        mg_options_help(stdout, &help);
    } else if (status == MG_OK && files.n != 2) {
        status = mg_fail(err, MG_EUSAGE, "diff takes two files, each the --out of a scan");
    } else if (status == MG_OK) {
        status = compare(files.text[0], files.text[1], options.quiet, &diff, err);
        if (status == MG_OK || status == MG_DIFFERENT) status = flush(status, err);
        if (status != MG_OK && status != MG_DIFFERENT) status = err->status = MG_ETROUBLE;
    }
    mg_diff_close(&diff);
    mg_options_free(&help, &options, &files);
    return status;
}
