/* model.c  find the file, tell its format, take its tensors, find its architecture, build the network */
#include "io/model/model.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/model/apply.h"
#include "io/model/foreign.h"
#include "io/model/model_h5.h"
#include "io/model/pickle.h"
#include "io/model/programs.h"
#include "io/model/said.h"
#include "io/model/safetensors.h"
#include "io/base/share.h"
#include "io/model/torch.h"
#include "io/model/weight_norm.h"
#include "io/model/wrappers.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/graph/both_strands.h"
#include "src/graph/printed/architecture.h"
#include "src/graph/printed/blocks.h"
#include "src/graph/rewrite.h"
#include "src/graph/text/graph_text.h"

#define MAX_FILE ((size_t)1 << 34) /* bytes; twice the largest network that can be built */

enum { PATH_TEXT = MG_SHARE_PATH };

/* --- formats --- */

mg_model_format mg_model_format_of(const unsigned char *bytes, size_t n)
{
    if (n >= 8 && memcmp(bytes, "\211HDF\r\n\032\n", 8) == 0) return MG_FORMAT_HDF5;
    if (n >= 4 && memcmp(bytes, "PK\003\004", 4) == 0)
        return mg_foreign_is_keras3(bytes, n) ? MG_FORMAT_KERAS : MG_FORMAT_TORCH;
    if (n >= 9 && bytes[8] == '{') return MG_FORMAT_SAFETENSORS;
    if (n >= 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5) return MG_FORMAT_TORCH_OLD;
    if (mg_foreign_is_onnx(bytes, n)) return MG_FORMAT_ONNX;
    return MG_FORMAT_UNKNOWN;
}

const char *mg_model_format_name(mg_model_format format)
{
    static const char *const name[] = {"unknown", "HDF5", "safetensors", "PyTorch state dict", "PyTorch before 1.6",
                                       "ONNX",    "Keras"};
    return name[format];
}

/* HDF5 that is not ours is read by a child; of Keras it stays as it is until its layers are known. */
static mg_status open_foreign_h5(const unsigned char *bytes, size_t n, mg_model *model, mg_error *err)
{
    bool keras = false;
    mg_status status = mg_foreign_open_h5(bytes, n, &model->foreign, &keras, err);
    if (keras) model->format = MG_FORMAT_KERAS;
    if (status != MG_OK || keras) return status;
    status = mg_foreign_own(model->foreign, &model->architecture, err);
    if (status == MG_OK) status = mg_foreign_tensors(model->foreign, &model->tensors, err);
    mg_foreign_destroy(model->foreign);
    model->foreign = NULL;
    return status;
}

static mg_status read_tensors(const unsigned char *bytes, size_t n, mg_model *model, char **ret_architecture,
                              mg_error *err)
{
    switch (model->format) {
    case MG_FORMAT_HDF5:
        if (mg_model_h5_is_own(bytes, n)) return mg_model_h5_read(bytes, n, &model->tensors, ret_architecture, err);
        return open_foreign_h5(bytes, n, model, err);
    case MG_FORMAT_KERAS:
        return mg_foreign_open_keras3(bytes, n, &model->foreign, err);
    case MG_FORMAT_ONNX:
        return mg_foreign_keep_onnx(bytes, n, &model->foreign, err);
    case MG_FORMAT_SAFETENSORS:
        return mg_safetensors_read(bytes, n, &model->tensors, ret_architecture, err);
    case MG_FORMAT_TORCH:
        return mg_torch_read(bytes, n, &model->tensors, err);
    case MG_FORMAT_TORCH_OLD:
        return mg_torch_read_legacy(bytes, n, &model->tensors, err);
    default:
        return mg_fail(
            err, MG_EINPUT,
            "it is no model that mutagree can read; known are its own HDF5, safetensors, PyTorch state dicts (.pth), "
            "ONNX and HDF5 of Keras");
    }
}

/* What was refused because it is a program, not because it is damaged: how to make an ONNX file of it. */
static void advise(const unsigned char *bytes, size_t n, const mg_model *model, mg_error *err)
{
    mg_program program = MG_PROGRAM_NONE;
    if (err == NULL) return;
    bool pickled = strstr(err->text, MG_PICKLE_WANTS_MORE) != NULL;
    if (model->format == MG_FORMAT_TORCH) program = mg_torch_program(bytes, n);
    if (program == MG_PROGRAM_NONE && (pickled || model->format == MG_FORMAT_UNKNOWN))
        program = mg_program_of_bytes(bytes, n);
    if (program == MG_PROGRAM_NONE && pickled) program = MG_PROGRAM_PICKLE;
    mg_program_advise(program, model->path, err);
}

