/* write.c  a graph as a text and its tensors: a line a node, names as in the file where they are plain and new */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"
#include "src/graph/text/graph_text.h"
#include "src/graph/text/runs.h"

enum { NAME = MG_NODE_NAME + 16, NUMBER = 8 }; /* NUMBER: room for "~12345" */

typedef struct {
    const mg_graph *graph;
    char (*name)[NAME]; /* owned (n_nodes + 1), of the values */
    char *text;         /* owned */
    size_t n_text, text_room;
    mg_tensors *tensors;
    mg_error *err;
} writer;

static mg_status put(writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static mg_status put(writer *w, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = vsnprintf(NULL, 0, format, list);
    va_end(list);
    mg_status status = mg_grow(&w->text, &w->text_room, w->n_text + (size_t)n + 1, 1, w->err);
    if (status != MG_OK) return status;
    va_start(list, format);
    w->n_text += (size_t)vsnprintf(w->text + w->n_text, (size_t)n + 1, format, list);
    va_end(list);
    return MG_OK;
}

/* --- names --- */

/* Letters, digits and a few marks that mean nothing in a text or to HDF5. */
static void plain_name(const char *from, char to[NAME])
{
    size_t n = 0;
    for (; *from != '\0' && n < MG_NODE_NAME - NUMBER; from++) {
        bool good = isalnum((unsigned char)*from) || strchr("_-:.~", *from) != NULL;
        if (good || n > 0) to[n++] = good ? *from : '.';
    }
    to[n] = '\0';
    if (n == 0 || strcmp(to, "window") == 0) snprintf(to, NAME, "value");
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names that come more than once get the number of their value behind; false: there were none. */
static bool number_twins(writer *w, const char **sorted)
{
    size_t n = w->graph->n_nodes + 1;
    bool any = false;
    for (size_t v = 0; v < n; v++)
        sorted[v] = w->name[v];
    qsort(sorted, n, sizeof *sorted, compare_names);
    for (size_t i = 1, first = 0; i <= n; i++) {
        if (i < n && strcmp(sorted[i], sorted[first]) == 0) continue;
        any |= i - first > 1;
        for (size_t k = first; i - first > 1 && k < i; k++) {
            size_t v = (size_t)((const char(*)[NAME])sorted[k] - (const char(*)[NAME])w->name);
            size_t length = strlen(w->name[v]);
            snprintf(w->name[v] + length, NAME - length, "~%zu", v);
        }
        first = i;
    }
    return any;
}

static mg_status make_names(writer *w)
{
    enum { ROUNDS = 3 }; /* a number may make a name that another value has already: "a~3" */
    size_t n = w->graph->n_nodes + 1;
    const char **sorted = NULL;
    mg_status status = mg_alloc(&w->name, n, sizeof *w->name, w->err);
    if (status == MG_OK) status = mg_alloc(&sorted, n, sizeof *sorted, w->err);
    if (status != MG_OK) return status;
    snprintf(w->name[0], NAME, "window");
    for (size_t v = 1; v < n; v++)
        plain_name(mg_value_node(w->graph, v)->name, w->name[v]);
    bool any = true;
    for (int round = 0; any && round < ROUNDS; round++)
        any = number_twins(w, sorted);
    for (size_t v = 1; any && v < n; v++)
        snprintf(w->name[v], NAME, "value~%zu", v);
    free(sorted);
    return MG_OK;
}

/* --- tensors --- */

static mg_status add_tensor(writer *w, size_t value, const char *part, const double *number, int n_dims,
                            const int64_t *dim)
{
    char name[NAME + 16];
    mg_tensor *tensor = NULL;
    snprintf(name, sizeof name, "%s.%s", w->name[value], part);
    mg_status status = mg_tensors_add(w->tensors, name, n_dims, dim, &tensor, w->err);
    for (size_t i = 0; status == MG_OK && i < tensor->n; i++)
        tensor->data[i] = (float)number[i];
    return status;
}

/* A tensor, and the word that names it. */
static mg_status put_tensor(writer *w, size_t value, const char *key, const double *number, int n_dims,
                            const int64_t *dim)
{
    if (number == NULL) return MG_OK;
    mg_status status = add_tensor(w, value, key, number, n_dims, dim);
    return status == MG_OK ? put(w, ", %s=%s.%s", key, w->name[value], key) : status;
}

static bool all_zero(const double *number, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (number[i] != 0.0) return false;
    return true;
}

/* --- words --- */

static mg_status put_slide(writer *w, const mg_node *node, bool pool)
{
    const mg_slide *s = &node->slide;
    mg_status status = MG_OK;
    if (pool) status = put(w, ", kernel=%" PRId64, s->kernel);
    if (status == MG_OK && s->stride != (pool ? s->kernel : 1)) status = put(w, ", stride=%" PRId64, s->stride);
    if (status == MG_OK && s->dilation != 1) status = put(w, ", dilation=%" PRId64, s->dilation);
    if (status == MG_OK && (s->pad != 0 || s->pad_end != 0))
        status = s->pad == s->pad_end ? put(w, ", pad=%" PRId64, s->pad)
                                      : put(w, ", pad=%" PRId64 ":%" PRId64, s->pad, s->pad_end);
    if (status == MG_OK && !pool && node->groups != 1) status = put(w, ", groups=%" PRId64, node->groups);
    if (status == MG_OK && node->ceil) status = put(w, ", ceil=true");
    if (status == MG_OK && node->count_pad) status = put(w, ", count_pad=true");
    return status;
}

/* weight (O, C / groups, kernel) */
static mg_status put_conv(writer *w, size_t value)
{
    const mg_node *node = mg_value_node(w->graph, value);
    mg_extent in = w->graph->extent[node->input[0]], out = w->graph->extent[value];
    int64_t groups = node->groups > 0 ? node->groups : 1;
    int64_t dim[3] = {out.channels, in.channels / groups, node->slide.kernel};
    mg_status status = put_tensor(w, value, "weight", node->weight, 3, dim);
    if (status == MG_OK && node->bias != NULL && !all_zero(node->bias, out.channels))
        status = put_tensor(w, value, "bias", node->bias, 1, &out.channels);
    return status == MG_OK ? put_slide(w, node, false) : status;
}

static mg_status put_dense(writer *w, size_t value)
{
    const mg_node *node = mg_value_node(w->graph, value);
    mg_extent in = w->graph->extent[node->input[0]], out = w->graph->extent[value];
    int64_t dim[2] = {out.channels, in.channels * in.length};
    mg_status status = put_tensor(w, value, "weight", node->weight, 2, dim);
    if (status == MG_OK && node->bias != NULL && !all_zero(node->bias, out.channels))
        status = put_tensor(w, value, "bias", node->bias, 1, &out.channels);
    return status;
}

/* What a batch normalisation was made of, or the line itself. */
static mg_status put_affine(writer *w, size_t value)
{
    static const char *const keys[MG_NORM_ROWS] = {"weight", "bias", "mean", "variance"};
    const mg_node *node = mg_value_node(w->graph, value);
    int64_t channels = w->graph->extent[value].channels;
    mg_status status = MG_OK;
    if (node->norm == NULL) {
        status = put_tensor(w, value, "scale", node->weight, 1, &channels);
        return status == MG_OK ? put_tensor(w, value, "shift", node->bias, 1, &channels) : status;
    }
    for (int r = 0; r < MG_NORM_ROWS && status == MG_OK; r++)
        status = put_tensor(w, value, keys[r], mg_norm_row(node->norm, r), 1, &channels);
    return status == MG_OK ? put(w, ", eps=%.17g", node->norm->eps) : status;
}

static mg_status put_norm(writer *w, size_t value)
{
    const mg_node *node = mg_value_node(w->graph, value);
    int64_t channels = w->graph->extent[value].channels;
    mg_status status = put_tensor(w, value, "weight", node->weight, 1, &channels);
    if (status == MG_OK) status = put_tensor(w, value, "bias", node->bias, 1, &channels);
    return status == MG_OK && node->groups > 0 ? put(w, ", groups=%" PRId64, node->groups) : status;
}

static mg_status put_gather(writer *w, size_t value)
{
    const mg_node *node = mg_value_node(w->graph, value);
    mg_extent out = w->graph->extent[value];
    char *index = NULL;
    mg_status status = mg_runs_write(node->index, out.length * out.channels, &index, w->err);
    if (status == MG_OK)
        status = put(w, ", positions=%" PRId64 ", channels=%" PRId64 ", index=%s", out.length, out.channels, index);
    free(index);
    return status;
}

static mg_status put_constant(writer *w, size_t value)
{
    mg_extent out = w->graph->extent[value];
    int64_t dim[2] = {out.length, out.channels};
    mg_status status = add_tensor(w, value, "weight", mg_value_node(w->graph, value)->weight, 2, dim);
    return status == MG_OK ? put(w, "weight=%s.weight", w->name[value]) : status;
}

static mg_status put_pool(writer *w, size_t value)
{
    return put_slide(w, mg_value_node(w->graph, value), true);
}

static mg_status put_slopes(writer *w, size_t value)
{
    return put_tensor(w, value, "weight", mg_value_node(w->graph, value)->weight, 1, &w->graph->extent[value].channels);
}

static mg_status put_channel(writer *w, size_t value)
{
    return put(w, ", channel=%" PRId64, mg_value_node(w->graph, value)->index[0]);
}

static mg_status put_axis(writer *w, size_t value)
{
    bool positions = mg_value_node(w->graph, value)->axis == MG_AXIS_POSITIONS;
    return put(w, ", axis=%s", positions ? "positions" : "channels");
}

/* What is written of a kind's nodes; a kind that is not here has nothing but its inputs. */
typedef struct {
    const char *kind;
    mg_status (*put)(writer *w, size_t value); /* NULL: nothing beside: */
    const char *number[2];                     /* names of node->number[0], [1] */
    const char *grouped;                       /* what the text calls it when it has groups */
} text_row;

static const text_row rows[] = {{"conv", put_conv, {NULL}, NULL},
                                {"dense", put_dense, {NULL}, NULL},
                                {"affine", put_affine, {NULL}, NULL},
                                {"layer_norm", put_norm, {"eps"}, "group_norm"},
                                {"gather", put_gather, {NULL}, NULL},
                                {"constant", put_constant, {NULL}, NULL},
                                {"max_pool", put_pool, {NULL}, NULL},
                                {"average_pool", put_pool, {NULL}, NULL},
                                {"prelu", put_slopes, {NULL}, NULL},
                                {"log_odds", put_channel, {NULL}, NULL},
                                {"softmax", put_axis, {NULL}, NULL},
                                {"concat", put_axis, {NULL}, NULL},
                                {"leaky_relu", NULL, {"slope"}, NULL},
                                {"elu", NULL, {"alpha"}, NULL},
                                {"hard_sigmoid", NULL, {"scale", "shift"}, NULL},
                                {"clip", NULL, {"low", "high"}, NULL}};

static const text_row *row_of(const mg_node *node)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].kind, node->kind->name) == 0) return &rows[i];
    return NULL;
}

