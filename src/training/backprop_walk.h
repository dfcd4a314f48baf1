/* backprop_walk.h  the walk through the layers, forward and back, for one type of number
 *
 * Included by kernels/single.c and backprop_double.c, which define
 *     real          float or double
 * and the static functions linear_forward(), linear_backward() and linear_gradient().
 *
 * Loops over windows are the innermost; their length is a constant, so the compiler turns them into vectors.
 */

/* --- input and output --- */

static void put_input(mg_backprop *b, size_t n, const mg_base *const *base)
{
    real *input = b->activation[0];
    int64_t stride = b->trainable->stride[0];
    memset(input, 0, (size_t)b->trainable->size[0] * sizeof *input);
    for (size_t w = 0; w < n; w++)
        for (int64_t p = 0; p < b->trainable->network->length; p++)
            if (base[w][p] < MG_N_BASES) input[(p * stride + base[w][p]) * MG_BATCH + (int64_t)w] = 1;
}

static void take_scores(const mg_backprop *b, size_t n, double *score)
{
    const mg_network *network = b->trainable->network;
    const real *logit = b->activation[network->n_layers];
    for (size_t w = 0; w < n; w++) {
        score[w] = (double)logit[network->target * MG_BATCH + w];
        if (network->n_outputs == 2) score[w] -= (double)logit[(1 - network->target) * MG_BATCH + w];
    }
}

static void put_slopes(mg_backprop *b, size_t n, const double *slope)
{
    const mg_network *network = b->trainable->network;
    real *g = b->gradient[0];
    memset(g, 0, (size_t)b->trainable->size[network->n_layers] * sizeof *g);
    for (size_t w = 0; w < n; w++) {
        g[network->target * MG_BATCH + w] = (real)slope[w];
        if (network->n_outputs == 2) g[(1 - network->target) * MG_BATCH + w] = (real)-slope[w];
    }
}

/* --- dropout --- */

/* What belongs to a window, a layer and an output is drawn from these three alone, so forward and back see the same. */
static void drop(const mg_backprop *b, size_t l, size_t n, const uint64_t *key, real *value)
{
    const mg_layer *layer = &b->trainable->network->layer[l];
    int64_t stride = b->trainable->stride[l + 1];
    double p = b->trainable->recipe[l].dropout;
    uint64_t limit = (uint64_t)(p * 0x1p53);
    real grow = (real)(1.0 / (1.0 - p));
    for (size_t w = 0; w < n; w++) {
        uint64_t seed = mg_mix(key[w], l + 1);
        for (int64_t t = 0; t < layer->out_length; t++)
            for (int64_t c = 0; c < layer->out_channels; c++) {
                real *v = &value[(t * stride + c) * MG_BATCH + (int64_t)w];
                bool dropped = mg_mix(seed, (uint64_t)(t * layer->out_channels + c)) >> 11 < limit;
                *v = dropped ? 0 : *v * grow;
            }
    }
}

/* --- layers without weights --- */

static void relu_forward(const real *in, int64_t n, real *out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = in[i] > 0 ? in[i] : 0;
}

static void relu_backward(const real *in, int64_t n, const real *g, real *g_in)
{
    for (int64_t i = 0; i < n; i++)
        g_in[i] = in[i] > 0 ? g[i] : 0;
}

/* The first of equals wins; a value that is no number never does. */
static void max_forward(const mg_layer *layer, int64_t stride, const real *in, real *out, int32_t *winner)
{
    int64_t row = stride * MG_BATCH;
    for (int64_t t = 0; t < layer->out_length; t++, out += row, winner += row) {
        int64_t n, first = mg_layer_first(layer, t, &n);
        memcpy(out, in + first * row, (size_t)row * sizeof *out);
        memset(winner, 0, (size_t)row * sizeof *winner);
        for (int64_t j = 1; j < n; j++) {
            const real *x = in + (first + j * layer->dilation) * row;
            for (int64_t i = 0; i < row; i++) {
                winner[i] = x[i] > out[i] ? (int32_t)j : winner[i];
                out[i] = x[i] > out[i] ? x[i] : out[i];
            }
        }
    }
}

static void max_backward(const mg_layer *layer, int64_t stride, const int32_t *winner, const real *g, real *g_in)
{
    int64_t row = stride * MG_BATCH;
    memset(g_in, 0, (size_t)(layer->in_length * row) * sizeof *g_in);
    for (int64_t t = 0; t < layer->out_length; t++, g += row, winner += row) {
        int64_t n, first = mg_layer_first(layer, t, &n);
        for (int64_t j = 0; j < n; j++) {
            real *to = g_in + (first + j * layer->dilation) * row;
            for (int64_t i = 0; i < row; i++)
                to[i] += winner[i] == (int32_t)j ? g[i] : 0;
        }
    }
}

