/* weights_walk.h  what nodes with weights do under every rule, for one type of number
 *
 * Included once a precision by the file of a kind, which defines
 *     real            float or double
 *     NAME(name)      the name with the precision's ending
 * and the static functions
 *     NAME(map_forward)(step, tools, sign, in, with_bias, out)
 *     NAME(map_backward)(step, tools, sign, m, m_in)
 *     NAME(map_by_sign)(step, tools, u, v, part, apart, m_in), m_in = P^T u + N^T v at once, where the map has a kernel for that;
 *         false: it has none. part: room for two sums, `apart` numbers from one to the other
 *     NAME(share_outputs)(step, rule, z, m, u, v), from the sums of the positive (u) and of the negative (v)
 *         contributions to the outputs to what contributions of either sign get a share of
 * `sign` is 1 or -1, weights of the other sign count as 0, or 0: all count. LRP shares by sign, and looks at the same packed
 * weights for both: none are held twice.
 */

static void NAME(forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    NAME(map_forward)
    (step, tools, 0, state->value[mg_step_input(step, 0)], true, state->value[step->output]);
}

static void NAME(gradient)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    NAME(map_backward)(step, tools, 0, go->m, go->m_in[0]);
}

/* --- LRP --- */

static int64_t NAME(n_in)(const mg_step *step)
{
    return mg_step_extent_in(step, 0).length * step->stride[mg_step_input(step, 0)];
}

static int64_t NAME(n_out)(const mg_step *step)
{
    return mg_step_extent_out(step).length * step->stride[step->output];
}

static int64_t NAME(larger_end)(const mg_step *step)
{
    int64_t n_in = NAME(n_in)(step), n_out = NAME(n_out)(step);
    return n_in > n_out ? n_in : n_out;
}

/* Room for u and v, (n_out) each, and for three more that hold inputs or outputs. */
static size_t NAME(scratch)(const mg_step *step)
{
    return (size_t)(2 * NAME(n_out)(step) + 3 * NAME(larger_end)(step)) * sizeof(real);
}

static real *NAME(room)(const mg_step *step, const mg_tools *tools, int which)
{
    int64_t n_out = NAME(n_out)(step);
    return (real *)tools->scratch + (which < 2 ? which * n_out : 2 * n_out + (which - 2) * NAME(larger_end)(step));
}

/* Sums of contributions of one sign: inputs that are never negative take the weights of that sign alone. */
static void NAME(sums_of_sign)(const mg_step *step, mg_tools *tools, const real *a, int sign, bool split, real *sums)
{
    if (!split) {
        NAME(map_forward)(step, tools, sign, a, false, sums);
        return;
    }
    real *part = NAME(room)(step, tools, 2), *more = NAME(room)(step, tools, 3);
    int64_t n_in = NAME(n_in)(step), n_out = NAME(n_out)(step);
    for (int64_t i = 0; i < n_in; i++)
        part[i] = a[i] > 0 ? a[i] : 0;
    NAME(map_forward)(step, tools, sign, part, false, sums);
    for (int64_t i = 0; i < n_in; i++)
        part[i] = a[i] < 0 ? a[i] : 0;
    NAME(map_forward)(step, tools, -sign, part, false, more);
    for (int64_t o = 0; o < n_out; o++)
        sums[o] += more[o];
}

/* m_in = P^T u + N^T v, with P and N the positive and the negative weights; takes two of the rooms */
static void NAME(back_by_sign)(const mg_step *step, mg_tools *tools, const real *u, const real *v, real *m_in)
{
    real *part = NAME(room)(step, tools, 2);
    if (NAME(map_by_sign)(step, tools, u, v, part, NAME(larger_end)(step), m_in)) return;
    NAME(map_backward)(step, tools, 1, u, m_in);
    NAME(map_backward)(step, tools, -1, v, part);
    for (int64_t i = 0; i < NAME(n_in)(step); i++)
        m_in[i] += part[i];
}

/* Shares of positive contributions alone, from their sums u, biases left out; v: 0. */
static void NAME(excitation_shares)(const mg_step *step, const real *z, const real *m, real *u, real *v)
{
    for (int64_t o = 0; o < NAME(n_out)(step); o++) {
        u[o] = u[o] > 0 ? z[o] * m[o] / u[o] : 0;
        v[o] = 0;
    }
}

/* m_in = P^T u + N^T v for inputs a >= 0, N^T u + P^T v for a < 0. */
static void NAME(lrp_by_sign)(const mg_step *step, mg_tools *tools, const mg_linear_rule *rule, const mg_backward *go)
{
    size_t input = mg_step_input(step, 0);
    const real *a = go->window->value[input], *z = go->window->value[step->output];
    bool split = !rule->plain_bias && !step->nonnegative[input];
    real *u = NAME(room)(step, tools, 0), *v = NAME(room)(step, tools, 1);
    real *other = NAME(room)(step, tools, 4), *m_in = go->m_in[0];
    NAME(sums_of_sign)(step, tools, a, 1, split, u);
    if (rule->kind == MG_LINEAR_ALPHA_BETA && rule->alpha != 1) NAME(sums_of_sign)(step, tools, a, -1, split, v);
    if (rule->kind == MG_LINEAR_EXCITATION)
        NAME(excitation_shares)(step, z, go->m, u, v);
    else
        NAME(share_outputs)(step, rule, z, go->m, u, v);
    NAME(back_by_sign)(step, tools, u, v, m_in);
    if (!split) return;
    NAME(back_by_sign)(step, tools, v, u, other);
    for (int64_t i = 0; i < NAME(n_in)(step); i++)
        m_in[i] = a[i] < 0 ? other[i] : m_in[i];
}

