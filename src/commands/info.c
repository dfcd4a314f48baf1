/* info.c  mutagree info: says what a file is */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/describe/describe.h"
#include "src/commands/commands.h"
#include "src/core/options.h"

typedef struct {
    const char *arch;
    bool json;
} info_options;

static const mg_option table[] = {
    {"arch", MG_TEXT, offsetof(info_options, arch), NULL, "NAME|FILE", 0, 0, "Input",
     "layers of a model file that holds weights only"},
    {"json", MG_FLAG, offsetof(info_options, json), NULL, NULL, 0, 0, "Output", "tell it as JSON"},
    {0}};

static const mg_command_help help = {
    .name = "info",
    .synopsis = "FILE [OPTION]...",
    .purpose = "Say what a file is: a model, the result of a run, sequences, an annotation, windows.",
    .notes = "FILE may also be the name of a model that comes with mutagree, as tis-human. Multiply-accumulates\n"
             "(macs) are those of one window.\n",
    .option = table};

static mg_status tell(const char *path, const info_options *options, mg_error *err)
{
    json_t *about = NULL;
    mg_status status = mg_describe(path, options->arch, &about, err);
    if (status != MG_OK) return status;
    if (!options->json) {
        mg_describe_print(stdout, about);
    } else if (json_dumpf(about, stdout, JSON_INDENT(2)) != 0 || putchar('\n') == EOF) {
        status = mg_fail(err, MG_EIO, "cannot write standard output: %s", strerror(errno));
    }
    json_decref(about);
    return status;
}

mg_status mg_cmd_info(int argc, char **argv, mg_error *err)
{
    info_options options = {0};
    mg_text_list files = {0};
    bool want_help = false;
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, &files, err);
    if (status != MG_OK) goto cleanup;
    if (want_help) {
        mg_options_help(stdout, &help);
    } else if (files.n != 1) {
        status = mg_fail(err, MG_EUSAGE, "info needs the name of one file");
    } else {
        status = tell(files.text[0], &options, err);
    }
cleanup:
    mg_options_free(&help, &options, &files);
    return status;
}
