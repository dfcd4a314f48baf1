/* distinct.c  keys sorted to find what is equal, then sorted back into the order of the places
 *
 * 1. Every place goes into the spool, and its key with its number to be sorted: equal keys come out together, the first
 *    place of them first.
 * 2. Each place goes with that first place to be sorted again, by place.
 * 3. So the places come by in their order. One that is its own first place is a new window and gets the next number; any
 *    other gets the number of its first place, which is the count of new windows up to there.
 */
#include "io/input/distinct.h"

#include <stdbool.h>
#include <stdlib.h>

#include "io/base/record_sort.h"
#include "src/core/memory.h"
#include "src/core/random.h"
#include "src/sequence/window_key.h"

enum { SORT_BYTES = 4 << 20, BLOCK_BYTES = 1 << 20, BLOCK = 4096, BITS = 64 };

/* --- 1: places and keys --- */

typedef struct {
    mg_window_key key;
    int64_t place;
} keyed_place;

static int compare_keys(const void *a, const void *b)
{
    const keyed_place *x = a, *y = b;
    int order = mg_window_key_compare(&x->key, &y->key);
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static mg_status write_places(const mg_distinct *d, int64_t first, int64_t n, const mg_place *place, mg_error *err)
{
    int64_t bytes = (int64_t)sizeof *place;
    return mg_spool_write(d->spool, first * bytes, place, n * bytes, err);
}

mg_status mg_distinct_places(const mg_distinct *distinct, int64_t first, int64_t n, mg_place *ret, mg_error *err)
{
    int64_t bytes = (int64_t)sizeof *ret;
    return mg_spool_read(distinct->spool, first * bytes, ret, n * bytes, err);
}

static mg_status take_keys(const mg_distinct *d, int64_t first, int64_t n, const mg_window *window, const mg_base *base,
                           mg_place *place, mg_record_sort *keys, mg_error *err)
{
    int64_t length = d->input->how.length;
    mg_status status = MG_OK;
    for (int64_t i = 0; i < n && status == MG_OK; i++) {
        const mg_window *w = &window[i];
        keyed_place record = {mg_window_key_of(base + i * length, length), first + i};
        place[i] = (mg_place){-1, w->transcript, w->start, w->label, w->n_padded, w->n_padded + w->n_unknown};
        status = mg_record_sort_add(keys, &record, err);
    }
    return status == MG_OK ? write_places(d, first, n, place, err) : status;
}

static mg_status read_places(const mg_distinct *d, mg_record_sort *keys, mg_error *err)
{
    int64_t length = d->input->how.length, most = BLOCK_BYTES / length,
            size = most < 1       ? 1
                   : most < BLOCK ? most
                                  : BLOCK;
    mg_window *window = NULL;
    mg_base *base = NULL;
    mg_place *place = NULL;
    mg_status status = mg_alloc(&window, (size_t)size, sizeof *window, err);
    if (status == MG_OK) status = mg_alloc(&base, (size_t)size, (size_t)length, err);
    if (status == MG_OK) status = mg_alloc(&place, (size_t)size, sizeof *place, err);
    for (int64_t first = 0; first < d->n_places && status == MG_OK; first += size) {
        int64_t left = d->n_places - first, n = left < size ? left : size;
        status = mg_input_windows(d->input, first, n, window, base, err);
        if (status == MG_OK) status = take_keys(d, first, n, window, base, place, keys, err);
    }
    free(window);
    free(base);
    free(place);
    return status;
}

/* --- 2: which is the first --- */

typedef struct {
    int64_t place, first;
} twin;

static int compare_places(const void *a, const void *b)
{
    const twin *x = a, *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

static mg_status find_firsts(mg_record_sort *keys, mg_record_sort *twins, mg_error *err)
{
    const void *record = NULL;
    keyed_place first = {.place = -1};
    mg_status status = mg_record_sort_next(keys, &record, err);
    while (status == MG_OK && record != NULL) {
        const keyed_place *now = record;
        if (first.place < 0 || mg_window_key_compare(&now->key, &first.key) != 0) first = *now;
        twin pair = {now->place, first.place};
        status = mg_record_sort_add(twins, &pair, err);
        if (status == MG_OK) status = mg_record_sort_next(keys, &record, err);
    }
    return status;
}

/* --- 3: numbers --- */

/* Which places are the first of their windows, and how many of those stand before each word of bits. */
typedef struct {
    uint64_t *bit;
    int64_t *before;
} firsts;

static void note_first(firsts *f, int64_t place, int64_t window)
{
    int64_t word = place / BITS;
    if (f->bit[word] == 0) f->before[word] = window;
    f->bit[word] |= (uint64_t)1 << place % BITS;
}

static int64_t number_of(const firsts *f, int64_t place)
{
    uint64_t lower = ((uint64_t)1 << place % BITS) - 1;
    return f->before[place / BITS] + __builtin_popcountll(f->bit[place / BITS] & lower);
}

/* What grows with the distinct windows. */
typedef struct {
    firsts firsts;
    size_t label_room;
} numbering;

static mg_status begin_window(mg_distinct *d, numbering *n, int64_t place, const mg_place *at, mg_error *err)
{
    size_t window = (size_t)d->n_windows;
    mg_status status = mg_grow(&d->label, &n->label_room, window + 1, sizeof *d->label, err);
    if (status != MG_OK) return status;
    note_first(&n->firsts, place, d->n_windows);
    d->label[window] = (int8_t)at->label;
    d->n_annotated += at->label == 1;
    d->n_known += d->input->how.length - at->n_unknown;
    d->n_windows++;
    return MG_OK;
}

static void add_place(mg_distinct *d, const mg_place *at)
{
    if (at->label != 1 || d->label[at->window] == 1) return;
    d->label[at->window] = 1;
    d->n_annotated++;
}

/* Places first .. first + n - 1; `new` is room for the first places of new windows. */
static mg_status number_block(mg_distinct *d, numbering *number, mg_record_sort *twins, int64_t first, int64_t n,
                              mg_place *place, int64_t *new, mg_error *err)
{
    const void *record = NULL;
    int64_t window = d->n_windows, bytes = (int64_t)sizeof *new;
    mg_status status = mg_distinct_places(d, first, n, place, err);
    for (int64_t i = 0; i < n && status == MG_OK; i++) {
        status = mg_record_sort_next(twins, &record, err);
        if (status != MG_OK) break;
        const twin *pair = record;
        bool is_new = pair->first == pair->place;
        if (is_new) new[d->n_windows - window] = pair->place;
        if (is_new) status = begin_window(d, number, pair->place, &place[i], err);
        place[i].window = number_of(&number->firsts, pair->first);
        if (status == MG_OK) add_place(d, &place[i]);
        if (status == MG_OK)
            status = mg_clusters_add(&d->clusters, (size_t)place[i].window, (size_t)place[i].transcript, err);
    }
    if (status == MG_OK) status = write_places(d, first, n, place, err);
    return status == MG_OK
               ? mg_spool_write(d->spool, d->windows_at + window * bytes, new, (d->n_windows - window) * bytes, err)
               : status;
}

static mg_status number_windows(mg_distinct *d, mg_record_sort *twins, mg_error *err)
{
    size_t n_words = (size_t)(d->n_places / BITS + 1);
    numbering number = {0};
    mg_place *place = NULL;
    int64_t *new = NULL;
    mg_status status = mg_alloc(&number.firsts.bit, n_words, sizeof *number.firsts.bit, err);
    if (status == MG_OK) status = mg_alloc(&number.firsts.before, n_words, sizeof *number.firsts.before, err);
    if (status == MG_OK) status = mg_alloc(&place, BLOCK, sizeof *place, err);
    if (status == MG_OK) status = mg_alloc(&new, BLOCK, sizeof *new, err);
    for (int64_t first = 0; first < d->n_places && status == MG_OK; first += BLOCK) {
        int64_t left = d->n_places - first, n = left < BLOCK ? left : BLOCK;
        status = number_block(d, &number, twins, first, n, place, new, err);
    }
    free(number.firsts.bit);
    free(number.firsts.before);
    free(place);
    free(new);
    return status;
}

/* --- the whole --- */

mg_status mg_distinct_find(const mg_input *input, const char *folder, mg_distinct *ret, mg_error *err)
{
    mg_distinct d = {.input = input, .n_places = input->candidates.n_windows};
    mg_record_sort *keys = NULL, *twins = NULL;
    mg_status status = mg_spool_create(folder, &d.spool, err);
    d.windows_at = d.n_places * (int64_t)sizeof(mg_place);
    if (status == MG_OK)
        status = mg_record_sort_create(sizeof(keyed_place), SORT_BYTES / sizeof(keyed_place), compare_keys, folder,
                                       &keys, err);
    if (status == MG_OK)
        status = mg_record_sort_create(sizeof(twin), SORT_BYTES / sizeof(twin), compare_places, folder, &twins, err);
    if (status == MG_OK) status = read_places(&d, keys, err);
    if (status == MG_OK) status = find_firsts(keys, twins, err);
    mg_record_sort_destroy(keys);
    if (status == MG_OK)
        status = mg_clusters_create(input->transcriptome.n_transcripts, mg_input_kin(input), &d.clusters, err);
    if (status == MG_OK) status = number_windows(&d, twins, err);
    mg_record_sort_destroy(twins);
    if (status == MG_OK) status = mg_clusters_number(&d.clusters, NULL, &d.facts, err);
    if (status == MG_OK && d.n_windows > (int64_t)UINT32_MAX)
        status = mg_fail(err, MG_EINPUT, "%lld windows are more than one run can take; split the transcripts",
                         (long long)d.n_windows);
    if (status == MG_OK)
        d.digest = mg_hash_bytes(0, d.clusters.window, d.clusters.n_windows * sizeof *d.clusters.window);
    if (status == MG_OK)
        *ret = d;
    else
        mg_distinct_destroy(&d);
    return status;
}

void mg_distinct_destroy(mg_distinct *distinct)
{
    mg_spool_destroy(distinct->spool);
    mg_clusters_destroy(&distinct->clusters);
    free(distinct->label);
    *distinct = (mg_distinct){0};
}

mg_status mg_distinct_windows(const mg_distinct *distinct, int64_t first, int64_t n, mg_shard_window *window,
                              mg_base *base, mg_error *err)
{
    int64_t length = distinct->input->how.length, bytes = (int64_t)sizeof(int64_t), *place = NULL;
    if (first < 0 || n > distinct->n_windows - first)
        return mg_fail(err, MG_EBUG, "windows %lld to %lld are wanted of %lld", (long long)first,
                       (long long)(first + n - 1), (long long)distinct->n_windows);
    mg_status status = mg_alloc(&place, (size_t)n, sizeof *place, err);
    if (status == MG_OK)
        status = mg_spool_read(distinct->spool, distinct->windows_at + first * bytes, place, n * bytes, err);
    for (int64_t i = 0; i < n && status == MG_OK; i++) {
        mg_window at;
        status = mg_input_windows(distinct->input, place[i], 1, &at, base + i * length, err);
        window[i] = (mg_shard_window){place[i], distinct->clusters.window[first + i], distinct->label[first + i],
                                      at.n_padded + at.n_unknown, at.kind};
    }
    free(place);
    return status;
}
