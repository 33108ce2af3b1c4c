import Market
import Money
import Trading

/// A trade from its first order to its close, as the loop sees it: in backtests, and with what was really filled in dry-run and live.
package struct OpenTrade: Sendable {
    // Who.
    let id: Int
    let pair: Int
    package let isShort: Bool
    let leverage: Double
    /// The time of the first order in milliseconds; stays when that order fills later or is replaced.
    package let openTime: Int64
    let enterTag: UInt16
    /// The fee of both sides as a ratio; in live trading the last one that was paid.
    var fee: Double
    var money: TradeMoney
    let priceRule: StepRule
    let amountRule: StepRule

    // How much.
    let amountRequested: Double
    /// What the trailing stop does; nil: it does not trail.
    let trail: Trail?
    package internal(set) var amount = 0.0
    var exactAmount = ExactDecimal.zero
    package internal(set) var stake: Double
    package internal(set) var maxStake = 0.0
    package internal(set) var openRate: Double
    package internal(set) var openValue = 0.0
    /// Sum of the rounded profits of all exits so far.
    package internal(set) var realizedProfit = 0.0
    package internal(set) var profit = 0.0
    package internal(set) var profitRatio = 0.0

    // Orders.
    var orders: [TradeOrder] = []
    var pending: TradeOrder?
    var fundingRunning = false
    var exitTag = OrderTag.reason(.forceExit)

    // Stop.
    package internal(set) var stop = 0.0
    package internal(set) var stopRatio = 0.0
    package internal(set) var initialStop = 0.0
    var initialStopRatio: Double?
    package internal(set) var isTrailing = false

    // Best and worst price seen since the position exists.
    package internal(set) var highest = 0.0
    package internal(set) var lowest = 0.0
    var hasExtremes = false

    // What the quick look at a candle needs; see `OpenTrade+Profit`.
    /// Close value per unit of rate over the open value.
    var slope = 0.0
    /// The ROI that counts now.
    var roi: Double?
    /// The minute from which that ROI counts.
    var roiMinute = 0
    /// The slot at which the next ROI begins to count.
    var roiUntil = 0
    /// Scaled best prices up to here certainly do not reach the ROI.
    var roiGuard = -Double.infinity
    /// Best prices up to here (shorts: from here on) certainly leave a trailing stop where it is.
    var trailGuard = 0.0
    /// Scaled best prices up to here certainly stay below the offset of the trailing stop.
    var offsetGuard = 0.0

    /// Whether an entry filled and the position is not closed.
    package var hasPosition: Bool { amount > 0 }

    var entryCount: Int { orders.count { $0.isEntry } }

    /// 1 for long, -1 for short trades.
    var side: Double { isShort ? -1 : 1 }
}

/// The rules of a trailing stop; small and without references, so that a look at a candle counts nothing.
struct Trail: Sendable {
    /// The smallest distance that the stop may take.
    let nearest: Double
    /// The profit below which it does not move at all; nil: it always moves.
    let offset: Double?
    /// The distance beyond `positiveOffset`; nil: always the stop-loss.
    let positive: Double?
    /// The profit above which `positive` counts.
    let positiveOffset: Double

    init(_ settings: BacktestSettings) {
        nearest = min(settings.stoploss.magnitude, settings.trailingStopPositive?.magnitude ?? .infinity)
        offset = settings.trailingOnlyOffsetIsReached ? settings.trailingStopPositiveOffset : nil
        positive = settings.trailingStopPositive
        positiveOffset = settings.trailingStopPositiveOffset
    }
}
