/* onnx_arithmetic.c  operators on single numbers, along axes, and on two tensors; GELU that comes in pieces */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/model/onnx_call.h"

/* --- functions of one variable --- */

static const struct {
    const char *operator, * kind;
    const char *number[2]; /* attributes that are its settings */
    double missing[2];
} functions[] = {{"Relu", "relu", {NULL, NULL}, {0, 0}},
                 {"LeakyRelu", "leaky_relu", {"alpha", NULL}, {0.01, 0}},
                 {"Elu", "elu", {"alpha", NULL}, {1.0, 0}},
                 {"Sigmoid", "sigmoid", {NULL, NULL}, {0, 0}},
                 {"HardSigmoid", "hard_sigmoid", {"alpha", "beta"}, {0.2, 0.5}},
                 {"Tanh", "tanh", {NULL, NULL}, {0, 0}},
                 {"Exp", "exp", {NULL, NULL}, {0, 0}},
                 {"Log", "log", {NULL, NULL}, {0, 0}},
                 {"Sqrt", "sqrt", {NULL, NULL}, {0, 0}},
                 {"Reciprocal", "reciprocal", {NULL, NULL}, {0, 0}},
                 {"Softplus", "softplus", {NULL, NULL}, {0, 0}},
                 {"Floor", "floor", {NULL, NULL}, {0, 0}},
                 {"Ceil", "ceil", {NULL, NULL}, {0, 0}},
                 {"Abs", "abs", {NULL, NULL}, {0, 0}},
                 {"Round", "round", {NULL, NULL}, {0, 0}}};

