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

static int64_t n_logits(const mg_trainable *net)
{
    return net->network->extent[net->n_layers].channels;
}

static void take_scores(const mg_backprop *b, size_t n, double *score)
{
    const mg_trainable *net = b->trainable;
    const real *logit = b->activation[net->n_layers];
    for (size_t w = 0; w < n; w++) {
        score[w] = (double)logit[net->target * MG_BATCH + w];
        if (n_logits(net) == 2) score[w] -= (double)logit[(1 - net->target) * MG_BATCH + w];
    }
}

static void put_slopes(mg_backprop *b, size_t n, const double *slope)
{
    const mg_trainable *net = b->trainable;
    real *g = b->gradient[0];
    memset(g, 0, (size_t)net->size[net->n_layers] * sizeof *g);
    for (size_t w = 0; w < n; w++) {
        g[net->target * MG_BATCH + w] = (real)slope[w];
        if (n_logits(net) == 2) g[(1 - net->target) * MG_BATCH + w] = (real)-slope[w];
    }
}

/* --- dropout --- */

/* What belongs to a window, a layer and an output is drawn from these three alone. Bit w of an output's word is window
 * w's. */
static void draw_dropped(const mg_backprop *b, size_t l, size_t n, const uint64_t *key)
{
    const mg_batch_shape *layer = &b->trainable->layer[l].shape;
    uint64_t limit = (uint64_t)(b->trainable->recipe[l].dropout * 0x1p53), begun[MG_BATCH] = {0};
    for (size_t w = 0; w < n; w++)
        begun[w] = mg_mix_begin(mg_mix(key[w], l + 1));
    for (int64_t i = 0; i < layer->out_length * layer->out_channels; i++) {
        uint32_t dropped = 0;
        for (int w = 0; w < MG_BATCH; w++)
            dropped |= (uint32_t)(mg_mix_end(begun[w], (uint64_t)i) >> 11 < limit) << w;
        b->dropped[l][i] = dropped;
    }
}

/* Outputs on the way up, their gradients on the way down. */
static void drop(const mg_backprop *b, size_t l, real *value)
{
    const mg_batch_shape *layer = &b->trainable->layer[l].shape;
    const uint32_t *dropped = b->dropped[l];
    real grow = (real)(1.0 / (1.0 - b->trainable->recipe[l].dropout));
    for (int64_t t = 0; t < layer->out_length; t++, value += b->trainable->stride[l + 1] * MG_BATCH)
        for (int64_t c = 0; c < layer->out_channels; c++, dropped++)
            for (int w = 0; w < MG_BATCH; w++)
                value[c * MG_BATCH + w] = *dropped >> w & 1 ? 0 : value[c * MG_BATCH + w] * grow;
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

static void function_forward(const mg_trainable_layer *layer, const real *in, int64_t n, real *out)
{
    const mg_node *node = layer->node;
    for (int64_t i = 0; i < n; i++)
        out[i] = (real)node->kind->f((double)in[i], node->number);
}

static void function_backward(const mg_trainable_layer *layer, const real *in, int64_t n, const real *g, real *g_in)
{
    const mg_node *node = layer->node;
    for (int64_t i = 0; i < n; i++)
        g_in[i] = g[i] == 0 ? 0 : (real)((double)g[i] * node->kind->slope((double)in[i], node->number));
}

/* The first of equals wins; a value that is no number never does. */
static void max_forward(const mg_trainable_layer *layer, const real *in, real *out, int32_t *winner)
{
    const mg_slide *slide = &layer->node->slide;
    int64_t row = layer->shape.in_stride * MG_BATCH;
    for (int64_t t = 0; t < layer->shape.out_length; t++, out += row, winner += row) {
        int64_t n, first = mg_slide_first(slide, layer->shape.in_length, t, &n);
        memcpy(out, in + first * row, (size_t)row * sizeof *out);
        memset(winner, 0, (size_t)row * sizeof *winner);
        for (int64_t j = 1; j < n; j++) {
            const real *x = in + (first + j * slide->dilation) * row;
            for (int64_t i = 0; i < row; i++) {
                winner[i] = x[i] > out[i] ? (int32_t)j : winner[i];
                out[i] = x[i] > out[i] ? x[i] : out[i];
            }
        }
    }
}

static void max_backward(const mg_trainable_layer *layer, const int32_t *winner, const real *g, real *g_in)
{
    const mg_slide *slide = &layer->node->slide;
    int64_t row = layer->shape.in_stride * MG_BATCH;
    memset(g_in, 0, (size_t)(layer->shape.in_length * row) * sizeof *g_in);
    for (int64_t t = 0; t < layer->shape.out_length; t++, g += row, winner += row) {
        int64_t n, first = mg_slide_first(slide, layer->shape.in_length, t, &n);
        for (int64_t j = 0; j < n; j++) {
            real *to = g_in + (first + j * slide->dilation) * row;
            for (int64_t i = 0; i < row; i++)
                to[i] += winner[i] == (int32_t)j ? g[i] : 0;
        }
    }
}

static void average_forward(const mg_trainable_layer *layer, const real *in, real *out)
{
    const mg_slide *slide = &layer->node->slide;
    int64_t row = layer->shape.in_stride * MG_BATCH;
    for (int64_t t = 0; t < layer->shape.out_length; t++, out += row) {
        int64_t n, first = mg_slide_first(slide, layer->shape.in_length, t, &n);
        memset(out, 0, (size_t)row * sizeof *out);
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < row; i++)
                out[i] += in[(first + j * slide->dilation) * row + i];
        for (int64_t i = 0; i < row; i++)
            out[i] /= (real)layer->node->divisor[t];
    }
}

