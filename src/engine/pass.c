/* pass.c  one thread's workspace on an engine, and the choice of precision */
#include "src/engine/pass.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/engine.h"
#include "src/paths/path.h"

const mg_rule mg_rule_gradient = {.relu = MG_RELU_GRADIENT, .pool = MG_POOL_WINNER};

static size_t number_size(const mg_engine *engine)
{
    return engine->precision == MG_SINGLE ? sizeof(float) : sizeof(double);
}

static mg_status create_set(mg_pass *pass, int set, mg_error *err)
{
    const mg_engine *engine = pass->engine;
    size_t n = engine->network->n_layers;
    mg_status status = mg_alloc(&pass->activation[set], n + 1, sizeof(void *), err);
    if (status == MG_OK) status = mg_alloc(&pass->winner[set], n, sizeof(int32_t *), err);
    for (size_t l = 0; l <= n && status == MG_OK; l++)
        status = mg_alloc_aligned(&pass->activation[set][l], (size_t)engine->size[l], number_size(engine), err);
    for (size_t l = 0; l < n && status == MG_OK; l++)
        if (engine->network->layer[l].kind == MG_MAX_POOL)
            status = mg_alloc_aligned(&pass->winner[set][l], (size_t)engine->size[l + 1], sizeof(int32_t), err);
    return status;
}

/* Entries a compaction may write: all values, and one vector of room for its last store. */
static size_t list_room(const mg_engine *engine)
{
    return (size_t)engine->max_size + MG_LANES;
}

static size_t input_numbers(const mg_engine *engine)
{
    return (size_t)engine->network->length * 4;
}

mg_status mg_pass_create(const mg_engine *engine, mg_pass **ret, mg_error *err)
{
    mg_pass *pass = NULL;
    mg_status status = mg_alloc(&pass, 1, sizeof *pass, err);
    if (status != MG_OK) return status;
    pass->engine = engine;
    for (int set = 0; set < MG_N_SETS && status == MG_OK; set++)
        status = create_set(pass, set, err);
    if (status == MG_OK) status = mg_alloc(&pass->reference, input_numbers(engine), sizeof(double), err);
    for (int i = 0; i < MG_N_BUFFERS && status == MG_OK; i++)
        status = mg_alloc_aligned(&pass->buffer[i], (size_t)engine->max_size, number_size(engine), err);
    if (status == MG_OK) status = mg_alloc(&pass->list.begin, (size_t)engine->max_list, sizeof(int32_t), err);
    if (status == MG_OK) status = mg_alloc_aligned(&pass->list.channel, list_room(engine), sizeof(int32_t), err);
    if (status == MG_OK) status = mg_alloc_aligned(&pass->list.value, list_room(engine), sizeof(float), err);
    if (status == MG_OK && mg_path_suits(engine)) status = mg_path_create(engine, &pass->path, err);
    if (status != MG_OK) {
        mg_pass_destroy(pass);
        return status;
    }
    *ret = pass;
    return MG_OK;
}

void mg_pass_destroy(mg_pass *pass)
{
    if (pass == NULL) return;
    for (int set = 0; set < MG_N_SETS; set++) {
        for (size_t l = 0; pass->activation[set] != NULL && l <= pass->engine->network->n_layers; l++)
            free(pass->activation[set][l]);
        for (size_t l = 0; pass->winner[set] != NULL && l < pass->engine->network->n_layers; l++)
            free(pass->winner[set][l]);
        free(pass->activation[set]);
        free(pass->winner[set]);
    }
    for (int i = 0; i < MG_N_BUFFERS; i++)
        free(pass->buffer[i]);
    mg_path_destroy(pass->path);
    free(pass->reference);
    free(pass->list.begin);
    free(pass->list.channel);
    free(pass->list.value);
    free(pass);
}

