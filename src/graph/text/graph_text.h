/* graph_text.h  a network as a text, a line a node: what a state dict does not hold, and how any network is kept
 *
 *     window  203                    bases the network takes (required, unless the caller knows)
 *     anchor  60                     where in them the start codon stands, counted from 0            [0]
 *     bases   AGCT                   order of the channels of `window`                               [ACGT]
 *     layout  torch                  torch: kernels (out, in, k), rows (out, in), flatten channels first;
 *                                    keras: kernels (k, in, out), rows (in, out), flatten positions first [torch]
 *     unused  optimizer              tensors whose names begin so may be left over; several words, several lines
 *     note    any text
 *     said    what the user said of the model's file (io/model/said.h)
 *     graph
 *     c1 = conv(window, from=features.0, pad=3)
 *     r1 = relu(c1)
 *     d1 = dense(r1, weight=head.weight, bias=head.bias)
 *     output d1 name=start classes=no_TIS,TIS target=TIS head=softmax
 *
 * Each value is positions by channels; `window` is the first. '#' begins a comment. A text without `output` gives its last
 * value. Operations and what they read (docs/models.md has them with examples):
 *
 *     conv, conv_transposed   weight, bias, kernel, stride, dilation, pad = N | before:behind | same, groups
 *     dense                   weight, bias: over all of the value, or at each position where the rows are as long as it has
 *                             channels
 *     batch_norm              weight, bias, mean, variance, eps [1e-5; keras 1e-3];  affine  scale, shift
 *     layer_norm, group_norm  weight, bias, eps, groups
 *     max_pool, average_pool  kernel, stride [kernel], pad, dilation, ceil, count_pad
 *     mean, sum, max          axis = positions | channels | all
 *     add, subtract, multiply, divide, maximum, minimum (two or more values, or number=N), concat (axis)
 *     flatten, crop (before, behind), slice (axis, start, stop, step), pad (axis, before, behind), flip (axis), repeat (axis,
 *     times), take (axis, index=1:4:7), transpose, reshape (positions, channels), reverse_complement
 *     softmax (axis), every function of one variable by the name of its kind (relu, gelu, leaky_relu slope=0.1, ...)
 *     constant                weight, or values=1:2:3, or text=ACGT letters=ACGU-; positions, channels
 *     gather                  index, positions, channels: as kind.h has it; index in the short form that write.c writes
 *
 * from=NAME takes NAME.weight, NAME.bias (and running_mean, running_var), or the arrays of Keras' layer NAME.
 */
#ifndef MG_GRAPH_TEXT_GRAPH_TEXT_H
#define MG_GRAPH_TEXT_GRAPH_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "src/graph/front/view.h"
#include "src/graph/graph.h"
#include "src/graph/printed/tensor.h"

/* mg_graph_text_is()  whether a text is one: it has a line "graph" (the other texts have "layers") */
bool mg_graph_text_is(const char *text);

/* mg_graph_text_build()  text and tensors make a network
 *
 * Args:     origin  - what to call the text in messages
 *           tensors - may be NULL: none
 *           length  - of windows; 0: what the text says
 *           output  - a value of the text that is the output, whatever the text says; NULL: as the text says
 * Returns:  MG_OK and *ret for mg_graph_destroy(); MG_EINPUT: the sentence names the line, what was expected and what was
 *           found; a tensor that nothing takes is an error too (num_batches_tracked excepted); MG_EUSAGE: no such output
 */
mg_status mg_graph_text_build(const char *text, const char *origin, const mg_tensors *tensors, int64_t length,
                              const char *output, mg_graph **ret, mg_error *err);

/* mg_graph_dot()  a drawing of the graph in the language of Graphviz (dot -Tsvg); *ret is for the caller to free() */
mg_status mg_graph_dot(const mg_graph *graph, char **ret, mg_error *err);

/* mg_graph_text_add_note()  the text with one more note (a line of it each) before its graph; *ret is for the caller to free() */
mg_status mg_graph_text_add_note(const char *text, const char *note, char **ret, mg_error *err);

/* mg_graph_text_apply()  run statements within another reading: what a layer without weights does, how an input is made
 *
 * Args:     front  - of that reading; nodes are added to its graph
 *           text   - header lines, "graph", statements; layout is keras unless told
 *           bases  - order of the channels of `window`, unless the text tells it; NULL: ACGT
 *           input  - n values (1, positions, channels), which the text calls a, b, ...; at most 8
 *           ret    - OUT, the last value
 */
mg_status mg_graph_text_apply(mg_front *front, const char *text, const char *origin, const char *bases, size_t n,
                              const mg_view *input, mg_view *ret, mg_error *err);

/* mg_graph_text_write()  the other way round: any graph as a text and its tensors (rounded to float32); built from them, it is
 * the same graph node for node. *ret_text is for the caller to free(), the tensors for mg_tensors_destroy(). */
mg_status mg_graph_text_write(const mg_graph *graph, char **ret_text, mg_tensors *ret_tensors, mg_error *err);

#endif
