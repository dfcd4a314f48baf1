/* kinds.c  the table of families (kinds.h) */
#include "src/nodes/kinds.h"

#include <string.h>

static mg_family_kind *const families[] = {mg_conv_kind,    mg_affine_kind,      mg_pool_average_kind, mg_pool_max_kind,
                                           mg_relu_kind,    mg_elementwise_kind, mg_sum_kind,          mg_move_kind,
                                           mg_softmax_kind, mg_norm_kind};

const mg_kind *mg_kind_at(size_t i)
{
    for (size_t f = 0; f < sizeof families / sizeof families[0]; f++)
        for (size_t k = 0; families[f](k) != NULL; k++)
            if (i-- == 0) return families[f](k);
    return NULL;
}

const mg_kind *mg_kind_find(const char *name)
{
    const mg_kind *kind;
    for (size_t i = 0; (kind = mg_kind_at(i)) != NULL; i++)
        if (strcmp(kind->name, name) == 0) return kind;
    return NULL;
}
