/* dot.c  a graph drawn: a box a node with its kind and extent, an arrow an input; outputs are double */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"
#include "src/graph/text/graph_text.h"

typedef struct {
    char *text; /* owned */
    size_t n, room;
} drawing;

static mg_status draw(drawing *d, mg_error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

static mg_status draw(drawing *d, mg_error *err, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = vsnprintf(NULL, 0, format, list);
    va_end(list);
    mg_status status = mg_grow(&d->text, &d->room, d->n + (size_t)n + 1, 1, err);
    if (status != MG_OK) return status;
    va_start(list, format);
    d->n += (size_t)vsnprintf(d->text + d->n, (size_t)n + 1, format, list);
    va_end(list);
    return MG_OK;
}

/* Quotes and backslashes mean something to Graphviz. */
static void plain(const char *from, char to[MG_NODE_NAME])
{
    size_t n = 0;
    for (; *from != '\0' && n < MG_NODE_NAME - 1; from++)
        to[n++] = *from == '"' || *from == '\\' || *from == '\n' ? '_' : *from;
    to[n] = '\0';
}

static bool is_output(const mg_graph *graph, size_t value)
{
    for (size_t o = 0; o < graph->n_outputs; o++)
        if (graph->output[o].value == value) return true;
    return false;
}

static mg_status draw_node(drawing *d, const mg_graph *graph, size_t value, mg_error *err)
{
    const mg_node *node = mg_value_node(graph, value);
    mg_extent extent = graph->extent[value];
    char name[MG_NODE_NAME];
    plain(node->name, name);
    mg_status status =
        draw(d, err, "  v%zu [label=\"%s\\n%s\\n%" PRId64 " x %" PRId64 "\"%s];\n", value, name, node->kind->title,
             extent.length, extent.channels, is_output(graph, value) ? ", peripheries=2" : "");
    for (size_t k = 0; k < node->n_inputs && status == MG_OK; k++)
        status = draw(d, err, "  v%zu -> v%zu;\n", node->input[k], value);
    return status;
}

mg_status mg_graph_dot(const mg_graph *graph, char **ret, mg_error *err)
{
    drawing d = {0};
    mg_status status =
        draw(&d, err,
             "digraph network {\n  node [shape=box, fontname=\"sans\"];\n  v0 [label=\"window\\n%" PRId64 " x 4\"];\n",
             graph->length);
    for (size_t v = 1; v <= graph->n_nodes && status == MG_OK; v++)
        status = draw_node(&d, graph, v, err);
    if (status == MG_OK) status = draw(&d, err, "}\n");
    if (status == MG_OK) {
        *ret = d.text;
    } else {
        free(d.text);
    }
    return status;
}
