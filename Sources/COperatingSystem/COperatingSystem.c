#define _GNU_SOURCE
#include "COperatingSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int csystem_eventfd(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int csystem_timerfd(void) {
    return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
}

int csystem_timerfd_set(int descriptor, int64_t nanoseconds) {
    struct itimerspec when = {{0, 0}, {0, 0}};
    if (nanoseconds >= 0) {
        when.it_value.tv_sec = nanoseconds / 1000000000;
        when.it_value.tv_nsec = nanoseconds % 1000000000;
        // A value of zero would disarm the timer.
        if (nanoseconds == 0) when.it_value.tv_nsec = 1;
    }
    return timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &when, NULL);
}

int64_t csystem_boot_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int csystem_begin_thread(const char *name) {
    static const int own[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGPROF, SIGSEGV, SIGSYS, SIGTRAP};
    sigset_t blocked;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) sigdelset(&blocked, own[i]);
    int error = pthread_sigmask(SIG_SETMASK, &blocked, NULL);
    char cut[16];
    strncpy(cut, name, sizeof cut - 1);
    cut[sizeof cut - 1] = 0;
    int other = pthread_setname_np(pthread_self(), cut);
    return error ? error : other;
}

int csystem_pipe(int descriptors[2]) {
    return pipe2(descriptors, O_CLOEXEC);
}

int csystem_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -1;
    return fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

// Locks of the open file description: they belong to the opening like those of flock, but can be looked at without being taken.
int csystem_lock(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(descriptor, F_OFD_SETLK, &lock) == 0) return 0;
    if (errno == EACCES || errno == EAGAIN) errno = EWOULDBLOCK;
    return -1;
}

void csystem_unlock(int descriptor) {
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    fcntl(descriptor, F_OFD_SETLK, &lock);
}

int csystem_is_locked(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(descriptor, F_OFD_GETLK, &lock) != 0) return -1;
    return lock.l_type != F_UNLCK;
}

int csystem_disk_space(const char *path, uint64_t *available, uint64_t *total) {
    struct statvfs space;
    if (statvfs(path, &space) != 0) return -1;
    *available = (uint64_t)space.f_bavail * space.f_frsize;
    *total = (uint64_t)space.f_blocks * space.f_frsize;
    return 0;
}

// A descriptor below 3 or 4 that is a source of another must not be overwritten before it was used, so every source is
// first moved out of the way.
static int moved_up(int descriptor) {
    return descriptor < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
}

static int add_actions(posix_spawn_file_actions_t *actions, const struct csystem_spawn_options *options, const int sources[4]) {
    int error = 0;
    int first_closed = options->inherited < 0 ? 3 : 4;
    for (int target = 0; target < first_closed && error == 0; target++)
        error = posix_spawn_file_actions_adddup2(actions, sources[target], target);
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(actions, first_closed);
    if (error == 0 && options->working_directory)
        error = posix_spawn_file_actions_addchdir_np(actions, options->working_directory);
    return error;
}

static int set_attributes(posix_spawnattr_t *attributes, const struct csystem_spawn_options *options) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (options->new_process_group) flags |= POSIX_SPAWN_SETPGROUP;
    int error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0) error = posix_spawnattr_setpgroup(attributes, 0);
    if (error == 0) error = posix_spawnattr_setflags(attributes, flags);
    return error;
}

int csystem_spawn(
    pid_t *pid, const char *path, char *const arguments[], char *const environment[],
    const struct csystem_spawn_options *options) {
    const int wanted[4] = {options->standard_input, options->standard_output, options->standard_error, options->inherited};
    int sources[4] = {-1, -1, -1, -1};
    int error = 0;
    for (int i = 0; i < 4 && error == 0; i++) {
        sources[i] = moved_up(wanted[i]);
        if (sources[i] < 0) error = errno;
    }
    if (error == 0) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        error = posix_spawn_file_actions_init(&actions);
        if (error == 0) {
            error = posix_spawnattr_init(&attributes);
            if (error == 0) {
                error = add_actions(&actions, options, sources);
                if (error == 0) error = set_attributes(&attributes, options);
                if (error == 0) error = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
                posix_spawnattr_destroy(&attributes);
            }
            posix_spawn_file_actions_destroy(&actions);
        }
    }
    for (int i = 0; i < 4; i++)
        if (sources[i] >= 0) close(sources[i]);
    return error;
}

int csystem_pidfd(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int csystem_exit_code(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int csystem_exit_signal(int status) {
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

int csystem_protect_memory(void) {
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return -1;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
