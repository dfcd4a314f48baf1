/* layout.c  nodes by name, cores by affinity mask */
#include "mpi/layout.h"

#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mpi/agree.h"
#include "src/core/memory.h"

enum { NODE_NAME = 128 };

/* What each rank tells the others. */
typedef struct {
    char node[NODE_NAME];
    int n_cores;
    int n_threads;
    int n_threads_here; /* of this rank and those that share cores with it */
} seat;

/* --- cores --- */

/* The cores that OpenMP has chosen for its threads (OMP_PROC_BIND, OMP_PLACES). It binds the first thread to the first of
 * them when the program starts, and the system then tells of that one alone. */
static void add_places(cpu_set_t *mask)
{
    int ids[CPU_SETSIZE];
    for (int place = 0; place < omp_get_num_places(); place++) {
        int n = omp_get_place_num_procs(place);
        if (n > CPU_SETSIZE) continue;
        omp_get_place_proc_ids(place, ids);
        for (int i = 0; i < n; i++)
            if (ids[i] >= 0 && ids[i] < CPU_SETSIZE) CPU_SET((size_t)ids[i], mask);
    }
}

/* An empty mask says that there are too many cores to fit into it. */
static int find_cores(cpu_set_t *mask)
{
    CPU_ZERO(mask);
    if (omp_get_proc_bind() != omp_proc_bind_false) add_places(mask);
    if (CPU_COUNT(mask) > 0) return CPU_COUNT(mask);
    if (sched_getaffinity(0, sizeof *mask, mask) == 0 && CPU_COUNT(mask) > 0) return CPU_COUNT(mask);
    CPU_ZERO(mask);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

static int share_cores(const cpu_set_t *one, const cpu_set_t *other)
{
    cpu_set_t both;
    CPU_AND(&both, one, other);
    return CPU_COUNT(one) == 0 || CPU_COUNT(other) == 0 || CPU_COUNT(&both) > 0;
}

/* OMP_NUM_THREADS may be a list, for nested regions: its first number counts. */
static int threads_of_environment(void)
{
    const char *text = getenv("OMP_NUM_THREADS");
    long n = text == NULL ? 0 : strtol(text, NULL, 10);
    return n > 0 && n <= 4096 ? (int)n : 0;
}

static mg_status find_seat(MPI_Comm comm, int64_t n_wanted, seat *ret, mg_error *err)
{
    MPI_Comm node;
    int rank, size, n_sharing = 1, name_length;
    char name[MPI_MAX_PROCESSOR_NAME] = "";
    cpu_set_t mine, *all = NULL;
    MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    MPI_Comm_rank(node, &rank);
    MPI_Comm_size(node, &size);
    MPI_Get_processor_name(name, &name_length);
    snprintf(ret->node, sizeof ret->node, "%.*s", NODE_NAME - 1, name);
    ret->n_cores = find_cores(&mine);

    mg_status status = mg_agree(comm, mg_alloc(&all, (size_t)size, sizeof *all, err), err);
    if (status == MG_OK) {
        MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all, sizeof mine, MPI_BYTE, node);
        for (int r = 0; r < size; r++)
            n_sharing += r != rank && share_cores(&mine, &all[r]);
        ret->n_threads = n_wanted > 0 ? (int)n_wanted : threads_of_environment();
        if (ret->n_threads == 0) ret->n_threads = ret->n_cores > n_sharing ? ret->n_cores / n_sharing : 1;
        ret->n_threads_here = ret->n_threads * n_sharing;
    }
    free(all);
    MPI_Comm_free(&node);
    return status;
}

/* --- words --- */

static mg_status add(char **text, const char *line, mg_error *err)
{
    char *longer = NULL;
    int n = *text == NULL ? asprintf(&longer, "%s", line) : asprintf(&longer, "%s\n%s", *text, line);
    if (n < 0) return mg_fail(err, MG_EMEM, "out of memory");
    free(*text);
    *text = longer;
    return MG_OK;
}

