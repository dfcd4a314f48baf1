/* network.c  a row that says nothing of its own
 *
 * Formula:   none; e(i) and D(i,b) of the network are held against what was measured
 * Settings:  none
 * Source:    the network that is explained
 * Test:      tests/unit/test_measured.c; tests/program/i50-truth.sh
 */
#include "src/attribution/network.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/attribution/explain.h"

static const char name[] = "network";

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    (void)method;
    (void)scratch;
    (void)view;
    int64_t length = mg_pass_plan(pass)->graph->length;
    for (int64_t p = 0; p < length; p++)
        explanation->contribution[p] = NAN;
    for (int64_t k = 0; k < length * MG_N_BASES; k++)
        explanation->hypothetical[k] = NAN;
    explanation->claimed_sum = NAN;
}

static const mg_method_type type = {.name = name,
                                    .title = "the network itself",
                                    .formula = "none: what the network says of each mutation",
                                    .source = "the network that is explained",
                                    .passes = mg_explain_without_passes,
                                    .explain = explain};

void mg_network_method(mg_method *ret)
{
    *ret = (mg_method){.type = &type};
    snprintf(ret->name, sizeof ret->name, "%s", name);
    snprintf(ret->spec, sizeof ret->spec, "%s", name);
    snprintf(ret->label, sizeof ret->label, "%s", type.title);
}

bool mg_network_is(const char *spec)
{
    return strcmp(spec, name) == 0;
}
