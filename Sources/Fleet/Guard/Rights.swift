internal import Coordination
internal import Halt
internal import Transport

/// Who may do what, by the role of the key that a peer proved to have. A peer without a key sits on a local socket that only
/// this user can open: it may do everything.
package enum Rights {
    /// The roles of keys.
    package enum Role: String, CaseIterable, Sendable {
        case coordinator
        case monitor
        case backtestWorker = "backtest-worker"
        case dryRunWorker = "dry-run-worker"
        case liveWorker = "live-worker"
        /// Submit, cancel, stop, re-arm.
        case `operator`
        /// Stop and look, nothing else.
        case stopOnly = "stop-only"
        /// Look.
        case readOnly = "read-only"
    }

    static func role(_ user: Identity?) -> Role? { user.flatMap { Role(rawValue: $0.role) } }

    /// Whether the peer may speak for this member: its key must bear the same name, and be one of a worker or coordinator.
    /// The class that it says it has must be the key's: a backtest worker's key never gets a trading lease.
    static func mayActAsMember(_ message: MemberMessage, _ user: Identity?) -> Bool {
        guard let user else { return true }
        let keyClass: MemberClass
        switch role(user) {
        case .coordinator: keyClass = .coordinator
        case .backtestWorker: keyClass = .backtest
        case .dryRunWorker: keyClass = .dryRun
        case .liveWorker: keyClass = .live
        default: return false
        }
        if case .hello(let hello) = message, hello.memberClass != keyClass { return false }
        return owns(user, message.member.name)
    }

    /// A key serves the process of its own name, or, where several workers share one, those named after it: `farm` and `farm-3`.
    private static func owns(_ user: Identity, _ name: String) -> Bool {
        name == user.name || name.hasPrefix(user.name + "-")
    }

    /// Whether the peer may ask a monitor for this.
    static func allows(_ message: OperatorMessage, _ user: Identity?) -> Bool {
        guard let user else { return true }
        switch (message, role(user)) {
        case (_, .operator): return true
        case (.stop, .stopOnly), (.status, .stopOnly), (.progress, .stopOnly): return true
        case (.status, .readOnly), (.progress, .readOnly), (.status, .coordinator): return true
        default: return false
        }
    }

    /// Whether the peer may register as a worker of this class under this name. A backtest worker's key is good for nothing else.
    static func mayRegister(_ hello: WorkerHello, _ user: Identity?) -> Bool {
        guard let user else { return true }
        let needed: Role =
            switch hello.workerClass {
            case .backtest: .backtestWorker
            case .dryRun: .dryRunWorker
            case .live: .liveWorker
            }
        return role(user) == needed && owns(user, hello.worker.name)
    }

    /// Whether the peer may change something at the coordinator.
    static func allows(_ request: ClientRequest, _ user: Identity?) -> Bool {
        guard let user else { return true }
        return role(user) == .operator
    }
}
