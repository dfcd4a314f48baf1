/* probability.h  what an effect on the log-odds means for the probability */
#ifndef MG_ENGINE_PROBABILITY_H
#define MG_ENGINE_PROBABILITY_H

/* mg_probability_change()  1 / (1 + exp(-(f + d))) - 1 / (1 + exp(-f)), without cancellation when f is large or d small
 */
double mg_probability_change(double f, double d);

#endif
