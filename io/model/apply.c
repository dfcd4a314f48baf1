/* apply.c  outputs as the user wants them; header lines of printed layers */
#include "io/model/apply.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/decimal.h"
#include "src/core/memory.h"
#include "src/graph/kind.h"
#include "src/graph/score.h"

enum { CLASSES = 100000 };

bool mg_words_any(const mg_model_words *w)
{
    return w->bases != NULL || w->length > 0 || w->anchor != NULL || w->output != NULL || w->at != NULL ||
           w->head != NULL || w->classes != NULL || w->target != NULL || w->inputs.n > 0 || w->lambdas.n > 0 ||
           w->both_strands;
}

/* A number from 0 to most - 1. */
static bool read_number(const char *text, int64_t most, int64_t *ret)
{
    int64_t number;
    if (!mg_decimal_whole(text, &number) || number < 0 || number >= most) return false;
    *ret = number;
    return true;
}

/* What is said of a word that is none of the names, where it may have been meant as several (score_list.h). */
static const char *hint_of_list(const char *word)
{
    bool several = strchr(word, ',') != NULL || strcmp(word, "all") == 0;
    return several ? "; one is meant here; lists are for mutagree scan and predict" : "";
}

/* Names of nodes are told without the marks that they begin with in files: "/Softmax" is Softmax. */
static bool same_name(const char *a, const char *b)
{
    while (*a != '\0' && !isalnum((unsigned char)*a))
        a++;
    while (*b != '\0' && !isalnum((unsigned char)*b))
        b++;
    for (; *a != '\0' && (*a == *b || (!isalnum((unsigned char)*a) && *b == '.')); a++)
        b++;
    return *a == '\0' && *b == '\0';
}

/* A node within the network becomes an output. */
static mg_status expose_node(mg_graph *graph, const char *name, size_t *ret, mg_error *err)
{
    for (size_t v = graph->n_nodes; v > 0; v--) {
        if (!same_name(mg_value_node(graph, v)->name, name)) continue;
        *ret = graph->n_outputs;
        return mg_graph_output(graph, name, v, 0, NULL, err);
    }
    return mg_fail(err, MG_EUSAGE,
                   "--output %s: the network has no output or node of that name; its outputs are %s%s%s (mutagree info "
                   "tells its nodes)%s",
                   name, graph->output[0].name, graph->n_outputs > 1 ? ", " : "",
                   graph->n_outputs > 1 ? graph->output[1].name : "", hint_of_list(name));
}

static mg_status choose_output(mg_graph *graph, const char *name, mg_error *err)
{
    size_t o = 0;
    mg_status status = MG_OK;
    if (name == NULL) return MG_OK;
    if (mg_graph_find_output(graph, name, &o, NULL) != MG_OK) status = expose_node(graph, name, &o, err);
    if (status != MG_OK) return status;
    mg_output chosen = graph->output[o];
    graph->output[o] = graph->output[0];
    graph->output[0] = chosen;
    return MG_OK;
}

/* --- a position --- */

static mg_status add_node(mg_graph *graph, const char *kind, const mg_node *given, size_t from, size_t *ret,
                          mg_error *err)
{
    mg_node draft = *given;
    draft.kind = mg_kind_find(kind);
    snprintf(draft.name, sizeof draft.name, "%.40s.%.20s", graph->output[0].name, kind);
    return mg_graph_add(graph, &draft, 1, &from, ret, err);
}

static mg_status add_head(mg_graph *graph, mg_head_kind head, size_t *value, mg_error *err)
{
    const mg_node node = {.groups = 1};
    if (head == MG_NO_HEAD) return MG_OK;
    return add_node(graph, head == MG_SOFTMAX_HEAD ? "softmax" : "sigmoid", &node, *value, value, err);
}

/* Position t of a value, all channels. */
static mg_status take_position(mg_graph *graph, int64_t t, size_t *value, mg_error *err)
{
    int64_t channels = graph->extent[*value].channels;
    mg_node node = {.groups = 1, .asked = {1, channels}};
    mg_status status = mg_alloc(&node.index, (size_t)channels, sizeof *node.index, err);
    if (status != MG_OK) return status;
    for (int64_t c = 0; c < channels; c++)
        node.index[c] = t * channels + c;
    return add_node(graph, "gather", &node, *value, value, err);
}

static mg_status take_mean(mg_graph *graph, bool sum, size_t *value, mg_error *err)
{
    mg_extent extent = graph->extent[*value];
    mg_node pool = {.slide = {extent.length, extent.length, 1, 0, 0}, .groups = 1}, times = {.groups = 1};
    mg_status status = add_node(graph, "average_pool", &pool, *value, value, err);
    if (status != MG_OK || !sum) return status;
    status = mg_alloc(&times.weight, (size_t)extent.channels, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&times.bias, (size_t)extent.channels, sizeof(double), err);
    times.n_weight = times.n_bias = extent.channels;
    for (int64_t c = 0; status == MG_OK && c < extent.channels; c++)
        times.weight[c] = (double)extent.length;
    if (status == MG_OK) return add_node(graph, "affine", &times, *value, value, err);
    mg_node_clear(&times);
    return status;
}

