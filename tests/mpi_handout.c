/* mpi_handout.c  every shard is worked on exactly once, with what rank 0 put in it, and failures end the hand-out */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mpi/handout.h"
#include "tests/mpi_harness.h"

enum { LENGTH = 11, SHARD_SIZE = 4, MAX_SHARDS = 64 };

/* What a case is about, and what this rank saw. */
typedef struct {
    mg_harness *h;
    int64_t n_windows;
    int fail_from, fail_step; /* ranks fail_from, fail_from + fail_step, ... fail at work; -1: none */
    int64_t fail_make;        /* making this shard fails; -1: none */
    int slow_rank;            /* sleeps a little at each shard; -1: none */
    int worked[MAX_SHARDS];   /* times this rank worked on shard k */
    int64_t n_made, n_progress;
    int n_ticks;
} fixture;

static fixture fixture_of(mg_harness *h, int64_t n_windows)
{
    return (fixture){.h = h, .n_windows = n_windows, .fail_from = -1, .fail_step = 1, .fail_make = -1, .slow_rank = -1};
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
        ret->window[i] = (mg_window){w * 1000003, w * 5 - 1, (int32_t)(w % 3) - 1, (int32_t)w, (int32_t)(2 * w)};
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
        const mg_window *window = &shard->window[i];
        CHECK(f->h, window->transcript == w * 1000003 && window->start == w * 5 - 1);
        CHECK(f->h, window->label == w % 3 - 1 && window->n_padded == w && window->n_unknown == 2 * w);
        for (int64_t p = 0; p < LENGTH; p++)
            CHECK(f->h, shard->base[i * LENGTH + p] == base_of(w, p));
    }
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
    if (f->fail_from >= 0 && rank >= f->fail_from && (rank - f->fail_from) % f->fail_step == 0)
        return mg_fail(err, MG_EIO, "rank %d gives up", rank);
    return MG_OK;
}

static void progress(void *context, int64_t n_windows)
{
    fixture *f = context;
    CHECK(f->h, f->h->rank == 0 && n_windows > f->n_progress && n_windows <= f->n_windows);
    f->n_progress = n_windows;
}

static mg_status run(fixture *f, mg_error *err)
{
    mg_handout_plan plan = {mg_shard_count(f->n_windows, SHARD_SIZE), SHARD_SIZE, LENGTH};
    mg_handout_calls calls = {f, make, work, progress};
    return mg_handout(MPI_COMM_WORLD, &plan, &calls, err);
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
    mg_harness_case(h, name);
}

/* A failing rank may get no shard when the others are quick, so the others are slowed down. */
static void test_failure(mg_harness *h, int from, int step, const char *name)
{
    mg_error err = {0};
    fixture f = fixture_of(h, MAX_SHARDS * SHARD_SIZE);
    f.fail_from = from;
    f.fail_step = step;
    f.slow_rank = from == 0 ? -1 : 0;
    mg_status status = run(&f, &err);
    CHECK(h, status == MG_EIO);
    CHECK(h, strstr(err.text, "gives up") != NULL);
    int n = 0, total = 0;
    for (int k = 0; k < MAX_SHARDS; k++)
        n += f.worked[k];
    MPI_Allreduce(&n, &total, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    CHECK(h, total < MAX_SHARDS);
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
    mg_handout_calls calls = {&f, make, work, progress};
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
    test_failure(&h, 0, 100, "rank 0 fails at work");
    test_failure(&h, h.size - 1, 100, "the last rank fails at work");
    test_failure(&h, h.size > 1, 2, "several ranks fail at work");
    test_failure(&h, 0, 1, "all ranks fail at work");
    test_failure_to_make(&h, 0);
    test_failure_to_make(&h, 5);
    test_too_large(&h);
    return mg_harness_end(&h);
}