/* --- where the model is --- */

static mg_status find_model(const char *name, char path[PATH_TEXT], mg_error *err)
{
    if ((size_t)snprintf(path, PATH_TEXT, "%s", name) >= PATH_TEXT)
        return mg_fail(err, MG_EINPUT, "the model's name has more than %d bytes", PATH_TEXT - 1);
    if (access(name, F_OK) == 0 || strchr(name, '/') != NULL) return MG_OK;
    char file[PATH_TEXT + 4];
    snprintf(file, sizeof file, "%s.h5", name);
    if (mg_share_find("models", file, path)) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "there is no file %.200s, and no model of that name comes with this mutagree (%s/models; set "
                   "MUTAGREE_SHARE to look elsewhere)",
                   name, mg_share_folder());
}

/* --- what its layers are --- */

static mg_status read_text(const char *path, char **ret, mg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_status status = mg_whole_file_read(path, MG_MAX_ARCHITECTURE, &bytes, &n, err);
    if (status != MG_OK) return status;
    if (memchr(bytes, '\0', n) != NULL) {
        free(bytes);
        return mg_fail(err, MG_EINPUT, "%s is no plain text, so no architecture", path);
    }
    *ret = (char *)bytes;
    return MG_OK;
}

mg_status mg_model_find_architecture(const char *arch, char **ret, mg_error *err)
{
    const char *text = mg_architecture_builtin(arch);
    if (text != NULL) return mg_copy_text(ret, text, err);
    if (access(arch, F_OK) != 0)
        return mg_fail(err, MG_EINPUT, "--arch %s is neither a built-in architecture (%s) nor a file", arch,
                       mg_architecture_names());
    return read_text(arch, ret, err);
}

/* NAME.arch beside NAME.xyz; false when there is none */
static bool name_beside(const char *path, char beside[PATH_TEXT])
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    size_t n = dot != NULL && (slash == NULL || dot > slash) ? (size_t)(dot - path) : strlen(path);
    int n_all = snprintf(beside, PATH_TEXT, "%.*s.arch", (int)n, path);
    return n_all > 0 && n_all < PATH_TEXT && access(beside, F_OK) == 0;
}

/* A copy of the text that counts for this model, and what to call it in messages. */
static mg_status find_architecture(const mg_model *model, const char *arch, char **ret, char origin[PATH_TEXT],
                                   mg_error *err)
{
    if (arch != NULL) {
        snprintf(origin, PATH_TEXT, "%s", arch);
        return mg_model_find_architecture(arch, ret, err);
    }
    if (model->architecture != NULL) {
        snprintf(origin, PATH_TEXT, "%.*s (its architecture)", PATH_TEXT - 32, model->path);
        return mg_copy_text(ret, model->architecture, err);
    }
    if (name_beside(model->path, origin)) return read_text(origin, ret, err);
    return mg_fail(
        err, MG_EINPUT,
        "%s holds weights only: give --arch %s, or --arch FILE with the output of print(model) or a graph text "
        "(docs/models.md)%s; 'mutagree convert --help' shows one",
        model->path, mg_architecture_names(), model->foreign != NULL ? " or the JSON of Keras' model.to_json()" : "");
}

/* --- reading --- */

mg_status mg_model_open(const char *path, mg_model *ret, mg_error *err)
{
    char found[PATH_TEXT];
    mg_model model = {0};
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_program program = mg_program_of_path(path);
    if (program != MG_PROGRAM_NONE) return mg_program_refuse(program, path, err);
    mg_status status = find_model(path, found, err);
    if (status != MG_OK) return status;
    status = mg_copy_text(&model.path, found, err);
    if (status != MG_OK) goto cleanup;
    status = mg_whole_file_read(found, MAX_FILE, &bytes, &n, err);
    if (status != MG_OK) goto cleanup;
    model.format = mg_model_format_of(bytes, n);
    status = read_tensors(bytes, n, &model, &model.architecture, err);
    if (status == MG_EINPUT) advise(bytes, n, &model, err);
    if (status == MG_OK) mg_sha256(bytes, n, model.sha256); /* seconds of a large file, so of none that is refused */
    if (status == MG_OK && model.foreign == NULL) status = mg_weight_norm_join(&model.tensors, err);
    if (status != MG_OK && err != NULL) mg_fail_prefix(err, "%s: ", found);
cleanup:
    free(bytes);
    if (status == MG_OK) {
        *ret = model;
    } else {
        mg_model_destroy(&model);
    }
    return status;
}

