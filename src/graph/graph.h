/* graph.h  a trained network: values, and the nodes that make them, in an order in which they can be worked out
 *
 * A *value* is a matrix of numbers, positions by channels. Value 0 is the window: (L, 4), one-hot rows in A, C, G, T order,
 * whatever order the file used. Node i makes value i + 1 from values with smaller numbers, so the order of the nodes is
 * topological by construction. Everything else a file may call an axis (batch, height, rows of a picture) is brought into
 * these two by the reader of that file. Further inputs of a network are held constant: they are nodes of kind "constant".
 *
 * What a node does is its kind's business (kind.h; the kinds are the files of src/nodes/): here no kind is known.
 *
 * Who reads a file builds a graph node by node (mg_graph_add), names its outputs (mg_graph_output), and is done. What is
 * explained, the score F, is a node too: mg_graph_score() (score.h) makes of a network the graph whose last value is F.
 */
#ifndef MG_GRAPH_GRAPH_H
#define MG_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

enum { MG_NODE_NAME = 64, MG_CLASS_NAME = 64, MG_NODE_NUMBERS = 4 };

typedef struct {
    int64_t length;   /* positions; 1 where there are none any more */
    int64_t channels; /* numbers at each */
} mg_extent;

/* A window that slides along the positions, of a convolution or a pool: output t sees input positions
 * t * stride + k * dilation - pad for k = 0 .. kernel - 1, those that exist. */
typedef struct {
    int64_t kernel, stride, dilation; /* >= 1 */
    int64_t pad, pad_end; /* positions of padding before the first and behind the last; pools: not counted in */
} mg_slide;

/* A batch normalisation as its file has it: out(c) = weight(c) (in(c) - mean(c)) / sqrt(variance(c) + eps) + bias(c). */
enum { MG_NORM_WEIGHT, MG_NORM_BIAS, MG_NORM_MEAN, MG_NORM_VARIANCE, MG_NORM_ROWS };

typedef struct {
    int64_t channels;
    double eps;
    double momentum; /* share of a batch's mean and variance in the running ones, in training; 0: it is not trained */
    bool affine;     /* weight and bias are the file's; else they are 1 and 0 */
    double *value;   /* owned: (MG_NORM_ROWS, channels) */
} mg_norm;

typedef enum { MG_AXIS_CHANNELS, MG_AXIS_POSITIONS } mg_axis;

/* Which of these members a kind reads stands at the kind (the table in kind.h); the others are 0 or NULL. */
typedef struct mg_node {
    const struct mg_kind *kind;
    char name[MG_NODE_NAME]; /* as in the file: "features.0"; for messages */
    size_t n_inputs;
    size_t *input; /* owned: (n_inputs) values */
    mg_slide slide;
    int64_t groups; /* of a convolution's or a group norm's channels, >= 1 */
    bool ceil;      /* a pool's last window may hang over the end */
    bool count_pad; /* average pool: padding counts in the divisor */
    mg_axis axis;
    double number[MG_NODE_NUMBERS]; /* the kind's settings: slopes, epsilons */
    mg_extent asked;                /* the output's extent, where the kind cannot know it from its inputs */
    int64_t *index;                 /* owned: (asked.length * asked.channels) of a gather */
    int64_t
        *from; /* owned, made by the kind: a gather that moves whole positions: (asked.length) from where, -1 zeros */
    double *weight; /* owned: (n_weight); NULL where a plan has packed them (mg_graph_drop_maps) */
    bool lent;      /* weight belongs to the graph that this one was borrowed from */
    double *bias;   /* owned: (n_bias) */
    int64_t n_weight, n_bias;
    double *divisor; /* owned, made by the kind: average pool (positions of the output) */
    mg_norm *norm;   /* owned: an affine node of an unfolded network: what weight and bias were made of; else NULL */
} mg_node;

typedef struct {
    char name[MG_NODE_NAME]; /* as in the file */
    size_t value;
    size_t n_classes;                  /* 0: no names; else the number of channels */
    char (*class_name)[MG_CLASS_NAME]; /* owned */
    size_t target;                     /* the channel that is explained unless another is asked for: the last */
} mg_output;

typedef struct mg_graph {
    int64_t length; /* L, bases of a window */
    int64_t anchor; /* offset of what the window is about: of a start codon's first base */
    size_t n_nodes, node_room, extent_room;
    mg_node *node;     /* owned */
    mg_extent *extent; /* owned: (n_nodes + 1), of the values */
    size_t n_outputs;
    mg_output *output; /* owned */
} mg_graph;

/* The value that node i makes, and the node that makes a value > 0. */
static inline size_t mg_node_value(size_t i)
{
    return i + 1;
}

static inline const mg_node *mg_value_node(const mg_graph *graph, size_t value)
{
    return &graph->node[value - 1];
}

static inline double *mg_norm_row(const mg_norm *norm, int row)
{
    return norm->value + row * norm->channels;
}

