/* options_text.c  tells a table of options to people (--help) and to the run's record (provenance) */
#include "src/core/options.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAGE_WIDTH = 100, /* columns of --help */
    LEFT_WIDTH = 30,  /* widest "--name VALUE" that has its sentence beside it, not below */
    OPTION_TEXT = 256 /* bytes of "--name VALUE" and of "(range) [default]" */
};

/* Print the words of one line from column `column` on, continued at column `indent` on further lines. */
static void print_wrapped(FILE *out, const char *text, int indent, int column)
{
    while (*text != '\0' && *text != '\n') {
        int n = (int)strcspn(text, " \n");
        if (column > indent && column + 1 + n > PAGE_WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        }
        int space = column > indent;
        fprintf(out, "%*s%.*s", space, "", n, text);
        column += space + n;
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static char letter_of(const mg_command_help *command, const mg_option *option)
{
    for (int letter = 'a'; letter <= 'z'; letter++)
        if (mg_option_of_letter(command, (char)letter) == option) return (char)letter;
    return '\0';
}

static void format_left(const mg_command_help *command, const mg_option *option, char text[OPTION_TEXT])
{
    bool flag = option->type == MG_FLAG;
    char letter = letter_of(command, option), beside[] = {'-', letter, ',', ' ', '\0'};
    snprintf(text, OPTION_TEXT, "  %s--%s%s%s", letter != '\0' ? beside : "", option->name, flag ? "" : " ",
             flag ? "" : option->value);
}

/* What to expect of the value: "(1 to 4096) [default: 8]"; empty when there is nothing to say. */
static void format_limits(const mg_option *option, char text[OPTION_TEXT])
{
    bool number = option->type == MG_INTEGER || option->type == MG_REAL;
    char range[OPTION_TEXT / 2] = "", preset[OPTION_TEXT / 2] = "";
    if (number && (option->min != 0 || option->max != 0))
        snprintf(range, sizeof range, " (%.16g to %.16g)", option->min, option->max);
    if (option->preset != NULL && option->preset[0] != '\0') snprintf(preset, sizeof preset, " [%s]", option->preset);
    snprintf(text, OPTION_TEXT, "%s%s", range, preset);
}

static int left_width(const mg_command_help *command)
{
    int width = (int)strlen("  --help");
    for (const mg_option *option = command->option; option->name != NULL; option++) {
        char left[OPTION_TEXT];
        format_left(command, option, left);
        int n = (int)strlen(left);
        if (n > width && n <= LEFT_WIDTH) width = n;
    }
    return width + 2;
}

static void print_row(FILE *out, const char *left, const char *help, const char *limits, int indent)
{
    char text[4 * OPTION_TEXT];
    snprintf(text, sizeof text, "%s%s", help, limits);
    fputs(left, out);
    int column = (int)strlen(left);
    if (column + 2 > indent) {
        fputc('\n', out);
        column = 0;
    }
    fprintf(out, "%*s", indent - column, "");
    print_wrapped(out, text, indent, indent);
}

static void print_group(FILE *out, const mg_command_help *command, const char *group, int indent)
{
    fprintf(out, "\n%s:\n", group);
    for (const mg_option *option = command->option; option->name != NULL; option++) {
        if (strcmp(option->group, group) != 0) continue;
        char left[OPTION_TEXT], limits[OPTION_TEXT];
        format_left(command, option, left);
        format_limits(option, limits);
        print_row(out, left, option->help, limits, indent);
    }
}

static bool group_seen_before(const mg_command_help *command, const mg_option *option)
{
    for (const mg_option *earlier = command->option; earlier < option; earlier++)
        if (strcmp(earlier->group, option->group) == 0) return true;
    return false;
}

/* Lines stay as the command wrote them, unless they are too long. */
static void print_notes(FILE *out, const char *notes)
{
    fputc('\n', out);
    while (*notes != '\0') {
        int n = (int)strcspn(notes, "\n"), indent = (int)strspn(notes, " ");
        if (n <= PAGE_WIDTH) {
            fprintf(out, "%.*s\n", n, notes);
        } else {
            fprintf(out, "%*s", indent, "");
            print_wrapped(out, notes + indent, indent, indent);
        }
        notes += n + (notes[n] == '\n');
    }
}

void mg_options_help(FILE *out, const mg_command_help *command)
{
    int indent = left_width(command);
    bool bare = command->synopsis[0] == '\0';
    int column = fprintf(out, "Usage: mutagree %s%s", command->name, bare ? "" : " ");
    print_wrapped(out, command->synopsis, column, column);
    fputc('\n', out);
    print_wrapped(out, command->purpose, 0, 0);
    for (const mg_option *option = command->option; option->name != NULL; option++)
        if (!group_seen_before(command, option)) print_group(out, command, option->group, indent);
    fputc('\n', out);
    print_row(out, "  --help", "show this text; defaults stand in [brackets]", "", indent);
    if (command->notes != NULL) print_notes(out, command->notes);
}

static void describe_list(FILE *out, const mg_option *option, const mg_text_list *list)
{
    if (list->n == 0) return;
    fprintf(out, "--%s", option->name);
    for (size_t i = 0; i < list->n; i++)
        fprintf(out, " %s", list->text[i]);
    fputc('\n', out);
}

static void describe_real(FILE *out, const mg_option *option, double value)
{
    char text[64];
    snprintf(text, sizeof text, "%.15g", value);
    if (strtod(text, NULL) != value)
        snprintf(text, sizeof text, "%.17g", value); /* every bit, where 15 digits lose some */
    fprintf(out, "--%s %s\n", option->name, text);
}

static void describe(FILE *out, const mg_option *option, const void *value)
{
    const char *text = NULL;
    switch (option->type) {
    case MG_FLAG:
        if (*(const bool *)value) fprintf(out, "--%s\n", option->name);
        break;
    case MG_INTEGER:
        fprintf(out, "--%s %lld\n", option->name, (long long)*(const int64_t *)value);
        break;
    case MG_REAL:
        describe_real(out, option, *(const double *)value);
        break;
    case MG_TEXT:
    case MG_CHOICE:
        text = *(const char *const *)value;
        if (text != NULL) fprintf(out, "--%s %s\n", option->name, text);
        break;
    case MG_TEXTS:
        describe_list(out, option, value);
        break;
    case MG_NAMES:
        for (size_t i = 0; i < ((const mg_text_list *)value)->n; i++)
            fprintf(out, "--%s %s\n", option->name, ((const mg_text_list *)value)->text[i]);
        break;
    }
}

mg_status mg_options_describe(const mg_command_help *command, const void *values, char **ret, mg_error *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL) return mg_fail(err, MG_EMEM, "out of memory while describing the options");
    for (const mg_option *option = command->option; option->name != NULL; option++)
        describe(out, option, (const char *)values + option->offset);
    int failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(text);
        return mg_fail(err, MG_EMEM, "out of memory while describing the options");
    }
    *ret = text;
    return MG_OK;
}
