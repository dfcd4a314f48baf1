/* evidence.c  one way to ask mutations and methods */
#include "src/task/evidence.h"

bool mg_evidence_is_known(const mg_evidence *e, int64_t p)
{
    return e->base[p] < MG_N_BASES;
}

double mg_evidence_position(const mg_evidence *e, size_t source, int64_t p)
{
    if (source > 0) return e->contribution[source - 1][p];
    double sum = 0;
    for (int b = 0; b < MG_N_BASES; b++)
        if (b != e->base[p]) sum -= e->effect[p * MG_N_BASES + b];
    return sum / (MG_N_BASES - 1);
}

double mg_evidence_substitution(const mg_evidence *e, size_t source, int64_t p, int b)
{
    if (source == 0) return e->effect[p * MG_N_BASES + b];
    const float *c = e->hypothetical[source - 1];
    if (c == NULL) return -(double)e->contribution[source - 1][p];
    return (double)c[p * MG_N_BASES + b] - (double)c[p * MG_N_BASES + e->base[p]];
}
