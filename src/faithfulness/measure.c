/* measure.c  which metric is computed how, and what attributions of one window share */
#include "src/faithfulness/measure.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/core/random.h"
#include "src/faithfulness/curves.h"
#include "src/faithfulness/families.h"
#include "src/faithfulness/robustness.h"
#include "src/faithfulness/sets.h"

enum { SHORT, FULL, N_EXTENTS, N_CURVES = MG_N_REPLACEMENTS * N_EXTENTS, CURVE_METRICS = 4 };
enum { MORF, LERF, AREA, SHARE, N_ORDERS = LERF + 1 };
enum { N_PERCENTS = 3, FIRST_ERASURE = 3, N_ERASURES = 2 * N_PERCENTS * MG_N_REPLACEMENTS };
enum { FIRST_SENSITIVITY = FIRST_ERASURE + N_ERASURES, N_SENSITIVITIES = 7 };
enum { INFIDELITY = FIRST_SENSITIVITY + N_SENSITIVITIES, INFIDELITY_NOISE };

_Static_assert(MG_N_CURVE_AREAS == CURVE_METRICS * N_CURVES, "rows of curves.c");
_Static_assert(MG_N_SET_METRICS == INFIDELITY_NOISE + 1, "rows of sets.c");

/* Rows of sets.c. */
static const size_t captured[] = {5, 10, 20}, percents[N_PERCENTS] = {5, 10, 20};
static const struct {
    size_t m;
    mg_replacement replacement;
} sensitivities[N_SENSITIVITIES] = {
    {10, MG_REPLACE_SUBSTITUTE}, {1, MG_REPLACE_SUBSTITUTE},  {2, MG_REPLACE_SUBSTITUTE}, {5, MG_REPLACE_SUBSTITUTE},
    {20, MG_REPLACE_SUBSTITUTE}, {50, MG_REPLACE_SUBSTITUTE}, {10, MG_REPLACE_ZEROS}};

/* Drawn sets of a window and what they do to the score. */
typedef struct {
    bool *in;      /* (MG_SETS_DRAWN, L); NULL: not wanted */
    double *delta; /* (MG_SETS_DRAWN) */
} drawn;

/* The curves of one attribution. */
typedef struct {
    bool is_known[N_CURVES];
    mg_curve_pair pair[N_CURVES];
    bool has_scores[MG_N_REPLACEMENTS]; /* of the short curves */
    double score[MG_N_REPLACEMENTS][N_ORDERS][MG_CURVE_SHORT + 1];
} curves;

struct mg_measure {
    const mg_metric_set *set;
    size_t first; /* metric behind those of single mutations */
    bool wants_curve[N_CURVES], wants_noise, wants_neighbours;
    mg_trial trial;
    mg_trial_room room;
    bool chosen;
    mg_base *substitute; /* (L) */
    drawn sensitivity[N_SENSITIVITIES], mask;
    double *noise, *noise_delta; /* (L, 4); (MG_SETS_MASKS); NULL: not wanted */
    double sum[MG_SETS_DRAWN], work[MG_SETS_DRAWN];
    mg_neighbour neighbour[MG_NEIGHBOURS];
    bool has_neighbours;
    mg_base *base;                 /* (L) scratch */
    double *one, *other, *another; /* (L) scratch */
    const double *random, *ceiling;
    curves of_random, of_ceiling, of_claim;
};

double mg_measure_share(int64_t n_windows)
{
    const double share = 1.0 / 32, enough = 64;
    double small = n_windows > 0 ? enough / (double)n_windows : 1;
    return small > 1 ? 1 : small > share ? small : share;
}

bool mg_measure_chooses(double share, const mg_base *base, int64_t length)
{
    const uint64_t stream = 0x6d65617375726573;
    uint64_t number = mg_mix(stream, mg_hash_bytes(0, base, (size_t)length * sizeof *base));
    return (double)(number >> 11) * 0x1p-53 < share;
}

/* --- room --- */

static bool wants(const mg_metric_set *set, mg_family family, size_t row)
{
    for (size_t k = 0; k < set->n; k++)
        if (set->info[k].family == family && set->info[k].row == row) return true;
    return false;
}

