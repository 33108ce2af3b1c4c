package import Market
package import Money

/// The arithmetic that `WalletRules` needs: doubles in backtests (freqtrade's own arithmetic), exact numbers where real money is.
package protocol WalletNumber: Comparable, Sendable {
    static var zero: Self { get }
    init(_ value: Double)
    static func + (a: Self, b: Self) -> Self
    static func - (a: Self, b: Self) -> Self
    static func * (a: Self, b: Self) -> Self
    static func / (a: Self, b: Self) -> Self
}

extension Double: WalletNumber {}
extension ExactDecimal: WalletNumber {}

/// What a stake is made from: freqtrade's `stake_amount`.
package enum StakeAmount: Hashable, Sendable {
    /// The same amount of stake currency every time.
    case fixed(Double)
    /// An equal share of everything for each slot.
    case unlimited
}

/// How much stake currency a new trade gets: freqtrade's rules on balance, ratio and limits, for every mode of operation.
///
/// `free` is what no open trade ties up, `tied` the sum of the stakes of open trades.
package struct WalletRules<Number: WalletNumber>: Sendable {
    /// How stakes are made.
    package var stake: StakeAmount
    /// How many trades may be open; nil: no limit.
    package var maxOpenTrades: Int?
    /// The part of the balance that may be traded.
    package var tradableBalanceRatio: Double
    /// Capital to trade with in place of the ratio; nil: the ratio counts.
    package var availableCapital: Double?
    /// Whether the last stake shrinks to what is left.
    package var amendLastStakeAmount: Bool
    /// How much of a stake must be left for that.
    package var lastStakeAmountMinRatio: Double

    /// Rules; the defaults are freqtrade's.
    package init(
        stake: StakeAmount, maxOpenTrades: Int?, tradableBalanceRatio: Double = 0.99, availableCapital: Double? = nil,
        amendLastStakeAmount: Bool = false, lastStakeAmountMinRatio: Double = 0.5
    ) {
        self.stake = stake
        self.maxOpenTrades = maxOpenTrades
        self.tradableBalanceRatio = tradableBalanceRatio
        self.availableCapital = availableCapital
        self.amendLastStakeAmount = amendLastStakeAmount
        self.lastStakeAmountMinRatio = lastStakeAmountMinRatio
    }

    /// Free stake currency: start plus profits of closed trades and partial exits, less what open trades tie up.
    @inlinable
    package static func free(start: Number, profit: Number, tied: Number) -> Number { start + profit - tied }

    /// What a new trade may take at most.
    @inlinable
    package func available(free: Number, tied: Number, closedProfit: Number) -> Number {
        let total =
            availableCapital.map { Number($0) + closedProfit } ?? (tied + free) * Number(tradableBalanceRatio)
        return min(total - tied, free)
    }

    /// The stake of the next trade before limits of the venue; nil where too little is available.
    @inlinable
    package func nextStake(available: Number, tied: Number) -> Number? {
        var wanted: Number
        switch stake {
        case .fixed(let amount): wanted = Number(amount)
        case .unlimited:
            // Without a limit of trades an equal share is nothing.
            guard let slots = maxOpenTrades, slots > 0 else { return .zero }
            wanted = min((available + tied) / Number(Double(slots)), available)
        }
        if amendLastStakeAmount {
            wanted = available > wanted * Number(lastStakeAmountMinRatio) ? min(wanted, available) : .zero
        }
        return available < wanted ? nil : max(wanted, .zero)
    }

    /// `stake` brought within the limits: raised to the minimum by at most 30 %, lowered to the maximum; nil where that fails.
    /// `inTrade` is the stake that the trade holds already.
    @inlinable
    package static func limited(
        _ stake: Number, limits: StakeLimits<Number>, available: Number, inTrade: Number? = nil
    ) -> Number? {
        guard stake > .zero else { return nil }
        var most = limits.maximum.map { min($0, available) } ?? available
        if let inTrade, let maximum = limits.maximum { most = min(most, maximum - inTrade) }
        guard limits.minimum <= most else { return nil }
        guard stake < limits.minimum else { return min(stake, most) }
        return stake * Number(1.3) < limits.minimum ? nil : min(limits.minimum, most)
    }
}

/// The least and the most that one order may cost.
package struct StakeLimits<Number: WalletNumber>: Sendable {
    /// The least stake; zero: the venue names no limit.
    package var minimum: Number
    /// The most; nil: the venue names no limit.
    package var maximum: Number?

    /// The limits of `instrument` for an order at `price`.
    ///
    /// The minimum is raised by `amountReserve` (freqtrade: `amount_reserve_percent`) and by room for a loss of `lossReserve`,
    /// so that the position can still be closed.
    @inlinable
    package init(instrument: Instrument, price: Number, leverage: Number, amountReserve: Double, lossReserve: Double) {
        let margin = Number(1 + amountReserve)
        let loss = abs(lossReserve)
        let reserve =
            loss == 1 ? Number(1.5) : max(min(margin / (Number(1) - Number(loss)), Number(1.5)), Number(1))
        var least = Number.zero
        if let cost = instrument.costLimits.minimum { least = Number(cost) * reserve }
        if let amount = instrument.amountLimits.minimum { least = max(least, Number(amount) * price * margin) }
        minimum = least / leverage
        var most = instrument.costLimits.maximum.map { Number($0) }
        if let amount = instrument.amountLimits.maximum {
            let cost = Number(amount) * price
            most = most.map { min($0, cost) } ?? cost
        }
        maximum = most.map { $0 / leverage }
    }

    /// Limits given as they are.
    package init(minimum: Number, maximum: Number?) {
        self.minimum = minimum
        self.maximum = maximum
    }
}
