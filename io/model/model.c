/* model.c  find the file, tell its format, take its tensors, find its architecture, build the network */
#include "io/model/model.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/model/model_h5.h"
#include "io/model/safetensors.h"
#include "io/base/share.h"
#include "io/model/torch.h"
#include "io/model/weight_norm.h"
#include "io/model/wrappers.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/graph/printed/architecture.h"
#include "src/graph/printed/blocks.h"

#define MAX_FILE ((size_t)1 << 34) /* bytes; twice the largest network that can be built */

enum { PATH_TEXT = MG_SHARE_PATH };

/* --- formats --- */

mg_model_format mg_model_format_of(const unsigned char *bytes, size_t n)
{
    if (n >= 8 && memcmp(bytes, "\211HDF\r\n\032\n", 8) == 0) return MG_FORMAT_HDF5;
    if (n >= 4 && memcmp(bytes, "PK\003\004", 4) == 0) return MG_FORMAT_TORCH;
    if (n >= 9 && bytes[8] == '{') return MG_FORMAT_SAFETENSORS;
    if (n >= 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5) return MG_FORMAT_TORCH_OLD;
    return MG_FORMAT_UNKNOWN;
}

const char *mg_model_format_name(mg_model_format format)
{
    static const char *const name[] = {"unknown", "HDF5", "safetensors", "PyTorch state dict", "PyTorch before 1.6"};
    return name[format];
}

static mg_status read_tensors(const unsigned char *bytes, size_t n, mg_model *model, char **ret_architecture,
                              mg_error *err)
{
    switch (model->format) {
    case MG_FORMAT_HDF5:
        return mg_model_h5_read(bytes, n, &model->tensors, ret_architecture, err);
    case MG_FORMAT_SAFETENSORS:
        return mg_safetensors_read(bytes, n, &model->tensors, ret_architecture, err);
    case MG_FORMAT_TORCH:
        return mg_torch_read(bytes, n, &model->tensors, err);
    case MG_FORMAT_TORCH_OLD:
        return mg_torch_read_legacy(bytes, n, &model->tensors, err);
    default:
        return mg_fail(err, MG_EINPUT,
                       "it is no model that mutagree can read; known are its own HDF5, safetensors and PyTorch state "
                       "dicts (.pth)");
    }
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
    return mg_fail(err, MG_EINPUT,
                   "%s holds weights only: give --arch %s, or --arch FILE with a few lines and the output of "
                   "print(model); 'mutagree convert --help' shows one",
                   model->path, mg_architecture_names());
}

/* --- reading --- */

mg_status mg_model_open(const char *path, mg_model *ret, mg_error *err)
{
    char found[PATH_TEXT];
    mg_model model = {0};
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_status status = find_model(path, found, err);
    if (status != MG_OK) return status;
    status = mg_copy_text(&model.path, found, err);
    if (status != MG_OK) goto cleanup;
    status = mg_whole_file_read(found, MAX_FILE, &bytes, &n, err);
    if (status != MG_OK) goto cleanup;
    mg_sha256(bytes, n, model.sha256);
    model.format = mg_model_format_of(bytes, n);
    status = read_tensors(bytes, n, &model, &model.architecture, err);
    if (status == MG_OK) status = mg_weight_norm_join(&model.tensors, err);
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

mg_status mg_model_build(mg_model *model, const char *arch, mg_error *err)
{
    char origin[PATH_TEXT], *text = NULL;
    mg_status status = find_architecture(model, arch, &text, origin, err);
    if (status == MG_OK) status = build_network(model, text, origin, err);
    if (status != MG_OK) {
        bool own = strncmp(origin, model->path, strlen(model->path)) == 0;
        if (text != NULL && !own && err != NULL) mg_fail_prefix(err, "%s with ", model->path);
        free(text);
        return status;
    }
    if (model->architecture == NULL || arch != NULL) warn_of_doubts(text, origin);
    free(model->architecture);
    model->architecture = text;
    return MG_OK;
}

mg_status mg_model_read(const char *path, const char *arch, mg_model *ret, mg_error *err)
{
    mg_model model = {0};
    mg_status status = mg_model_open(path, &model, err);
    if (status == MG_OK) status = mg_model_build(&model, arch, err);
    if (status == MG_OK) {
        *ret = model;
    } else {
        mg_model_destroy(&model);
    }
    return status;
}

void mg_model_destroy(mg_model *model)
{
    if (model == NULL) return;
    mg_graph_destroy(model->network);
    free(model->path);
    free(model->architecture);
    mg_tensors_destroy(&model->tensors);
    *model = (mg_model){0};
}

/* --- writing --- */

mg_status mg_model_add_note(mg_model *model, const char *note, mg_error *err)
{
    char *text = NULL;
    mg_status status = mg_architecture_add_note(model->architecture, note, &text, err);
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
