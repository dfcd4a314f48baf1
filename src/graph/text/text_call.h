/* text_call.h  one statement of a graph text at work: its values, its words, its tensors */
#ifndef MG_GRAPH_TEXT_TEXT_CALL_H
#define MG_GRAPH_TEXT_TEXT_CALL_H

#include "src/graph/front/arithmetic.h"
#include "src/graph/printed/tensor.h"
#include "src/graph/text/statement.h"

typedef struct {
    const char *name; /* belongs to the statements */
    mg_view view;     /* (1, positions, channels) */
} mg_text_value;

typedef struct {
    mg_front *front;
    const char *origin;
    const mg_tensors *tensors; /* may be NULL */
    bool *taken;               /* owned (tensors->n) */
    bool keras;                /* layout */
    size_t n_values, value_room;
    mg_text_value *value; /* owned */
} mg_text_build;

enum { MG_TEXT_INPUTS = 64 };

typedef struct {
    mg_text_build *all;
    mg_front *front;
    mg_statement *statement;
    size_t n_inputs;
    mg_view input[MG_TEXT_INPUTS]; /* (1, positions, channels) */
} mg_text_call;

typedef mg_status (*mg_text_operation)(mg_text_call *call, mg_view *ret, mg_error *err);

typedef struct {
    const char *name;
    size_t min_inputs, max_inputs; /* max 0: any number */
    mg_text_operation run;
} mg_text_row;

extern const mg_text_row mg_text_layers[]; /* layer.c */
extern const mg_text_row mg_text_moves[];  /* moves.c */

/* --- words (text_call.c) --- */

/* mg_statement_fail()  MG_EINPUT: "ORIGIN line N, NAME: text" */
mg_status mg_statement_fail(const mg_text_call *call, mg_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

mg_status mg_text_integer(mg_text_call *call, const char *key, int64_t missing, int64_t *ret, mg_error *err);
mg_status mg_text_real(mg_text_call *call, const char *key, double missing, double *ret, mg_error *err);
mg_status mg_text_flag(mg_text_call *call, const char *key, bool *ret, mg_error *err); /* false when it is not there */

/* mg_text_axis()  axis=positions or channels, as an axis of (1, positions, channels): 1 or 2; `all` is 0 where allowed */
mg_status mg_text_axis(mg_text_call *call, int missing, bool all, int *ret, mg_error *err);

/* mg_text_integers()  "1:4:7"; *ret_n 0 when the key is not there */
mg_status mg_text_integers(mg_text_call *call, const char *key, int64_t **ret, int64_t *ret_n, mg_error *err);

/* mg_text_tensor()  what a key names, or what from=NAME has of that part
 * Args:    names - of the part in files, behind from's NAME and a dot; ends with NULL
 *          ret   - OUT
 * Returns: MG_OK; *ret_found false when there is none; MG_EINPUT when it is named and is not there */
mg_status mg_text_tensor(mg_text_call *call, const char *key, const char *const *names, mg_view *ret, bool *ret_found,
                         mg_error *err);

#endif