static mg_status create_drawn(bool wanted, int64_t length, drawn *ret, mg_error *err)
{
    if (!wanted) return MG_OK;
    mg_status status = mg_alloc(&ret->in, MG_SETS_DRAWN, (size_t)length * sizeof *ret->in, err);
    return status == MG_OK ? mg_alloc(&ret->delta, MG_SETS_DRAWN, sizeof *ret->delta, err) : status;
}

static mg_status create_sets(mg_measure *m, mg_error *err)
{
    int64_t length = m->trial.length;
    mg_status status = create_drawn(wants(m->set, MG_FAMILY_SETS, INFIDELITY), length, &m->mask, err);
    for (size_t k = 0; k < N_SENSITIVITIES && status == MG_OK; k++)
        status = create_drawn(wants(m->set, MG_FAMILY_SETS, FIRST_SENSITIVITY + k), length, &m->sensitivity[k], err);
    if (status == MG_OK && m->wants_noise)
        status = mg_alloc(&m->noise, (size_t)length + 1, MG_N_BASES * sizeof *m->noise, err);
    if (status == MG_OK && m->wants_noise)
        status = mg_alloc(&m->noise_delta, MG_SETS_MASKS, sizeof *m->noise_delta, err);
    return status;
}

mg_status mg_measure_create(const mg_metric_set *set, int64_t length, mg_measure **ret, mg_error *err)
{
    mg_measure *m = NULL;
    size_t n = (size_t)length;
    mg_status status = mg_alloc(&m, 1, sizeof *m, err);
    if (status != MG_OK) return status;
    m->set = set;
    m->first = mg_metric_n_single(set);
    m->trial.length = length;
    for (size_t c = 0; c < N_CURVES; c++)
        for (size_t k = 0; k < CURVE_METRICS; k++)
            m->wants_curve[c] = m->wants_curve[c] || wants(set, MG_FAMILY_CURVES, c * CURVE_METRICS + k);
    m->wants_noise = wants(set, MG_FAMILY_SETS, INFIDELITY_NOISE);
    status = mg_trial_room_create(length, &m->room, err);
    if (status == MG_OK) status = create_sets(m, err);
    if (status == MG_OK) status = mg_alloc(&m->substitute, n, sizeof *m->substitute, err);
    if (status == MG_OK) status = mg_alloc(&m->base, n, sizeof *m->base, err);
    if (status == MG_OK) status = mg_alloc(&m->one, n, sizeof *m->one, err);
    if (status == MG_OK) status = mg_alloc(&m->other, n, sizeof *m->other, err);
    if (status == MG_OK) status = mg_alloc(&m->another, n, sizeof *m->another, err);
    if (status == MG_OK)
        *ret = m;
    else
        mg_measure_destroy(m);
    return status;
}

void mg_measure_destroy(mg_measure *measure)
{
    if (measure == NULL) return;
    mg_trial_room_destroy(&measure->room);
    for (size_t k = 0; k < N_SENSITIVITIES; k++) {
        free(measure->sensitivity[k].in);
        free(measure->sensitivity[k].delta);
    }
    free(measure->mask.in);
    free(measure->mask.delta);
    free(measure->noise);
    free(measure->noise_delta);
    free(measure->substitute);
    free(measure->base);
    free(measure->one);
    free(measure->other);
    free(measure->another);
    free(measure);
}

size_t mg_measure_bytes(const mg_metric_set *set, int64_t length)
{
    size_t n = (size_t)length, n_drawn = wants(set, MG_FAMILY_SETS, INFIDELITY);
    for (size_t k = 0; k < N_SENSITIVITIES; k++)
        n_drawn += wants(set, MG_FAMILY_SETS, FIRST_SENSITIVITY + k);
    return sizeof(mg_measure) + mg_trial_room_bytes(length) + n_drawn * MG_SETS_DRAWN * n +
           n * (2 * sizeof(mg_base) + (3 + MG_N_BASES) * sizeof(double));
}

/* --- a window --- */

static mg_replacement replacement_of(size_t curve)
{
    return (mg_replacement)(curve / N_EXTENTS);
}