static mg_status apply_at(mg_graph *graph, const char *at, mg_error *err)
{
    mg_output *output = &graph->output[0];
    size_t logits, value;
    mg_head_kind head = mg_graph_head(graph, output, &logits);
    mg_extent extent = graph->extent[output->value];
    const mg_node plain = {.groups = 1};
    mg_status status = MG_OK;
    int64_t t = extent.length / 2;
    if (at == NULL) return MG_OK;
    bool mean = strcmp(at, "mean") == 0, sum = strcmp(at, "sum") == 0, profile = strcmp(at, "profile") == 0;
    value = mean || sum || profile ? output->value : logits;
    if (mean || sum) {
        status = take_mean(graph, sum, &value, err);
    } else if (profile) {
        status = add_node(graph, "profile", &plain, value, &value, err);
    } else if (strcmp(at, "middle") == 0 || read_number(at, extent.length, &t)) {
        status = take_position(graph, t, &value, err);
        if (status == MG_OK) status = add_head(graph, head, &value, err);
    } else {
        return mg_fail(err, MG_EUSAGE,
                       "--at %s: output %s has positions 0 to %" PRId64 "; or give middle, mean, sum or profile", at,
                       output->name, extent.length - 1);
    }
    output->value = value;
    return status;
}

/* --- head, classes, target --- */

static mg_status apply_head(mg_graph *graph, const char *word, mg_error *err)
{
    size_t logits;
    mg_output *output = &graph->output[0];
    mg_head_kind have = mg_graph_head(graph, output, &logits);
    if (word == NULL) return MG_OK;
    mg_head_kind want = strcmp(word, "softmax") == 0   ? MG_SOFTMAX_HEAD
                        : strcmp(word, "sigmoid") == 0 ? MG_LOGISTIC_HEAD
                                                       : MG_NO_HEAD;
    if (want == MG_NO_HEAD && strcmp(word, "none") != 0)
        return mg_fail(err, MG_EUSAGE, "--head %s: softmax, sigmoid or none is expected", word);
    if (have == want) return MG_OK;
    if (want == MG_NO_HEAD) {
        output->value = logits;
        return MG_OK;
    }
    if (have != MG_NO_HEAD)
        return mg_fail(err, MG_EUSAGE, "--head %s: the network already ends in a %s", word,
                       have == MG_SOFTMAX_HEAD ? "softmax" : "sigmoid");
    size_t value = output->value;
    mg_status status = add_head(graph, want, &value, err);
    graph->output[0].value = value;
    return status;
}

/* Words between commas and blanks; room may be NULL: they are counted. */
static size_t cut_names(const char *text, size_t room, char (*name)[MG_CLASS_NAME])
{
    size_t n = 0;
    for (text += strspn(text, ", "); *text != '\0'; text += strspn(text, ", ")) {
        size_t length = strcspn(text, ", ");
        if (n < room)
            snprintf(name[n], MG_CLASS_NAME, "%.*s", (int)(length < MG_CLASS_NAME ? length : MG_CLASS_NAME - 1), text);
        n++;
        text += length;
    }
    return n;
}

static mg_status apply_classes(mg_graph *graph, const char *classes, mg_error *err)
{
    mg_output *output = &graph->output[0];
    size_t n = (size_t)graph->extent[output->value].channels;
    char(*name)[MG_CLASS_NAME] = NULL;
    if (classes != NULL && cut_names(classes, 0, NULL) != n)
        return mg_fail(err, MG_EUSAGE, "--classes: %zu names for the %zu numbers of output %s",
                       cut_names(classes, 0, NULL), n, output->name);
    if ((classes == NULL && output->n_classes == n) || n > CLASSES) return MG_OK;
    mg_status status = mg_alloc(&name, n, sizeof *name, err);
    if (status != MG_OK) return status;
    if (classes != NULL) cut_names(classes, n, name);
    for (size_t i = 0; classes == NULL && i < n; i++)
        snprintf(name[i], sizeof name[i], "%zu", i);
    free(output->class_name);
    output->class_name = name;
    output->n_classes = n;
    if (output->target >= n) output->target = n - 1;
    return MG_OK;
}

static mg_status apply_target(mg_graph *graph, const char *target, mg_error *err)
{
    mg_output *output = &graph->output[0];
    int64_t n = graph->extent[output->value].channels, number = 0;
    if (target == NULL) return MG_OK;
    for (size_t i = 0; i < output->n_classes; i++) {
        if (strcmp(output->class_name[i], target) != 0) continue;
        output->target = i;
        return MG_OK;
    }
    if (!read_number(target, n, &number))
        return mg_fail(err, MG_EUSAGE, "--target %s: output %s has no such class; it has 0 to %" PRId64 "%s", target,
                       output->name, n - 1, hint_of_list(target));
    output->target = (size_t)number;
    return MG_OK;
}

