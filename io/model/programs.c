/* programs.c  names and first bytes, and what is said about them */
#include "io/model/programs.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TORCH_EXPORT "torch.onnx.export(m, torch.zeros(1, 4, LENGTH), 'net.onnx', opset_version=17)"

/* %s is the file; LENGTH and build_model() are the user's. */
static const struct {
    const char *what, *lines;
} programs[] = {
    [MG_PROGRAM_PICKLE] = {"it is a pickled object, whose classes are a program",
                           "import torch; m = torch.load('%s', weights_only=False).eval(); " TORCH_EXPORT},
    [MG_PROGRAM_TORCHSCRIPT] = {"it is TorchScript, which is a program",
                                "import torch; m = torch.jit.load('%s').eval(); " TORCH_EXPORT},
    [MG_PROGRAM_EXPORTED] = {"it is an exported program of PyTorch (.pt2)",
                             "import torch; m = torch.export.load('%s').module(); " TORCH_EXPORT},
    [MG_PROGRAM_JOBLIB] = {"it is a file of joblib, which holds a pickled object",
                           "import joblib, torch; m = joblib.load('%s').eval(); " TORCH_EXPORT
                           " (of Keras: tf2onnx.convert.from_keras(m, output_path='net.onnx'))"},
    [MG_PROGRAM_SAVED_MODEL] = {"it is a SavedModel of TensorFlow, which is a program",
                                "import os; os.system(\"python -m tf2onnx.convert --saved-model '%s' --output "
                                "net.onnx\")"},
    [MG_PROGRAM_CHECKPOINT] = {"it is part of a checkpoint of TensorFlow, which holds weights without layers",
                               "import tf2onnx; m = build_model(); m.load_weights('%s'); "
                               "tf2onnx.convert.from_keras(m, output_path='net.onnx')"}};

/* --- which it is --- */

static bool ends_in(const char *text, const char *ending)
{
    size_t n = strlen(text), n_ending = strlen(ending);
    return n >= n_ending && strcmp(text + n - n_ending, ending) == 0;
}

static bool has_beside(const char *path, const char *more)
{
    char name[4096];
    int n = snprintf(name, sizeof name, "%s%s", path, more);
    return n > 0 && (size_t)n < sizeof name && access(name, F_OK) == 0;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

mg_program mg_program_of_path(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    if (is_folder(path)) {
        if (has_beside(path, "/saved_model.pb") || has_beside(path, "/keras_metadata.pb"))
            return MG_PROGRAM_SAVED_MODEL;
        return has_beside(path, "/checkpoint") ? MG_PROGRAM_CHECKPOINT : MG_PROGRAM_NONE;
    }
    if (strcmp(name, "saved_model.pb") == 0) return MG_PROGRAM_SAVED_MODEL;
    bool exists = access(path, F_OK) == 0;
    if (!exists && has_beside(path, ".index"))
        return MG_PROGRAM_CHECKPOINT; /* as TensorFlow names it, without an ending */
    bool part = strstr(name, ".data-0000") != NULL || ends_in(name, ".ckpt.index") || strcmp(name, "checkpoint") == 0;
    if (exists && part) return MG_PROGRAM_CHECKPOINT;
    return exists && ends_in(name, ".joblib") ? MG_PROGRAM_JOBLIB : MG_PROGRAM_NONE;
}

mg_program mg_program_of_bytes(const unsigned char *bytes, size_t n)
{
    static const unsigned char table[] = {0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb}; /* of LevelDB: NAME.index */
    static const char *const marks[] = {"joblib.numpy_pickle", "joblib.ndarray"};
    if (n >= sizeof table && memcmp(bytes + n - sizeof table, table, sizeof table) == 0) return MG_PROGRAM_CHECKPOINT;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (memmem(bytes, n < 4096 ? n : 4096, marks[i], strlen(marks[i])) != NULL) return MG_PROGRAM_JOBLIB;
    bool zlib =
        n >= 2 && bytes[0] == 0x78 && (bytes[1] == 0x01 || bytes[1] == 0x5e || bytes[1] == 0x9c || bytes[1] == 0xda);
    if (zlib) return MG_PROGRAM_JOBLIB; /* joblib.dump(..., compress=N) */
    return n >= 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5 ? MG_PROGRAM_PICKLE : MG_PROGRAM_NONE;
}

/* --- what is said --- */

void mg_program_advise(mg_program program, const char *path, mg_error *err)
{
    if (err == NULL || program == MG_PROGRAM_NONE) return;
    char lines[1024];
    const char *from = programs[program].lines, *place = strstr(from, "%s");
    size_t n = strlen(err->text);
    snprintf(lines, sizeof lines, "%.*s%.400s%s", (int)(place - from), from, path, place + 2);
    snprintf(err->text + n, sizeof err->text - n,
             "; where you trust it, these lines of Python make an ONNX file of it, which is read: %s", lines);
}

mg_status mg_program_refuse(mg_program program, const char *path, mg_error *err)
{
    mg_fail(err, MG_EINPUT, "%s: %s, and no program of a model file is run", path, programs[program].what);
    mg_program_advise(program, path, err);
    return MG_EINPUT;
}
