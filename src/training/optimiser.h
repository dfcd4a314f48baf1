/* optimiser.h  from gradients to new weights: SGD with momentum, Adam, AdamW, and the learning rate as it goes
 *
 * All in double, parameter by parameter, in the same operations wherever it runs. Sources: Sutskever et al. 2013
 * (momentum, in PyTorch's form), Kingma and Ba 2015 (Adam), Loshchilov and Hutter 2019 (AdamW) and 2017 (cosine),
 * Polyak and Juditsky 1992 (averaging).
 */
#ifndef MG_TRAINING_OPTIMISER_H
#define MG_TRAINING_OPTIMISER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

typedef enum { MG_SGD, MG_ADAM, MG_ADAMW } mg_optimiser_kind;
typedef enum { MG_SCHEDULE_CONSTANT, MG_SCHEDULE_COSINE, MG_SCHEDULE_STEP } mg_schedule_kind;

typedef struct {
    mg_optimiser_kind kind;
    double momentum;   /* MG_SGD */
    double decay;      /* of weights: added to the gradient (MG_SGD, MG_ADAM), or taken off by itself (MG_ADAMW) */
    double average;    /* share that the average of the weights keeps at a step; 0: no average */
    double rate;       /* the largest learning rate */
    double final_rate; /* share of it at the end of MG_SCHEDULE_COSINE, or that is left at each step down */
    mg_schedule_kind schedule;
    int64_t n_steps;   /* of the whole training */
    int64_t n_warm_up; /* steps in which the rate rises from 0 */
    int64_t n_down;    /* steps between two steps down, MG_SCHEDULE_STEP */
} mg_optimiser_options;

/* What there is of a network in training, apart from its shape. */
typedef struct {
    size_t n;          /* parameters */
    int64_t n_steps;   /* done */
    double *parameter; /* owned */
    bool *settled;     /* owned: a step leaves parameter - gradient, no rate, no decay (mg_trainable_settled()) */
    double *average;   /* owned: of the parameters; untouched when there is to be none */
    double *momentum, *square; /* owned: running means of the gradient and of its square */
} mg_learner;

mg_status mg_learner_create(size_t n, mg_learner *ret, mg_error *err);
void mg_learner_destroy(mg_learner *learner); /* frees what it holds, not the struct */

/* mg_learner_rate()  the learning rate of a step, from 0 */
double mg_learner_rate(const mg_optimiser_options *options, int64_t step);

/* mg_learner_step()  one step down the gradient, of parameters first .. end - 1; threads share them */
void mg_learner_step(const mg_optimiser_options *options, mg_learner *learner, const double *gradient, size_t first,
                     size_t end, int n_threads);

/* mg_learner_result()  the parameters that count: the average when there is one */
const double *mg_learner_result(const mg_optimiser_options *options, const mg_learner *learner);

#endif
