/* recipe.h  what training takes from an architecture text beside its layers: dropout, absent biases, first weights */
#ifndef MG_TRAINING_RECIPE_H
#define MG_TRAINING_RECIPE_H

#include <stdint.h>

#include "src/core/status.h"
#include "src/graph/printed/architecture.h"
#include "src/training/backprop.h"

/* mg_recipe_read()  a recipe a layer of the network
 *
 * Args:     network, tensors - an unfolded network, and the tensors, of the text
 *           recipe           - OUT (network->n_nodes)
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT for a module that training does not know, or a Dropout before all layers.
 */
mg_status mg_recipe_read(const char *text, const char *origin, const mg_graph *network, const mg_tensors *tensors,
                         mg_layer_recipe *recipe, mg_error *err);

/* mg_recipe_begin()  random first weights, uniform in +- 1 / sqrt(inputs of an output), as PyTorch begins; a batch normalisation
 *                    begins as mean 0 and variance 1
 *
 * Args:     parameter - OUT, as of mg_parameters_read(); each is drawn from the seed and its place alone
 */
void mg_recipe_begin(const mg_graph *network, const mg_layer_recipe *recipe, uint64_t seed, double *parameter);

#endif
