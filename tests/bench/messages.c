/* messages.c  how many shards a second rank 0 can give out
 *
 *     make build/tests/bench/messages
 *     mpirun -n 9 build/tests/bench/messages SHARDS WINDOWS TRANSCRIPTS
 *
 * Workers do nothing with a shard of WINDOWS windows and ask for the next; rank 0 keeps its first shard and only answers.
 * What is told is the time of a hand-out as rank 0 sees it when somebody is always asking. Windows are those of
 * TRANSCRIPTS, from the front again when there are no more; without it, they hold nothing, and cost nothing to make.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/input/distinct.h"
#include "mpi/handout.h"
#include "src/core/log.h"

enum { LENGTH = 203, ANCHOR = 60 };

typedef struct {
    const mg_handout_plan *plan;
    mg_input input;
    mg_distinct distinct;
    int64_t n_windows; /* of the input, 0: none is read */
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
    if (s->n_windows < ret->n) return MG_OK;
    return mg_distinct_windows(&s->distinct, ret->first % (s->n_windows - ret->n + 1), ret->n, ret->window, ret->base,
                               err);
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

static mg_status read_input(server *s, const char *path, mg_error *err)
{
    mg_input_options options = {.transcripts = path, .candidates = "atg", .edges = "pad", .unknown = "zero"};
    mg_status status = mg_input_read(&options, LENGTH, ANCHOR, &s->input, err);
    if (status == MG_OK) status = mg_distinct_find(&s->input, NULL, &s->distinct, err);
    if (status == MG_OK)
        s->n_windows = s->distinct.n_windows;
    else
        fprintf(stderr, "%s\n", err->text);
    return status;
}

int main(int argc, char **argv)
{
    int provided, size;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    mg_handout_plan plan = {argc > 1 ? atoll(argv[1]) : 20000, argc > 2 ? atoll(argv[2]) : 64, LENGTH};
    server s = {.plan = &plan};
    mg_handout_calls calls = {&s, make, work, go_on, progress};
    mg_error err = {0};
    MPI_Comm_rank(MPI_COMM_WORLD, &s.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    mg_status status = argc > 3 && s.rank == 0 ? read_input(&s, argv[3], &err) : MG_OK;
    if (status != MG_OK) MPI_Abort(MPI_COMM_WORLD, mg_exit_status(status));

    MPI_Barrier(MPI_COMM_WORLD);
    double started = mg_clock();
    status = mg_handout(MPI_COMM_WORLD, &plan, &calls, &err);
    double took = mg_clock() - started;
    if (s.rank == 0 && status == MG_OK)
        printf("%d workers: %.1f us a hand-out of %lld windows x %lld nt\n", size - 1,
               1e6 * took / (double)(plan.n_shards - 1), (long long)plan.shard_size, (long long)plan.length);
    mg_distinct_destroy(&s.distinct);
    if (s.n_windows > 0) mg_input_destroy(&s.input);
    MPI_Finalize();
    return mg_exit_status(status);
}
