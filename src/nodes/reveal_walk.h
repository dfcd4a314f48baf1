/* reveal_walk.h  DeepLIFT's RevealCancel at a dense node whose value a ReLU alone reads; weights_walk.h says what `real` and
 * NAME are
 *
 * The difference of output z from its reference z0 is made of p, the sum of contributions w (a - a0) > 0, and q, of those
 * < 0. The ReLU f turns it into what p and q do by themselves, on average over which comes first:
 *     y+ = ((f(z0 + p) - f(z0)) + (f(z0 + p + q) - f(z0 + q))) / 2       y- likewise
 * so y+ + y- = f(z) - f(z0). Positive contributions get the multiplier m y+ / p, negative ones m y- / q; an input that did not
 * change the mean of both. Where p is 0 its multiplier is the limit, half the slopes of f at z0 and at z0 + q.
 * Source: Shrikumar, Greenside, Kundaje, arXiv:1704.02685 (2017), section 3.5.2.
 */

/* What one sum gives by itself and after the other, over itself. */
static real NAME(reveal)(real z0, real own, real other)
{
    real with = z0 + other + own, without = z0 + other, alone = z0 + own;
    if (own == 0) return ((z0 > 0 ? (real)1 : (real)0) + (without > 0 ? (real)1 : (real)0)) / 2;
    real after = (with > 0 ? with : 0) - (without > 0 ? without : 0);
    real before = (alone > 0 ? alone : 0) - (z0 > 0 ? z0 : 0);
    real mean = (before + after) / (2 * own);
    return mean < 0 ? 0 : mean > 1 ? 1 : mean; /* it lies there but for rounding */
}

static void NAME(reveal_cancel)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    size_t input = mg_step_input(step, 0);
    const real *a = go->window->value[input], *a0 = go->reference->value[input];
    const real *z0 = go->reference->value[step->output], *m = go->m;
    real *u = NAME(room)(step, tools, 0), *v = NAME(room)(step, tools, 1), *m_in = go->m_in[0];
    real *other = NAME(room)(step, tools, 4);
    int64_t n_in = NAME(n_in)(step), n_out = NAME(n_out)(step);
    for (int64_t i = 0; i < n_in; i++)
        m_in[i] = a[i] - a0[i];
    NAME(sums_of_sign)(step, tools, m_in, 1, true, u);
    NAME(sums_of_sign)(step, tools, m_in, -1, true, v);
    for (int64_t o = 0; o < n_out; o++) {
        real p = u[o], q = v[o];
        u[o] = m[o] * NAME(reveal)(z0[o], p, q);
        v[o] = m[o] * NAME(reveal)(z0[o], q, p);
    }
    NAME(back_by_sign)(step, tools, u, v, m_in);
    NAME(back_by_sign)(step, tools, v, u, other);
    for (int64_t i = 0; i < n_in; i++) {
        real change = a[i] - a0[i];
        m_in[i] = change > 0 ? m_in[i] : change < 0 ? other[i] : (m_in[i] + other[i]) / 2;
    }
}

static void NAME(rescale)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    if (go->rule->paired != NULL && go->rule->paired[step->output - 1])
        NAME(reveal_cancel)(step, tools, go);
    else
        NAME(gradient)(step, tools, go);
}
