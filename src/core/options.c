/* options.c  reads a command line into a command's struct, as its table of options says
 *
 * Not getopt_long(): it keeps hidden global state, speaks on stderr itself and knows neither types nor ranges.
 */
#include "src/core/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/core/decimal.h"
#include "src/core/options_files.h"
#include "src/core/spelling.h"

/* One reading of a command line. */
typedef struct {
    const mg_command_help *command;
    int argc, next; /* argv[next] is read next */
    char **argv;
    void *values;
    mg_text_list *positional; /* NULL: the command takes none */
    bool *given;              /* by option: the user gave it, so its preset list is gone */
    bool only_positional;     /* after "--" */
} reading;

static void *slot(const mg_option *option, void *values)
{
    return (char *)values + option->offset;
}

static mg_status append(mg_text_list *list, const char *text, size_t n, mg_error *err)
{
    char *word = NULL;
    mg_status status = mg_alloc(&word, n + 1, 1, err);
    if (status != MG_OK) return status;
    memcpy(word, text, n);
    char **longer = realloc(list->text, (list->n + 1) * sizeof *longer);
    if (longer == NULL) {
        free(word);
        return mg_fail(err, MG_EMEM, "out of memory while reading the command line");
    }
    list->text = longer;
    list->text[list->n++] = word;
    return MG_OK;
}

static mg_status append_words(mg_text_list *list, const char *text, mg_error *err)
{
    static const char space[] = " \t\n";
    mg_status status = MG_OK;
    for (text += strspn(text, space); *text != '\0' && status == MG_OK; text += strspn(text, space)) {
        size_t n = strcspn(text, space);
        status = append(list, text, n, err);
        text += n;
    }
    return status;
}

static void free_list(mg_text_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->text[i]);
    free(list->text);
    *list = (mg_text_list){0};
}

static bool is_list(const mg_option *option)
{
    return option->type == MG_TEXTS || option->type == MG_NAMES;
}

/* Who gives two files of an input wants both; of other options the last one counts, as scripts are used to. */
static bool is_input(const mg_option *option)
{
    return option->type == MG_TEXT && option->group != NULL &&
           (strcmp(option->group, "Input") == 0 || strcmp(option->group, "Sites of a genome") == 0);
}

static bool outside(const mg_option *option, double value)
{
    if (option->min == 0 && option->max == 0) return false;
    return value < option->min || value > option->max;
}

static mg_status out_of_range(const mg_option *option, const char *text, mg_error *err)
{
    if (option->min == 0 && option->max == 0)
        return mg_fail(err, MG_EUSAGE, "--%s: %s is too large a number", option->name, text);
    return mg_fail(err, MG_EUSAGE, "--%s: %s is not between %.16g and %.16g", option->name, text, option->min,
                   option->max);
}

static mg_status set_integer(const mg_option *option, int64_t *value, const char *text, mg_error *err)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end != '\0')
        return mg_fail(err, MG_EUSAGE, "--%s: '%s' is no whole number", option->name, text);
    if (errno == ERANGE || outside(option, (double)number)) return out_of_range(option, text, err);
    *value = number;
    return MG_OK;
}

static mg_status set_real(const mg_option *option, double *value, const char *text, mg_error *err)
{
    double number;
    if (!mg_decimal_read(text, &number)) return mg_fail(err, MG_EUSAGE, "--%s: '%s' is no number", option->name, text);
    if (outside(option, number)) return out_of_range(option, text, err);
    *value = number;
    return MG_OK;
}

static mg_status set_choice(const mg_option *option, const char **value, const char *text, mg_error *err)
{
    size_t n_text = strlen(text);
    for (const char *word = option->value; *word != '\0';) {
        size_t n = strcspn(word, "|");
        if (n == n_text && strncmp(word, text, n) == 0) {
            *value = text;
            return MG_OK;
        }
        word += n + (word[n] == '|');
    }
    return mg_fail(err, MG_EUSAGE, "--%s: '%s' is none of %s", option->name, text, option->value);
}

static mg_status set_value(const mg_option *option, void *values, const char *text, mg_error *err)
{
    void *value = slot(option, values);
    switch (option->type) {
    case MG_FLAG:
        *(bool *)value = true;
        return MG_OK;
    case MG_INTEGER:
        return set_integer(option, value, text, err);
    case MG_REAL:
        return set_real(option, value, text, err);
    case MG_TEXT:
        *(const char **)value = text;
        return MG_OK;
    case MG_CHOICE:
        return set_choice(option, value, text, err);
    case MG_TEXTS:
        return append_words(value, text, err);
    case MG_NAMES:
        return append(value, text, strlen(text), err);
    }
    return mg_fail(err, MG_EBUG, "--%s has an unknown type", option->name);
}

static mg_status set_presets(const mg_command_help *command, void *values, mg_error *err)
{
    for (const mg_option *option = command->option; option->name != NULL; option++) {
        mg_status status = option->preset != NULL ? set_value(option, values, option->preset, err) : MG_OK;
        if (status != MG_OK) return status;
    }
    return MG_OK;
}

static mg_status unknown_option(const mg_command_help *command, const char *name, mg_error *err)
{
    const char *nearest = NULL;
    for (const mg_option *option = command->option; option->name != NULL; option++)
        mg_spelling_nearest(name, option->name, &nearest);
    if (nearest == NULL) return mg_fail(err, MG_EUSAGE, "%s has no option --%s", command->name, name);
    return mg_fail(err, MG_EUSAGE, "%s has no option --%s; did you mean --%s?", command->name, name, nearest);
}