size_t mg_pass_bytes(const mg_engine *engine)
{
    size_t numbers = (size_t)engine->max_size * MG_N_BUFFERS, winners = 0;
    for (size_t l = 0; l <= engine->network->n_layers; l++)
        numbers += MG_N_SETS * (size_t)engine->size[l];
    for (size_t l = 0; l < engine->network->n_layers; l++)
        if (engine->network->layer[l].kind == MG_MAX_POOL) winners += MG_N_SETS * (size_t)engine->size[l + 1];
    return (mg_path_suits(engine) ? mg_path_bytes(engine) : 0) + numbers * number_size(engine) +
           winners * sizeof(int32_t) + input_numbers(engine) * sizeof(double) +
           list_room(engine) * (sizeof(int32_t) + sizeof(float));
}

const mg_engine *mg_pass_engine(const mg_pass *pass)
{
    return pass->engine;
}

void mg_pass_count(mg_pass *pass, uint64_t *n_macs)
{
    pass->n_macs = n_macs;
}

static double forward(mg_pass *pass, int set, const double *x)
{
    size_t n_layers = pass->engine->network->n_layers;
    if (pass->engine->precision == MG_SINGLE) {
        mg_walk_input_single(pass, set, x);
        return mg_walk_up_single(pass, set, 0, n_layers);
    }
    mg_walk_input_double(pass, set, x);
    return mg_walk_up_double(pass, set, 0, n_layers);
}

double mg_pass_forward(mg_pass *pass, const double *x)
{
    return forward(pass, MG_SET_WINDOW, x);
}

double mg_pass_forward_reference(mg_pass *pass, const double *reference)
{
    size_t bytes = input_numbers(pass->engine) * sizeof *reference;
    if (!pass->has_reference || memcmp(pass->reference, reference, bytes) != 0) {
        memcpy(pass->reference, reference, bytes);
        pass->reference_output = forward(pass, MG_SET_REFERENCE, reference);
        pass->has_reference = true;
    }
    return pass->reference_output;
}

double mg_pass_output(const mg_pass *pass, size_t k)
{
    const void *output = pass->activation[MG_SET_WINDOW][pass->engine->network->n_layers];
    return pass->engine->precision == MG_SINGLE ? (double)((const float *)output)[k] : ((const double *)output)[k];
}

void mg_pass_backward(mg_pass *pass, const mg_rule *rule, double *multiplier)
{
    size_t n_layers = pass->engine->network->n_layers;
    if (pass->engine->precision == MG_SINGLE)
        mg_walk_multiplier_single(pass, mg_walk_down_single(pass, rule, mg_walk_seed_single(pass), n_layers, 0),
                                  multiplier);
    else
        mg_walk_multiplier_double(pass, mg_walk_down_double(pass, rule, mg_walk_seed_double(pass), n_layers, 0),
                                  multiplier);
}

void mg_pass_mean_gradient(mg_pass *pass, const double *x, const double *reference, int64_t n, const double *node,
                           const double *weight, double *scratch, double *mean)
{
    if (pass->path != NULL)
        mg_path_mean_gradient(pass->path, pass, x, reference, n, node, weight, mean);
    else
        mg_pass_mean_gradient_ref(pass, x, reference, n, node, weight, scratch, mean);
}

void mg_pass_mean_gradient_ref(mg_pass *pass, const double *x, const double *reference, int64_t n, const double *node,
                               const double *weight, double *scratch, double *mean)
{
    int64_t size = pass->engine->network->length * 4;
    double *point = scratch, *gradient = scratch + size;
    memset(mean, 0, (size_t)size * sizeof *mean);
    for (int64_t k = 0; k < n; k++) {
        for (int64_t i = 0; i < size; i++)
            point[i] = reference[i] + node[k] * (x[i] - reference[i]);
        mg_pass_forward(pass, point);
        mg_pass_backward(pass, &mg_rule_gradient, gradient);
        for (int64_t i = 0; i < size; i++)
            mean[i] += weight[k] * gradient[i];
    }
    mg_pass_forward(pass, x);
}
