/// The part of the supervisor's environment that a child gets: an allow-list, so that a key exported in somebody's shell
/// never reaches a process that has no business with it.
package enum ChildEnvironment {
    /// The roles of the processes that `pragma up` starts.
    package enum Role: String, Sendable, CaseIterable {
        case coordinator, monitor, backtest, dryRun, live
    }

    /// What every child gets when it is set.
    static let common: Set<String> = [
        "HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER", "XDG_RUNTIME_DIR", "PRAGMA_HOME", "LD_LIBRARY_PATH",
        "ASAN_OPTIONS", "TSAN_OPTIONS", "SWIFT_BACKTRACE",
    ]
    /// What only live workers get: the two switches of live trading.
    static let liveSwitches: Set<String> = ["PRAGMA_ALLOW_LIVE", "PRAGMA_LIVE_CONFIRMATION"]
    /// Credentials of accounts, `PRAGMA_CREDENTIAL_<ACCOUNT>_KEY` and the like: live workers only.
    static let credentialPrefix = "PRAGMA_CREDENTIAL_"
    /// Where systemd puts the credentials of a service.
    static let credentialFolder = "CREDENTIALS_DIRECTORY"

    /// `PRAGMA_<ACCOUNT>_KEY` and `_SECRET`, as accounts' credentials are looked for (docs/connectors.md).
    private static func isCredential(_ name: String) -> Bool {
        if name.hasPrefix(credentialPrefix) || name == credentialFolder { return true }
        guard name.hasPrefix("PRAGMA_"), !name.hasPrefix(overridePrefix) else { return false }
        return ["_KEY", "_SECRET"].contains { name.hasSuffix($0) && name.utf8.count > "PRAGMA".utf8.count + $0.utf8.count }
    }

    /// Overrides of role files (`PRAGMA__SECTION__KEY`) carry no secrets but the webhook of `alerts`: a key file is named by its path. A
    /// child gets those of the sections that its role has; one that it does not know would keep it from starting.
    static let overridePrefix = "PRAGMA__"
    private static let commonSections: Set<String> = ["ENCRYPTION", "KEYS", "LIVE", "LOG", "TRANSPORT"]
    private static func sections(of role: Role) -> Set<String> {
        switch role {
        case .coordinator: ["ALERTS", "ENDPOINTS", "JOBS", "LEASES", "PROMOTION", "STORE", "WORKERS"]
        case .monitor: ["BEACON", "HALT", "LATCH", "SIGNING_KEY", "TRADING_LEASE"]
        case .backtest, .dryRun, .live: ["ALERTS", "CAPACITY", "DATA", "HALT_AFTER", "SHUTDOWN_GRACE"]
        }
    }

    private static func isOverride(_ name: String, for role: Role) -> Bool {
        guard name.hasPrefix(overridePrefix) else { return false }
        let rest = name.dropFirst(overridePrefix.count)
        let known = commonSections.union(sections(of: role))
        return known.contains { rest == $0 || rest.hasPrefix($0 + "__") }
    }

    /// The environment of a child of role `role`, from the supervisor's own.
    package static func filtered(_ environment: [String: String], for role: Role) -> [String: String] {
        environment.filter { name, _ in
            if common.contains(name) || isOverride(name, for: role) { return true }
            guard role == .live else { return false }
            return liveSwitches.contains(name) || isCredential(name)
        }
    }
}
