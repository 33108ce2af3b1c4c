internal import Glibc

/// Starts child processes with `posix_spawn`: no fork of a process that has ZeroMQ threads, and nothing inherited but what is named.
package enum Spawn {
    /// What a child gets.
    package struct Request: Sendable {
        /// The program, absolute.
        package var executable: String
        /// Its arguments, without the program's name.
        package var arguments: [String]
        /// Its whole environment.
        package var environment: [String: String]
        /// Descriptors it gets, as (number in the child, descriptor here). Standard input is /dev/null unless named.
        package var descriptors: [(child: Int32, own: Int32)]

        package init(executable: String, arguments: [String], environment: [String: String], descriptors: [(child: Int32, own: Int32)]) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.descriptors = descriptors
        }
    }

    /// Starts the child in a process group of its own, so that Ctrl-C at the terminal reaches the supervisor only, and returns its pid.
    package static func start(_ request: Request) throws(FleetError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if !request.descriptors.contains(where: { $0.child == 0 }) {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        for (child, own) in request.descriptors { posix_spawn_file_actions_adddup2(&actions, own, child) }
        let first = (request.descriptors.map(\.child).max() ?? 2) + 1
        posix_spawn_file_actions_addclosefrom_np(&actions, max(first, 3))

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var argv = ([request.executable] + request.arguments).map { strdup($0) } + [nil]
        var envp = request.environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, request.executable, &actions, &attributes, &argv, &envp)
        guard status == 0 else {
            throw FleetError(.system, "cannot start \(request.executable): \(String(cString: strerror(status)))")
        }
        return pid
    }

    /// How a child ended, from `waitpid`'s status word.
    package static func exit(fromStatus status: Int32) -> SupervisorInstance.Exit {
        let signal = status & 0x7F
        return signal == 0 ? .code((status >> 8) & 0xFF) : .signal(signal)
    }
}