static void average_backward(const mg_trainable_layer *layer, const real *g, real *g_in)
{
    const mg_slide *slide = &layer->node->slide;
    int64_t row = layer->shape.in_stride * MG_BATCH;
    memset(g_in, 0, (size_t)(layer->shape.in_length * row) * sizeof *g_in);
    for (int64_t t = 0; t < layer->shape.out_length; t++, g += row) {
        int64_t n, first = mg_slide_first(slide, layer->shape.in_length, t, &n);
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < row; i++)
                g_in[(first + j * slide->dilation) * row + i] += g[i] / (real)layer->node->divisor[t];
    }
}

/* --- batch normalisation ---
 *
 * Sums of a channel: each window's in its lane, position by position, and then the n windows' in their order. */

static double add_windows(const real *lane, size_t n)
{
    double sum = 0;
    for (size_t w = 0; w < n; w++)
        sum += (double)lane[w];
    return sum;
}

/* Mean and variance of each channel of `in`, (in_length, stride, MG_BATCH), over n windows. */
static void measure_channels(mg_backprop *b, size_t l, size_t n)
{
    const mg_batch_shape *layer = &b->trainable->layer[l].shape;
    const real *in = b->activation[l];
    mg_norm_state *state = &b->norm[l];
    int64_t channels = layer->in_channels, row = b->trainable->stride[l] * MG_BATCH;
    double count = (double)n * (double)layer->in_length;
    real *sum = b->lane[0], *square = b->lane[1];
    memset(sum, 0, (size_t)(channels * MG_BATCH) * sizeof *sum);
    memset(square, 0, (size_t)(channels * MG_BATCH) * sizeof *square);
    for (int64_t t = 0; t < layer->in_length; t++)
        for (int64_t i = 0; i < channels * MG_BATCH; i++)
            sum[i] += in[t * row + i];
    for (int64_t c = 0; c < channels; c++)
        state->mean[c] = add_windows(sum + c * MG_BATCH, n) / count;
    for (int64_t t = 0; t < layer->in_length; t++)
        for (int64_t c = 0; c < channels; c++) {
            const real *x = in + t * row + c * MG_BATCH;
            real *to = square + c * MG_BATCH, middle = (real)state->mean[c];
            for (int w = 0; w < MG_BATCH; w++)
                to[w] += (x[w] - middle) * (x[w] - middle);
        }
    for (int64_t c = 0; c < channels; c++)
        state->variance[c] = add_windows(square + c * MG_BATCH, n) / count;
}

