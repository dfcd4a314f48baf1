/* status.h  how far a run is, as a small JSON file that a monitor can read at any time
 *
 * The file is replaced by a rename, so a reader never sees half of it.
 */
#ifndef MG_IO_RUN_STATUS_H
#define MG_IO_RUN_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/core/status.h"

typedef enum {
    MG_RUN_READING,     /* model and input */
    MG_RUN_WORKING,     /* on shards */
    MG_RUN_MERGING,     /* aggregates, and shards into OUT */
    MG_RUN_DONE,        /* OUT and its tables are there */
    MG_RUN_INTERRUPTED, /* ended before the end by a wish to stop: the same command goes on */
    MG_RUN_FAILED
} mg_run_state;

typedef struct {
    mg_run_state state;
    const char *out, *message; /* message: the sentence of an interruption or failure, else NULL */
    int64_t windows_done, windows_total, shards_done, shards_total;
    double rate, seconds_left; /* windows a second in this run; below 0: not known */
    int64_t ranks, threads;    /* threads: of all ranks */
    const char *started;       /* the time as in the provenance */
} mg_run_status;

/* mg_run_status_check()  may the file be replaced again and again? MG_EINPUT when it is no regular file, or holds something
 * that no run of ours has written and force is not given. Not collective. */
mg_status mg_run_status_check(const char *path, bool force, mg_error *err);

/* mg_run_status_write()  write or replace the file, by way of a part beside it. Not collective.
 * Returns: MG_OK, MG_EIO or MG_EMEM */
mg_status mg_run_status_write(const char *path, const mg_run_status *status, mg_error *err);

#endif
