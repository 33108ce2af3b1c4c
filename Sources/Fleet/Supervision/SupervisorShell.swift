internal import COperatingSystem
internal import Glibc
internal import Synchronization
internal import Transport

/// Carries out what `SupervisorInstance` decides: spawns, waits with pidfds, signals, tells who died.
///
/// One thread calls `run`; `requestStop` may be called from anywhere.
package final class SupervisorShell: Sendable {
    /// A process to keep running.
    package struct Plan: Sendable {
        package var name: String
        package var role: ChildEnvironment.Role
        /// Arguments of the `pragma` executable.
        package var arguments: [String]

        package init(name: String, role: ChildEnvironment.Role, arguments: [String]) {
            self.name = name
            self.role = role
            self.arguments = arguments
        }
    }

    /// What the supervisor tells its owner.
    package enum Event: Sendable {
        case started(name: String, pid: Int32, session: String)
        /// `waitpid` reported the death: proof for the coordinator that this session will never act again.
        case died(name: String, pid: Int32, session: String, SupervisorInstance.Exit)
        case ready
        case note(String)
    }

    /// How `run` ended.
    package struct Outcome: Sendable {
        package var exitCode: Int32
        package var reason: String?
    }

    private let home: Home
    private let plans: [Plan]
    private let executable: String
    private let environment: [String: String]
    private let settings: SupervisorInstance.Settings
    private let makeSession: @Sendable () -> String
    private let onEvent: @Sendable (Event) -> Void
    private let wake: Int32
    private let stopRequests = Atomic<Int>(0)

    /// A supervisor for `plans`. `makeSession` gives 32 random hexadecimal digits for each start of a child; `onEvent` is
    /// called on the thread of `run`.
    package init(
        home: Home, plans: [Plan], executable: String, environment: [String: String],
        settings: SupervisorInstance.Settings = .init(), makeSession: @escaping @Sendable () -> String,
        onEvent: @escaping @Sendable (Event) -> Void
    ) throws(FleetError) {
        self.home = home
        self.plans = plans
        self.executable = executable
        self.environment = environment
        self.settings = settings
        self.makeSession = makeSession
        self.onEvent = onEvent
        wake = csystem_eventfd()
        guard wake >= 0 else { throw Files.failure("cannot make", "an eventfd") }
    }

    deinit { close(wake) }

    private static let wantedDescriptors = 65_536

    /// Asks for the end; asked a second time the children are killed without waiting.
    package func requestStop() {
        stopRequests.add(1, ordering: .relaxed)
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }

    /// Runs the fleet until it is stopped or cannot start. Blocks.
    package func run() throws(FleetError) -> Outcome {
        try Files.makeFolder(home.runtimeFolder)
        // Whoever started this process may have told the kernel to forget dead children: then nobody could be waited for.
        signal(SIGCHLD, SIG_DFL)
        // One descriptor a child at least, and the children inherit the limit.
        OpenFiles.raiseLimit(to: Self.wantedDescriptors)
        let notify = try Notify.Receiver(home.runtimeFolder + "/notify.sock")
        let lifeline = try Lifeline.make()
        defer {
            close(lifeline.forChildren)
            close(lifeline.kept)
        }
        var loop = Loop(shell: self, notify: notify, lifeline: lifeline.forChildren)
        return loop.run()
    }

    /// The state of one run; owned by its thread.
    private struct Loop {
        struct Living {
            var pid: Int32
            var pidfd: Int32
            var session: String
        }

        let shell: SupervisorShell
        let notify: Notify.Receiver
        let lifeline: Int32
        var instance: SupervisorInstance
        var living: [String: Living] = [:]
        var outcome: Outcome?
        var stopsSeen = 0

        init(shell: SupervisorShell, notify: Notify.Receiver, lifeline: Int32) {
            self.shell = shell
            self.notify = notify
            self.lifeline = lifeline
            instance = SupervisorInstance(children: shell.plans.map(\.name), settings: shell.settings)
        }

        mutating func run() -> Outcome {
            carryOut(instance.start(now: csystem_boot_time()))
            while true {
                if let outcome { return outcome }
                waitForSomething()
                carryOut(takeStops())
                for fields in notify.receive() where fields["READY"] == "1" {
                    if let name = fields["PRAGMA_PROCESS"] { carryOut(instance.ready(name)) }
                }
                carryOut(reap())
                carryOut(instance.tick(now: csystem_boot_time()))
            }
        }

        private func waitForSomething() {
            var waits = [
                pollfd(fd: shell.wake, events: Int16(POLLIN), revents: 0),
                pollfd(fd: notify.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            waits += living.values.map { pollfd(fd: $0.pidfd, events: Int16(POLLIN), revents: 0) }
            var timeout: Int32 = -1
            if let deadline = instance.nextDeadline {
                timeout = Int32(clamping: max(0, (deadline - csystem_boot_time() + 999_999) / 1_000_000))
            }
            _ = poll(&waits, nfds_t(waits.count), timeout)
            var count: UInt64 = 0
            _ = read(shell.wake, &count, 8)
        }

        private mutating func takeStops() -> [SupervisorInstance.Directive] {
            let requests = shell.stopRequests.load(ordering: .relaxed)
            var directives: [SupervisorInstance.Directive] = []
            while stopsSeen < requests {
                stopsSeen += 1
                directives += instance.stop(now: csystem_boot_time())
            }
            return directives
        }

        private mutating func reap() -> [SupervisorInstance.Directive] {
            var directives: [SupervisorInstance.Directive] = []
            for (name, child) in living {
                guard let exit = Spawn.reap(child.pid) else { continue }
                close(child.pidfd)
                living[name] = nil
                shell.onEvent(.died(name: name, pid: child.pid, session: child.session, exit))
                directives += instance.exited(name, pid: child.pid, exit, now: csystem_boot_time())
            }
            return directives
        }

        private mutating func carryOut(_ directives: [SupervisorInstance.Directive]) {
            for directive in directives {
                switch directive {
                case .spawn(let name, _): spawn(name)
                case .signal(let name, let pid, let number):
                    if living[name]?.pid == pid { kill(pid, number) }
                case .reportDeath: break  // `reap` has told it, with the session
                case .announceReady: shell.onEvent(.ready)
                case .finish(let code, let reason): outcome = Outcome(exitCode: code, reason: reason)
                }
            }
        }

        private mutating func spawn(_ name: String) {
            guard let plan = shell.plans.first(where: { $0.name == name }) else { return }
            let session = shell.makeSession()
            var environment = ChildEnvironment.filtered(shell.environment, for: plan.role)
            environment["PRAGMA_HOME"] = shell.home.path
            environment["PRAGMA_PROCESS"] = name
            environment["PRAGMA_SESSION"] = session
            environment["NOTIFY_SOCKET"] = shell.home.runtimeFolder + "/notify.sock"
            environment[Lifeline.variable] = "1"
            let request = Spawn.Request(
                executable: shell.executable, arguments: plan.arguments, environment: environment, log: shell.home.logPath(name),
                lifeline: lifeline)
            do throws(FleetError) {
                let (pid, pidfd) = try Spawn.startWatched(request)
                living[name] = Living(pid: pid, pidfd: pidfd, session: session)
                shell.onEvent(.started(name: name, pid: pid, session: session))
                carryOut(instance.started(name, pid: pid, now: csystem_boot_time()))
            } catch {
                shell.onEvent(.note(error.message))
                carryOut(instance.exited(name, pid: 0, .code(127), now: csystem_boot_time()))
            }
        }
    }
}
