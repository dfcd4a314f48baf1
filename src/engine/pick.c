/* pick.c  which kernels this machine runs */
#include <stdlib.h>
#include <string.h>

#include "src/kernels/kernels.h"

extern const mg_kernels mg_kernels_portable;
#if defined(__x86_64__)
extern const mg_kernels mg_kernels_avx2, mg_kernels_avx512;

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}
#endif

const mg_kernels *mg_kernels_pick(void)
{
    const char *wish = getenv("MUTAGREE_ISA");
#if defined(__x86_64__)
    const struct {
        const mg_kernels *kernels;
        bool runs;
    } known[] = {{&mg_kernels_avx512, has_avx512()}, {&mg_kernels_avx2, has_avx2()}, {&mg_kernels_portable, true}};
#else
    const struct {
        const mg_kernels *kernels;
        bool runs;
    } known[] = {{&mg_kernels_portable, true}};
#endif
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].runs && (wish == NULL || strcmp(wish, known[i].kernels->name) == 0)) return known[i].kernels;
    return NULL;
}

mg_status mg_kernels_check(mg_error *err)
{
    if (mg_kernels_pick() != NULL) return MG_OK;
    return mg_fail(err, MG_EUSAGE,
                   "MUTAGREE_ISA=%s: this machine does not run that instruction set; unset it, or use portable, avx2 "
                   "or avx512",
                   getenv("MUTAGREE_ISA"));
}
