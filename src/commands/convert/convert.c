/* convert.c  mutagree convert: a model file of one format into another, with its architecture inside */
#include <stdio.h>

#include "io/model/model.h"
#include "src/commands/commands.h"
#include "src/commands/convert/check.h"
#include "src/graph/score.h"
#include "src/core/log.h"
#include "src/core/options.h"

typedef struct {
    const char *model, *out, *note, *check;
    mg_model_words words;
    bool force;
} convert_options;

static const mg_option table[] = {
    {"model", MG_TEXT, offsetof(convert_options, model), NULL, "FILE", 0, 0, "Input",
     "model file: HDF5 (also of Keras), safetensors, PyTorch state dict, ONNX"},
    MG_MODEL_OPTIONS(convert_options, words),
    {"out", MG_TEXT, offsetof(convert_options, out), NULL, "FILE", 0, 0, "Output", "NAME.h5 or NAME.safetensors"},
    {"check", MG_TEXT, offsetof(convert_options, check), NULL, "FILE", 0, 0, "Input",
     "compare with what another program says of some windows: letters, then the outputs, between tabs"},
    {"note", MG_TEXT, offsetof(convert_options, note), NULL, "TEXT", 0, 0, "Output",
     "put into the file: how the network was made"},
    {"force", MG_FLAG, offsetof(convert_options, force), NULL, NULL, 0, 0, "Output", "replace an existing file"},
    {0}};

static const mg_command_help help = {
    .name = "convert",
    .synopsis = "--model FILE [--arch NAME|FILE] [--check FILE] [--out FILE]",
    .purpose = "Turn a model file into one that holds all that mutagree needs: weights, layers, base order, classes.",
    .notes =
        "ONNX files and HDF5 of Keras tell their layers; docs/models.md has what runs, and what has to be said.\n"
        "A PyTorch state dict or safetensors file holds weights only. Its layers come from a built-in\n"
        "architecture (tisrover+ or tisrover) or from a text, a few lines and the output of print(model) as it is:\n\n"
        "    window  203             bases the network takes\n"
        "    anchor  60              where in them the start codon stands, counted from 0\n"
        "    bases   AGCT            order of the input channels [ACGT]\n"
        "    head    softmax         softmax, sigmoid or none [sigmoid for one output, else softmax]\n"
        "    classes no_TIS TIS      names of the outputs [0 1 ...]\n"
        "    target  TIS             the output to explain [the last]\n"
        "    flatten channels-first  or positions-first, as Keras does [channels-first]\n"
        "    rows    positions       or bases: Conv2d sees L x 4 or 4 x L [as its kernels tell]\n"
        "    note    any text\n"
        "    layers\n"
        "    Sequential(\n"
        "      (0): Conv1d(4, 32, kernel_size=(7,), stride=(1,))\n"
        "      (1): ReLU()\n"
        "      ...\n"
        "    )\n\n"
        "A text NAME.arch beside NAME.pth is found without --arch. The layers run in the order of the text:\n"
        "where forward() of the network does otherwise (one ReLU used twice), write them down as they run;\n"
        "branches and skips are written as a graph text, a line a node (docs/models.md). print(model) does\n"
        "not show ceil_mode and count_include_pad of average pools: add them.\n",
    .option = table,
    .letters = "o=out"};

static mg_status convert(const convert_options *options, mg_error *err)
{
    mg_model model = {0};
    char n_weights[MG_COUNT_TEXT], bases[MG_BASE_ORDER_TEXT];
    mg_status status = mg_model_read(options->model, &options->words, &model, err);
    if (status == MG_OK && options->note != NULL) status = mg_model_add_note(&model, options->note, err);
    if (status == MG_OK && options->check != NULL) status = mg_convert_check(options->check, model.network, err);
    if (status == MG_OK && model.bases[0] == '\0') mg_note("bases: %s", mg_base_order_tell("", bases));
    bool writes = status == MG_OK && options->out != NULL;
    if (writes) status = mg_model_write(options->out, &model, options->force, err);
    if (writes && status == MG_OK)
        mg_note("wrote %s: %zu layers, %s weights, window of %lld nt", options->out, mg_graph_n_layers(model.network),
                mg_format_count(n_weights, mg_graph_n_weights(model.network)), (long long)model.network->length);
    mg_model_destroy(&model);
    return status;
}

mg_status mg_cmd_convert(int argc, char **argv, mg_error *err)
{
    convert_options options = {0};
    bool want_help = false;
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, NULL, err);
    if (status != MG_OK) goto cleanup;
    if (want_help) {
        mg_options_help(stdout, &help);
    } else if (options.model == NULL || (options.out == NULL && options.check == NULL)) {
        status = mg_fail(err, MG_EUSAGE, "convert needs --model FILE and --out FILE, or --check FILE");
    } else {
        status = convert(&options, err);
    }
cleanup:
    mg_options_free(&help, &options, NULL);
    return status;
}
