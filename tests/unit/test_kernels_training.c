/* test_kernels_training.c  the kernels of training against their definitions, to the last bit, each instruction set of this
 * machine: linear layers forward, back, and the gradients of their weights, shapes at the edges and random ones; --seed N
 * draws others */
#include "src/graph/graph.h"
#include "src/training/backprop_inside.h"
#include "tests/support/kernel_rows.h"
#include "tests/support/layers.h"

enum { N_RANDOM = 100, N_LAYERS = 3 };

/* --- a layer by its definition; numbers are (position, channel, MG_BATCH) --- */

static float weight_of(const table_layer *layer, int64_t o, int64_t c, int64_t k)
{
    return (float)layer->weight[(o * layer->in_channels + c) * layer->kernel + k];
}

/* The input position that tap k joins with output t, or -1. */
static int64_t position_of(const table_layer *layer, int64_t t, int64_t k)
{
    int64_t p = t * layer->stride + k * layer->dilation - layer->pad;
    return p >= 0 && p < layer->in_length ? p : -1;
}

static void add_product(bool fused, float weight, const float *x, float *sum)
{
    for (int w = 0; w < MG_BATCH; w++)
        sum[w] = multiply_add(fused, weight, x[w], sum[w]);
}

/* Terms in the order of taps, then channels. */
static float *forward_ref(bool fused, const table_layer *layer, const float *in)
{
    float *out = allocate(layer->out_length * layer->out_channels * MG_BATCH, sizeof *out);
    for (int64_t t = 0; t < layer->out_length; t++)
        for (int64_t o = 0; o < layer->out_channels; o++) {
            float *sum = out + (t * layer->out_channels + o) * MG_BATCH;
            for (int w = 0; w < MG_BATCH; w++)
                sum[w] = (float)layer->bias[o];
            for (int64_t k = 0; k < layer->kernel; k++) {
                const float *x = in + position_of(layer, t, k) * layer->in_channels * MG_BATCH;
                for (int64_t c = 0; c < layer->in_channels && position_of(layer, t, k) >= 0; c++)
                    add_product(fused, weight_of(layer, o, c, k), x + c * MG_BATCH, sum);
            }
        }
    return out;
}

static float *backward_ref(bool fused, const table_layer *layer, const float *g)
{
    float *g_in = allocate(layer->in_length * layer->in_channels * MG_BATCH, sizeof *g_in);
    for (int64_t p = 0; p < layer->in_length; p++)
        for (int64_t c = 0; c < layer->in_channels; c++)
            for (int64_t k = 0; k < layer->kernel; k++) {
                int64_t at = p + layer->pad - k * layer->dilation, t = at / layer->stride;
                if (at < 0 || at % layer->stride != 0 || t >= layer->out_length) continue;
                for (int64_t o = 0; o < layer->out_channels; o++)
                    add_product(fused, weight_of(layer, o, c, k), g + (t * layer->out_channels + o) * MG_BATCH,
                                g_in + (p * layer->in_channels + c) * MG_BATCH);
            }
    return g_in;
}

/* One weight's: in a sum for each lane over positions, then halves of the windows, then lanes. */
static float weight_gradient_ref(bool fused, const table_layer *layer, const float *in, const float *g, int64_t o,
                                 int64_t c, int64_t k)
{
    float lane[MG_LANES] = {0};
    for (int64_t t = 0; t < layer->out_length; t++) {
        if (position_of(layer, t, k) < 0) continue;
        const float *x = in + (position_of(layer, t, k) * layer->in_channels + c) * MG_BATCH;
        const float *y = g + (t * layer->out_channels + o) * MG_BATCH;
        for (int w = 0; w < MG_BATCH; w++)
            lane[w % MG_LANES] = multiply_add(fused, y[w], x[w], lane[w % MG_LANES]);
    }
    return add_halves_ref(lane);
}

static float bias_gradient_ref(const table_layer *layer, const float *g, int64_t o)
{
    float lane[MG_LANES] = {0};
    for (int64_t t = 0; t < layer->out_length; t++)
        for (int w = 0; w < MG_BATCH; w++)
            lane[w % MG_LANES] += g[(t * layer->out_channels + o) * MG_BATCH + w];
    return add_halves_ref(lane);
}

