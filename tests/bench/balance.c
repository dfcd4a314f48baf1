/* balance.c  how evenly the hand-out shares work when one rank is slow
 *
 *     make build/tests/bench/balance
 *     mpirun -n 4 build/tests/bench/balance SHARDS SLOW_RANK FACTOR
 *
 * The work only sleeps, a millisecond a window, so that it shows the hand-out and not the machine; on rank SLOW_RANK
 * FACTOR times as long.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mpi/handout.h"
#include "src/core/log.h"

enum { SHARD_SIZE = 64, LENGTH = 203, MAX_RANKS = 64 };

typedef struct {
    double window; /* seconds that a window takes on this rank */
    double ended;  /* when the last shard ended, 0: none has */
    double waited; /* longest time between two shards */
    int n_worked;  /* shards */
} sleeper;

static mg_status make(void *context, int64_t k, mg_shard *ret, mg_error *err)
{
    (void)context;
    mg_status status = mg_shard_create(SHARD_SIZE, LENGTH, ret, err);
    ret->id = k;
    ret->first = k * SHARD_SIZE;
    return status;
}

static mg_status work(void *context, const mg_shard *shard, const mg_tick *tick, mg_error *err)
{
    (void)err;
    sleeper *s = context;
    double started = mg_clock();
    if (s->ended > 0 && started - s->ended > s->waited) s->waited = started - s->ended;
    for (int64_t i = 1; i <= shard->n; i++) {
        double left = started + s->window * (double)i - mg_clock();
        if (left > 0) usleep((useconds_t)(1e6 * left));
        tick->call(tick->context);
    }
    s->n_worked++;
    s->ended = mg_clock();
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
    (void)context;
    (void)n_windows;
}

int main(int argc, char **argv)
{
    int provided, rank, size, n_worked[MAX_RANKS];
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    int64_t n_shards = argc > 1 ? atoll(argv[1]) : 200;
    int slow = argc > 2 ? atoi(argv[2]) : size - 1;
    double factor = argc > 3 ? atof(argv[3]) : 2, longest = 0;
    sleeper s = {.window = 1e-3 * (rank == slow ? factor : 1)};
    mg_handout_plan plan = {n_shards, SHARD_SIZE, LENGTH};
    mg_handout_calls calls = {&s, make, work, go_on, progress};
    mg_error err = {0};

    MPI_Barrier(MPI_COMM_WORLD);
    double started = mg_clock();
    mg_status status = size <= MAX_RANKS ? mg_handout(MPI_COMM_WORLD, &plan, &calls, &err) : MG_EUSAGE;
    double took = mg_clock() - started;
    double ideal = (double)(n_shards * SHARD_SIZE) * 1e-3 / (slow < size ? size - 1 + 1 / factor : size);
    if (status == MG_OK) {
        MPI_Gather(&s.n_worked, 1, MPI_INT, n_worked, 1, MPI_INT, 0, MPI_COMM_WORLD);
        MPI_Reduce(&s.waited, &longest, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
    }
    if (rank == 0 && status == MG_OK) {
        printf("%.2f s, ideal %.2f s, %+.1f%%; longest wait for a shard %.1f ms; shards of each rank:", took, ideal,
               100 * (took / ideal - 1), 1e3 * longest);
        for (int r = 0; r < size; r++)
            printf(" %d", n_worked[r]);
        putchar('\n');
    }
    MPI_Finalize();
    return mg_exit_status(status);
}
