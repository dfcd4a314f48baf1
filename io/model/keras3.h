/* keras3.h  a network from a .keras file of Keras 3: a zip of config.json and model.weights.h5
 *
 * Its layers are written in another way than those of Keras 1 and 2, and its arrays are not named: those of a layer lie at
 * layers/CLASS_K/vars/0, 1, ... where CLASS is the layer's class in small letters ("max_pooling1d") and K counts the layers of
 * that class. The layers of a network among them lie below its own group, layers/functional/layers/CLASS_K/vars/0, and that of a
 * TimeDistributed in layers/time_distributed/layer. Here both are brought into the form that keras.h reads. A layer that two
 * networks share is kept with the first of them; the other one has no arrays for it, and is refused by its name.
 * Source: Keras 3.0 to 3.9, keras/src/saving/saving_lib.py, serialization_lib.py.
 */
#ifndef MG_IO_MODEL_KERAS3_H
#define MG_IO_MODEL_KERAS3_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "io/base/h5_child.h"
#include "src/core/status.h"

enum { MG_KERAS3_KEY = 128, MG_KERAS3_PATH = 1024 };

/* mg_keras3_is_zip()  does a zip of n bytes hold config.json and model.weights.h5?
 * mg_keras3_unzip()   both of them, for the caller to free(); json ends with a zero
 * Returns: MG_OK; MG_EINPUT: an entry is missing, packed, damaged or larger than the file; MG_EMEM */
bool mg_keras3_is_zip(const unsigned char *bytes, size_t n);
mg_status mg_keras3_unzip(const unsigned char *bytes, size_t n, char **ret_json, unsigned char **ret_h5, size_t *ret_n,
                          mg_error *err);

/* mg_keras3_top()  the group that holds the layers' groups: "/layers"; NULL: it is no file of Keras 3 */
const char *mg_keras3_top(const mg_h5_tree *tree);

/* mg_keras3_key()  the group of layer i of a network's list of layers: "conv1d_1"; "" when that has no class */
void mg_keras3_key(const json_t *layers, size_t i, char key[MG_KERAS3_KEY]);

/* mg_keras3_group()  the path "GROUPS/KEY" with `below` behind it; false when it is too long */
bool mg_keras3_group(const char *groups, const json_t *layers, size_t i, const char *below, char path[MG_KERAS3_PATH]);

/* mg_keras3_turn()  the network's JSON, changed in place into the form of Keras 2, with networks among its layers: inbound_nodes as [[name, use, output, {}], ...]
 * Returns: MG_OK; MG_EINPUT naming the layer: inputs that are not known; too many networks within each other; MG_EMEM */
mg_status mg_keras3_turn(json_t *network, mg_error *err);

#endif
