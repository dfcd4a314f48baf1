/* site_kin.h  which windows of a genome belong together: those of one gene, and those that share bases */
#ifndef MG_IO_SITES_SITE_KIN_H
#define MG_IO_SITES_SITE_KIN_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t chromosome;
    int64_t begin, end; /* on either strand */
    int64_t group;      /* of a gene; -1: none */
    size_t number;      /* 0 .. n - 1 */
} mg_kin_window;

/* mg_site_kin()  connected components over "same group" and "overlapping"
 * Args: window - (n) put into another order
 *       kin    - OUT (n): equal numbers, that of the first of them, for windows of one component */
void mg_site_kin(mg_kin_window *window, size_t n, int64_t *kin);

#endif
