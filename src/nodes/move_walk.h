/* move_walk.h  the loops of move.c, for one type of number: REAL, NAME(name) */

static void NAME(concat_forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    int64_t stride = step->stride[step->output], at = 0;
    REAL *out = state->value[step->output];
    (void)tools;
    for (size_t k = 0; k < step->node->n_inputs; k++) {
        size_t input = mg_step_input(step, k);
        mg_extent extent = step->extent[input];
        const REAL *in = state->value[input];
        for (int64_t t = 0; t < extent.length; t++)
            memcpy(out + at + t * stride, in + t * step->stride[input], (size_t)extent.channels * sizeof *out);
        at += step->node->axis == MG_AXIS_CHANNELS ? extent.channels : extent.length * stride;
    }
}

static void NAME(concat_backward)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    int64_t stride = step->stride[step->output], at = 0;
    const REAL *m = go->m;
    (void)tools;
    for (size_t k = 0; k < step->node->n_inputs; k++) {
        size_t input = mg_step_input(step, k);
        mg_extent extent = step->extent[input];
        REAL *m_in = go->m_in[k];
        if (m_in != NULL) {
            memset(m_in, 0, (size_t)(extent.length * step->stride[input]) * sizeof *m_in);
            for (int64_t t = 0; t < extent.length; t++)
                memcpy(m_in + t * step->stride[input], m + at + t * stride, (size_t)extent.channels * sizeof *m);
        }
        at += step->node->axis == MG_AXIS_CHANNELS ? extent.channels : extent.length * stride;
    }
}

/* Where number i of a value, counted without padding, lies. */
static inline int64_t NAME(place)(const mg_step *step, size_t value, int64_t i)
{
    int64_t channels = step->extent[value].channels;
    return i / channels * step->stride[value] + i % channels;
}

static void NAME(move_positions)(const mg_step *step, const REAL *in, REAL *out)
{
    int64_t stride = step->stride[step->output];
    for (int64_t t = 0; t < mg_step_extent_out(step).length; t++) {
        int64_t from = step->node->from[t];
        if (from >= 0)
            memcpy(out + t * stride, in + from * stride, (size_t)stride * sizeof *out);
        else
            memset(out + t * stride, 0, (size_t)stride * sizeof *out);
    }
}

static void NAME(gather_forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    mg_extent extent = mg_step_extent_out(step);
    size_t input = mg_step_input(step, 0);
    const REAL *in = state->value[input];
    const int64_t *index = step->node->index;
    REAL *out = state->value[step->output];
    (void)tools;
    if (step->node->from != NULL) {
        NAME(move_positions)(step, in, out);
        return;
    }
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t c = 0; c < extent.channels; c++, index++)
            out[t * step->stride[step->output] + c] = *index >= 0 ? in[NAME(place)(step, input, *index)] : 0;
}

/* m_in, `all` numbers: n numbers of m behind `before` zeros, and zeros behind them */
static void NAME(put_stretch)(const REAL *m, int64_t n, int64_t before, int64_t all, REAL *m_in)
{
    memset(m_in, 0, (size_t)before * sizeof *m_in);
    memcpy(m_in + before, m, (size_t)n * sizeof *m_in);
    memset(m_in + before + n, 0, (size_t)(all - before - n) * sizeof *m_in);
}

static void NAME(gather_backward)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    mg_extent extent = mg_step_extent_out(step);
    size_t input = mg_step_input(step, 0);
    const int64_t *index = step->node->index;
    const REAL *m = go->m;
    REAL *m_in = go->m_in[0];
    (void)tools;
    if (m_in == NULL) return;
    const int64_t *from = step->node->from;
    int64_t stride = step->stride[step->output], all = step->extent[input].length * step->stride[input], shift;
    if (gather_shift(step, &shift)) {
        NAME(put_stretch)(m, extent.length * stride, shift * stride, all, m_in);
        return;
    }
    memset(m_in, 0, (size_t)all * sizeof *m_in);
    for (int64_t t = 0; from != NULL && t < extent.length; t++)
        for (int64_t c = 0; from[t] >= 0 && c < extent.channels; c++)
            m_in[from[t] * stride + c] += m[t * stride + c];
    for (int64_t t = 0; from == NULL && t < extent.length; t++)
        for (int64_t c = 0; c < extent.channels; c++, index++)
            if (*index >= 0) m_in[NAME(place)(step, input, *index)] += m[t * step->stride[step->output] + c];
}

static void NAME(constant_forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    mg_extent extent = mg_step_extent_out(step);
    REAL *out = state->value[step->output];
    (void)tools;
    for (int64_t t = 0; t < extent.length; t++)
        for (int64_t c = 0; c < extent.channels; c++)
            out[t * step->stride[step->output] + c] = (REAL)step->node->weight[t * extent.channels + c];
}

static void NAME(constant_backward)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    (void)step;
    (void)tools;
    (void)go; /* it has no inputs */
}

static void NAME(known_forward)(const mg_step *step, mg_tools *tools, mg_state *state)
{
    size_t input = mg_step_input(step, 0);
    mg_extent extent = step->extent[input];
    const REAL *in = state->value[input];
    REAL *out = state->value[step->output];
    (void)tools;
    for (int64_t t = 0; t < extent.length; t++) {
        bool known = false;
        for (int64_t c = 0; c < extent.channels; c++)
            known = known || in[t * step->stride[input] + c] != 0;
        out[t * step->stride[step->output]] = known;
    }
}

/* It steps from 0 to 1 and has no slope; what it multiplies gets all of the relevance. */
static void NAME(known_backward)(const mg_step *step, mg_tools *tools, const mg_backward *go)
{
    size_t input = mg_step_input(step, 0);
    (void)tools;
    if (go->m_in[0] != NULL)
        memset(go->m_in[0], 0, (size_t)(step->extent[input].length * step->stride[input]) * sizeof(REAL));
}

#define ALL_BUT_RESCALE(what)                                                                                          \
    [MG_RULE_GRADIENT] = (what), [MG_RULE_GUIDED] = (what), [MG_RULE_DECONVOLUTION] = (what), [MG_RULE_LRP] = (what)

static const mg_ops NAME(concat_ops) = {
    .tile = concat_tile,
    .forward = NAME(concat_forward),
    .backward = {ALL_BUT_RESCALE(NAME(concat_backward)), [MG_RULE_RESCALE] = NAME(concat_backward)}};
static const mg_ops NAME(gather_ops) = {
    .shift = gather_shift,
    .tile = gather_tile,
    .forward = NAME(gather_forward),
    .backward = {ALL_BUT_RESCALE(NAME(gather_backward)), [MG_RULE_RESCALE] = NAME(gather_backward)}};
static const mg_ops NAME(constant_ops) = {
    .forward = NAME(constant_forward),
    .backward = {ALL_BUT_RESCALE(NAME(constant_backward)), [MG_RULE_RESCALE] = NAME(constant_backward)}};
static const mg_ops NAME(known_ops) = {.forward = NAME(known_forward),
                                       .backward = {ALL_BUT_RESCALE(NAME(known_backward))}};
#undef ALL_BUT_RESCALE
