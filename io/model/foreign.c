/* foreign.c  which reader a file goes to */
#include "io/model/foreign.h"

#include <stdlib.h>
#include <string.h>

#include "io/model/keras.h"
#include "io/model/keras3.h"
#include "io/model/model_h5.h"
#include "io/model/onnx.h"
#include "src/core/memory.h"

struct mg_foreign {
    unsigned char *bytes; /* owned: ONNX */
    size_t n;
    mg_h5_tree *tree; /* owned: HDF5, of n bytes */
    char *json;       /* owned: the layers that lie beside it in a .keras file; NULL: none */
};

bool mg_foreign_is_onnx(const unsigned char *bytes, size_t n)
{
    return mg_onnx_is(bytes, n);
}

mg_status mg_foreign_keep_onnx(const unsigned char *bytes, size_t n, mg_foreign **ret, mg_error *err)
{
    mg_foreign *foreign = NULL;
    mg_status status = mg_alloc(&foreign, 1, sizeof *foreign, err);
    if (status == MG_OK) status = mg_alloc(&foreign->bytes, n, 1, err);
    if (status != MG_OK) {
        mg_foreign_destroy(foreign);
        return status;
    }
    memcpy(foreign->bytes, bytes, n);
    foreign->n = n;
    *ret = foreign;
    return MG_OK;
}

mg_status mg_foreign_open_h5(const unsigned char *bytes, size_t n, mg_foreign **ret, bool *ret_keras, mg_error *err)
{
    mg_foreign *foreign = NULL;
    mg_status status = mg_alloc(&foreign, 1, sizeof *foreign, err);
    if (status == MG_OK) status = mg_h5_child_read_bytes(bytes, n, NULL, &foreign->tree, err);
    if (status == MG_OK && mg_h5_tree_find(foreign->tree, "/provenance") != NULL)
        status = mg_fail(err, MG_EINPUT, "it is the result of a run, not a model");
    if (status != MG_OK) {
        mg_foreign_destroy(foreign);
        return status;
    }
    foreign->n = n;
    *ret_keras = mg_keras_is(foreign->tree);
    *ret = foreign;
    return MG_OK;
}

bool mg_foreign_is_keras3(const unsigned char *bytes, size_t n)
{
    return mg_keras3_is_zip(bytes, n);
}

mg_status mg_foreign_open_keras3(const unsigned char *bytes, size_t n, mg_foreign **ret, mg_error *err)
{
    mg_foreign *foreign = NULL;
    unsigned char *h5 = NULL;
    mg_status status = mg_alloc(&foreign, 1, sizeof *foreign, err);
    if (status == MG_OK) status = mg_keras3_unzip(bytes, n, &foreign->json, &h5, &foreign->n, err);
    if (status == MG_OK) status = mg_h5_child_read_bytes(h5, foreign->n, NULL, &foreign->tree, err);
    free(h5);
    if (status == MG_OK && mg_keras3_top(foreign->tree) == NULL)
        status = mg_fail(err, MG_EINPUT, "its model.weights.h5 has no group of layers as Keras 3 writes it");
    if (status != MG_OK) {
        mg_foreign_destroy(foreign);
        return status;
    }
    *ret = foreign;
    return MG_OK;
}

void mg_foreign_destroy(mg_foreign *foreign)
{
    if (foreign == NULL) return;
    free(foreign->bytes);
    mg_h5_tree_destroy(foreign->tree);
    free(foreign->json);
    free(foreign);
}

bool mg_foreign_has_layers(const mg_foreign *foreign)
{
    return foreign->tree == NULL || foreign->json != NULL || mg_keras_has_layers(foreign->tree);
}

bool mg_foreign_takes(const mg_foreign *foreign, const char *text)
{
    return foreign->tree != NULL && mg_keras_is_json(text);
}

mg_status mg_foreign_read(const mg_foreign *foreign, const char *path, const char *json, const mg_model_words *words,
                          mg_graph **ret, mg_error *err)
{
    if (foreign->tree != NULL)
        return mg_keras_read(foreign->tree, json != NULL ? json : foreign->json, words, ret, err);
    return mg_onnx_read(path, foreign->bytes, foreign->n, words, ret, err);
}

mg_status mg_foreign_own(const mg_foreign *foreign, char **ret_architecture, mg_error *err)
{
    const mg_h5_object *top = mg_h5_tree_find(foreign->tree, "/");
    const mg_h5_value *format = top != NULL ? mg_h5_object_attribute(top, "format") : NULL;
    const char *name = format != NULL ? mg_h5_value_text(format, 0) : NULL;
    int64_t version = 0;
    *ret_architecture = NULL;
    if (name == NULL || strcmp(name, "mutagree-model") != 0) return MG_OK;
    const mg_h5_value *number = mg_h5_object_attribute(top, "version"),
                      *text = mg_h5_object_attribute(top, "architecture");
    if (number == NULL || number->n != 1 || mg_h5_value_integers(number, &version, NULL) != MG_OK) version = -1;
    if (version != MG_MODEL_H5_VERSION)
        return mg_fail(err, MG_EINPUT, "it is a mutagree model of version %lld; this mutagree reads version %d",
                       (long long)version, MG_MODEL_H5_VERSION);
    if (text == NULL || text->n != 1 || mg_h5_value_text(text, 0) == NULL)
        return mg_fail(err, MG_EINPUT, "it has no attribute architecture, one text of fixed length");
    return mg_copy_text(ret_architecture, mg_h5_value_text(text, 0), err);
}

mg_status mg_foreign_tensors(const mg_foreign *foreign, mg_tensors *tensors, mg_error *err)
{
    if (foreign->tree == NULL)
        return mg_fail(err, MG_EUSAGE, "an ONNX file tells its own layers; --arch is for files that hold weights only");
    mg_status status = mg_keras_tensors(foreign->tree, foreign->n, tensors, err);
    if (status == MG_OK && tensors->n == 0) status = mg_fail(err, MG_EINPUT, "it holds no tensors");
    return status;
}
