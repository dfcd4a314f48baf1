# shellcheck shell=sh
# source environment/env.sh    settings for running MPI programs on a laptop, in a container or as root; clusters need none
#
# What the user has set already stays.
if [ "$(id -u)" = 0 ]; then # Open MPI refuses to run as root unless told twice
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
# More ranks than cores is fine for tests and demos. Without "none", Open MPI 4 binds a rank to one core when there are
# one or two of them, and all its OpenMP threads share that core.
export OMPI_MCA_rmaps_base_oversubscribe="${OMPI_MCA_rmaps_base_oversubscribe:-1}"
export OMPI_MCA_hwloc_base_binding_policy="${OMPI_MCA_hwloc_base_binding_policy:-none}"
# Same host: shared memory by plain copies. Containers often forbid the kernel's single copy, and Open MPI warns each time.
export OMPI_MCA_btl_vader_single_copy_mechanism="${OMPI_MCA_btl_vader_single_copy_mechanism:-none}"
