/* agree.c  MINLOC finds the lowest failing rank, a broadcast carries its sentence */
#include "mpi/agree.h"

#include <string.h>

typedef struct {
    int status;
    char text[MG_ERROR_TEXT];
} message;

/* Everybody who hears the sentence says whether it is his own, word for word. */
static int met_by_all(MPI_Comm comm, mg_status status, const mg_error *err, const message *said) {
    int same = (int)status == said->status && strcmp(err->text, said->text) == 0, all = 0;
    MPI_Allreduce(&same, &all, 1, MPI_INT, MPI_LAND, comm);
    return all;
}

static int is_about_a_machine(mg_status status) {
    return status == MG_EIO || status == MG_EMEM || status == MG_EBUG;
}

/* The failing rank's node, broadcast by it: names are told where the failure was, not where it is heard. */
static void put_rank_before(MPI_Comm comm, int teller, mg_error *err) {
    char node[MPI_MAX_PROCESSOR_NAME] = "";
    int n = 0;
    MPI_Get_processor_name(node, &n);
    MPI_Bcast(node, sizeof node, MPI_CHAR, teller, comm);
    mg_fail_prefix(err, "rank %d on node %s: ", teller, node);
}

mg_status mg_agree(MPI_Comm comm, mg_status status, mg_error *err) {
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    struct {
        int fine, rank;
    } mine = {status == MG_OK, rank}, lowest;
    MPI_Allreduce(&mine, &lowest, 1, MPI_2INT, MPI_MINLOC, comm);
    if (lowest.fine) return MG_OK;

    message said = {.status = (int)status};
    if (status != MG_OK) memcpy(said.text, err->text, sizeof said.text);
    MPI_Bcast(&said.status, 1, MPI_INT, lowest.rank, comm);
    MPI_Bcast(said.text, MG_ERROR_TEXT, MPI_CHAR, lowest.rank, comm);

    int all = met_by_all(comm, status, err, &said);
    if (rank != lowest.rank) {
        err->file = NULL;
        err->line = 0;
    }
    err->status = (mg_status)said.status;
    memcpy(err->text, said.text, sizeof err->text);
    if (size > 1 && !all && is_about_a_machine(err->status)) put_rank_before(comm, lowest.rank, err);
    return err->status;
}