/* weights (out_channels, in_channels, kernel), then the bias */
static void gradient_ref(bool fused, const table_layer *layer, const float *in, const float *g, float *gradient)
{
    for (int64_t o = 0; o < layer->out_channels; o++)
        for (int64_t c = 0; c < layer->in_channels; c++)
            for (int64_t k = 0; k < layer->kernel; k++)
                *gradient++ = weight_gradient_ref(fused, layer, in, g, o, c, k);
    for (int64_t o = 0; o < layer->out_channels; o++)
        *gradient++ = bias_gradient_ref(layer, g, o);
}

/* --- three layers: two convolutions and what makes a score of them --- */

static table_layer create_layer(gsl_rng *rng, const shape *s)
{
    table_layer layer = {.kind = LAYER_LINEAR,
                         .kernel = s->taps,
                         .stride = s->stride,
                         .dilation = s->dilation,
                         .pad = s->pad,
                         .in_length = s->in_length,
                         .in_channels = s->in_channels,
                         .out_length = outputs_of(s),
                         .out_channels = s->out_channels};
    int64_t n = s->out_channels * s->in_channels * s->taps;
    layer.weight = calloc((size_t)n, sizeof *layer.weight);
    layer.bias = calloc((size_t)s->out_channels, sizeof *layer.bias);
    for (int64_t i = 0; i < n; i++)
        layer.weight[i] = (double)draw(rng);
    for (int64_t o = 0; o < s->out_channels; o++)
        layer.bias[o] = (double)draw(rng);
    return layer;
}

static layer_table *create_network(gsl_rng *rng, const shape *first, const shape *second)
{
    layer_table *network = calloc(1, sizeof *network);
    network->length = first->in_length;
    network->n_outputs = 1;
    network->head = MG_LOGISTIC_HEAD;
    network->n_layers = N_LAYERS;
    network->layer = calloc(N_LAYERS, sizeof *network->layer);
    network->layer[0] = create_layer(rng, first);
    network->layer[1] = create_layer(rng, second);
    shape last = {outputs_of(second), 1, 0, 1, outputs_of(second), second->out_channels, 1};
    network->layer[2] = create_layer(rng, &last);
    return network;
}

/* n windows of random bases, one of 20 unknown, and what they are as an input. */
static mg_base *draw_bases(gsl_rng *rng, size_t n, int64_t length, const mg_base **window, float *input)
{
    mg_base *base = allocate((int64_t)n * length, sizeof *base);
    for (size_t w = 0; w < n; w++) {
        window[w] = base + w * (size_t)length;
        for (int64_t p = 0; p < length; p++) {
            mg_base b = base[w * (size_t)length + (size_t)p] = (mg_base)(below(rng, 20) == 0 ? 4 : below(rng, 4));
            if (b < 4) input[(p * 4 + b) * MG_BATCH + (int64_t)w] = 1;
        }
    }
    return base;
}

/* got is padded to `stride` channels. */
static void check_activation(const kernel_set *set, const table_layer *layer, const float *got, int64_t stride,
                             const float *wanted)
{
    for (int64_t t = 0; t < layer->out_length; t++)
        check_bits(set, "forward", got + t * stride * MG_BATCH, wanted + t * layer->out_channels * MG_BATCH,
                   layer->out_channels * MG_BATCH);
}

typedef struct {
    layer_table *network;
    mg_graph *graph;
    mg_trainable *net;
    mg_backprop *b;
    float *activation[N_LAYERS + 1]; /* as they should be */
    float *got, *wanted;             /* gradients of all parameters */
} bench;

static bench open_bench(gsl_rng *rng, const kernel_set *set, const shape *first, const shape *second)
{
    static const mg_layer_recipe recipe[N_LAYERS];
    bench x = {.network = create_network(rng, first, second)};
    x.graph = graph_of(x.network);
    setenv("MUTAGREE_ISA", set->kernels->name, 1);
    assert_int_equal(mg_trainable_create(x.graph, recipe, MG_SINGLE, &x.net, NULL), MG_OK);
    unsetenv("MUTAGREE_ISA");
    assert_string_equal(x.net->walk->name, set->kernels->name);
    assert_int_equal(mg_backprop_create(x.net, &x.b, NULL), MG_OK);
    double *parameter = allocate((int64_t)x.net->n, sizeof *parameter);
    mg_parameters_read(x.graph, parameter);
    mg_trainable_load(x.net, parameter, 1);
    free(parameter);
    x.activation[0] = allocate(first->in_length * 4 * MG_BATCH, sizeof(float));
    x.got = allocate_untouched((int64_t)x.net->n);
    x.wanted = allocate_untouched((int64_t)x.net->n);
    return x;
}

