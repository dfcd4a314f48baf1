/* writer.h  a graph text that is being written; for src/graph/text/ only */
#ifndef MG_GRAPH_TEXT_WRITER_H
#define MG_GRAPH_TEXT_WRITER_H

#include "src/graph/printed/tensor.h"
#include "src/graph/text/words.h"

enum { MG_TEXT_NAME = MG_NODE_NAME + 16 };

struct mg_text_writer {
    const mg_graph *graph;
    char (*name)[MG_TEXT_NAME]; /* owned (n_nodes + 1), of the values */
    char *text;                 /* owned */
    size_t n_text, text_room;
    mg_tensors *tensors;
    mg_error *err;
};

/* mg_writer_put()  add to the text; MG_OK or MG_EMEM */
mg_status mg_writer_put(mg_text_writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
