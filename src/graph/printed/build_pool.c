/* build_pool.c  pooling modules: PyTorch's rules for output lengths and for what an average is divided by
 *
 * Floor mode: as many windows as fit. Ceiling mode: one more where a rest is left, but never a window that begins
 * behind the input and its left padding. An average divides by the part of its window that lies inside input and
 * padding (count_include_pad, the default) or inside the input alone. The nodes do all that (src/nodes/pool_*.c).
 */
#include "src/graph/printed/builder.h"

#include "src/graph/kind.h"

typedef struct {
    int64_t kernel[2], stride[2], dilation[2], pad[2]; /* as in the text; one axis: the first */
    bool ceiling, count_padding;
} pool_words;

typedef struct {
    int64_t kernel, stride, dilation, pad; /* along the window */
    bool ceiling, count_padding;
} pool;

static mg_status refuse_indices(const mg_module *module, mg_error *err)
{
    bool indices = false;
    mg_status status = mg_module_boolean(module, "return_indices", false, &indices, err);
    if (status != MG_OK) return status;
    if (indices || mg_module_given(module, "divisor_override") != NULL)
        return mg_fail(err, MG_EINPUT, "%s %s: %s cannot be explained by mutagree", module->name, module->text,
                       indices ? "return_indices" : "divisor_override");
    return MG_OK;
}

static mg_status read_words(const mg_module *module, pool_words *words, mg_error *err)
{
    int n = module->type->n_axes;
    const char *stride = mg_module_given(module, "stride");
    *words = (pool_words){.dilation = {1, 1}, .count_padding = true};
    mg_status status = mg_module_integers(module, "kernel_size", 1, 0, n, words->kernel, err);
    for (int i = 0; i < n; i++)
        words->stride[i] = words->kernel[i];
    if (status == MG_OK && stride != NULL) status = mg_module_integers(module, "stride", 1, 1, n, words->stride, err);
    if (status == MG_OK) status = mg_module_integers(module, "padding", 0, 0, n, words->pad, err);
    if (status == MG_OK) status = mg_module_integers(module, "dilation", 1, 1, n, words->dilation, err);
    if (status == MG_OK) status = mg_module_boolean(module, "ceil_mode", false, &words->ceiling, err);
    if (status == MG_OK) status = mg_module_boolean(module, "count_include_pad", true, &words->count_padding, err);
    return status;
}

static mg_status shape_pool(const mg_builder *builder, const mg_module *module, pool *ret, mg_error *err)
{
    pool_words words;
    mg_status status = read_words(module, &words, err);
    int along = 0;
    if (status == MG_OK && module->type->n_axes == 2)
        status = mg_builder_check_axis(builder, module, 1, words.kernel, words.stride, &along, err);
    if (status != MG_OK) return status;
    *ret = (pool){.kernel = words.kernel[along],
                  .stride = words.stride[along],
                  .dilation = words.dilation[along],
                  .pad = words.pad[along],
                  .ceiling = words.ceiling,
                  .count_padding = words.count_padding};
    if (words.pad[1 - along] != 0)
        return mg_fail(err, MG_EINPUT, "%s %s: padding across the window cannot be explained by mutagree", module->name,
                       module->text);
    if (ret->pad > ret->kernel / 2)
        return mg_fail(err, MG_EINPUT, "%s %s: a pool's padding is at most half its kernel", module->name,
                       module->text);
    return MG_OK;
}

static mg_status shape_adaptive(const mg_builder *builder, const mg_module *module, pool *ret, mg_error *err)
{
    int64_t size[2] = {1, 1};
    mg_status status = mg_module_integers(module, "output_size", 1, 0, module->type->n_axes, size, err);
    int along = 0;
    if (status == MG_OK && module->type->n_axes == 2)
        status = mg_builder_check_axis(builder, module, 1, size, size, &along, err);
    if (status != MG_OK) return status;
    if (module->type->n_axes == 2 && builder->input)
        return mg_fail(err, MG_EINPUT, "%s %s before the first convolution would pool the bases", module->name,
                       module->text);
    int64_t out = size[along];
    if (builder->length % out != 0)
        return mg_fail(err, MG_EINPUT,
                       "%s %s: %lld positions do not divide into %lld windows of equal length; only such adaptive "
                       "pools can be explained by mutagree",
                       module->name, module->text, (long long)builder->length, (long long)out);
    *ret =
        (pool){.kernel = builder->length / out, .stride = builder->length / out, .dilation = 1, .count_padding = true};
    return MG_OK;
}

static mg_status check_room(const mg_builder *builder, const mg_module *module, const pool *shape, mg_error *err)
{
    int64_t reach = shape->dilation * (shape->kernel - 1) + 1;
    int64_t rest = builder->length + 2 * shape->pad - reach + (shape->ceiling ? shape->stride - 1 : 0);
    return rest < 0 ? mg_builder_too_short(builder, module, reach - 2 * shape->pad, err) : MG_OK;
}

mg_status mg_build_pool(mg_builder *builder, const mg_module *module, mg_error *err)
{
    bool max = mg_module_is(module, MG_MODULE_LARGEST);
    bool adaptive = mg_module_is(module, MG_MODULE_ADAPTIVE);
    pool shape = {0};
    if (builder->flat)
        return mg_fail(err, MG_EINPUT, "%s %s comes after Flatten or Linear, where there are no positions any more",
                       module->name, module->text);
    mg_status status = refuse_indices(module, err);
    if (status != MG_OK) return status;
    status = adaptive ? shape_adaptive(builder, module, &shape, err) : shape_pool(builder, module, &shape, err);
    if (status == MG_OK) status = check_room(builder, module, &shape, err);
    if (status != MG_OK) return status;
    mg_node draft = {.kind = mg_kind_find(max ? "max_pool" : "average_pool"),
                     .slide = {.kernel = shape.kernel,
                               .stride = shape.stride,
                               .dilation = shape.dilation,
                               .pad = shape.pad,
                               .pad_end = shape.pad},
                     .ceil = shape.ceiling,
                     .count_pad = shape.count_padding};
    return mg_builder_node(builder, module, &draft, err);
}