/* A line for the node of rank `first`, which is the first rank on it. */
static mg_status tell_node(const seat *seats, int n_ranks, int first, char **hosts, mg_error *err)
{
    int n_here = 0, n_threads = 0, last = first;
    char line[NODE_NAME + 128];
    for (int r = first; r < n_ranks; r++)
        if (strcmp(seats[r].node, seats[first].node) == 0) {
            n_here++;
            n_threads += seats[r].n_threads;
            last = r;
        }
    if (n_here == 1)
        snprintf(line, sizeof line, "%s: rank %d, %d thread%s", seats[first].node, first, n_threads,
                 n_threads == 1 ? "" : "s");
    else if (last - first + 1 == n_here)
        snprintf(line, sizeof line, "%s: ranks %d-%d, %d threads", seats[first].node, first, last, n_threads);
    else
        snprintf(line, sizeof line, "%s: %d ranks from %d on, %d threads", seats[first].node, n_here, first, n_threads);
    return add(hosts, line, err);
}

static int is_first_of_node(const seat *seats, int rank)
{
    for (int r = 0; r < rank; r++)
        if (strcmp(seats[r].node, seats[rank].node) == 0) return 0;
    return 1;
}

/* More threads than cores: the usual cause is that mpirun has bound each rank to one core. */
static mg_status find_warning(const seat *seats, int n_ranks, char **ret, mg_error *err)
{
    for (int r = 0; r < n_ranks; r++) {
        const seat *s = &seats[r];
        if (s->n_threads_here <= s->n_cores) continue;
        int n =
            s->n_threads > s->n_cores
                ? asprintf(ret,
                           "rank %d on node %s has %d threads but may use %d core%s; bind it wider: mpirun --map-by "
                           "slot:PE=%d (or --bind-to none), srun --cpus-per-task=%d",
                           r, s->node, s->n_threads, s->n_cores, s->n_cores == 1 ? "" : "s", s->n_threads, s->n_threads)
                : asprintf(ret,
                           "on node %s %d threads of several ranks share %d core%s; start fewer ranks there, or give "
                           "--threads a smaller number",
                           s->node, s->n_threads_here, s->n_cores, s->n_cores == 1 ? "" : "s");
        if (n >= 0) return MG_OK;
        *ret = NULL;
        return mg_fail(err, MG_EMEM, "out of memory");
    }
    return MG_OK;
}

static mg_status tell(const seat *seats, mg_layout *ret, mg_error *err)
{
    mg_status status = MG_OK;
    for (int r = 0; r < ret->n_ranks && status == MG_OK; r++) {
        ret->n_threads_all += seats[r].n_threads;
        if (!is_first_of_node(seats, r)) continue;
        ret->n_nodes++;
        status = tell_node(seats, ret->n_ranks, r, &ret->hosts, err);
    }
    return status == MG_OK ? find_warning(seats, ret->n_ranks, &ret->warning, err) : status;
}

mg_status mg_layout_find(MPI_Comm comm, int64_t n_wanted, mg_layout *ret, mg_error *err)
{
    seat mine = {{0}, 0, 0, 0}, *all = NULL;
    *ret = (mg_layout){0};
    MPI_Comm_size(comm, &ret->n_ranks);
    mg_status status = find_seat(comm, n_wanted, &mine, err);
    if (status == MG_OK) status = mg_agree(comm, mg_alloc(&all, (size_t)ret->n_ranks, sizeof *all, err), err);
    if (status == MG_OK) {
        MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all, sizeof mine, MPI_BYTE, comm);
        ret->n_threads = mine.n_threads;
        ret->n_cores = mine.n_cores;
        status = mg_agree(comm, tell(all, ret, err), err);
    }
    free(all);
    return status;
}

void mg_layout_destroy(mg_layout *layout)
{
    if (layout == NULL) return;
    free(layout->hosts);
    free(layout->warning);
    *layout = (mg_layout){0};
}