static const char *operation_of(const mg_node *node)
{
    const text_row *row = row_of(node);
    if (node->norm != NULL) return "batch_norm";
    return row != NULL && row->grouped != NULL && node->groups > 0 ? row->grouped : node->kind->name;
}

static mg_status put_node(writer *w, size_t value)
{
    const mg_node *node = mg_value_node(w->graph, value);
    mg_status status = put(w, "%s = %s(", w->name[value], operation_of(node));
    for (size_t k = 0; k < node->n_inputs && status == MG_OK; k++)
        status = put(w, "%s%s", k > 0 ? ", " : "", w->name[node->input[k]]);
    const text_row *row = row_of(node);
    if (status == MG_OK && row != NULL && row->put != NULL) status = row->put(w, value);
    for (int i = 0; row != NULL && i < 2 && row->number[i] != NULL && status == MG_OK; i++)
        status = put(w, ", %s=%.17g", row->number[i], node->number[i]);
    return status == MG_OK ? put(w, ")\n") : status;
}

/* Class names may hold no blank, comma or mark of a comment here. */
static mg_status put_output(writer *w, const mg_output *output)
{
    char plain[NAME];
    plain_name(output->name, plain);
    mg_status status = put(w, "output %s", w->name[output->value]);
    if (status == MG_OK && strcmp(plain, w->name[output->value]) != 0) status = put(w, " name=%s", plain);
    for (size_t i = 0; i < output->n_classes && status == MG_OK; i++) {
        char name[MG_CLASS_NAME];
        snprintf(name, sizeof name, "%s", output->class_name[i]);
        for (char *at = name; *at != '\0'; at++)
            if (strchr(" \t,#", *at) != NULL) *at = '_';
        status = put(w, "%s%s", i == 0 ? " classes=" : ",", name);
    }
    bool last = (int64_t)output->target + 1 == w->graph->extent[output->value].channels;
    if (status == MG_OK && !last) status = put(w, " target=%zu", output->target);
    return status == MG_OK ? put(w, "\n") : status;
}

