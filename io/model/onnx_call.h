/* onnx_call.h  one operator of an ONNX file at work: its inputs, its attributes, and the front that nodes are added to */
#ifndef MG_IO_MODEL_ONNX_CALL_H
#define MG_IO_MODEL_ONNX_CALL_H

#include "io/model/onnx.pb-c.h"
#include "src/graph/front/arithmetic.h"

enum { MG_ONNX_INPUTS = 128, MG_ONNX_OUTPUTS = 64 };

/* GELU comes in pieces: x -> x / sqrt 2 -> erf -> 1 + -> times x -> times 0.5, in several orders. A tensor that is such a
 * piece is marked, and only whole ones become nodes. */
typedef enum { MG_ERF_NONE, MG_ERF, MG_ERF_PLUS_ONE, MG_ERF_HALVED, MG_ERF_TIMES_X } mg_erf_piece;

typedef struct {
    char *name; /* owned */
    mg_view view;
    bool tokens;        /* numbers of letters, which only a table may be looked up by (io/model/inputs.h) */
    bool integer;       /* whole numbers: quotients are whole too */
    mg_erf_piece piece; /* then view is the x of the GELU */
    bool line;          /* view is factor * of */
    double factor;
    mg_view of;
} mg_onnx_value;

typedef struct {
    mg_front *front;
    const char *bases; /* as --bases says them; NULL: nobody does */
    int64_t opset;
    const MgOnnx__Node *node;
    size_t n_inputs, n_outputs;
    const mg_onnx_value *input[MG_ONNX_INPUTS]; /* NULL: left out */
    mg_onnx_value *output;                      /* (MG_ONNX_OUTPUTS) OUT */
} mg_onnx_call;

typedef mg_status (*mg_onnx_operator)(mg_onnx_call *call, mg_error *err);

typedef struct {
    const char *name;
    size_t min_inputs;
    mg_onnx_operator run;
} mg_onnx_row;

/* The operators, by file: tables that end with a row without a name. */
extern const mg_onnx_row mg_onnx_moves[];      /* onnx_move.c */
extern const mg_onnx_row mg_onnx_arithmetic[]; /* onnx_arithmetic.c */
extern const mg_onnx_row mg_onnx_layers[];     /* onnx_layer.c */

/* --- attributes (onnx_call.c) --- */

int64_t mg_onnx_int(const mg_onnx_call *call, const char *name, int64_t missing);
double mg_onnx_real(const mg_onnx_call *call, const char *name, double missing);
bool mg_onnx_text_is(const mg_onnx_call *call, const char *name, const char *text);
const MgOnnx__Attribute *mg_onnx_attribute(const mg_onnx_call *call, const char *name); /* NULL: none */

/* mg_onnx_axis()  an axis that may be counted from the end; MG_EINPUT outside n_dims */
mg_status mg_onnx_axis(const mg_onnx_call *call, int64_t axis, int n_dims, int *ret, mg_error *err);

/* mg_onnx_integers()  whole numbers from input k or, where that is missing, from the attribute (older opsets)
 * Args:    ret_n - OUT; -1 when neither is there */
mg_status mg_onnx_integers(mg_onnx_call *call, size_t k, const char *name, int64_t most, int64_t **ret, int64_t *ret_n,
                           mg_error *err);

/* mg_onnx_view()  the view of input k, NULL when it is left out
 * mg_onnx_give()  a tensor as output 0 */
const mg_view *mg_onnx_view(const mg_onnx_call *call, size_t k);
mg_status mg_onnx_give(mg_onnx_call *call, const mg_view *view, bool integer);

/* mg_onnx_refuse()  MG_EINPUT: "Conv_3: text" */
mg_status mg_onnx_refuse(const mg_onnx_call *call, mg_error *err, const char *text);

/* mg_onnx_tensor()  numbers of a tensor as a constant; folder: where those kept outside are, NULL: such are refused */
mg_status mg_onnx_tensor(mg_front *front, const MgOnnx__Tensor *tensor, const char *folder, mg_view *ret,
                         bool *ret_integer, mg_error *err);

#endif