/* mg_graph_create()  a graph that has the window alone: value 0, (length, 4) */
mg_status mg_graph_create(int64_t length, mg_graph **ret, mg_error *err);
void mg_graph_destroy(mg_graph *graph); /* NULL is fine */

/* mg_graph_add()  one more node at the end
 *
 * Args:     draft     - kind, name, attributes and the arrays the kind wants; input and n_inputs are taken from `inputs`.
 *                       What the draft owns is the graph's from now on, or freed on failure: the caller's draft is empty
 *                       afterwards either way.
 *           inputs    - (n_inputs) values
 *           ret_value - OUT the new value
 * Returns:  MG_OK; MG_EINPUT, a sentence that names the node and its kind: an input that does not exist, too many or too
 *           few inputs, attributes or arrays that do not fit, too many numbers; MG_EMEM.
 */
mg_status mg_graph_add(mg_graph *graph, mg_node *draft, size_t n_inputs, const size_t *inputs, size_t *ret_value,
                       mg_error *err);

/* mg_graph_signal()  which of two values that are multiplied is the signal and which a gate (LRP gives the signal all): a
 * value made by a kind that is a gate is one, else the one that is repeated along the other; 0 or 1, or -1: neither */
int mg_graph_signal(const mg_graph *graph, size_t a, size_t b);

/* mg_graph_output()  name a value as an output; class names (n = channels of the value) may be NULL */
mg_status mg_graph_output(mg_graph *graph, const char *name, size_t value, size_t n_classes,
                          const char (*class_name)[MG_CLASS_NAME], mg_error *err);

/* mg_graph_add_copy()  add a copy of node i of another graph; value[] holds where that one's values are in this one, and gets
 * the new one */
mg_status mg_graph_add_copy(const mg_graph *from, size_t i, size_t *value, mg_graph *to, mg_error *err);

/* mg_graph_add_taken()  the same, but weights of maps, which are nearly all numbers of a network, are taken from the other graph:
 * that one is of no use afterwards but to be destroyed */
mg_status mg_graph_add_taken(mg_graph *from, size_t i, size_t *value, mg_graph *to, mg_error *err);

/* mg_graph_copy()   a deep copy
 * mg_graph_prune()  a copy with only those nodes that `value` needs; its last value is that one, and it has no outputs */
mg_status mg_graph_copy(const mg_graph *graph, mg_graph **ret, mg_error *err);
mg_status mg_graph_prune(const mg_graph *graph, size_t value, mg_graph **ret, mg_error *err);

/* mg_graph_borrow()     as mg_graph_prune(), but the weights of maps (MG_TRAIT_MAP), which are nearly all numbers of a network,
 *                       stay those of `graph`: it has to outlive the new one, or at least its mg_graph_drop_maps()
 * mg_graph_drop_maps()  let go of the weights of maps, once a float32 plan has packed them: the plan holds them once. What a
 *                       graph is stays, counts too; it can be planned, scored and written no more. */
mg_status mg_graph_borrow(const mg_graph *graph, size_t value, mg_graph **ret, mg_error *err);
void mg_graph_drop_maps(mg_graph *graph);

/* mg_graph_find_output()  by name, or by its number in decimal; MG_EUSAGE lists the names */
mg_status mg_graph_find_output(const mg_graph *graph, const char *name, size_t *ret, mg_error *err);

void mg_node_clear(mg_node *node); /* free what a node owns; it is empty afterwards */

/* mg_node_copy()  a draft of the same node: all that it owns but its inputs and what its kind makes (divisor, from) */
mg_status mg_node_copy(const mg_node *from, mg_node *to, mg_error *err);

void mg_norm_destroy(mg_norm *norm);

/* mg_norm_line()  what it does to channel c when the network is used: multiply by scale, add shift */
void mg_norm_line(const mg_norm *norm, int64_t c, double *scale, double *shift);

/* Numbers in weights and biases; multiply-adds of one dense forward pass */
int64_t mg_node_n_weights(const mg_node *node);
int64_t mg_graph_n_weights(const mg_graph *graph);
int64_t mg_graph_n_macs(const mg_graph *graph);
int64_t mg_graph_node_macs(const mg_graph *graph, size_t i); /* of node i */

/* mg_slide_length()  positions that a window slid over `length` positions gives; < 1: it does not fit */
int64_t mg_slide_length(const mg_slide *slide, int64_t length, bool ceil);

/* mg_slide_first()  the input positions of output t that exist: the first, and how many, dilation apart */
static inline int64_t mg_slide_first(const mg_slide *slide, int64_t length, int64_t t, int64_t *n)
{
    int64_t first = t * slide->stride - slide->pad;
    int64_t skipped = first < 0 ? (-first + slide->dilation - 1) / slide->dilation : 0;
    first += skipped * slide->dilation;
    int64_t room = (length - first + slide->dilation - 1) / slide->dilation;
    *n = slide->kernel - skipped < room ? slide->kernel - skipped : room;
    return first;
}

#endif
