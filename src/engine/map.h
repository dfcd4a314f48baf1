/* map.h  a linear step's weights as the kernels take them: in rows, forward and backward
 *
 * A convolution, or a fully connected node, which is one whose kernel spans all positions of its input.
 */
#ifndef MG_ENGINE_MAP_H
#define MG_ENGINE_MAP_H

#include "src/engine/step.h"

typedef struct mg_map {
    const double *weight;      /* (O, C, kernel) */
    double *owned;             /* weight when it is the map's own, else NULL */
    mg_rows forward, backward; /* MG_SINGLE only; with MG_DOUBLE forward is the shape alone */
} mg_map;

/* mg_map_create()  the map of a step with a slide
 *
 * Args:     sign - 1 or -1: of the weights of that sign alone; 0: of all
 * Returns:  MG_OK or MG_EMEM
 */
mg_status mg_map_create(const mg_step *step, mg_precision precision, double sign, mg_map **ret, mg_error *err);
void mg_map_destroy(void *map);

/* mg_sign_of()  copy the weights of one sign, 0 in the places of the others */
void mg_sign_of(const double *weight, int64_t n, double sign, double *ret);

#endif
