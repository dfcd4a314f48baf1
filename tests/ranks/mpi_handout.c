/* mpi_handout.c  every shard is worked on exactly once, with what rank 0 put in it; a slow rank holds up nobody; failures
 * and wishes to stop end the hand-out */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mpi/handout.h"
#include "tests/support/mpi_harness.h"

enum { LENGTH = 11, SHARD_SIZE = 4, MAX_SHARDS = 64 };

/* What a case is about, and what this rank saw. */
typedef struct {
    mg_harness *h;
    int64_t n_windows;
    int fail_from, fail_step; /* ranks fail_from, fail_from + fail_step, ... fail at work; -1: none */
    int64_t fail_make;        /* making this shard fails; -1: none */
    int slow_rank;            /* sleeps a little at each shard; -1: none */
    int held_rank;            /* ends its i-th shard (from 1) only when the others have ended i * held_pace; -1: none */
    int held_pace, held_left; /* ... or all but held_left of those that it has not done itself */
    int first_rank;           /* nobody else ends a shard before this rank has ended one; -1: none */
    int stop_rank;            /* is told not to go on; -1: none */
    MPI_Win window;           /* holds n_ended */
    int *n_ended;             /* shards that ranks other than held_rank, or that first_rank, have ended */
    int worked[MAX_SHARDS];   /* times this rank worked on shard k */
    int64_t n_made, n_progress;
    int n_ticks;
    double slowest;
} fixture;

static fixture fixture_of(mg_harness *h, int64_t n_windows)
{
    return (fixture){.h = h,
                     .n_windows = n_windows,
                     .fail_from = -1,
                     .fail_step = 1,
                     .fail_make = -1,
                     .slow_rank = -1,
                     .held_rank = -1,
                     .first_rank = -1,
                     .stop_rank = -1};
}

static mg_base base_of(int64_t window, int64_t position)
{
    return (mg_base)((window * 7 + position * 3) % 5);
}

static mg_status make(void *context, int64_t k, mg_shard *ret, mg_error *err)
{
    fixture *f = context;
    if (k == f->fail_make) return mg_fail(err, MG_EMEM, "shard %lld is not to be made", (long long)k);
    CHECK(f->h, f->h->rank == 0 && k == f->n_made);
    f->n_made++;
    int64_t first = k * SHARD_SIZE, left = f->n_windows - first, n = left < SHARD_SIZE ? left : SHARD_SIZE;
    mg_status status = mg_shard_create(n, LENGTH, ret, err);
    if (status != MG_OK) return status;
    ret->id = k;
    ret->first = first;
    for (int64_t i = 0; i < n; i++) {
        int64_t w = first + i;
        ret->window[i] =
            (mg_shard_window){w * 1000003, w * 5 - 1, (int32_t)(w % 3) - 1, (int32_t)(2 * w), (int32_t)(w % 2)};
        for (int64_t p = 0; p < LENGTH; p++)
            ret->base[i * LENGTH + p] = base_of(w, p);
    }
    return MG_OK;
}

static void check_shard(fixture *f, const mg_shard *shard)
{
    CHECK(f->h, shard->first == shard->id * SHARD_SIZE && shard->length == LENGTH);
    for (int64_t i = 0; i < shard->n; i++) {
        int64_t w = shard->first + i;
        const mg_shard_window *window = &shard->window[i];
        CHECK(f->h, window->place == w * 1000003 && window->cluster == w * 5 - 1);
        CHECK(f->h, window->label == w % 3 - 1 && window->n_unknown == 2 * w);
        for (int64_t p = 0; p < LENGTH; p++)
            CHECK(f->h, shard->base[i * LENGTH + p] == base_of(w, p));
    }
}

static int sum(const int *n)
{
    int total = 0;
    for (int k = 0; k < MAX_SHARDS; k++)
        total += n[k];
    return total;
}

/* Slow without a clock: wait for what others do. */
static void wait_until_ended(fixture *f, int n, const mg_tick *tick)
{
    int seen = 0;
    while (seen < n) {
        tick->call(tick->context);
        usleep(100);
        MPI_Fetch_and_op(NULL, &seen, MPI_INT, 0, 0, MPI_NO_OP, f->window);
        MPI_Win_flush(0, f->window);
    }
}

static void hold(fixture *f, const mg_tick *tick)
{
    int n_done = sum(f->worked) - 1, n_shards = (int)mg_shard_count(f->n_windows, SHARD_SIZE);
    int wanted = (n_done + 1) * f->held_pace, most = n_shards - n_done - f->held_left;
    wait_until_ended(f, wanted < most ? wanted : most, tick);
}

