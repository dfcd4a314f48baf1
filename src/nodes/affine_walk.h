/* affine_walk.h  affine nodes for one type of number; weights_walk.h says what `real` and NAME are */

static void NAME(map_forward)(const mg_step *step, mg_tools *tools, int sign, const real *in, bool with_bias, real *out)
{
    mg_extent extent = mg_step_extent_out(step);
    int64_t stride = step->stride[step->output];
    if (tools->n_macs != NULL) *tools->n_macs += (uint64_t)(extent.length * extent.channels);
    memset(out, 0, (size_t)(extent.length * stride) * sizeof *out);
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t c = 0; c < extent.channels; c++)
            out[t * stride + c] = (real)mg_of_sign(step->node->weight[c], sign) * in[t * stride + c] +
                                  (with_bias ? (real)step->node->bias[c] : (real)0);
}

static void NAME(map_backward)(const mg_step *step, mg_tools *tools, int sign, const real *m, real *m_in)
{
    NAME(map_forward)(step, tools, sign, m, false, m_in);
}

static bool NAME(map_by_sign)(const mg_step *step, mg_tools *tools, const real *u, const real *v, real *part,
                              int64_t apart, real *m_in)
{
    (void)step, (void)tools, (void)u, (void)v, (void)part, (void)apart, (void)m_in;
    return false;
}

#include "src/nodes/weights_walk.h"
