/* record_sort.c  pieces sorted in memory, and merged from a file with a heap
 *
 * While pieces are merged, the memory that held records to be sorted is divided among them: each has a stretch of it,
 * filled anew from the file when it has been given out.
 */
#include "io/base/record_sort.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/spool.h"
#include "src/core/memory.h"

/* A sorted piece in the file, and the stretch of it that is in memory. */
typedef struct {
    int64_t place;  /* in the file, of what is not in memory yet */
    size_t n_left;  /* records there */
    char *record;   /* the next one */
    size_t n_ready; /* records in memory, the next one included */
    char *stretch;
} piece;

struct mg_record_sort {
    size_t bytes, n_room, n;
    char *record; /* (n_room) records */
    mg_record_compare *compare;
    const char *folder;
    bool taking; /* records are being taken out */
    size_t next; /* the next one, when all are in memory */
    mg_spool *spool;
    size_t n_pieces, piece_room, n_stretch;
    piece *piece;
    size_t n_heap, heap_room;
    piece **heap; /* the piece with the least record is the first */
};

mg_status mg_record_sort_create(size_t bytes, size_t n_room, mg_record_compare *compare, const char *folder,
                                mg_record_sort **ret, mg_error *err)
{
    mg_record_sort *sort = NULL;
    mg_status status = mg_alloc(&sort, 1, sizeof *sort, err);
    if (status != MG_OK) return status;
    *sort = (mg_record_sort){.bytes = bytes, .n_room = n_room, .compare = compare, .folder = folder};
    status = mg_alloc(&sort->record, n_room, bytes, err);
    if (status == MG_OK)
        *ret = sort;
    else
        mg_record_sort_destroy(sort);
    return status;
}

void mg_record_sort_destroy(mg_record_sort *sort)
{
    if (sort == NULL) return;
    mg_spool_destroy(sort->spool);
    free(sort->record);
    free(sort->piece);
    free(sort->heap);
    free(sort);
}

/* --- in --- */

static mg_status write_piece(mg_record_sort *sort, mg_error *err)
{
    mg_status status = MG_OK;
    int64_t n_bytes = (int64_t)(sort->n * sort->bytes);
    if (sort->n == 0) return MG_OK;
    qsort(sort->record, sort->n, sort->bytes, sort->compare);
    if (sort->spool == NULL) status = mg_spool_create(sort->folder, &sort->spool, err);
    if (status == MG_OK) status = mg_grow(&sort->piece, &sort->piece_room, sort->n_pieces + 1, sizeof(piece), err);
    if (status != MG_OK) return status;
    int64_t place = mg_spool_take(sort->spool, n_bytes);
    sort->piece[sort->n_pieces++] = (piece){.place = place, .n_left = sort->n};
    sort->n = 0;
    return mg_spool_write(sort->spool, place, sort->record, n_bytes, err);
}

mg_status mg_record_sort_add(mg_record_sort *sort, const void *record, mg_error *err)
{
    mg_status status = sort->n == sort->n_room ? write_piece(sort, err) : MG_OK;
    if (status != MG_OK) return status;
    memcpy(sort->record + sort->n++ * sort->bytes, record, sort->bytes);
    return MG_OK;
}

/* --- out --- */

static mg_status fill_stretch(const mg_record_sort *sort, piece *p, mg_error *err)
{
    size_t n = p->n_left < sort->n_stretch ? p->n_left : sort->n_stretch;
    int64_t n_bytes = (int64_t)(n * sort->bytes);
    mg_status status = mg_spool_read(sort->spool, p->place, p->stretch, n_bytes, err);
    p->place += n_bytes;
    p->n_left -= n;
    p->n_ready = n;
    p->record = p->stretch;
    return status;
}

/* Let the piece at `at` sink to where no piece below it is less. */
static void sink(mg_record_sort *sort, size_t at)
{
    piece **heap = sort->heap, *moved = heap[at];
    for (size_t child = 2 * at + 1; child < sort->n_heap; child = 2 * at + 1) {
        if (child + 1 < sort->n_heap && sort->compare(heap[child + 1]->record, heap[child]->record) < 0) child++;
        if (sort->compare(moved->record, heap[child]->record) <= 0) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

static mg_status begin_merge(mg_record_sort *sort, mg_error *err)
{
    mg_status status = write_piece(sort, err);
    size_t n = sort->n_pieces;
    if (status == MG_OK) status = mg_grow(&sort->record, &sort->n_room, n, sort->bytes, err);
    if (status == MG_OK) status = mg_grow(&sort->heap, &sort->heap_room, n, sizeof(piece *), err);
    if (status != MG_OK) return status;
    sort->n_stretch = sort->n_room / n;
    sort->n_heap = n;
    for (size_t k = 0; k < n && status == MG_OK; k++) {
        sort->piece[k].stretch = sort->record + k * sort->n_stretch * sort->bytes;
        sort->heap[k] = &sort->piece[k];
        status = fill_stretch(sort, &sort->piece[k], err);
    }
    for (size_t k = n / 2; k > 0 && status == MG_OK; k--)
        sink(sort, k - 1);
    return status;
}

/* The record that was given out last is done with. */
static mg_status step(mg_record_sort *sort, mg_error *err)
{
    piece *first = sort->heap[0];
    mg_status status = MG_OK;
    first->record += sort->bytes;
    first->n_ready--;
    if (first->n_ready == 0 && first->n_left > 0) status = fill_stretch(sort, first, err);
    if (status != MG_OK) return status;
    if (first->n_ready == 0) sort->heap[0] = sort->heap[--sort->n_heap];
    if (sort->n_heap > 0) sink(sort, 0);
    return MG_OK;
}

static void empty(mg_record_sort *sort)
{
    mg_spool_destroy(sort->spool);
    sort->spool = NULL;
    sort->n = sort->next = sort->n_pieces = sort->n_heap = 0;
    sort->taking = false;
}

mg_status mg_record_sort_next(mg_record_sort *sort, const void **ret, mg_error *err)
{
    mg_status status = MG_OK;
    bool merging = sort->n_pieces > 0;
    *ret = NULL;
    if (!sort->taking && !merging && sort->n > 0) qsort(sort->record, sort->n, sort->bytes, sort->compare);
    if (merging) status = sort->taking ? step(sort, err) : begin_merge(sort, err);
    sort->taking = true;
    if (status != MG_OK) return status;
    if (merging && sort->n_heap > 0)
        *ret = sort->heap[0]->record;
    else if (!merging && sort->next < sort->n)
        *ret = sort->record + sort->next++ * sort->bytes;
    else
        empty(sort);
    return MG_OK;
}
