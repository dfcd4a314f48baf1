/* site_kin.c  a union-find over windows: sorted by group, then by place */
#include "io/sites/site_kin.h"

#include <stdbool.h>
#include <stdlib.h>

static int compare_groups(const void *a, const void *b)
{
    const mg_kin_window *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int compare_places(const void *a, const void *b)
{
    const mg_kin_window *x = a, *y = b;
    if (x->chromosome != y->chromosome) return x->chromosome < y->chromosome ? -1 : 1;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int64_t root_of(int64_t *parent, int64_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static void join(int64_t *parent, size_t a, size_t b)
{
    int64_t x = root_of(parent, (int64_t)a), y = root_of(parent, (int64_t)b);
    if (x < y)
        parent[y] = x;
    else
        parent[x] = y;
}

void mg_site_kin(mg_kin_window *window, size_t n, int64_t *kin)
{
    for (size_t i = 0; i < n; i++)
        kin[i] = (int64_t)i;
    qsort(window, n, sizeof *window, compare_groups);
    for (size_t i = 1; i < n; i++)
        if (window[i].group >= 0 && window[i].group == window[i - 1].group)
            join(kin, window[i].number, window[i - 1].number);
    qsort(window, n, sizeof *window, compare_places);
    int64_t reach = 0;
    for (size_t i = 0; i < n; i++) {
        bool goes_on = i > 0 && window[i].chromosome == window[i - 1].chromosome && window[i].begin < reach;
        if (goes_on) join(kin, window[i].number, window[i - 1].number);
        if (!goes_on || window[i].end > reach) reach = window[i].end;
    }
    for (size_t i = 0; i < n; i++)
        kin[i] = root_of(kin, (int64_t)i);
}
