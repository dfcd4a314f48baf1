/* family.c  every rank tells its kernels, and all look at the list */
#include "mpi/family.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/agree.h"
#include "src/core/memory.h"
#include "src/engine/family.h"
#include "src/kernels/kernels.h"

enum { NODE_NAME = 128, SET_NAME = 16, RANKS = 32, LISTED = 4, LIST_TEXT = 900 };
_Static_assert(LISTED *(NODE_NAME + SET_NAME + 2 * RANKS) < LIST_TEXT && 2 * LIST_TEXT < MG_ERROR_TEXT, "room");

/* What each rank tells the others. */
typedef struct {
    char node[NODE_NAME], kernels[SET_NAME];
} teller;

static mg_status introduce(teller *ret, mg_error *err)
{
    char node[MPI_MAX_PROCESSOR_NAME] = "";
    int n = 0;
    mg_status status = mg_kernels_check(err);
    if (status != MG_OK) return status;
    MPI_Get_processor_name(node, &n);
    snprintf(ret->node, sizeof ret->node, "%.*s", NODE_NAME - 1, node);
    snprintf(ret->kernels, sizeof ret->kernels, "%s", mg_kernels_pick()->name);
    return MG_OK;
}

static bool are_alike(const teller *one, const teller *other)
{
    return strcmp(one->node, other->node) == 0 && strcmp(one->kernels, other->kernels) == 0;
}

/* "ranks 0-3 on n01 (avx2), rank 4 on n02 (avx512) and 3 ranks more": who works with kernels of the family of `name`. */
static void list_family(const teller *all, int n_ranks, const char *name, char text[LIST_TEXT])
{
    int n_listed = 0, n_more = 0, n = 0, last;
    text[0] = '\0';
    for (int r = 0; r < n_ranks; r = last + 1) {
        for (last = r; last + 1 < n_ranks && are_alike(&all[r], &all[last + 1]);)
            last++;
        if (!mg_family_same(all[r].kernels, name)) continue;
        if (n_listed == LISTED) {
            n_more += last + 1 - r;
            continue;
        }
        char ranks[RANKS];
        snprintf(ranks, sizeof ranks, last > r ? "s %d-%d" : " %d", r, last);
        n += snprintf(text + n, (size_t)(LIST_TEXT - n), "%srank%s on %s (%s)", n_listed++ > 0 ? ", " : "", ranks,
                      all[r].node, all[r].kernels);
    }
    if (n_more > 0) snprintf(text + n, (size_t)(LIST_TEXT - n), " and %d rank%s more", n_more, n_more == 1 ? "" : "s");
}

static mg_status compare(const teller *all, int n_ranks, mg_error *err)
{
    char first[LIST_TEXT], other[LIST_TEXT];
    int r = 1;
    while (r < n_ranks && mg_family_same(all[0].kernels, all[r].kernels))
        r++;
    if (r >= n_ranks) return MG_OK;
    list_family(all, n_ranks, all[0].kernels, first);
    list_family(all, n_ranks, all[r].kernels, other);
    return mg_fail(err, MG_EINPUT,
                   "ranks have kernels whose last bits differ: %s, but %s; take nodes of one kind, or set "
                   "MUTAGREE_ISA=portable on all ranks (mpirun -x MUTAGREE_ISA=portable)",
                   first, other);
}

mg_status mg_family_check(MPI_Comm comm, mg_error *err)
{
    teller mine = {{0}, {0}}, *all = NULL;
    int n_ranks;
    MPI_Comm_size(comm, &n_ranks);
    mg_status status = introduce(&mine, err);
    if (status == MG_OK) status = mg_alloc(&all, (size_t)n_ranks, sizeof *all, err);
    status = mg_agree(comm, status, err);
    if (status == MG_OK) {
        MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all, sizeof mine, MPI_BYTE, comm);
        status = mg_agree(comm, compare(all, n_ranks, err), err);
    }
    free(all);
    return status;
}
