/* threads.c  several threads on the windows of a shard: how many a second, and how much memory they take */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#    include <malloc.h>
#endif

#include "src/commands/bench/bench.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/shard/team.h"

enum { MOST_THREADS = 4096 };
static const double enough_seconds = 0.2; /* of work, for one measurement */

/* --- which numbers of threads --- */

static mg_status add_team(mg_bench *b, int n_threads, mg_error *err)
{
    mg_bench_team *team = &b->team[b->n_teams++];
    *team = (mg_bench_team){.n_threads = n_threads, .bytes = NAN};
    if (n_threads > omp_get_num_procs())
        mg_warn("%d threads on %d cores: they will take turns", n_threads, omp_get_num_procs());
    return mg_alloc(&team->rate, (size_t)b->options->rounds, sizeof *team->rate, err);
}

/* 1, 2, 4, ... and all there are. */
static mg_status list_doubling(mg_bench *b, mg_error *err)
{
    int most = omp_get_max_threads();
    mg_status status = mg_alloc(&b->team, 8 * sizeof most + 1, sizeof *b->team, err);
    for (int n = 1; n <= most && status == MG_OK; n = n < most && 2 * n > most ? most : 2 * n)
        status = add_team(b, n, err);
    return status;
}

mg_status mg_bench_list_teams(mg_bench *b, mg_error *err)
{
    const mg_text_list *list = &b->options->threads;
    if (!b->wanted[MG_BENCH_THREADS]) return MG_OK;
    if (list->n == 0) return list_doubling(b, err);
    mg_status status = mg_alloc(&b->team, list->n, sizeof *b->team, err);
    for (size_t i = 0; i < list->n && status == MG_OK; i++) {
        char *end;
        errno = 0;
        long n = strtol(list->text[i], &end, 10);
        if (*end != '\0' || end == list->text[i] || errno != 0 || n < 1 || n > MOST_THREADS)
            return mg_fail(err, MG_EUSAGE, "--threads '%s': it takes numbers from 1 to %d", list->text[i],
                           MOST_THREADS);
        status = add_team(b, (int)n, err);
    }
    return status;
}

/* --- memory, as Linux tells it --- */

/* A line of /proc/self/status in bytes; NaN where there is none. */
static double memory_line(const char *key)
{
    char line[256];
    double bytes = NAN;
    FILE *file = fopen("/proc/self/status", "r");
    if (file == NULL) return NAN;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, key, strlen(key)) == 0) bytes = strtod(line + strlen(key), NULL) * 1024.0;
    fclose(file);
    return bytes;
}

/* Let the peak begin anew; returns what is resident now, NaN when the peak cannot be set back. */
static double restart_peak(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file == NULL) return NAN;
    bool written = fputs("5", file) >= 0;
    if (fclose(file) != 0 || !written) return NAN;
    return memory_line("VmRSS:");
}

/* --- the work --- */

/* Windows a second, after a first shard that says how many shards make enough work. */
static mg_status time_work(mg_bench *b, mg_team *workers, double *ret, mg_error *err)
{
    double begin = mg_clock(), taken;
    mg_status status = mg_team_work(workers, &b->shard, &b->result, NULL, err);
    taken = mg_clock() - begin;
    int64_t n = taken < enough_seconds ? (int64_t)(enough_seconds / taken) + 1 : 1;
    begin = mg_clock();
    for (int64_t k = 0; k < n && status == MG_OK; k++)
        status = mg_team_work(workers, &b->shard, &b->result, NULL, err);
    *ret = (double)(n * b->shard.n) / (mg_clock() - begin);
    return status;
}

mg_status mg_bench_time_team(mg_bench *b, mg_bench_team *team, int64_t round, mg_error *err)
{
    mg_team *workers = NULL;
    double before = restart_peak();
    mg_status status = mg_team_create(b->study, team->n_threads, &workers, err);
    if (status == MG_OK) status = time_work(b, workers, &team->rate[round], err);
    double bytes = (memory_line("VmHWM:") - before) / team->n_threads;
    if (round == 0 || bytes > team->bytes) team->bytes = bytes;
    mg_team_destroy(workers);
    return status;
}