static mg_status run_function(mg_onnx_call *call, mg_error *err)
{
    size_t i = 0;
    double number[MG_NODE_NUMBERS] = {0};
    mg_view view;
    while (strcmp(functions[i].operator, call->node->op_type) != 0)
        i++;
    for (int k = 0; k < 2; k++)
        if (functions[i].number[k] != NULL)
            number[k] = mg_onnx_real(call, functions[i].number[k], functions[i].missing[k]);
    mg_status status = mg_front_function(call->front, functions[i].kind, number, mg_onnx_view(call, 0), &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

/* Ours has the constants of the paper, which are the defaults. */
static mg_status run_selu(mg_onnx_call *call, mg_error *err)
{
    mg_view view;
    bool usual = fabs(mg_onnx_real(call, "alpha", 1.6732632423543772) - 1.6732632423543772) < 1e-4 &&
                 fabs(mg_onnx_real(call, "gamma", 1.0507009873554805) - 1.0507009873554805) < 1e-4;
    if (!usual) return mg_onnx_refuse(call, err, "SELU with other constants than those of its paper is not supported");
    mg_status status = mg_front_function(call->front, "selu", NULL, mg_onnx_view(call, 0), &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

static mg_status run_gelu(mg_onnx_call *call, mg_error *err)
{
    mg_view view;
    const char *kind = mg_onnx_text_is(call, "approximate", "tanh") ? "gelu_tanh" : "gelu";
    mg_status status = mg_front_function(call->front, kind, NULL, mg_onnx_view(call, 0), &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

/* x clip(x / 6 + 1/2, 0, 1);  x tanh(log(1 + exp x)) */
static mg_status run_gate(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    mg_view gate;
    double number[MG_NODE_NUMBERS] = {1.0 / 6.0, 0.5};
    bool mish = strcmp(call->node->op_type, "Mish") == 0;
    mg_status status = mg_front_function(call->front, mish ? "softplus" : "hard_sigmoid", number, in, &gate, err);
    if (status == MG_OK && mish) status = mg_front_function(call->front, "tanh", NULL, &gate, &gate, err);
    if (status == MG_OK) status = mg_front_arithmetic(call->front, MG_MULTIPLY, in, &gate, &gate, err);
    return status == MG_OK ? mg_onnx_give(call, &gate, false) : status;
}

static mg_status run_clip(mg_onnx_call *call, mg_error *err)
{
    double limit[2] = {mg_onnx_real(call, "min", -INFINITY), mg_onnx_real(call, "max", INFINITY)};
    mg_view view = *mg_onnx_view(call, 0);
    mg_status status = MG_OK;
    for (size_t k = 0; k < 2; k++) {
        const mg_view *given = mg_onnx_view(call, 1 + k);
        if (given != NULL && (!given->constant || mg_view_size(given) != 1))
            return mg_onnx_refuse(call, err, "its limits depend on the window, which is not supported");
        if (given != NULL) limit[k] = mg_view_number(given, 0);
    }
    for (int k = 0; k < 2 && status == MG_OK && view.constant; k++) {
        mg_view number = mg_view_scalar(&limit[k]);
        status = mg_front_arithmetic(call->front, k == 0 ? MG_MAXIMUM : MG_MINIMUM, &view, &number, &view, err);
    }
    double number[MG_NODE_NUMBERS] = {limit[0], limit[1]};
    bool is_relu = limit[0] == 0.0 && limit[1] > 1e30;
    if (status == MG_OK && !view.constant)
        status = mg_front_function(call->front, is_relu ? "relu" : "clip", number, &view, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

static mg_status run_neg(mg_onnx_call *call, mg_error *err)
{
    const double minus = -1.0;
    mg_view factor = mg_view_scalar(&minus), view;
    mg_status status = mg_front_arithmetic(call->front, MG_MULTIPLY, mg_onnx_view(call, 0), &factor, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

static mg_status run_pow(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0), *power = mg_onnx_view(call, 1);
    if (!power->constant || mg_view_size(power) != 1)
        return mg_onnx_refuse(call, err, "a power that is not one constant number is not supported");
    double p = mg_view_number(power, 0);
    mg_view view = *in;
    mg_status status = MG_OK;
    if (p == 0.5) status = mg_front_function(call->front, "sqrt", NULL, in, &view, err);
    if (p == -0.5) status = mg_front_function(call->front, "sqrt", NULL, in, &view, err);
    if (p == 2.0 || p == 3.0) status = mg_front_arithmetic(call->front, MG_MULTIPLY, in, in, &view, err);
    if (p == 3.0 && status == MG_OK) status = mg_front_arithmetic(call->front, MG_MULTIPLY, &view, in, &view, err);
    if ((p == -1.0 || p == -0.5) && status == MG_OK)
        status = mg_front_function(call->front, "reciprocal", NULL, &view, &view, err);
    if (status == MG_OK && p != 1.0 && p != 0.5 && p != -0.5 && p != 2.0 && p != 3.0 && p != -1.0)
        status = mg_onnx_refuse(call, err, "this power is not supported (known: -1, -1/2, 1/2, 1, 2, 3)");
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

/* --- GELU in pieces --- */

/* Whether input k is one constant number; then which. */
static bool one_number(const mg_onnx_call *call, size_t k, double *ret)
{
    const mg_view *view = mg_onnx_view(call, k);
    bool one = view != NULL && view->constant && mg_view_size(view) == 1;
    if (one) *ret = mg_view_number(view, 0);
    return one;
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-6 * fabs(b);
}

static mg_status run_erf(mg_onnx_call *call, mg_error *err)
{
    const mg_onnx_value *in = call->input[0];
    mg_view view;
    if (in->view.constant) {
        mg_status status = mg_front_function(call->front, "erf", NULL, &in->view, &view, err);
        return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
    }
    if (!in->line || !near(in->factor, M_SQRT1_2))
        return mg_onnx_refuse(call, err, "the error function is known only within a GELU, as erf(x / sqrt 2)");
    call->output[0].view = in->of;
    call->output[0].piece = MG_ERF;
    return MG_OK;
}

/* The piece that a product or sum of pieces makes; false when it makes none. */
static bool next_piece(mg_arithmetic what, const mg_onnx_value *piece, const mg_onnx_value *other, bool is_number,
                       double number, mg_erf_piece *ret, bool *ret_done)
{
    *ret_done = false;
    bool same = !other->view.constant && other->piece == MG_ERF_NONE && mg_view_same(&other->view, &piece->view);
    bool half_x = other->line && near(other->factor, 0.5) && mg_view_same(&other->of, &piece->view);
    bool halves = (what == MG_MULTIPLY && is_number && near(number, 0.5)) ||
                  (what == MG_DIVIDE && is_number && near(number, 2.0));
    if (piece->piece == MG_ERF && what == MG_ADD && is_number && number == 1.0) {
        *ret = MG_ERF_PLUS_ONE;
        return true;
    }
    if (piece->piece == MG_ERF_PLUS_ONE && halves) {
        *ret = MG_ERF_HALVED;
        return true;
    }
    if (piece->piece == MG_ERF_PLUS_ONE && what == MG_MULTIPLY && same) {
        *ret = MG_ERF_TIMES_X;
        return true;
    }
    *ret_done = (piece->piece == MG_ERF_PLUS_ONE && what == MG_MULTIPLY && half_x) ||
                (piece->piece == MG_ERF_HALVED && what == MG_MULTIPLY && same) ||
                (piece->piece == MG_ERF_TIMES_X && halves);
    return *ret_done;
}

static mg_status join_pieces(mg_onnx_call *call, mg_arithmetic what, mg_error *err)
{
    size_t k = call->input[0]->piece != MG_ERF_NONE ? 0 : 1;
    const mg_onnx_value *piece = call->input[k], *other = call->input[1 - k];
    double number = 0.0;
    bool is_number = one_number(call, 1 - k, &number), done = false, ordered = k == 0 || what != MG_DIVIDE;
    mg_erf_piece next = MG_ERF_NONE;
    if (!ordered || !next_piece(what, piece, other, is_number, number, &next, &done))
        return mg_onnx_refuse(call, err, "the error function is known only within a GELU");
    if (!done) {
        call->output[0].view = piece->view;
        call->output[0].piece = next;
        return MG_OK;
    }
    mg_view view;
    mg_status status = mg_front_function(call->front, "gelu", NULL, &piece->view, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

/* --- two tensors --- */

static mg_status run_two(mg_onnx_call *call, mg_arithmetic what, mg_error *err)
{
    if (call->input[0]->piece != MG_ERF_NONE || call->input[1]->piece != MG_ERF_NONE)
        return join_pieces(call, what, err);
    const mg_view *a = mg_onnx_view(call, 0), *b = mg_onnx_view(call, 1);
    bool whole = call->input[0]->integer && call->input[1]->integer;
    double number = 0.0;
    mg_view view;
    mg_status status = mg_front_arithmetic(call->front, what, a, b, &view, err);
    if (status == MG_OK && what == MG_DIVIDE && whole && view.constant) {
        double *rounded = NULL;
        int64_t n = mg_view_size(&view);
        status = mg_front_numbers(call->front, n, &rounded, err);
        for (int64_t i = 0; status == MG_OK && i < n; i++)
            rounded[i] = trunc(mg_view_number(&view, i));
        if (status == MG_OK) view = mg_view_constant(view.n_dims, view.dim, rounded);
    }
    if (status != MG_OK) return status;
    mg_onnx_value *out = &call->output[0];
    mg_onnx_give(call, &view, whole);
    if (!a->constant && one_number(call, 1, &number) && (what == MG_MULTIPLY || what == MG_DIVIDE)) {
        out->line = true;
        out->factor = what == MG_MULTIPLY ? number : 1.0 / number;
        out->of = *a;
    } else if (!b->constant && one_number(call, 0, &number) && what == MG_MULTIPLY) {
        out->line = true;
        out->factor = number;
        out->of = *b;
    }
    return MG_OK;
}

static mg_status run_add(mg_onnx_call *call, mg_error *err)
{
    return run_two(call, MG_ADD, err);
}

static mg_status run_sub(mg_onnx_call *call, mg_error *err)
{
    return run_two(call, MG_SUBTRACT, err);
}

static mg_status run_mul(mg_onnx_call *call, mg_error *err)
{
    return run_two(call, MG_MULTIPLY, err);
}

static mg_status run_div(mg_onnx_call *call, mg_error *err)
{
    return run_two(call, MG_DIVIDE, err);
}

/* Max, Min, Sum, Mean: of any number of tensors */
static mg_status run_many(mg_onnx_call *call, mg_error *err)
{
    const char *name = call->node->op_type;
    mg_arithmetic what = strcmp(name, "Max") == 0 ? MG_MAXIMUM : strcmp(name, "Min") == 0 ? MG_MINIMUM : MG_ADD;
    mg_view view = *mg_onnx_view(call, 0);
    mg_status status = MG_OK;
    for (size_t k = 1; k < call->n_inputs && status == MG_OK; k++) {
        if (mg_onnx_view(call, k) == NULL) return mg_onnx_refuse(call, err, "an input is missing");
        status = mg_front_arithmetic(call->front, what, &view, mg_onnx_view(call, k), &view, err);
    }
    double n = (double)call->n_inputs;
    mg_view divisor = mg_view_scalar(&n);
    if (status == MG_OK && strcmp(name, "Mean") == 0)
        status = mg_front_arithmetic(call->front, MG_DIVIDE, &view, &divisor, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

/* Questions about constants: shapes that a file compares while it runs. */
static mg_status run_question(mg_onnx_call *call, mg_error *err)
{
    const char *name = call->node->op_type;
    const mg_view *a = mg_onnx_view(call, 0), *b = mg_onnx_view(call, 1);
    if (!a->constant || !b->constant)
        return mg_onnx_refuse(call, err, "what depends on the window is compared, which is not supported");
    mg_view x, y;
    int n_dims = 0;
    int64_t dim[MG_VIEW_DIMS];
    double *number = NULL;
    mg_status status = mg_front_common_dims(call->front, a, b, &n_dims, dim, err);
    if (status == MG_OK) status = mg_view_expand(a, n_dims, dim, call->front, &x, err);
    if (status == MG_OK) status = mg_view_expand(b, n_dims, dim, call->front, &y, err);
    if (status == MG_OK) status = mg_front_numbers(call->front, mg_view_size(&x), &number, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < mg_view_size(&x); i++) {
        double p = mg_view_number(&x, i), q = mg_view_number(&y, i);
        bool yes = strcmp(name, "Equal") == 0 ? p == q : strcmp(name, "Less") == 0 ? p < q : p > q;
        number[i] = strcmp(name, "Mod") == 0 ? (q != 0.0 ? p - floor(p / q) * q : 0.0) : yes ? 1.0 : 0.0;
    }
    mg_view view = mg_view_constant(n_dims, dim, number);
    return mg_onnx_give(call, &view, true);
}

static mg_status run_where(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in[3] = {mg_onnx_view(call, 0), mg_onnx_view(call, 1), mg_onnx_view(call, 2)};
    mg_view part[3];
    int n_dims = 0;
    int64_t dim[MG_VIEW_DIMS];
    double *number = NULL;
    for (int k = 0; k < 3; k++)
        if (!in[k]->constant) return mg_onnx_refuse(call, err, "it chooses by the window, which is not supported");
    mg_status status = mg_front_common_dims(call->front, in[0], in[1], &n_dims, dim, err);
    if (status == MG_OK) status = mg_view_expand(in[1], n_dims, dim, call->front, &part[1], err);
    if (status == MG_OK) status = mg_front_common_dims(call->front, &part[1], in[2], &n_dims, dim, err);
    for (int k = 0; k < 3 && status == MG_OK; k++)
        status = mg_view_expand(in[k], n_dims, dim, call->front, &part[k], err);
    if (status == MG_OK) status = mg_front_numbers(call->front, mg_view_size(&part[0]), &number, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < mg_view_size(&part[0]); i++)
        number[i] = mg_view_number(&part[mg_view_number(&part[0], i) != 0.0 ? 1 : 2], i);
    mg_view view = mg_view_constant(n_dims, dim, number);
    return mg_onnx_give(call, &view, call->input[1]->integer);
}

/* --- along axes --- */

static mg_status run_reduce(mg_onnx_call *call, mg_error *err)
{
    const char *name = call->node->op_type;
    const mg_view *in = mg_onnx_view(call, 0);
    mg_reduction what = strcmp(name, "ReduceMean") == 0  ? MG_REDUCE_MEAN
                        : strcmp(name, "ReduceSum") == 0 ? MG_REDUCE_SUM
                                                         : MG_REDUCE_MAX;
    int64_t *axis = NULL, n = -1, dim[MG_VIEW_DIMS];
    bool axes[MG_VIEW_DIMS] = {false}, keep = mg_onnx_int(call, "keepdims", 1) != 0;
    int d = 0, n_dims = 0;
    mg_view view;
    mg_status status = mg_onnx_integers(call, 1, "axes", MG_VIEW_DIMS, &axis, &n, err);
    if (status == MG_OK && n <= 0 && mg_onnx_int(call, "noop_with_empty_axes", 0) != 0)
        return mg_onnx_give(call, in, call->input[0]->integer);
    for (int64_t i = 0; i < n && status == MG_OK; i++) {
        status = mg_onnx_axis(call, axis[i], in->n_dims, &d, err);
        if (status == MG_OK) axes[d] = true;
    }
    for (d = 0; d < in->n_dims && status == MG_OK; d++) {
        if (n <= 0) axes[d] = true;
        if (!axes[d] || keep) dim[n_dims++] = axes[d] ? 1 : in->dim[d];
    }
    if (status == MG_OK) status = mg_front_reduce(call->front, what, in, axes, &view, err);
    if (status == MG_OK) status = mg_view_reshape(&view, n_dims, dim, call->front, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, call->input[0]->integer) : status;
}

/* The product of dims, as shapes need it. */
static mg_status run_reduce_prod(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    double product = 1.0, *number = NULL;
    if (!in->constant || in->n_dims != 1)
        return mg_onnx_refuse(call, err, "a product along axes is known for shapes only");
    for (int64_t i = 0; i < mg_view_size(in); i++)
        product *= mg_view_number(in, i);
    mg_status status = mg_front_numbers(call->front, 1, &number, err);
    if (status != MG_OK) return status;
    number[0] = product;
    mg_view view =
        mg_onnx_int(call, "keepdims", 1) != 0 ? mg_view_constant(1, (int64_t[]){1}, number) : mg_view_scalar(number);
    return mg_onnx_give(call, &view, call->input[0]->integer);
}

/* Before opset 13 all axes from the given one on are taken together. */
static mg_status run_softmax(mg_onnx_call *call, mg_error *err)
{
    const mg_view *in = mg_onnx_view(call, 0);
    mg_view view = *in;
    int d = 0;
    bool together = call->opset < 13;
    mg_status status = mg_onnx_axis(call, mg_onnx_int(call, "axis", together ? 1 : -1), in->n_dims, &d, err);
    int64_t dim[2] = {1, 1};
    if (status != MG_OK) return status;
    for (int e = 0; e < in->n_dims; e++)
        dim[e >= d] *= in->dim[e];
    if (together) status = mg_view_reshape(in, 2, dim, call->front, &view, err);
    if (status == MG_OK) status = mg_front_softmax(call->front, &view, together ? 1 : d, &view, err);
    if (status == MG_OK && strcmp(call->node->op_type, "LogSoftmax") == 0)
        status = mg_front_function(call->front, "log", NULL, &view, &view, err);
    if (status == MG_OK && together) status = mg_view_reshape(&view, in->n_dims, in->dim, call->front, &view, err);
    return status == MG_OK ? mg_onnx_give(call, &view, false) : status;
}

const mg_onnx_row mg_onnx_arithmetic[] = {{"Relu", 1, run_function},
                                          {"LeakyRelu", 1, run_function},
                                          {"Elu", 1, run_function},
                                          {"Sigmoid", 1, run_function},
                                          {"HardSigmoid", 1, run_function},
                                          {"Tanh", 1, run_function},
                                          {"Exp", 1, run_function},
                                          {"Log", 1, run_function},
                                          {"Sqrt", 1, run_function},
                                          {"Reciprocal", 1, run_function},
                                          {"Softplus", 1, run_function},
                                          {"Floor", 1, run_function},
                                          {"Ceil", 1, run_function},
                                          {"Abs", 1, run_function},
                                          {"Round", 1, run_function},
                                          {"Selu", 1, run_selu},
                                          {"Gelu", 1, run_gelu},
                                          {"HardSwish", 1, run_gate},
                                          {"Mish", 1, run_gate},
                                          {"Clip", 1, run_clip},
                                          {"Neg", 1, run_neg},
                                          {"Pow", 2, run_pow},
                                          {"Erf", 1, run_erf},
                                          {"Add", 2, run_add},
                                          {"Sub", 2, run_sub},
                                          {"Mul", 2, run_mul},
                                          {"Div", 2, run_div},
                                          {"Max", 1, run_many},
                                          {"Min", 1, run_many},
                                          {"Sum", 1, run_many},
                                          {"Mean", 1, run_many},
                                          {"Equal", 2, run_question},
                                          {"Less", 2, run_question},
                                          {"Greater", 2, run_question},
                                          {"Mod", 2, run_question},
                                          {"Where", 3, run_where},
                                          {"ReduceMean", 1, run_reduce},
                                          {"ReduceSum", 1, run_reduce},
                                          {"ReduceMax", 1, run_reduce},
                                          {"ReduceProd", 1, run_reduce_prod},
                                          {"Softmax", 1, run_softmax},
                                          {"LogSoftmax", 1, run_softmax},
                                          {NULL, 0, NULL}};
