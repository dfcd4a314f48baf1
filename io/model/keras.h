/* keras.h  a network from Keras: HDF5 of Keras 0.x, 1, 2 and tf.keras, with its layers inside or as JSON beside
 *
 * The layers come from the attribute model_config or from what model.to_json() wrote; the weights from the groups of the HDF5
 * file, in the order of their attributes layer_names and weight_names (nb_layers, nb_params in Keras 0.x), never by the order in
 * which HDF5 lists them. Sequential and functional networks, networks within networks, and layers that are used several times.
 * Kernels of networks trained under Theano are turned, since Theano convolves: known by the attribute backend, else by names of
 * weights that do not end in ":0".
 *
 * Lambda layers hold Python bytecode, which is never run. What they do is told by name, in the words of a graph text with the
 * layer's inputs a, b, ...; * and ? stand for any letters in NAME:
 *
 *     --lambda lambda_3=relu          --lambda 'mask=sum(axis=channels)'          --lambda 'pool=s = sum(a); n = sum(b); r = divide(s, n)'
 *
 * The HDF5 file is read by a child process (io/base/h5_child.h). Source: Keras 0.3 to 2.15, keras/engine/saving.py and the
 * layers' get_config().
 */
#ifndef MG_IO_MODEL_KERAS_H
#define MG_IO_MODEL_KERAS_H

#include <stdbool.h>

#include "io/base/h5_child.h"
#include "io/model/model_words.h"
#include "src/graph/graph.h"
#include "src/graph/printed/tensor.h"

/* mg_keras_is()  whether the file is one of Keras: it has layer_names, nb_layers or model_config */
bool mg_keras_is(const mg_h5_tree *tree);

/* mg_keras_has_layers()  whether it tells its layers: it has model_config */
bool mg_keras_has_layers(const mg_h5_tree *tree);

/* mg_keras_is_json()  whether a text is JSON of layers rather than a text of ours */
bool mg_keras_is_json(const char *text);

/* mg_keras_read()  the network
 *
 * Args:     tree - the HDF5 file
 *           json - the layers where they stand beside it; NULL: the file's own
 * Returns:  MG_OK; MG_EINPUT naming the layer: one that is not known, weights that do not fit; MG_EUSAGE: something that the
 *           words have to say; MG_EMEM. The sentence does not name the file.
 */
mg_status mg_keras_read(const mg_h5_tree *tree, const char *json, const mg_model_words *words, mg_graph **ret,
                        mg_error *err);

/* mg_keras_tensors()  the weights alone, of any HDF5 file of n bytes, by their paths with dots: "conv1d.conv1d.kernel:0"; those
 * below /model_weights or /weights where there is such a group, and without those of an optimiser */
mg_status mg_keras_tensors(const mg_h5_tree *tree, size_t n, mg_tensors *tensors, mg_error *err);

#endif
