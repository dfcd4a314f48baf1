/* regions.h  parts of a window that metrics are also taken over: which there are, and which offset lies in which
 *
 * What the parts are is a task's to say (src/task/task.h); who computes a metric sees names and bytes. A window of one
 * *kind* may lie otherwise than one of another: at a donor the intron is behind the site, at an acceptor before it.
 */
#ifndef MG_SEQUENCE_REGIONS_H
#define MG_SEQUENCE_REGIONS_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

enum {
    MG_MAX_REGIONS = 8,
    MG_REGION_OUTSIDE = 254, /* the offset lies in no region; it counts where all positions do */
    MG_REGION_LEFT_OUT = 255 /* it takes no part at all: what the window was chosen by, such as a start codon */
};

typedef struct {
    const char *name;  /* "codon_1": in the names of datasets and columns */
    const char *place; /* "first positions of codons": behind "Pearson correlation of ..., " */
} mg_region;

typedef struct {
    size_t n; /* regions; 0: metrics are taken over all positions only */
    mg_region region[MG_MAX_REGIONS];
    int64_t length; /* L */
    size_t n_kinds; /* of windows, 1 or more */
    uint8_t *of;    /* owned (n_kinds, L): number of a region, MG_REGION_OUTSIDE or MG_REGION_LEFT_OUT */
} mg_regions;

/* mg_regions_create()  n regions, every offset of every kind outside of them; mg_regions_destroy() frees what it holds,
 * not the struct. Returns: MG_OK or MG_EMEM. */
mg_status mg_regions_create(size_t n, const mg_region *region, int64_t length, size_t n_kinds, mg_regions *ret,
                            mg_error *err);
void mg_regions_destroy(mg_regions *regions);

/* mg_regions_copy()  a deep copy. Returns: MG_OK or MG_EMEM. */
mg_status mg_regions_copy(const mg_regions *regions, mg_regions *ret, mg_error *err);

/* mg_regions_of()  (L) the regions of a window of this kind; a kind that is not there is taken for kind 0 */
const uint8_t *mg_regions_of(const mg_regions *regions, int kind);

/* mg_regions_fill()  offsets [begin, end) of a kind, as far as they lie in the window, get `region` */
void mg_regions_fill(mg_regions *regions, size_t kind, int64_t begin, int64_t end, uint8_t region);

#endif
