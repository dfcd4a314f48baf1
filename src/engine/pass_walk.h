/* pass_walk.h  the walk through the layers, forward and backward, for one type of number
 *
 * Included by pass_single.c and pass_double.c, each of which defines
 *     real            float or double
 *     WALK(name)      the name with the precision's ending
 * and the static functions linear_forward(), linear_backward(), relu_forward(), relu_gradient(), relu_rescale(),
 * pool_window(), pool_gradient(), pool_cross() and lrp_share_outputs() that do the heavy work.
 * Everything else stands here once, so the fast path and the reference path cannot drift apart in what they mean.
 *
 * Shapes: activation l is the input of layer l, (length, stride[l]); values beyond the layer's channels are zero.
 */

/* --- forward --- */

static void affine_forward(const mg_map *map, int64_t stride, const real *in, bool with_bias, real *out)
{
    const mg_layer *layer = map->layer;
    memset(out, 0, (size_t)(layer->out_length * stride) * sizeof *out);
    for (int64_t t = 0; t < layer->out_length; t++)
        for (int64_t c = 0; c < layer->out_channels; c++)
            out[t * stride + c] =
                (real)map->weight[c] * in[t * stride + c] + (with_bias ? (real)layer->bias[c] : (real)0);
}

static void affine_backward(const mg_map *map, int64_t stride, const real *m, real *m_in)
{
    affine_forward(map, stride, m, false, m_in);
}

static void count_affine(const mg_pass *pass, const mg_layer *layer)
{
    if (pass->n_macs != NULL) *pass->n_macs += (uint64_t)(layer->out_length * layer->out_channels);
}

static void map_forward(mg_pass *pass, size_t l, const mg_map *map, const real *in, bool with_bias, real *out)
{
    if (map->layer->kind == MG_AFFINE) count_affine(pass, map->layer);
    if (map->layer->kind == MG_LINEAR)
        linear_forward(pass, map, in, with_bias, out);
    else
        affine_forward(map, pass->engine->stride[l], in, with_bias, out);
}

static void average_forward(const mg_layer *layer, int64_t stride, const real *in, real *out)
{
    for (int64_t t = 0; t < layer->out_length; t++) {
        int64_t n, first = mg_layer_first(layer, t, &n);
        for (int64_t c = 0; c < stride; c++) {
            real sum = 0;
            for (int64_t j = 0; j < n; j++)
                sum += in[(first + j * layer->dilation) * stride + c];
            out[t * stride + c] = sum / (real)layer->divisor[t];
        }
    }
}

static void max_forward(const mg_pass *pass, const mg_layer *layer, int64_t stride, const real *in, real *out,
                        int32_t *winner)
{
    for (int64_t t = 0; t < layer->out_length; t++) {
        int64_t n, first = mg_layer_first(layer, t, &n);
        pool_window(pass, in + first * stride, n, layer->dilation * stride, stride, out + t * stride,
                    winner + t * stride);
    }
}

double WALK(mg_walk_up)(mg_pass *pass, int set, size_t from, size_t to)
{
    const mg_engine *engine = pass->engine;
    real **activation = (real **)pass->activation[set];
    for (size_t l = from; l < to; l++) {
        const mg_layer *layer = &engine->network->layer[l];
        const real *in = activation[l];
        real *out = activation[l + 1];
        switch (layer->kind) {
        case MG_LINEAR:
        case MG_AFFINE:
            map_forward(pass, l, &engine->map[l], in, true, out);
            break;
        case MG_RELU:
            relu_forward(pass, in, engine->size[l], out);
            break;
        case MG_MAX_POOL:
            max_forward(pass, layer, engine->stride[l], in, out, pass->winner[set][l]);
            break;
        case MG_AVERAGE_POOL:
            average_forward(layer, engine->stride[l], in, out);
            break;
        }
    }
    return (double)activation[to][0];
}

void WALK(mg_walk_input)(mg_pass *pass, int set, const double *x)
{
    const mg_engine *engine = pass->engine;
    real *input = pass->activation[set][0];
    for (int64_t p = 0; p < engine->network->length; p++)
        for (int64_t b = 0; b < 4; b++)
            input[p * engine->stride[0] + b] = (real)x[p * 4 + b];
}

/* --- backward: ReLU and pools --- */

