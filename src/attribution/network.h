/* network.h  the network itself as a row beside the methods, where effects were measured
 *
 * What the network says a mutation does is one more claim about what was measured. It is no attribution: its contributions
 * are NaN, and so are its metrics but those of the family of measured effects, which src/shard/against.h works out.
 */
#ifndef MG_ATTRIBUTION_NETWORK_H
#define MG_ATTRIBUTION_NETWORK_H

#include <stdbool.h>

#include "src/attribution/method.h"

/* mg_network_method()  the row, called "network" */
void mg_network_method(mg_method *ret);

/* mg_network_is()  does a specification name it? */
bool mg_network_is(const char *spec);

#endif
