/* parts.c  the folder of finished shards */
#include "io/run/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "io/base/whole_file.h"
#include "src/core/memory.h"
#include "src/core/random.h"
#include "src/core/stop.h"

static const char plan_name[] = "plan.json", lock_name[] = "lock", temporary[] = ".tmp";
enum {
    UNIQUE = 17,   /* ".0123456789abcdef" */
    PATIENCE = 100 /* tenths of a second */
};

/* --- files --- */

static mg_status join(const char *folder, const char *name, const char *after, char **ret, mg_error *err)
{
    if (asprintf(ret, "%s/%s%s", folder, name, after) >= 0) return MG_OK;
    *ret = NULL;
    return mg_fail(err, MG_EMEM, "out of memory");
}

/* Not every file system can sync a folder (EINVAL): then there is nothing more to be done. */
static mg_status sync_path(const char *path, int flags, mg_error *err)
{
    int file = open(path, flags | O_CLOEXEC);
    if (file < 0) return mg_fail(err, MG_EIO, "cannot open %s: %s", path, strerror(errno));
    mg_status status = MG_OK;
    if (fsync(file) != 0 && errno != EINVAL)
        status = mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(errno));
    close(file);
    return status;
}

static mg_status sync_folder_of(const char *path, mg_error *err)
{
    char *copy = NULL;
    mg_status status = mg_copy_text(&copy, path, err);
    if (status == MG_OK) status = sync_path(dirname(copy), O_RDONLY | O_DIRECTORY, err);
    free(copy);
    return status;
}

mg_status mg_sync_rename(const char *from, const char *to, bool force, mg_error *err)
{
    mg_status status = sync_path(from, O_WRONLY | O_NOFOLLOW, err);
    if (status == MG_OK) status = mg_rename(from, to, force, err);
    return status == MG_OK ? sync_folder_of(to, err) : status;
}

static bool write_all(int file, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t written = write(file, bytes, n);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes += written;
        n -= (size_t)written;
    }
    return true;
}

/* The sentence is about `path`, the name that the file was to get. */
static mg_status write_file(const char *temporary_path, const char *path, const void *bytes, size_t n, mg_error *err)
{
    int file = open(temporary_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) return mg_fail(err, MG_EIO, "cannot create %s: %s", path, strerror(errno));
    mg_status status = MG_OK;
    if (!write_all(file, bytes, n)) status = mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(errno));
    if (close(file) != 0 && status == MG_OK)
        status = mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(errno));
    return status;
}

/* A temporary name that no other process has: a rank of a killed run may still be writing while the next one begins. */
static mg_status make_temporary_path(const char *folder, const char *name, char **ret, mg_error *err)
{
    struct {
        char node[64];
        pid_t process;
        struct timespec now;
    } me;
    memset(&me, 0, sizeof me);
    gethostname(me.node, sizeof me.node - 1);
    me.process = getpid();
    clock_gettime(CLOCK_REALTIME, &me.now);
    char after[UNIQUE + sizeof temporary];
    snprintf(after, sizeof after, ".%016" PRIx64 "%s", mg_hash_bytes(0, &me, sizeof me), temporary);
    return join(folder, name, after, ret, err);
}

mg_status mg_parts_write(const char *folder, const char *name, const void *bytes, size_t n, mg_error *err)
{
    char *path = NULL, *temporary_path = NULL;
    mg_status status = join(folder, name, "", &path, err);
    if (status == MG_OK) status = make_temporary_path(folder, name, &temporary_path, err);
    if (status == MG_OK) status = write_file(temporary_path, path, bytes, n, err);
    if (status == MG_OK) status = mg_sync_rename(temporary_path, path, true, err);
    if (status != MG_OK && temporary_path != NULL) unlink(temporary_path);
    free(temporary_path);
    free(path);
    return status;
}

/* --- the folder --- */

mg_status mg_parts_folder(const char *out, char **ret, mg_error *err)
{
    if (asprintf(ret, "%s.parts", out) >= 0) return MG_OK;
    *ret = NULL;
    return mg_fail(err, MG_EMEM, "out of memory");
}

