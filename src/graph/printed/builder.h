/* builder.h  a network while it is put together: what the layers so far have left for the next one
 *
 * Private to build*.c and layers.c. build.c walks over the modules of the text; each type of module has one function, which
 * its row in layers.c names, that checks its shape against what arrives, takes its tensors and adds layers.
 */
#ifndef MG_GRAPH_PRINTED_BUILDER_H
#define MG_GRAPH_PRINTED_BUILDER_H

#include "src/graph/printed/architecture.h"

enum { MG_WAY_TEXT = 256 };

struct mg_builder {
    const mg_architecture *architecture;
    const mg_tensors *tensors;
    mg_tensors *made;       /* NULL: tensors are read. Else they are made: */
    const mg_graph *source; /* from the weights of this network, NULL: zeros */
    bool unfolded;          /* batch normalisation stays a layer of its own, as training needs it */
    bool *taken;            /* one a tensor: some layer uses it; NULL when they are made */
    mg_graph *network;      /* owned until the end */
    int64_t length;         /* positions that arrive at the next module */
    int64_t channels;       /* and channels */
    bool input;             /* the channels are still the four bases, in our order */
    bool flat;              /* positions are flattened into features (or there is one, after a Linear) */
    int along;              /* which axis of two-dimensional modules runs along the window: 0, 1, or -1 not known yet */
    int64_t n_activations;  /* numbers in all layers' outputs */
    const mg_module *last;  /* the softmax or sigmoid that ends the network, NULL before it */
    char way[MG_WAY_TEXT];  /* "203 -> 197 -> 65", for messages */
};

/* mg_builder_node()  add a node that takes what arrives; the builder moves on. What the draft owns is taken over, also on
 * failure. Returns: MG_OK, or MG_EINPUT: it does not fit, or all outputs together get too many. */
mg_status mg_builder_node(mg_builder *builder, const mg_module *module, mg_node *draft, mg_error *err);

/* mg_builder_find_axis()  the axis along the window: what the text says, else the first module that tells; 0, 1, or -1
 * when nothing tells. Called once, before the walk. */
int mg_builder_find_axis(const mg_architecture *architecture);

/* mg_builder_check_axis()  the axis of a two-dimensional module along the window, with its kernel held to it
 *
 * Args:     across         - positions that the kernel has to span on the other axis (4 bases or 1)
 *           kernel, stride - its two axes
 * Returns:  MG_OK and *ret 0 or 1, or MG_EINPUT: it spans something else, or nothing tells the axes apart (a 4 x 4
 *           kernel) where they matter.
 */
mg_status mg_builder_check_axis(const mg_builder *builder, const mg_module *module, int64_t across,
                                const int64_t kernel[2], const int64_t stride[2], int *ret, mg_error *err);

/* mg_builder_too_short()  the error that the window is used up: `needs` positions wanted, fewer are there */
mg_status mg_builder_too_short(const mg_builder *builder, const mg_module *module, int64_t needs, mg_error *err);

/* mg_builder_tensor()  the module's tensor of that name in the shape that it has to have, all numbers finite; or a new one
 * of zeros where tensors are made. *ret is the list's, and valid until the next one is made. */
mg_status mg_builder_tensor(mg_builder *builder, const mg_module *module, const char *what, int n_dims,
                            const int64_t *dim, float **ret, mg_error *err);

/* mg_builder_channel()  where the file has our channel c: at the input it may have another order of bases */
int64_t mg_builder_channel(const mg_builder *builder, int64_t c);

/* For the rows of layers.c. */
mg_status mg_build_convolution(mg_builder *builder, const mg_module *module, mg_error *err);
mg_status mg_build_dense(mg_builder *builder, const mg_module *module, mg_error *err);
mg_status mg_build_batch_norm(mg_builder *builder, const mg_module *module, mg_error *err);
mg_status mg_build_pool(mg_builder *builder, const mg_module *module, mg_error *err);

#endif