static void find_curve(mg_measure *m, const double *a, size_t curve, curves *c)
{
    mg_replacement replacement = replacement_of(curve);
    bool is_short = curve % N_EXTENTS == SHORT;
    if (c->is_known[curve]) return;
    c->pair[curve] =
        mg_curves_aopc(&m->trial, a, is_short ? MG_CURVE_SHORT : m->trial.n, replacement, &m->room,
                       is_short ? c->score[replacement][MORF] : NULL, is_short ? c->score[replacement][LERF] : NULL);
    c->is_known[curve] = true;
    if (is_short) c->has_scores[replacement] = !isnan(c->pair[curve].morf);
}

static void draw_sets(mg_measure *m)
{
    for (size_t k = 0; k < N_SENSITIVITIES; k++) {
        const drawn *d = &m->sensitivity[k];
        if (d->in == NULL) continue;
        mg_sets_draw(&m->trial, sensitivities[k].m, &m->room, d->in);
        mg_sets_delta(&m->trial, d->in, MG_SETS_DRAWN, sensitivities[k].replacement, &m->room, d->delta);
    }
    if (m->mask.in == NULL) return;
    mg_sets_draw_masks(&m->trial, m->mask.in);
    mg_sets_delta(&m->trial, m->mask.in, MG_SETS_MASKS, MG_REPLACE_ZEROS, &m->room, m->mask.delta);
}

static void draw_noise(mg_measure *m)
{
    const mg_trial *t = &m->trial;
    for (size_t k = 0; k < MG_SETS_MASKS && m->wants_noise; k++) {
        mg_sets_draw_noise(t, k, m->noise);
        for (int64_t i = 0; i < t->length * MG_N_BASES; i++)
            m->room.x[i] = t->x[i] - m->noise[i];
        m->noise_delta[k] = t->score - t->probe->score(t->probe->context, m->room.x);
    }
}

void mg_measure_set(mg_measure *measure, const mg_trial *trial, const double *random, const double *ceiling,
                    bool chosen)
{
    mg_trial *t = &measure->trial;
    *t = *trial;
    t->substitute = measure->substitute;
    measure->chosen = chosen;
    measure->random = random;
    measure->ceiling = ceiling;
    memset(measure->of_random.is_known, 0, sizeof measure->of_random.is_known);
    memset(measure->of_ceiling.is_known, 0, sizeof measure->of_ceiling.is_known);
    if (!chosen || measure->first == measure->set->n) return;
    mg_trial_substitutes(t->base, t->length, t->seed, measure->substitute);
    for (size_t c = 0; c < N_CURVES; c++) {
        if (!measure->wants_curve[c]) continue;
        find_curve(measure, random, c, &measure->of_random);
        find_curve(measure, ceiling, c, &measure->of_ceiling);
    }
    draw_sets(measure);
    draw_noise(measure);
    measure->has_neighbours = mg_robustness_draw(t, measure->neighbour);
}

/* --- one attribution --- */

static curves *curves_of(mg_measure *m, const mg_claim *claim)
{
    return claim->a == m->random ? &m->of_random : claim->a == m->ceiling ? &m->of_ceiling : &m->of_claim;
}

/* Read off the short curves by substitution, which are worked out if nothing has asked for them so far. */
static double point_metric(mg_measure *m, const mg_claim *claim, size_t point)
{
    size_t k = mg_curve_points[point % MG_N_CURVE_POINTS];
    curves *c = curves_of(m, claim);
    find_curve(m, claim->a, MG_REPLACE_SUBSTITUTE * N_EXTENTS + SHORT, c);
    if (!c->has_scores[MG_REPLACE_SUBSTITUTE] || k > m->trial.n) return NAN;
    return m->trial.score - c->score[MG_REPLACE_SUBSTITUTE][point / MG_N_CURVE_POINTS][k];
}