/* The option whose name is `name`, or the only one whose name begins so. */
static mg_status find_option(const mg_command_help *command, const char *name, const mg_option **ret, mg_error *err)
{
    const mg_option *found = NULL, *second = NULL;
    size_t n = strlen(name);
    for (const mg_option *option = command->option; option->name != NULL; option++) {
        if (n == 0 || strncmp(option->name, name, n) != 0) continue;
        if (option->name[n] == '\0') {
            *ret = option;
            return MG_OK;
        }
        if (found == NULL)
            found = option;
        else
            second = option;
    }
    if (found == NULL) return unknown_option(command, name, err);
    if (second != NULL) return mg_fail(err, MG_EUSAGE, "--%s may mean --%s or --%s", name, found->name, second->name);
    *ret = found;
    return MG_OK;
}

/* The value of an option: what stands after '=', or the next word unless that is an option itself. */
static mg_status read_value(reading *in, const mg_option *option, const char *after_equals, mg_error *err)
{
    const char *text = after_equals;
    if (option->type == MG_FLAG && text != NULL)
        return mg_fail(err, MG_EUSAGE, "--%s takes no value (was given '%s')", option->name, text);
    if (option->type != MG_FLAG && text == NULL) {
        if (in->next >= in->argc || strncmp(in->argv[in->next], "--", 2) == 0)
            return mg_fail(err, MG_EUSAGE, "--%s needs a value: --%s %s", option->name, option->name, option->value);
        text = in->argv[in->next++];
    }
    if (text != NULL && text[0] == '\0') return mg_fail(err, MG_EUSAGE, "--%s was given an empty value", option->name);
    bool *given = &in->given[option - in->command->option];
    if (is_list(option) && !*given) free_list(slot(option, in->values));
    if (*given && is_input(option) && strcmp(*(const char **)slot(option, in->values), text) != 0)
        return mg_fail(err, MG_EUSAGE, "--%s is given twice, '%s' and '%s'; it takes one", option->name,
                       *(const char **)slot(option, in->values), text);
    *given = true;
    return set_value(option, in->values, text, err);
}

static mg_status read_option(reading *in, const char *word, mg_error *err)
{
    char *name = NULL;
    mg_status status = mg_copy_text(&name, word + 2, err);
    if (status != MG_OK) return status;
    name[strcspn(name, "=")] = '\0';
    const char *equals = strchr(word, '=');
    const mg_option *option = NULL;
    status = find_option(in->command, name, &option, err);
    if (status == MG_OK) status = read_value(in, option, equals != NULL ? equals + 1 : NULL, err);
    free(name);
    return status;
}

const mg_option *mg_option_of_letter(const mg_command_help *command, char letter)
{
    const char *word = command->letters != NULL ? command->letters : "";
    for (; *word != '\0'; word += strcspn(word, " "), word += strspn(word, " ")) {
        size_t n = strcspn(word, " ");
        if (n < 3 || word[0] != letter || word[1] != '=') continue;
        for (const mg_option *option = command->option; option->name != NULL; option++)
            if (strlen(option->name) == n - 2 && strncmp(option->name, word + 2, n - 2) == 0) return option;
    }
    return NULL;
}

static mg_status read_letter(reading *in, const char *word, mg_error *err)
{
    const mg_option *option = mg_option_of_letter(in->command, word[1]);
    if (option == NULL) return mg_fail(err, MG_EUSAGE, "'%s': options are written with two dashes and a name", word);
    return read_value(in, option, word[2] != '\0' ? word + 2 : NULL, err);
}

static mg_status read_word(reading *in, mg_error *err)
{
    const char *word = in->argv[in->next++];
    if (!in->only_positional && strcmp(word, "--") == 0) {
        in->only_positional = true;
        return MG_OK;
    }
    if (!in->only_positional && strncmp(word, "--", 2) == 0) return read_option(in, word, err);
    /* A single dash is a file: standard input. */
    if (!in->only_positional && word[0] == '-' && word[1] != '\0') return read_letter(in, word, err);
    if (in->positional == NULL)
        return mg_fail(err, MG_EUSAGE, "%s: '%s' is no option, and %s takes nothing else", in->command->name, word,
                       in->command->name);
    return append(in->positional, word, strlen(word), err);
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

mg_status mg_options_parse(const mg_command_help *command, int argc, char **argv, void *values, bool *ret_help,
                           mg_text_list *positional, mg_error *err)
{
    reading in = {command, argc, 1, argv, values, positional, NULL, false};
    if (positional != NULL) *positional = (mg_text_list){0};
    *ret_help = asks_for_help(argc, argv);
    mg_status status = set_presets(command, values, err);
    if (status != MG_OK || *ret_help) return status;

    size_t n_options = 0;
    while (command->option[n_options].name != NULL)
        n_options++;
    status = mg_alloc(&in.given, n_options, sizeof *in.given, err);
    while (status == MG_OK && in.next < argc)
        status = read_word(&in, err);
    free(in.given);
    return status == MG_OK ? mg_options_check_files(command, values, positional, err) : status;
}

void mg_options_free(const mg_command_help *command, void *values, mg_text_list *positional)
{
    for (const mg_option *option = command->option; option->name != NULL; option++)
        if (is_list(option)) free_list(slot(option, values));
    if (positional != NULL) free_list(positional);
}
