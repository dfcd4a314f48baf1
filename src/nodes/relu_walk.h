/* relu_walk.h  rules of ReLU for one type of number: `real`, NAME(name) */

static void NAME(guided)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    const real *z = go->window->value[mg_step_input(step, 0)], *m = go->m;
    real *m_in = go->m_in[0];
    int64_t n = n_numbers(step);
    for (int64_t i = 0; i < n; i++) { /* without a branch: neither sign can be foreseen */
        real kept = m[i] > 0 ? m[i] : 0;
        m_in[i] = z[i] > 0 ? kept : 0;
    }
}

static void NAME(deconvolution)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    const real *m = go->m;
    real *m_in = go->m_in[0];
    int64_t n = n_numbers(step);
    for (int64_t i = 0; i < n; i++)
        m_in[i] = m[i] > 0 ? m[i] : 0;
}
