/* test_graph_nets.c  every rule on every kind: twenty small networks whose values an independent float64 engine, Captum,
 * tangermeme and zennit agreed on (tests/data/onnx/README.md), read from ONNX
 *
 * Tolerances are shares of the largest value. PyTorch's exporter folds batch norms in float32, so 1e-6 is what float64 can
 * reach from these files; float32 passes are held to 1e-4.
 */
#include "tests/support/support.h"

#include "io/base/whole_file.h"
#include "io/model/onnx.h"
#include "src/attribution/gauss_legendre.h"
#include "src/engine/pass.h"
#include "src/engine/tile_scan.h"
#include "src/graph/kind.h"
#include "src/graph/rewrite.h"

#define NETS "tests/data/graph_nets.h5"

static const double TOLERANCE[] = {1e-4, 2e-6};

/* With epsilon 1e-6 the rule z m / (z + epsilon sign(z)) has a slope of up to m / epsilon where z is near 0: rounding of z, in
 * float32 or by the exporter, shows that many times larger: by 1e-3 of scale where float32
 * gives z = 1e-6 to one digit. The gamma rule, which is the default, has no such places. */
static const double TOLERANCE_EPSILON[] = {3e-3, 1e-5};
enum { WINDOWS = 6, STEPS = 50, REFERENCES = 4 };

/* --- graphs of scores --- */

static mg_graph *read_net(const char *net)
{
    char path[256];
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_error err = {0};
    mg_graph *graph = NULL, *folded = NULL;
    const mg_model_words words = {0};
    snprintf(path, sizeof path, "tests/data/onnx/%s.onnx", net);
    if (mg_whole_file_read(path, (size_t)1 << 30, &bytes, &n, &err) != MG_OK ||
        mg_onnx_read(path, bytes, n, &words, &graph, &err) != MG_OK || mg_graph_fold(graph, &folded, &err) != MG_OK)
        fail_msg("%s: %s", net, err.text);
    free(bytes);
    return folded;
}

static size_t add(mg_graph *graph, mg_node *node, size_t input)
{
    size_t value;
    mg_error err = {0};
    if (mg_graph_add(graph, node, 1, &input, &value, &err) != MG_OK) fail_msg("%s", err.text);
    return value;
}

static size_t add_dense(mg_graph *graph, size_t input, const double *weight, int64_t n)
{
    mg_node dense = {.kind = mg_kind_find("dense"), .name = "score", .n_weight = n, .weight = calloc((size_t)n, 8)};
    memcpy(dense.weight, weight, (size_t)n * sizeof *weight);
    return add(graph, &dense, input);
}

/* The value behind which there is only the activation of the head. */
static size_t linear_output(const mg_graph *graph, size_t value)
{
    while (value > 0 && (mg_value_node(graph, value)->kind->traits & MG_TRAIT_GATE) != 0)
        value = mg_value_node(graph, value)->input[0];
    return value;
}

/* The weighted sum of a linear node's outputs, folded into it. */
static size_t add_folded(mg_graph *graph, size_t value, const double *weight)
{
    const mg_node *last = mg_value_node(graph, value);
    int64_t channels = graph->extent[value].channels, row = last->n_weight / channels;
    mg_node node = {
        .kind = last->kind, .name = "folded", .slide = last->slide, .groups = 1, .n_weight = row, .n_bias = 1};
    size_t input = last->input[0];
    node.weight = calloc((size_t)row, sizeof *node.weight);
    node.bias = calloc(1, sizeof *node.bias);
    for (int64_t o = 0; o < channels; o++) {
        for (int64_t i = 0; i < row; i++)
            node.weight[i] += weight[o] * last->weight[o * row + i];
        node.bias[0] += weight[o] * last->bias[o];
    }
    return add(graph, &node, input);
}

static size_t add_position(mg_graph *graph, size_t value, int64_t t)
{
    int64_t channels = graph->extent[value].channels;
    mg_node at = {.kind = mg_kind_find("gather"), .name = "at", .asked = {1, channels}};
    at.index = calloc((size_t)channels, sizeof *at.index);
    for (int64_t c = 0; c < channels; c++)
        at.index[c] = t * channels + c;
    return add(graph, &at, value);
}

