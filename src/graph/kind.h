/* kind.h  what a node does: one object a kind, one file a family under src/nodes/, one row in src/nodes/kinds.c
 *
 * A member that is NULL is refused by name: at load (shape, forward), or when a method is prepared (backward[rule]), never
 * met on the way. Planners ask traits, nobody asks which kind it is.
 *
 * The kinds, as readers build them. T, C: positions and channels of the (first) input; out (T', C').
 *
 *   kind            inputs  reads of mg_node                         out(t, c) =
 *   conv            1       slide, groups, weight (O, C/groups, kernel), bias (O)
 *                                                                    bias(o) + sum over k, c of weight(o, c, k) in(t stride + k dilation - pad, c)
 *   dense           1       weight (O, C, T), bias (O)               one position: bias(o) + sum over c, t of weight(o, c, t) in(t, c)
 *   affine          1       weight (C), bias (C)                     weight(c) in(t, c) + bias(c)
 *   average_pool    1       slide, ceil, count_pad                   the mean over the window
 *   max_pool        1       slide, ceil                              the largest in the window, the first of equals
 *   add             >= 2                                             the sum; an input with one position or one channel is
 *                                                                    repeated along it
 *   subtract        2       as add                                   first minus second
 *   multiply        2       as add; number[0]: which input is the signal, 0 or 1, and the other a gate; -1: neither
 *                           (mg_graph_signal() tells)                product
 *   maximum         2       equal extents                            the larger, the first of equals
 *   concat          >= 2    axis                                     inputs side by side
 *   gather          1       asked, index (T' C'): a place t C + c of the input, or -1 for zero
 *                                                                    crop, slice, flip, pad, transpose, reshape, repeat
 *   constant        0       asked, weight (T' C')                    weight
 *   known           1                                                one channel: 1 where the input has a number that is not 0, else 0
 *   relu, leaky_relu (number[0] slope), prelu (weight (C) slopes), elu (number[0] alpha), selu, gelu, gelu_tanh, silu,
 *   softplus, sigmoid, hard_sigmoid (clip(number[0] x + number[1], 0, 1)), tanh, softsign, exp, log, sqrt, reciprocal, square, abs,
 *   clip (number[0] .. number[1])   1                                                f(in(t, c))
 *   softmax         1       axis                                     exp(in) / sum of exp(in) along the axis
 *   layer_norm      1       groups = 0: over the channels of each position; else over all positions of each of so many
 *                           groups of channels; number[0] eps; weight (C), bias (C)
 *                                                                    weight(c) (in - mean) / sqrt(variance + eps) + bias(c)
 *   log_odds        1       index (1): the channel                   one number a position: in(t, i) - log of the sum of exp of the others
 *   profile         1                                                one number: sum over t of softmax_t(in) (in(t) - mean), each
 *                                                                    channel by itself and then added; the softmax is frozen
 *                                                                    at the explained window
 *
 * bias may be NULL (zeros). `pad` may be negative in conv and pools where positions are cut off.
 */
#ifndef MG_GRAPH_KIND_H
#define MG_GRAPH_KIND_H

#include "src/graph/graph.h"

enum {
    MG_TRAIT_LINEAR = 1 << 0,           /* affine in its inputs: differences go through without looking at values */
    MG_TRAIT_ELEMENTWISE = 1 << 1,      /* out(t, c) depends on in(t, c) alone; multipliers may be changed in place */
    MG_TRAIT_RECTIFIER = 1 << 2,        /* it is max(in, 0) */
    MG_TRAIT_CHOICE = 1 << 3,           /* each output is one of the inputs within its slide: max pool */
    MG_TRAIT_PIECEWISE_LINEAR = 1 << 4, /* linear but for switches (linear, rectifier, choice) */
    MG_TRAIT_NONNEGATIVE = 1 << 5,      /* never negative, whatever comes in */
    MG_TRAIT_KEEPS_SIGN = 1 << 6,       /* not negative where its inputs are not */
    MG_TRAIT_WEIGHTS = 1 << 7,          /* has weights that LRP's rules share relevance by: conv, dense, affine ... */
    MG_TRAIT_DENSE = 1 << 8,            /* ... and is fully connected (LRP composites tell it from convolutions) */
    MG_TRAIT_GATE = 1 << 9,             /* between 0 and 1: what it multiplies is the signal */
    MG_TRAIT_MAP =
        1 << 11, /* one input's weight rows over its slide (conv, dense): weight (O, C / groups, kernel), bias (O),
                               * packed as an mg_map (src/engine/map.h); a normalisation behind it can be folded in */
    MG_TRAIT_LOGISTIC = 1 << 12, /* 1 / (1 + e^-in): its input is the log-odds of what it gives */
    MG_TRAIT_SOFTMAX = 1 << 13, /* shares that sum to 1: log-odds are differences of its inputs, and log_odds of them */
    MG_TRAIT_SIDE_BY_SIDE = 1 << 14, /* its inputs stand beside each other along node.axis */
    MG_TRAIT_SUM =
        1 << 15, /* adds its inputs: where the first is as large as the output, its multipliers may be made of
                                      * the output's in place, after those of the others */
    MG_TRAIT_FROZEN = 1 << 10 /* looks at the explained window beside its inputs (profile): what a reference or a
                                         * point of a path gives depends on that window */
};

