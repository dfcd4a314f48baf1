/* keras_weights.h  arrays of each layer, in the order of the file's attributes */
#ifndef MG_IO_MODEL_KERAS_WEIGHTS_H
#define MG_IO_MODEL_KERAS_WEIGHTS_H

#include "io/base/h5_child.h"
#include "io/model/keras_layer.h"

/* Layers that the file has arrays of, in its order. */
typedef struct {
    const mg_h5_tree *tree;
    const mg_h5_object *root; /* "/model_weights", or "/"; of Keras 3 "/layers" */
    bool numbered;            /* layers go by their number in the JSON: Keras 0.x, and Keras 3 */
    bool third;               /* Keras 3 (keras3.h): none is listed, groups go by classes */
    size_t n_layers;
    char **layer;     /* owned (n_layers): paths of their groups */
    size_t *n_arrays; /* owned (n_layers) */
} mg_keras_weights;

/* mg_keras_weights_open()   by the file's own lists
 * mg_keras_weights_open3()  of Keras 3 */
mg_status mg_keras_weights_open(const mg_h5_tree *tree, mg_keras_weights *ret, mg_error *err);
mg_status mg_keras_weights_open3(const mg_h5_tree *tree, mg_keras_weights *ret, mg_error *err);
void mg_keras_weights_close(mg_keras_weights *weights);

/* mg_keras_weights_find()  number of the layer whose group has that name, -1 when there is none */
int64_t mg_keras_weights_find(const mg_keras_weights *weights, const char *name);

/* mg_keras_weights_read()  arrays of layer i into the call; prefix: only those whose name begins with "prefix/" (NULL: all) */
mg_status mg_keras_weights_read(const mg_keras_weights *weights, size_t i, const char *prefix, mg_keras_call *call,
                                mg_error *err);

/* mg_keras_weights_read_group()  arrays of the group of a layer of Keras 3; none where there is no such group */
mg_status mg_keras_weights_read_group(const mg_keras_weights *weights, const char *path, mg_keras_call *call,
                                      mg_error *err);

/* mg_keras_weights_turned()  whether names of weights, or the attribute backend, say that Theano made it; json: of the layers */
bool mg_keras_weights_turned(const mg_keras_weights *weights, const json_t *json);

/* mg_keras_text_attribute()  a text attribute, NULL when it is not there or no text */
const char *mg_keras_text_attribute(const mg_h5_object *object, const char *name);

#endif
