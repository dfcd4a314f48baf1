/* moves.c  operations that move numbers, constants, and kinds that are taken as they are */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/core/decimal.h"
#include "src/graph/kind.h"
#include "src/graph/text/runs.h"
#include "src/graph/text/text_call.h"

/* --- parts --- */

static mg_status run_crop(mg_text_call *call, mg_view *ret, mg_error *err)
{
    int64_t before = 0, behind = 0;
    bool pad = strcmp(call->statement->operation, "pad") == 0;
    int axis = 1;
    mg_status status = mg_text_axis(call, 1, false, &axis, err);
    if (status == MG_OK) status = mg_text_integer(call, "before", 0, &before, err);
    if (status == MG_OK) status = mg_text_integer(call, "behind", pad ? 0 : before, &behind, err);
    if (status != MG_OK) return status;
    return mg_view_pad(&call->input[0], axis, pad ? before : -before, pad ? behind : -behind, call->front, ret, err);
}

static mg_status run_slice(mg_text_call *call, mg_view *ret, mg_error *err)
{
    int axis = 1;
    int64_t start = 0, stop = 0, step = 1;
    mg_status status = mg_text_axis(call, 1, false, &axis, err);
    int64_t length = status == MG_OK ? call->input[0].dim[axis] : 0;
    if (status == MG_OK) status = mg_text_integer(call, "step", 1, &step, err);
    if (status == MG_OK && step == 0) status = mg_statement_fail(call, err, "step=0");
    if (status == MG_OK) status = mg_text_integer(call, "start", step > 0 ? 0 : length - 1, &start, err);
    if (status == MG_OK) status = mg_text_integer(call, "stop", step > 0 ? length : -1, &stop, err);
    if (status != MG_OK) return status;
    int64_t n = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
    return mg_view_slice(&call->input[0], axis, start, step, n < 0 ? 0 : n, call->front, ret, err);
}

static mg_status run_flip(mg_text_call *call, mg_view *ret, mg_error *err)
{
    int axis = 1;
    mg_status status = mg_text_axis(call, 1, false, &axis, err);
    if (status != MG_OK) return status;
    int64_t n = call->input[0].dim[axis];
    return mg_view_slice(&call->input[0], axis, n - 1, -1, n, call->front, ret, err);
}

/* Of one-hot bases in an order in which complements stand opposite, as ACGT and AGCT do not both: told by the bases. */
static mg_status run_reverse_complement(mg_text_call *call, mg_view *ret, mg_error *err)
{
    mg_view view = call->input[0];
    int64_t n = view.dim[1], *index = NULL;
    if (view.dim[2] != 4 || view.constant || view.value != 0)
        return mg_statement_fail(call, err, "only the window has a reverse complement");
    mg_status status = mg_view_slice(&view, 1, n - 1, -1, n, call->front, &view, err);
    if (status == MG_OK) status = mg_front_places(call->front, 4, &index, err);
    for (int64_t c = 0; status == MG_OK && c < 4; c++) /* channel c is base place(c): its partner is 3 less it */
        for (int64_t other = 0; other < 4; other++)
            if (mg_view_place(&view, c) % 4 + mg_view_place(&view, other) % 4 == 3) index[c] = other;
    return status == MG_OK ? mg_view_take(&view, 2, 4, index, call->front, ret, err) : status;
}

static mg_status run_repeat(mg_text_call *call, mg_view *ret, mg_error *err)
{
    int axis = 2;
    int64_t times = 1, *index = NULL;
    mg_status status = mg_text_axis(call, 2, false, &axis, err);
    if (status == MG_OK) status = mg_text_integer(call, "times", 1, &times, err);
    int64_t n = status == MG_OK ? call->input[0].dim[axis] : 0;
    if (status == MG_OK && (times < 1 || n > ((int64_t)1 << 31) / times))
        status = mg_statement_fail(call, err, "times=%" PRId64, times);
    if (status == MG_OK) status = mg_front_places(call->front, n * times, &index, err);
    for (int64_t i = 0; status == MG_OK && i < n * times; i++)
        index[i] = i % n;
    return status == MG_OK ? mg_view_take(&call->input[0], axis, n * times, index, call->front, ret, err) : status;
}

