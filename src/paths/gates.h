/* gates.h  a chain seen as gates with sections of linear links between them
 *
 * A gate is a ReLU, a max pooling, or both, one behind the other (src/kernels/gate.h). The layers from a gate to
 * the next one, or to the network's end, are its section: linear while nobody switches.
 */
#ifndef MG_PATHS_GATES_H
#define MG_PATHS_GATES_H

#include <stdbool.h>
#include <stddef.h>

#include "src/kernels/delta.h"
#include "src/engine/chain.h"

typedef struct {
    size_t begin, end; /* its layers: begin .. end - 1 */
    size_t next;       /* its section's: end .. next - 1 */
    bool with_relu;
    mg_pooling pooling; /* of one position each, where it is a ReLU alone */
    int64_t n_outputs;  /* positions */
} mg_gate;

/* mg_gate_find()  the first gate that begins at layer `from` or behind it; false when there is none */
bool mg_gate_find(const mg_chain *chain, size_t from, mg_gate *ret);

#endif
