/* handout.c  giver (rank 0) and taker (every other rank) of shards */
#include "mpi/handout.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "mpi/agree.h"
#include "mpi/tags.h"
#include "src/core/memory.h"

/* --- a shard as a message --- */

typedef struct {
    MPI_Datatype window; /* an mg_window */
    int n_bytes;         /* of the largest packed shard */
} shard_type;

enum { N_HEAD = 4 }; /* id, first, n, length */

static MPI_Datatype window_type(void)
{
    int n[] = {1, 1, 1, 1, 1};
    MPI_Aint at[] = {offsetof(mg_window, transcript), offsetof(mg_window, start), offsetof(mg_window, label),
                     offsetof(mg_window, n_padded), offsetof(mg_window, n_unknown)};
    MPI_Datatype part[] = {MPI_INT64_T, MPI_INT64_T, MPI_INT32_T, MPI_INT32_T, MPI_INT32_T};
    MPI_Datatype fields, window;
    MPI_Type_create_struct(5, n, at, part, &fields);
    MPI_Type_create_resized(fields, 0, sizeof(mg_window), &window);
    MPI_Type_commit(&window);
    MPI_Type_free(&fields);
    return window;
}

static mg_status shard_type_create(MPI_Comm comm, const mg_handout_plan *plan, shard_type *ret, mg_error *err)
{
    if (plan->shard_size > INT_MAX / 2 / (plan->length + (int64_t)sizeof(mg_window)))
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

static int pack(MPI_Comm comm, const shard_type *type, const mg_shard *shard, char *buffer)
{
    int64_t head[N_HEAD] = {shard->id, shard->first, shard->n, shard->length};
    int at = 0;
    MPI_Pack(head, N_HEAD, MPI_INT64_T, buffer, type->n_bytes, &at, comm);
    MPI_Pack(shard->window, (int)shard->n, type->window, buffer, type->n_bytes, &at, comm);
    MPI_Pack(shard->base, (int)(shard->n * shard->length), MPI_UINT8_T, buffer, type->n_bytes, &at, comm);
    return at;
}

static mg_status unpack(MPI_Comm comm, const shard_type *type, const char *buffer, mg_shard *ret, mg_error *err)
{
    int64_t head[N_HEAD];
    int at = 0;
    MPI_Unpack(buffer, type->n_bytes, &at, head, N_HEAD, MPI_INT64_T, comm);
    mg_status status = mg_shard_create(head[2], head[3], ret, err);
    if (status != MG_OK) return status;
    ret->id = head[0];
    ret->first = head[1];
    MPI_Unpack(buffer, type->n_bytes, &at, ret->window, (int)ret->n, type->window, comm);
    MPI_Unpack(buffer, type->n_bytes, &at, ret->base, (int)(ret->n * ret->length), MPI_UINT8_T, comm);
    return MG_OK;
}

/* What a worker says to rank 0. */
typedef struct {
    int64_t n_done;   /* windows done since it last spoke */
    int64_t finished; /* it will not speak again */
    int64_t failed;
} request;

enum { N_REQUEST = sizeof(request) / sizeof(int64_t) };

/* --- rank 0 --- */

typedef struct {
    MPI_Comm comm;
    const mg_handout_plan *plan;
    const mg_handout_calls *calls;
    const shard_type *type;
    int64_t next;   /* shard that is given out next */
    int64_t n_done; /* windows */
    int n_workers;  /* other ranks, and how many of them have finished */
    int n_finished;
    bool stop;         /* something failed somewhere: give out no more */
    char *buffer;      /* (size, type->n_bytes) the answer on its way to each rank */
    MPI_Request *sent; /* (size) */
    mg_status status;  /* of rank 0's own doings */
    mg_error *err;
} giver;

static bool has_more(const giver *g)
{
    return !g->stop && g->next < g->plan->n_shards;
}

static void fail(giver *g, mg_status status)
{
    g->status = status;
    g->stop = true;
}

static void tell_progress(giver *g, int64_t n_windows)
{
    g->n_done += n_windows;
    if (g->calls->progress != NULL) g->calls->progress(g->calls->context, g->n_done);
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
            n_bytes = pack(g->comm, g->type, &shard, buffer);
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
    if (said.failed) g->stop = true;
    if (said.finished)
        g->n_finished++;
    else
        give(g, rank);
    if (said.n_done > 0) tell_progress(g, said.n_done);
}

/* The tick of rank 0: answer all who have asked, wait for nobody. */
static void answer_waiting(void *context)
{
    giver *g = context;
    for (int waiting = 1; waiting;) {
        MPI_Status probe;
        MPI_Iprobe(MPI_ANY_SOURCE, MG_TAG_ASK, g->comm, &waiting, &probe);
        if (waiting) answer(g, probe.MPI_SOURCE);
    }
}

static mg_status work_on_own(giver *g)
{
    mg_shard shard = {0};
    mg_tick tick = {answer_waiting, g};
    mg_status status = g->calls->make(g->calls->context, g->next++, &shard, g->err);
    if (status == MG_OK) status = g->calls->work(g->calls->context, &shard, &tick, g->err);
    if (status == MG_OK) tell_progress(g, shard.n);
    mg_shard_destroy(&shard);
    return status;
}

static void giver_run(giver *g)
{
    while (has_more(g)) {
        answer_waiting(g);
        if (!has_more(g)) break;
        mg_status status = work_on_own(g);
        if (status != MG_OK) fail(g, status);
    }
    while (g->n_finished < g->n_workers) {
        MPI_Status probe;
        MPI_Probe(MPI_ANY_SOURCE, MG_TAG_ASK, g->comm, &probe);
        answer(g, probe.MPI_SOURCE);
    }
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
    const shard_type *type;
    char *buffer;
    MPI_Request coming; /* the next shard */
} taker;

static void say(const taker *t, request what)
{
    MPI_Send(&what, N_REQUEST, MPI_INT64_T, 0, MG_TAG_ASK, t->comm);
}

static void ask(taker *t, int64_t n_done)
{
    MPI_Irecv(t->buffer, t->type->n_bytes, MPI_PACKED, 0, MG_TAG_SHARD, t->comm, &t->coming);
    say(t, (request){.n_done = n_done});
}

/* The tick of a worker: let the message that is coming make its way. */
static void look_at_message(void *context)
{
    taker *t = context;
    int arrived;
    MPI_Request_get_status(t->coming, &arrived, MPI_STATUS_IGNORE);
}

/* Wait for the shard asked for; *ret_more is false when there was none. With a failed status it is only received, so
 * that no message is left behind. */
static mg_status take(taker *t, mg_status status, mg_shard *ret, bool *ret_more, mg_error *err)
{
    MPI_Status probe;
    int n_bytes;
    MPI_Wait(&t->coming, &probe);
    MPI_Get_count(&probe, MPI_PACKED, &n_bytes);
    *ret_more = status == MG_OK && n_bytes > 0;
    if (*ret_more) status = unpack(t->comm, t->type, t->buffer, ret, err);
    return status;
}

static mg_status taker_run(taker *t, const mg_handout_calls *calls, int64_t *n_done, mg_error *err)
{
    mg_shard shard = {0};
    mg_tick tick = {look_at_message, t};
    bool more = false;
    ask(t, 0);
    mg_status status = take(t, MG_OK, &shard, &more, err);
    while (status == MG_OK && more) {
        ask(t, *n_done);
        *n_done = 0;
        status = calls->work(calls->context, &shard, &tick, err);
        if (status == MG_OK) *n_done = shard.n;
        mg_shard_destroy(&shard);
        status = take(t, status, &shard, &more, err);
    }
    mg_shard_destroy(&shard);
    return status;
}

static mg_status take_and_work(MPI_Comm comm, const mg_handout_calls *calls, const shard_type *type, mg_error *err)
{
    taker t = {.comm = comm, .type = type, .coming = MPI_REQUEST_NULL};
    int64_t n_done = 0;
    mg_status status = mg_alloc(&t.buffer, (size_t)type->n_bytes, 1, err);
    if (status == MG_OK) status = taker_run(&t, calls, &n_done, err);
    say(&t, (request){.n_done = n_done, .finished = 1, .failed = status != MG_OK});
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
