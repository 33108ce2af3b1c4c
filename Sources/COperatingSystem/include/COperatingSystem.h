#ifndef PRAGMA_CSYSTEM_H
#define PRAGMA_CSYSTEM_H

// What Swift cannot reach by itself: calls that the Glibc module leaves out (feature macros, variadic functions, macros
// with arguments), and process creation, which must be one step in C.
//
// Every function returns -1 (or the errno value where it says so) on failure and leaves `errno` set; none allocates.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A new eventfd: non-blocking, close-on-exec, counter 0.
int csystem_eventfd(void);

/// A new timerfd on CLOCK_BOOTTIME: non-blocking, close-on-exec, disarmed.
int csystem_timerfd(void);

/// Arms a timerfd for an absolute boot time in nanoseconds (a past one fires at once); a negative one disarms it.
int csystem_timerfd_set(int descriptor, int64_t nanoseconds);

/// Nanoseconds of CLOCK_BOOTTIME: since boot, running on through suspend.
int64_t csystem_boot_time(void);

/// What every thread that we start calls first: names it as ps, top and gdb show it (longer names are cut to 15 bytes), and blocks
/// the signals that are meant for the process, so that none of them interrupts its calls. Those that a thread causes itself (a bad
/// access, abort) and the one by which Swift's backtraces halt threads (SIGPROF) still come.
int csystem_begin_thread(const char *name);

/// A pipe with both ends close-on-exec: descriptors[0] reads, descriptors[1] writes.
int csystem_pipe(int descriptors[2]);

/// Makes a descriptor non-blocking.
int csystem_set_nonblocking(int descriptor);

/// Takes the exclusive advisory lock of an open file, which ends with the last descriptor of that opening; never waits. 0, or -1
/// with EWOULDBLOCK: held elsewhere.
int csystem_lock(int descriptor);

/// Gives the lock of `csystem_lock` back, also where a child has a copy of the descriptor.
void csystem_unlock(int descriptor);

/// Whether the lock is held through another opening of the file, found out without taking it: 1 or 0, or -1.
int csystem_is_locked(int descriptor);

/// Bytes that an unprivileged process may still write to the file system of `path`, and its size. 0 or -1.
int csystem_disk_space(const char *path, uint64_t *available, uint64_t *total);

/// How a child is started by csystem_spawn.
struct csystem_spawn_options {
    /// Folder the child starts in, or NULL for the parent's.
    const char *working_directory;
    /// Descriptors that become the child's 0, 1 and 2; -1 stands for /dev/null.
    int standard_input;
    int standard_output;
    int standard_error;
    /// A descriptor that the child gets as number 3 (a lifeline, say), or -1 for none.
    int inherited;
    /// Not 0: the child leads a new process group, so that a signal to -pid reaches all its descendants.
    int new_process_group;
};

/// Starts `path` (no PATH search) with exactly these arguments and environment (both NULL-terminated). Every descriptor from
/// 3 on (4, where one is inherited) is closed in the child; its signal mask is empty and all dispositions are the default.
/// Returns 0 and the child's process id, or an errno value.
int csystem_spawn(
    pid_t *pid, const char *path, char *const arguments[], char *const environment[],
    const struct csystem_spawn_options *options);

/// A descriptor that becomes readable when the process `pid` ends (pidfd_open, close-on-exec).
int csystem_pidfd(pid_t pid);

/// What waitpid reported: the exit code or -1 if it was killed; the signal that killed it or 0.
int csystem_exit_code(int status);
int csystem_exit_signal(int status);

/// Forbids core dumps and reading by debuggers of this process (it holds secrets). 0 or -1.
int csystem_protect_memory(void);

#ifdef __cplusplus
}
#endif

#endif
