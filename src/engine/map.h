/* map.h  a linear step's weights as the kernels take them: in rows, forward and backward
 *
 * A convolution, or a fully connected node, which is one whose kernel spans all positions of its input.
 */
#ifndef MG_ENGINE_MAP_H
#define MG_ENGINE_MAP_H

#include "src/engine/step.h"

typedef struct mg_map {
    const double *weight;      /* MG_DOUBLE: (O, C, kernel); else NULL: they are packed, and held once */
    double *owned;             /* weight when it is the map's own, else NULL */
    mg_rows forward, backward; /* MG_SINGLE only; with MG_DOUBLE forward is the shape alone */
} mg_map;

/* mg_map_create()  the map of a step with a slide
 * Returns:  MG_OK or MG_EMEM */
mg_status mg_map_create(const mg_step *step, mg_precision precision, mg_map **ret, mg_error *err);
void mg_map_destroy(void *map);

/* mg_map_weight()  MG_SINGLE: one weight of the packed map */
float mg_map_weight(const mg_map *map, int64_t out, int64_t in, int64_t tap);

#endif