static void norm_forward(mg_backprop *b, size_t l, size_t n, bool training)
{
    const mg_trainable *net = b->trainable;
    const mg_batch_shape *layer = &net->layer[l].shape;
    const double *value = net->parameter + net->first[l];
    const real *in = b->activation[l];
    real *out = b->activation[l + 1];
    mg_norm_state *state = &b->norm[l];
    int64_t channels = layer->in_channels, row = net->stride[l] * MG_BATCH;
    state->own = training && (double)n * (double)layer->in_length > 1;
    for (int64_t c = 0; c < channels; c++) {
        state->mean[c] = value[MG_NORM_MEAN * channels + c];
        state->variance[c] = fmax(value[MG_NORM_VARIANCE * channels + c], 0); /* rounding may leave it below */
    }
    if (state->own) measure_channels(b, l, n);
    for (int64_t c = 0; c < channels; c++)
        state->factor[c] = 1 / sqrt(state->variance[c] + net->layer[l].node->norm->eps);
    for (int64_t t = 0; t < layer->in_length; t++)
        for (int64_t c = 0; c < channels; c++) {
            real middle = (real)state->mean[c], shift = (real)value[MG_NORM_BIAS * channels + c];
            real scale = (real)(value[MG_NORM_WEIGHT * channels + c] * state->factor[c]);
            for (int64_t i = t * row + c * MG_BATCH, end = i + MG_BATCH; i < end; i++)
                out[i] = (in[i] - middle) * scale + shift;
        }
}

/* state->slope, state->product */
static void add_slopes(mg_backprop *b, size_t l, size_t n, const real *g)
{
    const mg_batch_shape *layer = &b->trainable->layer[l].shape;
    const real *in = b->activation[l];
    mg_norm_state *state = &b->norm[l];
    int64_t channels = layer->in_channels, row = b->trainable->stride[l] * MG_BATCH;
    real *slope = b->lane[0], *product = b->lane[1];
    memset(slope, 0, (size_t)(channels * MG_BATCH) * sizeof *slope);
    memset(product, 0, (size_t)(channels * MG_BATCH) * sizeof *product);
    for (int64_t t = 0; t < layer->in_length; t++)
        for (int64_t c = 0; c < channels; c++) {
            const real *x = in + t * row + c * MG_BATCH, *y = g + t * row + c * MG_BATCH;
            real *s = slope + c * MG_BATCH, *p = product + c * MG_BATCH, middle = (real)state->mean[c];
            for (int w = 0; w < MG_BATCH; w++) {
                s[w] += y[w];
                p[w] += y[w] * (x[w] - middle);
            }
        }
    for (int64_t c = 0; c < channels; c++) {
        state->slope[c] = add_windows(slope + c * MG_BATCH, n);
        state->product[c] = add_windows(product + c * MG_BATCH, n) * state->factor[c];
    }
}

/* gradient (MG_NORM_ROWS, channels): of weight and bias, and what running mean and variance lose */
static void norm_gradient(mg_backprop *b, size_t l, size_t n, const real *g, size_t n_after, real *gradient)
{
    const mg_batch_shape *layer = &b->trainable->layer[l].shape;
    const mg_norm *norm = b->trainable->layer[l].node->norm;
    const mg_norm_state *state = &b->norm[l];
    const double *value = b->trainable->parameter + b->trainable->first[l];
    int64_t channels = layer->in_channels;
    double count = (double)n * (double)layer->in_length;
    double share = state->own ? norm->momentum * pow(1 - norm->momentum, (double)n_after) : 0;
    add_slopes(b, l, n, g);
    for (int64_t c = 0; c < channels; c++) {
        double mean = value[MG_NORM_MEAN * channels + c], variance = value[MG_NORM_VARIANCE * channels + c];
        double unbiased = state->variance[c] * count / fmax(count - 1, 1);
        gradient[MG_NORM_WEIGHT * channels + c] = norm->affine ? (real)state->product[c] : 0;
        gradient[MG_NORM_BIAS * channels + c] = norm->affine ? (real)state->slope[c] : 0;
        gradient[MG_NORM_MEAN * channels + c] = (real)(share * (mean - state->mean[c]));
        gradient[MG_NORM_VARIANCE * channels + c] = (real)(share * (variance - unbiased));
    }
}

