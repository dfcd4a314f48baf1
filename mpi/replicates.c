/* replicates.c  an owner's team: it sends its clusters' sums, every member adds up its replicates, the owner sorts them */
#include "mpi/replicates.h"

#include <limits.h>
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>

#include "mpi/agree.h"
#include "src/core/memory.h"
#include "src/core/stop.h"
#include "src/statistics/bootstrap.h"
#include "src/statistics/replicate.h"

/* What the owner of a summary tells its team about it. */
typedef struct {
    uint64_t n_clusters, columns;
} sample_size;

typedef struct {
    MPI_Comm comm; /* of the team; rank 0 of it is the owner */
    int rank, size;
    const mg_replicates_plan *plan;
    double *total; /* the owner's, or what it sent */
    size_t n_room;
    uint32_t *count_column; /* (n_methods) likewise */
    double *mean;           /* (n_bootstrap, n_methods), the owner's; a helper's are its own only */
    double *sorted, *low, *high;
} team;

static mg_status create_team(team *t, mg_error *err)
{
    size_t n = (size_t)t->plan->n_bootstrap, n_methods = t->plan->n_methods;
    mg_status status = mg_alloc(&t->count_column, n_methods, sizeof *t->count_column, err);
    if (status == MG_OK) status = mg_alloc(&t->mean, n, n_methods * sizeof *t->mean, err);
    if (status == MG_OK) status = mg_alloc(&t->sorted, n, sizeof *t->sorted, err);
    if (status == MG_OK) status = mg_alloc(&t->low, n_methods, sizeof *t->low, err);
    return status == MG_OK ? mg_alloc(&t->high, n_methods, sizeof *t->high, err) : status;
}

static void destroy_team(team *t)
{
    free(t->total);
    free(t->count_column);
    free(t->mean);
    free(t->sorted);
    free(t->low);
    free(t->high);
}

/* A failure of one is one of all; its sentence is told when all ranks agree, which know its number. */
static mg_status hear(const team *t, mg_status status, mg_error *err)
{
    int failed = status != MG_OK;
    MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, t->comm);
    return failed && status == MG_OK ? mg_fail(err, MG_ESTOP, "a rank of the team has failed") : status;
}

/* The first replicate of the team's member. */
static int64_t share_begin(const team *t, int member)
{
    return t->plan->n_bootstrap * member / t->size;
}

/* More numbers than an int holds travel in pieces. */
static void send_numbers(const team *t, double *number, size_t n)
{
    enum { PIECE = 1 << 26 };
    for (size_t at = 0; at < n; at += PIECE)
        MPI_Bcast(number + at, (int)(n - at < PIECE ? n - at : PIECE), MPI_DOUBLE, 0, t->comm);
}

/* The owner's sample, on every member. */
static mg_status share_sample(team *t, mg_bootstrap_sample *inout, size_t *inout_n_clusters, mg_error *err)
{
    sample_size size = {*inout_n_clusters, inout->columns};
    MPI_Bcast(&size, 2, MPI_UINT64_T, 0, t->comm);
    size_t n = (size_t)(size.n_clusters * size.columns);
    mg_status status = t->rank > 0 ? mg_grow(&t->total, &t->n_room, n, sizeof *t->total, err) : MG_OK;
    if ((status = hear(t, status, err)) != MG_OK) return status;
    double *total = t->rank > 0 ? t->total : inout->total;
    uint32_t *column = t->rank > 0 ? t->count_column : inout->count_column;
    send_numbers(t, total, n);
    MPI_Bcast(column, (int)t->plan->n_methods, MPI_UINT32_T, 0, t->comm);
    *inout = (mg_bootstrap_sample){t->plan->n_methods, (size_t)size.columns, total, column};
    *inout_n_clusters = (size_t)size.n_clusters;
    return MG_OK;
}

