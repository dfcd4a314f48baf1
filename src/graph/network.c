/* network.c  copies of a network, and the one whose only output is the score */
#include "src/graph/network.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

static size_t weights_of(const mg_layer *layer)
{
    if (layer->kind == MG_LINEAR) return (size_t)(layer->out_channels * layer->in_channels * layer->kernel);
    return layer->kind == MG_AFFINE ? (size_t)layer->out_channels : 0;
}

static size_t biases_of(const mg_layer *layer)
{
    return layer->kind == MG_LINEAR || layer->kind == MG_AFFINE ? (size_t)layer->out_channels : 0;
}

void mg_network_destroy(mg_network *network)
{
    if (network == NULL) return;
    for (size_t i = 0; i < network->n_layers; i++) {
        free(network->layer[i].weight);
        free(network->layer[i].bias);
        free(network->layer[i].divisor);
        mg_norm_destroy(network->layer[i].norm);
    }
    free(network->layer);
    free(network->class_name);
    free(network);
}

static mg_status copy_numbers(const double *from, size_t n, double **ret, mg_error *err)
{
    *ret = NULL;
    if (from == NULL) return MG_OK;
    mg_status status = mg_alloc(ret, n, sizeof **ret, err);
    if (status == MG_OK) memcpy(*ret, from, n * sizeof **ret);
    return status;
}

static mg_status copy_norm(const mg_norm *from, mg_norm **ret, mg_error *err)
{
    *ret = NULL;
    if (from == NULL) return MG_OK;
    mg_status status = mg_alloc(ret, 1, sizeof **ret, err);
    if (status != MG_OK) return status;
    **ret = *from;
    return copy_numbers(from->value, (size_t)(MG_NORM_ROWS * from->channels), &(*ret)->value, err);
}

static mg_status copy_layer(const mg_layer *from, mg_layer *to, mg_error *err)
{
    *to = *from;
    to->weight = to->bias = to->divisor = NULL;
    to->norm = NULL;
    mg_status status = copy_numbers(from->weight, weights_of(from), &to->weight, err);
    if (status == MG_OK) status = copy_numbers(from->bias, biases_of(from), &to->bias, err);
    if (status == MG_OK) status = copy_numbers(from->divisor, (size_t)from->out_length, &to->divisor, err);
    if (status == MG_OK) status = copy_norm(from->norm, &to->norm, err);
    return status;
}

mg_status mg_network_copy(const mg_network *network, mg_network **ret, mg_error *err)
{
    mg_network *copy = NULL;
    mg_status status = mg_alloc(&copy, 1, sizeof *copy, err);
    if (status != MG_OK) return status;
    *copy = *network;
    copy->n_layers = 0;
    copy->layer = NULL;
    copy->class_name = NULL;
    status = mg_alloc(&copy->layer, network->n_layers, sizeof *copy->layer, err);
    if (status != MG_OK) goto cleanup;
    status = mg_alloc(&copy->class_name, network->n_outputs, sizeof *copy->class_name, err);
    if (status != MG_OK) goto cleanup;
    memcpy(copy->class_name, network->class_name, network->n_outputs * sizeof *copy->class_name);
    for (size_t i = 0; i < network->n_layers && status == MG_OK; i++)
        status = copy_layer(&network->layer[i], &copy->layer[copy->n_layers++], err);
cleanup:
    if (status == MG_OK) {
        *ret = copy;
    } else {
        mg_network_destroy(copy);
    }
    return status;
}

/* Is the score the target's own row (true), or the difference of the two rows (false)? */
static mg_status choose_rows(const mg_network *network, mg_score score, bool *ret_alone, mg_error *err)
{
    *ret_alone = score == MG_SCORE_LOGIT || network->head == MG_HEAD_SIGMOID;
    if (*ret_alone) return MG_OK;
    const char *name = score == MG_SCORE_LOG_ODDS ? "log-odds" : "probability";
    if (network->head == MG_HEAD_NONE)
        return mg_fail(err, MG_EINPUT, "the network's head is 'none', so its outputs have no %s; give --score logit",
                       name);
    if (network->n_outputs != 2)
        return mg_fail(err, MG_EINPUT,
                       "the %s of one of %zu softmax classes is no linear function of the logits; give --score logit",
                       name, network->n_outputs);
    return MG_OK;
}

mg_status mg_network_fold_score(const mg_network *network, mg_score score, mg_network **ret, mg_error *err)
{
    bool alone = false;
    mg_network *folded = NULL;
    mg_status status = choose_rows(network, score, &alone, err);
    if (status == MG_OK) status = mg_network_copy(network, &folded, err);
    if (status != MG_OK) return status;

    mg_layer *last = &folded->layer[folded->n_layers - 1];
    int64_t n = last->in_channels * last->kernel;
    size_t target = folded->target;
    const double *row = last->weight + (int64_t)target * n;
    double bias = last->bias[target];
    if (alone) {
        memmove(last->weight, row, (size_t)n * sizeof *row);
    } else {
        const double *other = last->weight + (int64_t)(1 - target) * n;
        for (int64_t i = 0; i < n; i++)
            last->weight[i] = row[i] - other[i];
        bias -= last->bias[1 - target];
    }
    last->bias[0] = bias;
    last->out_channels = 1;
    memmove(folded->class_name[0], folded->class_name[target], sizeof folded->class_name[0]);
    folded->n_outputs = 1;
    folded->target = 0;
    folded->head = score == MG_SCORE_LOGIT ? MG_HEAD_NONE : MG_HEAD_SIGMOID;
    *ret = folded;
    return MG_OK;
}

int64_t mg_layer_n_weights(const mg_layer *layer)
{
    return (int64_t)(weights_of(layer) + biases_of(layer));
}

int64_t mg_layer_n_macs(const mg_layer *layer)
{
    return layer->out_length * (int64_t)weights_of(layer);
}

int64_t mg_network_n_weights(const mg_network *network)
{
    int64_t n = 0;
    for (size_t i = 0; i < network->n_layers; i++)
        n += mg_layer_n_weights(&network->layer[i]);
    return n;
}

int64_t mg_network_n_macs(const mg_network *network)
{
    int64_t n = 0;
    for (size_t i = 0; i < network->n_layers; i++)
        n += mg_layer_n_macs(&network->layer[i]);
    return n;
}
