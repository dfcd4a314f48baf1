/* softmax_walk.h  the loops of softmax.c, for one type of number: REAL, NAME(name); sums in double */

static double NAME(largest)(const REAL *z, line l, int64_t but)
{
    double largest = -INFINITY;
    for (int64_t j = 0; j < l.n; j++)
        if (j != but && (double)z[l.first + j * l.step] > largest) largest = (double)z[l.first + j * l.step];
    return largest;
}

static double NAME(sum_of_exp)(const REAL *z, line l, double shift, int64_t but)
{
    double sum = 0.0;
    for (int64_t j = 0; j < l.n; j++)
        if (j != but) sum += exp((double)z[l.first + j * l.step] - shift);
    return sum;
}

/* --- softmax --- */

static void NAME(softmax_forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    size_t input = mg_step_input(step, 0);
    const REAL *z = state->value[input];
    REAL *out = state->value[step->output];
    (void)tools;
    for (int64_t i = 0; i < n_lines(step->node, step->extent[input]); i++) {
        line l = line_of(step->node, step->extent[input], step->stride[input], i);
        double shift = NAME(largest)(z, l, -1), sum = NAME(sum_of_exp)(z, l, shift, -1);
        for (int64_t j = 0; j < l.n; j++)
            out[l.first + j * l.step] = (REAL)(exp((double)z[l.first + j * l.step] - shift) / sum);
    }
}

static void NAME(clear)(const mg_step *step, REAL *m_in)
{
    size_t input = mg_step_input(step, 0);
    memset(m_in, 0, (size_t)(step->extent[input].length * step->stride[input]) * sizeof *m_in);
}

static void NAME(softmax_gradient)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    size_t input = mg_step_input(step, 0);
    const REAL *s = go->window->value[step->output], *m = go->m;
    REAL *m_in = go->m_in[0];
    (void)tools;
    if (m_in == NULL) return;
    NAME(clear)(step, m_in);
    for (int64_t i = 0; i < n_lines(step->node, step->extent[input]); i++) {
        line l = line_of(step->node, step->extent[input], step->stride[input], i);
        double dot = 0.0;
        for (int64_t j = 0, at = l.first; j < l.n; j++, at += l.step)
            dot += (double)m[at] * (double)s[at];
        for (int64_t j = 0, at = l.first; j < l.n; j++, at += l.step)
            m_in[at] = (REAL)((double)s[at] * ((double)m[at] - dot));
    }
}

static void NAME(rescale_line)(const REAL *z, const REAL *z0, const REAL *m, line l, REAL *m_in)
{
    double shift = fmax(NAME(largest)(z, l, -1), NAME(largest)(z0, l, -1)), to_sum = 0.0;
    double sum = NAME(sum_of_exp)(z, l, shift, -1), sum0 = NAME(sum_of_exp)(z0, l, shift, -1);
    for (int64_t j = 0, at = l.first; j < l.n; j++, at += l.step)
        to_sum -= (double)m[at] * 0.5 * (exp((double)z[at] - shift) + exp((double)z0[at] - shift)) / (sum * sum0);
    for (int64_t j = 0, at = l.first; j < l.n; j++, at += l.step) {
        double to_exp = (double)m[at] * 0.5 * (1.0 / sum + 1.0 / sum0) + to_sum;
        m_in[at] = (REAL)(to_exp * exp_mean_slope((double)z[at] - shift, (double)z0[at] - shift));
    }
}

static void NAME(softmax_rescale)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    size_t input = mg_step_input(step, 0);
    (void)tools;
    if (go->m_in[0] == NULL) return;
    NAME(clear)(step, go->m_in[0]);
    for (int64_t i = 0; i < n_lines(step->node, step->extent[input]); i++)
        NAME(rescale_line)
    (go->window->value[input], go->reference->value[input], go->m,
     line_of(step->node, step->extent[input], step->stride[input], i), go->m_in[0]);
}

/* --- log_odds --- */

static void NAME(log_odds_forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    size_t input = mg_step_input(step, 0);
    int64_t target = step->node->index[0];
    const REAL *z = state->value[input];
    REAL *out = state->value[step->output];
    (void)tools;
    for (int64_t t = 0; t < step->extent[input].length; t++) {
        line l = {.first = t * step->stride[input], .n = step->extent[input].channels, .step = 1};
        double shift = NAME(largest)(z, l, target);
        double rest = shift + log(NAME(sum_of_exp)(z, l, shift, target));
        out[t * step->stride[step->output]] = (REAL)((double)z[l.first + target] - rest);
    }
}

