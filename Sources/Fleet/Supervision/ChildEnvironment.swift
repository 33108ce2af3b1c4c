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
    /// Overrides of role files carry no secrets: a key file is named by its path.
    static let overridePrefix = "PRAGMA__"

    /// The environment of a child of role `role`, from the supervisor's own.
    package static func filtered(_ environment: [String: String], for role: Role) -> [String: String] {
        environment.filter { name, _ in
            if common.contains(name) || name.hasPrefix(overridePrefix) { return true }
            guard role == .live else { return false }
            return liveSwitches.contains(name) || name.hasPrefix(credentialPrefix)
        }
    }
}
