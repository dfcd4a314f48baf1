/* build_norm.c  batch normalisation: folded into the linear layer before it, or a layer of its own */
#include "src/graph/printed/builder.h"

#include <stdlib.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"

/* --- its numbers --- */

static const char *const tensor_name[MG_NORM_ROWS] = {"weight", "bias", "running_mean", "running_var"};
static const double fresh[MG_NORM_ROWS] = {1, 0, 0, 1};

/* One row out of the file's tensor; or, where tensors are made, from the network that they are made of, and into one. */
static mg_status move_row(mg_builder *builder, const mg_module *module, int row, const mg_norm *source, mg_norm *norm,
                          mg_error *err)
{
    float *file = NULL;
    double *value = mg_norm_row(norm, row);
    bool absent = !norm->affine && row < MG_NORM_MEAN;
    if (!absent) {
        mg_status status = mg_builder_tensor(builder, module, tensor_name[row], 1, &norm->channels, &file, err);
        if (status != MG_OK) return status;
    }
    for (int64_t c = 0; c < norm->channels; c++) {
        int64_t at = mg_builder_channel(builder, c);
        if (absent || builder->made != NULL) value[c] = source != NULL ? mg_norm_row(source, row)[c] : fresh[row];
        if (!absent && builder->made != NULL) file[at] = (float)value[c];
        if (!absent) value[c] = (double)file[at];
    }
    return MG_OK;
}

static mg_status move_numbers(mg_builder *builder, const mg_module *module, mg_norm *norm, mg_error *err)
{
    const mg_norm *source = builder->source != NULL ? builder->source->node[builder->network->n_nodes].norm : NULL;
    mg_status status = mg_alloc(&norm->value, (size_t)(MG_NORM_ROWS * norm->channels), sizeof *norm->value, err);
    for (int row = 0; row < MG_NORM_ROWS && status == MG_OK; row++)
        status = move_row(builder, module, row, source, norm, err);
    for (int64_t c = 0; c < norm->channels && status == MG_OK; c++) {
        double variance = mg_norm_row(norm, MG_NORM_VARIANCE)[c] + norm->eps;
        if (!(variance > 0))
            status = mg_fail(err, MG_EINPUT, "%s.running_var[%lld] + eps is %g; a variance is positive", module->name,
                             (long long)mg_builder_channel(builder, c), variance);
    }
    return status;
}

/* --- its arguments --- */

/* The share of a batch's statistics plays a part only where they are still to be made. */
static mg_status read_momentum(const mg_builder *builder, const mg_module *module, mg_norm *norm, mg_error *err)
{
    if (!builder->unfolded) return MG_OK;
    mg_status status = mg_module_real(module, "momentum", 0.1, &norm->momentum, err);
    if (status == MG_OK && norm->momentum > 1)
        status = mg_fail(err, MG_EINPUT, "%s %s: momentum is at most 1", module->name, module->text);
    return status;
}

static mg_status check_place(const mg_builder *builder, const mg_module *module, const mg_norm *norm, bool tracked,
                             mg_error *err)
{
    if (!tracked)
        return mg_fail(err, MG_EINPUT,
                       "%s %s: without running statistics its output depends on the other windows of a "
                       "batch, which cannot be explained by mutagree",
                       module->name, module->text);
    if (builder->flat && builder->length > 1)
        return mg_fail(err, MG_EINPUT,
                       "%s %s after Flatten of %lld positions cannot be explained by mutagree; only "
                       "before Flatten, or after a Linear",
                       module->name, module->text, (long long)builder->length);
    if (norm->channels != builder->channels)
        return mg_fail(err, MG_EINPUT, "%s %s takes %lld channels, but %lld arrive", module->name, module->text,
                       (long long)norm->channels, (long long)builder->channels);
    return MG_OK;
}

static mg_status read_norm(mg_builder *builder, const mg_module *module, mg_norm *norm, mg_error *err)
{
    bool tracked = true;
    mg_status status = mg_module_integers(module, "num_features", 1, 0, 1, &norm->channels, err);
    if (status == MG_OK) status = mg_module_real(module, "eps", 1e-5, &norm->eps, err);
    if (status == MG_OK) status = mg_module_boolean(module, "affine", true, &norm->affine, err);
    if (status == MG_OK) status = mg_module_boolean(module, "track_running_stats", true, &tracked, err);
    if (status == MG_OK) status = read_momentum(builder, module, norm, err);
    if (status == MG_OK) status = check_place(builder, module, norm, tracked, err);
    return status == MG_OK ? move_numbers(builder, module, norm, err) : status;
}

/* --- what becomes of it --- */

static void fold(const mg_norm *norm, mg_node *node)
{
    int64_t n = node->n_weight / node->n_bias;
    for (int64_t o = 0; o < node->n_bias; o++) {
        double scale, shift;
        mg_norm_line(norm, o, &scale, &shift);
        for (int64_t i = 0; i < n; i++)
            node->weight[o * n + i] *= scale;
        node->bias[o] = node->bias[o] * scale + shift;
    }
}

/* keep: the norm is the node's from now on, whatever comes */
static mg_status add_affine(mg_builder *builder, const mg_module *module, mg_norm **norm, bool keep, mg_error *err)
{
    mg_node draft = {.kind = mg_kind_find("affine"), .n_weight = builder->channels, .n_bias = builder->channels};
    size_t n = (size_t)builder->channels;
    mg_status status = mg_alloc(&draft.weight, n, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&draft.bias, n, sizeof(double), err);
    if (status != MG_OK) {
        mg_node_clear(&draft);
        return status;
    }
    for (int64_t c = 0; c < builder->channels; c++)
        mg_norm_line(*norm, c, &draft.weight[c], &draft.bias[c]);
    if (keep) {
        draft.norm = *norm;
        *norm = NULL;
    }
    return mg_builder_node(builder, module, &draft, err);
}

mg_status mg_build_batch_norm(mg_builder *builder, const mg_module *module, mg_error *err)
{
    size_t n = builder->network->n_nodes;
    mg_node *before = n > 0 ? &builder->network->node[n - 1] : NULL;
    mg_norm *norm = NULL;
    mg_status status = mg_alloc(&norm, 1, sizeof *norm, err);
    if (status == MG_OK) status = read_norm(builder, module, norm, err);
    if (status == MG_OK) {
        if (before != NULL && (before->kind->traits & MG_TRAIT_MAP) != 0 && !builder->unfolded)
            fold(norm, before);
        else
            status = add_affine(builder, module, &norm, builder->unfolded, err);
    }
    mg_norm_destroy(norm);
    return status;
}
