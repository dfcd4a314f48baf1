/* whole_file.c  read all, write all under a fresh name, SHA-256 (libmd) */
#include "io/base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/core/memory.h"
#include "src/core/random.h"

static mg_status open_for_reading(const char *path, size_t n_most, int *ret, size_t *ret_size, mg_error *err)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe without writer must not hang us */
    if (fd < 0) return mg_fail(err, MG_EINPUT, "cannot open %s: %s", path, strerror(errno));
    mg_status status = MG_OK;
    if (fstat(fd, &info) != 0) {
        status = mg_fail(err, MG_EIO, "cannot look at %s: %s", path, strerror(errno));
    } else if (!S_ISREG(info.st_mode)) {
        status = mg_fail(err, MG_EINPUT, "%s is no regular file", path);
    } else if (info.st_size == 0) {
        status = mg_fail(err, MG_EINPUT, "%s is empty", path);
    } else if ((size_t)info.st_size > n_most) {
        status =
            mg_fail(err, MG_EINPUT, "%s has %lld bytes; at most %zu are read", path, (long long)info.st_size, n_most);
    }
    if (status != MG_OK) {
        close(fd);
        return status;
    }
    *ret = fd;
    *ret_size = (size_t)info.st_size;
    return MG_OK;
}

mg_status mg_whole_file_read(const char *path, size_t n_most, unsigned char **ret, size_t *n_ret, mg_error *err)
{
    int fd = -1;
    size_t n = 0, n_done = 0;
    unsigned char *bytes = NULL;
    mg_status status = open_for_reading(path, n_most, &fd, &n, err);
    if (status != MG_OK) return status;
    status = mg_alloc(&bytes, n + 1, 1, err);
    while (status == MG_OK && n_done < n) {
        ssize_t n_now = read(fd, bytes + n_done, n - n_done);
        if (n_now < 0 && errno == EINTR) continue;
        if (n_now < 0) status = mg_fail(err, MG_EIO, "cannot read %s: %s", path, strerror(errno));
        if (n_now == 0) status = mg_fail(err, MG_EIO, "%s became shorter while it was read", path);
        if (n_now > 0) n_done += (size_t)n_now;
    }
    close(fd);
    if (status != MG_OK) {
        free(bytes);
        return status;
    }
    *ret = bytes;
    *n_ret = n;
    return MG_OK;
}

mg_status mg_whole_file_open(const char *part, int *ret, mg_error *err)
{
    int fd = open(part, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return mg_fail(err, MG_EIO, "cannot write %s: %s", part, strerror(errno));
    *ret = fd;
    return MG_OK;
}

/* Closes the descriptor in any case. */
static mg_status write_all(const char *path, int fd, const unsigned char *bytes, size_t n, mg_error *err)
{
    mg_status status = MG_OK;
    while (status == MG_OK && n > 0) {
        ssize_t n_now = write(fd, bytes, n);
        if (n_now < 0 && errno == EINTR) continue;
        if (n_now < 0) {
            status = mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(errno));
        } else {
            bytes += n_now;
            n -= (size_t)n_now;
        }
    }
    if (close(fd) != 0 && status == MG_OK) status = mg_fail(err, MG_EIO, "cannot close %s: %s", path, strerror(errno));
    return status;
}

static mg_status sync_file(const char *path, mg_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    mg_status status = synced ? MG_OK : mg_fail(err, MG_EIO, "cannot write %s to the disk: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    return status;
}

mg_status mg_whole_file_check_folder(const char *path, mg_error *err)
{
    char *copy = NULL;
    struct stat info;
    mg_status status = mg_copy_text(&copy, path, err);
    if (status != MG_OK) return status;
    const char *folder = dirname(copy);
    if (stat(folder, &info) != 0)
        status = mg_fail(err, MG_EINPUT, "cannot write to folder %s: %s", folder, strerror(errno));
    else if (!S_ISDIR(info.st_mode))
        status = mg_fail(err, MG_EINPUT, "cannot write to %s: it is not a folder", folder);
    else if (access(folder, W_OK | X_OK) != 0)
        status = mg_fail(err, MG_EINPUT, "cannot write to folder %s: %s", folder, strerror(errno));
    free(copy);
    return status;
}

mg_status mg_whole_file_check_name(const char *path, bool force, mg_error *err)
{
    struct stat info;
    if (lstat(path, &info) != 0) return MG_OK;
    if (S_ISLNK(info.st_mode)) /* what it points to is not ours, and neither is the link */
        return mg_fail(err, MG_EINPUT, "%s is a symbolic link; give the name of the file itself", path);
    if (!S_ISREG(info.st_mode)) /* a device would be gone after the renaming */
        return mg_fail(err, MG_EINPUT, "%s is no regular file; choose another name", path);
    if (force) return MG_OK;
    return mg_fail(err, MG_EINPUT, "%s is there already; give --force to replace it", path);
}

/* A number that no other process has drawn for the same name; O_EXCL sees to it when one has. */
static uint64_t draw(const char *path, uint64_t k)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return mg_mix(mg_mix(mg_hash_bytes((uint64_t)getpid(), path, strlen(path)), (uint64_t)now.tv_nsec), k);
}

