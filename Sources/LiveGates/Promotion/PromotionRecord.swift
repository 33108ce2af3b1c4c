/// What is to trade: live runs nothing but what was tried.
package struct PromotionSubject: Hashable, Sendable {
    package var strategy: String
    /// Of the strategy's parameters and rules.
    package var parameters: LiveDigest
    /// Of the worker's executable: strategies are compiled in.
    package var executable: LiveDigest

    package init(strategy: String, parameters: LiveDigest, executable: LiveDigest) {
        self.strategy = strategy
        self.parameters = parameters
        self.executable = executable
    }
}

/// A job that shows something: what ran, and for how long.
package struct PromotionEvidence: Hashable, Sendable {
    /// The job's address.
    package var job: LiveDigest
    package var subject: PromotionSubject
    /// How long it ran with market data, in milliseconds; of no meaning for backtests.
    package var milliseconds: Int64

    package init(job: LiveDigest, subject: PromotionSubject, milliseconds: Int64 = 0) {
        self.job = job
        self.subject = subject
        self.milliseconds = milliseconds
    }
}

/// A named person's decision to go without a part of the evidence. It goes into the audit log.
package struct PromotionOverride: Hashable, Sendable {
    package var reason: String
    package var by: String
    package init(reason: String, by: String) {
        self.reason = reason
        self.by = by
    }
}

/// What a promotion needs.
package struct PromotionRules: Hashable, Sendable {
    /// `promotion.min_dry_run`, in milliseconds; a week.
    package var minDryRun: Int64 = 7 * 86_400_000
    /// How long a record counts, in milliseconds; 30 days.
    package var validity: Int64 = 30 * 86_400_000
    package init() {}
}

/// The coordinator's word that a strategy may trade live: it was tested, ran as a dry-run, or somebody answers for it.
///
/// The bytes are signed by the coordinator; here they are only made and read.
package struct PromotionRecord: Hashable, Sendable {
    package var subject: PromotionSubject
    /// Nil only with an override.
    package var backtest: LiveDigest?
    /// Nil only with an override.
    package var dryRun: LiveDigest?
    /// How long the dry-run ran, in milliseconds.
    package var dryRunMilliseconds: Int64
    /// Milliseconds since 1970.
    package var issuedAt: Int64
    package var expiresAt: Int64
    package var issuedBy: String
    package var override: PromotionOverride?
}

/// Why there is no promotion, or it does not count.
package enum PromotionRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case noBacktest
    case noDryRun
    case dryRunTooShort(milliseconds: Int64, needed: Int64)
    case otherStrategy(found: String)
    case otherParameters
    case otherExecutable
    case notYetValid
    case expired
    case overrideWithoutReason
    case nobodyNamed

    package var description: String {
        switch self {
        case .noBacktest: "there is no backtest"
        case .noDryRun: "there is no dry-run"
        case .dryRunTooShort(let has, let needed):
            "the dry-run ran for \(Self.span(has)), and promotion.min_dry_run is \(Self.span(needed))"
        case .otherStrategy(let found): "it is of the strategy \(Shown.name(found))"
        case .otherParameters: "it is of other parameters"
        case .otherExecutable: "it is of another executable: what was tried is not what would run"
        case .notYetValid: "it was issued in the future: a clock is wrong"
        case .expired: "it has expired"
        case .overrideWithoutReason: "the override has no reason"
        case .nobodyNamed: "nobody is named who issued it"
        }
    }

    /// The largest unit and the two after it: `7d 0h 0m`, `59s`.
    private static func span(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1000
        let parts = [("d", seconds / 86400), ("h", seconds / 3600 % 24), ("m", seconds / 60 % 60), ("s", seconds % 60)]
        return parts.drop { $0.0 != "s" && $0.1 == 0 }.prefix(3).map { "\($0.1)\($0.0)" }.joined(separator: " ")
    }
}
