/* family.h  which sets of kernels give the same bits
 *
 * Outputs see their additions in the same order, whatever the width of a set's vectors; but portable kernels round twice
 * where those with fused multiply-add round once. Sets are known by their names (mg_kernels.name), which files keep too.
 */
#ifndef MG_ENGINE_FAMILY_H
#define MG_ENGINE_FAMILY_H

#include <stdbool.h>

/* mg_family_name()  "fused multiply-add" or "portable": what the set of this name has in common with those that give the
 * same bits */
const char *mg_family_name(const char *set);

/* mg_family_same()  whether two sets are of one family */
bool mg_family_same(const char *set, const char *other);

#endif