static mg_status run_take(mg_text_call *call, mg_view *ret, mg_error *err)
{
    int axis = 2;
    int64_t *index = NULL, n = 0;
    mg_status status = mg_text_axis(call, 2, false, &axis, err);
    if (status == MG_OK) status = mg_text_integers(call, "index", &index, &n, err);
    if (status == MG_OK && n == 0) status = mg_statement_fail(call, err, "it needs index=0:1:...");
    return status == MG_OK ? mg_view_take(&call->input[0], axis, n, index, call->front, ret, err) : status;
}

static mg_status run_transpose(mg_text_call *call, mg_view *ret, mg_error *err)
{
    const int swap[3] = {0, 2, 1};
    return mg_view_transpose(&call->input[0], swap, call->front, ret, err);
}

/* In the order of flatten: channels first, or positions first under Keras. */
static mg_status run_reshape(mg_text_call *call, mg_view *ret, mg_error *err)
{
    const int swap[3] = {0, 2, 1};
    int64_t dim[3] = {1, 0, 0};
    mg_view view = call->input[0];
    bool keras = call->all->keras;
    mg_status status = mg_text_integer(call, "positions", 1, &dim[keras ? 1 : 2], err);
    if (status == MG_OK) status = mg_text_integer(call, "channels", 1, &dim[keras ? 2 : 1], err);
    if (status == MG_OK && !keras) status = mg_view_transpose(&view, swap, call->front, &view, err);
    if (status == MG_OK) status = mg_view_reshape(&view, 3, dim, call->front, &view, err);
    if (status == MG_OK && !keras) status = mg_view_transpose(&view, swap, call->front, &view, err);
    if (status == MG_OK) *ret = view;
    return status;
}

static mg_status run_concat(mg_text_call *call, mg_view *ret, mg_error *err)
{
    int axis = 2;
    mg_status status = mg_text_axis(call, 2, false, &axis, err);
    return status == MG_OK ? mg_front_concat(call->front, call->n_inputs, call->input, axis, ret, err) : status;
}

/* --- constants --- */

/* text=ACGU letters=ACGU-: a one-hot row for each letter of the text */
static mg_status letter_rows(mg_text_call *call, const char *text, const char *letters, mg_view *ret, mg_error *err)
{
    int64_t dim[3] = {1, (int64_t)strlen(text), (int64_t)strlen(letters)};
    double *number = NULL;
    mg_status status = mg_front_numbers(call->front, dim[1] * dim[2], &number, err);
    for (int64_t t = 0; status == MG_OK && t < dim[1]; t++) {
        const char *at = strchr(letters, text[t]);
        if (at == NULL) return mg_statement_fail(call, err, "'%c' is none of the letters %.40s", text[t], letters);
        number[t * dim[2] + (at - letters)] = 1.0;
    }
    if (status == MG_OK) *ret = mg_view_constant(3, dim, number);
    return status;
}

/* values=0.1:0.2:..., row by row */
static mg_status value_rows(mg_text_call *call, const char *text, mg_view *ret, mg_error *err)
{
    int64_t n = 1, i = 0, dim[3] = {1, 1, 0};
    double *number = NULL;
    for (const char *at = text; *at != '\0'; at++)
        n += *at == ':';
    mg_status status = mg_text_integer(call, "positions", 1, &dim[1], err);
    if (status == MG_OK && (dim[1] < 1 || n % dim[1] != 0))
        status = mg_statement_fail(call, err, "its values make no rows");
    if (status == MG_OK) status = mg_text_integer(call, "channels", n / dim[1], &dim[2], err);
    if (status == MG_OK && dim[2] != n / dim[1]) status = mg_statement_fail(call, err, "its values make no rows");
    if (status == MG_OK) status = mg_front_numbers(call->front, n, &number, err);
    for (const char *at = text; status == MG_OK && i < n; i++) {
        const char *end = mg_decimal_scan(at, &number[i]);
        if (end == NULL || (*end != ':' && *end != '\0'))
            return mg_statement_fail(call, err, "'%.40s' is no number", at);
        at = *end == ':' ? end + 1 : end;
    }
    if (status == MG_OK) *ret = mg_view_constant(3, dim, number);
    return status;
}

