/// Closed trades in numbers: returns on what was put in, 0.02 for 2 %, fees taken off.
package struct TradeRecord: Hashable, Sendable {
    package internal(set) var wins = 0
    package internal(set) var losses = 0
    package internal(set) var even = 0
    /// The sum of the returns that were won, and of those lost, both above zero.
    package internal(set) var won = 0.0
    package internal(set) var lost = 0.0

    package init() {}

    package init(returns: some Sequence<Double>) {
        for value in returns { take(value) }
    }

    /// A return that is no number makes no record.
    package mutating func take(_ value: Double) {
        guard value.isFinite else { return }
        if value > 0 {
            wins += 1
            won += value
        } else if value < 0 {
            losses += 1
            lost -= value
        } else {
            even += 1
        }
    }

    package var count: Int { wins + losses + even }
}

/// What Kelly's formula says of a record.
package struct KellyEstimate: Hashable, Sendable {
    package enum Verdict: String, Hashable, Sendable {
        case edge
        /// It loses on average: no size at all.
        case noEdge
        case tooFewTrades
        /// Nothing was ever lost, so that the size of a loss is not known.
        case noLosses
        case noWins
    }

    package var verdict: Verdict
    /// The full Kelly fraction; 0 where there is no verdict, below 0 for a negative edge.
    package var full: Double
    /// The part of the equity that a position may be worth: fractional, shrunk by the number of trades, and capped.
    package var fraction: RiskRatio

    fileprivate static func none(_ verdict: Verdict, full: Double = 0) -> KellyEstimate {
        KellyEstimate(verdict: verdict, full: full, fraction: .zero)
    }
}

/// Fractional Kelly: f = (b p - q) / b with p the part of trades won, q the part lost, b the mean win over the mean loss.
///
/// The fraction is the **value** of a position in equity, not the money at risk until a stop: so it never makes leverage.
package enum KellySizing {
    /// Trades at which the estimate counts in full; below, it is shrunk by the square root of what there is.
    static let fullTrades = 100.0

    package static func estimate(_ record: TradeRecord, policy: RiskPolicy) -> KellyEstimate {
        guard record.count >= max(policy.minKellyTrades, 1) else { return .none(.tooFewTrades) }
        guard record.wins > 0 else { return .none(.noWins) }
        guard record.losses > 0 else { return .none(.noLosses) }
        let (won, lost) = (Double(record.wins), Double(record.losses))
        let ratio = (record.won / won) / (record.lost / lost)
        let count = Double(record.count)
        let full = (ratio * won / count - lost / count) / ratio
        guard full.isFinite, full > 0 else { return .none(.noEdge, full: full.isFinite ? full : 0) }
        let shrinkage = min(1, (count / fullTrades).squareRoot())
        let wanted = RiskRatio(notAbove: full * policy.kellyFraction.approximation * shrinkage)
        return KellyEstimate(verdict: .edge, full: full, fraction: min(wanted, policy.maxKellyPosition))
    }
}
