import Exchange
import Market
import Money
import Strategies

/// What is known of one pair's market now.
struct MarketState: Sendable {
    var bid: Price?
    var ask: Price?
    var last: Price?
    /// Upper levels of the book, best first.
    var bids: [BookLevel] = []
    var asks: [BookLevel] = []
    var window: CandleWindow
    var signal: PairSignal?
    /// An entry waits for nothing but a price.
    var awaitsPrice = false

    init(timeframe: Timeframe, limit: Int) { window = CandleWindow(timeframe: timeframe, limit: limit) }

    /// The rate of a long entry, or of its exit, by freqtrade's pricing; nil: the market is not known well enough.
    func rate(isEntry: Bool, _ pricing: TradingSettings.Pricing, _ rules: PairRules) -> Price? {
        let usesBid =
            switch pricing.side {
            case .bid: true
            case .ask: false
            case .same: isEntry
            case .other: !isEntry
            }
        let quote = usesBid ? bid : ask
        if pricing.usesOrderBook {
            let levels = usesBid ? bids : asks
            if levels.count >= pricing.orderBookTop { return levels[pricing.orderBookTop - 1].price }
            return pricing.orderBookTop == 1 ? quote : nil
        }
        guard let quote else { return nil }
        guard pricing.lastBalance > 0, let last, isEntry ? quote > last : quote < last else { return quote }
        let (from, to) = (quote.approximation, last.approximation)
        return rules.price(from + pricing.lastBalance * (to - from))
    }
}

/// What the strategy says about the newest candle.
struct PairSignal: Sendable {
    /// The candle's opening time.
    var candle: Timestamp
    var flags: SignalFlags
    var enterTag: String
    var exitTag: String

    var enters: Bool { flags.contains(.enterLong) && flags.isDisjoint(with: [.exitLong, .enterShort]) }
    var exits: Bool { flags.contains(.exitLong) && !flags.contains(.enterLong) }
}

/// The newest closed candles of a pair, one a timeframe, gaps filled as freqtrade fills them. Some more than `limit` are kept, so that not
/// every candle moves all others.
struct CandleWindow: Sendable {
    let timeframe: Timeframe
    let limit: Int
    private var rows: [Candle] = []

    init(timeframe: Timeframe, limit: Int) {
        self.timeframe = timeframe
        self.limit = limit
    }

    var last: Candle? { rows.last }
    mutating func load(_ candles: Candles) {
        rows = []
        for row in 0..<candles.count { _ = append(candles.candle(at: row)) }
    }

    /// Takes a closed candle; false where it is not newer than what is there. One of the same time is replaced.
    mutating func append(_ candle: Candle) -> Bool {
        guard let last = rows.last else {
            rows.append(candle)
            return true
        }
        if candle.time == last.time { rows[rows.count - 1] = candle }
        guard candle.time > last.time else { return false }
        fill(from: last, to: candle.time)
        rows.append(candle)
        if rows.count > limit + limit / 4 + 64 { rows.removeFirst(rows.count - limit) }
        return true
    }

    /// Flat candles for those that are missing, no more than the window holds.
    private mutating func fill(from last: Candle, to time: Timestamp) {
        let step = timeframe.milliseconds
        let missing = (time.milliseconds &- last.time.milliseconds) / step - 1
        guard missing > 0 else { return }
        let first = time.milliseconds - min(missing, Int64(limit)) * step
        for open in stride(from: first, to: time.milliseconds, by: Int64.Stride(step)) {
            rows.append(
                Candle(
                    time: Timestamp(milliseconds: open), open: last.close, high: last.close, low: last.close, close: last.close,
                    volume: 0))
        }
    }

    /// The newest `limit` candles, never more: what is said about a candle must not depend on when the process began.
    var candles: Candles {
        let rows = rows.suffix(limit)
        return Candles(
            times: Column(rows.map(\.time.milliseconds)), open: Column(rows.map(\.open)), high: Column(rows.map(\.high)),
            low: Column(rows.map(\.low)), close: Column(rows.map(\.close)), volume: Column(rows.map(\.volume)))
    }
}
