/* weights_walk.h  what nodes with weights do under every rule, for one type of number
 *
 * Included once a precision by the file of a kind, which defines
 *     real            float or double
 *     NAME(name)      the name with the precision's ending
 * and the static functions
 *     NAME(map_forward)(step, tools, sign, in, with_bias, out)
 *     NAME(map_backward)(step, tools, sign, m, m_in)
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

/* Room for u and v, (n_out) each, and for two more that hold inputs or outputs. */
static size_t NAME(scratch)(const mg_step *step)
{
    int64_t n_in = NAME(n_in)(step), n_out = NAME(n_out)(step);
    return (size_t)(2 * n_out + 2 * (n_in > n_out ? n_in : n_out)) * sizeof(real);
}

static real *NAME(room)(const mg_step *step, const mg_tools *tools, int which)
{
    int64_t n_in = NAME(n_in)(step), n_out = NAME(n_out)(step), more = n_in > n_out ? n_in : n_out;
    return (real *)tools->scratch + (which < 2 ? which * n_out : 2 * n_out + (which - 2) * more);
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

/* m_in = P^T u + N^T v for inputs a >= 0, N^T u + P^T v for a < 0, with P and N the positive and the negative weights. */
static void NAME(lrp_by_sign)(const mg_step *step, mg_tools *tools, const mg_linear_rule *rule, const mg_backward *go)
{
    size_t input = mg_step_input(step, 0);
    const real *a = go->window->value[input];
    bool split = !rule->plain_bias && !step->nonnegative[input];
    real *u = NAME(room)(step, tools, 0), *v = NAME(room)(step, tools, 1);
    real *more = NAME(room)(step, tools, 2), *other = NAME(room)(step, tools, 3), *m_in = go->m_in[0];
    NAME(sums_of_sign)(step, tools, a, 1, split, u);
    if (rule->kind == MG_LINEAR_ALPHA_BETA && rule->alpha != 1) NAME(sums_of_sign)(step, tools, a, -1, split, v);
    NAME(share_outputs)(step, rule, go->window->value[step->output], go->m, u, v);
    NAME(map_backward)(step, tools, 1, u, m_in);
    NAME(map_backward)(step, tools, -1, v, more);
    int64_t n_in = NAME(n_in)(step);
    for (int64_t i = 0; i < n_in; i++)
        m_in[i] += more[i];
    if (!split) return;
    NAME(map_backward)(step, tools, -1, u, more);
    NAME(map_backward)(step, tools, 1, v, other);
    for (int64_t i = 0; i < n_in; i++)
        m_in[i] = a[i] < 0 ? more[i] + other[i] : m_in[i];
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

static void NAME(lrp)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    bool dense = (step->node->kind->traits & MG_TRAIT_DENSE) != 0;
    const mg_linear_rule *rule = dense ? &go->rule->dense : &go->rule->convolution;
    if (rule->kind == MG_LINEAR_GRADIENT)
        NAME(gradient)(step, tools, go);
    else if (rule->kind == MG_LINEAR_EPSILON)
        NAME(lrp_epsilon)(step, tools, rule, go);
    else
        NAME(lrp_by_sign)(step, tools, rule, go);
}
