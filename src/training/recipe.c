/* recipe.c  dropout between the layers, and first weights */
#include "src/training/recipe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/core/random.h"
#include "src/graph/kind.h"

static mg_status read_dropout(const mg_module *module, size_t n_before, mg_layer_recipe *recipe, mg_error *err)
{
    double p = 0;
    mg_status status = mg_module_real(module, "p", 0.5, &p, err);
    if (status != MG_OK) return status;
    if (!(p >= 0 && p < 1))
        return mg_fail(err, MG_EINPUT, "%s %s: p has to be at least 0 and below 1", module->name, module->text);
    if (n_before == 0)
        return mg_fail(err, MG_EINPUT, "%s %s: dropout comes before all layers; --mask does that for bases",
                       module->name, module->text);
    mg_layer_recipe *before = &recipe[n_before - 1];
    before->dropout = 1 - (1 - before->dropout) * (1 - p);
    return MG_OK;
}

static bool has_bias(const mg_node *layer, const mg_tensors *tensors)
{
    char name[MG_NODE_NAME + 8];
    snprintf(name, sizeof name, "%s%sbias", layer->name, layer->name[0] != '\0' ? "." : "");
    return mg_tensors_find(tensors, name) != NULL;
}

static mg_status read_modules(const mg_modules *modules, const mg_graph *network, const mg_tensors *tensors,
                              mg_layer_recipe *recipe, mg_error *err)
{
    size_t l = 0; /* layers so far; a module adds one of its own name, or none */
    mg_status status = MG_OK;
    for (size_t i = 0; i < modules->n && status == MG_OK; i++) {
        const mg_module *module = &modules->module[i];
        if (mg_module_is(module, MG_MODULE_DROPOUT)) {
            status = read_dropout(module, l, recipe, err);
        } else if (mg_module_is(module, MG_MODULE_UNTRAINED)) {
            status = mg_fail(err, MG_EINPUT, "%s %s is not known in training; Dropout is", module->name, module->text);
        } else if (l < network->n_nodes && strcmp(network->node[l].name, module->name) == 0) {
            const mg_node *node = &network->node[l];
            bool is_map = (node->kind->traits & MG_TRAIT_MAP) != 0;
            recipe[l] = (mg_layer_recipe){.no_bias = is_map && !has_bias(node, tensors)};
            l++;
        }
    }
    return status;
}

mg_status mg_recipe_read(const char *text, const char *origin, const mg_graph *network, const mg_tensors *tensors,
                         mg_layer_recipe *recipe, mg_error *err)
{
    mg_architecture architecture = {0};
    mg_status status = mg_architecture_parse(text, origin, &architecture, err);
    if (status == MG_OK) status = read_modules(&architecture.modules, network, tensors, recipe, err);
    mg_architecture_destroy(&architecture);
    return status;
}

static double *begin_norm(const mg_norm *norm, double *parameter)
{
    for (int row = 0; row < MG_NORM_ROWS; row++)
        for (int64_t c = 0; c < norm->channels; c++)
            *parameter++ = row == MG_NORM_WEIGHT || row == MG_NORM_VARIANCE ? 1 : 0;
    return parameter;
}

/* Uniform in -1 .. 1. */
static double draw(uint64_t seed, uint64_t i)
{
    return (double)(mg_mix(seed, i) >> 11) * 0x1p-52 - 1;
}

void mg_recipe_begin(const mg_graph *network, const mg_layer_recipe *recipe, uint64_t seed, double *parameter)
{
    for (size_t l = 0; l < network->n_nodes; l++) {
        const mg_node *node = &network->node[l];
        if (node->norm != NULL) parameter = begin_norm(node->norm, parameter);
        if ((node->kind->traits & MG_TRAIT_MAP) == 0) continue;
        double bound = 1 / sqrt((double)(node->n_weight / node->n_bias));
        for (int64_t i = 0; i < node->n_weight + node->n_bias; i++) {
            bool absent = i >= node->n_weight && recipe[l].no_bias;
            *parameter++ = absent ? 0 : bound * draw(mg_mix(seed, l), (uint64_t)i);
        }
    }
}