/* After norm_gradient(). With y = (x - mean) factor and means over the count values that mean and variance are of:
 * gradient of x = weight factor (g - mean of g - y * mean of g y). */
static void norm_backward(const mg_backprop *b, size_t l, size_t n, const real *g, real *g_in)
{
    const mg_trainable *net = b->trainable;
    const mg_batch_shape *layer = &net->layer[l].shape;
    const mg_norm_state *state = &b->norm[l];
    const real *in = b->activation[l];
    int64_t channels = layer->in_channels, row = net->stride[l] * MG_BATCH;
    double share = state->own ? 1 / ((double)n * (double)layer->in_length) : 0;
    memset(g_in, 0, (size_t)net->size[l] * sizeof *g_in); /* also where there is no window or channel */
    for (int64_t t = 0; t < layer->in_length; t++)
        for (int64_t c = 0; c < channels; c++) {
            const real *x = in + t * row + c * MG_BATCH, *y = g + t * row + c * MG_BATCH;
            real *to = g_in + t * row + c * MG_BATCH, middle = (real)state->mean[c];
            double factor = net->parameter[net->first[l] + (size_t)c] * state->factor[c];
            real by_slope = (real)factor, by_one = (real)(factor * share * state->slope[c]);
            real by_value = (real)(factor * share * state->product[c] * state->factor[c]);
            for (size_t w = 0; w < n; w++)
                to[w] = by_slope * y[w] - (by_value * (x[w] - middle) + by_one);
        }
}

/* --- the walk --- */

/* A ReLU right before a max pool is done after it, on fewer numbers: the largest of max(x, 0) is max(largest x, 0), and
 * where it is not 0 the winner is the same. The value between the two is left out. */
static bool joins_pool(const mg_trainable *net, size_t l)
{
    return net->layer[l].role == MG_TRAINED_RECTIFIER && l + 1 < net->n_layers &&
           net->layer[l + 1].role == MG_TRAINED_CHOICE && !(net->recipe[l].dropout > 0);
}

static void map_up(mg_backprop *b, size_t l, size_t n, bool training)
{
    (void)n;
    (void)training;
    linear_forward(b->trainable, l, b->activation[l], b->activation[l + 1]);
}

static void rectifier_up(mg_backprop *b, size_t l, size_t n, bool training)
{
    (void)n;
    (void)training;
    if (!joins_pool(b->trainable, l)) relu_forward(b->activation[l], b->trainable->size[l], b->activation[l + 1]);
}

static void function_up(mg_backprop *b, size_t l, size_t n, bool training)
{
    (void)n;
    (void)training;
    function_forward(&b->trainable->layer[l], b->activation[l], b->trainable->size[l], b->activation[l + 1]);
}

static void choice_up(mg_backprop *b, size_t l, size_t n, bool training)
{
    (void)n;
    (void)training;
    const mg_trainable *net = b->trainable;
    real *out = b->activation[l + 1];
    bool joined = l > 0 && joins_pool(net, l - 1);
    max_forward(&net->layer[l], b->activation[joined ? l - 1 : l], out, b->winner[l]);
    if (joined) relu_forward(out, net->size[l + 1], out);
}

static void mean_up(mg_backprop *b, size_t l, size_t n, bool training)
{
    (void)n;
    (void)training;
    average_forward(&b->trainable->layer[l], b->activation[l], b->activation[l + 1]);
}

static void map_down(mg_backprop *b, size_t l, size_t n, real *g, real *g_in)
{
    (void)n;
    linear_backward(b->trainable, l, g, g_in);
}

static void norm_down(mg_backprop *b, size_t l, size_t n, real *g, real *g_in)
{
    norm_backward(b, l, n, g, g_in);
}

