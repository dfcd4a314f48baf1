/* slow_disk.c  a disk that takes a while: fsync() lasts at least SLOW_DISK_MS milliseconds
 *
 * Preloaded by tests that interrupt a run (tests/program/tap.sh). A shard is synced before it counts as finished, so there is
 * time to interrupt the run however fast the processor is. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int fsync(int file)
{
    const char *text = getenv("SLOW_DISK_MS");
    long milliseconds = text != NULL ? strtol(text, NULL, 10) : 0;
    struct timespec left = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000 * 1000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
    return (int)syscall(SYS_fsync, file);
}
