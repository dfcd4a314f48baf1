/* whole_file.h  files that are read or written in one piece, and the SHA-256 that tells two of them apart
 *
 * Not collective. Models are read whole into memory before anything is believed about them: the bytes whose checksum
 * goes into the provenance are then the very bytes that were parsed, and every reader is a function of bytes.
 */
#ifndef MG_IO_BASE_WHOLE_FILE_H
#define MG_IO_BASE_WHOLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "io/base/sha256.h"
#include "src/core/status.h"

/* mg_whole_file_read()  all bytes of a regular file
 *
 * Args:     n_most - largest size accepted, bytes
 * Returns:  MG_OK and *ret (n_ret bytes and one zero behind them) for the caller to free(); MG_EINPUT when there is no
 *           such file, it is no regular file, empty or larger than n_most; MG_EIO when reading fails.
 */
mg_status mg_whole_file_read(const char *path, size_t n_most, unsigned char **ret, size_t *n_ret, mg_error *err);

/* mg_whole_file_check_folder()  MG_EINPUT when the folder of a file that is to be written is none, or not writable: said
 * before the work that the file is to hold, not after */
mg_status mg_whole_file_check_folder(const char *path, mg_error *err);

/* mg_whole_file_check_name()  may a file have this name? MG_EINPUT when something is there that is no regular file: a folder,
 * a device, a pipe, a symbolic link, also one to nowhere; or a regular file, and force is not given. */
mg_status mg_whole_file_check_name(const char *path, bool force, mg_error *err);

/* mg_whole_file_check()  both */
mg_status mg_whole_file_check(const char *path, bool force, mg_error *err);

/* mg_whole_file_begin()  make an empty file beside a new one, to write into: PATH.123abc.part, a name that nothing had, for the
 * caller to free(); mg_whole_file_end() afterwards in any case
 * Args:    force - a file PATH that is there may be replaced
 * Returns: MG_OK, MG_EIO, or MG_EINPUT as mg_whole_file_check_name(). */
mg_status mg_whole_file_begin(const char *path, bool force, char **ret_part, mg_error *err);

enum { MG_WHOLE_FILE_BESIDE = sizeof ".123abc.part" - 1 }; /* what its name has more than PATH */

/* mg_whole_file_open()  open PATH.123abc.part, emptied, to be written; MG_EIO */
mg_status mg_whole_file_open(const char *part, int *ret, mg_error *err);

/* mg_whole_file_end()  `status` MG_OK: sync PATH.123abc.part and rename it to PATH; else, or when that fails, remove it
 * Returns: status, MG_EIO with the system's reason, or MG_EINPUT when something has taken the name in the meantime */
mg_status mg_whole_file_end(const char *path, const char *part, bool force, mg_status status, mg_error *err);

/* mg_rename()  rename a file; what is at `to` is replaced only when it is a regular file and force is given
 * Returns: MG_OK, MG_EINPUT, MG_EIO */
mg_status mg_rename(const char *from, const char *to, bool force, mg_error *err);

/* mg_whole_file_write()  a new file with n bytes, by way of such a part: PATH is there whole, or as it was */
mg_status mg_whole_file_write(const char *path, const void *bytes, size_t n, bool force, mg_error *err);

/* mg_folder_make()  a folder that may be there already; MG_EIO with the system's reason */
mg_status mg_folder_make(const char *folder, mg_error *err);

/* mg_sha256()  SHA-256 of n bytes in memory, in hexadecimal (of a file: io/base/sha256.h) */
void mg_sha256(const void *bytes, size_t n, char text[MG_SHA256_TEXT]);

#endif
