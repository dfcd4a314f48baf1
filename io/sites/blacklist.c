/* blacklist.c  intervals in order, each with how far those before it reach */
#include "io/sites/blacklist.h"

#include <stdlib.h>
#include <string.h>

#include "io/annotation/interval_text.h"
#include "src/core/memory.h"
#include "src/sequence/chromosome_names.h"

static int compare(const void *a, const void *b)
{
    const mg_black_interval *x = a, *y = b;
    if (x->chromosome != y->chromosome) return x->chromosome < y->chromosome ? -1 : 1;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static mg_status find_chromosome(mg_blacklist *list, mg_field name, size_t *ret, mg_error *err)
{
    const mg_name *known = mg_names_find(&list->chromosome_names, name.text, name.n);
    size_t n = list->n_chromosomes;
    char *copy = NULL;
    *ret = known != NULL ? known->value : n;
    if (known != NULL) return MG_OK;
    mg_status status = mg_grow(&list->chromosome, &list->n_chromosome_room, n + 1, sizeof *list->chromosome, err);
    if (status == MG_OK) status = mg_alloc(&copy, name.n + 1, 1, err);
    if (status != MG_OK) return status;
    memcpy(copy, name.text, name.n);
    list->chromosome[n] = copy;
    list->n_chromosomes = n + 1;
    return mg_names_add(&list->chromosome_names, copy, name.n, n, err);
}

static mg_status read_lines(mg_interval_text *text, mg_blacklist *list, mg_error *err)
{
    mg_interval_line line;
    mg_status status = MG_OK;
    for (;;) {
        size_t chromosome = 0;
        status = mg_interval_text_next(text, &line, err);
        if (status != MG_OK || line.n_columns == 0) return status;
        status = find_chromosome(list, line.column[0], &chromosome, err);
        if (status == MG_OK) status = mg_grow(&list->interval, &list->n_room, list->n + 1, sizeof *list->interval, err);
        if (status != MG_OK) return status;
        list->interval[list->n++] = (mg_black_interval){chromosome, line.begin, line.end, 0};
    }
}

static void note_reach(mg_blacklist *list)
{
    for (size_t i = 0; i < list->n; i++) {
        mg_black_interval *now = &list->interval[i];
        now->reach = now->end;
        bool same = i > 0 && now[-1].chromosome == now->chromosome;
        if (same && now[-1].reach > now->reach) now->reach = now[-1].reach;
    }
}

mg_status mg_blacklist_read(const char *path, mg_blacklist *ret, mg_error *err)
{
    mg_interval_text text;
    *ret = (mg_blacklist){0};
    mg_status status = mg_interval_text_open(path, &text, err);
    if (status == MG_OK) status = read_lines(&text, ret, err);
    if (status == MG_OK && ret->n == 0)
        status = mg_fail(err, MG_EINPUT, "%s holds no interval; a line of a BED has chromosome, begin and end",
                         mg_text_path(text.text));
    mg_interval_text_close(&text);
    if (status != MG_OK) {
        mg_blacklist_destroy(ret);
        return status;
    }
    qsort(ret->interval, ret->n, sizeof *ret->interval, compare);
    note_reach(ret);
    return MG_OK;
}

void mg_blacklist_destroy(mg_blacklist *list)
{
    for (size_t i = 0; i < list->n_chromosomes; i++)
        free(list->chromosome[i]);
    free(list->chromosome);
    free(list->interval);
    mg_names_destroy(&list->chromosome_names);
    *list = (mg_blacklist){0};
}

size_t mg_blacklist_find(const mg_blacklist *list, const char *chromosome)
{
    const mg_name *found = mg_chromosome_find(&list->chromosome_names, chromosome, strlen(chromosome));
    return found != NULL ? found->value : SIZE_MAX;
}

bool mg_blacklist_touches(const mg_blacklist *list, size_t chromosome, int64_t begin, int64_t end)
{
    size_t low = 0, high = list->n; /* the first that does not begin before `end` */
    if (chromosome == SIZE_MAX) return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const mg_black_interval *at = &list->interval[middle];
        bool before = at->chromosome < chromosome || (at->chromosome == chromosome && at->begin < end);
        if (before)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && list->interval[low - 1].chromosome == chromosome && list->interval[low - 1].reach > begin;
}
