/* model.h  a trained network from a file of any of the formats we read: own HDF5, safetensors, PyTorch state dict
 *
 * Not collective: rank 0 reads, packs the model into one block of bytes, and the others unpack it.
 */
#ifndef MG_IO_MODEL_MODEL_H
#define MG_IO_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "io/base/whole_file.h"
#include "io/model/base_order.h"
#include "io/model/model_words.h"
#include "src/core/status.h"
#include "src/graph/graph.h"
#include "src/graph/printed/tensor.h"

typedef enum {
    MG_FORMAT_UNKNOWN,
    MG_FORMAT_HDF5,
    MG_FORMAT_SAFETENSORS,
    MG_FORMAT_TORCH,
    MG_FORMAT_TORCH_OLD, /* before PyTorch 1.6, a pickle without a zip around it */
    MG_FORMAT_ONNX,
    MG_FORMAT_KERAS
} mg_model_format;

typedef struct mg_foreign mg_foreign; /* io/model/foreign.h */

typedef struct {
    mg_graph *network;   /* owned */
    char *path;          /* owned; the file that was read */
    char *architecture;  /* owned; the text of src/graph/printed/architecture.h or of src/graph/text/graph_text.h */
    mg_tensors tensors;  /* owned; as in the file, or as the architecture names them */
    mg_foreign *foreign; /* owned: a file of ONNX or Keras that has not been built yet; else NULL */
    char sha256[MG_SHA256_TEXT]; /* of the file */
    mg_model_format format;
    char
        bases[MG_BASE_ORDER]; /* order of the file's input channels, where a text or --bases says it; "": it is assumed.
                                * Of the rank that read the file. */
} mg_model;

/* mg_model_format_of()  by the first bytes of a file;  mg_model_format_name()  "HDF5", "safetensors", ... */
mg_model_format mg_model_format_of(const unsigned char *bytes, size_t n);
const char *mg_model_format_name(mg_model_format format);

/* mg_model_read()  read a model and build its network
 *
 * Args:     path - a file; or, when there is no such file and the name has no '/', a model that comes with mutagree
 *                  ("tis-human"), looked for in $MUTAGREE_SHARE/models, beside the program and in the data directory
 *           words - what the user says; NULL: nothing. Its arch, the name of a built-in architecture or path of a text, goes
 *                  before the text in the model file; without it that text counts, or NAME.arch beside a file NAME.xyz
 *           ret  - OUT, for mg_model_destroy(): a text and tensors from which the network can be built again, whatever the
 *                  file was
 * Returns:  MG_OK, MG_EINPUT with a sentence that names the file and what is wrong in it, MG_EUSAGE for words that do not fit
 *           it, MG_EIO or MG_EMEM
 */
mg_status mg_model_read(const char *path, const mg_model_words *words, mg_model *ret, mg_error *err);

/* The two halves of mg_model_read(). After mg_model_open() there are tensors but no network, and an architecture only
 * when the file itself holds one; mg_model_build() adds both, or leaves the model as it was. Names of tensors may begin with
 * what training programs put before them (io/model/wrappers.h): it is taken away when the network cannot be built with it.
 */
mg_status mg_model_open(const char *path, mg_model *ret, mg_error *err);
mg_status mg_model_build(mg_model *model, const mg_model_words *words, mg_error *err);

/* mg_model_drop_weights()  let go of tensors and of the network's maps, when a study or a scorer holds them packed: what is told
 * of a network stays (mg_graph_drop_maps) */
void mg_model_drop_weights(mg_model *model);

/* mg_model_network()  the network of a text, of either kind, and tensors, as it is run: normalisations folded */
mg_status mg_model_network(const char *text, const char *origin, const mg_tensors *tensors, mg_graph **ret,
                           mg_error *err);

/* mg_model_find_architecture()  the text of a built-in architecture or of a file, for the caller to free() */
mg_status mg_model_find_architecture(const char *arch, char **ret, mg_error *err);

void mg_model_destroy(mg_model *model); /* frees what it holds, not the struct; NULL is fine */

/* mg_model_add_note()  put a line (or more) of text into the architecture: how the model was made */
mg_status mg_model_add_note(mg_model *model, const char *note, mg_error *err);

/* mg_model_write()  as HDF5 (path ends in .h5 or .hdf5) or safetensors (.safetensors), whole or not at all
 * Args:    force - replace a file that is there
 * Returns: MG_OK, MG_EUSAGE for another ending, MG_EINPUT when the file is there, MG_EIO. */
mg_status mg_model_write(const char *path, const mg_model *model, bool force, mg_error *err);

/* mg_model_check_ending()  MG_EUSAGE for a name that mg_model_write() would refuse for its ending */
mg_status mg_model_check_ending(const char *path, mg_error *err);

/* mg_model_pack()    all of the model as one block of bytes for ranks of the same machine type; *ret is for the caller
 *                    to free()
 * mg_model_unpack()  the model again, network and all; MG_EINPUT when the block is damaged */
mg_status mg_model_pack(const mg_model *model, unsigned char **ret, size_t *n_ret, mg_error *err);
mg_status mg_model_unpack(const unsigned char *bytes, size_t n, mg_model *ret, mg_error *err);

#endif
