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
 *            first: the layers that read the window. flat gives each number that an output sees the same share, whatever the
 *            weights; box shares by w a less the least that an a between 0 and 1 could give. Both give relevance to bases
 *            that are not there too: a(i) is the sum over the row, and c(i,b) what that sum would be with base b at i, the
 *            shares held, so that a(i) = c(i, x_i). rule=epsilon-plus,first=flat is zennit's EpsilonPlusFlat.
 * Source:    Bach et al., PLOS ONE 10:e0130140 (2015); Montavon et al., Explainable AI, LNCS 11700 (2019), 10.2;
 *            box rule: Montavon et al., Pattern Recognit 65:211 (2017), 3.2; flat rule: Lapuschkin et al., Nat Commun
 *            10:1096 (2019);
 *            negative outputs as in the generalised gamma rule of zennit (Anders et al. 2021, arXiv:2106.13200).
 * Test:      tests/unit/test_attribution.c, against zennit and Captum, against the definition contribution by
 *            contribution, and the law LRP-epsilon = input x gradient.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/attribution/explain.h"
#include "src/attribution/marks.h"
#include "src/attribution/methods.h"
#include "src/core/memory.h"

enum { RULE, GAMMA, EPSILON, ALPHA, BIAS, FIRST };
enum { SAME, FLAT, BOX };
enum { GAMMA_RULE, EPSILON_RULE, Z_PLUS, ALPHA_BETA, COMPOSITE_GAMMA, EPSILON_PLUS, EPSILON_ALPHA2_BETA1 };

static const mg_method_option options[] = {
    {"rule", "gamma", "gamma|epsilon|z-plus|alpha-beta|composite-gamma|epsilon-plus|epsilon-alpha2-beta1", 0, 0, false,
     "how linear layers share relevance"},
    {"gamma", "0.05", NULL, 0, 1000, false, "extra weight of the favoured sign, for gamma rules"},
    {"epsilon", "1e-6", NULL, 0, 1, false, "added to denominators, away from zero"},
    {"alpha", "2", NULL, 1, 100, false, "weight of positive contributions, with rule=alpha-beta (beta = alpha - 1)"},
    {"bias", "zennit", "zennit|captum", 0, 0, false, "bias split by sign as the weights, or left whole"},
    {"first", "same", "same|flat|box", 0, 0, false, "another rule for the layers that read the window"},
    {0}};

typedef struct {
    bool *is_first; /* (steps) NULL with first=same */
    mg_rule rule;
} lrp_state;

static void rule_words(const mg_method *method, char *text, size_t n)
{
    double gamma = method->number[GAMMA], alpha = method->number[ALPHA];
    switch (method->word[RULE]) {
    case GAMMA_RULE:
        snprintf(text, n, "gamma %g", gamma);
        break;
    case EPSILON_RULE:
        snprintf(text, n, "epsilon %g", method->number[EPSILON]);
        break;
    case Z_PLUS:
        snprintf(text, n, "z-plus");
        break;
    case ALPHA_BETA:
        snprintf(text, n, "alpha %g beta %g", alpha, alpha - 1.0);
        break;
    case COMPOSITE_GAMMA:
        snprintf(text, n, "gamma %g + epsilon", gamma);
        break;
    case EPSILON_PLUS:
        snprintf(text, n, "epsilon-plus");
        break;
    default:
        snprintf(text, n, "epsilon-alpha2-beta1");
    }
}

static void words(const mg_method *method, char text[MG_METHOD_LABEL])
{
    static const char *const first[] = {"", ", flat first", ", box first"};
    char rule[64];
    rule_words(method, rule, sizeof rule);
    snprintf(text, MG_METHOD_LABEL, "%s%s", rule, first[method->word[FIRST]]);
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

static void release(void *state)
{
    lrp_state *s = state;
    free(s->is_first);
    free(s);
}

static mg_status make_state(const mg_method *method, const mg_plan *plan, lrp_state *state, mg_error *err)
{
    static const mg_linear_kind first[] = {MG_LINEAR_GRADIENT, MG_LINEAR_FLAT, MG_LINEAR_BOX};
    mg_status status = MG_OK;
    if (method->word[FIRST] != SAME) {
        status = mg_alloc(&state->is_first, plan->n_steps, sizeof *state->is_first, err);
        if (status == MG_OK) status = mg_mark_first(plan, "lrp", state->is_first, err);
    }
    state->rule = (mg_rule){.kind = MG_RULE_LRP,
                            .convolution = layer_rule(method, false),
                            .dense = layer_rule(method, true),
                            .first = {.kind = first[method->word[FIRST]], .epsilon = method->number[EPSILON]},
                            .is_first = state->is_first};
    return status;
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
    status = make_state(method, plan, state, err);
    if (status != MG_OK) {
        release(state);
        return status;
    }
    *ret = state;
    return MG_OK;
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
    .title = "LRP",
    .formula = "c(i,b) = m(i,b), relevance a m shared in proportion to contributions, favoured by sign (gamma rule)",
    .source = "Bach et al. 2015, PLOS ONE 10:e0130140; Montavon et al. 2019; Anders et al. 2021, arXiv:2106.13200",
    .rule = MG_RULE_LRP,
    .hypothetical = true,
    .option = options,
    .words = words,
    .prepare = prepare,
    .release = release,
    .scratch = mg_explain_scratch,
    .explain = explain,
};
