/// The decisions of `pragma up`: which child to start, when to start a dead one again, when the fleet is ready, how to take it
/// down. Pure: the shell spawns, waits, signals and reports as the directives say.
package struct SupervisorInstance: Sendable {
    /// A child by its name, `coordinator`, `monitor` or `worker-3`.
    package typealias Name = String

    /// Boot-time nanoseconds.
    package typealias Instant = Int64

    /// How patient the supervisor is.
    package struct Settings: Sendable {
        /// Wait before the first restart of a child that died; doubled each time it dies again soon, up to `maximumBackoff`.
        package var initialBackoff: Int64 = 50_000_000
        /// The longest wait before a restart.
        package var maximumBackoff: Int64 = 10_000_000_000
        /// A child that lived this long is started again at once when it dies.
        package var healthyAfter: Int64 = 10_000_000_000
        /// How long children may take to end by themselves before they are killed.
        package var stopTimeout: Int64 = 15_000_000_000
        /// A child that fails this often before it was ever ready is given up, and the whole fleet with it: its configuration
        /// is at fault, and restarting it for ever would hide that.
        package var startAttempts = 3

        package init() {}
    }

    /// Why a process ended.
    package enum Exit: Sendable, Equatable, CustomStringConvertible {
        case code(Int32)
        case signal(Int32)

        package var description: String {
            switch self {
            case .code(let code): "exit code \(code)"
            case .signal(9): "signal 9 (killed; out of memory?)"
            case .signal(let signal): "signal \(signal)"
            }
        }
    }

    /// What the shell must do.
    package enum Directive: Sendable, Equatable {
        /// Start the child; `generation` counts its starts from 1.
        case spawn(Name, generation: Int)
        /// Send a signal to the child, if it still lives.
        case signal(Name, pid: Int32, number: Int32)
        /// Tell the coordinator (and the log) that the child of this pid is dead: `waitpid` said so.
        case reportDeath(Name, pid: Int32, Exit)
        /// All children are ready for the first time.
        case announceReady
        /// Everything has ended: leave with this code and say why, if there is something to say.
        case finish(exitCode: Int32, reason: String?)
    }

    private struct Child {
        var name: Name
        var pid: Int32?
        var startedAt: Instant = 0
        var isReady = false
        var wasEverReady = false
        var generation = 0
        var failures = 0
        var restartAt: Instant?
    }

    private enum Phase { case running, stopping(since: Instant, killed: Bool), finished }

    /// Children that are asked to end only when all others have: workers hand back what they have while there is a coordinator
    /// to take it.
    private let last: Set<Name>
    private var lastSignaled = false

    private let settings: Settings
    private var children: [Child]
    private var phase = Phase.running
    private var announced = false
    private var failure: String?

    /// A supervisor of these children; those in `last` are stopped when the others are gone.
    package init(children: [Name], last: Set<Name> = ["coordinator", "monitor"], settings: Settings = Settings()) {
        self.settings = settings
        self.last = last
        self.children = children.map { Child(name: $0) }
    }

    /// The children that live now, with their process ids.
    package var living: [(name: Name, pid: Int32)] { children.compactMap { child in child.pid.map { (child.name, $0) } } }

    /// When `tick` wants to be called next; nil: only when something happens.
    package var nextDeadline: Instant? {
        switch phase {
        case .running: children.compactMap(\.restartAt).min()
        case .stopping(let since, false): since + settings.stopTimeout
        default: nil
        }
    }

    // MARK: - Inputs

    /// Starts everything.
    package mutating func start(now: Instant) -> [Directive] {
        children.indices.map { spawn(at: $0, now: now) }
    }

    /// The shell started the child.
    package mutating func started(_ name: Name, pid: Int32, now: Instant) -> [Directive] {
        guard let index = index(of: name) else { return [] }
        children[index].pid = pid
        children[index].startedAt = now
        children[index].isReady = false
        if case .stopping = phase { return [.signal(name, pid: pid, number: 15)] }
        return []
    }

    /// The child says that it is ready to work.
    package mutating func ready(_ name: Name) -> [Directive] {
        guard let index = index(of: name) else { return [] }
        children[index].isReady = true
        children[index].wasEverReady = true
        guard !announced, case .running = phase, children.allSatisfy(\.isReady) else { return [] }
        announced = true
        return [.announceReady]
    }

    /// `waitpid` returned the child of this pid, or the shell could not start it at all (`pid` 0).
    package mutating func exited(_ name: Name, pid: Int32, _ exit: Exit, now: Instant) -> [Directive] {
        guard let index = index(of: name), children[index].pid == pid || pid == 0 else { return [] }
        children[index].pid = nil
        var directives: [Directive] = pid == 0 ? [] : [.reportDeath(name, pid: pid, exit)]
        switch phase {
        case .running: directives += afterDeath(at: index, exit, now: now)
        case .stopping: directives += goOnStopping()
        case .finished: break
        }
        return directives
    }

    /// A signal or a command asks for the end.
    package mutating func stop(now: Instant) -> [Directive] {
        switch phase {
        case .running:
            phase = .stopping(since: now, killed: false)
            return signalAll(15, where: { !last.contains($0.name) }) + goOnStopping()
        case .stopping(let since, false):
            // Asked twice: do not wait any longer.
            phase = .stopping(since: since, killed: true)
            return signalAll(9)
        default: return []
        }
    }

    /// Time has passed.
    package mutating func tick(now: Instant) -> [Directive] {
        switch phase {
        case .running:
            var directives: [Directive] = []
            for index in children.indices {
                guard let at = children[index].restartAt, at <= now else { continue }
                directives.append(spawn(at: index, now: now))
            }
            return directives
        case .stopping(let since, false) where now >= since + settings.stopTimeout:
            phase = .stopping(since: since, killed: true)
            return signalAll(9)
        default: return []
        }
    }

    // MARK: - Parts

    private func index(of name: Name) -> Int? { children.firstIndex { $0.name == name } }

    private mutating func spawn(at index: Int, now: Instant) -> Directive {
        children[index].restartAt = nil
        // Also of a start that fails: it must not count as a child that lived since its last start.
        children[index].startedAt = now
        children[index].generation += 1
        return .spawn(children[index].name, generation: children[index].generation)
    }

    private mutating func afterDeath(at index: Int, _ exit: Exit, now: Instant) -> [Directive] {
        let lived = now - children[index].startedAt
        children[index].failures = lived >= settings.healthyAfter ? 1 : children[index].failures + 1
        children[index].isReady = false
        if !children[index].wasEverReady, children[index].failures >= settings.startAttempts {
            failure = "\(children[index].name) did not start (\(exit), \(children[index].failures) times); its log says why"
            return stop(now: now)
        }
        let doublings = min(children[index].failures - 1, 20)
        let wait = min(settings.initialBackoff << Int64(doublings), settings.maximumBackoff)
        children[index].restartAt = now + wait
        return []
    }

    private func signalAll(_ number: Int32, where isMeant: (Child) -> Bool = { _ in true }) -> [Directive] {
        children.reversed().filter(isMeant).compactMap { child in
            child.pid.map { .signal(child.name, pid: $0, number: number) }
        }
    }

    private mutating func goOnStopping() -> [Directive] {
        guard children.allSatisfy({ $0.pid == nil }) else {
            guard !lastSignaled, children.allSatisfy({ $0.pid == nil || last.contains($0.name) }) else { return [] }
            lastSignaled = true
            return signalAll(15)
        }
        phase = .finished
        return [.finish(exitCode: failure == nil ? 0 : 6, reason: failure)]
    }
}
