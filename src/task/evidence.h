/* evidence.h  all that a run knows about one window, as the parts of the biology take it
 *
 * Everything points into what the caller keeps. A *source* is who says something about a position: source 0 is the
 * mutations, source 1 + m method m. About a position the mutations say e(i), the mean over the three other bases of
 * -D(i,b), a method says its contribution a(i). About a substitution the mutations say D(i,b), a method its prediction
 * d(i,b) = c(i,b) - c(i,x_i), or -a(i) where it has no hypothetical contributions c.
 */
#ifndef MG_TASK_EVIDENCE_H
#define MG_TASK_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/task/starts/substitution.h"

typedef struct {
    const mg_base *base; /* (L) codes */
    const bool *blind;   /* (L) no path leads from here to the output */
    const float *effect; /* (L, 4) D */
    double score;        /* F */
    size_t n_methods;
    const float *const *contribution; /* (n_methods) a (L) each */
    const float *const *hypothetical; /* (n_methods) c (L, 4) each, NULL for a method without */
    mg_reading reading;
} mg_evidence;

/* mg_evidence_is_known()  is there a base at offset p that the network can see? */
bool mg_evidence_is_known(const mg_evidence *evidence, int64_t p);

/* mg_evidence_position()  e(i) or a(i), at a known base */
double mg_evidence_position(const mg_evidence *evidence, size_t source, int64_t p);

/* mg_evidence_substitution()  D(i,b), d(i,b) or -a(i), for a base b that differs from the known one at p */
double mg_evidence_substitution(const mg_evidence *evidence, size_t source, int64_t p, int b);

#endif
