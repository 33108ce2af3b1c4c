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
        /// Submit, cancel, stop, re-arm, tell who is dead.
        case `operator`
        /// Stop and look, nothing else.
        case stopOnly = "stop-only"
        /// Look.
        case readOnly = "read-only"
    }

    static func role(_ user: Identity?) -> Role? { user.flatMap { Role(rawValue: $0.role) } }

    /// The class of the members that a key may speak for; nil: it is no member's.
    static func memberClass(of role: Role?) -> MemberClass? {
        switch role {
        case .coordinator: .coordinator
        case .backtestWorker: .backtest
        case .dryRunWorker: .dryRun
        case .liveWorker: .live
        default: nil
        }
    }

    /// Whether the peer may speak for this member: its key must be the one that serves the name, and the class that the member says it has, or
    /// is known by, must be the key's: a backtest worker's key never gets a trading lease, nor acknowledges for who has one.
    ///
    /// - Parameters:
    ///   - names: of the keys of members, as `KeyRing.memberNames` lists them.
    ///   - known: the class of the session that the monitor knows by this name; nil: it knows none.
    static func mayActAsMember(
        _ message: MemberMessage, _ user: Identity?, among names: Set<String>, known: MemberClass?
    ) -> Bool {
        guard let user else { return true }
        guard let keyClass = memberClass(of: role(user)) else { return false }
        if case .hello(let hello) = message {
            if hello.memberClass != keyClass { return false }
        } else if let known, known != keyClass {
            return false
        }
        return owns(user, message.member.name, among: names)
    }

    /// A key serves the process of its own name, or, where several workers share one, those named after it: `farm` and `farm-3`. Of several that
    /// fit, the longest serves: `farm-live-1` belongs to `farm-live` and not to `farm`.
    private static func owns(_ user: Identity, _ name: String, among names: Set<String>) -> Bool {
        func fits(_ key: String) -> Bool { name == key || name.hasPrefix(key + "-") }
        return fits(user.name) && !names.contains { $0.utf8.count > user.name.utf8.count && fits($0) }
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
    ///
    /// - Parameter names: of the keys of members, as `KeyRing.memberNames` lists them.
    static func mayRegister(_ hello: WorkerHello, _ user: Identity?, among names: Set<String> = []) -> Bool {
        guard let user else { return true }
        let needed: Role =
            switch hello.workerClass {
            case .backtest: .backtestWorker
            case .dryRun: .dryRunWorker
            case .live: .liveWorker
            }
        return role(user) == needed && owns(user, hello.worker.name, among: names)
    }

    /// Whether the peer may have the store copied into a file.
    static func mayBackUp(_ user: Identity?) -> Bool { user == nil || role(user) == .operator }

    /// Whether the peer may change something at the coordinator.
    static func allows(_ request: ClientRequest, _ user: Identity?) -> Bool {
        guard let user else { return true }
        return role(user) == .operator
    }
}
