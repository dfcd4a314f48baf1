/* messages.c  how many shards a second rank 0 can give out
 *
 *     make build/tests/bench/messages
 *     mpirun -n 9 build/tests/bench/messages SHARDS WINDOWS LENGTH
 *
 * Workers do nothing with a shard of WINDOWS windows of LENGTH bases and ask for the next; rank 0 keeps its first shard
 * and only answers. What is told is the time of a hand-out as rank 0 sees it when somebody is always asking.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/handout.h"
#include "src/core/log.h"

typedef struct {
    const mg_handout_plan *plan;
    int rank;
    int64_t n_done; /* windows of all workers */
} server;

static mg_status make(void *context, int64_t k, mg_shard *ret, mg_error *err)
{
    const server *s = context;
    mg_status status = mg_shard_create(s->plan->shard_size, s->plan->length, ret, err);
    if (status != MG_OK) return status;
    ret->id = k;
    ret->first = k * s->plan->shard_size;
    memset(ret->base, 1, (size_t)(ret->n * ret->length));
    return MG_OK;
}

static mg_status work(void *context, const mg_shard *shard, const mg_tick *tick, mg_error *err)
{
    (void)err;
    const server *s = context;
    int64_t left = (s->plan->n_shards - 1) * shard->n; /* of the workers */
    while (s->rank == 0 && s->n_done < left)
        tick->call(tick->context);
    return MG_OK;
}

static mg_status go_on(void *context, double slowest, mg_error *err)
{
    (void)context;
    (void)slowest;
    (void)err;
    return MG_OK;
}

static void progress(void *context, int64_t n_windows)
{
    server *s = context;
    s->n_done = n_windows;
}

int main(int argc, char **argv)
{
    int provided, size;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    mg_handout_plan plan = {argc > 1 ? atoll(argv[1]) : 20000, argc > 2 ? atoll(argv[2]) : 64,
                            argc > 3 ? atoll(argv[3]) : 203};
    server s = {.plan = &plan};
    mg_handout_calls calls = {&s, make, work, go_on, progress};
    mg_error err = {0};
    MPI_Comm_rank(MPI_COMM_WORLD, &s.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);

    MPI_Barrier(MPI_COMM_WORLD);
    double started = mg_clock();
    mg_status status = mg_handout(MPI_COMM_WORLD, &plan, &calls, &err);
    double took = mg_clock() - started;
    if (s.rank == 0 && status == MG_OK)
        printf("%d workers: %.1f us a hand-out of %lld windows x %lld nt\n", size - 1,
               1e6 * took / (double)(plan.n_shards - 1), (long long)plan.shard_size, (long long)plan.length);
    MPI_Finalize();
    return mg_exit_status(status);
}
