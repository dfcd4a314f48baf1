/* class_map.c  maps along the positions of a convolution */
#include "src/attribution/class_map.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/attribution/explain.h"
#include "src/attribution/marks.h"
#include "src/core/memory.h"

enum { PRE, POST };
enum { NEAREST, LINEAR };

/* The value that is mapped. */
typedef struct {
    size_t value;
    mg_extent extent;
} mapped;

static int which_value(const mg_method *method)
{
    return method->word[MG_MAP_VALUES];
}

mg_status mg_class_map_prepare(const mg_method *method, const mg_plan *plan, void **ret, mg_error *err)
{
    int64_t n, layer = (int64_t)method->number[MG_MAP_LAYER], node = mg_find_map_node(plan, layer, &n);
    mapped *state = NULL;
    if (n == 0)
        return mg_fail(err, MG_EINPUT,
                       "%s wants a convolution with several positions, and no such one stands before the score",
                       method->type->name);
    if (node < 0)
        return mg_fail(err, MG_EUSAGE, "method %s: layer=%lld, but the network has %lld convolution%s",
                       method->type->name, (long long)layer, (long long)n, n == 1 ? "" : "s");
    mg_status status = mg_alloc(&state, 1, sizeof *state, err);
    if (status != MG_OK) return status;
    state->value = which_value(method) == POST ? mg_value_behind(plan, (size_t)node) : mg_node_value((size_t)node);
    state->extent = plan->graph->extent[state->value];
    *ret = state;
    return MG_OK;
}

void mg_class_map_release(void *state)
{
    free(state);
}

/* The map at the window's positions (L), at its own (T), and gradients (T, C). */
size_t mg_class_map_scratch(const mg_method *method, const mg_plan *plan)
{
    const mapped *state = method->state;
    return (size_t)(plan->graph->length + state->extent.length * (1 + state->extent.channels)) * sizeof(double);
}

static double weight_of(const mapped *m, const mg_pass *pass, mg_map_weights how, int64_t c, const double *gradient)
{
    double sum = 0.0, values = 0.0;
    for (int64_t t = 0; t < m->extent.length && how == MG_MAP_PLUS_PLUS; t++)
        values += mg_pass_value(pass, m->value, t, c);
    for (int64_t t = 0; t < m->extent.length; t++) {
        double g = gradient[t * m->extent.channels + c];
        if (how == MG_MAP_MEAN)
            sum += g / (double)m->extent.length;
        else if (g > 0.0) /* else max(g, 0) is 0 */
            sum += g * g / (2.0 * g * g + g * g * g * values) * g;
    }
    return sum;
}

static double at_nearest(const double *map, int64_t n, int64_t i, int64_t length)
{
    return map[i * n / length];
}

/* Middles of positions lie on middles; ends are held, as torch's interpolate(align_corners=False) does. */
static double at_linear(const double *map, int64_t n, int64_t i, int64_t length)
{
    double place = fmax(((double)i + 0.5) * (double)n / (double)length - 0.5, 0.0);
    int64_t left = (int64_t)place, right = left + 1 < n ? left + 1 : n - 1;
    double share = place - (double)left;
    return (1.0 - share) * map[left] + share * map[right];
}

double *mg_class_map(const mg_method *method, mg_map_weights weights, mg_pass *pass, void *scratch)
{
    const mapped *m = method->state;
    int64_t length = mg_pass_plan(pass)->graph->length, n = m->extent.length;
    double *window = scratch, *map = window + length, *gradient = map + n;
    mg_pass_backward_at(pass, &mg_rule_gradient, m->value, gradient);
    memset(map, 0, (size_t)n * sizeof *map);
    for (int64_t c = 0; c < m->extent.channels; c++) {
        double weight = weight_of(m, pass, weights, c, gradient);
        for (int64_t t = 0; t < n; t++)
            map[t] += weight * mg_pass_value(pass, m->value, t, c);
    }
    for (int64_t t = 0; t < n && weights == MG_MAP_PLUS_PLUS; t++)
        map[t] = fmax(map[t], 0.0);
    for (int64_t i = 0; i < length; i++)
        window[i] =
            method->word[MG_MAP_UPSAMPLING] == NEAREST ? at_nearest(map, n, i, length) : at_linear(map, n, i, length);
    return window;
}

void mg_class_map_explain(const mg_method *method, mg_map_weights weights, bool positive, mg_pass *pass,
                          const mg_view *view, void *scratch, mg_explanation *explanation)
{
    const double *map = mg_class_map(method, weights, pass, scratch);
    double slope = mg_score_slope(view->probability, view->f);
    for (int64_t i = 0; i < mg_pass_plan(pass)->graph->length; i++)
        explanation->contribution[i] = slope * (positive ? fmax(map[i], 0.0) : map[i]);
    explanation->claimed_sum = NAN;
}

void mg_class_map_words(const mg_method *method, char text[MG_METHOD_LABEL])
{
    char layer[32];
    snprintf(layer, sizeof layer, method->number[MG_MAP_LAYER] == 0 ? "last" : "%g", method->number[MG_MAP_LAYER]);
    snprintf(text, MG_METHOD_LABEL, "layer %s, %s, %s", layer, which_value(method) == POST ? "post" : "pre",
             method->word[MG_MAP_UPSAMPLING] == NEAREST ? "nearest" : "linear");
}
