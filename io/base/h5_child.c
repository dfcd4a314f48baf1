/* h5_child.c  the parent: starts the child, takes what it writes, ends it when it takes too long */
#include "io/base/h5_child.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/base/h5_child_stream.h"
#include "src/core/log.h"
#include "src/core/memory.h"

enum { PIECE = 1 << 20, NUMBER = 32 };

static const char mark[] = "MUTAGREE_READS_HDF5"; /* in the environment of the child */

static mg_h5_limits with_defaults(const mg_h5_limits *given)
{
    mg_h5_limits limits = given != NULL ? *given : (mg_h5_limits){0};
    if (limits.seconds <= 0) limits.seconds = 60;
    if (limits.memory_bytes == 0) limits.memory_bytes = (size_t)4 << 30;
    if (limits.value_bytes == 0) limits.value_bytes = (size_t)1 << 30;
    if (limits.total_bytes == 0) limits.total_bytes = (size_t)8 << 30;
    return limits;
}

/* --- the child --- */

/* Standard input is the file, standard output the pipe, and what libraries say goes nowhere. */
static int set_files(posix_spawn_file_actions_t *files, int file, int pipe_in)
{
    int result = posix_spawn_file_actions_adddup2(files, file, STDIN_FILENO);
    if (result == 0) result = posix_spawn_file_actions_adddup2(files, pipe_in, STDOUT_FILENO);
    return result != 0 ? result : posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
}

