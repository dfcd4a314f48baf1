/* rule.h  how a backward pass hands multipliers down: the plain gradient, or what a method puts in its place
 *
 * The backward pass carries a *multiplier* m to every value. With MG_RULE_GRADIENT m is the gradient of F. The other methods
 * differ from it only in what kinds of nodes do with m, so they are the same walk under another rule. For LRP the
 * relevance of a value a is a m.
 */
#ifndef MG_KERNELS_RULE_H
#define MG_KERNELS_RULE_H

#include <stdbool.h>

typedef enum { MG_SINGLE, MG_DOUBLE } mg_precision; /* of a pass: float or double numbers */

typedef enum {
    MG_RULE_GRADIENT,      /* dF/d(value) */
    MG_RULE_GUIDED,        /* at ReLU max(m, 0) [z > 0], else the gradient     Springenberg et al. 2015 */
    MG_RULE_DECONVOLUTION, /* at ReLU max(m, 0), else the gradient             Zeiler & Fergus 2014 */
    MG_RULE_RESCALE,       /* DeepLIFT: mean slopes between the reference and the window   Shrikumar et al. 2017 */
    MG_RULE_LRP,           /* layer-wise relevance propagation with the mg_linear_rule at nodes with weights */
    MG_N_RULES
} mg_rule_kind;

typedef enum {
    MG_LINEAR_GRADIENT,   /* W^T m */
    MG_LINEAR_EPSILON,    /* LRP: relevance shared by w a, over z + epsilon */
    MG_LINEAR_GAMMA,      /* LRP: contributions of the sign of z weighted 1 + gamma */
    MG_LINEAR_ALPHA_BETA, /* LRP: alpha of the positive contributions, alpha - 1 of the negative; alpha 1 is z-plus */
    MG_LINEAR_EXCITATION, /* shares by positive contributions alone, biases left out; nothing where there are none
                             Zhang et al. 2018 */
    MG_LINEAR_FLAT, /* LRP, nodes that read the window: evenly over the numbers that the node sees    Lapuschkin et al. 2019 */
    MG_LINEAR_BOX /* LRP, nodes that read the window: by w a less the least that an a in [0, 1] could give
                       Montavon et al. 2017 */
} mg_linear_kind;

typedef struct {
    mg_linear_kind kind;
    double epsilon; /* added to denominators, away from 0 */
    double gamma;
    double alpha;
    bool plain_bias; /* Captum: the bias keeps its value and input signs are not told apart; else zennit: bias is split
                      * as weights are */
} mg_linear_rule;

typedef struct {
    mg_rule_kind kind;
    mg_linear_rule convolution, dense; /* MG_RULE_LRP */
    mg_linear_rule first;              /* MG_RULE_LRP: of the steps marked in is_first, the first to read the window */
    const bool *is_first;              /* (steps) NULL: none */
    /* MG_RULE_RESCALE: marks (steps) a dense node and the ReLU that alone reads it, which share by DeepLIFT's RevealCancel
     * rule; NULL: none */
    const bool *paired;
} mg_rule;

#endif