enum { MG_ANY_INPUTS = -1 };

struct mg_ops; /* src/engine/step.h */

typedef enum {
    MG_UNTRAINED,
    MG_TRAINED_MAP,       /* weight rows */
    MG_TRAINED_NORM,      /* a batch normalisation that is not folded: node->norm */
    MG_TRAINED_RECTIFIER, /* max(in, 0) */
    MG_TRAINED_FUNCTION,  /* kind->f and its slope, without weights */
    MG_TRAINED_CHOICE,    /* a max pool */
    MG_TRAINED_MEAN,      /* an average pool */
    MG_N_TRAINED
} mg_trained;

/* A number of a node, in the order of node->number. */
typedef struct {
    const char *name; /* in graph texts: "slope"; NULL: there are no more */
    double preset;    /* where a text does not give it */
} mg_setting;

enum { MG_SETTINGS = 2 };

/* What a graph text says of a node beside its inputs and settings (src/graph/text/words.h). */
typedef struct mg_text_writer mg_text_writer;
typedef mg_status mg_text_words(mg_text_writer *writer, size_t value);

typedef struct mg_kind {
    const char *name;           /* "conv"; what graph text and messages call it */
    const char *title;          /* for people: "convolution" */
    unsigned traits;            /* MG_TRAIT_ */
    int min_inputs, max_inputs; /* or MG_ANY_INPUTS */

    /* shape()  check a draft against the extents of its inputs, fill in what follows from them (divisor, biases), and give
     * the output's extent. MG_EINPUT: the sentence says what does not fit, without the node's name, which is put before. */
    mg_status (*shape)(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err);

    /* touch()  which positions of the output a change at the marked positions of input k can touch: sets marks in `out`,
     * clears none.  NULL: the same positions (an input of one position touches all).
     * need()   which positions of input k the marked positions of the output depend on; likewise. */
    void (*touch)(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *changed,
                  bool *touched);
    void (*need)(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *wanted, bool *needed);

    /* n_macs()  multiply-adds with a weight of one dense forward pass; NULL: none */
    int64_t (*n_macs)(const mg_node *node, const mg_extent *in, mg_extent out);

    /* line()   a node that is a line in each channel: out = factor in + shift;  NULL: it is none
     * scale()  multiply the node's output by a factor and add a shift, channel by channel, in its weights;  NULL: cannot */
    void (*line)(const mg_node *node, int64_t c, double *factor, double *shift);
    void (*scale)(mg_node *node, int64_t channels, const double *factor, const double *shift);

    /* Which of training's ways a node of this kind goes (src/training/backprop_walk.h); MG_UNTRAINED: it is refused by name */
    mg_trained training;

    /* Where it does something else than the gradient under some rule, in words; the table of 'mutagree methods --kinds' shows
     * them. NULL: nothing to say. */
    const char *rules;

    /* How a graph text writes it: its settings, what else (NULL: nothing), and its name where it has groups (NULL: its own).
     * Texts are read by src/graph/text/layer.c and moves.c; a function of one number needs no row there. */
    mg_setting setting[MG_SETTINGS];
    mg_text_words *words;
    const char *grouped;

    /* Of kinds with MG_TRAIT_ELEMENTWISE: the function and its slope, given node->number (prelu: the weight of the channel).
     * Training and functions of constants go by them. NULL: it has no such two */
    double (*f)(double x, const double *number);
    double (*slope)(double x, const double *number);

    const struct mg_ops *ops[2]; /* by mg_precision: single, double; NULL members in there are refused by name */
} mg_kind;

/* mg_kind_find()  by name; NULL when there is none.  mg_kind_at()  by number, NULL behind the last (src/nodes/kinds.c). */
const mg_kind *mg_kind_find(const char *name);
const mg_kind *mg_kind_at(size_t i);

#endif
