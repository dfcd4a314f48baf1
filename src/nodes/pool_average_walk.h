/* pool_average_walk.h  average pools for one type of number: `real`, NAME(name) */

static void NAME(forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    (void)tools;
    const mg_node *node = step->node;
    const real *in = state->value[mg_step_input(step, 0)];
    real *out = state->value[step->output];
    int64_t stride = step->stride[step->output];
    for (int64_t t = 0; t < mg_step_extent_out(step).length; t++) {
        int64_t n, first = mg_slide_first(&node->slide, mg_step_extent_in(step, 0).length, t, &n);
        for (int64_t c = 0; c < stride; c++) {
            real sum = 0;
            for (int64_t j = 0; j < n; j++)
                sum += in[(first + j * node->slide.dilation) * stride + c];
            out[t * stride + c] = sum / (real)node->divisor[t];
        }
    }
}

static void NAME(gradient)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    const mg_node *node = step->node;
    const real *m = go->m;
    real *m_in = go->m_in[0];
    int64_t stride = step->stride[step->output], length = mg_step_extent_in(step, 0).length;
    memset(m_in, 0, (size_t)(length * stride) * sizeof *m_in);
    for (int64_t t = 0; t < mg_step_extent_out(step).length; t++) {
        int64_t n, first = mg_slide_first(&node->slide, length, t, &n);
        for (int64_t j = 0; j < n; j++)
            for (int64_t c = 0; c < stride; c++)
                m_in[(first + j * node->slide.dilation) * stride + c] += m[t * stride + c] / (real)node->divisor[t];
    }
}

/* A mean is a sum of nths: relevance in proportion, (in / n) / (z + epsilon sign(z)), which is the multiplier
 * m z / (z + epsilon sign(z)). */
static void NAME(relevance)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    int64_t n = mg_step_extent_out(step).length * step->stride[step->output];
    real epsilon = (real)go->rule->convolution.epsilon, *share = tools->scratch;
    const real *z = go->window->value[step->output], *m = go->m;
    mg_backward shared = *go;
    for (int64_t i = 0; i < n; i++) {
        real stable = z[i] >= 0 ? z[i] + epsilon : z[i] - epsilon;
        share[i] = stable != 0 ? m[i] * (z[i] / stable) : 0;
    }
    shared.m = share;
    NAME(gradient)(step, tools, &shared);
}

static size_t NAME(scratch)(const mg_step *step)
{
    return (size_t)(mg_step_extent_out(step).length * step->stride[step->output]) * sizeof(real);
}
