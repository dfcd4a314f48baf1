/* occlusion.c  how much the score falls when a stretch of the window is covered
 *
 * Formula:   a(i) = mean over the stretches of `width` positions that hold i of F(x) - F(x with the stretch replaced)
 * Settings:  width; replacement: zero     rows of zeros, as at unknown positions
 *                                uniform  0.25 for each base
 *                                others   1/3 for each of the three bases that are not there
 *                                mutants  the mean of three scores, with base b replaced by b + 1, b + 2 and b + 3 in A C G
 *                                         T (from T on to A) at each position of the stretch
 *            Unknown rows stay 0. With width=1,replacement=mutants it *is* the mutation scan's position effect, the truth
 *            that methods are measured against. Claims no sum. One forward pass a stretch, or three.
 * Source:    Zeiler, Fergus, ECCV 2014, arXiv:1311.2901, section 4.2; as Captum's Occlusion with stride 1.
 * Test:      tests/unit/test_attribution_more.c, against brute force in PyTorch for widths 1 to 9 and all replacements.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/attribution/explain.h"
#include "src/attribution/methods.h"

enum { WIDTH, REPLACEMENT };
enum { ZERO, UNIFORM, OTHERS, MUTANTS, N_SHIFTS = 3 };

static const mg_method_option options[] = {
    {"width", "5", NULL, 1, 1000000, true, "positions that are covered at once"},
    {"replacement", "zero", "zero|uniform|others|mutants", 0, 0, false, "what stands there meanwhile"},
    {0}};

static void words(const mg_method *method, char text[MG_METHOD_LABEL])
{
    static const char *const replaced[] = {"zeros", "uniform", "other bases", "mutants"};
    snprintf(text, MG_METHOD_LABEL, "%g wide, %s", method->number[WIDTH], replaced[method->word[REPLACEMENT]]);
}

static mg_status prepare(const mg_method *method, const mg_plan *plan, void **ret, mg_error *err)
{
    (void)ret;
    if (method->number[WIDTH] <= (double)plan->graph->length) return MG_OK;
    return mg_fail(err, MG_EINPUT, "method occlusion: width=%g is more than the %lld positions of a window",
                   method->number[WIDTH], (long long)plan->graph->length);
}

static int64_t passes(const mg_method *method, int64_t length)
{
    int64_t n = length - (int64_t)method->number[WIDTH] + 1;
    return n > 0 ? n * (method->word[REPLACEMENT] == MUTANTS ? N_SHIFTS : 1) : 0;
}

/* Row i while it is covered; shift: how many bases a mutant is further. */
static void cover(int replacement, const mg_view *view, int64_t i, int shift, double *row)
{
    const double *x = view->x + i * 4;
    mg_base base = view->base[i];
    for (int b = 0; b < 4; b++) {
        bool known = base < MG_N_BASES, there = x[b] != 0.0;
        double value[] = {0.0, 0.25, there ? 0.0 : 1.0 / 3.0, b == (base + shift) % 4 ? 1.0 : 0.0};
        row[b] = known ? value[replacement] : 0.0;
    }
}

/* The score with `width` positions from `first` on covered; point is the window before and afterwards. */
static double covered(int replacement, mg_pass *pass, const mg_view *view, int64_t first, int64_t width, double *point)
{
    int n_shifts = replacement == MUTANTS ? N_SHIFTS : 1;
    double sum = 0.0;
    for (int shift = 1; shift <= n_shifts; shift++) {
        for (int64_t i = first; i < first + width; i++)
            cover(replacement, view, i, shift, point + i * 4);
        sum += mg_score_of(view->probability, mg_pass_forward_reference(pass, point));
    }
    memcpy(point + first * 4, view->x + first * 4, (size_t)width * 4 * sizeof *point);
    return sum / n_shifts;
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    int64_t length = mg_pass_plan(pass)->graph->length, width = (int64_t)method->number[WIDTH];
    double *point = scratch, score = mg_score_of(view->probability, view->f);
    memcpy(point, view->x, (size_t)length * 4 * sizeof *point);
    mg_explain_clear(length, explanation);
    for (int64_t first = 0; first + width <= length; first++) {
        double fall = score - covered(method->word[REPLACEMENT], pass, view, first, width, point);
        for (int64_t i = first; i < first + width; i++)
            explanation->contribution[i] += fall;
    }
    for (int64_t i = 0; i < length; i++) {
        int64_t low = i - width + 1 > 0 ? i - width + 1 : 0, high = i < length - width ? i : length - width;
        explanation->contribution[i] /= (double)(high - low + 1);
    }
    explanation->claimed_sum = NAN;
}

const mg_method_type mg_occlusion = {
    .name = "occlusion",
    .title = "occlusion",
    .formula = "a(i) = mean over the stretches that hold i of F(x) - F(x with the stretch replaced)",
    .source = "Zeiler & Fergus 2014, arXiv:1311.2901",
    .rule = MG_RULE_GRADIENT,
    .option = options,
    .words = words,
    .prepare = prepare,
    .passes = passes,
    .scratch = mg_explain_scratch,
    .explain = explain,
};
