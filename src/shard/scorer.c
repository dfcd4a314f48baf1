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
    mg_pass *pass;
    double *x; /* (L, 4) */
} bench;

struct mg_scorer {
    mg_graph *graph; /* its last value is F */
    mg_plan *plan;
    bool tells_probability;
    int n_threads;
    bench *bench; /* (n_threads) */
};

static mg_status create_bench(const mg_scorer *scorer, bench *ret, mg_error *err)
{
    mg_status status = mg_pass_create(scorer->plan, &ret->pass, err);
    return status == MG_OK ? mg_alloc(&ret->x, (size_t)scorer->graph->length * MG_N_BASES, sizeof *ret->x, err)
                           : status;
}

mg_status mg_scorer_create(const mg_graph *network, const char *score, int n_threads, mg_scorer **ret, mg_error *err)
{
    mg_scorer *scorer = NULL;
    mg_status status = mg_alloc(&scorer, 1, sizeof *scorer, err);
    if (status != MG_OK) return status;
    scorer->n_threads = n_threads;
    mg_score_spec spec;
    status = mg_score_parse(score, network, &spec, err);
    if (status == MG_OK) scorer->tells_probability = mg_score_tells_probability(network, &spec);
    if (status == MG_OK) status = mg_graph_score_borrow(network, &spec, &scorer->graph, err);
    if (status == MG_OK) status = mg_plan_create(scorer->graph, MG_SINGLE, &scorer->plan, err);
    if (scorer->graph != NULL) mg_graph_drop_maps(scorer->graph);
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
        free(scorer->bench[t].x);
    }
    free(scorer->bench);
    mg_plan_destroy(scorer->plan);
    mg_graph_destroy(scorer->graph);
    free(scorer);
}

mg_window_score mg_scorer_window(mg_scorer *scorer, int thread, const mg_base *base)
{
    const bench *b = &scorer->bench[thread];
    int64_t length = scorer->graph->length;
    memset(b->x, 0, (size_t)length * MG_N_BASES * sizeof *b->x);
    for (int64_t i = 0; i < length; i++)
        if (base[i] < MG_N_BASES) b->x[i * MG_N_BASES + base[i]] = 1;
    double f = mg_pass_forward(b->pass, b->x);
    return (mg_window_score){f, scorer->tells_probability ? mg_score_probability(b->pass, f) : NAN};
}
