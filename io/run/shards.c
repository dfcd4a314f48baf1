/* shards.c  the folders of shards that stay */
#include "io/run/shards.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/run/parts.h"
#include "src/core/memory.h"

void mg_shards_name(const char *id, char name[MG_SHARDS_NAME])
{
    snprintf(name, MG_SHARDS_NAME, "%.16s", id);
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool is_folder(int folder, const char *name)
{
    struct stat info;
    return fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

/* A folder that was named by mg_shards_name(). */
static bool is_run(int folder, const char *name)
{
    return strlen(name) == MG_SHARDS_NAME - 1 && name[strspn(name, "0123456789abcdef")] == '\0' &&
           is_folder(folder, name);
}

static mg_status open_folder(const char *path, DIR **ret, mg_error *err)
{
    struct stat info;
    *ret = NULL;
    if (lstat(path, &info) != 0 && errno == ENOENT) return MG_OK;
    if (!S_ISDIR(info.st_mode))
        return mg_fail(err, MG_EINPUT, "%s is in the way: it is needed as a folder for shards", path);
    *ret = opendir(path);
    return *ret != NULL ? MG_OK : mg_fail(err, MG_EIO, "cannot open folder %s: %s", path, strerror(errno));
}

mg_status mg_shards_check(const char *shards, mg_error *err)
{
    DIR *dir = NULL;
    mg_status status = open_folder(shards, &dir, err);
    if (status != MG_OK || dir == NULL) return status;
    for (struct dirent *entry; status == MG_OK && (entry = readdir(dir)) != NULL;)
        if (!is_dot(entry->d_name) && !mg_parts_is_ours(entry->d_name) && !is_run(dirfd(dir), entry->d_name))
            status = mg_fail(err, MG_EINPUT,
                             "%s/%s was not made by mutagree; that folder is needed for shards: move it away or choose "
                             "another --out",
                             shards, entry->d_name);
    closedir(dir);
    return status;
}

static mg_status make_folder(const char *path, mg_error *err)
{
    struct stat info;
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && lstat(path, &info) == 0 && S_ISDIR(info.st_mode))) return MG_OK;
    return mg_fail(err, MG_EIO, "cannot create folder %s: %s", path, strerror(errno));
}

mg_status mg_shards_make(const char *shards, const char *name, mg_error *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", shards, name) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = make_folder(shards, err);
    if (status == MG_OK) status = make_folder(path, err);
    free(path);
    return status;
}

mg_status mg_shards_move(const char *from, const char *to, mg_error *err)
{
    DIR *source = NULL, *target = NULL;
    mg_status status = open_folder(from, &source, err);
    if (status == MG_OK && source != NULL) status = open_folder(to, &target, err);
    if (source == NULL || target == NULL) goto cleanup;
    for (struct dirent *entry; status == MG_OK && (entry = readdir(source)) != NULL;)
        if (mg_parts_is_shard(entry->d_name)) {
            status = mg_parts_check_plain(dirfd(source), from, entry->d_name, err);
            if (status == MG_OK && renameat(dirfd(source), entry->d_name, dirfd(target), entry->d_name) != 0)
                status = mg_fail(err, MG_EIO, "cannot move %s/%s to %s: %s", from, entry->d_name, to, strerror(errno));
        }
cleanup:
    if (source != NULL) closedir(source);
    if (target != NULL) closedir(target);
    return status;
}

/* What is ours; files of others, and folders that hold some, stay. */
static mg_status remove_entry(int folder, const char *shards, const char *name, mg_error *err)
{
    char *path = NULL;
    if (mg_parts_is_ours(name) && !is_folder(folder, name)) { /* mutagree 0.1 kept shards here */
        if (unlinkat(folder, name, 0) == 0 || errno == ENOENT) return MG_OK;
        return mg_fail(err, MG_EIO, "cannot remove %s/%s: %s", shards, name, strerror(errno));
    }
    if (!is_run(folder, name)) return MG_OK;
    if (asprintf(&path, "%s/%s", shards, name) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = mg_parts_remove(path, NULL, err);
    free(path);
    return status;
}

mg_status mg_shards_clear(const char *shards, const char *keep, mg_error *err)
{
    DIR *dir = NULL;
    mg_status status = open_folder(shards, &dir, err);
    if (status != MG_OK || dir == NULL) return status;
    for (struct dirent *entry; status == MG_OK && (entry = readdir(dir)) != NULL;)
        if (!is_dot(entry->d_name) && (keep == NULL || strcmp(entry->d_name, keep) != 0))
            status = remove_entry(dirfd(dir), shards, entry->d_name, err);
    closedir(dir);
    rmdir(shards); /* fails while it holds something, as it should */
    return status;
}
