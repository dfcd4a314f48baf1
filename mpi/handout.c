/* handout.c  giver (rank 0) and taker (every other rank) of shards */
#include "mpi/handout.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include "mpi/agree.h"
#include "mpi/tags.h"
#include "src/core/log.h"
#include "src/core/memory.h"

/* --- a shard as a message --- */

typedef struct {
    MPI_Datatype window; /* an mg_shard_window */
    int n_bytes;         /* of the largest packed shard */
} shard_type;

enum { N_HEAD = 5 }; /* id, first, n, length, whether to ask for the next one at once */

static MPI_Datatype window_type(void)
{
    int n[] = {1, 1, 1, 1, 1};
    MPI_Aint at[] = {offsetof(mg_shard_window, place), offsetof(mg_shard_window, cluster),
                     offsetof(mg_shard_window, label), offsetof(mg_shard_window, n_unknown),
                     offsetof(mg_shard_window, kind)};
    MPI_Datatype part[] = {MPI_INT64_T, MPI_INT64_T, MPI_INT32_T, MPI_INT32_T, MPI_INT32_T};
    MPI_Datatype fields, window;
    MPI_Type_create_struct(5, n, at, part, &fields);
    MPI_Type_create_resized(fields, 0, sizeof(mg_shard_window), &window);
    MPI_Type_commit(&window);
    MPI_Type_free(&fields);
    return window;
}

static mg_status shard_type_create(MPI_Comm comm, const mg_handout_plan *plan, shard_type *ret, mg_error *err)
{
    if (plan->shard_size > INT_MAX / 2 / (plan->length + (int64_t)sizeof(mg_shard_window)))
        return mg_fail(
            err, MG_EUSAGE,
            "a shard of %lld windows of %lld bases is too large for a message; choose a smaller --shard-size",
            (long long)plan->shard_size, (long long)plan->length);
    int head, windows, bases;
    ret->window = window_type();
    MPI_Pack_size(N_HEAD, MPI_INT64_T, comm, &head);
    MPI_Pack_size((int)plan->shard_size, ret->window, comm, &windows);
    MPI_Pack_size((int)(plan->shard_size * plan->length), MPI_UINT8_T, comm, &bases);
    ret->n_bytes = head + windows + bases;
    return MG_OK;
}

static int pack(MPI_Comm comm, const shard_type *type, const mg_shard *shard, bool ask_ahead, char *buffer)
{
    int64_t head[N_HEAD] = {shard->id, shard->first, shard->n, shard->length, ask_ahead};
    int at = 0;
    MPI_Pack(head, N_HEAD, MPI_INT64_T, buffer, type->n_bytes, &at, comm);
    MPI_Pack(shard->window, (int)shard->n, type->window, buffer, type->n_bytes, &at, comm);
    MPI_Pack(shard->base, (int)(shard->n * shard->length), MPI_UINT8_T, buffer, type->n_bytes, &at, comm);
    return at;
}

static mg_status unpack(MPI_Comm comm, const shard_type *type, const char *buffer, mg_shard *ret, bool *ret_ask_ahead,
                        mg_error *err)
{
    int64_t head[N_HEAD];
    int at = 0;
    MPI_Unpack(buffer, type->n_bytes, &at, head, N_HEAD, MPI_INT64_T, comm);
    mg_status status = mg_shard_create(head[2], head[3], ret, err);
    if (status != MG_OK) return status;
    ret->id = head[0];
    ret->first = head[1];
    *ret_ask_ahead = head[4] != 0;
    MPI_Unpack(buffer, type->n_bytes, &at, ret->window, (int)ret->n, type->window, comm);
    MPI_Unpack(buffer, type->n_bytes, &at, ret->base, (int)(ret->n * ret->length), MPI_UINT8_T, comm);
    return MG_OK;
}

/* What a worker says to rank 0. */
typedef struct {
    int64_t asks;         /* it wants a shard, and will wait for the answer */
    int64_t finished;     /* it will not speak again */
    int64_t stops;        /* it failed, or was told not to go on: nobody is to begin a shard any more */
    int64_t n_done;       /* windows done since it last spoke */
    int64_t microseconds; /* that its slowest shard took */
} request;

enum { N_REQUEST = sizeof(request) / sizeof(int64_t) };

/* Between two looks for a message, when there is nothing else to do. MPI's own waiting keeps a core busy, which other
 * ranks may need. */
static void rest(void)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000};
    nanosleep(&pause, NULL);
}

/* --- rank 0 --- */

/* Shards left for each rank, at least, while ranks ask ahead: the last ones go to whoever is free. */
enum { ASK_AHEAD_SHARDS = 4 };

typedef struct {
    MPI_Comm comm;
    const mg_handout_plan *plan;
    const mg_handout_calls *calls;
    const shard_type *type;
    int64_t next;   /* shard that is given out next */
    int64_t n_done; /* windows */
    int n_workers;  /* other ranks, and how many of them have finished */
    int n_finished;
    bool stop;         /* something failed somewhere, or somebody is told not to go on: give out no more */
    double slowest;    /* seconds of the slowest shard */
    char *buffer;      /* (size, type->n_bytes) the answer on its way to each rank */
    MPI_Request *sent; /* (size) */
    mg_status status;  /* of rank 0's own doings */
    mg_error *err;
} giver;