/* Make an empty file PATH.123abc.part that was not there before. */
static mg_status make_part(const char *path, char *part, size_t room, mg_error *err)
{
    enum { N_TRIES = 100, DIGITS = 0xffffff };
    for (uint64_t k = 0; k < N_TRIES; k++) {
        snprintf(part, room, "%s.%06x.part", path, (unsigned)(draw(path, k) & DIGITS));
        int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd >= 0 && close(fd) == 0) return MG_OK;
        if (errno != EEXIST) return mg_fail(err, MG_EIO, "cannot create %s: %s", part, strerror(errno));
    }
    return mg_fail(err, MG_EIO, "cannot create a file beside %s: all its names are taken", path);
}

mg_status mg_whole_file_begin(const char *path, bool force, char **ret_part, mg_error *err)
{
    char *part = NULL;
    size_t room = strlen(path) + MG_WHOLE_FILE_BESIDE + 1;
    mg_status status = mg_whole_file_check_name(path, force, err);
    if (status == MG_OK) status = mg_alloc(&part, room, 1, err);
    if (status == MG_OK) status = make_part(path, part, room, err);
    if (status == MG_OK)
        *ret_part = part;
    else
        free(part);
    return status;
}

mg_status mg_whole_file_check(const char *path, bool force, mg_error *err)
{
    mg_status status = mg_whole_file_check_folder(path, err);
    return status == MG_OK ? mg_whole_file_check_name(path, force, err) : status;
}

mg_status mg_rename(const char *from, const char *to, bool force, mg_error *err)
{
    mg_status status = mg_whole_file_check_name(to, force, err); /* what has come there in the meantime */
    if (status != MG_OK) return status;
    int result = renameat2(AT_FDCWD, from, AT_FDCWD, to, force ? 0 : RENAME_NOREPLACE);
    if (result != 0 && !force && (errno == EINVAL || errno == ENOSYS))
        result = rename(from, to); /* not every one can */
    if (result == 0) return MG_OK;
    return mg_fail(err, MG_EIO, "cannot rename %s to %s: %s", from, to, strerror(errno));
}

mg_status mg_whole_file_end(const char *path, const char *part, bool force, mg_status status, mg_error *err)
{
    if (status == MG_OK) status = sync_file(part, err);
    if (status == MG_OK) status = mg_rename(part, path, force, err);
    if (status != MG_OK) unlink(part);
    return status;
}

mg_status mg_whole_file_write(const char *path, const void *bytes, size_t n, bool force, mg_error *err)
{
    char *part = NULL;
    int fd = -1;
    mg_status status = mg_whole_file_begin(path, force, &part, err);
    if (part == NULL) return status;
    status = mg_whole_file_open(part, &fd, err);
    if (status == MG_OK) status = write_all(part, fd, bytes, n, err);
    status = mg_whole_file_end(path, part, force, status, err);
    free(part);
    return status;
}

void mg_sha256(const void *bytes, size_t n, char text[MG_SHA256_TEXT])
{
    SHA256Data(bytes, n, text);
}

mg_status mg_folder_make(const char *folder, mg_error *err)
{
    struct stat info;
    if (mkdir(folder, 0777) == 0) return MG_OK;
    if (errno == EEXIST && stat(folder, &info) == 0 && S_ISDIR(info.st_mode)) return MG_OK;
    return mg_fail(err, MG_EIO, "cannot create folder %s: %s", folder, strerror(errno));
}
