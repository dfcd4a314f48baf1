/* info.c  mutagree info: says what a file is */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/describe/describe.h"
#include "io/model/model.h"
#include "src/commands/commands.h"
#include "src/core/memory.h"
#include "src/core/options.h"
#include "src/graph/text/graph_text.h"

typedef struct {
    mg_model_words words;
    bool json;
    const char *graph;
} info_options;

static const mg_option table[] = {
    MG_MODEL_OPTIONS(info_options, words),
    {"graph", MG_CHOICE, offsetof(info_options, graph), "none", "none|text|dot", 0, 0, "Output",
     "the network's graph: as a text that --arch takes, or as a drawing for Graphviz"},
    {"json", MG_FLAG, offsetof(info_options, json), NULL, NULL, 0, 0, "Output", "tell it as JSON"},
    {0}};

static const mg_command_help help = {
    .name = "info",
    .synopsis = "FILE [OPTION]...",
    .purpose = "Say what a file is: a model, the result of a run, sequences, an annotation, windows.",
    .notes = "FILE may also be the name of a model that comes with mutagree, as tis-human. Multiply-accumulates\n"
             "(macs) are those of one window.\n",
    .option = table};

/* Models that are kept as graph texts have theirs; for printed layers one is written. */
static mg_status tell_graph(const char *path, const info_options *options, mg_error *err)
{
    mg_model model = {0};
    char *text = NULL;
    mg_tensors tensors = {0};
    mg_status status = mg_model_read(path, &options->words, &model, err);
    if (status != MG_OK) return status;
    if (strcmp(options->graph, "dot") == 0) {
        status = mg_graph_dot(model.network, &text, err);
    } else if (mg_graph_text_is(model.architecture)) {
        status = mg_copy_text(&text, model.architecture, err);
    } else {
        status = mg_graph_text_write(model.network, &text, &tensors, err);
    }
    if (status == MG_OK && fputs(text, stdout) == EOF)
        status = mg_fail(err, MG_EIO, "cannot write standard output: %s", strerror(errno));
    free(text);
    mg_tensors_destroy(&tensors);
    mg_model_destroy(&model);
    return status;
}

static mg_status tell(const char *path, const info_options *options, mg_error *err)
{
    json_t *about = NULL;
    mg_status status = mg_describe(path, &options->words, &about, err);
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
        status = (strcmp(options.graph, "none") != 0 ? tell_graph : tell)(files.text[0], &options, err);
    }
cleanup:
    mg_options_free(&help, &options, &files);
    return status;
}
