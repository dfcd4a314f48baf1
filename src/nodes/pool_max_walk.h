/* pool_max_walk.h  max pools for one type of number: `real`, NAME(name) */

static void NAME(forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    (void)tools;
    const mg_slide slide = step->node->slide;
    const real *in = state->value[mg_step_input(step, 0)];
    real *out = state->value[step->output];
    int32_t *winner = state->memo[step->output - 1];
    int64_t stride = step->stride[step->output], length = mg_step_extent_in(step, 0).length;
    int64_t n_out = mg_step_extent_out(step).length;
    for (int64_t t = 0; t < n_out; t++) {
        int64_t n, first = mg_slide_first(&slide, length, t, &n);
        NAME(pool_window)
        (step, in + first * stride, n, slide.dilation * stride, stride, out + t * stride, winner + t * stride);
    }
}

static void NAME(gradient)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    const mg_slide slide = step->node->slide;
    const real *m = go->m;
    const int32_t *winner = go->window->memo[step->output - 1];
    real *m_in = go->m_in[0];
    int64_t stride = step->stride[step->output], length = mg_step_extent_in(step, 0).length;
    int64_t n_out = mg_step_extent_out(step).length;
    memset(m_in, 0, (size_t)(length * stride) * sizeof *m_in);
    for (int64_t t = 0; t < n_out; t++) {
        int64_t n, first = mg_slide_first(&slide, length, t, &n);
        NAME(hand_window)
        (step, winner + t * stride, m + t * stride, n, slide.dilation * stride, stride, m_in + first * stride);
    }
}

static void NAME(rescale)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)tools;
    real *m_in = go->m_in[0];
    int64_t n_out = mg_step_extent_out(step).length;
    memset(m_in, 0, (size_t)(mg_step_extent_in(step, 0).length * step->stride[step->output]) * sizeof *m_in);
    for (int64_t t = 0; t < n_out; t++)
        NAME(cross_window)(step, go, t, go->m, m_in);
}
