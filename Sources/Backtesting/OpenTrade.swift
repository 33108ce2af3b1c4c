import Market
import Money
import Trading

/// A trade from its first order to its close, as the loop sees it.
struct OpenTrade {
    // Who.
    let id: Int
    let pair: Int
    let isShort: Bool
    let leverage: Double
    /// The time of the first order in milliseconds; stays when that order fills later or is replaced.
    let openTime: Int64
    let enterTag: UInt16
    let fee: Double
    let money: TradeMoney
    let priceRule: StepRule
    let amountRule: StepRule

    // How much.
    let amountRequested: Double
    /// What the trailing stop does; nil: it does not trail.
    let trail: Trail?
    var amount = 0.0
    var exactAmount = ExactDecimal.zero
    var stake: Double
    var maxStake = 0.0
    var openRate: Double
    var openValue = 0.0
    /// Sum of the rounded profits of all exits so far.
    var realizedProfit = 0.0
    var profit = 0.0
    var profitRatio = 0.0

    // Orders.
    var orders: [TradeOrder] = []
    var pending: TradeOrder?
    var fundingRunning = false
    var exitTag = OrderTag.reason(.forceExit)

    // Stop.
    var stop = 0.0
    var stopRatio = 0.0
    var initialStop = 0.0
    var initialStopRatio: Double?
    var isTrailing = false

    // Best and worst price seen since the position exists.
    var highest = 0.0
    var lowest = 0.0
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
    var hasPosition: Bool { amount > 0 }

    var entryCount: Int { orders.count { $0.isEntry } }

    /// 1 for long, -1 for short trades.
    var side: Double { isShort ? -1 : 1 }
}

/// The rules of a trailing stop, as a quick look at a candle needs them.
struct Trail {
    /// The smallest distance that the stop may take.
    let nearest: Double
    /// The profit below which it does not move at all; nil: it always moves.
    let offset: Double?

    init(_ settings: BacktestSettings) {
        nearest = min(settings.stoploss.magnitude, settings.trailingStopPositive?.magnitude ?? .infinity)
        offset = settings.trailingOnlyOffsetIsReached ? settings.trailingStopPositiveOffset : nil
    }
}
