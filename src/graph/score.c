/* score.c  F as the last node of a graph (score.h) */
#include "src/graph/score.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"

mg_head_kind mg_graph_head(const mg_graph *graph, const mg_output *output, size_t *ret_logits)
{
    *ret_logits = output->value;
    if (output->value == 0) return MG_NO_HEAD;
    const mg_node *node = mg_value_node(graph, output->value);
    bool softmax = (node->kind->traits & MG_TRAIT_SOFTMAX) != 0 && node->axis == MG_AXIS_CHANNELS;
    bool logistic = (node->kind->traits & MG_TRAIT_LOGISTIC) != 0;
    if (softmax || logistic) *ret_logits = node->input[0];
    return softmax ? MG_SOFTMAX_HEAD : logistic ? MG_LOGISTIC_HEAD : MG_NO_HEAD;
}

bool mg_score_tells_probability(const mg_graph *network, const mg_score_spec *score)
{
    size_t logits;
    bool summed = score->kind == MG_SCORE_MEAN || score->kind == MG_SCORE_SUM || score->kind == MG_SCORE_PROFILE;
    return !summed && mg_graph_head(network, &network->output[score->output], &logits) != MG_NO_HEAD;
}

size_t mg_graph_n_layers(const mg_graph *graph)
{
    size_t n = graph->n_nodes, logits;
    for (size_t i = 0; i < graph->n_outputs; i++)
        n -= mg_graph_head(graph, &graph->output[i], &logits) != MG_NO_HEAD;
    return n;
}

/* --- what is asked for --- */

/* The rows of the logits that make F. */
typedef enum { ALONE, DIFFERENCE, AGAINST_REST, MEAN, SUM, PROFILE } form;

typedef struct {
    form form;
    size_t logits; /* value */
    mg_head_kind head;
    mg_extent extent; /* of the logits */
    bool all;         /* all classes: MEAN, SUM, PROFILE */
    int64_t class_, other, position;
} request;

static form form_of(const mg_score_spec *spec, mg_head_kind head, int64_t n_classes)
{
    if (spec->kind == MG_SCORE_MEAN) return MEAN;
    if (spec->kind == MG_SCORE_SUM) return SUM;
    if (spec->kind == MG_SCORE_PROFILE) return PROFILE;
    if (spec->kind == MG_SCORE_DIFFERENCE) return DIFFERENCE;
    if (spec->kind == MG_SCORE_LOGIT || spec->kind == MG_SCORE_VALUE || head == MG_LOGISTIC_HEAD) return ALONE;
    return n_classes == 2 ? DIFFERENCE : AGAINST_REST;
}

static mg_status check_position(const mg_output *output, const mg_score_spec *spec, const request *p, mg_error *err)
{
    long long n = (long long)p->extent.length;
    if (p->form >= MEAN) return MG_OK;
    if (n > 1 && !spec->has_position)
        return mg_fail(
            err, MG_EINPUT,
            "output '%s' has %lld positions, and one number is explained: give --score %s:position=N, or mean, "
            "sum or profile",
            output->name, n, mg_score_name(spec->kind));
    if (p->position >= 0 && p->position < p->extent.length) return MG_OK;
    return mg_fail(err, MG_EINPUT, "output '%s' has positions 0 to %lld, not %lld", output->name, n - 1,
                   (long long)p->position);
}

static mg_status make_request(const mg_graph *network, const mg_score_spec *spec, request *p, mg_error *err)
{
    if (spec->output >= network->n_outputs) return mg_fail(err, MG_EINPUT, "the network has no output");
    const mg_output *output = &network->output[spec->output];
    p->head = mg_graph_head(network, output, &p->logits);
    p->position = spec->has_position ? spec->position : 0;
    p->extent = network->extent[p->logits];
    p->form = form_of(spec, p->head, p->extent.channels);
    p->class_ = (int64_t)(spec->has_class ? spec->class_ : output->target);
    p->other = spec->has_other ? (int64_t)spec->other : 1 - p->class_;
    p->all = p->form >= MEAN && !spec->has_class;
    bool odds = spec->kind == MG_SCORE_LOG_ODDS || spec->kind == MG_SCORE_PROBABILITY;
    if (odds && p->head == MG_NO_HEAD)
        return mg_fail(err, MG_EINPUT, "the network's head is 'none', so its outputs have no %s; give --score value",
                       mg_score_name(spec->kind));
    if (spec->kind == MG_SCORE_VALUE && p->head != MG_NO_HEAD)
        return mg_fail(err, MG_EINPUT,
                       "output '%s' has a head that makes probabilities: give --score log-odds, logit or probability",
                       output->name);
    if (spec->kind == MG_SCORE_DIFFERENCE && !spec->has_other && p->extent.channels != 2)
        return mg_fail(err, MG_EINPUT,
                       "a difference of two of %lld classes: give --score difference:class=NAME,other=NAME",
                       (long long)p->extent.channels);
    if (p->form == AGAINST_REST && p->extent.channels < 2)
        return mg_fail(err, MG_EINPUT, "a softmax over one output is always 1");
    return check_position(output, spec, p, err);
}