static double curve_metric(mg_measure *m, const mg_claim *claim, size_t row)
{
    if (row >= MG_N_CURVE_AREAS) return point_metric(m, claim, row - MG_N_CURVE_AREAS);
    size_t curve = row / CURVE_METRICS;
    curves *c = curves_of(m, claim);
    find_curve(m, claim->a, curve, c);
    switch (row % CURVE_METRICS) {
    case MORF:
        return c->pair[curve].morf;
    case LERF:
        return c->pair[curve].lerf;
    case AREA:
        return c->pair[curve].morf - c->pair[curve].lerf;
    default:
        return mg_curves_share(c->pair[curve].morf, m->of_random.pair[curve].morf, m->of_ceiling.pair[curve].morf);
    }
}

/* Read off the curve where that is known so far. */
static double erasure_metric(mg_measure *m, const mg_claim *claim, size_t e)
{
    mg_replacement replacement = (mg_replacement)(e / (2 * N_PERCENTS));
    bool rest = e % 2 == 1;
    size_t k = mg_sets_top(m->trial.n, percents[e / 2 % N_PERCENTS]);
    const curves *c = curves_of(m, claim);
    bool is_read = !rest && k <= MG_CURVE_SHORT && c->is_known[replacement * N_EXTENTS + SHORT] &&
                   c->has_scores[replacement] && m->trial.n > 0;
    if (is_read) return m->trial.score - c->score[replacement][MORF][k];
    return mg_sets_erasure(&m->trial, claim->a, k, rest, replacement, &m->room);
}

static double noise_metric(mg_measure *m, const mg_claim *claim)
{
    if (claim->c == NULL) return NAN;
    for (size_t k = 0; k < MG_SETS_MASKS; k++) {
        mg_sets_draw_noise(&m->trial, k, m->noise);
        m->sum[k] = 0;
        for (int64_t i = 0; i < m->trial.length * MG_N_BASES; i++)
            m->sum[k] += m->noise[i] * claim->c[i];
    }
    return mg_sets_infidelity(m->sum, m->noise_delta, MG_SETS_MASKS, true);
}

static double set_metric(mg_measure *m, const mg_claim *claim, size_t row)
{
    if (row < FIRST_ERASURE) return mg_sets_captured(&m->trial, claim->a, captured[row], &m->room);
    if (row < FIRST_SENSITIVITY) return erasure_metric(m, claim, row - FIRST_ERASURE);
    if (row == INFIDELITY_NOISE) return noise_metric(m, claim);
    if (row == INFIDELITY) {
        mg_sets_sums(&m->trial, claim->a, m->mask.in, MG_SETS_MASKS, m->sum);
        return mg_sets_infidelity(m->sum, m->mask.delta, MG_SETS_MASKS, true);
    }
    const drawn *d = &m->sensitivity[row - FIRST_SENSITIVITY];
    mg_sets_sums(&m->trial, claim->a, d->in, MG_SETS_DRAWN, m->sum);
    return mg_sets_sensitivity(m->sum, d->delta, MG_SETS_DRAWN, m->work);
}

static double robustness_metric(mg_measure *m, const mg_claim *claim, size_t row)
{
    if (row > 0) return mg_robustness_spread(&m->trial, claim, m->one, m->other, m->another);
    if (!m->has_neighbours) return NAN;
    return mg_robustness_sensitivity(&m->trial, claim, m->neighbour, MG_NEIGHBOURS, m->base, m->other);
}

static double metric_of(mg_measure *m, const mg_claim *claim, const mg_metric_info *info)
{
    if (info->sampled && (!m->chosen || m->trial.n < 3)) return NAN;
    if (info->family == MG_FAMILY_CURVES) return curve_metric(m, claim, info->row);
    if (info->family == MG_FAMILY_SETS) return set_metric(m, claim, info->row);
    return robustness_metric(m, claim, info->row);
}

void mg_measure_compare(mg_measure *measure, const mg_claim *claim, float *metric)
{
    memset(measure->of_claim.is_known, 0, sizeof measure->of_claim.is_known);
    for (size_t k = measure->first; k < measure->set->n; k++) {
        if (measure->set->info[k].family == MG_FAMILY_MEASURED) continue;
        double exact = metric_of(measure, claim, &measure->set->info[k]);
        metric[k] = fabs(exact) <= FLT_MAX ? (float)exact : NAN;
    }
}