/* Which part of values side by side, and which channel of it, a channel is. */
static bool find_part(const mg_graph *graph, size_t value, size_t channel, size_t *ret_value, size_t *ret_channel)
{
    const mg_node *node = value > 0 ? mg_value_node(graph, value) : NULL;
    bool beside = node != NULL && (node->kind->traits & MG_TRAIT_SIDE_BY_SIDE) != 0;
    if (!beside || node->axis != MG_AXIS_CHANNELS) return false;
    for (size_t k = 0; k < node->n_inputs; k++) {
        size_t channels = (size_t)graph->extent[node->input[k]].channels;
        *ret_value = node->input[k];
        *ret_channel = channel;
        if (channel < channels) return true;
        channel -= channels;
    }
    return false;
}

/* Where an output puts several heads side by side, the one that the target belongs to is explained: it has logits. */
static mg_status choose_part(mg_graph *graph, mg_error *err)
{
    mg_output *output = &graph->output[0];
    size_t value = output->value, channel = output->target, logits;
    while (find_part(graph, value, channel, &value, &channel))
        continue;
    mg_output part = {.value = value};
    if (value == output->value || mg_graph_head(graph, &part, &logits) == MG_NO_HEAD) return MG_OK;
    size_t first = output->target - channel, n = (size_t)graph->extent[value].channels;
    char(*name)[MG_CLASS_NAME] = NULL;
    mg_status status = mg_alloc(&name, n, sizeof *name, err);
    if (status != MG_OK) return status;
    memcpy(name, output->class_name + first, n * sizeof *name);
    free(output->class_name);
    output->class_name = name;
    output->n_classes = n;
    output->value = value;
    output->target = channel;
    return MG_OK;
}

mg_status mg_words_apply(mg_graph *graph, const mg_model_words *words, mg_error *err)
{
    if (words->anchor != NULL && !read_number(words->anchor, graph->length, &graph->anchor))
        return mg_fail(err, MG_EUSAGE, "--anchor %s: a place in the window is expected, 0 to %" PRId64, words->anchor,
                       graph->length - 1);
    mg_status status = choose_output(graph, words->output, err);
    if (status == MG_OK) status = apply_at(graph, words->at, err);
    if (status == MG_OK) status = apply_head(graph, words->head, err);
    if (status == MG_OK) status = apply_classes(graph, words->classes, err);
    if (status == MG_OK) status = apply_target(graph, words->target, err);
    bool named = status == MG_OK && words->target != NULL && graph->output[0].n_classes > 0;
    return named ? choose_part(graph, err) : status;
}

/* --- printed layers --- */

typedef struct {
    const char *key, *value;
} line;

/* Whether the line of the text is a header of that key. */
static bool is_line(const char *text, const char *key)
{
    size_t n = strlen(key);
    text += strspn(text, " \t");
    return strncmp(text, key, n) == 0 && (text[n] == ' ' || text[n] == '\t');
}

mg_status mg_words_edit(const char *text, const mg_model_words *w, char **ret, mg_error *err)
{
    char length[32];
    snprintf(length, sizeof length, "%" PRId64, w->length);
    const line lines[] = {{"window", w->length > 0 ? length : NULL},
                          {"anchor", w->anchor},
                          {"bases", w->bases},
                          {"head", w->head},
                          {"classes", w->classes},
                          {"target", w->target}};
    const size_t n_lines = sizeof lines / sizeof lines[0];
    if (w->both_strands)
        return mg_fail(
            err, MG_EUSAGE,
            "--both-strands is not for networks of printed layers; write the layers as a graph text, or give the "
            "network as ONNX or Keras");
    if (w->output != NULL || w->at != NULL || w->inputs.n > 0 || w->lambdas.n > 0)
        return mg_fail(err, MG_EUSAGE, "--output, --at, --input and --lambda are not for networks of printed layers");
    size_t room = strlen(text) + 1;
    for (size_t i = 0; i < n_lines; i++)
        room += lines[i].value != NULL ? strlen(lines[i].key) + strlen(lines[i].value) + 2 : 0;
    char *edited = NULL;
    mg_status status = mg_alloc(&edited, room, 1, err);
    if (status != MG_OK) return status;
    size_t n = 0;
    for (size_t i = 0; i < n_lines; i++)
        if (lines[i].value != NULL) n += (size_t)sprintf(edited + n, "%s %s\n", lines[i].key, lines[i].value);
    for (bool header = true; *text != '\0';) {
        size_t length_of_line = strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n');
        bool replaced = false;
        header &= strncmp(text + strspn(text, " \t"), "layers", 6) != 0;
        for (size_t i = 0; header && i < n_lines; i++)
            replaced |= lines[i].value != NULL && is_line(text, lines[i].key);
        if (!replaced) memcpy(edited + n, text, length_of_line);
        n += replaced ? 0 : length_of_line;
        text += length_of_line;
    }
    for (char *at = edited; w->classes != NULL && strncmp(at, "layers", 6) != 0 && *at != '\0'; at++)
        if (strncmp(at, "classes ", 8) == 0)
            for (; *at != '\n'; at++)
                if (*at == ',') *at = ' ';
    *ret = edited;
    return MG_OK;
}
