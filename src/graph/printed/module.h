/* module.h  the text of PyTorch's print(model), taken apart into its layers
 *
 *     TISRover(
 *       (features): Sequential(
 *         (0): Conv2d(1, 32, kernel_size=(7, 4), stride=(1, 1))
 *
 * becomes one mg_module a leaf, in the order of the text: name "features.0", kind MG_MODULE_CONVOLUTION and its
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

typedef enum {
    MG_MODULE_CONVOLUTION,
    MG_MODULE_DENSE,
    MG_MODULE_BATCH_NORM,
    MG_MODULE_RELU,
    MG_MODULE_MAX_POOL,
    MG_MODULE_AVERAGE_POOL,
    MG_MODULE_ADAPTIVE_MAX_POOL,
    MG_MODULE_ADAPTIVE_AVERAGE_POOL,
    MG_MODULE_FLATTEN,
    MG_MODULE_DROPOUT, /* nothing when the network is used; trained with it */
    MG_MODULE_NOTHING, /* Identity, and other kinds of dropout */
    MG_MODULE_SOFTMAX,
    MG_MODULE_SIGMOID
} mg_module_kind;

typedef struct {
    mg_module_kind kind;
    int n_axes;                /* 2 for Conv2d, MaxPool2d, ...; else 1 */
    char name[MG_NODE_NAME];   /* "features.0" */
    char text[MG_MODULE_TEXT]; /* "Conv2d(1, 32, kernel_size=(7, 4))" for messages; cut with "..." when long */
    int line;                  /* of the text, from 1 */
    char argument[MG_MODULE_ARGUMENTS][MG_ARGUMENT_TEXT]; /* by the kind's own order of arguments; "" when not given */
} mg_module;

typedef struct {
    size_t n, n_room;
    mg_module *module; /* owned */
} mg_modules;

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

/* mg_module_given()  the argument's text, or NULL when it was not given; name must be one of the kind's arguments */
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
