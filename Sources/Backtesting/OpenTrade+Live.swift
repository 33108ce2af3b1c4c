package import Market
import Money
package import Trading

/// The same trade fed with what a venue really filled: dry-run and live decide by these rules, so that there is one set of them.
///
/// Doubles here decide when to sell and at which stop, as freqtrade's do. How much is held and what was earned is counted in fixed point
/// elsewhere, from fills.
extension OpenTrade {
    /// A trade whose first order was placed now.
    package init(
        opened: Timestamp, fee: Double, priceRule: StepRule, amountRule: StepRule, stake: Double, rate: Double,
        settings: BacktestSettings
    ) {
        self.init(
            id: 0, pair: 0, isShort: false, leverage: 1, openTime: opened.milliseconds, enterTag: 0, fee: fee,
            money: TradeMoney(openFee: fee, closeFee: fee), priceRule: priceRule, amountRule: amountRule, amountRequested: 0,
            trail: settings.trailingStop ? Trail(settings) : nil, stake: stake, openRate: rate)
        startStop(from: rate, ratio: settings.stoploss)
    }

    /// Takes over an entry order that is over: `amount` is what came in, less a fee in base currency, at the average price `rate`.
    package mutating func bookEntry(amount: Double, rate: Double, at time: Timestamp) {
        fillEntry(order(isEntry: true, amount, rate, time), at: time.milliseconds)
    }

    /// Takes over an exit order that is over. `closes`: nothing is left that could be sold.
    package mutating func bookExit(amount: Double, rate: Double, at time: Timestamp, closes: Bool) {
        fill(order(isEntry: false, amount, rate, time), at: time.milliseconds)
        recalculate(isClosing: closes)
        if closes { clearAmount() }
    }

    private func order(isEntry: Bool, _ amount: Double, _ rate: Double, _ time: Timestamp) -> TradeOrder {
        TradeOrder(
            isEntry: isEntry, amount: amount, price: rate, cost: amount * rate * (1 + fee), placed: time.milliseconds,
            tag: .reason(.forceExit))
    }

    private mutating func clearAmount() {
        amount = 0
        exactAmount = .zero
    }

    /// The fee that was paid, as a ratio, counts for both sides from now on: the closing fee is taken to be like the opening one.
    package mutating func learnFee(_ ratio: Double) {
        fee = ratio
        money = TradeMoney(openFee: ratio, closeFee: ratio)
    }

    /// The fee that decisions count with.
    package var feeRatio: Double { fee }

    /// Whole minutes since the first order.
    package func minutes(at now: Timestamp) -> Int { Int(max(now.milliseconds - openTime, 0) / 60_000) }

    /// One look at the current exit rate: remembers extremes and moves the stop unless it is reached. True where the stop moved.
    package mutating func look(at rate: Double, _ settings: BacktestSettings) -> Bool {
        note(high: rate, low: rate)
        startStop(from: openRate, ratio: settings.stoploss)
        guard stop < rate else { return false }
        let before = stop
        follow(best: rate, distance: settings.stoploss)
        return stop != before
    }
}

/// What of a trade does not follow from its orders.
package struct StopState: Hashable, Sendable {
    package var stop: Double
    package var ratio: Double
    package var initial: Double
    package var initialRatio: Double?
    package var isTrailing: Bool
    package var highest: Double
    package var lowest: Double
    package var hasExtremes: Bool

    package init(
        stop: Double, ratio: Double, initial: Double, initialRatio: Double?, isTrailing: Bool, highest: Double, lowest: Double,
        hasExtremes: Bool
    ) {
        self.stop = stop
        self.ratio = ratio
        self.initial = initial
        self.initialRatio = initialRatio
        self.isTrailing = isTrailing
        self.highest = highest
        self.lowest = lowest
        self.hasExtremes = hasExtremes
    }
}

extension OpenTrade {
    /// The stop with its history; setting it puts a trade back where it was before a restart.
    package var stopState: StopState {
        get {
            StopState(
                stop: stop, ratio: stopRatio, initial: initialStop, initialRatio: initialStopRatio, isTrailing: isTrailing,
                highest: highest, lowest: lowest, hasExtremes: hasExtremes)
        }
        set {
            stop = newValue.stop
            stopRatio = newValue.ratio
            initialStop = newValue.initial
            initialStopRatio = newValue.initialRatio
            isTrailing = newValue.isTrailing
            highest = newValue.highest
            lowest = newValue.lowest
            hasExtremes = newValue.hasExtremes
            refreshEstimates()
        }
    }
}
