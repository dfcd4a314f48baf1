/* methods.c  mutagree methods: which attribution methods there are, what can be chosen, and where they come from */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "src/attribution/method.h"
#include "src/commands/commands.h"
#include "src/core/options.h"
#include "src/engine/chain.h"
#include "src/faithfulness/metric.h"
#include "src/shard/baseline.h"
#include "src/graph/kind.h"

typedef struct {
    bool kinds, metrics;
} methods_options;

static const mg_option table[] = {{"kinds", MG_FLAG, offsetof(methods_options, kinds), NULL, NULL, 0, 0, "Output",
                                   "what each method does at each kind of node, as a table in Markdown"},
                                  {"metrics", MG_FLAG, offsetof(methods_options, metrics), NULL, NULL, 0, 0, "Output",
                                   "the metrics that methods are held to, as a table in Markdown"},
                                  {0}};

static const mg_command_help help = {
    .name = "methods",
    .synopsis = "[OPTION]...",
    .purpose = "List the attribution methods with their options, formulas, sources and passes.",
    .notes = "Give them to 'mutagree scan' as --methods \"lrp "
             "deeplift:reference=uniform lrp:rule=epsilon\"; a method may be\n"
             "given more than once. docs/methods has a page of maths for each. Passes are forward and\n"
             "backward ones of a window, with the options in brackets.\n",
    .option = table};

static void print_option(const mg_method_option *option)
{
    if (option->words != NULL)
        printf("    %s=%s  [%s]  %s\n", option->name, option->words, option->preset, option->help);
    else
        printf("    %s=N  [%s]  %s (%g to %g)\n", option->name, option->preset, option->help, option->min, option->max);
}

/* Of a window, or of each of its positions where their number counts. */
static void print_passes(const mg_method_type *type)
{
    mg_method method;
    if (mg_method_parse(type->name, &method, NULL) != MG_OK) return;
    const int64_t length = 1000, n = mg_method_passes(&method, length),
                  step = mg_method_passes(&method, 2 * length) - n;
    if (step > 0)
        printf("  passes   %" PRId64 " a position\n", step / length);
    else
        printf("  passes   %" PRId64 "\n", n);
}

static void print_method(const mg_method_type *type)
{
    printf("%s\n  formula  %s\n  source   %s\n", type->name, type->formula, type->source);
    print_passes(type);
    if (type->option != NULL) printf("  options\n");
    for (const mg_method_option *o = type->option; o != NULL && o->name != NULL; o++)
        print_option(o);
    putchar('\n');
}

/* --- kinds of nodes --- */

static const struct {
    mg_rule_kind rule;
    const char *title;
} columns[] = {{MG_RULE_GRADIENT, "gradient"},
               {MG_RULE_GUIDED, "guided"},
               {MG_RULE_DECONVOLUTION, "deconvolution"},
               {MG_RULE_RESCALE, "DeepLIFT"},
               {MG_RULE_LRP, "LRP"}};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

/* What a kind does under a rule: refuse, what it does under the gradient, or something of its own. */
static const char *cell(const mg_kind *kind, mg_rule_kind rule)
{
    const mg_ops *ops = kind->ops[MG_SINGLE];
    if (ops == NULL || ops->backward[rule] == NULL) return "refused";
    if (rule == MG_RULE_GRADIENT) return "yes";
    return ops->backward[rule] == ops->backward[MG_RULE_GRADIENT] ? "gradient" : "its own";
}

static void print_kind(const mg_kind *kind)
{
    printf("| `%s` | %s |", kind->name, kind->title);
    for (size_t k = 0; k < N_COLUMNS; k++)
        printf(" %s |", cell(kind, columns[k].rule));
    printf(" %s | %s | %s |\n", mg_chain_takes(kind) ? "yes" : "refused",
           kind->training != MG_UNTRAINED ? "yes" : "refused", kind->rules != NULL ? kind->rules : "");
}

/* The table as docs/methods/README.md has it. */
static void print_kinds(void)
{
    const mg_kind *kind;
    printf("| kind | for people |");
    for (size_t k = 0; k < N_COLUMNS; k++)
        printf(" %s |", columns[k].title);
    printf(" exact integral | training | where it is not the gradient |\n|---|---|");
    for (size_t k = 0; k < N_COLUMNS; k++)
        printf("---|");
    printf("---|---|---|\n");
    for (size_t i = 0; (kind = mg_kind_at(i)) != NULL; i++)
        print_kind(kind);
}

/* --- metrics --- */

static const char *needs_words(unsigned needs)
{
    if (needs & MG_NEEDS_ATTRIBUTIONS) return "attributions of other windows";
    if (needs & MG_NEEDS_PASSES) return needs & MG_NEEDS_HYPOTHETICAL ? "passes, hypothetical" : "passes";
    return needs & MG_NEEDS_HYPOTHETICAL ? "effects, hypothetical"
           : needs & MG_NEEDS_EFFECTS    ? "effects"
                                         : "a claimed sum";
}

static const char *better_words(mg_better better)
{
    return better == MG_BETTER_LARGER ? "larger" : better == MG_BETTER_SMALLER ? "smaller" : "nearer 0";
}

/* The table as docs/methods/faithfulness.md has it. */
static void print_metrics(void)
{
    mg_metric_set set;
    mg_metric_catalogue(&set);
    printf("| metric | family | by default | better is | needs | unit | meaning |\n|---|---|---|---|---|---|---|\n");
    for (size_t k = 0; k < set.n; k++) {
        const mg_metric_info *m = &set.info[k];
        printf("| `%s` | %s | %s | %s | %s | %s | %s |\n", m->name, mg_family_names[m->family],
               !mg_metric_is_default(m) ? "no"
               : m->sampled             ? "chosen windows"
                                        : "every window",
               better_words(m->better), needs_words(mg_metric_needs(m)), m->unit, m->description);
    }
    printf("\n| baseline | what it is |\n|---|---|\n");
    for (int b = 0; b < MG_N_BASELINES; b++)
        printf("| `%s` | %s |\n", mg_baselines[b].name, mg_baselines[b].about);
}

mg_status mg_cmd_methods(int argc, char **argv, mg_error *err)
{
    bool want_help = false;
    methods_options options = {0};
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, NULL, err);
    if (status == MG_OK && want_help) mg_options_help(stdout, &help);
    if (status == MG_OK && !want_help && options.kinds) print_kinds();
    if (status == MG_OK && !want_help && options.metrics) print_metrics();
    bool list = status == MG_OK && !want_help && !options.kinds && !options.metrics;
    for (const mg_method_type *const *type = mg_method_types(); list && *type != NULL; type++)
        print_method(*type);
    mg_options_free(&help, &options, NULL);
    return status;
}
