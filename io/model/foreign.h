/* foreign.h  model files of other programs that tell layers too: ONNX, and HDF5 of Keras */
#ifndef MG_IO_MODEL_FOREIGN_H
#define MG_IO_MODEL_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "io/model/model_words.h"
#include "src/graph/graph.h"
#include "src/graph/printed/tensor.h"

typedef struct mg_foreign mg_foreign;

bool mg_foreign_is_onnx(const unsigned char *bytes, size_t n);

/* mg_foreign_keep_onnx()  keep the bytes (a copy) until the network is built */
mg_status mg_foreign_keep_onnx(const unsigned char *bytes, size_t n, mg_foreign **ret, mg_error *err);

/* mg_foreign_open_h5()  an HDF5 file that is not ours, read by a child; *ret_keras: it is one of Keras */
mg_status mg_foreign_open_h5(const unsigned char *bytes, size_t n, mg_foreign **ret, bool *ret_keras, mg_error *err);
void mg_foreign_destroy(mg_foreign *foreign); /* NULL is fine */

/* mg_foreign_open_keras3()  a .keras file of Keras 3, which mg_foreign_is_keras3() tells from other zips; its HDF5 part is read by
 * a child */
bool mg_foreign_is_keras3(const unsigned char *bytes, size_t n);
mg_status mg_foreign_open_keras3(const unsigned char *bytes, size_t n, mg_foreign **ret, mg_error *err);

/* mg_foreign_has_layers()  whether the file tells them;  mg_foreign_takes()  whether a text beside it is JSON that does */
bool mg_foreign_has_layers(const mg_foreign *foreign);
bool mg_foreign_takes(const mg_foreign *foreign, const char *text);

/* mg_foreign_read()  the network; json: the layers beside, or NULL. As mg_onnx_read() and mg_keras_read(). */
mg_status mg_foreign_read(const mg_foreign *foreign, const char *path, const char *json, const mg_model_words *words,
                          mg_graph **ret, mg_error *err);

/* mg_foreign_own()  of a file that says it is ours, but is not in our style: its version checked, its architecture for the caller
 * to free(); NULL for other files */
mg_status mg_foreign_own(const mg_foreign *foreign, char **ret_architecture, mg_error *err);

/* mg_foreign_tensors()  the weights alone, of HDF5: names are paths with dots */
mg_status mg_foreign_tensors(const mg_foreign *foreign, mg_tensors *tensors, mg_error *err);

#endif
