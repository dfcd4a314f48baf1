/* count.h  multiply-adds with a weight, counted where the drivers call the kernels
 *
 * A workspace (pass, scan, naive scan) that was given a counter adds to it what each call of a kernel does: an entry of
 * a list times every weight that takes it to an output asked for. Channels that only fill a vector are not counted, nor
 * are numbers that meet no weight (ReLU, pooling, lines in t). Without a counter, as in every run, nothing is counted.
 */
#ifndef MG_ENGINE_COUNT_H
#define MG_ENGINE_COUNT_H

#include <stdint.h>

#include "src/kernels/kernels.h"

/* mg_count_entries()  multiply-adds of n entries at input position p, for outputs t_begin .. t_end - 1 of a map */
uint64_t mg_count_entries(const mg_rows *op, int64_t p, int64_t n, int64_t t_begin, int64_t t_end);

/* mg_count_rows()  multiply-adds of a list, or of places, of positions p_begin .. p_end - 1, which begin at begin[]; all
 * groups of the map together */
uint64_t mg_count_rows(const mg_rows *op, const int32_t *begin, int64_t p_begin, int64_t p_end, int64_t t_begin,
                       int64_t t_end);

#endif
