/* deeplift_reveal_cancel.c  DeepLIFT with the RevealCancel rule behind dense layers
 *
 * Formula:   as deeplift.c, but at a ReLU that alone reads a dense layer positive and negative contributions to its input get
 *            multipliers of their own (src/nodes/reveal_walk.h), so that what cancels out in the sum is still seen.
 *            Everywhere else the rescale rule, cross-maximum at max pooling: the authors' choice for genomics.
 *            The a(i) sum to F(x) - F(r) at rounding level.
 * Settings:  reference, references, as deeplift.
 * Source:    Shrikumar, Greenside, Kundaje, ICML 2017, arXiv:1704.02685, section 3.5.2; signs by weight times difference, as in
 *            the authors' code.
 * Test:      tests/unit/test_attribution_more.c, against numpy and tangermeme with a rule of its own;
 *            tests/unit/test_method_laws.c: completeness on random graphs, DeepLIFT where there is no such pair.
 */
#include <stdio.h>
#include <stdlib.h>

#include "src/attribution/differences.h"
#include "src/attribution/marks.h"
#include "src/attribution/methods.h"
#include "src/core/memory.h"

typedef struct {
    bool *paired;
    mg_rule rule;
} reveal_state;

static void words(const mg_method *method, char text[MG_METHOD_LABEL])
{
    const char *reference = mg_reference_words(method->word[MG_DIFFERENCE_REFERENCE], MG_REFERENCE_ZERO);
    snprintf(text, MG_METHOD_LABEL, "RevealCancel%s", reference);
}

static void release(void *state)
{
    reveal_state *s = state;
    free(s->paired);
    free(s);
}

static mg_status prepare(const mg_method *method, const mg_plan *plan, void **ret, mg_error *err)
{
    (void)method;
    reveal_state *state = NULL;
    mg_status status = mg_alloc(&state, 1, sizeof *state, err);
    if (status != MG_OK) return status;
    status = mg_alloc(&state->paired, plan->n_steps, sizeof *state->paired, err);
    if (status != MG_OK) {
        release(state);
        return status;
    }
    mg_mark_pairs(plan, state->paired);
    state->rule = (mg_rule){.kind = MG_RULE_RESCALE, .paired = state->paired};
    *ret = state;
    return MG_OK;
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    const reveal_state *state = method->state;
    mg_explain_differences(method, &state->rule, pass, view, scratch, explanation);
}

const mg_method_type mg_deeplift_reveal_cancel = {
    .name = "deeplift_reveal_cancel",
    .title = "DeepLIFT",
    .formula = "c(i,b) = sum_k (e_b - r)_k m(i,k), RevealCancel at a ReLU behind a dense layer, else as deeplift",
    .source = "Shrikumar et al. 2017, arXiv:1704.02685, section 3.5.2",
    .rule = MG_RULE_RESCALE,
    .hypothetical = true,
    .option = mg_difference_options,
    .words = words,
    .prepare = prepare,
    .release = release,
    .drawn = mg_difference_drawn,
    .passes = mg_difference_passes,
    .scratch = mg_difference_scratch,
    .explain = explain,
};