static void average_forward(const mg_layer *layer, int64_t stride, const real *in, real *out)
{
    int64_t row = stride * MG_BATCH;
    for (int64_t t = 0; t < layer->out_length; t++, out += row) {
        int64_t n, first = mg_layer_first(layer, t, &n);
        memset(out, 0, (size_t)row * sizeof *out);
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < row; i++)
                out[i] += in[(first + j * layer->dilation) * row + i];
        for (int64_t i = 0; i < row; i++)
            out[i] /= (real)layer->divisor[t];
    }
}

static void average_backward(const mg_layer *layer, int64_t stride, const real *g, real *g_in)
{
    int64_t row = stride * MG_BATCH;
    memset(g_in, 0, (size_t)(layer->in_length * row) * sizeof *g_in);
    for (int64_t t = 0; t < layer->out_length; t++, g += row) {
        int64_t n, first = mg_layer_first(layer, t, &n);
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < row; i++)
                g_in[(first + j * layer->dilation) * row + i] += g[i] / (real)layer->divisor[t];
    }
}

/* --- the walk --- */

/* A ReLU right before a max pool is done after it, on fewer numbers: the largest of max(x, 0) is max(largest x, 0), and
 * where it is not 0 the winner is the same. The activation between the two is left out. */
static bool joins_pool(const mg_trainable *net, size_t l)
{
    const mg_network *network = net->network;
    return network->layer[l].kind == MG_RELU && l + 1 < network->n_layers &&
           network->layer[l + 1].kind == MG_MAX_POOL && !(net->recipe[l].dropout > 0);
}

static void pool_forward(mg_backprop *b, size_t l)
{
    const mg_trainable *net = b->trainable;
    real *out = b->activation[l + 1];
    bool joined = l > 0 && joins_pool(net, l - 1);
    max_forward(&net->network->layer[l], net->stride[l], b->activation[joined ? l - 1 : l], out, b->winner[l]);
    if (joined) relu_forward(out, net->size[l + 1], out);
}

/* g: INOUT where the pool is joined, and then what the ReLU lets through */
static void pool_backward(mg_backprop *b, size_t l, real *g, real *g_in)
{
    const mg_trainable *net = b->trainable;
    if (l > 0 && joins_pool(net, l - 1)) relu_backward(b->activation[l + 1], net->size[l + 1], g, g);
    max_backward(&net->network->layer[l], net->stride[l], b->winner[l], g, g_in);
}

static void layer_forward(mg_backprop *b, size_t l)
{
    const mg_trainable *net = b->trainable;
    const mg_layer *layer = &net->network->layer[l];
    const real *in = b->activation[l];
    real *out = b->activation[l + 1];
    if (layer->kind == MG_LINEAR) linear_forward(net, l, in, out);
    if (layer->kind == MG_RELU && !joins_pool(net, l)) relu_forward(in, net->size[l], out);
    if (layer->kind == MG_MAX_POOL) pool_forward(b, l);
    if (layer->kind == MG_AVERAGE_POOL) average_forward(layer, net->stride[l], in, out);
}

static void layer_backward(mg_backprop *b, size_t l, real *g, real *g_in)
{
    const mg_trainable *net = b->trainable;
    const mg_layer *layer = &net->network->layer[l];
    const real *in = b->activation[l];
    if (layer->kind == MG_LINEAR) linear_backward(net, l, g, g_in);
    if (layer->kind == MG_RELU) relu_backward(in, net->size[l], g, g_in);
    if (layer->kind == MG_MAX_POOL) pool_backward(b, l, g, g_in);
    if (layer->kind == MG_AVERAGE_POOL) average_backward(layer, net->stride[l], g, g_in);
}

/* key: seeds of the dropout, NULL: none */
static void up(mg_backprop *b, size_t n, const mg_base *const *base, const uint64_t *key, double *score)
{
    put_input(b, n, base);
    for (size_t l = 0; l < b->trainable->network->n_layers; l++) {
        layer_forward(b, l);
        if (key != NULL && b->trainable->recipe[l].dropout > 0) drop(b, l, n, key, b->activation[l + 1]);
    }
    take_scores(b, n, score);
}

/* slope: of the loss in each window's log-odds */
static void down(mg_backprop *b, size_t n, const double *slope, const uint64_t *key, void *gradient)
{
    const mg_trainable *net = b->trainable;
    real *g = b->gradient[0], *g_in = b->gradient[1];
    put_slopes(b, n, slope);
    for (size_t l = net->network->n_layers; l-- > 0;) {
        const mg_layer *layer = &net->network->layer[l];
        if (net->recipe[l].dropout > 0) drop(b, l, n, key, g);
        if (layer->kind == MG_LINEAR) {
            real *weight = (real *)gradient + net->first[l];
            real *bias = weight + layer->out_channels * layer->in_channels * layer->kernel;
            linear_gradient(net, l, b->activation[l], g, weight, bias);
            if (net->recipe[l].no_bias) memset(bias, 0, (size_t)layer->out_channels * sizeof *bias);
        }
        if (l <= net->lowest) return; /* nothing below has weights */
        if (joins_pool(net, l)) continue;
        layer_backward(b, l, g, g_in);
        real *swap = g;
        g = g_in;
        g_in = swap;
    }
}
