internal import COperatingSystem
internal import Glibc

/// Starts child processes: no fork of a process that has ZeroMQ threads, and nothing inherited but what is named.
package enum Spawn {
    /// What a child gets.
    package struct Request: Sendable {
        /// The program, absolute.
        package var executable: String
        /// Its arguments, without the program's name.
        package var arguments: [String]
        /// Its whole environment.
        package var environment: [String: String]
        /// A file that its standard output and error are appended to; nil: the supervisor's own.
        package var log: String?
        /// A descriptor that the child gets as number 3: the lifeline.
        package var lifeline: Int32

        package init(executable: String, arguments: [String], environment: [String: String], log: String?, lifeline: Int32) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.log = log
            self.lifeline = lifeline
        }
    }

    /// Starts the child in a process group of its own, so that Ctrl-C at the terminal reaches the supervisor only, and returns its pid.
    package static func start(_ request: Request) throws(FleetError) -> Int32 {
        var output: Int32 = 1
        var errors: Int32 = 2
        if let log = request.log {
            output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard output >= 0 else { throw Files.failure("cannot write the log", log) }
            errors = output
        }
        defer { if request.log != nil { close(output) } }
        var arguments = ([request.executable] + request.arguments).map { strdup($0) } + [nil]
        var environment = request.environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + environment).forEach { free($0) } }
        var options = csystem_spawn_options(
            working_directory: nil, standard_input: -1, standard_output: output, standard_error: errors,
            inherited: request.lifeline,
            new_process_group: 1)
        var pid: pid_t = 0
        let status = csystem_spawn(&pid, request.executable, &arguments, &environment, &options)
        guard status == 0 else {
            throw FleetError(.system, "cannot start \(request.executable): \(String(cString: strerror(status)))")
        }
        return pid
    }

    /// Starts the child and opens a descriptor that becomes readable when it ends. Without one its death would not be noticed: then
    /// it is killed again, and this throws.
    ///
    /// - Parameter watch: opens the descriptor of a process; -1 with `errno` where there is none to be had.
    package static func startWatched(
        _ request: Request, watch: (Int32) -> Int32 = csystem_pidfd
    ) throws(FleetError) -> (pid: Int32, pidfd: Int32) {
        let pid = try start(request)
        let descriptor = watch(pid)
        guard descriptor < 0 else { return (pid, descriptor) }
        let failure = Files.failure("cannot watch the process of", request.executable)
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        throw failure
    }

    /// How the child ended, if it has; nothing waits. Whatever it started in its process group ends with it.
    package static func reap(_ pid: Int32) -> SupervisorInstance.Exit? {
        var info = siginfo_t()
        // Looked at first, not reaped: until it is, its number belongs to no other process and no other group.
        guard waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0, info.si_signo == SIGCHLD else { return nil }
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        return exit(fromStatus: status)
    }

    /// How a child ended, from `waitpid`'s status word.
    package static func exit(fromStatus status: Int32) -> SupervisorInstance.Exit {
        let code = csystem_exit_code(status)
        return code >= 0 ? .code(code) : .signal(csystem_exit_signal(status))
    }
}
