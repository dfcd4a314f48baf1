/* winner.c  the rule of the verdict */
#include "src/statistics/winner.h"

#include <math.h>

static const double significant = 0.05;

static double gain_of(const mg_summary_pair *pair)
{
    return (pair->better > 0 ? 1 : -1) * pair->mean_difference;
}

bool mg_pair_is_won(const mg_summary_pair *pair)
{
    return pair->p_holm < significant && gain_of(pair) > 0;
}

bool mg_is_better(const mg_summary_pair *pair, size_t n_methods, size_t method, size_t other)
{
    for (size_t k = 0; k < mg_summary_n_pairs(n_methods); k++) {
        bool forward = (size_t)pair[k].method == method && (size_t)pair[k].other == other;
        bool backward = (size_t)pair[k].method == other && (size_t)pair[k].other == method;
        if (!forward && !backward) continue;
        double gain = (forward ? 1 : -1) * gain_of(&pair[k]);
        return pair[k].p_holm < significant && gain > 0;
    }
    return false;
}

static double merit(const mg_summary_row *row)
{
    return mg_merit((mg_better)row->better, row->mean);
}

static bool goes_before(const mg_summary_row *a, const mg_summary_row *b)
{
    if (isnan(a->mean) || isnan(b->mean)) return !isnan(a->mean) && isnan(b->mean);
    return merit(a) > merit(b);
}

/* The handful of methods is counted through rather than sorted. */
size_t mg_method_at(const mg_summary_row *row, size_t n_methods, size_t place)
{
    for (size_t m = 0; m < n_methods; m++) {
        size_t n_before = 0;
        for (size_t o = 0; o < n_methods; o++)
            n_before += goes_before(&row[o], &row[m]) || (o < m && !goes_before(&row[m], &row[o]));
        if (n_before == place) return m;
    }
    return 0;
}

size_t mg_order_methods(const mg_summary_row *row, size_t n_methods, size_t *order)
{
    size_t n = 0;
    for (size_t place = 0; place < n_methods; place++) {
        order[place] = mg_method_at(row, n_methods, place);
        if (!isnan(row[order[place]].mean)) n++;
    }
    return n;
}

mg_standing mg_standing_of(const mg_summary_row *row, size_t n_methods, size_t method)
{
    mg_standing found = {0};
    if (isnan(row[method].mean)) return found;
    for (size_t m = 0; m < n_methods; m++) {
        found.place += goes_before(&row[m], &row[method]);
        found.shared = found.shared || (m != method && merit(&row[m]) == merit(&row[method]));
    }
    found.place++;
    return found;
}

mg_winner mg_find_winner(const mg_summary_row *row, const mg_summary_pair *pair, size_t n_methods, bool *rival)
{
    mg_winner winner = {0};
    size_t n = 0;
    for (size_t m = 0; m < n_methods; m++) {
        if (rival != NULL) rival[m] = false;
        if (isnan(row[m].mean)) continue;
        n++;
        if (!winner.any || merit(&row[m]) > merit(&row[winner.leader])) winner.leader = m;
        winner.any = true;
    }
    if (!winner.any) return winner;
    for (size_t m = 0; m < n_methods; m++) {
        if (m == winner.leader || isnan(row[m].mean) || mg_is_better(pair, n_methods, winner.leader, m)) continue;
        winner.n_rivals++;
        if (rival != NULL) rival[m] = true;
    }
    winner.enough = row[winner.leader].n_clusters >= MG_ENOUGH_CLUSTERS;
    winner.wins = winner.enough && n > 1 && winner.n_rivals == 0;
    return winner;
}