/* A group of its own: a signal of the terminal is for the parent, which knows what to do with it. */
static int set_signals(posix_spawnattr_t *how)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int result = posix_spawnattr_setsigmask(how, &none);
    if (result == 0) result = posix_spawnattr_setsigdefault(how, &all);
    if (result == 0) result = posix_spawnattr_setpgroup(how, 0);
    if (result != 0) return result;
    return posix_spawnattr_setflags(how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

/* The parent's environment and the mark, for the caller to free(). */
static char **environment_of_child(void)
{
    static char marked[] = "MUTAGREE_READS_HDF5=1";
    size_t n = 0;
    while (environ[n] != NULL)
        n++;
    char **all = calloc(n + 2, sizeof *all);
    if (all == NULL) return NULL;
    memcpy(all, environ, n * sizeof *all);
    all[n] = marked;
    return all;
}

static int spawn(int file, int pipe_in, const mg_h5_limits *limits, pid_t *ret)
{
    char name[] = "mutagree", word[] = MG_H5_CHILD_WORD, seconds[NUMBER], memory[NUMBER], values[NUMBER];
    char *words[] = {name, word, seconds, memory, values, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    snprintf(seconds, sizeof seconds, "%.0f", ceil(limits->seconds) + 1); /* when the parent does not end it */
    snprintf(memory, sizeof memory, "%zu", limits->memory_bytes);
    snprintf(values, sizeof values, "%zu", limits->value_bytes);
    char **environment = environment_of_child();
    int result = environment != NULL ? posix_spawn_file_actions_init(&files) : ENOMEM;
    if (result != 0) {
        free(environment);
        return result;
    }
    if ((result = posix_spawnattr_init(&how)) == 0) {
        result = set_files(&files, file, pipe_in);
        if (result == 0) result = set_signals(&how);
        if (result == 0) result = posix_spawn(ret, "/proc/self/exe", &files, &how, words, environment);
        posix_spawnattr_destroy(&how);
    }
    posix_spawn_file_actions_destroy(&files);
    free(environment);
    return result;
}

/* How it ended, 0 when somebody else has waited for it. */
static int wait_for(pid_t child)
{
    int how = 0;
    while (waitpid(child, &how, 0) < 0)
        if (errno != EINTR) return 0;
    return how;
}

/* --- what it writes --- */

typedef struct {
    unsigned char *bytes; /* (room) */
    size_t n, room;
} buffer;

/* MG_OK when the child has closed the pipe. */
static mg_status collect(int out, const mg_h5_limits *limits, buffer *in, mg_error *err)
{
    double deadline = mg_clock() + limits->seconds;
    for (;;) {
        double left = deadline - mg_clock();
        struct pollfd pipe_out = {.fd = out, .events = POLLIN};
        if (left <= 0 || in->n > limits->total_bytes)
            return mg_fail(err, MG_EINPUT,
                           "reading it takes more than %.0f %s, which no sound file does; it is damaged",
                           left <= 0 ? limits->seconds : (double)limits->total_bytes / 1e6, left <= 0 ? "s" : "MB");
        int ready = poll(&pipe_out, 1, left < 3600 ? (int)(left * 1000) + 1 : 3600 * 1000);
        if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
        mg_status status = mg_grow(&in->bytes, &in->room, in->n + PIECE, 1, err);
        if (status != MG_OK) return status;
        ssize_t n_now = read(out, in->bytes + in->n, PIECE);
        if (n_now == 0) return MG_OK;
        if (n_now > 0) in->n += (size_t)n_now;
        if (n_now < 0 && errno != EINTR)
            return mg_fail(err, MG_EIO, "cannot read from a child process: %s", strerror(errno));
    }
}

/* Words for a child that has not come to its end. */
static mg_status explain(int how, const mg_h5_limits *limits, mg_error *err)
{
    if (WIFSIGNALED(how))
        return mg_fail(err, MG_EINPUT, "it is damaged: the HDF5 library ends with signal %d over it", WTERMSIG(how));
    return mg_fail(err, MG_EINPUT, "it is damaged, or reading it takes more than %zu MB of memory",
                   limits->memory_bytes / 1000000);
}

static mg_status run(int file, const mg_h5_limits *given, mg_h5_tree **ret, mg_error *err)
{
    mg_h5_limits limits = with_defaults(given);
    int ends[2] = {-1, -1};
    pid_t child = -1;
    buffer in = {0};
    if (getenv(mark) != NULL) /* else each child would start another one */
        return mg_fail(err, MG_EBUG, "a program that reads HDF5 files by a child lacks mg_h5_child_serve() in main()");
    if (pipe2(ends, O_CLOEXEC) != 0) return mg_fail(err, MG_EIO, "cannot make a pipe: %s", strerror(errno));
    int result = spawn(file, ends[1], &limits, &child);
    close(ends[1]);
    mg_status status = MG_OK;
    if (result != 0) {
        status = mg_fail(err, MG_EIO, "cannot start a process that reads it: %s", strerror(result));
    } else {
        status = collect(ends[0], &limits, &in, err);
        if (status != MG_OK) kill(child, SIGKILL);
    }
    close(ends[0]);
    int how = result == 0 ? wait_for(child) : 0;
    if (status != MG_OK) {
        free(in.bytes);
        return status;
    }
    bool cut = false;
    status = mg_h5_tree_parse(in.bytes, in.n, ret, &cut, err);
    return cut ? explain(how, &limits, err) : status;
}

/* --- files and images --- */

static mg_status open_regular(const char *path, int *ret, mg_error *err)
{
    struct stat info;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe without writer must not hang us */
    if (file < 0) return mg_fail(err, MG_EINPUT, "cannot open %s: %s", path, strerror(errno));
    if (fstat(file, &info) == 0 && S_ISREG(info.st_mode)) {
        *ret = file;
        return MG_OK;
    }
    close(file);
    return mg_fail(err, MG_EINPUT, "%s is no regular file", path);
}

mg_status mg_h5_child_read_file(const char *path, const mg_h5_limits *limits, mg_h5_tree **ret, mg_error *err)
{
    int file = -1;
    mg_status status = open_regular(path, &file, err);
    if (status != MG_OK) return status;
    status = run(file, limits, ret, err);
    if (status != MG_OK && err != NULL) mg_fail_prefix(err, "%s: ", path);
    close(file);
    return status;
}

static mg_status fill(int file, const unsigned char *bytes, size_t n, mg_error *err)
{
    while (n > 0) {
        ssize_t written = write(file, bytes, n);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return mg_fail(err, MG_EMEM, "no memory for a file of %zu bytes: %s", n, strerror(errno));
        bytes += written;
        n -= (size_t)written;
    }
    return MG_OK;
}

mg_status mg_h5_child_read_bytes(const unsigned char *bytes, size_t n, const mg_h5_limits *limits, mg_h5_tree **ret,
                                 mg_error *err)
{
    int file = memfd_create("mutagree", MFD_CLOEXEC);
    if (file < 0) return mg_fail(err, MG_EIO, "cannot make a file in memory: %s", strerror(errno));
    mg_status status = fill(file, bytes, n, err);
    mg_h5_limits more = with_defaults(limits);
    more.memory_bytes += 2 * n; /* the child holds it, and HDF5 a copy of it */
    if (status == MG_OK) status = run(file, &more, ret, err);
    close(file);
    return status;
}