mg_status mg_graph_text_write(const mg_graph *graph, char **ret_text, mg_tensors *ret_tensors, mg_error *err)
{
    writer w = {.graph = graph, .tensors = ret_tensors, .err = err};
    mg_status status = make_names(&w);
    if (status == MG_OK)
        status = put(&w, "window %" PRId64 "\nanchor %" PRId64 "\ngraph\n", graph->length, graph->anchor);
    for (size_t v = 1; v <= graph->n_nodes && status == MG_OK; v++)
        status = put_node(&w, v);
    for (size_t o = 0; o < graph->n_outputs && status == MG_OK; o++)
        status = put_output(&w, &graph->output[o]);
    free(w.name);
    if (status == MG_OK) {
        *ret_text = w.text;
    } else {
        free(w.text);
        mg_tensors_destroy(ret_tensors);
    }
    return status;
}

mg_status mg_graph_text_add_note(const char *text, const char *note, char **ret, mg_error *err)
{
    writer w = {.err = err};
    mg_status status = MG_OK;
    for (const char *at = note; *at != '\0' && status == MG_OK; at += at[0] == '\n') {
        int n = (int)strcspn(at, "\n");
        status = put(&w, "note %.*s\n", n, at);
        at += n;
    }
    if (status == MG_OK) status = put(&w, "%s", text);
    if (status == MG_OK) {
        *ret = w.text;
    } else {
        free(w.text);
    }
    return status;
}
