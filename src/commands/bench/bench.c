/* bench.c  mutagree bench: what a window costs on this machine */
#include <stdio.h>

#include "src/commands/bench/bench.h"
#include "src/commands/commands.h"

#define AT(member) offsetof(mg_bench_options, member)
static const mg_option table[] = {
    MG_NETWORK_OPTION(AT(model)),
    MG_MODEL_OPTIONS(mg_bench_options, words),
    {"score", MG_TEXT, AT(score), "log-odds", "WORDS", 0, 0, "Network", "what is explained, as in mutagree scan"},
    MG_INPUT_OPTIONS(mg_bench_options, input),
    {"sample", MG_INTEGER, AT(sample), "64", "N", 1, 100000, "Input",
     "windows in a round, from all over the input; without input, random bases"},
    {"seed", MG_INTEGER, AT(seed), "1", "N", 0, 9007199254740992.0, "Input", "of random bases and references"},
    {"methods", MG_TEXTS, AT(methods), NULL, "LIST", 0, 0, "Measurement",
     "name:option=value,... separated by spaces, or given again; all: every one there is; the seven when not given"},
    {"parts", MG_TEXTS, AT(parts), NULL, "LIST", 0, 0, "Measurement",
     "of: forward gradient scan methods agreement window naive layers output threads; all when not given"},
    {"rounds", MG_INTEGER, AT(rounds), "9", "N", 1, 1000, "Measurement", "rounds; median and quartiles are told"},
    {"threads", MG_TEXTS, AT(threads), NULL, "LIST", 0, 0, "Measurement",
     "numbers of threads to compare; 1, 2, 4, ... all when not given"},
    {"folder", MG_TEXT, AT(folder), NULL, "DIR", 0, 0, "Output part",
     "where its files are written, and removed again; TMPDIR or /tmp when not given"},
    {"store", MG_CHOICE, AT(store), "contribution", "summary|contribution|hypothetical", 0, 0, "Output part",
     "what is kept of each window, as in scan"},
    {"compress", MG_INTEGER, AT(compress), "0", "N", 0, 9, "Output part", "0: not at all, 1: fast, 9: smallest"},
    {"json", MG_TEXT, AT(json), NULL, "FILE", 0, 0, "Output", "write the figures there too"},
    {"force", MG_FLAG, AT(force), NULL, NULL, 0, 0, "Output", "replace a file --json that is there"},
    {0}};
#undef AT
_Static_assert(MG_SHARD_SIZE == 64, "the default of --sample");

static const mg_command_help help = {
    .name = "bench",
    .synopsis = "[OPTION]...",
    .purpose = "Measure what a window costs on this machine: each part of the work, its share of the core's peak, "
               "threads, output.",
    .notes = "Examples:\n"
             "  mutagree bench --json here.json\n"
             "  mutagree bench --transcripts transcripts.fa.gz --methods 'lrp deeplift' --parts 'scan methods window'\n"
             "  mutagree bench --parts threads --threads '1 4 16'\n"
             "All parts are timed in every round, so that ratios are taken within a round; compare ratios, not "
             "milliseconds. MUTAGREE_ISA=portable, avx2 or avx512 takes other kernels than the best. "
             "docs/performance.md says what each figure means.\n",
    .option = table};

static mg_status run(mg_bench *b, mg_error *err)
{
    const mg_bench_options *o = b->options;
    mg_status status = o->json != NULL ? mg_whole_file_check(o->json, o->force, err) : MG_OK;
    if (status == MG_OK) status = mg_bench_set_up(b, err);
    if (status != MG_OK) return status;
    mg_bench_print_head(b);
    status = mg_bench_measure(b, err);
    if (status != MG_OK) return status;
    mg_bench_print(b);
    return b->options->json != NULL ? mg_bench_write_json(b, err) : MG_OK;
}

mg_status mg_cmd_bench(int argc, char **argv, mg_error *err)
{
    mg_bench_options options = {0};
    mg_bench b = {.options = &options};
    bool want_help = false;
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, NULL, err);
    if (status == MG_OK && !want_help) status = run(&b, err);
    if (status == MG_OK && want_help) mg_options_help(stdout, &help);
    mg_bench_tear_down(&b);
    mg_options_free(&help, &options, NULL);
    return status;
}
