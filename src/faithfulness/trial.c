/* trial.c  orders, and positions that are taken out */
#include "src/faithfulness/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/core/random.h"

const char *const mg_replacement_names[MG_N_REPLACEMENTS] = {"substitute", "mean", "zeros"};

enum { N_OTHERS = MG_N_BASES - 1 };

mg_status mg_trial_room_create(int64_t length, mg_trial_room *ret, mg_error *err)
{
    size_t n = (size_t)length;
    *ret = (mg_trial_room){.n_max = n};
    mg_status status = mg_sorter_create(n, &ret->sorter, err);
    if (status == MG_OK) status = mg_alloc(&ret->x, n * MG_N_BASES, sizeof *ret->x, err);
    if (status == MG_OK) status = mg_alloc(&ret->value, n, sizeof *ret->value, err);
    if (status == MG_OK) status = mg_alloc(&ret->order, n, sizeof *ret->order, err);
    if (status == MG_OK) status = mg_alloc(&ret->in, n, sizeof *ret->in, err);
    return status == MG_OK ? mg_alloc(&ret->score, n + 1, sizeof *ret->score, err) : status;
}

void mg_trial_room_destroy(mg_trial_room *room)
{
    mg_sorter_destroy(room->sorter);
    free(room->x);
    free(room->value);
    free(room->order);
    free(room->in);
    free(room->score);
    *room = (mg_trial_room){0};
}

size_t mg_trial_room_bytes(int64_t length)
{
    size_t sorter = 2 * sizeof(uint64_t) + 2 * sizeof(uint32_t);
    return (size_t)length * (sorter + (MG_N_BASES + 2) * sizeof(double) + sizeof(uint32_t) + sizeof(bool));
}

void mg_trial_substitutes(const mg_base *base, int64_t length, uint64_t seed, mg_base *substitute)
{
    for (int64_t p = 0; p < length; p++) {
        uint64_t step = 1 + mg_mix(seed, (uint64_t)p) % N_OTHERS;
        substitute[p] = base[p];
        if (base[p] < MG_N_BASES) substitute[p] = (mg_base)((base[p] + step) % MG_N_BASES);
    }
}

bool mg_trial_order(const mg_trial *trial, const double *a, bool smallest_first, mg_trial_room *room, uint32_t *order)
{
    for (size_t i = 0; i < trial->n; i++) {
        double value = a[trial->position[i]];
        if (!isfinite(value)) return false;
        room->value[i] = smallest_first ? -value : value;
    }
    mg_sort_descending(room->sorter, room->value, trial->n, order);
    return true;
}

static size_t n_variants(mg_replacement replacement)
{
    return replacement == MG_REPLACE_MEAN ? N_OTHERS : 1;
}

/* Take position p out of x in the variant-th of the ways that the replacement has. */
static void take_out(const mg_trial *trial, size_t p, mg_replacement replacement, size_t variant, double *x)
{
    double *row = x + p * MG_N_BASES;
    memset(row, 0, MG_N_BASES * sizeof *row);
    if (replacement == MG_REPLACE_SUBSTITUTE) row[trial->substitute[p]] = 1;
    if (replacement == MG_REPLACE_MEAN) row[(trial->base[p] + 1 + variant) % MG_N_BASES] = 1;
}

static void reset(const mg_trial *trial, double *x)
{
    memcpy(x, trial->x, (size_t)trial->length * MG_N_BASES * sizeof *x);
}

double mg_trial_without(const mg_trial *trial, const bool *in, mg_replacement replacement, mg_trial_room *room)
{
    double sum = 0;
    for (size_t v = 0; v < n_variants(replacement); v++) {
        reset(trial, room->x);
        for (size_t p = 0; p < (size_t)trial->length; p++)
            if (in[p]) take_out(trial, p, replacement, v, room->x);
        sum += trial->probe->score(trial->probe->context, room->x);
    }
    return sum / (double)n_variants(replacement);
}

void mg_trial_curve(const mg_trial *trial, const uint32_t *order, size_t k, mg_replacement replacement,
                    mg_trial_room *room, double *score)
{
    memset(score, 0, (k + 1) * sizeof *score);
    for (size_t v = 0; v < n_variants(replacement); v++) {
        reset(trial, room->x);
        for (size_t j = 1; j <= k; j++) {
            take_out(trial, trial->position[order[j - 1]], replacement, v, room->x);
            score[j] += trial->probe->score(trial->probe->context, room->x);
        }
    }
    for (size_t j = 1; j <= k; j++)
        score[j] /= (double)n_variants(replacement);
    score[0] = trial->score;
}
