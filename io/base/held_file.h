/* held_file.h  is the file that was summed the one that was read?
 *
 * A file is held open from before it is read until its sum is taken, through the same open file: what another program puts
 * under its name meanwhile is noticed, and so is what it writes into the file itself. Not collective.
 */
#ifndef MG_IO_BASE_HELD_FILE_H
#define MG_IO_BASE_HELD_FILE_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "io/base/sha256.h"
#include "src/core/status.h"

typedef struct {
    const char *path; /* points to the caller's text */
    int file;         /* -1: no regular file, so nothing to hold */
    dev_t device;
    ino_t number;
    off_t size;
    struct timespec changed;
} mg_held_file;

/* mg_held_file_open()  hold a file that is to be read now; a pipe ("-" too), or what is not there, is held by nobody: its
 * reader says what is wrong with it */
void mg_held_file_open(const char *path, mg_held_file *ret);
void mg_held_file_close(mg_held_file *held);

/* mg_held_file_sum()  after it was read: SHA-256 of its bytes as they are on the disk, or "(a pipe)"
 * Returns: MG_OK; MG_EINPUT: it was replaced or changed while it was read; MG_EIO. */
mg_status mg_held_file_sum(const mg_held_file *held, char text[MG_SHA256_TEXT], mg_error *err);

#endif
