/* scorer.c  a network folded to its score, and a workspace a thread */
#include "src/shard/scorer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/attribution/explain.h"
#include "src/core/memory.h"
#include "src/engine/pass.h"

/* What one thread writes into. */
typedef struct {
    mg_pass *pass, *outputs;
    double *x; /* (L, 4) */
} bench;

struct mg_scorer {
    mg_network *network; /* all outputs */
    mg_network *folded;  /* one output: F */
    mg_engine *engine;   /* of folded */
    mg_engine *outputs;  /* of network; only where F alone does not give the probability */
    int n_threads;
    bench *bench; /* (n_threads) */
};

static mg_status create_bench(const mg_scorer *scorer, bench *ret, mg_error *err)
{
    mg_status status = mg_pass_create(scorer->engine, &ret->pass, err);
    if (status == MG_OK && scorer->outputs != NULL) status = mg_pass_create(scorer->outputs, &ret->outputs, err);
    return status == MG_OK ? mg_alloc(&ret->x, (size_t)scorer->folded->length * MG_N_BASES, sizeof *ret->x, err)
                           : status;
}

mg_status mg_scorer_create(const mg_network *network, mg_score score, int n_threads, mg_scorer **ret, mg_error *err)
{
    mg_scorer *scorer = NULL;
    mg_status status = mg_alloc(&scorer, 1, sizeof *scorer, err);
    if (status != MG_OK) return status;
    scorer->n_threads = n_threads;
    status = mg_network_copy(network, &scorer->network, err);
    if (status == MG_OK) status = mg_network_fold_score(network, score, &scorer->folded, err);
    if (status == MG_OK) status = mg_engine_create(scorer->folded, MG_SINGLE, &scorer->engine, err);
    if (status == MG_OK && score == MG_SCORE_LOGIT && network->head == MG_HEAD_SOFTMAX)
        status = mg_engine_create(scorer->network, MG_SINGLE, &scorer->outputs, err);
    if (status == MG_OK) status = mg_alloc(&scorer->bench, (size_t)n_threads, sizeof *scorer->bench, err);
    for (int t = 0; t < n_threads && status == MG_OK; t++)
        status = create_bench(scorer, &scorer->bench[t], err);
    if (status != MG_OK) {
        mg_scorer_destroy(scorer);
        return status;
    }
    *ret = scorer;
    return MG_OK;
}

void mg_scorer_destroy(mg_scorer *scorer)
{
    if (scorer == NULL) return;
    for (int t = 0; scorer->bench != NULL && t < scorer->n_threads; t++) {
        mg_pass_destroy(scorer->bench[t].pass);
        mg_pass_destroy(scorer->bench[t].outputs);
        free(scorer->bench[t].x);
    }
    free(scorer->bench);
    mg_engine_destroy(scorer->engine);
    mg_engine_destroy(scorer->outputs);
    mg_network_destroy(scorer->folded);
    mg_network_destroy(scorer->network);
    free(scorer);
}

/* Softmax of the target, where all outputs are needed. */
static double softmax(mg_pass *outputs, const mg_network *network, const double *x)
{
    mg_pass_forward(outputs, x);
    double target = mg_pass_output(outputs, network->target), sum = 0;
    for (size_t k = 0; k < network->n_outputs; k++)
        sum += exp(mg_pass_output(outputs, k) - target);
    return 1 / sum;
}

mg_window_score mg_scorer_window(mg_scorer *scorer, int thread, const mg_base *base)
{
    const bench *b = &scorer->bench[thread];
    int64_t length = scorer->folded->length;
    memset(b->x, 0, (size_t)length * MG_N_BASES * sizeof *b->x);
    for (int64_t i = 0; i < length; i++)
        if (base[i] < MG_N_BASES) b->x[i * MG_N_BASES + base[i]] = 1;
    double f = mg_pass_forward(b->pass, b->x);
    return (mg_window_score){f, b->outputs != NULL ? softmax(b->outputs, scorer->network, b->x) : mg_score_of(true, f)};
}
