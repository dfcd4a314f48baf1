/* architecture.h  what a state dict does not hold: the layers and what goes in and out, as a small text
 *
 * A state dict is numbers with names. The architecture text says what they are, in PyTorch's words: a few header lines
 * "key value", then the output of print(model), as it is:
 *
 *     window    203              bases the network takes                               (required)
 *     anchor    60               offset of the candidate codon's first base            (required)
 *     bases     AGCT             order of the input channels                           (default ACGT)
 *     head      softmax          softmax | sigmoid | none: what follows the logits     (default sigmoid for one output)
 *     classes   no_TIS TIS       names of the outputs                                  (default 0 1 ...)
 *     target    TIS              the output that is explained                          (default: the last)
 *     flatten   channels-first   channels-first (PyTorch) | positions-first (Keras)    (default channels-first)
 *     rows      positions        positions (L x 4) | bases (4 x L): how Conv2d sees a window; needed only where no
 *                                kernel tells
 *     note      any text         how it was made; any number of lines
 *     layers
 *     TISRover(
 *       (features): Sequential(
 *         (0): Conv2d(1, 32, kernel_size=(7, 4), stride=(1, 1))
 *         ...
 *
 * '#' begins a comment line. Modules known: Conv1d, Conv2d (k x 4 on one channel first, then k x 1; or 4 x k, then
 * 1 x k), Linear, BatchNorm1d/2d, ReLU, MaxPool1d/2d, AvgPool1d/2d, AdaptiveAvgPool1d/2d and AdaptiveMaxPool1d/2d
 * (where the output length divides the input's), Flatten, Dropout (any), Identity, Softmax/LogSoftmax/Sigmoid as the
 * very last layer, Sequential and any container. A Linear after a layer with positions flattens first. Everything else
 * is refused by name. The layers run in the order of the text (see module.h). print(model) leaves out ceil_mode and
 * count_include_pad of average pools: write them in by hand where they are not the defaults.
 */
#ifndef MG_GRAPH_PRINTED_ARCHITECTURE_H
#define MG_GRAPH_PRINTED_ARCHITECTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/graph/graph.h"
#include "src/graph/printed/module.h"
#include "src/graph/printed/tensor.h"

enum { MG_MAX_ARCHITECTURE = 60000 }; /* bytes of a text: what an HDF5 attribute holds, less some room */

/* mg_architecture_builtin()  the text of a built-in architecture ("tisrover+"), NULL when there is none of that name */
const char *mg_architecture_builtin(const char *name);

/* mg_architecture_names()  the built-in names, for a sentence: "tisrover+ or tisrover" */
const char *mg_architecture_names(void);

typedef enum { MG_HEAD_NONE, MG_HEAD_SOFTMAX, MG_HEAD_SIGMOID } mg_head; /* what turns logits into probabilities */

/* What the text says, before any tensor is looked at. */
typedef struct {
    int64_t length;          /* window, bases */
    int64_t anchor;          /* offset of the candidate codon's first base */
    int64_t base_channel[4]; /* input channel of A, C, G, T */
    bool head_given;
    mg_head head;                      /* only when head_given */
    bool positions_first;              /* order in which Flatten writes: position by position */
    int along;                         /* axis of two-dimensional modules along the window: 0, 1, or -1 not given */
    size_t n_classes;                  /* 0: no names given */
    char (*class_name)[MG_CLASS_NAME]; /* owned */
    char target[MG_CLASS_NAME];        /* "": the last */
    char *notes;                       /* owned; the note lines, each ending in a newline */
    mg_modules modules;                /* owned */
} mg_architecture;

/* mg_architecture_parse()  read the text
 * Args:    origin - what to call the text in messages
 * Returns: MG_OK and *ret for mg_architecture_destroy(), or MG_EINPUT naming the line and what is expected there. */
mg_status mg_architecture_parse(const char *text, const char *origin, mg_architecture *ret, mg_error *err);
void mg_architecture_destroy(mg_architecture *architecture); /* frees what it holds, not the struct; NULL is fine */

/* mg_architecture_add_note()  the text with one more note (a line of it each) before its layers.
 * Returns: MG_OK and *ret for the caller to free(), MG_EINPUT when the text has no line 'layers' or grows too long. */
mg_status mg_architecture_add_note(const char *text, const char *note, char **ret, mg_error *err);

/* mg_network_build()  architecture text + tensors -> a chain of nodes, the head (softmax, sigmoid) at its end, named as the output "output"
 *
 * Purpose:  Parse the text, infer every layer's shape, take each layer's tensors by name ("features.0.weight"), check
 *           their shapes and that every number is finite, bring the input channels into A, C, G, T order, fold batch
 *           normalisation into the linear layer right before it (in double; else it becomes an affine node).
 * Args:     origin - what to call the text in messages ("tisrover+", "my.arch")
 * Returns:  MG_OK and *ret for mg_graph_destroy(), or MG_EINPUT: the sentence names the layer or tensor, what was
 *           expected and what was found. A tensor that no layer takes is an error too (num_batches_tracked excepted).
 */
mg_status mg_network_build(const char *text, const char *origin, const mg_tensors *tensors, mg_graph **ret,
                           mg_error *err);

/* mg_network_build_unfolded()  the same for training: every batch normalisation is an affine node of its own, and keeps
 * what it was made of (node->norm). Here its momentum has to be a number. */
mg_status mg_network_build_unfolded(const char *text, const char *origin, const mg_tensors *tensors, mg_graph **ret,
                                    mg_error *err);

/* mg_network_tensors()  the other way round: the tensors of an architecture, as its file would hold them
 *
 * Args:     network - an unfolded one of the same text: its weights, as float; NULL: zeros, and batch normalisations that
 *                     change nothing
 * Returns:  MG_OK and *ret for mg_tensors_destroy(), MG_EMEM, or MG_EINPUT as above
 */
mg_status mg_network_tensors(const char *text, const char *origin, const mg_graph *network, mg_tensors *ret,
                             mg_error *err);

#endif
