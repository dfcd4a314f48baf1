/* build_axis.c  which axis of Conv2d and its like runs along the window
 *
 * A window may come to a network as a picture of L x 4 or of 4 x L points with one channel, or as one row or one column
 * with four channels. The text does not say which, but its modules do: a kernel of 7 x 4 in the first convolution, of
 * 3 x 1 later, padding on one axis only. The first that tells decides; all others are then held to it. A stride tells
 * nothing, because it does no harm on an axis with one position.
 */
#include "src/graph/printed/builder.h"

#include <string.h>

/* The axis on which the pair has something else than `neutral` while the other has just that; -1 when it does not
 * tell. */
static int odd_axis(const mg_module *module, const char *name, int64_t low, int64_t neutral)
{
    int64_t pair[2];
    if (mg_module_integers(module, name, low, neutral, 2, pair, NULL) != MG_OK) return -1;
    if (pair[0] != neutral && pair[1] == neutral) return 0;
    return pair[1] != neutral && pair[0] == neutral ? 1 : -1;
}

static int axis_of(const mg_module *module, int64_t span)
{
    if (mg_module_is(module, MG_MODULE_ADAPTIVE)) return odd_axis(module, "output_size", 1, 1);
    int axis = odd_axis(module, "kernel_size", 1, span);
    if (axis < 0) axis = odd_axis(module, "padding", 0, 0);
    if (axis < 0 && span > 1) axis = odd_axis(module, "dilation", 1, 1);
    return axis;
}

int mg_builder_find_axis(const mg_architecture *architecture)
{
    int axis = architecture->along;
    bool first = true; /* no convolution yet */
    for (size_t i = 0; i < architecture->modules.n && axis < 0; i++) {
        const mg_module *module = &architecture->modules.module[i];
        bool convolution = mg_module_is(module, MG_MODULE_CONVOLUTION);
        if (module->type->n_axes == 2 && mg_module_is(module, MG_MODULE_SLIDES)) {
            const char *in = mg_module_given(module, "in_channels");
            bool picture = convolution && first && in != NULL && strcmp(in, "1") == 0;
            axis = axis_of(module, picture ? 4 : 1);
        }
        if (convolution) first = false;
    }
    return axis;
}

mg_status mg_builder_check_axis(const mg_builder *builder, const mg_module *module, int64_t across,
                                const int64_t kernel[2], const int64_t stride[2], int *ret, mg_error *err)
{
    *ret = builder->along == 1 ? 1 : 0;
    if (kernel[1 - *ret] != across)
        return mg_fail(err, MG_EINPUT,
                       "%s %s: a kernel of %lld x %lld; mutagree explains networks along one axis, so kernels are "
                       "k x %lld or %lld x k here, the same way round in all layers",
                       module->name, module->text, (long long)kernel[0], (long long)kernel[1], (long long)across,
                       (long long)across);
    if (builder->along < 0 && (across > 1 || stride[0] != stride[1]))
        return mg_fail(err, MG_EINPUT,
                       "%s %s: does the window come as L x 4 or as 4 x L? Nothing in the layers tells; give a line "
                       "'rows positions' or 'rows bases'",
                       module->name, module->text);
    return MG_OK;
}
