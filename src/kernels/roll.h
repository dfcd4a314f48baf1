/* roll.h  what rows.c asks of roll.c: for kernels/ only */
#ifndef MG_KERNELS_ROLL_H
#define MG_KERNELS_ROLL_H

#include "src/kernels/kernels.h"

/* What a call takes: one input; MG_SHARED that share a list; or a pair that does, of which the first meets the positive weights
 * and the second the negative ones. */
typedef enum { ALONE, SHARED, PAIR } form;

/* The inputs of a call, and where their outputs stand. */
typedef struct {
    form of;
    const mg_list *list;
    int64_t p_begin, p_end; /* positions of the list */
    int64_t t_begin, t_end; /* outputs wanted */
    float *out;             /* of the first input; of the others out_step floats further each */
    int64_t out_step;
    float sign; /* of the weights that count for one input alone; 0: all */
} task;

typedef struct {
    /* rows()  outputs first .. end - 1 of a map that rolls: whole blocks, or the last one */
    void (*rows)(const mg_rows *op, const task *work, int64_t first, int64_t end, bool with_bias);
} mg_roll_kernels;

#endif
