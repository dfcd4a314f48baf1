/* keras_layer.h  one use of one layer of Keras at work */
#ifndef MG_IO_MODEL_KERAS_LAYER_H
#define MG_IO_MODEL_KERAS_LAYER_H

#include <jansson.h>

#include "io/base/h5_child.h"
#include "io/model/model_words.h"
#include "src/graph/front/arithmetic.h"

enum { MG_KERAS_VIEWS = 64, MG_KERAS_WEIGHTS = 64 };

typedef struct {
    const char *name; /* "dense_4/kernel:0" */
    mg_view view;
} mg_keras_weight;

typedef struct {
    mg_front *front;
    const mg_model_words *words;
    bool theano;                   /* kernels have to be turned */
    const json_t *config;          /* of the layer */
    const char *name, *class_name; /* name: of a layer within a network "outer/inner" */
    bool wrapped;                  /* it stands in a TimeDistributed, whose name it has */
    size_t n_weights;
    mg_keras_weight weight[MG_KERAS_WEIGHTS]; /* in the file's order */
    size_t n_inputs, n_outputs;
    mg_view input[MG_KERAS_VIEWS]; /* (1, ...), channels last unless the config says otherwise */
    mg_view output[4];
} mg_keras_call;

typedef mg_status (*mg_keras_layer)(mg_keras_call *call, mg_error *err);

typedef struct {
    const char *class_name;
    mg_keras_layer run;
} mg_keras_row;

extern const mg_keras_row mg_keras_windows[]; /* keras_window.c: convolutions and pools */
extern const mg_keras_row mg_keras_plain[];   /* keras_plain.c: dense, norms, activations, moves, merges, Lambda */

/* --- config (keras_config.c); several names: those of several versions, the first that is there --- */

const json_t *mg_keras_get(const mg_keras_call *call, const char *name, const char *older);
int64_t mg_keras_integer(const mg_keras_call *call, const char *name, const char *older, int64_t missing);
double mg_keras_real(const mg_keras_call *call, const char *name, const char *older, double missing);
bool mg_keras_true(const mg_keras_call *call, const char *name, const char *older, bool missing);
const char *mg_keras_text(const mg_keras_call *call, const char *name, const char *older, const char *missing);

/* mg_keras_pair()  one or two numbers: [3], [3, 1], 3; *ret_n how many, 0 when there are none */
mg_status mg_keras_pair(const mg_keras_call *call, const char *name, const char *older, int64_t ret[2], int *ret_n,
                        mg_error *err);

/* mg_keras_axis()  "axis", which may count from the end, of the input's dims */
mg_status mg_keras_axis(const mg_keras_call *call, int64_t axis, int n_dims, int *ret, mg_error *err);

mg_status mg_keras_refuse(const mg_keras_call *call, mg_error *err, const char *text);
mg_status mg_keras_give(mg_keras_call *call, const mg_view *view);

/* mg_keras_activation()  the function of that name, on a view in place; "linear" and NULL do nothing */
mg_status mg_keras_activation(mg_keras_call *call, const char *function, mg_view *inout, mg_error *err);

#endif
