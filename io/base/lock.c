/* lock.c  an fcntl() lock of the open file description, and the words in the file */
#include "io/base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/core/log.h"
#include "src/core/memory.h"

struct mg_lock {
    int file;
    char *path;
};

enum { NODE = 256, SINCE = 32, WORDS = 512, N_TRIES = 5 };

/* Who holds a lock, as it stands in the file. A process is known by its number and by when it began, because numbers
 * come again. */
typedef struct {
    char node[NODE], since[SINCE];
    int64_t process;
    uint64_t began; /* clock ticks after the machine's start, 0: not known */
} holder;

/* --- who --- */

/* The 22nd field of /proc/PROCESS/stat; the second is a name in brackets, which may hold anything. 0: no such process,
 * or a system without /proc. */
static uint64_t beginning_of(int64_t process)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", process);
    FILE *file = fopen(path, "re");
    if (file == NULL) return 0;
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    const char *at = strrchr(text, ')');
    for (int field = 2; field < 22 && at != NULL; field++)
        at = strchr(at + 1, ' ');
    return at != NULL ? strtoull(at + 1, NULL, 10) : 0;
}

static holder myself(void)
{
    holder me = {.process = getpid(), .began = beginning_of(getpid())};
    time_t now = time(NULL);
    struct tm utc;
    if (gethostname(me.node, sizeof me.node - 1) != 0) snprintf(me.node, sizeof me.node, "unknown");
    if (gmtime_r(&now, &utc) != NULL) strftime(me.since, sizeof me.since, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return me;
}

/* "process 123 on node n03 since 2026-11-23T03:40:12Z began 4567\n"; what is damaged is nobody. */
static bool read_holder(int file, holder *ret)
{
    char words[WORDS];
    ssize_t n = pread(file, words, sizeof words - 1, 0);
    *ret = (holder){0};
    if (n <= 0) return false;
    words[n] = '\0';
    return sscanf(words, "process %" SCNd64 " on node %255s since %31s began %" SCNu64, &ret->process, ret->node,
                  ret->since, &ret->began) == 4;
}

static mg_status write_holder(const mg_lock *lock, mg_error *err)
{
    char words[WORDS];
    holder me = myself();
    int n = snprintf(words, sizeof words, "process %" PRId64 " on node %s since %s began %" PRIu64 "\n", me.process,
                     me.node, me.since, me.began);
    if (ftruncate(lock->file, 0) != 0 || pwrite(lock->file, words, (size_t)n, 0) != n)
        return mg_fail(err, MG_EIO, "cannot write %s: %s", lock->path, strerror(errno));
    return MG_OK;
}

static bool is_alive(const holder *who)
{
    if (kill((pid_t)who->process, 0) != 0 && errno == ESRCH) return false;
    return who->began == 0 || beginning_of(who->process) == who->began;
}

/* --- the lock --- */

typedef enum { FREE, HELD, NO_LOCKS, FAILED } outcome;

static outcome judge(int result)
{
    if (result == 0) return FREE;
    if (errno == EAGAIN || errno == EACCES) return HELD;
    return errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP || errno == EINVAL ? NO_LOCKS : FAILED;
}

static outcome try_lock(int file)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return judge(fcntl(file, F_OFD_SETLK, &whole));
}

static outcome ask(int file)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    outcome how = judge(fcntl(file, F_OFD_GETLK, &whole));
    return how == FREE && whole.l_type != F_UNLCK ? HELD : how;
}

static mg_status is_held(const char *what, const holder *who, mg_error *err)
{
    char known[NODE + 128] = "";
    if (who->process > 0)
        snprintf(known, sizeof known, " (process %" PRId64 " on node %s, since %s)", who->process, who->node,
                 who->since);
    return mg_fail(err, MG_EINPUT,
                   "%s belongs to a run that is still alive%s; wait for its end, or choose another --out", what, known);
}

/* What an answer means, with what stands in the file. */
static mg_status decide(outcome how, int file, const char *path, const char *what, bool warns, mg_error *err)
{
    holder who, me = myself();
    bool known = read_holder(file, &who);
    if (how == FREE) return MG_OK;
    if (how == HELD) return is_held(what, &who, err);
    if (how == FAILED) return mg_fail(err, MG_EIO, "cannot lock %s: %s", path, strerror(errno));
    if (!known || (who.process == me.process && who.began == me.began)) return MG_OK;
    if (strcmp(who.node, me.node) != 0) {
        if (warns)
            mg_warn("%s cannot be locked, and process %" PRId64 " on node %s may still be working with it", path,
                    who.process, who.node);
        return MG_OK;
    }
    return is_alive(&who) ? is_held(what, &who, err) : MG_OK;
}

/* A holder removes the file when it lets go: what was opened and locked may have no name any more. */
static bool has_its_name(int file, const char *path)
{
    struct stat opened, named;
    return fstat(file, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* Open and lock; *ret_file -1 with MG_OK: it was removed in between. */
static mg_status open_locked(const char *path, const char *what, int *ret_file, mg_error *err)
{
    *ret_file = -1;
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) return mg_fail(err, MG_EIO, "cannot create %s: %s", path, strerror(errno));
    mg_status status = decide(try_lock(file), file, path, what, true, err);
    if (status == MG_OK && has_its_name(file, path))
        *ret_file = file;
    else
        close(file);
    return status;
}

mg_status mg_lock_take(const char *path, const char *what, mg_lock **ret, mg_error *err)
{
    mg_lock *lock = NULL;
    mg_status status = mg_alloc(&lock, 1, sizeof *lock, err);
    if (status != MG_OK) return status;
    lock->file = -1;
    status = mg_copy_text(&lock->path, path, err);
    for (int i = 0; status == MG_OK && lock->file < 0; i++)
        status = i < N_TRIES ? open_locked(path, what, &lock->file, err)
                             : mg_fail(err, MG_EIO, "cannot lock %s: it comes and goes", path);
    if (status == MG_OK) status = write_holder(lock, err);
    if (status == MG_OK) {
        *ret = lock;
        return MG_OK;
    }
    if (lock->file >= 0) close(lock->file);
    free(lock->path);
    free(lock);
    return status;
}

mg_status mg_lock_look(const char *path, const char *what, mg_error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return MG_OK; /* not there, or mg_lock_take() will say what is wrong with it */
    mg_status status = decide(ask(file), file, path, what, false, err);
    close(file);
    return status;
}

/* The name goes first: who locks the file after that sees that it has none. */
void mg_lock_release(mg_lock *lock)
{
    if (lock == NULL) return;
    unlink(lock->path);
    close(lock->file);
    free(lock->path);
    free(lock);
}
