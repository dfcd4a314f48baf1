/* slide.h  what nodes whose window slides along the positions have in common: convolutions and pools */
#ifndef MG_NODES_SLIDE_H
#define MG_NODES_SLIDE_H

#include "src/graph/kind.h"

/* mg_slide_check()  is it a window at all? MG_EINPUT with a sentence */
mg_status mg_slide_check(const mg_slide *slide, mg_error *err);

/* As members of mg_kind. */
void mg_slide_touch(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *changed,
                    bool *touched);
void mg_slide_need(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *wanted, bool *needed);

#endif