/* Build it with the prefix taken from all names; on failure they are as they were. */
static mg_status build_without(mg_model *model, const char *text, const char *origin, const char *prefix, bool *marked,
                               mg_error *err)
{
    if (!mg_wrappers_take(&model->tensors, prefix, marked)) return MG_EINPUT;
    mg_status status = mg_network_build(text, origin, &model->tensors, &model->network, err);
    if (status != MG_OK) mg_wrappers_put_back(&model->tensors, prefix, marked);
    return status;
}

/* Names as they are; else without what training programs put before them. */
static mg_status build_network(mg_model *model, const char *text, const char *origin, mg_error *err)
{
    char prefix[MG_MAX_WRAPPERS][MG_WRAPPER_TEXT], common[MG_WRAPPER_TEXT];
    bool *marked = NULL;
    mg_status status = mg_network_build(text, origin, &model->tensors, &model->network, err);
    size_t n = status == MG_EINPUT ? mg_wrappers_find(&model->tensors, prefix) : 0;
    if (n == 0 || mg_alloc(&marked, model->tensors.n, sizeof *marked, NULL) != MG_OK) return status;
    for (size_t i = 0; i < n && status != MG_OK; i++)
        if (build_without(model, text, origin, prefix[i], marked, NULL) == MG_OK) status = MG_OK;
    mg_wrappers_common(&model->tensors, common);
    if (status != MG_OK && common[0] != '\0') status = build_without(model, text, origin, common, marked, err);
    free(marked);
    return status;
}

/* A text that somebody wrote for this model may leave out what forward() does. */
static void warn_of_doubts(const char *text, const char *origin)
{
    mg_architecture architecture = {0};
    char sentence[1024];
    if (mg_architecture_parse(text, origin, &architecture, NULL) != MG_OK) return;
    if (mg_blocks_doubt(&architecture.modules, origin, sentence, sizeof sentence)) mg_warn("%s", sentence);
    mg_architecture_destroy(&architecture);
}

mg_status mg_model_network(const char *text, const char *origin, const mg_tensors *tensors, mg_graph **ret,
                           mg_error *err)
{
    mg_graph *graph = NULL;
    if (!mg_graph_text_is(text)) return mg_network_build(text, origin, tensors, ret, err);
    mg_status status = mg_graph_text_build(text, origin, tensors, 0, NULL, &graph, err);
    return status == MG_OK ? mg_graph_fold(graph, ret, err) : status;
}

/* The graph, which is taken over, as a text and its tensors. */
static mg_status write_graph(mg_graph *graph, const mg_model_words *words, char **text, mg_tensors *tensors,
                             mg_error *err)
{
    mg_graph *both = NULL;
    mg_status status = mg_words_apply(graph, words, err);
    if (status == MG_OK && words->both_strands) status = mg_graph_both_strands(graph, &both, err);
    if (status == MG_OK) status = mg_graph_text_write(both != NULL ? both : graph, text, tensors, err);
    mg_graph_destroy(both);
    mg_graph_destroy(graph);
    return status;
}

/* What was read of the file has been used: it goes before the network takes as much memory again. */
static void drop_file(mg_model *model)
{
    mg_tensors_destroy(&model->tensors);
    mg_foreign_destroy(model->foreign);
    model->foreign = NULL;
}

/* The model becomes a text and tensors of our own, and the network what these make: so it is the same, to the last bit, on every
 * rank and wherever the model is written. */
