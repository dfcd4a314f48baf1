/* held_file.c  who it is by device, number, size and time of the last change */
#include "io/base/held_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void mg_held_file_open(const char *path, mg_held_file *ret)
{
    struct stat info;
    *ret = (mg_held_file){.path = path, .file = -1};
    if (strcmp(path, "-") == 0 || stat(path, &info) != 0 || !S_ISREG(info.st_mode)) return;
    ret->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (ret->file < 0 || fstat(ret->file, &info) != 0) {
        mg_held_file_close(ret);
        return;
    }
    ret->device = info.st_dev;
    ret->number = info.st_ino;
    ret->size = info.st_size;
    ret->changed = info.st_mtim;
}

void mg_held_file_close(mg_held_file *held)
{
    if (held->file >= 0) close(held->file);
    held->file = -1;
}

static bool is_same(const mg_held_file *held, const struct stat *now)
{
    return now->st_dev == held->device && now->st_ino == held->number && now->st_size == held->size &&
           now->st_mtim.tv_sec == held->changed.tv_sec && now->st_mtim.tv_nsec == held->changed.tv_nsec;
}

static mg_status was_changed(const mg_held_file *held, mg_error *err)
{
    return mg_fail(err, MG_EINPUT, "%s was replaced or changed while it was read; give the command again", held->path);
}

mg_status mg_held_file_sum(const mg_held_file *held, char text[MG_SHA256_TEXT], mg_error *err)
{
    struct stat now;
    snprintf(text, MG_SHA256_TEXT, "(a pipe)");
    if (held->file < 0) return MG_OK;
    if (stat(held->path, &now) != 0 || !is_same(held, &now)) return was_changed(held, err);
    mg_status status = mg_sha256_descriptor(held->file, held->path, text, err);
    if (status != MG_OK) return status;
    if (fstat(held->file, &now) == 0 && is_same(held, &now)) return MG_OK;
    return was_changed(held, err);
}
