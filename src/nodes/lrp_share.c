/* lrp_share.c  what contributions of either sign get a share of (lrp_share.h) */
#include "src/nodes/lrp_share.h"

static double stabilised(double z, double epsilon)
{
    return z + (z >= 0 ? epsilon : -epsilon);
}

void mg_lrp_share(const mg_linear_rule *rule, double z, double bias, double m, double *u, double *v)
{
    double relevance = z * m, gamma = rule->gamma, epsilon = rule->epsilon, alpha = rule->alpha;
    double positive = *u + (rule->plain_bias || bias > 0 ? bias : 0), negative = *v + (bias < 0 ? bias : 0);
    double sum = *u;
    *u = *v = 0;
    if (relevance == 0) return;
    if (rule->kind == MG_LINEAR_GAMMA) {
        bool lifts_positive = rule->plain_bias || z > 0;
        /* z - positive does not cancel where it is wanted, because z < 0 there. */
        double lifted = rule->plain_bias ? sum : z > 0 ? positive : z - positive;
        double share = relevance / stabilised(z + gamma * lifted, epsilon);
        *u = share * (lifts_positive ? 1 + gamma : 1);
        *v = share * (lifts_positive ? 1 : 1 + gamma);
        return;
    }
    *u = alpha * relevance / stabilised(positive, epsilon);
    if (alpha != 1) *v = (1 - alpha) * relevance / stabilised(negative, epsilon);
}
