/* transport.c  OMPI_MCA_* before MPI_Init() */
#include "mpi/transport.h"

#include <mpi.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(OMPI_MAJOR_VERSION) && OMPI_MAJOR_VERSION < 5
static const char shared_memory[] = "self,vader";
#else
static const char shared_memory[] = "self,sm";
#endif

static bool any_is_set(const char *const *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (getenv(name[i]) != NULL) return true;
    return false;
}

/* Did mpirun, or srun with one of its plugins, start this process as a rank? */
static bool is_launched(void)
{
    static const char *const name[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_FD"};
    return any_is_set(name, sizeof name / sizeof *name);
}

static bool are_equal(const char *one, const char *other)
{
    const char *a = getenv(one), *b = getenv(other);
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* All ranks on this node? mpirun and Slurm say how many there are, each in its way. */
static bool is_one_node(void)
{
    if (are_equal("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE")) return true;
    const char *nodes = getenv("SLURM_STEP_NUM_NODES");
    return getenv("OMPI_COMM_WORLD_SIZE") == NULL && nodes != NULL && strcmp(nodes, "1") == 0;
}

void mg_transport_choose(void)
{
    static const char *const chosen[] = {"OMPI_MCA_btl", "OMPI_MCA_pml", "OMPI_MCA_mtl"};
    bool alone = !is_launched();
    /* Without mpirun Open MPI would start a daemon first, for ranks that are spawned later: there are none. */
    setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
    if (any_is_set(chosen, sizeof chosen / sizeof *chosen) || (!alone && !is_one_node())) return;
    setenv("OMPI_MCA_pml", "ob1", 0);
    setenv("OMPI_MCA_btl", alone ? "self" : shared_memory, 0);
}