/* --- folding --- */

/* Can F's row be folded into the node that makes the logits? */
static bool folds(const mg_graph *network, const request *p)
{
    if (p->form > DIFFERENCE || p->logits == 0 || p->extent.length != 1) return false;
    const mg_node *node = mg_value_node(network, p->logits);
    return (node->kind->traits & MG_TRAIT_MAP) != 0 && node->groups <= 1;
}

/* The node that makes the logits, with F's row alone. */
static mg_status fold(const mg_node *node, const request *p, mg_node *ret, mg_error *err)
{
    int64_t n = node->n_weight / node->n_bias;
    const double *row = node->weight + p->class_ * n;
    *ret = (mg_node){.kind = node->kind, .slide = node->slide, .groups = 1, .n_weight = n, .n_bias = 1};
    memcpy(ret->name, node->name, sizeof ret->name);
    mg_status status = mg_alloc(&ret->weight, (size_t)n, sizeof *ret->weight, err);
    if (status == MG_OK) status = mg_alloc(&ret->bias, 1, sizeof *ret->bias, err);
    if (status != MG_OK) {
        mg_node_clear(ret);
        return status;
    }
    memcpy(ret->weight, row, (size_t)n * sizeof *row);
    ret->bias[0] = node->bias[p->class_];
    if (p->form == ALONE) return MG_OK;
    const double *other = node->weight + p->other * n;
    for (int64_t i = 0; i < n; i++)
        ret->weight[i] = row[i] - other[i];
    ret->bias[0] -= node->bias[p->other];
    return MG_OK;
}

static mg_status add_folded(const mg_graph *network, const request *p, size_t from, mg_graph *graph, mg_error *err)
{
    mg_node draft;
    size_t value;
    mg_status status = fold(mg_value_node(network, p->logits), p, &draft, err);
    return status == MG_OK ? mg_graph_add(graph, &draft, 1, &from, &value, err) : status;
}

/* --- nodes of their own --- */

static mg_node score_node(const char *kind)
{
    mg_node draft = {.kind = mg_kind_find(kind)};
    snprintf(draft.name, sizeof draft.name, "score");
    return draft;
}

/* length x channels numbers of `from`, from number `first` on, `step` apart. */
static mg_status add_gather(mg_graph *graph, size_t from, mg_extent asked, int64_t first, int64_t step, size_t *ret,
                            mg_error *err)
{
    mg_node draft = score_node("gather");
    int64_t n = asked.length * asked.channels;
    draft.asked = asked;
    mg_status status = mg_alloc(&draft.index, (size_t)n, sizeof *draft.index, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < n; i++)
        draft.index[i] = first + i * step;
    return mg_graph_add(graph, &draft, 1, &from, ret, err);
}

static mg_status add_number(mg_graph *graph, size_t from, const request *p, int64_t channel, size_t *ret, mg_error *err)
{
    return add_gather(graph, from, (mg_extent){1, 1}, p->position * p->extent.channels + channel, 1, ret, err);
}

static mg_status add_difference(mg_graph *graph, size_t from, const request *p, mg_error *err)
{
    size_t value[2];
    mg_status status = add_number(graph, from, p, p->class_, &value[0], err);
    if (status == MG_OK) status = add_number(graph, from, p, p->other, &value[1], err);
    mg_node draft = score_node("subtract");
    return status == MG_OK ? mg_graph_add(graph, &draft, 2, value, &value[0], err) : status;
}

