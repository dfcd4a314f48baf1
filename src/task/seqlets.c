/* seqlets.c  strongest stretches by moving sums; patterns by greedy alignment */
#include "src/task/seqlets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

mg_status mg_seqlets_create(int64_t length, size_t n_methods, mg_seqlets *ret, mg_error *err)
{
    int64_t within = length < MG_SEQLET_LENGTH ? length : MG_SEQLET_LENGTH;
    *ret = (mg_seqlets){.length = length, .n_within = within, .n_methods = n_methods};
    mg_status status = mg_alloc(&ret->seqlet, MG_MOST_SEQLETS + 1, sizeof *ret->seqlet, err);
    if (status == MG_OK) status = mg_alloc(&ret->found, n_methods, sizeof *ret->found, err);
    if (status == MG_OK) status = mg_alloc(&ret->size, (size_t)length, sizeof *ret->size, err);
    return status == MG_OK ? mg_alloc(&ret->work, (size_t)length + 1, sizeof *ret->work, err) : status;
}

void mg_seqlets_destroy(mg_seqlets *seqlets)
{
    free(seqlets->seqlet);
    free(seqlets->found);
    free(seqlets->size);
    free(seqlets->work);
    *seqlets = (mg_seqlets){0};
}

/* --- strongest stretches --- */

/* Sizes of a source's values; false when one is not finite. */
static bool take_sizes(mg_seqlets *s, const mg_evidence *evidence, size_t source)
{
    for (int64_t p = 0; p < s->length; p++) {
        double x = mg_evidence_is_known(evidence, p) ? fabs(mg_evidence_position(evidence, source, p)) : 0;
        if (!isfinite(x)) return false;
        s->size[p] = x;
    }
    s->work[0] = 0;
    for (int64_t p = 0; p < s->length; p++)
        s->work[p + 1] = s->work[p] + s->size[p];
    return true;
}

/* Where the largest sum begins among stretches that do not overlap the one at `taken` (-1: none), the lower place first;
 * -1: there is none with a sum above 0. */
static int64_t strongest(const mg_seqlets *s, int64_t taken, double *ret_sum)
{
    int64_t best = -1;
    *ret_sum = 0;
    for (int64_t p = 0; p + s->n_within <= s->length; p++) {
        if (taken >= 0 && p > taken - s->n_within && p < taken + s->n_within) continue;
        double sum = s->work[p + s->n_within] - s->work[p];
        if (sum > *ret_sum) {
            *ret_sum = sum;
            best = p;
        }
    }
    return best;
}

/* Seqlets come by window, so an equal one that is there already stays before. */
static void keep(mg_seqlets *s, mg_seqlet seqlet)
{
    size_t k = s->n;
    if (k == MG_MOST_SEQLETS && !(seqlet.sum > s->seqlet[k - 1].sum)) return;
    while (k > 0 && seqlet.sum > s->seqlet[k - 1].sum)
        k--;
    memmove(s->seqlet + k + 1, s->seqlet + k, (s->n - k) * sizeof *s->seqlet);
    s->seqlet[k] = seqlet;
    if (s->n < MG_MOST_SEQLETS) s->n++;
}

void mg_seqlets_add(mg_seqlets *s, int64_t window, const mg_evidence *evidence)
{
    double sum, next;
    if (!take_sizes(s, evidence, 0)) return;
    int64_t first = strongest(s, -1, &sum), second = first >= 0 ? strongest(s, first, &next) : -1;
    if (first < 0) return;
    keep(s, (mg_seqlet){window, first, sum});
    if (second >= 0) keep(s, (mg_seqlet){window, second, next});
    for (size_t m = 0; m < s->n_methods; m++) {
        bool told = take_sizes(s, evidence, 1 + m);
        int64_t own = told ? strongest(s, -1, &sum) : -1;
        int64_t apart = own > first ? own - first : first - own;
        mg_ratio_add(&s->found[m], !told ? NAN : own >= 0 && 2 * apart <= s->n_within ? 1 : 0, 1);
    }
}

void mg_seqlets_end_cluster(mg_seqlets *s)
{
    mg_ratio_end_cluster(s->found, s->n_methods);
}

/* --- patterns --- */

enum { ROOM = MG_SEQLET_ROOM, FIRST = MG_SEQLET_FLANK, LAST = MG_SEQLET_FLANK + MG_SEQLET_LENGTH };

/* The sum of the seqlets that joined. */
typedef struct {
    double value[ROOM][MG_N_BASES];
} pattern;

int mg_seqlet_place(const mg_seqlet_fit *fit, int k)
{
    int place = k + fit->shift;
    if (fit->reverse) place = ROOM - 1 - place;
    return place >= 0 && place < ROOM ? place : -1;
}

static mg_base base_at(const mg_seqlet_view *view, int place, bool reverse)
{
    return reverse ? mg_base_complement(view->base[place]) : view->base[place];
}

/* Cosine of the pattern's core with what stands there. */
static double likeness(const pattern *p, const mg_seqlet_view *view, const mg_seqlet_fit *fit)
{
    double product = 0, one = 0, other = 0;
    for (int k = FIRST; k < LAST; k++) {
        int place = mg_seqlet_place(fit, k);
        for (int b = 0; b < MG_N_BASES; b++)
            one += p->value[k][b] * p->value[k][b];
        if (place < 0 || view->base[place] >= MG_N_BASES) continue;
        double e = (double)view->effect[place];
        other += e * e;
        product += e * p->value[k][base_at(view, place, fit->reverse)];
    }
    return one > 0 && other > 0 ? product / sqrt(one * other) : 0;
}

static void join(pattern *p, const mg_seqlet_view *view, const mg_seqlet_fit *fit)
{
    for (int k = 0; k < ROOM; k++) {
        int place = mg_seqlet_place(fit, k);
        if (place < 0 || view->base[place] >= MG_N_BASES) continue;
        p->value[k][base_at(view, place, fit->reverse)] += (double)view->effect[place];
    }
}

/* The best of all ways to put the view on a pattern; the first of equal ones. */
static double best_fit(const pattern *p, int number, const mg_seqlet_view *view, mg_seqlet_fit *ret)
{
    double best = -2;
    for (int reverse = 0; reverse < 2; reverse++)
        for (int shift = -MG_SEQLET_SHIFT; shift <= MG_SEQLET_SHIFT; shift++) {
            mg_seqlet_fit fit = {number, shift, reverse == 1};
            double like = likeness(p, view, &fit);
            if (like <= best) continue;
            best = like;
            *ret = fit;
        }
    return best;
}

mg_status mg_seqlets_match(const mg_seqlet_view *view, size_t n, mg_seqlet_fit *fit, size_t *ret_n_patterns,
                           mg_error *err)
{
    enum { MOST = 200 }; /* patterns; what is like none of them then stays alone */
    pattern *p = NULL;
    size_t n_patterns = 0;
    mg_status status = mg_alloc(&p, MOST, sizeof *p, err);
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        double best = -2;
        fit[i] = (mg_seqlet_fit){-1, 0, false};
        for (size_t k = 0; k < n_patterns; k++) {
            mg_seqlet_fit tried = {0};
            double like = best_fit(&p[k], (int)k, &view[i], &tried);
            if (like <= best) continue;
            best = like;
            fit[i] = tried;
        }
        if (best < MG_SEQLET_LIKE) fit[i] = (mg_seqlet_fit){n_patterns < MOST ? (int)n_patterns++ : -1, 0, false};
        if (fit[i].pattern >= 0) join(&p[fit[i].pattern], &view[i], &fit[i]);
    }
    free(p);
    *ret_n_patterns = n_patterns;
    return status;
}
