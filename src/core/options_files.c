/* options_files.c  a file that a command writes is none that it reads
 *
 * --force replaces a file that is there; a command that is given its own input as output would read it, replace it, and be
 * content. So every text among the options and words that names an existing file is compared with every output, by
 * device and number of the file: other spellings and links are the same file.
 */
#include "src/core/options_files.h"

#include <string.h>
#include <sys/stat.h>

static bool is_output(const mg_option *option)
{
    return option->type == MG_TEXT && option->value != NULL && strcmp(option->value, "FILE") == 0 &&
           strcmp(option->group, "Output") == 0;
}

static const char *text_of(const mg_option *option, const void *values)
{
    const char *text;
    memcpy(&text, (const char *)values + option->offset, sizeof text);
    return text;
}

static bool same_file(const struct stat *output, const char *text)
{
    struct stat other;
    const char *equals = text != NULL ? strchr(text, '=') : NULL; /* NAME=FILE */
    if (text == NULL) return false;
    if (stat(text, &other) == 0 && other.st_dev == output->st_dev && other.st_ino == output->st_ino) return true;
    return equals != NULL && same_file(output, equals + 1);
}

static bool in_list(const struct stat *output, const mg_text_list *list)
{
    for (size_t i = 0; list != NULL && i < list->n; i++)
        if (same_file(output, list->text[i])) return true;
    return false;
}

/* Does the value of this option, or a word of it, name that file? */
static bool names_it(const struct stat *output, const mg_option *option, const void *values)
{
    bool list = option->type == MG_TEXTS || option->type == MG_NAMES;
    if (list) return in_list(output, (const mg_text_list *)(const void *)((const char *)values + option->offset));
    return option->type == MG_TEXT && same_file(output, text_of(option, values));
}

static mg_status check(const mg_command_help *command, const mg_option *output, const void *values,
                       const mg_text_list *positional, mg_error *err)
{
    const char *path = text_of(output, values);
    struct stat there;
    if (path == NULL || stat(path, &there) != 0 || !S_ISREG(there.st_mode)) return MG_OK;
    if (in_list(&there, positional))
        return mg_fail(err, MG_EUSAGE, "--%s %s is a file that is read; give another", output->name, path);
    for (const mg_option *option = command->option; option->name != NULL; option++)
        if (option != output && names_it(&there, option, values))
            return mg_fail(err, MG_EUSAGE, "--%s %s is the file of --%s, too; give another", output->name, path,
                           option->name);
    return MG_OK;
}

mg_status mg_options_check_files(const mg_command_help *command, const void *values, const mg_text_list *positional,
                                 mg_error *err)
{
    mg_status status = MG_OK;
    for (const mg_option *option = command->option; option->name != NULL && status == MG_OK; option++)
        if (is_output(option)) status = check(command, option, values, positional, err);
    return status;
}
