/* dataset.c  distinct windows, found by a hash table with open addressing */
#include "src/training/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/core/random.h"

enum { MAX_CODE = (1 << 20) / 2 + 1 }; /* bytes of the longest window */

static size_t code_size(const mg_dataset *dataset)
{
    return ((size_t)dataset->length + 1) / 2;
}

static const uint8_t *code_of(const mg_dataset *dataset, size_t i)
{
    return dataset->code + i * code_size(dataset);
}

static void encode(const mg_base *base, int64_t length, uint8_t *code)
{
    for (int64_t p = 0; p < length; p += 2)
        code[p / 2] = (uint8_t)(base[p] | (p + 1 < length ? base[p + 1] : 0) << 4);
}

void mg_dataset_base(const mg_dataset *dataset, size_t i, mg_base *base)
{
    const uint8_t *code = code_of(dataset, i);
    for (int64_t p = 0; p < dataset->length; p++)
        base[p] = (code[p / 2] >> (p % 2 * 4)) & 15;
}

/* --- the table --- */

/* The slot that holds this code, or the free one where it belongs. */
static size_t find_slot(const mg_dataset *dataset, const uint8_t *code)
{
    size_t size = code_size(dataset), mask = dataset->n_slots - 1;
    size_t at = (size_t)mg_mix(mg_hash_bytes(0, code, size), 0) & mask;
    while (dataset->slot[at] != 0 && memcmp(code_of(dataset, dataset->slot[at] - 1), code, size) != 0)
        at = (at + 1) & mask;
    return at;
}

/* Room for one more sample, with half of the slots free. */
static mg_status grow_table(mg_dataset *dataset, mg_error *err)
{
    if (2 * (dataset->n + 1) <= dataset->n_slots) return MG_OK;
    size_t n = dataset->n_slots > 0 ? 2 * dataset->n_slots : 1024;
    uint32_t *slot = NULL;
    mg_status status = mg_alloc(&slot, n, sizeof *slot, err);
    if (status != MG_OK) return status;
    free(dataset->slot);
    dataset->slot = slot;
    dataset->n_slots = n;
    for (size_t i = 0; i < dataset->n; i++)
        slot[find_slot(dataset, code_of(dataset, i))] = (uint32_t)(i + 1);
    return MG_OK;
}

/* The sample with these bases: the one there is, or a new one, no start and to train on. */
static mg_status find_sample(mg_dataset *dataset, const mg_base *base, bool *ret_new, size_t *ret, mg_error *err)
{
    size_t size = code_size(dataset);
    mg_status status = grow_table(dataset, err);
    if (status == MG_OK) status = mg_grow(&dataset->sample, &dataset->n_room, dataset->n + 1, sizeof(mg_sample), err);
    if (status == MG_OK) status = mg_grow(&dataset->code, &dataset->n_code_room, (dataset->n + 1) * size, 1, err);
    if (status != MG_OK) return status;
    uint8_t *code = dataset->code + dataset->n * size;
    encode(base, dataset->length, code);
    size_t at = find_slot(dataset, code);
    *ret_new = dataset->slot[at] == 0;
    if (*ret_new) {
        dataset->sample[dataset->n] = (mg_sample){0};
        dataset->slot[at] = (uint32_t)++dataset->n;
    }
    *ret = dataset->slot[at] - 1;
    return MG_OK;
}

mg_status mg_dataset_add(mg_dataset *dataset, const mg_window *window, const mg_base *base, mg_part part, mg_error *err)
{
    size_t i = 0;
    bool is_new = false, start = window->label == 1;
    if (dataset->n_occurrences >= INT32_MAX || window->transcript > INT32_MAX)
        return mg_fail(err, MG_EINPUT, "more than 2^31 windows or transcripts; take fewer transcripts");
    mg_status status = mg_grow(&dataset->occurrence, &dataset->n_occurrence_room, dataset->n_occurrences + 1,
                               sizeof *dataset->occurrence, err);
    if (status == MG_OK) status = find_sample(dataset, base, &is_new, &i, err);
    if (status != MG_OK) return status;
    mg_sample *sample = &dataset->sample[i];
    sample->disagreed |= !is_new && sample->start != start;
    sample->start |= start;
    if (part > sample->part) sample->part = (uint8_t)part;
    dataset->occurrence[dataset->n_occurrences++] =
        (mg_occurrence){.sample = (uint32_t)i, .transcript = (int32_t)window->transcript, .start = start};
    return MG_OK;
}