static void relu_backward(const mg_pass *pass, size_t l, mg_relu_rule rule, real *m)
{
    const real *z = pass->activation[MG_SET_WINDOW][l], *a = pass->activation[MG_SET_WINDOW][l + 1];
    const real *z0 = pass->activation[MG_SET_REFERENCE][l], *a0 = pass->activation[MG_SET_REFERENCE][l + 1];
    int64_t n = pass->engine->size[l];
    switch (rule) {
    case MG_RELU_GRADIENT:
        relu_gradient(pass, z, n, m);
        break;
    case MG_RELU_GUIDED:
        for (int64_t i = 0; i < n; i++)
            m[i] = z[i] > 0 && m[i] > 0 ? m[i] : 0;
        break;
    case MG_RELU_DECONVOLUTION:
        for (int64_t i = 0; i < n; i++)
            m[i] = m[i] > 0 ? m[i] : 0;
        break;
    case MG_RELU_RESCALE: /* the quotient lies in [0, 1] whatever the rounding; the gradient where nothing changed */
        relu_rescale(pass, z, z0, a, a0, n, m);
        break;
    }
}

static void max_backward_winner(const mg_pass *pass, size_t l, const real *m, real *m_in)
{
    const mg_layer *layer = &pass->engine->network->layer[l];
    const int32_t *winner = pass->winner[MG_SET_WINDOW][l];
    int64_t stride = pass->engine->stride[l];
    memset(m_in, 0, (size_t)pass->engine->size[l] * sizeof *m_in);
    for (int64_t t = 0; t < layer->out_length; t++) {
        int64_t n, first = mg_layer_first(layer, t, &n);
        pool_gradient(pass, winner + t * stride, m + t * stride, n, layer->dilation * stride, stride,
                      m_in + first * stride);
    }
}

/* Cross-maximum rule (Shrikumar et al. 2017, as in the authors' code): with X and X0 the window's maxima in the input
 * and in the reference, and M = max(X, X0), the input's winner is credited M - X0 and the reference's winner X - M,
 * together X - X0, each divided by what its own position changed; so contributions add up for any reference. Where the
 * input's winner did not change its multiplier is the gradient, as at ReLU: it adds nothing to a, but hypothetical
 * contributions need it. */
static void max_backward_cross(const mg_pass *pass, size_t l, const real *m, real *m_in)
{
    const mg_layer *layer = &pass->engine->network->layer[l];
    memset(m_in, 0, (size_t)pass->engine->size[l] * sizeof *m_in);
    for (int64_t t = 0; t < layer->out_length; t++)
        pool_cross(pass, l, t, m, m_in);
}

static void average_backward(const mg_layer *layer, int64_t stride, int64_t size, const real *m, real *m_in)
{
    memset(m_in, 0, (size_t)size * sizeof *m_in);
    for (int64_t t = 0; t < layer->out_length; t++) {
        int64_t n, first = mg_layer_first(layer, t, &n);
        for (int64_t j = 0; j < n; j++)
            for (int64_t c = 0; c < stride; c++)
                m_in[(first + j * layer->dilation) * stride + c] += m[t * stride + c] / (real)layer->divisor[t];
    }
}

/* --- backward: linear layers --- */

static void map_backward(mg_pass *pass, size_t l, const mg_map *map, const real *m, real *m_in)
{
    if (map->layer->kind == MG_AFFINE) count_affine(pass, map->layer);
    if (map->layer->kind == MG_LINEAR)
        linear_backward(pass, map, m, m_in);
    else
        affine_backward(map, pass->engine->stride[l], m, m_in);
}

static real stabilised(real z, real epsilon)
{
    return z + (z >= 0 ? epsilon : -epsilon);
}

/* Sums of contributions of one sign: `same` holds the weights of that sign and `opposite` the others; inputs that are
 * never negative take `same` alone. */
static void sums_of_sign(mg_pass *pass, size_t l, const mg_map *same, const mg_map *opposite, bool split, real *sums)
{
    const real *a = pass->activation[MG_SET_WINDOW][l];
    if (!split) {
        map_forward(pass, l, same, a, false, sums);
        return;
    }
    real *part = pass->buffer[4], *more = pass->buffer[5];
    int64_t n_in = pass->engine->size[l], n_out = pass->engine->size[l + 1];
    for (int64_t i = 0; i < n_in; i++)
        part[i] = a[i] > 0 ? a[i] : 0;
    map_forward(pass, l, same, part, false, sums);
    for (int64_t i = 0; i < n_in; i++)
        part[i] = a[i] < 0 ? a[i] : 0;
    map_forward(pass, l, opposite, part, false, more);
    for (int64_t o = 0; o < n_out; o++)
        sums[o] += more[o];
}

/* What outputs share, for every output of a layer: u and v, with zeros in the channels' padding, because kernels read
 * whole vectors. */