static mg_status add_log_odds(mg_graph *graph, size_t from, const request *p, mg_error *err)
{
    mg_status status = MG_OK;
    mg_node draft = score_node("log_odds");
    if (p->extent.length > 1)
        status = add_gather(graph, from, (mg_extent){1, p->extent.channels}, p->position * p->extent.channels, 1, &from,
                            err);
    if (status == MG_OK) status = mg_alloc(&draft.index, 1, sizeof *draft.index, err);
    if (status != MG_OK) return status;
    draft.asked = (mg_extent){1, 1};
    draft.index[0] = p->class_;
    return mg_graph_add(graph, &draft, 1, &from, &from, err);
}

/* A weighted sum over everything: weights at the class, or everywhere. */
static mg_status add_weighted(mg_graph *graph, size_t from, const request *p, mg_error *err)
{
    mg_node draft = score_node("dense");
    int64_t length = p->extent.length, channels = p->extent.channels;
    double n = (double)(length * (p->all ? channels : 1));
    draft.n_weight = length * channels;
    mg_status status = mg_alloc(&draft.weight, (size_t)draft.n_weight, sizeof *draft.weight, err);
    if (status != MG_OK) return status;
    for (int64_t c = 0; c < channels; c++)
        for (int64_t t = 0; t < length && (p->all || c == p->class_); t++)
            draft.weight[c * length + t] = p->form == MEAN ? 1.0 / n : 1.0;
    return mg_graph_add(graph, &draft, 1, &from, &from, err);
}

static mg_status add_profile(mg_graph *graph, size_t from, const request *p, mg_error *err)
{
    mg_node draft = score_node("profile");
    mg_status status = MG_OK;
    if (!p->all && p->extent.channels > 1)
        status = add_gather(graph, from, (mg_extent){p->extent.length, 1}, p->class_, p->extent.channels, &from, err);
    return status == MG_OK ? mg_graph_add(graph, &draft, 1, &from, &from, err) : status;
}

static mg_status add_score(mg_graph *graph, size_t from, const request *p, mg_error *err)
{
    size_t value;
    switch (p->form) {
    case ALONE:
        return add_number(graph, from, p, p->class_, &value, err);
    case DIFFERENCE:
        return add_difference(graph, from, p, err);
    case AGAINST_REST:
        return add_log_odds(graph, from, p, err);
    case MEAN:
    case SUM:
        return add_weighted(graph, from, p, err);
    case PROFILE:
        break;
    }
    return add_profile(graph, from, p, err);
}

static mg_status make_score(const mg_graph *network, const mg_score_spec *spec, bool lend, mg_graph **ret,
                            mg_error *err)
{
    request p = {0};
    mg_graph *graph = NULL;
    mg_status status = make_request(network, spec, &p, err);
    if (status != MG_OK) return status;
    bool all = p.head == MG_SOFTMAX_HEAD && p.form == ALONE && p.extent.length == 1, folded = folds(network, &p);
    size_t base = folded && !all ? mg_value_node(network, p.logits)->input[0] : p.logits;
    status = lend ? mg_graph_borrow(network, base, &graph, err) : mg_graph_prune(network, base, &graph, err);
    if (status != MG_OK) return status;
    size_t top = base == 0 ? 0 : graph->n_nodes; /* `base` in there */
    if (all) status = mg_graph_output(graph, "logits", top, 0, NULL, err);
    if (status == MG_OK && all) graph->output[0].target = (size_t)p.class_;
    if (status == MG_OK && folded)
        status = add_folded(network, &p, all ? graph->node[top - 1].input[0] : top, graph, err);
    else if (status == MG_OK)
        status = add_score(graph, top, &p, err);
    if (status != MG_OK) {
        mg_graph_destroy(graph);
        return status;
    }
    *ret = graph;
    return MG_OK;
}

mg_status mg_graph_score(const mg_graph *network, const mg_score_spec *spec, mg_graph **ret, mg_error *err)
{
    return make_score(network, spec, false, ret, err);
}

mg_status mg_graph_score_borrow(const mg_graph *network, const mg_score_spec *spec, mg_graph **ret, mg_error *err)
{
    return make_score(network, spec, true, ret, err);
}