/* Ties of all transcripts that occur; those that kin does not know have none. */
static mg_status widen_kin(const int64_t *kin, size_t n_kin, size_t n, int64_t **ret, mg_error *err)
{
    int64_t *wide = NULL;
    mg_status status = mg_alloc(&wide, n, sizeof *wide, err);
    for (size_t t = 0; t < n && status == MG_OK; t++)
        wide[t] = kin != NULL && t < n_kin ? kin[t] : -1;
    if (status == MG_OK) *ret = wide;
    return status;
}

mg_status mg_dataset_cluster(mg_dataset *dataset, const int64_t *kin, size_t n_kin, const char *unit, mg_error *err)
{
    size_t n = 0;
    int64_t *wide = NULL;
    mg_clusters clusters = {0};
    mg_clusters_facts facts;
    for (size_t i = 0; i < dataset->n_occurrences; i++)
        if ((size_t)dataset->occurrence[i].transcript >= n) n = (size_t)dataset->occurrence[i].transcript + 1;
    mg_status status = widen_kin(kin, n_kin, n, &wide, err);
    if (status == MG_OK) status = mg_clusters_create(n, wide, &clusters, err);
    for (size_t i = 0; i < dataset->n_occurrences && status == MG_OK; i++)
        status =
            mg_clusters_add(&clusters, dataset->occurrence[i].sample, (size_t)dataset->occurrence[i].transcript, err);
    if (status == MG_OK) status = mg_clusters_number(&clusters, NULL, &facts, err);
    for (size_t i = 0; i < dataset->n && status == MG_OK; i++)
        dataset->sample[i].cluster = clusters.window[i];
    snprintf(dataset->unit, sizeof dataset->unit, "%s", unit);
    if (status == MG_OK) mg_clusters_unit(&facts, dataset->unit);
    mg_clusters_destroy(&clusters);
    free(wide);
    return status;
}

void mg_dataset_destroy(mg_dataset *dataset)
{
    if (dataset == NULL) return;
    free(dataset->sample);
    free(dataset->code);
    free(dataset->occurrence);
    free(dataset->slot);
    *dataset = (mg_dataset){0};
}

mg_dataset_counts mg_dataset_count(const mg_dataset *dataset)
{
    mg_dataset_counts counts = {0};
    for (size_t i = 0; i < dataset->n; i++) {
        const mg_sample *sample = &dataset->sample[i];
        if (sample->start)
            counts.n_starts[sample->part]++;
        else
            counts.n_others[sample->part]++;
        counts.n_disagreed[sample->part] += sample->disagreed;
    }
    return counts;
}

/* --- for other ranks --- */

typedef struct {
    int64_t length;
    uint64_t n;
} packed_head;

mg_status mg_dataset_pack(const mg_dataset *dataset, unsigned char **ret, size_t *n_ret, mg_error *err)
{
    packed_head head = {dataset->length, dataset->n};
    size_t n_samples = dataset->n * sizeof *dataset->sample, n_codes = dataset->n * code_size(dataset);
    unsigned char *bytes = NULL;
    mg_status status = mg_alloc(&bytes, sizeof head + n_samples + n_codes, 1, err);
    if (status != MG_OK) return status;
    memcpy(bytes, &head, sizeof head);
    if (dataset->n > 0) {
        memcpy(bytes + sizeof head, dataset->sample, n_samples);
        memcpy(bytes + sizeof head + n_samples, dataset->code, n_codes);
    }
    *ret = bytes;
    *n_ret = sizeof head + n_samples + n_codes;
    return MG_OK;
}

mg_status mg_dataset_unpack(const unsigned char *bytes, size_t n, mg_dataset *ret, mg_error *err)
{
    packed_head head = {0};
    if (n >= sizeof head) memcpy(&head, bytes, sizeof head);
    mg_dataset dataset = {.length = head.length, .n = (size_t)head.n};
    if (n < sizeof head || head.length < 1 || head.length > 2 * MAX_CODE || head.n > INT32_MAX ||
        n != sizeof head + dataset.n * (sizeof *dataset.sample + code_size(&dataset)))
        return mg_fail(err, MG_EINPUT, "the windows were damaged on their way to this rank");
    size_t n_samples = dataset.n * sizeof *dataset.sample, n_codes = dataset.n * code_size(&dataset);
    mg_status status = mg_alloc(&dataset.sample, dataset.n, sizeof *dataset.sample, err);
    if (status == MG_OK) status = mg_alloc(&dataset.code, n_codes, 1, err);
    if (status != MG_OK) {
        mg_dataset_destroy(&dataset);
        return status;
    }
    memcpy(dataset.sample, bytes + sizeof head, n_samples);
    memcpy(dataset.code, bytes + sizeof head + n_samples, n_codes);
    *ret = dataset;
    return MG_OK;
}
