/* elementwise_walk.h  the loops of elementwise.c, for one type of number: REAL, NAME(name) */

static void NAME(forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    const function *of = function_of(step);
    mg_extent extent = mg_step_extent_out(step);
    int64_t stride = step->stride[step->output];
    const REAL *in = state->value[mg_step_input(step, 0)];
    REAL *out = state->value[step->output];
    (void)tools;
    if (NAME(forward_many)(step, in, out)) return;
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t c = 0; c < extent.channels; c++)
            out[t * stride + c] = (REAL)of->kind.f((double)in[t * stride + c], numbers_of(of, step->node, c));
}

/* m times what `factor` makes of each number; where no channel is, 0. */
static void NAME(scale)(const mg_step *step, const mg_backward *go,
                        double factor(const function *of, double z, const double *number))
{
    const function *of = function_of(step);
    mg_extent extent = mg_step_extent_out(step);
    int64_t stride = step->stride[step->output];
    const REAL *z = go->window->value[mg_step_input(step, 0)], *m = go->m;
    REAL *m_in = go->m_in[0];
    if (m_in == NULL) return;
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t c = 0; c < stride; c++) {
            int64_t at = t * stride + c;
            bool there = c < extent.channels;
            m_in[at] = there ? (REAL)(m[at] * factor(of, (double)z[at], numbers_of(of, step->node, c))) : 0;
        }
}

static void NAME(gradient)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    NAME(scale)(step, go, slope_at);
}

static void NAME(rescale)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    const function *of = function_of(step);
    mg_extent extent = mg_step_extent_out(step);
    int64_t stride = step->stride[step->output];
    size_t input = mg_step_input(step, 0);
    const REAL *z = go->window->value[input], *z0 = go->reference->value[input], *m = go->m;
    REAL *m_in = go->m_in[0];
    (void)tools;
    if (m_in == NULL) return;
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t c = 0; c < stride; c++) {
            int64_t at = t * stride + c;
            const double *number = numbers_of(of, step->node, c < extent.channels ? c : 0);
            m_in[at] = c < extent.channels ? (REAL)(m[at] * mean_slope(of, (double)z[at], (double)z0[at], number)) : 0;
        }
}

static void NAME(relevance)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    NAME(scale)(step, go, share);
}

static const mg_ops NAME(ops) = {
    .lane = lane,
    .gate = gate,
    .forward = NAME(forward),
    .backward = {[MG_RULE_GRADIENT] = NAME(gradient),
                 [MG_RULE_GUIDED] = NAME(gradient),
                 [MG_RULE_DECONVOLUTION] = NAME(gradient),
                 [MG_RULE_RESCALE] = NAME(rescale),
                 [MG_RULE_LRP] = NAME(relevance)},
};
