/* build_tensor.c  a module's tensors: found by name and held to their shape, or made */
#include "src/graph/printed/builder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void index_text(const mg_tensor *tensor, size_t i, char text[MG_SHAPE_TEXT])
{
    int64_t index[MG_MAX_DIMS];
    int64_t rest = (int64_t)i;
    for (int d = tensor->n_dims - 1; d >= 0; d--) {
        index[d] = rest % tensor->dim[d];
        rest /= tensor->dim[d];
    }
    size_t n = 0;
    text[0] = '\0';
    for (int d = 0; d < tensor->n_dims && n < MG_SHAPE_TEXT; d++)
        n += (size_t)snprintf(text + n, MG_SHAPE_TEXT - n, d > 0 ? ", %lld" : "%lld", (long long)index[d]);
}

static mg_status check_finite(const mg_tensor *tensor, mg_error *err)
{
    for (size_t i = 0; i < tensor->n; i++) {
        if (isfinite(tensor->data[i])) continue;
        char at[MG_SHAPE_TEXT];
        index_text(tensor, i, at);
        return mg_fail(err, MG_EINPUT, "%s[%s] is %s; was the network saved after its training went astray?",
                       tensor->name, at, isnan(tensor->data[i]) ? "NaN" : "infinite");
    }
    return MG_OK;
}

static bool same_shape(const mg_tensor *tensor, int n_dims, const int64_t *dim)
{
    if (tensor->n_dims != n_dims) return false;
    for (int d = 0; d < n_dims; d++) {
        if (tensor->dim[d] != dim[d]) return false;
    }
    return true;
}

/* A new tensor of zeros, where tensors are made. */
static mg_status make_tensor(mg_builder *builder, const char *name, int n_dims, const int64_t *dim, float **ret,
                             mg_error *err)
{
    mg_tensor *tensor = NULL;
    mg_status status = mg_tensors_add(builder->made, name, n_dims, dim, &tensor, err);
    if (status == MG_OK) *ret = tensor->data;
    return status;
}

mg_status mg_builder_tensor(mg_builder *builder, const mg_module *module, const char *what, int n_dims,
                            const int64_t *dim, float **ret, mg_error *err)
{
    char name[MG_NODE_NAME + 32], found[MG_SHAPE_TEXT], needed[MG_SHAPE_TEXT];
    snprintf(name, sizeof name, "%s%s%s", module->name, module->name[0] != '\0' ? "." : "", what);
    if (builder->made != NULL) return make_tensor(builder, name, n_dims, dim, ret, err);
    const mg_tensor *tensor = mg_tensors_find(builder->tensors, name);
    if (tensor == NULL)
        return mg_fail(err, MG_EINPUT, "%s needs a tensor %s, which is not among the %zu tensors of the file (%s%s)",
                       module->text, name, builder->tensors->n,
                       builder->tensors->n > 0 ? "the first is " : "it is empty",
                       builder->tensors->n > 0 ? builder->tensors->tensor[0].name : "");
    if (!same_shape(tensor, n_dims, dim))
        return mg_fail(err, MG_EINPUT, "%s is %s but %s needs %s", name,
                       mg_shape_text(tensor->n_dims, tensor->dim, found), module->text,
                       mg_shape_text(n_dims, dim, needed));
    mg_status status = check_finite(tensor, err);
    if (status != MG_OK) return status;
    builder->taken[tensor - builder->tensors->tensor] = true;
    *ret = tensor->data;
    return MG_OK;
}

int64_t mg_builder_channel(const mg_builder *builder, int64_t c)
{
    return builder->input ? builder->architecture->base_channel[c] : c;
}