static bool has_more(const giver *g)
{
    return !g->stop && g->next < g->plan->n_shards;
}

static bool shall_ask_ahead(const giver *g)
{
    return g->plan->n_shards - g->next >= ASK_AHEAD_SHARDS * ((int64_t)g->n_workers + 1);
}

static void tell_workers(const giver *g)
{
    for (int rank = 1; rank <= g->n_workers; rank++)
        MPI_Send(NULL, 0, MPI_BYTE, rank, MG_TAG_STOP, g->comm);
}

static void stop(giver *g)
{
    if (!g->stop) tell_workers(g);
    g->stop = true;
}

static void fail(giver *g, mg_status status)
{
    g->status = status;
    stop(g);
}

static void note_duration(giver *g, double seconds)
{
    if (seconds > g->slowest) g->slowest = seconds;
}

/* A shard for `rank`, or the empty message. The answer before this one has arrived: the rank has asked again. */
static void give(giver *g, int rank)
{
    char *buffer = g->buffer == NULL ? NULL : g->buffer + (size_t)rank * (size_t)g->type->n_bytes;
    int n_bytes = 0;
    if (has_more(g)) {
        MPI_Wait(&g->sent[rank], MPI_STATUS_IGNORE);
        mg_shard shard = {0};
        mg_status status = g->calls->make(g->calls->context, g->next++, &shard, g->err);
        if (status == MG_OK)
            n_bytes = pack(g->comm, g->type, &shard, shall_ask_ahead(g), buffer);
        else
            fail(g, status);
        mg_shard_destroy(&shard);
    }
    if (n_bytes > 0)
        MPI_Isend(buffer, n_bytes, MPI_PACKED, rank, MG_TAG_SHARD, g->comm, &g->sent[rank]);
    else
        MPI_Send(NULL, 0, MPI_PACKED, rank, MG_TAG_SHARD, g->comm);
}

static void answer(giver *g, int rank)
{
    request said;
    MPI_Recv(&said, N_REQUEST, MPI_INT64_T, rank, MG_TAG_ASK, g->comm, MPI_STATUS_IGNORE);
    if (said.stops) stop(g);
    if (said.asks) give(g, rank);
    if (said.finished) g->n_finished++;
    g->n_done += said.n_done;
    note_duration(g, 1e-6 * (double)said.microseconds);
}

/* The tick of rank 0: answer all who have asked, wait for nobody. */
static void look_around(void *context)
{
    giver *g = context;
    for (int waiting = 1; waiting;) {
        MPI_Status probe;
        MPI_Iprobe(MPI_ANY_SOURCE, MG_TAG_ASK, g->comm, &waiting, &probe);
        if (waiting) answer(g, probe.MPI_SOURCE);
    }
    g->calls->progress(g->calls->context, g->n_done);
    if (g->stop) return;
    mg_status status = g->calls->go_on(g->calls->context, g->slowest, g->err);
    if (status != MG_OK) fail(g, status);
}

static mg_status work_on_own(giver *g)
{
    mg_shard shard = {0};
    mg_tick tick = {look_around, g};
    double started = mg_clock();
    mg_status status = g->calls->make(g->calls->context, g->next++, &shard, g->err);
    if (status == MG_OK) status = g->calls->work(g->calls->context, &shard, &tick, g->err);
    if (status == MG_OK) g->n_done += shard.n;
    note_duration(g, mg_clock() - started);
    mg_shard_destroy(&shard);
    return status;
}

static void giver_run(giver *g)
{
    look_around(g);
    while (has_more(g)) {
        mg_status status = work_on_own(g);
        if (status != MG_OK) fail(g, status);
        look_around(g);
    }
    while (g->n_finished < g->n_workers) {
        look_around(g);
        rest();
    }
    if (!g->stop) tell_workers(g); /* each of them waits for it */
}

static mg_status give_out(MPI_Comm comm, const mg_handout_plan *plan, const mg_handout_calls *calls,
                          const shard_type *type, mg_error *err)
{
    int size;
    MPI_Comm_size(comm, &size);
    giver g = {.comm = comm, .plan = plan, .calls = calls, .type = type, .n_workers = size - 1, .err = err};
    mg_status status = mg_alloc(&g.sent, (size_t)size, sizeof(MPI_Request), err);
    for (int r = 0; status == MG_OK && r < size; r++)
        g.sent[r] = MPI_REQUEST_NULL;
    if (status == MG_OK) status = mg_alloc(&g.buffer, (size_t)size, (size_t)type->n_bytes, err);
    if (status != MG_OK) fail(&g, status);
    giver_run(&g);
    if (g.sent != NULL) MPI_Waitall(size, g.sent, MPI_STATUSES_IGNORE);
    free(g.sent);
    free(g.buffer);
    return g.status;
}

