/* agree.c  MINLOC finds the rank that is heard, a broadcast carries its sentence */
#include "mpi/agree.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    int status;
    char text[MG_ERROR_TEXT];
} message;

/* Everybody who hears the sentence says whether it is his own, word for word. */
static int met_by_all(MPI_Comm comm, mg_status status, const mg_error *err, const message *said)
{
    int same = (int)status == said->status && strcmp(err->text, said->text) == 0, all = 0;
    MPI_Allreduce(&same, &all, 1, MPI_INT, MPI_LAND, comm);
    return all;
}

static int is_about_a_machine(mg_status status)
{
    return status == MG_EIO || status == MG_EMEM || status == MG_EBUG;
}

/* The failing rank's node, broadcast by it: names are told where the failure was, not where it is heard. */
static void put_rank_before(MPI_Comm comm, int teller, mg_error *err)
{
    char node[MPI_MAX_PROCESSOR_NAME] = "";
    int n = 0;
    MPI_Get_processor_name(node, &n);
    MPI_Bcast(node, sizeof node, MPI_CHAR, teller, comm);
    mg_fail_prefix(err, "rank %d on node %s: ", teller, node);
}

/* The sentence as the failing rank tells it. Another rank knows no source file and line: they go into the sentence. */
static message tell(mg_status status, const mg_error *err, int rank)
{
    message said = {.status = (int)status};
    if (status == MG_EBUG && rank != 0)
        snprintf(said.text, sizeof said.text, "%.*s (noticed at %s:%d)", MG_ERROR_TEXT / 2, err->text, err->file,
                 err->line);
    else if (status != MG_OK)
        memcpy(said.text, err->text, sizeof said.text);
    return said;
}

static void hear(const message *said, mg_error *err)
{
    err->status = (mg_status)said->status;
    err->file = __FILE__;
    err->line = __LINE__;
    memcpy(err->text, said->text, sizeof err->text);
}

/* A failure is told before a wish to stop: the same command would meet it again. */
static int how_fine(mg_status status)
{
    if (status == MG_OK) return 2;
    return status == MG_ESTOP;
}

mg_status mg_agree(MPI_Comm comm, mg_status status, mg_error *err)
{
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    struct {
        int fine, rank;
    } mine = {how_fine(status), rank}, lowest;
    MPI_Allreduce(&mine, &lowest, 1, MPI_2INT, MPI_MINLOC, comm);
    if (lowest.fine == how_fine(MG_OK)) return MG_OK;

    message said = tell(status, err, rank);
    MPI_Bcast(&said.status, 1, MPI_INT, lowest.rank, comm);
    MPI_Bcast(said.text, MG_ERROR_TEXT, MPI_CHAR, lowest.rank, comm);

    int all = met_by_all(comm, status, err, &said);
    if (rank != 0 || lowest.rank != 0) hear(&said, err); /* rank 0 keeps what it noticed itself */
    if (size > 1 && !all && is_about_a_machine(err->status)) put_rank_before(comm, lowest.rank, err);
    return err->status;
}