static void lrp_shares(mg_pass *pass, size_t l, const mg_linear_rule *rule, const mg_parts *parts, bool split,
                       const real *m, real *u, real *v)
{
    const mg_map *positive = &parts->positive[l], *negative = &parts->negative[l];
    sums_of_sign(pass, l, positive, negative, split, u);
    if (rule->kind == MG_LINEAR_ALPHA_BETA && rule->alpha != 1) sums_of_sign(pass, l, negative, positive, split, v);
    lrp_share_outputs(pass, l, rule, m, u, v);
}

/* m_in = P^T u + N^T v for inputs a >= 0, N^T u + P^T v for a < 0, with P and N the positive and the negative
 * weights. */
static void lrp_backward(mg_pass *pass, size_t l, const mg_linear_rule *rule, const mg_parts *parts, const real *m,
                         real *m_in)
{
    const mg_engine *engine = pass->engine;
    const mg_map *positive = &parts->positive[l], *negative = &parts->negative[l];
    const real *a = pass->activation[MG_SET_WINDOW][l];
    bool split = !rule->plain_bias && !engine->nonnegative[l];
    real *u = pass->buffer[2], *v = pass->buffer[3], *more = pass->buffer[4], *other = pass->buffer[5];
    lrp_shares(pass, l, rule, parts, split, m, u, v);
    map_backward(pass, l, positive, u, m_in);
    map_backward(pass, l, negative, v, more);
    for (int64_t i = 0; i < engine->size[l]; i++)
        m_in[i] += more[i];
    if (!split) return;
    map_backward(pass, l, negative, u, more);
    map_backward(pass, l, positive, v, other);
    for (int64_t i = 0; i < engine->size[l]; i++)
        m_in[i] = a[i] < 0 ? more[i] + other[i] : m_in[i];
}

static void weights_backward(mg_pass *pass, size_t l, const mg_rule *rule, const real *m, real *m_in)
{
    const mg_map *map = &pass->engine->map[l];
    const mg_linear_rule *linear = map->layer->dense ? &rule->dense : &rule->convolution;
    if (linear->kind == MG_LINEAR_GRADIENT) {
        map_backward(pass, l, map, m, m_in);
    } else if (linear->kind == MG_LINEAR_EPSILON) {
        const real *z = pass->activation[MG_SET_WINDOW][l + 1];
        real *share = pass->buffer[2];
        for (int64_t o = 0; o < pass->engine->size[l + 1]; o++)
            share[o] = z[o] == 0 ? 0 : z[o] * m[o] / stabilised(z[o], (real)linear->epsilon);
        map_backward(pass, l, map, share, m_in);
    } else {
        lrp_backward(pass, l, linear, rule->parts, m, m_in);
    }
}

void *WALK(mg_walk_down)(mg_pass *pass, const mg_rule *rule, void *multiplier, size_t from, size_t to)
{
    const mg_engine *engine = pass->engine;
    real *m = multiplier, *m_in = m == pass->buffer[0] ? pass->buffer[1] : pass->buffer[0];
    for (size_t l = from; l-- > to;) {
        const mg_layer *layer = &engine->network->layer[l];
        if (layer->kind == MG_RELU) {
            relu_backward(pass, l, rule->relu, m);
            continue;
        }
        if (layer->kind == MG_MAX_POOL && rule->pool == MG_POOL_WINNER)
            max_backward_winner(pass, l, m, m_in);
        else if (layer->kind == MG_MAX_POOL)
            max_backward_cross(pass, l, m, m_in);
        else if (layer->kind == MG_AVERAGE_POOL)
            average_backward(layer, engine->stride[l], engine->size[l], m, m_in);
        else
            weights_backward(pass, l, rule, m, m_in);
        real *swap = m;
        m = m_in;
        m_in = swap;
    }
    return m;
}

void *WALK(mg_walk_seed)(mg_pass *pass)
{
    size_t n_layers = pass->engine->network->n_layers;
    real *m = pass->buffer[0];
    memset(m, 0, (size_t)pass->engine->size[n_layers] * sizeof *m);
    m[0] = 1;
    return m;
}

void WALK(mg_walk_multiplier)(const mg_pass *pass, const void *m, double *multiplier)
{
    const mg_engine *engine = pass->engine;
    for (int64_t p = 0; p < engine->network->length; p++)
        for (int64_t b = 0; b < 4; b++)
            multiplier[p * 4 + b] = (double)((const real *)m)[p * engine->stride[0] + b];
}
