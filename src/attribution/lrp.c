/* lrp.c  layer-wise relevance propagation
 *
 * Formula:   the output's relevance is F; a linear layer z = W a + b hands relevance R down by contributions:
 *              epsilon     R_i = sum over o of w a / (z + epsilon) R_o
 *              gamma       contributions of z's sign are weighted 1 + gamma, in numerator and denominator
 *              z-plus      only positive contributions count
 *              alpha-beta  alpha times the positive ones minus (alpha - 1) times the negative ones
 *            ReLU passes relevance on, max pooling gives it to the winner. With R = a m all this is stated for the
 *            multiplier m (src/kernels/rule.h): c(i,b) = m(i,b), a(i) = R(i) = m(i, x_i).
 * Settings:  rule=gamma with gamma=0.05 on every layer, weights and bias alike, is what the first author of the TIS
 *            study published. With rule=epsilon LRP *is* input x gradient on a network of ReLU and max pooling.
 *            Composites use one rule for convolutions and epsilon for dense layers: composite-gamma (customarily
 *            gamma=0.25), epsilon-plus, epsilon-alpha2-beta1. epsilon is added to every denominator, away from zero.
 *            bias=zennit splits the bias by sign as the weights are, and tells the signs of inputs apart;
 *            bias=captum leaves it whole.
 * Source:    Bach et al., PLOS ONE 10:e0130140 (2015); Montavon et al., Explainable AI, LNCS 11700 (2019), 10.2;
 *            negative outputs as in the generalised gamma rule of zennit (Anders et al. 2021, arXiv:2106.13200).
 * Test:      tests/unit/test_attribution.c, against zennit and Captum, against the definition contribution by
 *            contribution, and the law LRP-epsilon = input x gradient.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/attribution/explain.h"
#include "src/attribution/methods.h"
#include "src/core/memory.h"

enum { RULE, GAMMA, EPSILON, ALPHA, BIAS };
enum { GAMMA_RULE, EPSILON_RULE, Z_PLUS, ALPHA_BETA, COMPOSITE_GAMMA, EPSILON_PLUS, EPSILON_ALPHA2_BETA1 };

static const mg_method_option options[] = {
    {"rule", "gamma", "gamma|epsilon|z-plus|alpha-beta|composite-gamma|epsilon-plus|epsilon-alpha2-beta1", 0, 0, false,
     "how linear layers share relevance"},
    {"gamma", "0.05", NULL, 0, 1000, false, "extra weight of the favoured sign, for gamma rules"},
    {"epsilon", "1e-6", NULL, 0, 1, false, "added to denominators, away from zero"},
    {"alpha", "2", NULL, 1, 100, false, "weight of positive contributions, with rule=alpha-beta (beta = alpha - 1)"},
    {"bias", "zennit", "zennit|captum", 0, 0, false, "bias split by sign as the weights, or left whole"},
    {0}};

typedef struct {
    mg_rule rule;
} lrp_state;

static void label(const mg_method *method, char text[MG_METHOD_LABEL])
{
    double gamma = method->number[GAMMA], alpha = method->number[ALPHA];
    switch (method->word[RULE]) {
    case GAMMA_RULE:
        snprintf(text, MG_METHOD_LABEL, "LRP (gamma %g)", gamma);
        break;
    case EPSILON_RULE:
        snprintf(text, MG_METHOD_LABEL, "LRP (epsilon %g)", method->number[EPSILON]);
        break;
    case Z_PLUS:
        snprintf(text, MG_METHOD_LABEL, "LRP (z-plus)");
        break;
    case ALPHA_BETA:
        snprintf(text, MG_METHOD_LABEL, "LRP (alpha %g beta %g)", alpha, alpha - 1.0);
        break;
    case COMPOSITE_GAMMA:
        snprintf(text, MG_METHOD_LABEL, "LRP (gamma %g + epsilon)", gamma);
        break;
    case EPSILON_PLUS:
        snprintf(text, MG_METHOD_LABEL, "LRP (epsilon-plus)");
        break;
    default:
        snprintf(text, MG_METHOD_LABEL, "LRP (epsilon-alpha2-beta1)");
    }
}

/* The rule of a layer of one kind under the chosen rule or composite. */
static mg_linear_rule layer_rule(const mg_method *method, bool dense)
{
    mg_linear_rule rule = {.kind = MG_LINEAR_EPSILON,
                           .epsilon = method->number[EPSILON],
                           .gamma = method->number[GAMMA],
                           .alpha = 1.0,
                           .plain_bias = method->word[BIAS] == 1};
    int word = method->word[RULE];
    bool composite = word == COMPOSITE_GAMMA || word == EPSILON_PLUS || word == EPSILON_ALPHA2_BETA1;
    if (word == EPSILON_RULE || (composite && dense)) return rule;
    rule.kind = word == GAMMA_RULE || word == COMPOSITE_GAMMA ? MG_LINEAR_GAMMA : MG_LINEAR_ALPHA_BETA;
    if (word == ALPHA_BETA) rule.alpha = method->number[ALPHA];
    if (word == EPSILON_ALPHA2_BETA1) rule.alpha = 2.0;
    return rule;
}

static mg_status prepare(const mg_method *method, const mg_plan *plan, void **ret, mg_error *err)
{
    lrp_state *state = NULL;
    (void)plan;
    bool two_signs = method->word[RULE] == EPSILON_ALPHA2_BETA1 ||
                     (method->word[RULE] == ALPHA_BETA && method->number[ALPHA] != 1.0);
    if (two_signs && method->word[BIAS] == 1) /* a whole bias belongs to neither sign */
        return mg_fail(err, MG_EUSAGE,
                       "method lrp: bias=captum goes with alpha=1 alone, since Captum has no other "
                       "alpha-beta rule; leave bias out");
    mg_status status = mg_alloc(&state, 1, sizeof *state, err);
    if (status != MG_OK) return status;
    state->rule =
        (mg_rule){.kind = MG_RULE_LRP, .convolution = layer_rule(method, false), .dense = layer_rule(method, true)};
    *ret = state;
    return MG_OK;
}

static void release(void *state)
{
    free(state);
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    const lrp_state *state = method->state;
    mg_explain_by_rule(&state->rule, pass, view, scratch, explanation);
    explanation->claimed_sum = mg_score_slope(view->probability, view->f) * view->f;
}

const mg_method_type mg_lrp = {
    .name = "lrp",
    .formula = "c(i,b) = m(i,b), relevance a m shared in proportion to contributions, favoured by sign (gamma rule)",
    .source = "Bach et al. 2015, PLOS ONE 10:e0130140; Montavon et al. 2019; Anders et al. 2021, arXiv:2106.13200",
    .rule = MG_RULE_LRP,
    .hypothetical = true,
    .option = options,
    .label = label,
    .prepare = prepare,
    .release = release,
    .scratch = mg_explain_scratch,
    .explain = explain,
};
