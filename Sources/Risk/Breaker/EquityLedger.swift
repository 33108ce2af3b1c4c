package import Market
package import Money

/// What drawdown and daily loss are measured on: the account's equity, its peak and where it stood when the UTC day began.
///
/// Deposits and withdrawals are no profit: the peak and the start of the day move in proportion, so that neither heals nor makes a drawdown.
package struct EquityLedger: Hashable, Sendable {
    /// The last equity reported; nil: never, or it cannot be told any more.
    package internal(set) var equity: Amount?
    /// When it was reported.
    package internal(set) var reported: Timestamp?
    /// The highest equity since the start or the last reset.
    package internal(set) var peak: Amount?
    /// Days since 1970 of the day that counts.
    package internal(set) var day: Int64?
    /// Equity at the day's start, moved in proportion by transfers: for the loss as a part.
    package internal(set) var dayStart: Amount?
    /// The same moved by the transferred money: for the loss as money.
    package internal(set) var dayBase: Amount?
    /// Equity when the breaker became half-open, moved in proportion by transfers.
    package internal(set) var trialStart: Amount?

    package init() {}

    static func day(of time: Timestamp) -> Int64 {
        let (quotient, rest) = time.milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        return rest < 0 ? quotient - 1 : quotient
    }

    /// A new day begins with the equity that was known last, so that a loss over midnight is nobody's gift. Days never go back.
    mutating func roll(to time: Timestamp) {
        let now = Self.day(of: time)
        guard now > day ?? .min else { return }
        day = now
        dayStart = equity
        dayBase = equity
    }

    mutating func report(_ amount: Amount, at time: Timestamp) {
        equity = amount
        reported = time
        if amount > peak ?? .zero { peak = amount }
        if dayStart == nil { (dayStart, dayBase) = (amount, amount) }
    }

    /// Money came in (above zero) or went out. Before the first equity it is a part of that.
    mutating func transfer(_ amount: Amount) {
        guard let before = equity else { return }
        guard let after = before.adding(amount) else { return forget() }
        dayBase = dayBase?.adding(amount)
        peak = moved(peak, before, after, amount)
        dayStart = moved(dayStart, before, after, amount)
        trialStart = moved(trialStart, before, after, amount)
        equity = after
    }

    /// A base of comparison rounded up, so that no loss shrinks.
    private func moved(_ base: Amount?, _ before: Amount, _ after: Amount, _ amount: Amount) -> Amount? {
        guard let base else { return nil }
        guard before.isPositive, after.isPositive else { return base.adding(amount) ?? base }
        // Without a base there would be no loss: what does not fit leaves the old one.
        return base.moved(from: before, to: after, rounding: .up) ?? base.adding(amount) ?? base
    }

    private mutating func forget() {
        equity = nil
        reported = nil
    }

    // MARK: - Losses

    /// Whether equity lies at or below `base` less `limit` of it. Without an equity nothing can be said.
    private func isDown(from base: Amount?, by limit: RiskRatio) -> Bool {
        guard let equity, let base else { return false }
        guard let loss = base.subtracting(equity), let allowed = base.part(limit, rounding: .down) else { return true }
        // A base of nothing, lost or not, has no parts: whoever has no money does not trade.
        return base.isPositive ? loss.isPositive && loss >= allowed : loss.isPositive
    }

    func hasDrawdown(_ policy: RiskPolicy) -> Bool { isDown(from: peak, by: policy.maxDrawdown) }
    func hasDailyLoss(_ policy: RiskPolicy) -> Bool { isDown(from: dayStart, by: policy.maxDailyLoss) }
    func hasTrialLoss(_ policy: RiskPolicy) -> Bool { isDown(from: trialStart, by: policy.maxTrialLoss) }

    /// The money lost since the day's start; zero for a gain, nil where it cannot be told.
    package var lossOfDay: Amount? {
        guard let equity, let dayBase, let loss = dayBase.subtracting(equity) else { return nil }
        return loss.isNegative ? .zero : loss
    }
}