static void count_ended(fixture *f)
{
    const int one = 1;
    int before;
    MPI_Fetch_and_op(&one, &before, MPI_INT, 0, 0, MPI_SUM, f->window);
    MPI_Win_flush(0, f->window);
}

static mg_status work(void *context, const mg_shard *shard, const mg_tick *tick, mg_error *err)
{
    fixture *f = context;
    int rank = f->h->rank;
    check_shard(f, shard);
    f->worked[shard->id]++;
    for (int64_t i = 0; i < shard->n; i++) {
        if (rank == f->slow_rank) usleep(2000);
        tick->call(tick->context);
        f->n_ticks++;
    }
    if (rank == f->held_rank) hold(f, tick);
    if (f->first_rank >= 0 && rank != f->first_rank) wait_until_ended(f, 1, tick);
    if (rank == f->first_rank || (f->held_rank >= 0 && rank != f->held_rank)) count_ended(f);
    if (f->fail_from >= 0 && rank >= f->fail_from && (rank - f->fail_from) % f->fail_step == 0)
        return mg_fail(err, MG_EIO, "rank %d gives up", rank);
    return MG_OK;
}

static mg_status go_on(void *context, double slowest, mg_error *err)
{
    fixture *f = context;
    CHECK(f->h, slowest >= f->slowest);
    f->slowest = slowest;
    if (f->h->rank != f->stop_rank || sum(f->worked) == 0) return MG_OK;
    return mg_fail(err, MG_ESTOP, "rank %d is told", f->h->rank);
}

static void progress(void *context, int64_t n_windows)
{
    fixture *f = context;
    CHECK(f->h, f->h->rank == 0 && n_windows >= f->n_progress && n_windows <= f->n_windows);
    f->n_progress = n_windows;
}

static mg_status run(fixture *f, mg_error *err)
{
    mg_handout_plan plan = {mg_shard_count(f->n_windows, SHARD_SIZE), SHARD_SIZE, LENGTH};
    mg_handout_calls calls = {f, make, work, go_on, progress};
    return mg_handout(MPI_COMM_WORLD, &plan, &calls, err);
}

/* With the number that ranks wait for. */
static mg_status run_counted(fixture *f, mg_error *err)
{
    int rank = f->h->rank;
    MPI_Win_allocate(rank == 0 ? sizeof(int) : 0, sizeof(int), MPI_INFO_NULL, MPI_COMM_WORLD, &f->n_ended, &f->window);
    if (rank == 0) *f->n_ended = 0;
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Win_lock_all(0, f->window);
    mg_status status = run(f, err);
    MPI_Win_unlock_all(f->window);
    MPI_Win_free(&f->window);
    return status;
}