static void NAME(log_odds_gradient)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    size_t input = mg_step_input(step, 0);
    int64_t target = step->node->index[0];
    const REAL *z = go->window->value[input], *m = go->m;
    REAL *m_in = go->m_in[0];
    (void)tools;
    if (m_in == NULL) return;
    NAME(clear)(step, m_in);
    for (int64_t t = 0; t < step->extent[input].length; t++) {
        line l = {.first = t * step->stride[input], .n = step->extent[input].channels, .step = 1};
        double shift = NAME(largest)(z, l, target), sum = NAME(sum_of_exp)(z, l, shift, target);
        double at_output = (double)m[t * step->stride[step->output]];
        for (int64_t j = 0; j < l.n; j++)
            m_in[l.first + j] = (REAL)(at_output * (j == target ? 1.0 : -exp((double)z[l.first + j] - shift) / sum));
    }
}

static void NAME(log_odds_rescale)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    size_t input = mg_step_input(step, 0);
    int64_t target = step->node->index[0];
    const REAL *z = go->window->value[input], *z0 = go->reference->value[input], *m = go->m;
    REAL *m_in = go->m_in[0];
    (void)tools;
    if (m_in == NULL) return;
    NAME(clear)(step, m_in);
    for (int64_t t = 0; t < step->extent[input].length; t++) {
        line l = {.first = t * step->stride[input], .n = step->extent[input].channels, .step = 1};
        double shift = fmax(NAME(largest)(z, l, target), NAME(largest)(z0, l, target));
        double slope = log_mean_slope(NAME(sum_of_exp)(z, l, shift, target), NAME(sum_of_exp)(z0, l, shift, target));
        double at_output = (double)m[t * step->stride[step->output]];
        for (int64_t j = 0; j < l.n; j++) {
            double down = exp_mean_slope((double)z[l.first + j] - shift, (double)z0[l.first + j] - shift);
            m_in[l.first + j] = (REAL)(at_output * (j == target ? 1.0 : -slope * down));
        }
    }
}

/* --- profile --- */

static size_t NAME(profile_memo)(const mg_step *step)
{
    mg_extent extent = mg_step_extent_in(step, 0);
    return (size_t)(extent.length * extent.channels) * sizeof(double);
}

/* The weights (length, channels) of the explained window: softmax minus its mean, 1 / length. */
static void NAME(freeze)(const mg_step *step, const REAL *z, double *weight)
{
    size_t input = mg_step_input(step, 0);
    mg_extent extent = step->extent[input];
    for (int64_t c = 0; c < extent.channels; c++) {
        line l = line_of(step->node, extent, step->stride[input], c);
        double shift = NAME(largest)(z, l, -1), sum = NAME(sum_of_exp)(z, l, shift, -1);
        for (int64_t t = 0; t < extent.length; t++)
            weight[t * extent.channels + c] =
                exp((double)z[l.first + t * l.step] - shift) / sum - 1.0 / (double)extent.length;
    }
}

static void NAME(profile_forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    size_t input = mg_step_input(step, 0);
    mg_extent extent = step->extent[input];
    const REAL *z = state->value[input];
    double *weight = state->memo[step->output - 1], sum = 0.0;
    if (tools->explained == NULL)
        NAME(freeze)(step, z, weight);
    else
        weight = tools->explained->memo[step->output - 1];
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t c = 0; c < extent.channels; c++)
            sum += weight[t * extent.channels + c] * (double)z[t * step->stride[input] + c];
    ((REAL *)state->value[step->output])[0] = (REAL)sum;
}

static void NAME(profile_backward)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    size_t input = mg_step_input(step, 0);
    mg_extent extent = step->extent[input];
    const mg_state *explained = tools->explained != NULL ? tools->explained : go->window;
    const double *weight = explained->memo[step->output - 1];
    const REAL *m = go->m;
    REAL *m_in = go->m_in[0];
    if (m_in == NULL) return;
    NAME(clear)(step, m_in);
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t c = 0; c < extent.channels; c++)
            m_in[t * step->stride[input] + c] = (REAL)((double)m[0] * weight[t * extent.channels + c]);
}

#define ALIKE(what) [MG_RULE_GRADIENT] = (what), [MG_RULE_GUIDED] = (what), [MG_RULE_DECONVOLUTION] = (what)

static const mg_ops NAME(softmax_ops) = {
    .forward = NAME(softmax_forward),
    .backward = {ALIKE(NAME(softmax_gradient)), [MG_RULE_RESCALE] = NAME(softmax_rescale)}};
static const mg_ops NAME(log_odds_ops) = {
    .forward = NAME(log_odds_forward),
    .backward = {ALIKE(NAME(log_odds_gradient)), [MG_RULE_RESCALE] = NAME(log_odds_rescale)}};
static const mg_ops NAME(profile_ops) = {
    .memo = NAME(profile_memo),
    .forward = NAME(profile_forward),
    .backward = {ALIKE(NAME(profile_backward)), [MG_RULE_RESCALE] = NAME(profile_backward),
                 [MG_RULE_LRP] = NAME(profile_backward)}};
#undef ALIKE