static mg_status settle(mg_model *model, mg_graph *graph, const mg_model_words *words, mg_error *err)
{
    char *text = NULL;
    mg_tensors tensors = {0};
    mg_graph *network = NULL;
    mg_status status = write_graph(graph, words, &text, &tensors, err);
    mg_model_words said = *words;
    if (said.bases == NULL && said.inputs.n == 0 && model->bases[0] != '\0') said.bases = model->bases;
    if (status == MG_OK) status = mg_said_add(&said, &text, err);
    if (status == MG_OK && strlen(text) > MG_MAX_ARCHITECTURE)
        status = mg_fail(err, MG_EINPUT, "its graph has more than %d bytes as a text", MG_MAX_ARCHITECTURE);
    if (status == MG_OK) drop_file(model);
    if (status == MG_OK) status = mg_model_network(text, model->path, &tensors, &network, err);
    if (status != MG_OK) {
        free(text);
        mg_tensors_destroy(&tensors);
        return status;
    }
    free(model->architecture);
    mg_graph_destroy(model->network);
    model->architecture = text;
    model->tensors = tensors;
    model->network = network;
    return MG_OK;
}

static mg_status build_from_graph(mg_model *model, mg_status status, mg_graph *graph, const mg_model_words *words,
                                  mg_error *err)
{
    if (status == MG_OK) status = settle(model, graph, words, err);
    if (status != MG_OK && err != NULL) mg_fail_prefix(err, "%s: ", model->path);
    return status;
}

/* A text for weights without layers: printed layers, or a graph text. */
static mg_status build_with_text(mg_model *model, char *text, const char *origin, const mg_model_words *words,
                                 mg_error *err)
{
    bool own = strncmp(origin, model->path, strlen(model->path)) == 0,
         stored = model->architecture != NULL && words->arch == NULL;
    mg_graph *graph = NULL;
    char *edited = NULL;
    mg_status status = MG_OK;
    if (mg_graph_text_is(text)) {
        if (words->bases != NULL) status = mg_base_order_add(words->bases, origin, &text, err);
        mg_base_order_find(text, model->bases);
        if (status == MG_OK)
            status = mg_graph_text_build(text, origin, &model->tensors, words->length, words->output, &graph, err);
        if (status != MG_OK && !own && err != NULL) mg_fail_prefix(err, "%s with ", model->path);
        free(text);
        if (status == MG_OK) return build_from_graph(model, status, graph, words, err);
        return status;
    }
    if (mg_words_any(words)) {
        status = mg_words_edit(text, words, &edited, err);
        free(text);
        text = edited;
    }
    if (status == MG_OK) status = build_network(model, text, origin, err);
    if (status != MG_OK) {
        if (text != NULL && !own && err != NULL) mg_fail_prefix(err, "%s with ", model->path);
        free(text);
        return status;
    }
    mg_base_order_find(text, model->bases);
    if (!stored) warn_of_doubts(text, origin);
    free(model->architecture);
    model->architecture = text;
    return MG_OK;
}

/* The order of bases that is said for a file which tells its own layers: by --bases, or by a text that makes an input. */
static void note_order(mg_model *model, const mg_model_words *words)
{
    static const char mark[] = "=text:";
    model->bases[0] = '\0';
    for (size_t i = 0; i < words->inputs.n; i++) {
        const char *place = strstr(words->inputs.text[i], mark);
        char *text = NULL;
        if (place == NULL || read_text(place + sizeof mark - 1, &text, NULL) != MG_OK) continue;
        mg_base_order_find(text, model->bases);
        free(text);
    }
    if (words->bases != NULL) snprintf(model->bases, sizeof model->bases, "%s", words->bases);
}

static mg_status build(mg_model *model, const mg_model_words *words, mg_error *err)
{
    char origin[PATH_TEXT], *text = NULL;
    mg_graph *graph = NULL;
    mg_status status = MG_OK;
    note_order(model, words);
    if (model->foreign != NULL && words->arch == NULL && mg_foreign_has_layers(model->foreign)) {
        status = mg_foreign_read(model->foreign, model->path, NULL, words, &graph, err);
        return build_from_graph(model, status, graph, words, err);
    }
    status = find_architecture(model, words->arch, &text, origin, err);
    if (status != MG_OK) return status;
    if (model->foreign != NULL && mg_foreign_takes(model->foreign, text)) {
        status = mg_foreign_read(model->foreign, model->path, text, words, &graph, err);
        free(text);
        return build_from_graph(model, status, graph, words, err);
    }
    if (model->foreign != NULL) status = mg_foreign_tensors(model->foreign, &model->tensors, err);
    if (status == MG_OK) return build_with_text(model, text, origin, words, err);
    free(text);
    return status;
}

