package import Money

/// What limits the size of an entry beside the stake that is configured and what the limits leave. No rule makes an entry larger than these do.
package enum SizingRule: Hashable, Sendable {
    /// Nothing else does.
    case fixed
    /// Kelly's fraction of the equity, by the closed trades of the job.
    case kelly
    /// So much that a usual candle of the pair moves the equity by this part of it.
    case volatility(target: RiskRatio)
}

extension PositionSizing {
    /// The most that the policy's rule lets an entry be worth; nil: it sets no bound. What cannot be computed is zero.
    ///
    /// - Parameters:
    ///   - equity: nil: not known.
    ///   - volatility: of a candle of the pair, as a part of its price; nil: not known.
    package static func bound(_ policy: RiskPolicy, equity: Amount?, record: TradeRecord, volatility: Double?) -> Amount? {
        switch policy.sizing {
        case .fixed: nil
        case .kelly: equity.map { kelly(equity: $0, KellySizing.estimate(record, policy: policy), policy: policy) } ?? .zero
        case .volatility(let target):
            equity.flatMap { equity in
                volatility.map { Self.volatility(equity: equity, target: target, volatility: $0) }
            } ?? .zero
        }
    }

    /// A record that does not say yet what an edge is, with too few trades or without a loss among them, bounds a position by the cap alone: a
    /// job whose size is zero would never have a record. One that loses on average says very well what to do: nothing.
    static func kelly(equity: Amount, _ estimate: KellyEstimate, policy: RiskPolicy) -> Amount {
        switch estimate.verdict {
        case .edge, .noEdge, .noWins: kelly(equity: equity, estimate)
        case .tooFewTrades, .noLosses: part(equity, policy.maxKellyPosition)
        }
    }
}
