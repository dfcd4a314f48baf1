/* norm_walk.h  the loops of norm.c, for one type of number: REAL, NAME(name); sums in double */

static void NAME(moments)(const REAL *in, int64_t stride, block b, double *mean, double *variance)
{
    double sum = 0.0, squares = 0.0;
    EACH (b, stride)
        sum += (double)in[at];
    *mean = sum / numbers_in(b);
    EACH (b, stride)
        squares += ((double)in[at] - *mean) * ((double)in[at] - *mean);
    *variance = squares / numbers_in(b);
}

static void NAME(forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    const mg_node *node = step->node;
    mg_extent extent = mg_step_extent_out(step);
    int64_t stride = step->stride[step->output];
    const REAL *in = state->value[mg_step_input(step, 0)];
    REAL *out = state->value[step->output];
    (void)tools;
    for (int64_t i = 0; i < n_blocks(node, extent); i++) {
        block b = block_of(node, extent, i);
        double mean, variance;
        NAME(moments)(in, stride, b, &mean, &variance);
        double s = 1.0 / sqrt(variance + node->number[0]);
        EACH (b, stride)
            out[at] = (REAL)(weight_of(node, c) * ((double)in[at] - mean) * s + bias_of(node, c));
    }
}

static void NAME(gradient_block)(const mg_node *node, const REAL *in, const REAL *m, int64_t stride, block b,
                                 REAL *m_in)
{
    double mean, variance, mean_u = 0.0, mean_ud = 0.0;
    NAME(moments)(in, stride, b, &mean, &variance);
    double s = 1.0 / sqrt(variance + node->number[0]);
    EACH (b, stride) {
        double u = weight_of(node, c) * (double)m[at];
        mean_u += u / numbers_in(b);
        mean_ud += u * ((double)in[at] - mean) / numbers_in(b);
    }
    EACH (b, stride) {
        double u = weight_of(node, c) * (double)m[at], d = (double)in[at] - mean;
        m_in[at] = (REAL)(s * (u - mean_u - d * s * s * mean_ud));
    }
}

static void NAME(rescale_block)(const mg_node *node, const REAL *in, const REAL *in0, const REAL *m, int64_t stride,
                                block b, REAL *m_in)
{
    double mean, mean0, variance, variance0, to_s = 0.0, mean_down = 0.0, n = numbers_in(b);
    NAME(moments)(in, stride, b, &mean, &variance);
    NAME(moments)(in0, stride, b, &mean0, &variance0);
    double v = variance + node->number[0], v0 = variance0 + node->number[0];
    double s = 1.0 / sqrt(v), s0 = 1.0 / sqrt(v0);
    double slope = -s * s0 / (sqrt(v) + sqrt(v0)); /* (s - s0) / (v - v0), without the cancellation */
    EACH (b, stride) {
        double both = (double)in[at] - mean + (double)in0[at] - mean0;
        to_s += weight_of(node, c) * (double)m[at] * 0.5 * both;
    }
    for (int pass = 0; pass < 2; pass++) {
        EACH (b, stride) {
            double both = (double)in[at] - mean + (double)in0[at] - mean0;
            double down = weight_of(node, c) * (double)m[at] * 0.5 * (s + s0) + to_s * slope / n * both;
            if (pass == 0)
                mean_down += down / n;
            else
                m_in[at] = (REAL)(down - mean_down);
        }
    }
}

static void NAME(relevance_block)(const mg_node *node, const REAL *in, const REAL *m, int64_t stride, block b,
                                  double epsilon, REAL *m_in)
{
    double mean, variance, mean_u = 0.0;
    NAME(moments)(in, stride, b, &mean, &variance);
    double s = 1.0 / sqrt(variance + node->number[0]);
    for (int pass = 0; pass < 2; pass++) {
        EACH (b, stride) {
            double z = weight_of(node, c) * ((double)in[at] - mean) * s + bias_of(node, c);
            double stable = z >= 0.0 ? z + epsilon : z - epsilon;
            double u = stable != 0.0 ? weight_of(node, c) * s * (double)m[at] * (z / stable) : 0.0;
            if (pass == 0)
                mean_u += u / numbers_in(b);
            else
                m_in[at] = (REAL)(u - mean_u);
        }
    }
}

/* What goes into the input, all of it 0 so far, beyond the channels too; false: nobody asks for it. */
static bool NAME(begin)(const mg_step *step, const mg_backward *go)
{
    if (go->m_in[0] == NULL) return false;
    memset(go->m_in[0], 0, (size_t)(mg_step_extent_out(step).length * step->stride[step->output]) * sizeof(REAL));
    return true;
}

static void NAME(gradient)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    mg_extent extent = mg_step_extent_out(step);
    int64_t stride = step->stride[step->output];
    (void)tools;
    if (!NAME(begin)(step, go)) return;
    for (int64_t i = 0; i < n_blocks(step->node, extent); i++)
        NAME(gradient_block)
    (step->node, go->window->value[mg_step_input(step, 0)], go->m, stride, block_of(step->node, extent, i),
     go->m_in[0]);
}

static void NAME(rescale)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    mg_extent extent = mg_step_extent_out(step);
    int64_t stride = step->stride[step->output];
    size_t input = mg_step_input(step, 0);
    (void)tools;
    if (!NAME(begin)(step, go)) return;
    for (int64_t i = 0; i < n_blocks(step->node, extent); i++)
        NAME(rescale_block)
    (step->node, go->window->value[input], go->reference->value[input], go->m, stride, block_of(step->node, extent, i),
     go->m_in[0]);
}

static void NAME(relevance)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    mg_extent extent = mg_step_extent_out(step);
    int64_t stride = step->stride[step->output];
    (void)tools;
    if (!NAME(begin)(step, go)) return;
    for (int64_t i = 0; i < n_blocks(step->node, extent); i++)
        NAME(relevance_block)
    (step->node, go->window->value[mg_step_input(step, 0)], go->m, stride, block_of(step->node, extent, i),
     go->rule->dense.epsilon, go->m_in[0]);
}

static const mg_ops NAME(ops) = {.forward = NAME(forward),
                                 .backward = {[MG_RULE_GRADIENT] = NAME(gradient),
                                              [MG_RULE_GUIDED] = NAME(gradient),
                                              [MG_RULE_DECONVOLUTION] = NAME(gradient),
                                              [MG_RULE_RESCALE] = NAME(rescale),
                                              [MG_RULE_LRP] = NAME(relevance)}};
