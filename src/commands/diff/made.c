/* made.c  how two runs were made, in words: what is the same is said shortly, what differs side by side */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "src/core/log.h"
#include "src/commands/diff/diff.h"
#include "src/engine/family.h"

enum { LABEL = 17, SUM = 12 /* letters of a checksum that are shown */ };

/* A part of a text. */
typedef struct {
    const char *at;
    int n;
} words;

static words whole(const char *text)
{
    return text == NULL ? (words){"", 0} : (words){text, (int)strlen(text)};
}

static bool same_words(words a, words b)
{
    return a.n == b.n && memcmp(a.at, b.at, (size_t)a.n) == 0;
}

/* --- one fact --- */

static void print_label(const char *label)
{
    printf("  %-*s", LABEL, label);
}

/* "the same: x", or "x | y" */
static void print_fact(const char *label, const char *one, const char *other, const char *remark)
{
    bool same = same_words(whole(one), whole(other));
    print_label(label);
    if (same)
        printf("the same: %s\n", one[0] != '\0' ? one : "not recorded");
    else
        printf("%s | %s%s\n", one[0] != '\0' ? one : "?", other[0] != '\0' ? other : "?", remark);
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static void print_program(const mg_provenance *one, const mg_provenance *other)
{
    char a[256], b[256];
    snprintf(a, sizeof a, "%s (%s)", or_empty(one->version), or_empty(one->revision));
    snprintf(b, sizeof b, "%s (%s)", or_empty(other->version), or_empty(other->revision));
    print_fact("program", a, b, "");
    snprintf(a, sizeof a, "%s, %s", or_empty(one->compiler), or_empty(one->flags));
    snprintf(b, sizeof b, "%s, %s", or_empty(other->compiler), or_empty(other->flags));
    print_fact("compiler", a, b, "");
}

static void print_model(const mg_provenance *one, const mg_provenance *other)
{
    const char *sum_one = or_empty(one->model_sha256), *sum_other = or_empty(other->model_sha256);
    print_label("model");
    if (strcmp(sum_one, sum_other) == 0)
        printf("the same: %s (%.*s)", or_empty(one->model), SUM, sum_one);
    else
        printf("%s (%.*s) | %s (%.*s)", or_empty(one->model), SUM, sum_one, or_empty(other->model), SUM, sum_other);
    puts(strcmp(or_empty(one->architecture), or_empty(other->architecture)) == 0 ? "" : ", with other layers");
}

/* --- texts of lines that begin with a name --- */

/* The line at *text, which moves on to the next; false at the end. */
static bool take_line(const char **text, words *line)
{
    if (*text == NULL || **text == '\0') return false;
    *line = (words){*text, (int)strcspn(*text, "\n")};
    *text += line->n + ((*text)[line->n] == '\n');
    return true;
}

static words name_of(words line)
{
    words name = {line.at, 0};
    while (name.n < line.n && line.at[name.n] != ' ' && line.at[name.n] != '=')
        name.n++;
    return name;
}

static words value_of(words line)
{
    int n = name_of(line).n;
    n += n < line.n;
    return (words){line.at + n, line.n - n};
}

static bool find_line(const char *text, words name, words *line)
{
    while (take_line(&text, line))
        if (same_words(name_of(*line), name)) return true;
    return false;
}

/* Is the option (or whatever has this name) in the list, which ends with NULL? */
static bool is_listed(words name, const char *const *list)
{
    for (; list != NULL && *list != NULL; list++)
        if (same_words(name, whole(*list))) return true;
    return false;
}

/* What a list of lines is about, and how much of it has been printed. */
typedef struct {
    const char *label;
    const char *const *left_out; /* names that are of no interest; may be NULL */
    words (*compared)(words value);
    int n_printed;
} listing;

static void print_side_by_side(listing *l, words name, const words *one, const words *other)
{
    static const words absent = {"not there", 9};
    if (one == NULL) one = &absent;
    if (other == NULL) other = &absent;
    print_label(l->n_printed++ == 0 ? l->label : "");
    printf("%.*s: %.*s | %.*s\n", name.n, name.at, one->n, one->at, other->n, other->at);
}

static void print_lines(listing l, const char *one, const char *other)
{
    words line, match;
    for (const char *text = one; take_line(&text, &line);) {
        words name = name_of(line), value = value_of(line);
        bool found = find_line(other, name, &match);
        words there = found ? value_of(match) : value;
        if (is_listed(name, l.left_out) || (found && same_words(l.compared(value), l.compared(there)))) continue;
        print_side_by_side(&l, name, &value, found ? &there : NULL);
    }
    for (const char *text = other; take_line(&text, &line);) {
        words name = name_of(line), value = value_of(line);
        if (!is_listed(name, l.left_out) && !find_line(one, name, &match)) print_side_by_side(&l, name, NULL, &value);
    }
    if (l.n_printed > 0) return;
    print_label(l.label);
    puts("the same");
}

static words all_of(words value)
{
    return value;
}

/* A path may differ; the sum behind it says whether the file does. */
static words last_word(words value)
{
    int n = 0;
    while (n < value.n && value.at[value.n - n - 1] != ' ')
        n++;
    return (words){value.at + value.n - n, n};
}

/* Files and methods are told elsewhere; the rest changes no number. */
static const char *const left_out[] = {
    "--model", "--transcripts", "--annotation", "--genome", "--windows",  "--methods", "--out",
    "--force", "--threads",     "--shard-size", "--store",  "--compress", "--layout",  "--aggregators",
    "--align", "--io-hints",    "--max-time",   "--status", "--dry-run",  "--quiet",   "--no-certificates",
    NULL};

/* --- the machine --- */

/* On the average; ranks may have different numbers of them. */
static int64_t threads_of_rank(const mg_provenance *p)
{
    return p->ranks > 0 ? (p->threads + p->ranks / 2) / p->ranks : 0;
}

static void print_machine(const mg_provenance *one, const mg_provenance *other)
{
    char a[64], b[64];
    const char *isa_one = or_empty(one->instruction_set), *isa_other = or_empty(other->instruction_set);
    bool same = mg_family_same(isa_one, isa_other);
    print_fact("instruction set", isa_one, isa_other, same ? "; they give the same bits" : "; last bits may differ");
    print_fact("processor", or_empty(one->processor), or_empty(other->processor), "");
    print_fact("system", or_empty(one->system), or_empty(other->system), "");
    snprintf(a, sizeof a, "%" PRId64 " x %" PRId64, one->ranks, threads_of_rank(one));
    snprintf(b, sizeof b, "%" PRId64 " x %" PRId64, other->ranks, threads_of_rank(other));
    print_fact("ranks x threads", a, b, "; does not matter");
}

/* --- the whole --- */

static void print_run(const char *label, const mg_run_file *run)
{
    static const char *const kept[] = {"summary", "contribution", "hypothetical"};
    char windows[MG_COUNT_TEXT], transcripts[MG_COUNT_TEXT];
    const mg_run_shape *shape = &run->shape;
    printf("%-10s %s: %s windows of %" PRId64 " nt, %s transcripts, %" PRId64
           " methods, score %s, kept %s; %s, %.0f s\n",
           label, run->path, mg_format_count(windows, shape->n_windows), shape->length,
           mg_format_count(transcripts, shape->n_transcripts), shape->n_methods, shape->score_name, kept[shape->store],
           or_empty(run->provenance.finished), run->provenance.seconds);
}

void mg_diff_print_made(const mg_diff *diff)
{
    const mg_provenance *one = &diff->one.provenance, *other = &diff->other.provenance;
    print_run("the one", &diff->one);
    print_run("the other", &diff->other);
    puts("\nhow they were made       the one | the other");
    print_program(one, other);
    print_lines((listing){"libraries", NULL, all_of, 0}, one->libraries, other->libraries);
    print_model(one, other);
    print_lines((listing){"input files", NULL, last_word, 0}, one->inputs, other->inputs);
    print_lines((listing){"options", left_out, all_of, 0}, one->options, other->options);
    print_machine(one, other);
    print_lines((listing){"environment", NULL, all_of, 0}, one->environment, other->environment);
    putchar('\n');
}