static size_t add_score(mg_graph *graph, const char *net, const char *score, const array *weights, bool lrp)
{
    static const double margin[] = {-1, 1, 0}, one = 1;
    size_t value = linear_output(graph, graph->output[0].value);
    if (strcmp(score, "counts") == 0) return add_dense(graph, graph->output[1].value, &one, 1);
    if (strcmp(score, "profile_weighted") == 0) {
        mg_node profile = {.kind = mg_kind_find("profile"), .name = "profile"};
        return add(graph, &profile, value);
    }
    if (strcmp(score, "log_odds_1_at_40") == 0) {
        mg_node odds = {.kind = mg_kind_find("log_odds"), .name = "odds", .asked = {1, 1}};
        odds.index = calloc(1, sizeof *odds.index);
        odds.index[0] = 1;
        return add(graph, &odds, add_position(graph, value, 40));
    }
    const double *w = strcmp(score, "log_p1_minus_log_p0_at_40") == 0 ? margin : weights->value;
    if (strncmp(net, "03", 2) == 0 && lrp) { /* folded into the convolution, behind which there is the crop */
        const mg_node *crop = mg_value_node(graph, value);
        size_t before = (crop->kind->traits & MG_TRAIT_WEIGHTS) != 0 ? value : crop->input[0];
        return add_position(graph, add_folded(graph, before, w), 40);
    }
    if (strncmp(net, "03", 2) == 0) return add_dense(graph, add_position(graph, value, 40), w, 3);
    if ((mg_value_node(graph, value)->kind->traits & MG_TRAIT_WEIGHTS) != 0) return add_folded(graph, value, w);
    if (graph->extent[value].channels == 1 && w[0] == 1.0) return value;
    return add_dense(graph, value, w, graph->extent[value].channels);
}

/* --- comparison --- */

typedef struct {
    hid_t file;
    const char *net, *score;
    mg_graph *graph;
    mg_precision precision;
    mg_plan *plan;
    mg_pass *pass;
    array x, references;
    int64_t size; /* L * 4 */
    double *got;  /* (WINDOWS * REFERENCES, L, 4) */
    double worst; /* of all values, over their scale */
    int n_compared;
} bench;

static bool has(const bench *b, const char *what, char path[256])
{
    snprintf(path, 256, "%s/scores/%s/%s", b->net, b->score, what);
    htri_t there;
    H5E_BEGIN_TRY
    {
        there = H5Lexists(b->file, path, H5P_DEFAULT);
    }
    H5E_END_TRY;
    return there > 0;
}

static double tolerance(const bench *b, const char *what)
{
    double more = b->precision == MG_SINGLE ? rounding() : 1;
    if (strncmp(what, "lrp_epsilon", 11) == 0) return more * TOLERANCE_EPSILON[b->precision];
    bool steps = strncmp(what, "integrated_gradients", 20) == 0;
    return (steps ? more : 1) * TOLERANCE[b->precision];
}

static void compare(bench *b, const char *what, const double *got)
{
    char path[256];
    bool there = has(b, what, path);
    if (!there) fail_msg("%s is not in the file", path);
    array want = read_array(b->file, path);
    double off = deviation(got, want.value, want.n);
    free(want.value);
    b->n_compared++;
    if (!(off <= b->worst)) b->worst = off;
    if (!(off <= tolerance(b, what)))
        fail_msg("%s, %s, %s (%s): %g of scale off", b->net, b->score, what,
                 b->precision == MG_SINGLE ? "float32" : "float64", off);
}

static const double *window_of(const bench *b, int w)
{
    return b->x.value + w * b->size;
}

static void check_rule(bench *b, const char *what, const mg_rule *rule)
{
    mg_error err = {0};
    if (mg_plan_check_rule(b->plan, rule->kind, what, &err) != MG_OK) fail_msg("%s: %s", b->net, err.text);
    for (int w = 0; w < WINDOWS; w++) {
        mg_pass_forward(b->pass, window_of(b, w));
        mg_pass_backward(b->pass, rule, b->got + w * b->size);
    }
    compare(b, what, b->got);
}

static void check_gradients(bench *b)
{
    static const mg_rule gradient = {.kind = MG_RULE_GRADIENT}, guided = {.kind = MG_RULE_GUIDED},
                         deconvolution = {.kind = MG_RULE_DECONVOLUTION};
    check_rule(b, "gradient", &gradient);
    check_rule(b, "guided_backprop", &guided);
    check_rule(b, "deconvolution", &deconvolution);
}