/* A text that was kept by a run, and the file that it was made from: read anew, by what was said then. */
static mg_status build_again(mg_model *model, mg_error *err)
{
    mg_said room;
    mg_model_words words;
    bool any = false;
    char *kept = model->architecture;
    mg_status status = mg_said_find(kept, &room, &words, &any, err);
    if (status != MG_OK) return status;
    model->architecture = NULL;
    status = build(model, &words, err);
    mg_said_free(&room);
    if (status == MG_OK && strcmp(kept, model->architecture) != 0)
        status = mg_fail(err, MG_EINPUT,
                         "%s is read as another network than then; has a file that it was read with been changed?",
                         model->path);
    free(kept);
    return status;
}

mg_status mg_model_build(mg_model *model, const mg_model_words *words, mg_error *err)
{
    const mg_model_words none = {0};
    bool kept = words == NULL && model->architecture != NULL && mg_graph_text_is(model->architecture);
    if (kept && model->foreign != NULL) return build_again(model, err);
    if (kept && strstr(model->architecture, "said arch ") != NULL && build(model, &none, NULL) != MG_OK)
        return build_again(model, err);
    if (kept && model->network != NULL) return MG_OK;
    return build(model, words != NULL ? words : &none, err);
}

mg_status mg_model_read(const char *path, const mg_model_words *words, mg_model *ret, mg_error *err)
{
    mg_model model = {0};
    mg_status status = mg_model_open(path, &model, err);
    if (status == MG_OK) status = mg_model_build(&model, words, err);
    if (status == MG_OK) {
        *ret = model;
    } else {
        mg_model_destroy(&model);
    }
    return status;
}

void mg_model_drop_weights(mg_model *model)
{
    mg_tensors_destroy(&model->tensors);
    mg_graph_drop_maps(model->network);
}

void mg_model_destroy(mg_model *model)
{
    if (model == NULL) return;
    mg_graph_destroy(model->network);
    free(model->path);
    free(model->architecture);
    mg_tensors_destroy(&model->tensors);
    mg_foreign_destroy(model->foreign);
    *model = (mg_model){0};
}

/* --- writing --- */

mg_status mg_model_add_note(mg_model *model, const char *note, mg_error *err)
{
    char *text = NULL;
    mg_status status = mg_graph_text_is(model->architecture)
                           ? mg_graph_text_add_note(model->architecture, note, &text, err)
                           : mg_architecture_add_note(model->architecture, note, &text, err);
    if (status != MG_OK) return status;
    free(model->architecture);
    model->architecture = text;
    return MG_OK;
}

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), n_ending = strlen(ending);
    return n > n_ending && strcmp(path + n - n_ending, ending) == 0;
}

static mg_status write_safetensors(const char *path, const mg_model *model, bool force, mg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_status status = mg_safetensors_pack(&model->tensors, model->architecture, &bytes, &n, err);
    if (status == MG_OK) status = mg_whole_file_write(path, bytes, n, force, err);
    free(bytes);
    return status;
}

static mg_status write_h5(const char *path, const mg_model *model, bool force, mg_error *err)
{
    char *part = NULL;
    mg_status status = mg_whole_file_begin(path, force, &part, err);
    if (status != MG_OK) return status;
    status = mg_model_h5_write(part, &model->tensors, model->architecture, err);
    status = mg_whole_file_end(path, part, force, status, err);
    free(part);
    return status;
}

static bool ends_as_h5(const char *path)
{
    return ends_in(path, ".h5") || ends_in(path, ".hdf5");
}

mg_status mg_model_check_ending(const char *path, mg_error *err)
{
    if (ends_as_h5(path) || ends_in(path, ".safetensors")) return MG_OK;
    return mg_fail(err, MG_EUSAGE, "%s: models are written as .h5 or .safetensors; the ending chooses", path);
}

mg_status mg_model_write(const char *path, const mg_model *model, bool force, mg_error *err)
{
    mg_status status = mg_model_check_ending(path, err);
    if (status != MG_OK) return status;
    return ends_as_h5(path) ? write_h5(path, model, force, err) : write_safetensors(path, model, force, err);
}
