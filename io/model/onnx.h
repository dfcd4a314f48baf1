/* onnx.h  a network from an ONNX file, opset 7 to 21
 *
 * The file is a protobuf (onnx.proto has the fields that are read); its graph is walked once, in its order, and every
 * operator adds what does the same to a graph of ours. What does not depend on the window is worked out while reading.
 * Batch is 1, whatever the file says of it. Operators that are not known, and uses of known ones that we have no node for, are
 * refused by the name of the node and the operator.
 * Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md, and Changelog.md for older opsets
 */
#ifndef MG_IO_MODEL_ONNX_H
#define MG_IO_MODEL_ONNX_H

#include <stdbool.h>
#include <stddef.h>

#include "io/model/model_words.h"
#include "src/core/status.h"
#include "src/graph/graph.h"

/* mg_onnx_is()  whether the bytes may be an ONNX file: a message whose fields have numbers that a model has */
bool mg_onnx_is(const unsigned char *bytes, size_t n);

/* mg_onnx_read()  the network
 *
 * Args:     path  - of the file: weights kept outside are looked for in its folder, and nowhere else
 *           words - what the user said
 *           ret   - OUT, with the outputs of the file (or the one that the words name)
 * Returns:  MG_OK; MG_EINPUT: no such file, damaged, more than is read here; MG_EUSAGE: words that do not fit; MG_EMEM. The
 *           sentence does not name the file.
 */
mg_status mg_onnx_read(const char *path, const unsigned char *bytes, size_t n, const mg_model_words *words,
                       mg_graph **ret, mg_error *err);

#endif