static mg_status run_constant(mg_text_call *call, mg_view *ret, mg_error *err)
{
    const char *text = mg_statement_word(call->statement, "text"),
               *values = mg_statement_word(call->statement, "values");
    const char *letters = mg_statement_word(call->statement, "letters"), *const none[] = {NULL};
    bool found = false;
    mg_view view;
    int64_t dim[3] = {1, 1, 1};
    if (text != NULL) return letter_rows(call, text, letters != NULL ? letters : "ACGT", ret, err);
    if (values != NULL) return value_rows(call, values, ret, err);
    mg_status status = mg_text_tensor(call, "weight", none, &view, &found, err);
    if (status == MG_OK && !found)
        status = mg_statement_fail(call, err, "it needs weight=TENSOR, values=A:B:... or text=ACGT");
    if (status != MG_OK) return status;
    status = mg_text_integer(call, "positions", view.n_dims == 2 ? view.dim[0] : 1, &dim[1], err);
    if (status == MG_OK && dim[1] > 0)
        status = mg_text_integer(call, "channels", mg_view_size(&view) / dim[1], &dim[2], err);
    return status == MG_OK ? mg_view_reshape(&view, 3, dim, call->front, ret, err) : status;
}

/* --- nodes as they are --- */

static mg_status give_node(mg_text_call *call, mg_node *node, mg_view *ret, mg_error *err)
{
    mg_matrix matrix;
    mg_status status = mg_front_matrix(call->front, &call->input[0], 1, true, &matrix, err);
    if (status != MG_OK) {
        mg_node_clear(node);
        return status;
    }
    status = mg_front_add(call->front, call->statement->operation, node, 1, &matrix.value, &matrix.value, err);
    if (status == MG_OK) *ret = mg_view_positions(call->front, matrix.value);
    return status;
}

static mg_status run_gather(mg_text_call *call, mg_view *ret, mg_error *err)
{
    const char *text = mg_statement_word(call->statement, "index");
    mg_node node = {.groups = 1};
    int64_t size = mg_view_size(&call->input[0]), *place = NULL;
    mg_status status = mg_text_integer(call, "positions", 1, &node.asked.length, err);
    if (status == MG_OK) status = mg_text_integer(call, "channels", 1, &node.asked.channels, err);
    if (status != MG_OK) return status;
    if (text == NULL || node.asked.length < 1 || node.asked.channels < 1 ||
        node.asked.length > call->front->budget / node.asked.channels)
        return mg_statement_fail(call, err, "it needs positions=, channels= and index=");
    int64_t n = node.asked.length * node.asked.channels;
    status = mg_front_places(call->front, n, &place, err);
    if (status == MG_OK && mg_runs_read(text, n, place, err) != MG_OK)
        return err != NULL ? mg_statement_fail(call, err, "index: %.200s", err->text) : MG_EINPUT;
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        if (place[i] >= size) return mg_statement_fail(call, err, "place %" PRId64 " lies outside the value", place[i]);
    if (status == MG_OK) status = mg_alloc(&node.index, (size_t)n, sizeof *node.index, err);
    if (status != MG_OK) return status;
    memcpy(node.index, place, (size_t)n * sizeof *place);
    return give_node(call, &node, ret, err);
}

static mg_status run_log_odds(mg_text_call *call, mg_view *ret, mg_error *err)
{
    mg_node node = {.groups = 1};
    int64_t channel = 0;
    mg_status status = mg_text_integer(call, "channel", 0, &channel, err);
    if (status == MG_OK) status = mg_alloc(&node.index, 1, sizeof *node.index, err);
    if (status != MG_OK) return status;
    node.index[0] = channel;
    return give_node(call, &node, ret, err);
}

static mg_status run_plain(mg_text_call *call, mg_view *ret, mg_error *err)
{
    mg_node node = {.groups = 1};
    return give_node(call, &node, ret, err);
}

const mg_text_row mg_text_moves[] = {{"crop", 1, 1, run_crop},
                                     {"pad", 1, 1, run_crop},
                                     {"slice", 1, 1, run_slice},
                                     {"flip", 1, 1, run_flip},
                                     {"reverse_complement", 1, 1, run_reverse_complement},
                                     {"repeat", 1, 1, run_repeat},
                                     {"take", 1, 1, run_take},
                                     {"transpose", 1, 1, run_transpose},
                                     {"reshape", 1, 1, run_reshape},
                                     {"concat", 1, 0, run_concat},
                                     {"constant", 0, 0, run_constant},
                                     {"gather", 1, 1, run_gather},
                                     {"log_odds", 1, 1, run_log_odds},
                                     {"profile", 1, 1, run_plain},
                                     {"known", 1, 1, run_plain},
                                     {NULL, 0, 0, NULL}};
