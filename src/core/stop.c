/* stop.c  a handler that notes the first signal */
#include "src/core/stop.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

static volatile sig_atomic_t caught, caught_at; /* the first signal, 0: none; its second */

static void end_at_once(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

/* Calls nothing but what POSIX allows in a handler. */
static void note_signal(int number)
{
    int saved = errno;
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (caught == 0) {
        caught_at = (sig_atomic_t)now.tv_sec;
        caught = number;
    } else if (number == SIGINT || (number == SIGTERM && now.tv_sec > caught_at + 1)) {
        end_at_once(number);
    }
    errno = saved;
}

void mg_stop_catch(void)
{
    static const int numbers[] = {SIGUSR1, SIGTERM, SIGINT, SIGALRM};
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
}

void mg_stop_after(double seconds)
{
    if (seconds < 1e-6) {
        raise(SIGALRM);
        return;
    }
    struct itimerval timer = {.it_value = {.tv_sec = (time_t)seconds}};
    timer.it_value.tv_usec = (suseconds_t)((seconds - (double)timer.it_value.tv_sec) * 1e6);
    setitimer(ITIMER_REAL, &timer, NULL);
}

mg_status mg_stop_check(mg_error *err)
{
    switch (caught) {
    case 0:
        return MG_OK;
    case SIGUSR1:
        return mg_fail(err, MG_ESTOP, "stopped by SIGUSR1");
    case SIGINT:
        return mg_fail(err, MG_ESTOP, "stopped by SIGINT");
    case SIGTERM:
        return mg_fail(err, MG_ESTOP, "stopped by SIGTERM");
    default:
        return mg_fail(err, MG_ESTOP, "stopped because the time given is over (--max-time)");
    }
}
