/* kinds.h  the families of kinds: each file of src/nodes/ is one, and gives its kinds by number; a row in kinds.c */
#ifndef MG_NODES_KINDS_H
#define MG_NODES_KINDS_H

#include "src/graph/kind.h"

/* Kind number i of a family; NULL behind its last. */
typedef const mg_kind *mg_family_kind(size_t i);

mg_family_kind mg_conv_kind;         /* conv, dense: conv.c */
mg_family_kind mg_affine_kind;       /* affine.c */
mg_family_kind mg_pool_average_kind; /* average_pool: pool_average.c */
mg_family_kind mg_pool_max_kind;     /* max_pool: pool_max.c */
mg_family_kind mg_relu_kind;         /* relu.c */
mg_family_kind mg_elementwise_kind;  /* activations: elementwise.c */
mg_family_kind mg_sum_kind;          /* add, subtract, multiply, maximum: sum.c */
mg_family_kind mg_move_kind;         /* concat, gather, constant, known: move.c */
mg_family_kind mg_softmax_kind;      /* softmax, log_odds, profile: softmax.c */
mg_family_kind mg_norm_kind;         /* layer_norm: norm.c */

#endif
