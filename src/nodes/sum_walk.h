/* sum_walk.h  the loops of sum.c, for one type of number: REAL, NAME(name) */

/* out = scale in, or out += scale in */
static MG_CLONES void NAME(scaled)(const REAL *in, REAL scale, bool add, int64_t n, REAL *out)
{
    for (int64_t i = 0; add && i < n; i++)
        out[i] += scale * in[i];
    for (int64_t i = 0; !add && i < n; i++)
        out[i] = scale * in[i];
}

/* out = a + scale b */
static MG_CLONES void NAME(both)(const REAL *a, const REAL *b, REAL scale, int64_t n, REAL *out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = a[i] + scale * b[i];
}

/* --- forward --- */

static void NAME(add_signed)(const mg_step *step, mg_state *state, REAL later_sign)
{
    mg_extent extent = mg_step_extent_out(step);
    int64_t stride = step->stride[step->output];
    REAL *out = state->value[step->output];
    bool both = is_whole(step, 0) && is_whole(step, 1);
    if (both) NAME(both)
    (state->value[mg_step_input(step, 0)], state->value[mg_step_input(step, 1)], later_sign, extent.length * stride,
     out);
    for (size_t k = both ? 2 : 0; k < step->node->n_inputs; k++) {
        size_t input = mg_step_input(step, k);
        const REAL *in = state->value[input];
        REAL sign = k == 0 ? 1 : later_sign;
        if (is_whole(step, k)) {
            NAME(scaled)(in, sign, k > 0, extent.length * stride, out);
            continue;
        }
        for (int64_t t = 0; t < extent.length; t++)
            for (int64_t c = 0; c < extent.channels; c++) {
                REAL x = sign * in[place(step->extent[input], step->stride[input], t, c)];
                out[t * stride + c] = k == 0 ? x : out[t * stride + c] + x;
            }
    }
}

static void NAME(add_forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    (void)tools;
    NAME(add_signed)(step, state, 1);
}

static void NAME(subtract_forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    (void)tools;
    NAME(add_signed)(step, state, -1);
}

static void NAME(multiply_forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    mg_extent extent = mg_step_extent_out(step);
    int64_t stride = step->stride[step->output];
    size_t first = mg_step_input(step, 0), second = mg_step_input(step, 1);
    const REAL *a = state->value[first], *b = state->value[second];
    REAL *out = state->value[step->output];
    (void)tools;
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t c = 0; c < extent.channels; c++)
            out[t * stride + c] = a[place(step->extent[first], step->stride[first], t, c)] *
                                  b[place(step->extent[second], step->stride[second], t, c)];
}

static void NAME(maximum_forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    int64_t n = mg_step_extent_out(step).length * step->stride[step->output];
    const REAL *a = state->value[mg_step_input(step, 0)], *b = state->value[mg_step_input(step, 1)];
    REAL *out = state->value[step->output];
    (void)tools;
    for (int64_t i = 0; i < n; i++)
        out[i] = a[i] >= b[i] ? a[i] : b[i];
}

/* --- backward: what arrives at number (t, c) of the output goes, times a factor, to its partner in input k --- */

static void NAME(clear)(const mg_step *step, const mg_backward *go, size_t k)
{
    size_t input = mg_step_input(step, k);
    memset(go->m_in[k], 0, (size_t)(step->extent[input].length * step->stride[input]) * sizeof(REAL));
}

/* factor: like the output, NULL for 1 */
static void NAME(hand_down)(const mg_step *step, const mg_backward *go, size_t k, REAL scale, const mg_state *factor_of,
                            size_t factor_value, bool add)
{
    size_t input = mg_step_input(step, k);
    mg_extent extent = mg_step_extent_out(step), in = step->extent[input];
    int64_t stride = step->stride[step->output];
    const REAL *m = go->m, *factor = factor_of != NULL ? factor_of->value[factor_value] : NULL;
    REAL *m_in = go->m_in[k];
    if (m_in == NULL) return;
    if (factor == NULL && is_whole(step, k)) {
        if (m_in == m) return; /* a sum's first input, scale 1 */
        NAME(scaled)(m, scale, add, extent.length * stride, m_in);
        return;
    }
    if (!add) NAME(clear)(step, go, k);
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t c = 0; c < extent.channels; c++) {
            REAL x = scale * m[t * stride + c];
            if (factor != NULL) x *= factor[place(step->extent[factor_value], step->stride[factor_value], t, c)];
            m_in[place(in, step->stride[input], t, c)] += x;
        }
}

static void NAME(add_backward)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    for (size_t k = step->node->n_inputs; k-- > 0;) /* the first last: its multipliers may lie where m does */
        NAME(hand_down)(step, go, k, 1, NULL, 0, false);
}

static void NAME(subtract_backward)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    NAME(hand_down)(step, go, 1, -1, NULL, 0, false);
    NAME(hand_down)(step, go, 0, 1, NULL, 0, false);
}

