/* methods.c  mutagree methods: which attribution methods there are, what can be chosen, and where they come from */
#include <stddef.h>
#include <stdio.h>

#include "src/attribution/method.h"
#include "src/commands/commands.h"
#include "src/core/options.h"
#include "src/engine/chain.h"
#include "src/graph/kind.h"

typedef struct {
    bool kinds;
} methods_options;

static const mg_option table[] = {{"kinds", MG_FLAG, offsetof(methods_options, kinds), NULL, NULL, 0, 0, "Output",
                                   "what each method does at each kind of node, as a table in Markdown"},
                                  {0}};

static const mg_command_help help = {.name = "methods",
                                     .synopsis = "[OPTION]...",
                                     .purpose =
                                         "List the attribution methods with their options, formulas and sources.",
                                     .notes = "Give them to 'mutagree scan' as --methods \"lrp "
                                              "deeplift:reference=uniform lrp:rule=epsilon\"; a method may be\n"
                                              "given more than once. docs/methods has a page of maths for each.\n",
                                     .option = table};

static void print_option(const mg_method_option *option)
{
    if (option->words != NULL)
        printf("    %s=%s  [%s]  %s\n", option->name, option->words, option->preset, option->help);
    else
        printf("    %s=N  [%s]  %s (%g to %g)\n", option->name, option->preset, option->help, option->min, option->max);
}

static void print_method(const mg_method_type *type)
{
    printf("%s\n  formula  %s\n  source   %s\n", type->name, type->formula, type->source);
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

mg_status mg_cmd_methods(int argc, char **argv, mg_error *err)
{
    bool want_help = false;
    methods_options options = {0};
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, NULL, err);
    if (status == MG_OK && want_help) mg_options_help(stdout, &help);
    if (status == MG_OK && !want_help && options.kinds) print_kinds();
    bool list = status == MG_OK && !want_help && !options.kinds;
    for (const mg_method_type *const *type = mg_method_types(); list && *type != NULL; type++)
        print_method(*type);
    mg_options_free(&help, &options, NULL);
    return status;
}
