/* clones.h  functions that are compiled twice, the second time for AVX2, and chosen when the program is loaded
 *
 * For plain loops outside the kernels that gain by wider vectors and by one instruction for counting bits. AVX2 alone
 * has no fused multiply-add, and sums keep their order, so both give the same bits. Where the loader cannot choose
 * (other machines, other C libraries) or must not (address sanitizer, which starts later than it), there is one.
 */
#ifndef MG_CORE_CLONES_H
#define MG_CORE_CLONES_H

#include <features.h>

#if defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define MG_NO_CLONES
#    endif
#endif

#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(MG_NO_CLONES)
#    define MG_CLONES __attribute__((target_clones("avx2", "default")))
#else
#    define MG_CLONES
#endif

#endif
