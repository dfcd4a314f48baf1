/* marks.h  nodes of a plan that a method treats by their place: who reads a value, who reads the window first, where maps are */
#ifndef MG_ATTRIBUTION_MARKS_H
#define MG_ATTRIBUTION_MARKS_H

#include "src/core/status.h"
#include "src/engine/plan.h"

/* mg_only_reader()  the index of the node that alone reads a value, among those that F needs; -1: none, or several, or one
 * twice */
int64_t mg_only_reader(const mg_plan *plan, size_t value);

/* mg_mark_pairs()  dense nodes whose value a ReLU alone reads, and those ReLUs: marks (steps) OUT, for mg_rule.paired */
void mg_mark_pairs(const mg_plan *plan, bool *mark);

/* mg_mark_first()  the convolutions and dense nodes that read the window, for mg_rule.is_first
 *
 * Purpose:  The window may first be moved as a whole (turned round, complemented, cropped, padded), position by position.
 * Args:     mark   - (steps) OUT
 *           method - who asks, for the message
 * Returns:  MG_OK, or MG_EINPUT naming a node that reads the window and is neither: relevance of a row cannot be told there.
 */
mg_status mg_mark_first(const mg_plan *plan, const char *method, bool *mark, mg_error *err);

/* mg_find_map_node()  convolution number k (1: the first) of those that F needs and that have several positions, 0: the last;
 * the index of its node, or -1. ret_n (may be NULL) gets how many there are. */
int64_t mg_find_map_node(const mg_plan *plan, int64_t k, int64_t *ret_n);

/* mg_value_behind()  the value of the activation that stands alone behind a node: of a ReLU or another function of one number,
 * with nothing but an affine node between; without one the node's own */
size_t mg_value_behind(const mg_plan *plan, size_t node);

#endif
