/* keras_run.h  layers of Keras at work: a network's layers, in the order in which they feed each other; for keras*.c only */
#ifndef MG_IO_MODEL_KERAS_RUN_H
#define MG_IO_MODEL_KERAS_RUN_H

#include "io/model/keras_weights.h"

typedef struct {
    mg_front front;
    mg_keras_weights weights;
    const mg_model_words *words;
    bool theano;
    size_t next_weighted; /* where layers are taken by order: the next one of the file that has arrays */
} mg_keras_reading;

/* A layer as its version of Keras writes it. */
typedef struct {
    const char *class_name, *name;
    const json_t *config, *inbound;
} mg_keras_item;

/* mg_keras_item_of()  class, name, config and inputs of an entry of a list of layers
 * Returns: MG_OK, or MG_EINPUT: it has no class or no config */
mg_status mg_keras_item_of(const json_t *item, mg_keras_item *ret, mg_error *err);

/* mg_keras_layers_of()   the list of layers in a network's config; NULL: there is none
 * mg_keras_is_network()  is a layer of this class a network itself?
 * mg_keras_entry()       entry i of input_layers or output_layers, [name, which use, which output]; NULL behind the last */
const json_t *mg_keras_layers_of(const json_t *config);
bool mg_keras_is_network(const char *class_name);
const json_t *mg_keras_entry(const json_t *config, const char *key, size_t i);

/* mg_keras_run()  the network on its inputs; layers of a network within it are named "outer/inner" (in graph texts
 * "outer.inner")
 *
 * Args:     input  - n_in views, in the order of input_layers
 *           output - OUT, at most 4; *n_out of them
 * Returns:  MG_OK; MG_EINPUT or MG_EUSAGE naming the layer; MG_EMEM
 */
mg_status mg_keras_run(mg_keras_reading *in, const char *class_name, const json_t *config, size_t n_in,
                       const mg_view *input, size_t *n_out, mg_view *output, mg_error *err);

#endif