static void check_each_once(fixture *f)
{
    int total[MAX_SHARDS];
    MPI_Allreduce(f->worked, total, MAX_SHARDS, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    int64_t n_shards = mg_shard_count(f->n_windows, SHARD_SIZE);
    for (int64_t k = 0; k < MAX_SHARDS; k++)
        CHECK(f->h, total[k] == (k < n_shards));
}

static void test_complete(mg_harness *h, int64_t n_windows, int slow_rank, const char *name)
{
    mg_error err = {0};
    fixture f = fixture_of(h, n_windows);
    f.slow_rank = slow_rank;
    CHECK(h, run(&f, &err) == MG_OK);
    check_each_once(&f);
    if (h->rank == 0) CHECK(h, f.n_progress == n_windows);
    int slow = h->rank == slow_rank && sum(f.worked) > 0, any = 0;
    MPI_Allreduce(&slow, &any, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    if (h->rank == 0 && any) CHECK(h, f.slowest >= SHARD_SIZE * 0.002);
    mg_harness_case(h, name);
}

/* A rank that is held up has at most its share of the shards and one more; `pace` is what the others do for each of its
 * own. */
static void test_held(mg_harness *h, int held_rank, int n_shards, int pace, int left, int most, const char *name)
{
    mg_error err = {0};
    fixture f = fixture_of(h, n_shards * SHARD_SIZE);
    f.held_rank = h->size > 1 ? held_rank : -1;
    f.held_pace = pace;
    f.held_left = left;
    CHECK(h, run_counted(&f, &err) == MG_OK);
    check_each_once(&f);
    if (h->rank == f.held_rank) CHECK(h, sum(f.worked) <= most);
    mg_harness_case(h, name);
}

static int count_all(const fixture *f)
{
    int n = sum(f->worked), total = 0;
    MPI_Allreduce(&n, &total, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    return total;
}

static void test_stop(mg_harness *h, int stop_rank, const char *name)
{
    mg_error err = {0};
    fixture f = fixture_of(h, MAX_SHARDS * SHARD_SIZE);
    f.stop_rank = stop_rank;
    f.first_rank = stop_rank;
    CHECK(h, run_counted(&f, &err) == MG_ESTOP);
    CHECK(h, strstr(err.text, "is told") != NULL);
    int total = count_all(&f);
    CHECK(h, total > 0 && total < MAX_SHARDS);
    for (int k = 0; k < MAX_SHARDS; k++)
        CHECK(h, f.worked[k] <= 1);
    mg_harness_case(h, name);
}

static void test_failure_before_stop(mg_harness *h)
{
    mg_error err = {0};
    fixture f = fixture_of(h, MAX_SHARDS * SHARD_SIZE);
    f.stop_rank = 0;
    f.fail_from = h->size - 1;
    f.fail_step = 100;
    mg_status status = run(&f, &err);
    int failed = h->rank == f.fail_from && sum(f.worked) > 0, any = 0;
    MPI_Allreduce(&failed, &any, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    CHECK(h, status == (any ? MG_EIO : MG_ESTOP));
    mg_harness_case(h, "a failure is told before a wish to stop");
}

/* A failing rank may get no shard when the others are quick, so the others wait for it. */
static void test_failure(mg_harness *h, int from, int step, const char *name)
{
    mg_error err = {0};
    fixture f = fixture_of(h, MAX_SHARDS * SHARD_SIZE);
    f.fail_from = from;
    f.fail_step = step;
    f.first_rank = from;
    mg_status status = run_counted(&f, &err);
    CHECK(h, status == MG_EIO);
    CHECK(h, strstr(err.text, "gives up") != NULL);
    CHECK(h, count_all(&f) < MAX_SHARDS);
    mg_harness_case(h, name);
}

static void test_failure_to_make(mg_harness *h, int64_t k)
{
    mg_error err = {0};
    fixture f = fixture_of(h, 40);
    f.fail_make = k;
    CHECK(h, run(&f, &err) == MG_EMEM);
    CHECK(h, strstr(err.text, "is not to be made") != NULL);
    mg_harness_case(h, "rank 0 cannot make a shard");
}

static void test_too_large(mg_harness *h)
{
    mg_error err = {0};
    mg_handout_plan plan = {1, 10000000, 1000};
    fixture f = fixture_of(h, 1);
    mg_handout_calls calls = {&f, make, work, go_on, progress};
    CHECK(h, mg_handout(MPI_COMM_WORLD, &plan, &calls, &err) == MG_EUSAGE);
    CHECK(h, strstr(err.text, "--shard-size") != NULL);
    mg_harness_case(h, "a shard too large for a message is refused");
}

int main(int argc, char **argv)
{
    mg_harness h = mg_harness_begin(&argc, &argv);
    test_complete(&h, 0, -1, "no shard at all");
    test_complete(&h, 3, -1, "one shard, more ranks than shards");
    test_complete(&h, 10, -1, "a short last shard");
    test_complete(&h, 160, -1, "forty shards");
    test_complete(&h, 160, 0, "rank 0 is slow");
    test_complete(&h, 160, h.size - 1, "the last rank is slow");
    int last = h.size - 1, size = h.size, all = MAX_SHARDS;
    test_held(&h, 0, all, all, 1, 1, "rank 0 does one shard, the others all others");
    test_held(&h, last, all, all, 2, 2, "the last rank does one shard and the one that waits");
    test_held(&h, last, 4 * size - 1, all, 1, 1, "towards the end no shard waits");
    test_held(&h, last, all, 2 * last, 2, all / (2 * last + 1) + 1, "a rank half as fast does half as much");
    test_stop(&h, 0, "rank 0 is told not to go on");
    test_stop(&h, last, "the last rank is told not to go on");
    test_failure_before_stop(&h);
    test_failure(&h, 0, 100, "rank 0 fails at work");
    test_failure(&h, h.size - 1, 100, "the last rank fails at work");
    test_failure(&h, h.size > 1, 2, "several ranks fail at work");
    test_failure(&h, 0, 1, "all ranks fail at work");
    test_failure_to_make(&h, 0);
    test_failure_to_make(&h, 5);
    test_too_large(&h);
    return mg_harness_end(&h);
}