static void rectifier_down(mg_backprop *b, size_t l, size_t n, real *g, real *g_in)
{
    (void)n;
    relu_backward(b->activation[l], b->trainable->size[l], g, g_in);
}

static void function_down(mg_backprop *b, size_t l, size_t n, real *g, real *g_in)
{
    (void)n;
    function_backward(&b->trainable->layer[l], b->activation[l], b->trainable->size[l], g, g_in);
}

/* g: INOUT where the pool is joined, and then what the ReLU lets through */
static void choice_down(mg_backprop *b, size_t l, size_t n, real *g, real *g_in)
{
    (void)n;
    const mg_trainable *net = b->trainable;
    if (l > 0 && joins_pool(net, l - 1)) relu_backward(b->activation[l + 1], net->size[l + 1], g, g);
    max_backward(&net->layer[l], b->winner[l], g, g_in);
}

static void mean_down(mg_backprop *b, size_t l, size_t n, real *g, real *g_in)
{
    (void)n;
    average_backward(&b->trainable->layer[l], g, g_in);
}

/* Gradient of the layer's own parameters: its slot of `gradient`. */
static void map_gradient(mg_backprop *b, size_t l, size_t n, const real *g, size_t n_after, real *gradient)
{
    (void)n;
    (void)n_after;
    const mg_trainable *net = b->trainable;
    const mg_batch_shape *shape = &net->layer[l].shape;
    real *bias = gradient + shape->out_channels * shape->in_channels * shape->taps;
    linear_gradient(net, l, b->activation[l], g, gradient, bias);
    if (net->recipe[l].no_bias) memset(bias, 0, (size_t)shape->out_channels * sizeof *bias);
}

/* By the kind's way. up: `training` - not just used;  down: from g, of the outputs, to g_in;  gradient: NULL: it has no parameters */
static const struct {
    void (*up)(mg_backprop *b, size_t l, size_t n, bool training);
    void (*down)(mg_backprop *b, size_t l, size_t n, real *g, real *g_in);
    void (*gradient)(mg_backprop *b, size_t l, size_t n, const real *g, size_t n_after, real *gradient);
} trained[MG_N_TRAINED] = {[MG_TRAINED_MAP] = {map_up, map_down, map_gradient},
                           [MG_TRAINED_NORM] = {norm_forward, norm_down, norm_gradient},
                           [MG_TRAINED_RECTIFIER] = {rectifier_up, rectifier_down, NULL},
                           [MG_TRAINED_FUNCTION] = {function_up, function_down, NULL},
                           [MG_TRAINED_CHOICE] = {choice_up, choice_down, NULL},
                           [MG_TRAINED_MEAN] = {mean_up, mean_down, NULL}};

/* key: seeds of the dropout, NULL: the network is used, not trained */
static void up(mg_backprop *b, size_t n, const mg_base *const *base, const uint64_t *key, double *score)
{
    put_input(b, n, base);
    for (size_t l = 0; l < b->trainable->n_layers; l++) {
        trained[b->trainable->layer[l].role].up(b, l, n, key != NULL);
        if (key == NULL || b->dropped[l] == NULL) continue;
        draw_dropped(b, l, n, key);
        drop(b, l, b->activation[l + 1]);
    }
    take_scores(b, n, score);
}

/* slope: of the loss in each window's log-odds */
static void down(mg_backprop *b, size_t n, const double *slope, size_t n_after, void *gradient)
{
    const mg_trainable *net = b->trainable;
    real *g = b->gradient[0], *g_in = b->gradient[1];
    put_slopes(b, n, slope);
    for (size_t l = net->n_layers; l-- > 0;) {
        if (b->dropped[l] != NULL) drop(b, l, g);
        mg_trained role = net->layer[l].role;
        if (trained[role].gradient != NULL)
            trained[role].gradient(b, l, n, g, n_after, (real *)gradient + net->first[l]);
        if (l <= net->lowest) return; /* nothing below has weights */
        if (joins_pool(net, l)) continue;
        trained[role].down(b, l, n, g, g_in);
        real *swap = g;
        g = g_in;
        g_in = swap;
    }
}
