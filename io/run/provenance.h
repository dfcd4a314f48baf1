/* provenance.h  where a run's numbers come from: program, libraries, command, inputs, machine, times
 *
 * Kept as attributes of /provenance in run.h5. One table says what each is; writer and format page come from it.
 */
#ifndef MG_IO_RUN_PROVENANCE_H
#define MG_IO_RUN_PROVENANCE_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "io/base/held_file.h"
#include "src/core/status.h"

typedef struct {
    /* texts, owned; NULL: not written */
    char *program, *version, *revision, *compiler, *flags, *libraries;
    char *command_line, *options;
    char *model, *model_sha256, *network, *bases, *architecture;
    char *inputs, *counts;
    char *instruction_set, *hosts;
    char *machine, *processor, *system, *limits, *environment, *job;
    char *started, *finished;
    char *costs; /* of each method, ms a window */
    int64_t seed, ranks, threads;
    double seconds;
    double measured_share; /* of the windows, for metrics that run passes */
} mg_provenance;

typedef enum { MG_PROVENANCE_TEXT, MG_PROVENANCE_INTEGER, MG_PROVENANCE_REAL } mg_provenance_type;

typedef struct {
    const char *name; /* of the attribute; NULL ends the table */
    mg_provenance_type type;
    size_t offset; /* in mg_provenance */
    const char *description;
} mg_provenance_item;

extern const mg_provenance_item mg_provenance_items[];

/* mg_provenance_begin()  fill in what the program knows about itself, the command line and the time of the start.
 * Returns: MG_OK or MG_EMEM; mg_provenance_destroy() in either case. */
mg_status mg_provenance_begin(int argc, char **argv, mg_provenance *ret, mg_error *err);

/* mg_provenance_set()  format a text into one of the text fields, replacing what is there */
mg_status mg_provenance_set(char **field, mg_error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* mg_provenance_add_line()  put a formatted line at the end of a text field */
mg_status mg_provenance_add_line(char **field, mg_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* mg_provenance_add_file()  a line "role path sha256" to `field`, and "role name sha256", without the folder, to
 * `brief`, of a file that was held while it was read; a pipe ("-" too) has no sum. MG_EINPUT: it was replaced meanwhile. */
mg_status mg_provenance_add_file(char **field, char **brief, const char *role, const mg_held_file *file, mg_error *err);

/* mg_provenance_end()  the time of the end, and the seconds since the start (a mg_clock() of then) */
mg_status mg_provenance_end(mg_provenance *provenance, double clock_at_start, mg_error *err);

/* mg_provenance_write()  all of it as attributes of `group`. Not collective. */
mg_status mg_provenance_write(const mg_provenance *provenance, hid_t group, mg_error *err);

/* mg_provenance_read()  what `group` holds of it; an attribute that is not there (an older file) leaves NULL or 0
 * Returns: MG_OK; MG_EINPUT when an attribute is of the wrong kind or cannot be read; mg_provenance_destroy() in either
 *          case. Not collective. */
mg_status mg_provenance_read(hid_t group, mg_provenance *ret, mg_error *err);

void mg_provenance_destroy(mg_provenance *provenance); /* frees what it holds, not the struct */

#endif