static void close_bench(bench *x)
{
    for (int l = 0; l <= N_LAYERS; l++)
        free(x->activation[l]);
    mg_backprop_destroy(x->b);
    mg_trainable_destroy(x->net);
    mg_graph_destroy(x->graph);
    table_destroy(x->network);
    free(x->got);
    free(x->wanted);
}

static void check_up(const kernel_set *set, bench *x, size_t n, const mg_base *const *window)
{
    double score[MG_BATCH];
    x->net->walk->up(x->b, n, window, NULL, score);
    for (size_t l = 0; l < N_LAYERS; l++) {
        x->activation[l + 1] = forward_ref(set->fused, &x->network->layer[l], x->activation[l]);
        check_activation(set, &x->network->layer[l], x->b->activation[l + 1], x->net->stride[l + 1],
                         x->activation[l + 1]);
    }
    for (size_t w = 0; w < n; w++)
        assert_true(score[w] == (double)x->activation[N_LAYERS][w]);
}

static void check_down(gsl_rng *rng, const kernel_set *set, bench *x, size_t n)
{
    double slope[MG_BATCH];
    float *g = allocate(MG_BATCH, sizeof *g);
    for (size_t w = 0; w < n; w++) {
        g[w] = draw(rng);
        slope[w] = (double)g[w];
    }
    x->net->walk->down(x->b, n, slope, 0, x->got);
    for (size_t l = N_LAYERS; l-- > 0;) {
        const table_layer *layer = &x->network->layer[l];
        gradient_ref(set->fused, layer, x->activation[l], g, x->wanted + x->net->first[l]);
        float *g_in = backward_ref(set->fused, layer, g);
        free(g);
        g = g_in;
    }
    free(g);
    check_bits(set, "gradient", x->got, x->wanted, (int64_t)x->net->n);
}

static void check_network(gsl_rng *rng, const kernel_set *set, const shape *first, const shape *second, size_t n)
{
    const mg_base *window[MG_BATCH];
    bench x = open_bench(rng, set, first, second);
    mg_base *base = draw_bases(rng, n, first->in_length, window, x.activation[0]);
    check_up(set, &x, n, window);
    check_down(rng, set, &x, n);
    free(base);
    close_bench(&x);
}

static shape draw_small_shape(gsl_rng *rng, int64_t length, int64_t channels)
{
    shape s;
    do {
        s = (shape){between(rng, 1, 6), between(rng, 1, 2), between(rng, 0, 2), between(rng, 1, 3), length,
                    channels,           between(rng, 1, 21)};
    } while (outputs_of(&s) == 0);
    return s;
}

static void test_linear_layers(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        shape one = {1, 1, 0, 1, 1, 4, 1}, one_more = {1, 1, 0, 1, 1, 1, 1};    /* one position, one channel */
        shape all = {12, 1, 0, 1, 12, 4, 9}, all_more = {1, 1, 0, 1, 1, 9, 33}; /* kernel = length */
        check_network(rng, &set[s], &one, &one_more, 1);
        check_network(rng, &set[s], &all, &all_more, MG_BATCH);
        for (int i = 0; i < N_RANDOM; i++) {
            shape first = draw_small_shape(rng, between(rng, 1, 25), 4);
            shape second = draw_small_shape(rng, outputs_of(&first), first.out_channels);
            check_network(rng, &set[s], &first, &second, (size_t)between(rng, 1, MG_BATCH));
        }
        gsl_rng_free(rng);
    }
}

int main(int argc, char **argv)
{
    read_seed(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_linear_layers)};
    return cmocka_run_group_tests_name("kernels: training", tests, NULL, NULL);
}
