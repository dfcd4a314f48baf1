/* machine.c  a few files of /proc and /sys, and a list of environment variables */
#include "io/run/machine.h"

#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { LINE = 4096, VALUE = 1024 };

/* --- processor and system --- */

/* What stands behind `key` and its separator in the first line that begins with it; "" when there is none. */
static void find_value(const char *path, const char *key, char separator, char value[VALUE])
{
    char line[LINE];
    FILE *file = fopen(path, "re");
    value[0] = '\0';
    if (file == NULL) return;
    while (value[0] == '\0' && fgets(line, sizeof line, file) != NULL) {
        size_t n = strlen(key);
        if (strncmp(line, key, strlen(key)) != 0) continue;
        n += strspn(line + n, " \t");
        if (line[n] != separator) continue;
        n += 1 + strspn(line + n + 1, " \t\"");
        snprintf(value, VALUE, "%.*s", (int)strcspn(line + n, "\"\n"), line + n);
    }
    fclose(file);
}

static mg_status find_processor(char **field, mg_error *err)
{
    char name[VALUE], part[VALUE];
    find_value("/proc/cpuinfo", "model name", ':', name);
    if (name[0] == '\0') { /* ARM tells numbers instead */
        find_value("/proc/cpuinfo", "CPU implementer", ':', name);
        find_value("/proc/cpuinfo", "CPU part", ':', part);
        if (name[0] != '\0') snprintf(name + strlen(name), sizeof name - strlen(name), " part %.64s", part);
    }
    return mg_provenance_set(field, err, "%s%s%ld of %ld cores online", name, name[0] != '\0' ? ", " : "",
                             sysconf(_SC_NPROCESSORS_ONLN), sysconf(_SC_NPROCESSORS_CONF));
}

static mg_status find_system(mg_provenance *ret, mg_error *err)
{
    struct utsname name;
    char distribution[VALUE];
    if (uname(&name) != 0) memset(&name, 0, sizeof name);
    find_value("/etc/os-release", "PRETTY_NAME", '=', distribution);
    mg_status status = mg_provenance_set(&ret->machine, err, "%s", name.machine);
    if (status != MG_OK) return status;
    return mg_provenance_set(&ret->system, err, "%s%s%s %s", distribution, distribution[0] != '\0' ? ", " : "",
                             name.sysname, name.release);
}

/* --- limits --- */

/* A cgroup's file holds one number, or two of which the quotient counts, or "max". Negative: no limit. */
static double read_limit(const char *path)
{
    char line[LINE] = "";
    double number = -1, per = 1;
    FILE *file = fopen(path, "re");
    if (file == NULL) return -1;
    if (fgets(line, sizeof line, file) == NULL) line[0] = '\0';
    fclose(file);
    int n = sscanf(line, "%lf %lf", &number, &per);
    return n < 1 || number < 0 || per <= 0 ? -1 : number / per;
}

/* The tightest limit from the process's own group up to the root: a child cannot have more than its parents. */
static double tightest(const char *root, const char *group, const char *file)
{
    char at[VALUE], path[3 * VALUE];
    double least = -1;
    snprintf(at, sizeof at, "%s", group);
    while (true) {
        snprintf(path, sizeof path, "%s%s/%s", root, at, file);
        double limit = read_limit(path);
        if (limit >= 0 && (least < 0 || limit < least)) least = limit;
        char *slash = strrchr(at, '/');
        if (slash == NULL) return least;
        *slash = '\0';
    }
}

/* The process's group of one hierarchy: "0::/job" of version 2, "7:memory:/job" of version 1. */
static bool find_group(const char *controller, char group[VALUE])
{
    char line[LINE];
    bool found = false;
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file == NULL) return false;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        char *names = strchr(line, ':'), *path = names != NULL ? strchr(names + 1, ':') : NULL;
        if (path == NULL) continue;
        *path++ = '\0';
        found = strcmp(names + 1, controller) == 0;
        if (found) snprintf(group, VALUE, "%.*s", (int)strcspn(path, "\n"), strcmp(path, "/\n") == 0 ? "" : path);
    }
    fclose(file);
    return found;
}