/* Members' means to the owner, who has room for all. */
static void gather_means(const team *t)
{
    size_t n_methods = t->plan->n_methods;
    for (int member = 1; member < t->size; member++) {
        int64_t begin = share_begin(t, member), n = share_begin(t, member + 1) - begin;
        if (t->rank == 0)
            MPI_Recv(t->mean + (size_t)begin * n_methods, (int)((size_t)n * n_methods), MPI_DOUBLE, member, 0, t->comm,
                     MPI_STATUS_IGNORE);
        else if (t->rank == member)
            MPI_Send(t->mean, (int)((size_t)n * n_methods), MPI_DOUBLE, 0, 0, t->comm);
    }
}

/* One summary of the owner, whose row is filled; NULL on the others. */
static mg_status work_together(team *t, const mg_summary *summary, mg_summary_row *row, mg_error *err)
{
    size_t n_clusters = 0, n_methods = t->plan->n_methods;
    mg_bootstrap_sample sample = {0};
    if (summary != NULL) sample = mg_summary_sample(summary, &n_clusters);
    mg_status status = share_sample(t, &sample, &n_clusters, err);
    if (status != MG_OK) return status;
    int64_t begin = share_begin(t, t->rank), end = share_begin(t, t->rank + 1);
    bool any = n_clusters > 1 && t->plan->n_bootstrap > 0;
    if (any) {
        status = mg_bootstrap_replicates(&sample, 1, n_clusters, t->plan->seed, begin, end, t->mean, err);
        if ((status = hear(t, status, err)) != MG_OK) return status;
        gather_means(t);
    }
    if (summary == NULL) return MG_OK;
    for (size_t m = 0; m < n_methods; m++)
        mg_bootstrap_interval(t->mean + m, any ? (size_t)t->plan->n_bootstrap : 0, n_methods, t->sorted, &t->low[m],
                              &t->high[m]);
    mg_summary_fill_rows(summary, t->low, t->high, row);
    return MG_OK;
}

static mg_status work_in_teams(MPI_Comm comm, const mg_replicates_plan *plan, mg_summary *const *summary, size_t n,
                               mg_summary_row *row, mg_error *err)
{
    int rank, n_units = (int)n;
    team t = {.plan = plan};
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_split(comm, rank % plan->n_owners, rank, &t.comm);
    MPI_Comm_rank(t.comm, &t.rank);
    MPI_Comm_size(t.comm, &t.size);
    mg_status status = hear(&t, create_team(&t, err), err);
    MPI_Bcast(&n_units, 1, MPI_INT, 0, t.comm);
    for (int h = 0; h < n_units && status == MG_OK; h++) {
        bool mine = t.rank == 0;
        status = work_together(&t, mine ? summary[h] : NULL, mine ? row + (size_t)h * plan->n_methods : NULL, err);
        if (status == MG_OK) status = hear(&t, mg_stop_check(err), err);
    }
    destroy_team(&t);
    MPI_Comm_free(&t.comm);
    return status;
}

mg_status mg_replicates(MPI_Comm comm, const mg_replicates_plan *plan, mg_summary *const *summary, size_t n,
                        mg_summary_row *row, mg_error *err)
{
    int size;
    MPI_Comm_size(comm, &size);
    if ((size_t)plan->n_bootstrap * plan->n_methods > INT_MAX)
        return mg_fail(err, MG_EUSAGE, "%lld replicates of %zu methods are too many; choose a smaller --bootstrap",
                       (long long)plan->n_bootstrap, plan->n_methods);
    mg_status status = size > plan->n_owners ? work_in_teams(comm, plan, summary, n, row, err)
                                             : mg_summary_fill_all_rows(summary, n, row, err);
    return mg_agree(comm, status, err);
}

size_t mg_replicates_bytes(const mg_summary_plan *plan, int n)
{
    size_t n_threads = (size_t)omp_get_max_threads(), columns = mg_replicate_columns(2 * plan->n_methods);
    size_t tests = n_threads * mg_summary_pairs_bytes(plan);
    size_t draws = n_threads * mg_bootstrap_bytes(plan->n_clusters, columns * (size_t)n) +
                   (size_t)plan->n_bootstrap * plan->n_methods * (size_t)n * sizeof(double);
    return tests > draws ? tests : draws;
}