void mg_parts_shard_name(int64_t id, char name[MG_PARTS_NAME])
{
    snprintf(name, MG_PARTS_NAME, "shard-%08lld.h5", (long long)id);
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* How many letters at the end of a name say that it is a temporary one: ".tmp", ".0123456789abcdef.tmp", as
 * make_temporary_path() makes them, or ".123abc.part" (io/base/whole_file.h). */
static size_t temporary_length(const char *name)
{
    static const char hex[] = "0123456789abcdef", part[] = ".part";
    size_t n = strlen(name), n_temporary = sizeof temporary - 1, n_part = sizeof part - 1;
    size_t n_drawn = MG_WHOLE_FILE_BESIDE - n_part; /* ".123abc" */
    if (n > MG_WHOLE_FILE_BESIDE && strcmp(name + n - n_part, part) == 0 && name[n - MG_WHOLE_FILE_BESIDE] == '.' &&
        strspn(name + n - MG_WHOLE_FILE_BESIDE + 1, hex) == n_drawn - 1)
        return MG_WHOLE_FILE_BESIDE;
    if (n <= n_temporary || strcmp(name + n - n_temporary, temporary) != 0) return 0;
    n -= n_temporary;
    bool drawn = n > UNIQUE && name[n - UNIQUE] == '.' && strspn(name + n - UNIQUE + 1, hex) >= UNIQUE - 1;
    return n_temporary + (drawn ? UNIQUE : 0);
}

static bool is_temporary(const char *name)
{
    return temporary_length(name) > 0;
}

/* The length of a name without what makes it temporary. */
static size_t bare_length(const char *name)
{
    return strlen(name) - temporary_length(name);
}

/* OUT while it is written, and what MPI-IO keeps beside it: result.h5.data.3 */
static bool is_result(const char *name)
{
    static const char *const after[] = {"", ".data.", ".metadata."};
    size_t n = sizeof MG_PARTS_RESULT - 1;
    if (strncmp(name, MG_PARTS_RESULT, n) != 0) return false;
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        if (strncmp(name + n, after[i], strlen(after[i])) == 0 &&
            name[n + strlen(after[i]) + strspn(name + n + strlen(after[i]), "0123456789.")] == '\0')
            return true;
    return false;
}

static bool is_word(const char *name, size_t n, const char *word)
{
    return n == strlen(word) && strncmp(name, word, n) == 0;
}

/* shard-<digits>.h5 in the first n letters */
static bool names_shard(const char *name, size_t n)
{
    static const char shard[] = "shard-", h5[] = ".h5";
    if (strncmp(name, shard, sizeof shard - 1) != 0) return false;
    const char *digits = name + sizeof shard - 1;
    size_t n_digits = strspn(digits, "0123456789");
    return n_digits > 0 && n == sizeof shard - 1 + n_digits + sizeof h5 - 1 &&
           strncmp(digits + n_digits, h5, sizeof h5 - 1) == 0;
}

bool mg_parts_is_shard(const char *name)
{
    return names_shard(name, strlen(name));
}

bool mg_parts_is_ours(const char *name)
{
    size_t n = bare_length(name);
    return is_word(name, n, plan_name) || is_word(name, n, MG_PARTS_STATUS) || is_word(name, n, MG_PARTS_PLACING) ||
           strcmp(name, lock_name) == 0 || is_result(name) || names_shard(name, n);
}

/* What is done with the files of a folder that are ours. */
typedef enum { KEEP_ALL, REMOVE_TEMPORARY, REMOVE_WORK, REMOVE_ALL } sweep;

static bool goes(const char *name, sweep how)
{
    if (how == REMOVE_TEMPORARY) return is_temporary(name) || is_result(name);
    return how == REMOVE_ALL || (how == REMOVE_WORK && strcmp(name, lock_name) != 0);
}

/* A link would be followed to somebody else's file, and a folder stays in the way of the file that is to come. What else has
 * the name of a shard and is none is worked on again. */
mg_status mg_parts_check_plain(int dir, const char *folder, const char *name, mg_error *err)
{
    struct stat info;
    if (fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return MG_OK;
    if (!S_ISLNK(info.st_mode) && !S_ISDIR(info.st_mode)) return MG_OK;
    return mg_fail(err, MG_EINPUT, "%s/%s is a %s where work in progress is a file; remove it, or choose another --out",
                   folder, name, S_ISDIR(info.st_mode) ? "folder" : "symbolic link");
}

/* Visit the names in the folder: the first that is not ours, or a link or a folder, is an error. */
static mg_status walk(const char *folder, DIR *dir, sweep how, mg_error *err)
{
    errno = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL; errno = 0) {
        const char *name = entry->d_name;
        if (is_dot(name)) continue;
        if (!mg_parts_is_ours(name))
            return mg_fail(
                err, MG_EINPUT,
                "%s/%s was not made by mutagree; that folder is needed for work in progress: move it away or "
                "choose another --out",
                folder, name);
        mg_status status = mg_parts_check_plain(dirfd(dir), folder, name, err);
        if (status != MG_OK) return status;
        if (goes(name, how) && unlinkat(dirfd(dir), name, 0) != 0 && errno != ENOENT)
            return mg_fail(err, MG_EIO, "cannot remove %s/%s: %s", folder, name, strerror(errno));
    }
    if (errno != 0) return mg_fail(err, MG_EIO, "cannot read folder %s: %s", folder, strerror(errno));
    return MG_OK;
}

/* MG_OK and *ret NULL when there is no such folder. */
static mg_status open_folder(const char *folder, DIR **ret, mg_error *err)
{
    struct stat info;
    if (lstat(folder, &info) == 0 && S_ISLNK(info.st_mode)) /* it would stay, and point to nowhere */
        return mg_fail(err, MG_EINPUT, "%s is a symbolic link; it is needed as a folder for work in progress", folder);
    *ret = opendir(folder);
    if (*ret != NULL || errno == ENOENT) return MG_OK;
    if (errno == ENOTDIR)
        return mg_fail(err, MG_EINPUT, "%s is in the way: it is needed as a folder for work in progress", folder);
    return mg_fail(err, MG_EIO, "cannot open folder %s: %s", folder, strerror(errno));
}

static mg_status check_or_empty(const char *folder, sweep how, mg_error *err)
{
    DIR *dir = NULL;
    mg_status status = open_folder(folder, &dir, err);
    if (status != MG_OK || dir == NULL) return status;
    status = walk(folder, dir, how, err);
    closedir(dir);
    return status;
}

/* The ranks of a run whose mpirun was killed notice it after a second or two. */
static mg_status wait_until_free(const char *folder, mg_error *err)
{
    char *path = NULL;
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    mg_status status = join(folder, lock_name, "", &path, err);
    if (status != MG_OK) return status;
    for (int i = 0; (status = mg_lock_look(path, folder, err)) == MG_EINPUT && i < PATIENCE; i++) {
        if ((status = mg_stop_check(err)) != MG_OK) break;
        nanosleep(&pause, NULL);
    }
    free(path);
    return status;
}

mg_status mg_parts_check(const char *folder, mg_error *err)
{
    mg_status status = check_or_empty(folder, KEEP_ALL, err);
    return status == MG_OK ? wait_until_free(folder, err) : status;
}

bool mg_parts_has(const char *folder, const char *name)
{
    char *path = NULL;
    bool has = join(folder, name, "", &path, NULL) == MG_OK && access(path, R_OK) == 0;
    free(path);
    return has;
}

/* --- the plan --- */

/* A plan's value as people read it; a digest is cut short. */
static void show_value(const json_t *value, char *text, size_t n)
{
    if (json_is_string(value))
        snprintf(text, n, "%.40s%s", json_string_value(value), json_string_length(value) > 40 ? "..." : "");
    else if (json_is_integer(value))
        snprintf(text, n, "%lld", (long long)json_integer_value(value));
    else
        snprintf(text, n, "nothing");
}

/* The first of the plan's words that another plan does not share, as an error. */
static mg_status compare_plans(const char *folder, json_t *plan, const json_t *other, mg_error *err)
{
    const char *key;
    json_t *now;
    json_object_foreach(plan, key, now)
    {
        const json_t *before = json_object_get(other, key);
        char text[2][64];
        if (json_equal(now, before)) continue;
        show_value(before, text[0], sizeof text[0]);
        show_value(now, text[1], sizeof text[1]);
        return mg_fail(
            err, MG_EINPUT,
            "%s holds the work of an interrupted run with another %s (%s, now %s); give what it was begun with to go "
            "on, or --force to start anew",
            folder, key, text[0], text[1]);
    }
    return MG_OK;
}

/* MG_OK with *same: there is a plan and it is this one. */
static mg_status check_plan(const char *folder, const char *plan, bool *same, mg_error *err)
{
    char *path = NULL;
    json_error_t where;
    json_t *now = json_loads(plan, 0, &where), *before = NULL;
    mg_status status =
        now != NULL ? join(folder, plan_name, "", &path, err) : mg_fail(err, MG_EBUG, "a plan is no JSON");
    if (status == MG_OK) before = json_load_file(path, 0, &where);
    *same = before != NULL; /* none: what lies there was never begun, or is damaged */
    if (before != NULL) status = compare_plans(folder, now, before, err);
    json_decref(now);
    json_decref(before);
    free(path);
    return status;
}

static mg_status make_folder(const char *folder, mg_error *err)
{
    if (mkdir(folder, 0777) == 0 || errno == EEXIST) return MG_OK;
    return mg_fail(err, MG_EIO, "cannot create folder %s: %s", folder, strerror(errno));
}

mg_status mg_parts_lock(const char *folder, mg_lock **ret, mg_error *err)
{
    enum { N_TRIES = 5 }; /* whoever has ended may remove the folder that we have just found */
    char *path = NULL;
    mg_status status = join(folder, lock_name, "", &path, err);
    for (int i = 0; status == MG_OK && i < N_TRIES; i++) {
        status = make_folder(folder, err);
        if (status == MG_OK) status = mg_lock_take(path, folder, ret, err);
        if (status != MG_EIO || access(folder, F_OK) == 0 || i + 1 == N_TRIES) break;
        status = MG_OK;
    }
    free(path);
    return status;
}

mg_status mg_parts_write_plan(const char *folder, const char *plan, mg_error *err)
{
    return mg_parts_write(folder, plan_name, plan, strlen(plan), err);
}

mg_status mg_parts_begin(const char *folder, const char *plan, bool anew, mg_error *err)
{
    bool same = false;
    mg_status status = check_plan(folder, plan, &same, err);
    if (status == MG_OK && same) return check_or_empty(folder, REMOVE_TEMPORARY, err);
    if (status == MG_EINPUT && anew) status = MG_OK;
    if (status == MG_OK) status = check_or_empty(folder, REMOVE_WORK, err);
    if (status == MG_OK) status = make_folder(folder, err);
    if (status != MG_OK) return status;
    return mg_parts_write_plan(folder, plan, err);
}

mg_status mg_parts_is_seen(const char *folder, mg_error *err)
{
    char *path = NULL;
    mg_status status = join(folder, plan_name, "", &path, err);
    if (status == MG_OK && access(path, R_OK | W_OK) != 0)
        status =
            mg_fail(err, MG_EIO,
                    "cannot see %s, which rank 0 has written: %s; --out must be on a file system that all nodes share",
                    path, strerror(errno));
    free(path);
    return status;
}

static mg_status remove_file(const char *folder, const char *name, mg_error *err)
{
    char *path = NULL;
    mg_status status = join(folder, name, "", &path, err);
    if (status == MG_OK && unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR)
        status = mg_fail(err, MG_EIO, "cannot remove %s: %s", path, strerror(errno));
    free(path);
    return status;
}

/* The words come first: shards without them are nobody's, when this is cut short. */
mg_status mg_parts_drop(const char *folder, const char *name, mg_error *err)
{
    char *path = NULL;
    mg_status status = join(folder, name, "", &path, err);
    if (status == MG_OK && unlink(path) != 0 && errno != ENOENT)
        status = mg_fail(err, MG_EIO, "cannot remove %s: %s", path, strerror(errno));
    free(path);
    return status;
}

mg_status mg_parts_remove(const char *folder, mg_lock **lock, mg_error *err)
{
    mg_status status = check_or_empty(folder, KEEP_ALL, err);
    if (status == MG_OK) status = remove_file(folder, plan_name, err);
    if (status == MG_OK) status = remove_file(folder, MG_PARTS_PLACING, err);
    if (status == MG_OK) status = check_or_empty(folder, lock != NULL ? REMOVE_WORK : REMOVE_ALL, err);
    if (lock != NULL) {
        mg_lock_release(*lock);
        *lock = NULL;
    }
    /* Another run may have taken the folder as soon as we let go. */
    if (status == MG_OK && rmdir(folder) != 0 && errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST)
        status = mg_fail(err, MG_EIO, "cannot remove folder %s: %s", folder, strerror(errno));
    return status;
}
