/* blacklist.h  intervals of a genome that no window may touch, from a BED (as ENCODE's lists of regions of odd signal) */
#ifndef MG_IO_SITES_BLACKLIST_H
#define MG_IO_SITES_BLACKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/names.h"

typedef struct {
    size_t chromosome;
    int64_t begin, end;
    int64_t reach; /* largest end up to here on the chromosome */
} mg_black_interval;

typedef struct {
    size_t n, n_room;
    mg_black_interval *interval; /* owned; by chromosome and begin */
    size_t n_chromosomes, n_chromosome_room;
    char **chromosome; /* owned names */
    mg_names chromosome_names;
} mg_blacklist; /* begin with {0} */

/* mg_blacklist_read()  MG_OK and *ret for mg_blacklist_destroy(), MG_EMEM, or MG_EINPUT naming file and line; a file
 * without an interval is an error */
mg_status mg_blacklist_read(const char *path, mg_blacklist *ret, mg_error *err);
void mg_blacklist_destroy(mg_blacklist *list); /* frees what it holds, not the struct */

/* mg_blacklist_find()  the number of a chromosome, with or without "chr"; SIZE_MAX: it is not in the list */
size_t mg_blacklist_find(const mg_blacklist *list, const char *chromosome);

/* mg_blacklist_touches()  does an interval of that chromosome share a base with [begin, end)? */
bool mg_blacklist_touches(const mg_blacklist *list, size_t chromosome, int64_t begin, int64_t end);

#endif
