/* lrp_share.h  LRP's share of one output of a node with weights, in float64 */
#ifndef MG_NODES_LRP_SHARE_H
#define MG_NODES_LRP_SHARE_H

#include "src/kernels/rule.h"

/* mg_lrp_share()  with relevance R = z m, each positive contribution w a > 0 gets u w a, each negative one v w a
 *
 * Args:     u, v - on entry the sums of the positive and of the negative contributions, without bias; OUT the shares
 */
void mg_lrp_share(const mg_linear_rule *rule, double z, double bias, double m, double *u, double *v);

/* mg_of_sign()  a weight where it has the sign 1 or -1, else 0; sign 0: any */
static inline double mg_of_sign(double weight, int sign)
{
    return sign == 0 || weight * sign > 0.0 ? weight : 0.0;
}

#endif
