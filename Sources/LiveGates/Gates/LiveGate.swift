/// Everything that live trading needs, in the one order in which everybody checks it. The texts are codes that stand in messages and logs.
package enum LiveGate: String, Hashable, Sendable, CaseIterable {
    /// `confirm_live: true` in the configuration.
    case confirmInFile = "live.confirmLive"
    /// `--confirm-live` on the command line; at the coordinator and the worker: the submission bore it.
    case confirmOnCommandLine = "live.confirmLiveFlag"
    /// `PRAGMA_ALLOW_LIVE` in the worker's own environment.
    case allowedByEnvironment = "live.allowLive"
    /// The phrase in `PRAGMA_LIVE_CONFIRMATION` of the worker's own environment.
    case confirmedByEnvironment = "live.liveConfirmation"
    /// The phrase in the configuration.
    case safetyPhrase = "live.safetyPhrase"
    /// `live.enabled: true` in the coordinator's role file.
    case coordinatorEnabled = "live.coordinatorEnabled"
    /// `live.enabled: true` in the worker's role file.
    case workerEnabled = "live.workerEnabled"
    /// `dry_run` is false.
    case dryRunOff = "live.dryRun"
    /// It is false in a file, and not by an override of the environment.
    case dryRunInFile = "live.dryRunOverride"
    /// `safety_checks` is not false.
    case safetyChecks = "live.safetyChecks"
    /// The venue is a paper venue: until the rest of the emergency stop is there.
    case paperVenue = "live.venueNotPaper"
    /// The configuration names an account.
    case accountNamed = "live.account"
    /// The worker has the account's credentials.
    case credentials = "live.credentials"
    /// The keys of a configuration without which nothing can be traded.
    case requiredKeys = "live.requiredKeys"
    /// The credentials are no placeholders or test keys.
    case realCredentials = "live.placeholder"
    /// Paper keys at paper venues, and no others.
    case keyOfVenue = "live.keyOfVenue"
    /// Every risk limit is written down.
    case riskLimits = "live.riskLimits"
    /// Nobody else trades on the account.
    case accountOwned = "live.accountOwned"
    /// The order gate is active, by leases of all monitors.
    case orderGate = "live.orderGate"
    /// A promotion record that fits the job.
    case promotion = "live.promotion"
    /// A part of the fleet's limits.
    case budget = "live.budget"
}

/// Who checks.
package enum LiveSide: String, Hashable, Sendable, CaseIterable {
    case commandLine = "command line"
    case coordinator
    case worker
}

extension LiveGate {
    /// Whether the list names it before another one.
    package func isBefore(_ other: LiveGate) -> Bool {
        let order = Self.allCases
        return order.firstIndex(of: self) ?? 0 < order.firstIndex(of: other) ?? 0
    }

    /// Whether a side has to know: there, what is not known is missing. Elsewhere a gate is checked if it happens to be known.
    package func mustBeKnown(at side: LiveSide) -> Bool {
        switch side {
        case .worker: true
        case .commandLine: isInConfiguration || self == .confirmOnCommandLine
        case .coordinator: isInConfiguration || isAtCoordinator || self == .confirmOnCommandLine
        }
    }

    /// What the configuration of a job shows.
    private var isInConfiguration: Bool {
        switch self {
        case .confirmInFile, .safetyPhrase, .dryRunOff, .dryRunInFile, .safetyChecks, .paperVenue, .accountNamed, .requiredKeys,
            .riskLimits:
            true
        case .confirmOnCommandLine, .allowedByEnvironment, .confirmedByEnvironment, .coordinatorEnabled, .workerEnabled,
            .credentials,
            .realCredentials, .keyOfVenue, .accountOwned, .orderGate, .promotion, .budget:
            false
        }
    }

    private var isAtCoordinator: Bool {
        switch self {
        case .coordinatorEnabled, .accountOwned, .promotion, .budget: true
        default: false
        }
    }

    /// What can change while a job runs, so that the worker looks again for every order that adds risk. The environment of a process, a job and
    /// its configuration cannot.
    package var changes: Bool {
        switch self {
        case .coordinatorEnabled, .workerEnabled, .riskLimits, .accountOwned, .orderGate, .promotion, .budget: true
        default: false
        }
    }
}