static void check_deeplift(bench *b)
{
    static const mg_rule rescale = {.kind = MG_RULE_RESCALE};
    mg_error err = {0};
    if (mg_plan_check_rule(b->plan, MG_RULE_RESCALE, "deeplift", &err) != MG_OK) fail_msg("%s: %s", b->net, err.text);
    double *zeros = calloc((size_t)b->size, sizeof *zeros);
    for (int w = 0; w < WINDOWS; w++) {
        mg_pass_forward(b->pass, window_of(b, w));
        mg_pass_forward_reference(b->pass, zeros);
        mg_pass_backward(b->pass, &rescale, b->got + w * b->size);
    }
    free(zeros);
    compare(b, "deeplift_rescale/zeros/multipliers", b->got);
    for (int w = 0; w < WINDOWS; w++)
        for (int r = 0; r < REFERENCES; r++) {
            mg_pass_forward(b->pass, window_of(b, w));
            mg_pass_forward_reference(b->pass, b->references.value + (w * REFERENCES + r) * b->size);
            mg_pass_backward(b->pass, &rescale, b->got + (w * REFERENCES + r) * b->size);
        }
    compare(b, "deeplift_rescale/shuffles/multipliers", b->got);
}

/* 50 Gauss-Legendre steps from zeros, by plain quadrature. */
static void check_path(bench *b)
{
    double node[STEPS], weight[STEPS];
    double *scratch = calloc((size_t)b->size * 2, sizeof *scratch), *zeros = calloc((size_t)b->size, sizeof *zeros);
    mg_gauss_legendre(STEPS, node, weight);
    for (int w = 0; w < WINDOWS; w++) {
        double *to = b->got + w * b->size;
        mg_pass_forward(b->pass, window_of(b, w));
        mg_pass_mean_gradient_ref(b->pass, window_of(b, w), zeros, STEPS, node, weight, scratch, to);
        for (int64_t i = 0; i < b->size; i++)
            to[i] *= window_of(b, w)[i];
    }
    compare(b, "integrated_gradients_zeros_gl50", b->got);
    free(scratch);
    free(zeros);
}

static void check_lrp(bench *b)
{
    char path[256];
    const mg_linear_rule gamma = {.kind = MG_LINEAR_GAMMA, .gamma = 0.05, .epsilon = 1e-6},
                         epsilon = {.kind = MG_LINEAR_EPSILON, .epsilon = 1e-6};
    if (!has(b, "lrp_gamma_0.05/multipliers", path)) {
        mg_error err = {0};
        assert_int_equal(mg_plan_check_rule(b->plan, MG_RULE_LRP, "lrp", &err), MG_EINPUT);
        return;
    }
    check_rule(b, "lrp_gamma_0.05/multipliers", &(mg_rule){.kind = MG_RULE_LRP, .convolution = gamma, .dense = gamma});
    check_rule(b, "lrp_epsilon_1e-6/multipliers",
               &(mg_rule){.kind = MG_RULE_LRP, .convolution = epsilon, .dense = epsilon});
}

static void check_scores(bench *b)
{
    double f[WINDOWS];
    for (int w = 0; w < WINDOWS; w++)
        f[w] = mg_pass_forward(b->pass, window_of(b, w));
    compare(b, "score", f);
}

/* Effects by forward passes of mutants; and in float32 by the tile scan. */
static void check_effects(bench *b)
{
    char path[256];
    mg_error err = {0};
    int64_t length = b->size / 4;
    mg_tile_scan *scan = NULL;
    mg_base *base = calloc((size_t)length, sizeof *base);
    float *effect = calloc((size_t)b->size, sizeof *effect);
    if (mg_tile_scan_create(b->plan, true, &scan, &err) != MG_OK) fail_msg("%s", err.text);
    for (int w = 0; w < WINDOWS; w++) {
        for (int64_t i = 0; i < length; i++) {
            base[i] = MG_N_BASES;
            for (mg_base c = 0; c < 4; c++)
                if (window_of(b, w)[i * 4 + c] == 1.0) base[i] = c;
        }
        mg_pass_forward(b->pass, window_of(b, w));
        mg_tile_scan_window(scan, b->pass, base, effect);
        for (int64_t i = 0; i < b->size; i++)
            b->got[w * b->size + i] = (double)effect[i];
    }
    if (has(b, "ism", path)) compare(b, "ism", b->got);
    mg_tile_scan_destroy(scan);
    free(base);
    free(effect);
}

