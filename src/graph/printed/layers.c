/* layers.c  the layers of PyTorch that a printed network may have, a row each */
#include <string.h>

#include "src/graph/kind.h"
#include "src/graph/printed/builder.h"

/* --- modules without weights --- */

static mg_status build_relu(mg_builder *builder, const mg_module *module, mg_error *err)
{
    mg_node draft = {.kind = mg_kind_find("relu")};
    return mg_builder_node(builder, module, &draft, err);
}

static mg_status build_flatten(mg_builder *builder, const mg_module *module, mg_error *err)
{
    int64_t start = 1, end = -1;
    mg_status status = mg_module_integers(module, "start_dim", -4, 1, 1, &start, err);
    if (status == MG_OK) status = mg_module_integers(module, "end_dim", -4, -1, 1, &end, err);
    if (status != MG_OK) return status;
    if (start != 1 || end != -1)
        return mg_fail(err, MG_EINPUT, "%s %s: only start_dim=1, end_dim=-1 is known", module->name, module->text);
    builder->flat = true;
    return MG_OK;
}

static mg_status build_head(mg_builder *builder, const mg_module *module, mg_error *err)
{
    const char *dim = mg_module_given(module, "dim");
    if (dim != NULL && strcmp(dim, "1") != 0 && strcmp(dim, "-1") != 0 && strcmp(dim, "None") != 0)
        return mg_fail(err, MG_EINPUT, "%s %s: the classes are dim 1, not %s", module->name, module->text, dim);
    builder->last = module;
    return MG_OK;
}

/* --- the table --- */

#define CONVOLUTION                                                                                                    \
    "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias", "padding_mode"
#define BATCH_NORM   "num_features", "eps", "momentum", "affine", "track_running_stats"
#define MAX_POOL     "kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"
#define AVERAGE_POOL "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"

enum {
    WEIGHED = MG_MODULE_WEIGHTS | MG_MODULE_CONVOLUTION | MG_MODULE_SLIDES,
    TOLD = MG_MODULE_SLIDES | MG_MODULE_ADAPTIVE
};

static const mg_module_type types[] = {
    {"Conv1d", 1, WEIGHED, mg_build_convolution, {CONVOLUTION}},
    {"Conv2d", 2, WEIGHED, mg_build_convolution, {CONVOLUTION}},
    {"Linear", 1, MG_MODULE_WEIGHTS, mg_build_dense, {"in_features", "out_features", "bias"}},
    {"BatchNorm1d", 1, 0, mg_build_batch_norm, {BATCH_NORM}},
    {"BatchNorm2d", 2, 0, mg_build_batch_norm, {BATCH_NORM}},
    {"ReLU", 1, MG_MODULE_ACTIVATION, build_relu, {"inplace"}},
    {"MaxPool1d", 1, MG_MODULE_SLIDES | MG_MODULE_LARGEST, mg_build_pool, {MAX_POOL}},
    {"MaxPool2d", 2, MG_MODULE_SLIDES | MG_MODULE_LARGEST, mg_build_pool, {MAX_POOL}},
    {"AvgPool1d", 1, MG_MODULE_SLIDES, mg_build_pool, {AVERAGE_POOL}},
    {"AvgPool2d", 2, MG_MODULE_SLIDES, mg_build_pool, {AVERAGE_POOL}},
    {"AdaptiveMaxPool1d", 1, TOLD | MG_MODULE_LARGEST, mg_build_pool, {"output_size", "return_indices"}},
    {"AdaptiveMaxPool2d", 2, TOLD | MG_MODULE_LARGEST, mg_build_pool, {"output_size", "return_indices"}},
    {"AdaptiveAvgPool1d", 1, TOLD, mg_build_pool, {"output_size"}},
    {"AdaptiveAvgPool2d", 2, TOLD, mg_build_pool, {"output_size"}},
    {"Flatten", 1, 0, build_flatten, {"start_dim", "end_dim"}},
    {"Dropout", 1, MG_MODULE_DROPOUT, NULL, {"p", "inplace"}},
    {"Dropout1d", 1, MG_MODULE_UNTRAINED, NULL, {"*"}},
    {"Dropout2d", 1, MG_MODULE_UNTRAINED, NULL, {"*"}},
    {"AlphaDropout", 1, MG_MODULE_UNTRAINED, NULL, {"*"}},
    {"FeatureAlphaDropout", 1, MG_MODULE_UNTRAINED, NULL, {"*"}},
    {"Identity", 1, 0, NULL, {"*"}},
    {"Softmax", 1, MG_MODULE_ACTIVATION, build_head, {"dim"}},
    {"LogSoftmax", 1, MG_MODULE_ACTIVATION, build_head, {"dim"}},
    {"Sigmoid", 1, MG_MODULE_ACTIVATION | MG_MODULE_LOGISTIC, build_head, {NULL}},
};

const mg_module_type *mg_module_type_at(size_t i)
{
    return i < sizeof types / sizeof types[0] ? &types[i] : NULL;
}
