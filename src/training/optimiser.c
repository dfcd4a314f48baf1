/* optimiser.c  steps */
#include "src/training/optimiser.h"

#include <math.h>
#include <stdlib.h>

#include "src/core/memory.h"

static const double beta_momentum = 0.9, beta_square = 0.999, epsilon = 1e-8;

mg_status mg_learner_create(size_t n, mg_learner *ret, mg_error *err)
{
    mg_learner learner = {.n = n};
    mg_status status = mg_alloc(&learner.parameter, n, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&learner.settled, n, sizeof(bool), err);
    if (status == MG_OK) status = mg_alloc(&learner.average, n, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&learner.momentum, n, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&learner.square, n, sizeof(double), err);
    if (status != MG_OK) {
        mg_learner_destroy(&learner);
        return status;
    }
    *ret = learner;
    return MG_OK;
}

void mg_learner_destroy(mg_learner *learner)
{
    free(learner->parameter);
    free(learner->settled);
    free(learner->average);
    free(learner->momentum);
    free(learner->square);
    *learner = (mg_learner){0};
}

double mg_learner_rate(const mg_optimiser_options *options, int64_t step)
{
    if (step < options->n_warm_up) return options->rate * (double)(step + 1) / (double)options->n_warm_up;
    if (options->schedule == MG_SCHEDULE_STEP)
        return options->rate * pow(options->final_rate, (double)(step / options->n_down));
    if (options->schedule == MG_SCHEDULE_CONSTANT) return options->rate;
    double way = (double)(step - options->n_warm_up) / (double)(options->n_steps - options->n_warm_up);
    double share = 0.5 * (1 + cos(acos(-1.0) * (way < 1 ? way : 1)));
    return options->rate * (options->final_rate + (1 - options->final_rate) * share);
}

/* The new value of one parameter. left_of_...: what the correction of running means that began at 0 divides by. */
static double move(const mg_optimiser_options *o, double rate, double left_of_momentum, double left_of_square, double w,
                   double g, double *momentum, double *square)
{
    if (o->kind == MG_SGD) {
        *momentum = o->momentum * *momentum + g + o->decay * w;
        return w - rate * *momentum;
    }
    if (o->kind == MG_ADAM) g += o->decay * w;
    *momentum = beta_momentum * *momentum + (1 - beta_momentum) * g;
    *square = beta_square * *square + (1 - beta_square) * g * g;
    double step = rate * (*momentum / left_of_momentum) / (sqrt(*square / left_of_square) + epsilon);
    if (o->kind == MG_ADAMW) w -= rate * o->decay * w;
    return w - step;
}

void mg_learner_step(const mg_optimiser_options *options, mg_learner *learner, const double *gradient, size_t first,
                     size_t end, int n_threads)
{
    double rate = mg_learner_rate(options, learner->n_steps);
    double step = (double)++learner->n_steps;
    double left_of_momentum = 1 - pow(beta_momentum, step), left_of_square = 1 - pow(beta_square, step);
    /* An average over few steps forgets its beginning sooner. */
    double keep = fmin(options->average, step / (step + 9));
#pragma omp parallel for schedule(static) num_threads(n_threads)
    for (size_t i = first; i < end; i++) {
        double w = learner->parameter[i] - gradient[i];
        if (!learner->settled[i])
            w = move(options, rate, left_of_momentum, left_of_square, learner->parameter[i], gradient[i],
                     &learner->momentum[i], &learner->square[i]);
        learner->parameter[i] = w;
        if (options->average > 0) learner->average[i] = keep * learner->average[i] + (1 - keep) * w;
    }
}

const double *mg_learner_result(const mg_optimiser_options *options, const mg_learner *learner)
{
    return options->average > 0 && learner->n_steps > 0 ? learner->average : learner->parameter;
}