/* m sum / (sum + epsilon sign(sum)), what add and subtract have in common under LRP. */
static void NAME(relevance_signed)(const mg_step *step, const mg_backward *go, REAL later_sign)
{
    mg_extent extent = mg_step_extent_out(step);
    int64_t stride = step->stride[step->output];
    REAL epsilon = (REAL)go->rule->convolution.epsilon;
    const REAL *z = go->window->value[step->output], *m = go->m;
    for (size_t k = step->node->n_inputs; k-- > 0;) { /* the first last: its multipliers may lie where m does */
        size_t input = mg_step_input(step, k);
        REAL *m_in = go->m_in[k], sign = k == 0 ? 1 : later_sign;
        const bool in_place = m_in == m;
        if (m_in == NULL) continue;
        if (m_in != m) NAME(clear)(step, go, k);
        for (int64_t t = 0; t < extent.length; t++)
            for (int64_t c = 0; c < extent.channels; c++) {
                REAL sum = z[t * stride + c], stable = sum >= 0 ? sum + epsilon : sum - epsilon;
                REAL x = stable != 0 ? m[t * stride + c] * (sum / stable) : 0;
                REAL *to = &m_in[place(step->extent[input], step->stride[input], t, c)];
                *to = in_place ? sign * x : *to + sign * x;
            }
    }
}

static void NAME(add_relevance)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    NAME(relevance_signed)(step, go, 1);
}

static void NAME(subtract_relevance)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    NAME(relevance_signed)(step, go, -1);
}

static void NAME(multiply_gradient)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    for (size_t k = 0; k < 2; k++)
        NAME(hand_down)(step, go, k, 1, go->window, mg_step_input(step, 1 - k), false);
}

static void NAME(multiply_rescale)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    for (size_t k = 0; k < 2; k++) {
        NAME(hand_down)(step, go, k, (REAL)0.5, go->window, mg_step_input(step, 1 - k), false);
        NAME(hand_down)(step, go, k, (REAL)0.5, go->reference, mg_step_input(step, 1 - k), true);
    }
}

static void NAME(multiply_relevance)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    double signal = step->node->number[0];
    (void)tools;
    for (size_t k = 0; k < 2; k++) {
        double scale = signal < 0.0 ? 0.5 : (double)(signal == (double)k);
        NAME(hand_down)(step, go, k, (REAL)scale, go->window, mg_step_input(step, 1 - k), false);
    }
}

static void NAME(maximum_gradient)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    int64_t n = mg_step_extent_out(step).length * step->stride[step->output];
    const REAL *a = go->window->value[mg_step_input(step, 0)], *b = go->window->value[mg_step_input(step, 1)];
    const REAL *m = go->m;
    REAL *m_a = go->m_in[0], *m_b = go->m_in[1];
    (void)tools;
    for (int64_t i = 0; i < n; i++) {
        if (m_a != NULL) m_a[i] = a[i] >= b[i] ? m[i] : 0;
        if (m_b != NULL) m_b[i] = a[i] >= b[i] ? 0 : m[i];
    }
}

/* With X and X0 the maxima in the window and in the reference and M = max(X, X0): the window's winner is credited M - X0,
 * the reference's X - M, each divided by what it changed itself; the gradient where nothing changed. */
static void NAME(maximum_rescale)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    int64_t n = mg_step_extent_out(step).length * step->stride[step->output];
    const REAL *x[2], *x0[2], *m = go->m;
    REAL *m_in[2] = {go->m_in[0], go->m_in[1]};
    (void)tools;
    for (size_t k = 0; k < 2; k++) {
        x[k] = go->window->value[mg_step_input(step, k)];
        x0[k] = go->reference->value[mg_step_input(step, k)];
        if (m_in[k] != NULL) NAME(clear)(step, go, k);
    }
    for (int64_t i = 0; i < n; i++) {
        int w = x[0][i] >= x[1][i] ? 0 : 1, w0 = x0[0][i] >= x0[1][i] ? 0 : 1;
        REAL gain = x[w][i] - x0[w0][i], own = x[w][i] - x0[w][i], own0 = x[w0][i] - x0[w0][i];
        if (m_in[w] != NULL && own == 0) m_in[w][i] += m[i];
        if (m_in[w] != NULL && own != 0 && gain > 0) m_in[w][i] += m[i] * (gain / own);
        if (m_in[w0] != NULL && own0 != 0 && gain < 0) m_in[w0][i] += m[i] * (gain / own0);
    }
}

#define ALIKE(what) [MG_RULE_GRADIENT] = (what), [MG_RULE_GUIDED] = (what), [MG_RULE_DECONVOLUTION] = (what)

static const mg_ops NAME(add_ops) = {
    .in_place = true,
    .tile = add_tile,
    .forward = NAME(add_forward),
    .backward = {
        ALIKE(NAME(add_backward)), [MG_RULE_RESCALE] = NAME(add_backward), [MG_RULE_LRP] = NAME(add_relevance)}};
static const mg_ops NAME(subtract_ops) = {
    .tile = subtract_tile,
    .forward = NAME(subtract_forward),
    .backward = {ALIKE(NAME(subtract_backward)), [MG_RULE_RESCALE] = NAME(subtract_backward),
                 [MG_RULE_LRP] = NAME(subtract_relevance)}};
static const mg_ops NAME(multiply_ops) = {
    .tile = multiply_tile,
    .forward = NAME(multiply_forward),
    .backward = {ALIKE(NAME(multiply_gradient)), [MG_RULE_RESCALE] = NAME(multiply_rescale),
                 [MG_RULE_LRP] = NAME(multiply_relevance)}};
static const mg_ops NAME(maximum_ops) = {
    .forward = NAME(maximum_forward),
    .backward = {ALIKE(NAME(maximum_gradient)), [MG_RULE_RESCALE] = NAME(maximum_rescale),
                 [MG_RULE_LRP] = NAME(maximum_gradient)}};
#undef ALIKE