static void NAME(lrp_epsilon)(const mg_step *step, mg_tools *tools, const mg_linear_rule *rule, const mg_backward *go)
{
    const real *z = go->window->value[step->output], *m = go->m;
    real *share = NAME(room)(step, tools, 0), epsilon = (real)rule->epsilon;
    int64_t n_out = NAME(n_out)(step);
    for (int64_t o = 0; o < n_out; o++)
        share[o] = z[o] == 0 ? 0 : z[o] * m[o] / (z[o] + (z[o] >= 0 ? epsilon : -epsilon));
    NAME(map_backward)(step, tools, 0, share, go->m_in[0]);
}

/* --- LRP at nodes that read the window: what c(i,b) is for one-hot rows --- */

/* All channels of a position get what the flat rule gives to the whole of it. */
static void NAME(lrp_flat)(const mg_step *step, const mg_linear_rule *rule, const mg_backward *go)
{
    mg_extent in = mg_step_extent_in(step, 0), out = mg_step_extent_out(step);
    int64_t stride_in = step->stride[mg_step_input(step, 0)], stride = step->stride[step->output], n;
    const real *z = go->window->value[step->output], *m = go->m;
    real *m_in = go->m_in[0];
    double width = (double)in.channels / (double)step->node->groups; /* numbers of a position that an output sees */
    memset(m_in, 0, (size_t)(in.length * stride_in) * sizeof *m_in);
    for (int64_t t = 0; t < out.length; t++) {
        int64_t first = mg_slide_first(&step->node->slide, in.length, t, &n);
        double relevance = 0;
        for (int64_t o = 0; o < out.channels; o++)
            relevance += (double)z[t * stride + o] * (double)m[t * stride + o];
        real share = (real)(relevance * width / ((double)n * width + rule->epsilon));
        for (int64_t k = 0; k < n; k++)
            for (int64_t b = 0; b < in.channels; b++)
                m_in[(first + k * step->node->slide.dilation) * stride_in + b] += share;
    }
}

/* From N^T u, what each base takes away, to c: every base of a position bears what all four take away. */
static void NAME(take_box)(const mg_step *step, const real *negative, real *m_in)
{
    mg_extent in = mg_step_extent_in(step, 0);
    int64_t stride = step->stride[mg_step_input(step, 0)];
    for (int64_t p = 0; p < in.length; p++) {
        real sum = 0;
        for (int64_t b = 0; b < in.channels; b++)
            sum += negative[p * stride + b];
        for (int64_t b = 0; b < in.channels; b++)
            m_in[p * stride + b] -= sum;
    }
}

/* With a in [0, 1] an output's least is its bias and all negative weights: contributions are w a - w-, their sum z less that,
 * so R_i = (w a - w-) u with u = z m / (sum + epsilon). */
static void NAME(lrp_box)(const mg_step *step, mg_tools *tools, const mg_linear_rule *rule, const mg_backward *go)
{
    mg_extent in = mg_step_extent_in(step, 0), out = mg_step_extent_out(step);
    int64_t stride_in = step->stride[mg_step_input(step, 0)], stride = step->stride[step->output];
    const real *z = go->window->value[step->output], *m = go->m;
    real *u = NAME(room)(step, tools, 0), *least = NAME(room)(step, tools, 1), *more = NAME(room)(step, tools, 2);
    memset(more, 0, (size_t)(in.length * stride_in) * sizeof *more);
    for (int64_t i = 0; i < in.length * in.channels; i++)
        more[i / in.channels * stride_in + i % in.channels] = 1;
    NAME(map_forward)(step, tools, -1, more, false, least);
    memset(u, 0, (size_t)NAME(n_out)(step) * sizeof *u);
    for (int64_t i = 0; i < out.length * out.channels; i++) {
        int64_t o = i / out.channels * stride + i % out.channels;
        real sum = z[o] - (real)step->node->bias[i % out.channels] - least[o];
        u[o] = sum > 0 ? z[o] * m[o] / (sum + (real)rule->epsilon) : 0;
    }
    NAME(map_backward)(step, tools, 0, u, go->m_in[0]);
    NAME(map_backward)(step, tools, -1, u, more);
    NAME(take_box)(step, more, go->m_in[0]);
}

static void NAME(lrp)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    bool dense = (step->node->kind->traits & MG_TRAIT_DENSE) != 0;
    bool first = go->rule->is_first != NULL && go->rule->is_first[step->output - 1];
    const mg_linear_rule *rule = first ? &go->rule->first : dense ? &go->rule->dense : &go->rule->convolution;
    if (rule->kind == MG_LINEAR_GRADIENT)
        NAME(gradient)(step, tools, go);
    else if (rule->kind == MG_LINEAR_EPSILON)
        NAME(lrp_epsilon)(step, tools, rule, go);
    else if (rule->kind == MG_LINEAR_FLAT)
        NAME(lrp_flat)(step, rule, go);
    else if (rule->kind == MG_LINEAR_BOX)
        NAME(lrp_box)(step, tools, rule, go);
    else
        NAME(lrp_by_sign)(step, tools, rule, go);
}
