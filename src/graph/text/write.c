/* write.c  a graph as a text and its tensors: a line a node, names as in the file where they are plain and new */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/text/graph_text.h"
#include "src/graph/text/writer.h"

enum { NUMBER = 8 }; /* room for "~12345" */

mg_status mg_writer_put(mg_text_writer *w, const char *format, ...)
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
static void plain_name(const char *from, char to[MG_TEXT_NAME])
{
    size_t n = 0;
    for (; *from != '\0' && n < MG_NODE_NAME - NUMBER; from++) {
        bool good = isalnum((unsigned char)*from) || strchr("_-:.~", *from) != NULL;
        if (good || n > 0) to[n++] = good ? *from : '.';
    }
    to[n] = '\0';
    if (n == 0 || strcmp(to, "window") == 0) snprintf(to, MG_TEXT_NAME, "value");
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names that come more than once get the number of their value behind; false: there were none. */
static bool number_twins(mg_text_writer *w, const char **sorted)
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
            size_t v = (size_t)((const char(*)[MG_TEXT_NAME])sorted[k] - (const char(*)[MG_TEXT_NAME])w->name);
            size_t length = strlen(w->name[v]);
            snprintf(w->name[v] + length, MG_TEXT_NAME - length, "~%zu", v);
        }
        first = i;
    }
    return any;
}

static mg_status make_names(mg_text_writer *w)
{
    enum { ROUNDS = 3 }; /* a number may make a name that another value has already: "a~3" */
    size_t n = w->graph->n_nodes + 1;
    const char **sorted = NULL;
    mg_status status = mg_alloc(&w->name, n, sizeof *w->name, w->err);
    if (status == MG_OK) status = mg_alloc(&sorted, n, sizeof *sorted, w->err);
    if (status != MG_OK) return status;
    snprintf(w->name[0], MG_TEXT_NAME, "window");
    for (size_t v = 1; v < n; v++)
        plain_name(mg_value_node(w->graph, v)->name, w->name[v]);
    bool any = true;
    for (int round = 0; any && round < ROUNDS; round++)
        any = number_twins(w, sorted);
    for (size_t v = 1; any && v < n; v++)
        snprintf(w->name[v], MG_TEXT_NAME, "value~%zu", v);
    free(sorted);
    return MG_OK;
}

/* --- lines --- */

static const char *operation_of(const mg_node *node)
{
    if (node->norm != NULL) return "batch_norm";
    return node->kind->grouped != NULL && node->groups > 0 ? node->kind->grouped : node->kind->name;
}

static mg_status put_node(mg_text_writer *w, size_t value)
{
    const mg_node *node = mg_value_node(w->graph, value);
    const mg_kind *kind = node->kind;
    mg_status status = mg_writer_put(w, "%s = %s(", w->name[value], operation_of(node));
    for (size_t k = 0; k < node->n_inputs && status == MG_OK; k++)
        status = mg_writer_put(w, "%s%s", k > 0 ? ", " : "", w->name[node->input[k]]);
    if (status == MG_OK && kind->words != NULL) status = kind->words(w, value);
    for (int i = 0; i < MG_SETTINGS && kind->setting[i].name != NULL && status == MG_OK; i++)
        status = mg_writer_put(w, ", %s=%.17g", kind->setting[i].name, node->number[i]);
    return status == MG_OK ? mg_writer_put(w, ")\n") : status;
}

/* Class names may hold no blank, comma or mark of a comment here. */
static mg_status put_output(mg_text_writer *w, const mg_output *output)
{
    char plain[MG_TEXT_NAME];
    plain_name(output->name, plain);
    mg_status status = mg_writer_put(w, "output %s", w->name[output->value]);
    if (status == MG_OK && strcmp(plain, w->name[output->value]) != 0) status = mg_writer_put(w, " name=%s", plain);
    for (size_t i = 0; i < output->n_classes && status == MG_OK; i++) {
        char name[MG_CLASS_NAME];
        snprintf(name, sizeof name, "%s", output->class_name[i]);
        for (char *at = name; *at != '\0'; at++)
            if (strchr(" \t,#", *at) != NULL) *at = '_';
        status = mg_writer_put(w, "%s%s", i == 0 ? " classes=" : ",", name);
    }
    bool last = (int64_t)output->target + 1 == w->graph->extent[output->value].channels;
    if (status == MG_OK && !last) status = mg_writer_put(w, " target=%zu", output->target);
    return status == MG_OK ? mg_writer_put(w, "\n") : status;
}

mg_status mg_graph_text_write(const mg_graph *graph, char **ret_text, mg_tensors *ret_tensors, mg_error *err)
{
    mg_text_writer w = {.graph = graph, .tensors = ret_tensors, .err = err};
    mg_status status = make_names(&w);
    if (status == MG_OK)
        status = mg_writer_put(&w, "window %" PRId64 "\nanchor %" PRId64 "\ngraph\n", graph->length, graph->anchor);
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
    mg_text_writer w = {.err = err};
    mg_status status = MG_OK;
    for (const char *at = note; *at != '\0' && status == MG_OK; at += at[0] == '\n') {
        int n = (int)strcspn(at, "\n");
        status = mg_writer_put(&w, "note %.*s\n", n, at);
        at += n;
    }
    if (status == MG_OK) status = mg_writer_put(&w, "%s", text);
    if (status == MG_OK) {
        *ret = w.text;
    } else {
        free(w.text);
    }
    return status;
}