/* --- every other rank --- */

typedef struct {
    MPI_Comm comm;
    const mg_handout_calls *calls;
    const shard_type *type;
    char *buffer;
    MPI_Request coming; /* the next shard */
    MPI_Request told;   /* MG_TAG_STOP */
    bool has_warned;    /* rank 0 knows that this rank is told not to go on */
    int64_t n_done;     /* windows that rank 0 does not know of */
    double slowest;     /* seconds of the slowest shard */
} taker;

static void say(taker *t, request what)
{
    what.n_done = t->n_done;
    what.microseconds = (int64_t)(1e6 * t->slowest);
    t->n_done = 0;
    MPI_Send(&what, N_REQUEST, MPI_INT64_T, 0, MG_TAG_ASK, t->comm);
}

static void ask(taker *t)
{
    MPI_Irecv(t->buffer, t->type->n_bytes, MPI_PACKED, 0, MG_TAG_SHARD, t->comm, &t->coming);
    say(t, (request){.asks = 1});
}

static bool has_arrived(MPI_Request what)
{
    int arrived;
    MPI_Request_get_status(what, &arrived, MPI_STATUS_IGNORE);
    return arrived;
}

/* The tick of a worker: let the message that is coming make its way, and warn rank 0 early. */
static void look_up(void *context)
{
    taker *t = context;
    mg_error ignored;
    has_arrived(t->coming);
    if (t->has_warned || t->calls->go_on(t->calls->context, t->slowest, &ignored) == MG_OK) return;
    t->has_warned = true;
    say(t, (request){.stops = 1});
}

/* Wait for the shard asked for; *ret_more is false when there was none, or it is not to be begun. With a failed status
 * it is only received, so that no message is left behind. */
static mg_status take(taker *t, mg_status status, mg_shard *ret, bool *ret_more, bool *ret_ask_ahead, mg_error *err)
{
    MPI_Status probe;
    int n_bytes;
    while (!has_arrived(t->coming))
        rest();
    MPI_Wait(&t->coming, &probe);
    MPI_Get_count(&probe, MPI_PACKED, &n_bytes);
    *ret_more = status == MG_OK && n_bytes > 0 && !has_arrived(t->told);
    if (*ret_more) status = unpack(t->comm, t->type, t->buffer, ret, ret_ask_ahead, err);
    return status;
}

static mg_status work_on(taker *t, mg_shard *shard, mg_error *err)
{
    mg_tick tick = {look_up, t};
    double started = mg_clock();
    mg_status status = t->calls->work(t->calls->context, shard, &tick, err);
    double seconds = mg_clock() - started;
    if (seconds > t->slowest) t->slowest = seconds;
    if (status == MG_OK) t->n_done += shard->n;
    mg_shard_destroy(shard);
    return status == MG_OK ? t->calls->go_on(t->calls->context, t->slowest, err) : status;
}

static mg_status taker_run(taker *t, mg_error *err)
{
    mg_shard shard = {0};
    bool more = false, ask_ahead = false;
    ask(t);
    mg_status status = take(t, MG_OK, &shard, &more, &ask_ahead, err);
    while (status == MG_OK && more) {
        bool has_asked = ask_ahead;
        if (has_asked) ask(t);
        status = work_on(t, &shard, err);
        if (!has_asked && status != MG_OK) break;
        if (!has_asked) ask(t);
        status = take(t, status, &shard, &more, &ask_ahead, err);
    }
    mg_shard_destroy(&shard);
    return status;
}

static mg_status take_and_work(MPI_Comm comm, const mg_handout_calls *calls, const shard_type *type, mg_error *err)
{
    taker t = {.comm = comm, .calls = calls, .type = type, .coming = MPI_REQUEST_NULL};
    MPI_Irecv(NULL, 0, MPI_BYTE, 0, MG_TAG_STOP, comm, &t.told);
    mg_status status = mg_alloc(&t.buffer, (size_t)type->n_bytes, 1, err);
    if (status == MG_OK) status = taker_run(&t, err);
    say(&t, (request){.finished = 1, .stops = status != MG_OK});
    while (!has_arrived(t.told))
        rest();
    MPI_Wait(&t.told, MPI_STATUS_IGNORE);
    free(t.buffer);
    return status;
}

/* --- both sides --- */

mg_status mg_handout(MPI_Comm comm, const mg_handout_plan *plan, const mg_handout_calls *calls, mg_error *err)
{
    int rank;
    MPI_Comm_rank(comm, &rank);
    shard_type type = {0};
    mg_status status = shard_type_create(comm, plan, &type, err); /* the same on all ranks: so is a failure */
    if (status != MG_OK) return status;
    status = rank == 0 ? give_out(comm, plan, calls, &type, err) : take_and_work(comm, calls, &type, err);
    MPI_Type_free(&type.window);
    return mg_agree(comm, status, err);
}