/* --- all of it --- */

static void check_score(hid_t file, const char *net, const char *score, mg_precision precision, bool lrp)
{
    char path[256];
    mg_error err = {0};
    mg_graph *all = read_net(net);
    array weights = {0};
    bench b = {.file = file, .net = net, .score = score, .precision = precision};
    if (has(&b, "weights_of_outputs", path)) weights = read_array(file, path);
    size_t value = add_score(all, net, score, &weights, lrp);
    if (mg_graph_prune(all, value, &b.graph, &err) != MG_OK ||
        mg_plan_create(b.graph, precision, &b.plan, &err) != MG_OK || mg_pass_create(b.plan, &b.pass, &err) != MG_OK)
        fail_msg("%s: %s", net, err.text);
    snprintf(path, sizeof path, "%s/x", net);
    b.x = read_array(file, path);
    snprintf(path, sizeof path, "%s/references", net);
    b.references = read_array(file, path);
    b.size = b.graph->length * 4;
    b.got = calloc((size_t)(WINDOWS * REFERENCES * b.size), sizeof *b.got);
    if (lrp) {
        check_lrp(&b);
    } else {
        check_scores(&b);
        check_gradients(&b);
        check_deeplift(&b);
        check_path(&b);
        if (precision == MG_SINGLE) check_effects(&b);
    }
    print_message("# %s, %s%s, %s: %d arrays, %.1e\n", net, score, lrp ? ", LRP" : "",
                  precision == MG_SINGLE ? "float32" : "float64", b.n_compared, b.worst);
    mg_pass_destroy(b.pass);
    mg_plan_destroy(b.plan);
    mg_graph_destroy(b.graph);
    mg_graph_destroy(all);
    free(b.got);
    free(b.x.value);
    free(b.references.value);
    free(weights.value);
}

static const struct {
    const char *net, *score;
} scores[] = {{"01_bpnet_residual_dilated", "output1_minus_output0"},
              {"02_chrombpnet_crop_two_heads", "counts"},
              {"02_chrombpnet_crop_two_heads", "profile_weighted"},
              {"03_splice_preactivation_skip", "log_p1_minus_log_p0_at_40"},
              {"03_splice_preactivation_skip", "log_odds_1_at_40"},
              {"04_concat_multi_kernel", "output2"},
              {"05_gelu", "output1_minus_output0"},
              {"06_elu_softplus", "output0"},
              {"07_gated_tanh_sigmoid", "weighted_sum"},
              {"08_exp_first_layer", "output0"},
              {"09_global_max_dense", "output1_minus_output0"},
              {"10_reverse_complement_shared", "sum_of_strands"},
              {"11_separable_grouped", "output1_minus_output0"},
              {"12_leaky_prelu", "output0"},
              {"13_layer_norm", "output1_minus_output0"},
              {"16_multi_task_12", "weighted_sum_of_12"},
              {"17_squeeze_excitation", "output1_minus_output0"},
              {"18a_conv2d_L4", "output1_minus_output0"},
              {"18b_conv2d_4L", "output1_minus_output0"}};

static void check_one(void **state)
{
    size_t i = *(const size_t *)*state;
    hid_t file = H5Fopen(NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    for (int precision = MG_SINGLE; precision <= MG_DOUBLE; precision++)
        for (int lrp = 0; lrp < 2; lrp++)
            check_score(file, scores[i].net, scores[i].score, (mg_precision)precision, lrp == 1);
    H5Fclose(file);
}

int main(void)
{
    enum { N = sizeof scores / sizeof scores[0] };
    static size_t number[N];
    static char name[N][128];
    static struct CMUnitTest tests[N];
    for (size_t i = 0; i < N; i++) {
        number[i] = i;
        snprintf(name[i], sizeof name[i], "%s, %s", scores[i].net, scores[i].score);
        tests[i] = (struct CMUnitTest){.name = name[i], .test_func = check_one, .initial_state = &number[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