static mg_status find_cgroup_limits(char **field, mg_error *err)
{
    char group[VALUE];
    double memory = -1, cores = -1;
    if (find_group("", group)) {
        memory = tightest("/sys/fs/cgroup", group, "memory.max");
        cores = tightest("/sys/fs/cgroup", group, "cpu.max");
    }
    if (memory < 0 && find_group("memory", group))
        memory = tightest("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
    mg_status status = MG_OK;
    if (memory >= 0 && memory < 0x1p62) /* version 1 writes "no limit" as a very large number */
        status = mg_provenance_add_line(field, err, "memory of the cgroup %.0f bytes", memory);
    if (status == MG_OK && cores >= 0)
        status = mg_provenance_add_line(field, err, "processor time of the cgroup %.2f cores", cores);
    return status;
}

static mg_status find_limits(char **field, mg_error *err)
{
    cpu_set_t mask;
    struct rlimit space;
    CPU_ZERO(&mask);
    mg_status status = mg_provenance_set(field, err, "memory of the node %.0f bytes",
                                         (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE));
    if (status == MG_OK && sched_getaffinity(0, sizeof mask, &mask) == 0)
        status = mg_provenance_add_line(field, err, "%d cores may be used", CPU_COUNT(&mask));
    if (status == MG_OK) status = find_cgroup_limits(field, err);
    if (status == MG_OK && getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
        status = mg_provenance_add_line(field, err, "address space %" PRIuMAX " bytes", (uintmax_t)space.rlim_cur);
    return status;
}

/* --- environment and job --- */

/* What changes threads, instructions, the mathematical library, transport and files. Of OMPI_MCA_... only what people
 * set: mpirun itself puts addresses and keys into others. */
static const char *const known[] = {"MUTAGREE_ISA",
                                    "MUTAGREE_SHARE",
                                    "OMP_NUM_THREADS",
                                    "OMP_PLACES",
                                    "OMP_PROC_BIND",
                                    "OMP_DYNAMIC",
                                    "OMP_SCHEDULE",
                                    "OMP_STACKSIZE",
                                    "OMP_THREAD_LIMIT",
                                    "OMP_WAIT_POLICY",
                                    "GOMP_CPU_AFFINITY",
                                    "KMP_AFFINITY",
                                    "GLIBC_TUNABLES",
                                    "LD_PRELOAD",
                                    "MALLOC_ARENA_MAX",
                                    "HDF5_USE_FILE_LOCKING",
                                    "OMPI_MCA_btl",
                                    "OMPI_MCA_pml",
                                    "OMPI_MCA_mtl",
                                    "OMPI_MCA_io",
                                    "OMPI_MCA_btl_tcp_if_include",
                                    "OMPI_MCA_btl_tcp_if_exclude",
                                    "OMPI_MCA_oob_tcp_if_include",
                                    "OMPI_MCA_btl_vader_single_copy_mechanism",
                                    "OMPI_MCA_hwloc_base_binding_policy",
                                    "OMPI_MCA_rmaps_base_mapping_policy",
                                    "OMPI_MCA_rmaps_base_oversubscribe",
                                    "UCX_TLS",
                                    "UCX_NET_DEVICES",
                                    "ROMIO_HINTS",
                                    "SLURM_JOB_PARTITION",
                                    "SLURM_JOB_NUM_NODES",
                                    "SLURM_NTASKS",
                                    "SLURM_CPUS_PER_TASK",
                                    "SLURM_MEM_PER_NODE",
                                    "SLURM_MEM_PER_CPU",
                                    "SLURM_RESTART_COUNT",
                                    "PBS_QUEUE",
                                    "PBS_NCPUS",
                                    "NSLOTS",
                                    "LSB_QUEUE",
                                    "LSB_DJOB_NUMPROC"};

static mg_status find_environment(char **field, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t i = 0; i < sizeof known / sizeof *known && status == MG_OK; i++) {
        const char *value = getenv(known[i]);
        if (value != NULL) status = mg_provenance_add_line(field, err, "%s=%s", known[i], value);
    }
    return status;
}

static mg_status find_job(char **field, mg_error *err)
{
    /* Grid Engine's names are those of no one else only together. */
    static const struct {
        const char *scheduler, *mark, *number, *task;
    } schedulers[] = {{"Slurm", "SLURM_JOB_ID", "SLURM_JOB_ID", "SLURM_ARRAY_TASK_ID"},
                      {"PBS", "PBS_JOBID", "PBS_JOBID", "PBS_ARRAY_INDEX"},
                      {"LSF", "LSB_JOBID", "LSB_JOBID", "LSB_JOBINDEX"},
                      {"Grid Engine", "SGE_TASK_ID", "JOB_ID", "SGE_TASK_ID"},
                      {"Flux", "FLUX_JOB_ID", "FLUX_JOB_ID", "FLUX_JOB_CC"}};
    for (size_t i = 0; i < sizeof schedulers / sizeof *schedulers; i++) {
        const char *number = getenv(schedulers[i].number), *task = getenv(schedulers[i].task);
        if (getenv(schedulers[i].mark) == NULL || number == NULL) continue;
        bool array = task != NULL && strcmp(task, "undefined") != 0 && strcmp(task, "0") != 0;
        return mg_provenance_set(field, err, "%s %s%s%s", schedulers[i].scheduler, number, array ? ", array task " : "",
                                 array ? task : "");
    }
    return MG_OK;
}

/* --- the whole --- */

mg_status mg_machine_record(mg_provenance *provenance, mg_error *err)
{
    mg_status status = find_system(provenance, err);
    if (status == MG_OK) status = find_processor(&provenance->processor, err);
    if (status == MG_OK) status = find_limits(&provenance->limits, err);
    if (status == MG_OK) status = find_environment(&provenance->environment, err);
    return status == MG_OK ? find_job(&provenance->job, err) : status;
}
