/* module.h  the text of PyTorch's print(model), taken apart into its layers
 *
 *     TISRover(
 *       (features): Sequential(
 *         (0): Conv2d(1, 32, kernel_size=(7, 4), stride=(1, 1))
 *
 * becomes one mg_module a leaf, in the order of the text: name "features.0", the type Conv2d and its
 * arguments as words. Containers only lend their names. The order of the text is taken for the order of computation,
 * because a state dict and print(model) say nothing of forward(): a network that skips, branches or uses one module
 * twice cannot be told from its text, but by the names of its blocks (src/graph/printed/blocks.h).
 */
#ifndef MG_GRAPH_PRINTED_MODULE_H
#define MG_GRAPH_PRINTED_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/graph/graph.h"

enum { MG_MODULE_ARGUMENTS = 12, MG_MODULE_TEXT = 160, MG_ARGUMENT_TEXT = 32 };

/* What there is to know of a layer without building it. */
enum {
    MG_MODULE_WEIGHTS = 1 << 0,     /* sums weighted by weights: convolutions, Linear */
    MG_MODULE_CONVOLUTION = 1 << 1, /* ... over a kernel */
    MG_MODULE_SLIDES = 1 << 2,      /* has a kernel, which may tell the axes of a picture apart */
    MG_MODULE_LARGEST = 1 << 3,     /* a pool that takes the largest; other pools take the mean */
    MG_MODULE_ADAPTIVE = 1 << 4,    /* a pool that is told how many positions come out */
    MG_MODULE_ACTIVATION = 1 << 5,  /* makes what comes out no longer linear in what goes in */
    MG_MODULE_LOGISTIC = 1 << 6,    /* as the network's end it is a sigmoid, not a softmax */
    MG_MODULE_DROPOUT = 1 << 7,     /* nothing when the network is used; trained with it */
    MG_MODULE_UNTRAINED = 1 << 8    /* nothing when the network is used; not known in training */
};

typedef struct mg_builder mg_builder; /* builder.h */
typedef struct mg_module mg_module;

/* A kind of layer: a row in the table of layers.c. */
typedef struct {
    const char *word; /* "Conv1d" */
    int n_axes;       /* 2 for Conv2d, MaxPool2d, ...; else 1 */
    unsigned traits;  /* MG_MODULE_ */
    /* add it to the network; NULL: it is nothing when the network is used */
    mg_status (*build)(mg_builder *builder, const mg_module *module, mg_error *err);
    const char *argument[MG_MODULE_ARGUMENTS]; /* in PyTorch's order; a first one of "*": any, and none matters */
} mg_module_type;

/* mg_module_type_at()  by number; NULL behind the last */
const mg_module_type *mg_module_type_at(size_t i);

struct mg_module {
    const mg_module_type *type;
    char name[MG_NODE_NAME];   /* "features.0" */
    char text[MG_MODULE_TEXT]; /* "Conv2d(1, 32, kernel_size=(7, 4))" for messages; cut with "..." when long */
    int line;                  /* of the text, from 1 */
    char argument[MG_MODULE_ARGUMENTS][MG_ARGUMENT_TEXT]; /* by the type's own order of arguments; "" when not given */
};

typedef struct {
    size_t n, n_room;
    mg_module *module; /* owned */
} mg_modules;

/* mg_module_is()  has its type any of these traits? */
static inline bool mg_module_is(const mg_module *module, unsigned traits)
{
    return (module->type->traits & traits) != 0;
}

/* mg_modules_parse()  take print(model) apart
 *
 * Args:     text       - ends with zero
 *           origin     - what to call it in messages
 *           first_line - line number of its first line
 * Returns:  MG_OK and *ret for mg_modules_destroy(), or MG_EINPUT: a layer of a kind, or with an argument, that is not
 *           known (named), brackets that do not match, names longer than 63 bytes, more than 4096 layers.
 */
mg_status mg_modules_parse(const char *text, const char *origin, int first_line, mg_modules *ret, mg_error *err);
void mg_modules_destroy(mg_modules *modules); /* frees what it holds, not the struct; NULL is fine */

/* mg_module_given()  the argument's text, or NULL when it was not given; name must be one of the type's arguments */
const char *mg_module_given(const mg_module *module, const char *name);

/* mg_module_integers()  an argument that is an integer or a tuple of n of them; one integer stands for all n
 *
 * Args:     low    - smallest value allowed (the largest is 2^24)
 *           preset - value when not given; below low: required
 *           value  - OUT, n values
 */
mg_status mg_module_integers(const mg_module *module, const char *name, int64_t low, int64_t preset, int n,
                             int64_t *value, mg_error *err);
mg_status mg_module_real(const mg_module *module, const char *name, double preset, double *value, mg_error *err);
mg_status mg_module_boolean(const mg_module *module, const char *name, bool preset, bool *value, mg_error *err);

#endif
