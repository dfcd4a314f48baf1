/* methods.c  mutagree methods: which attribution methods there are, what can be chosen, and where they come from */
#include <stdio.h>

#include "src/attribution/method.h"
#include "src/commands/commands.h"
#include "src/core/options.h"

static const mg_option table[] = {{0}};

static const mg_command_help help = {.name = "methods",
                                     .synopsis = "",
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

mg_status mg_cmd_methods(int argc, char **argv, mg_error *err)
{
    bool want_help = false;
    struct {
        char none;
    } values = {0};
    mg_status status = mg_options_parse(&help, argc, argv, &values, &want_help, NULL, err);
    if (status == MG_OK && want_help) mg_options_help(stdout, &help);
    for (const mg_method_type *const *type = mg_method_types(); status == MG_OK && !want_help && *type != NULL; type++)
        print_method(*type);
    mg_options_free(&help, &values, NULL);
    return status;
}
