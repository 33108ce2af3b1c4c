/// What to do where a gate is missing.
extension LiveGate {
    /// What the gate is about, for a sentence that begins with it.
    var subject: String {
        switch self {
        case .confirmInFile: "execution.confirm_live"
        case .confirmOnCommandLine: "--confirm-live"
        case .allowedByEnvironment: "PRAGMA_ALLOW_LIVE"
        case .confirmedByEnvironment: "PRAGMA_LIVE_CONFIRMATION"
        case .safetyPhrase: "execution.safety_phrase"
        case .coordinatorEnabled: "live.enabled of the coordinator"
        case .workerEnabled: "live.enabled of the worker"
        case .dryRunOff: "dry_run"
        case .dryRunInFile: "where dry_run is set"
        case .safetyChecks: "execution.safety_checks"
        case .paperVenue: "the venue"
        case .accountNamed: "account.name"
        case .credentials: "whether the account has credentials"
        case .requiredKeys: "whether the configuration is complete"
        case .realCredentials: "whether the credentials are real ones"
        case .keyOfVenue: "whether the key belongs to the venue"
        case .riskLimits: "the risk section"
        case .accountOwned: "whether somebody else trades on the account"
        case .orderGate: "the order gate"
        case .promotion: "the promotion record"
        case .budget: "the account's part of the fleet's limits"
        }
    }

    /// What to write where.
    func remedy(_ facts: LiveFacts) -> String {
        let account = facts.account.flatMap { $0.isEmpty ? nil : Shown.name($0) } ?? "NAME"
        return switch self {
        case .confirmInFile: "write \"confirm_live\": true into the execution section of the configuration"
        case .confirmOnCommandLine: "add --confirm-live to pragma live"
        case .allowedByEnvironment: "set PRAGMA_ALLOW_LIVE=true in the environment of the live worker itself"
        case .confirmedByEnvironment:
            "set PRAGMA_LIVE_CONFIRMATION in the environment of the live worker to the phrase that docs/live-trading.md names"
        case .safetyPhrase: "write the phrase that docs/live-trading.md names into the execution section of the configuration"
        case .coordinatorEnabled: "write live: {enabled: true} into the coordinator's role file, and start it again"
        case .workerEnabled: "write live: {enabled: true} into the live worker's role file, and start it again"
        case .dryRunOff: "write \"dry_run\": false into the configuration file"
        case .dryRunInFile: "unset the variable, and write \"dry_run\": false into the configuration file"
        case .safetyChecks: "remove the key: checks of live trading cannot be left out"
        case .paperVenue: "name a venue paper-... until the emergency stop is complete (docs/live-trading.md)"
        case .accountNamed: "write \"account\": {\"name\": NAME}, the name under which the live worker has the credentials"
        case .credentials:
            "put them on the live worker, in credentials/\(account).yaml of its home (mode 0600) or its environment"
        case .requiredKeys: "add them to the configuration (configs/live.json has them all)"
        case .realCredentials: "put the account's own key and secret in credentials/\(account).yaml on the live worker"
        case .keyOfVenue: "give account \(account) a key of this venue; keys of paper venues begin with paper, and no others do"
        case .riskLimits: "add each of them to the risk section of the configuration (configs/live.json has them all)"
        case .accountOwned: "stop the other one, or trade on an account of its own"
        case .orderGate: "see pragma status for who stopped it or which monitor is silent; pragma rearm ends a stop"
        case .promotion:
            "run a backtest of it in this fleet and let it run as a dry-run for promotion.min_dry_run, or give --override-promotion REASON"
        case .budget:
            "see that the coordinator runs, and that portfolio in its role file names account \(account) and the currency of the job's stakes"
        }
    }
}
