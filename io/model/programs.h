/* programs.h  model files that hold a program rather than layers: which they are, and how an ONNX file is made of them
 *
 * A pickled object, TorchScript, an exported program of PyTorch and a SavedModel say what to run; nothing of theirs is run
 * here. A checkpoint of TensorFlow holds weights without layers. All of them become ONNX in a few lines of Python, which the
 * sentence of the refusal tells.
 */
#ifndef MG_IO_MODEL_PROGRAMS_H
#define MG_IO_MODEL_PROGRAMS_H

#include <stddef.h>

#include "src/core/status.h"

typedef enum {
    MG_PROGRAM_NONE,
    MG_PROGRAM_PICKLE,      /* an object of PyTorch or of anybody, torch.save(model) */
    MG_PROGRAM_TORCHSCRIPT, /* torch.jit.save() */
    MG_PROGRAM_EXPORTED,    /* torch.export.save(), .pt2 */
    MG_PROGRAM_JOBLIB,      /* joblib.dump() */
    MG_PROGRAM_SAVED_MODEL, /* a folder of TensorFlow, or its saved_model.pb */
    MG_PROGRAM_CHECKPOINT   /* one of the files of a checkpoint of TensorFlow */
} mg_program;

/* mg_program_of_path()   what the name and the files beside it tell, of a folder too
 * mg_program_of_bytes()  what the first and last bytes of a file tell that no reader knows */
mg_program mg_program_of_path(const char *path);
mg_program mg_program_of_bytes(const unsigned char *bytes, size_t n);

/* mg_program_refuse()  MG_EINPUT: what it is, and the lines of Python that make an ONNX file of it; path: what they load */
mg_status mg_program_refuse(mg_program program, const char *path, mg_error *err);

/* mg_program_advise()  put those lines behind a sentence that is in err already; err may be NULL */
void mg_program_advise(mg_program program, const char *path, mg_error *err);

#endif
