/* fake_run.h  shards of a run that never was, whose every number says where it belongs */
#ifndef MG_TESTS_SUPPORT_FAKE_RUN_H
#define MG_TESTS_SUPPORT_FAKE_RUN_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/run/run_h5.h"
#include "io/run/shard_h5.h"
#include "tests/support/metrics.h"

enum { FAKE_METHODS = 2 };

static const mg_run_method fake_methods[FAKE_METHODS] = {
    {"saliency", "saliency", "saliency", "somebody 2013", 1},
    {"lrp_2", "LRP (gamma 0.25)", "lrp:gamma=0.25", "others 2015", 1}};

static inline mg_run_shape fake_shape(int64_t n_windows, int64_t length, mg_store store)
{
    return (mg_run_shape){.n_transcripts = (n_windows + 2) / 3,
                          .n_genes = (n_windows + 5) / 6,
                          .n_places = 2 * n_windows,
                          .n_clusters = (n_windows + 2) / 3,
                          .n_windows = n_windows,
                          .length = length,
                          .n_methods = FAKE_METHODS,
                          .n_rows = mg_run_n_rows(FAKE_METHODS, 0, N_START_METRICS),
                          .n_pairs = mg_run_n_pairs(FAKE_METHODS, 0, N_START_METRICS),
                          .metrics = start_metrics(),
                          .store = store,
                          .score_name = "log-odds"};
}

/* Number c of window w in set s of a field; every seventh is undefined. */
static inline float fake_value(mg_field_id id, int64_t s, int64_t w, int64_t c)
{
    int64_t x = (w * 31 + c * 7 + s * 3 + (int64_t)id) % 9973;
    return x % 7 == 3 && id == MG_AGREEMENT ? (float)NAN : (float)x * 0.37f - 1000.f;
}

static inline mg_shard_window fake_window(int64_t w)
{
    return (mg_shard_window){2 * w, w / 3, (int32_t)(w % 3) - 1, (int32_t)(w % 5), 0};
}

/* Each window has two places, one behind the other. */
static inline mg_place fake_place(int64_t k)
{
    mg_shard_window window = fake_window(k / 2);
    return (mg_place){k / 2, k / 6, (k % 6) * 100, window.label, (int32_t)(k % 11), window.n_unknown};
}

static inline mg_base fake_base(int64_t w, int64_t p)
{
    return (mg_base)((w * 3 + p * p) % 5);
}

static inline void fake_fill(mg_field_id id, const mg_shard *shard, int64_t n_sets, int64_t row, float *values)
{
    for (int64_t s = 0; s < n_sets && values != NULL; s++)
        for (int64_t i = 0; i < shard->n; i++)
            for (int64_t c = 0; c < row; c++)
                values[(s * shard->n + i) * row + c] = fake_value(id, s, shard->first + i, c);
}

/* Shard k of the run, and its result. */
static inline mg_status fake_shard(const mg_shard_store *store, int64_t k, mg_shard *shard, mg_result *result,
                                   mg_error *err)
{
    const mg_run_shape *shape = &store->shape;
    int64_t first = k * store->shard_size, left = shape->n_windows - first, l = shape->length;
    int64_t n = left < store->shard_size ? left : store->shard_size;
    mg_status status = mg_shard_create(n, l, shard, err);
    if (status == MG_OK) status = mg_result_create(n, l, FAKE_METHODS, 0, N_START_METRICS, shape->store, result, err);
    if (status != MG_OK) return status;
    shard->id = k;
    shard->first = first;
    for (int64_t i = 0; i < n; i++) {
        result->chosen[i] = (int8_t)((first + i) % 2);
        shard->window[i] = fake_window(first + i);
        for (int64_t p = 0; p < l; p++)
            shard->base[i * l + p] = fake_base(first + i, p);
    }
    fake_fill(MG_WINDOW_SCORE, shard, 1, 1, result->score);
    fake_fill(MG_WINDOW_PROBABILITY, shard, 1, 1, result->probability);
    fake_fill(MG_MUTATION_EFFECT, shard, 1, l * 4, result->effect);
    fake_fill(MG_ATTRIBUTION_CONTRIBUTION, shard, FAKE_METHODS, l, result->contribution);
    fake_fill(MG_ATTRIBUTION_HYPOTHETICAL, shard, FAKE_METHODS, l * 4, result->hypothetical);
    fake_fill(MG_AGREEMENT, shard, (int64_t)FAKE_METHODS * N_START_METRICS, 1, result->agreement);
    return MG_OK;
}

/* What a field holds for column c of window, or place, w, as a number; texts by letter. */
static inline double fake_expected(mg_field_id id, int64_t s, int64_t w, int64_t c)
{
    mg_shard_window window = fake_window(w);
    mg_place place = fake_place(w);
    switch (id) {
    case MG_WINDOW_PLACE:
        return (double)window.place;
    case MG_WINDOW_CLUSTER:
        return (double)window.cluster;
    case MG_PLACE_WINDOW:
        return (double)place.window;
    case MG_PLACE_TRANSCRIPT:
        return (double)place.transcript;
    case MG_PLACE_START:
        return (double)place.start;
    case MG_PLACE_LABEL:
        return place.label;
    case MG_PLACE_PADDED:
        return place.n_padded;
    case MG_WINDOW_LABEL:
        return window.label;
    case MG_WINDOW_MEASURED:
        return (double)(w % 2);
    case MG_WINDOW_UNKNOWN:
        return window.n_unknown;
    case MG_WINDOW_SEQUENCE:
        return mg_letter_from_base(fake_base(w, c));
    default:
        return fake_value(id, s, w, c);
    }
}

/* Number i of an array of the field's type. */
static inline double fake_number(mg_field_id id, const void *values, int64_t i)
{
    switch (mg_fields[id].type) {
    case MG_FIELD_INT8:
        return ((const int8_t *)values)[i];
    case MG_FIELD_INT32:
        return ((const int32_t *)values)[i];
    case MG_FIELD_INT64:
        return (double)((const int64_t *)values)[i];
    case MG_FIELD_FLOAT32:
        return ((const float *)values)[i];
    case MG_FIELD_FLOAT64:
        return ((const double *)values)[i];
    case MG_FIELD_TEXT:
        break;
    }
    return ((const char *)values)[i];
}

/* Numbers of a field's values (rows of windows first .. first + n - 1 of set s) that are not what they should be. */
static inline int64_t fake_n_wrong(mg_field_id id, const mg_run_shape *shape, int64_t s, int64_t first, int64_t n,
                                   const void *values)
{
    static const size_t bytes[] = {1, 4, 8, 4, 8, 1}; /* by mg_field_type */
    int64_t row = (int64_t)(mg_field_row_bytes(id, shape) / bytes[mg_fields[id].type]), n_wrong = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t c = 0; c < row; c++) {
            double found = fake_number(id, values, i * row + c), expected = fake_expected(id, s, first + i, c);
            n_wrong += !(found == expected || (isnan(found) && isnan(expected)));
        }
    return n_wrong;
}

#endif
