import Market
import Orders
import TradingJournal
import TradingLoop

/// Says why, from the job's decisions and the backtest's signals. A guess is never dressed up as knowledge: where nothing is known it says so.
struct DriftReasons {
    private let timeframe: Timeframe
    private let shadow: ShadowBacktest
    /// Of entries and exits, by pair, in the order of time.
    private let decisions: [Pair: [Decision]]
    /// Of the job, those that bought nothing as well.
    private let trades: [Pair: [TradeReport]]

    init(_ books: TradingBooks, _ shadow: ShadowBacktest) {
        timeframe = shadow.timeframe
        self.shadow = shadow
        var decisions: [Pair: [Decision]] = [:]
        for decision in books.decisions { if let pair = decision.pair { decisions[pair, default: []].append(decision) } }
        self.decisions = decisions
        trades = Dictionary(grouping: books.trades.values.sorted { $0.number < $1.number }, by: \.pair)
    }

    // MARK: - Entries

    /// Why the job lacks a trade of the backtest.
    func whyNotInJob(_ trade: DriftTrade) -> String {
        let candle = timeframe.floor(trade.openTime)
        if let dropped = (trades[trade.pair] ?? []).first(where: {
            $0.state == .dropped && timeframe.floor($0.openTime) == candle
        }) {
            return "the job's entry order (trade \(dropped.number)) bought nothing"
                + told(trade.pair, candle, in: [.timedOut, .entryFailed])
        }
        if let told = decision(trade.pair, candle, where: { Self.keepsOut.contains($0) }) { return "the job: \(told)" }
        if let held = holder(of: trade.pair, at: trade.openTime) {
            return "the job still held its trade \(held.number) of this pair"
        }
        return "the records do not say: the job was away or without a book then, or had another signal"
    }

    private static let keepsOut: Set<Decision.Kind> = [
        .noFreeSlot, .pairLocked, .outdatedCandles, .expiredSignal, .entriesPaused, .gateClosed, .noPrice, .noWallet,
        .stakeUnavailable, .stakeTooSmall, .notTradable, .entryFailed,
    ]

    /// Why the backtest lacks a trade of the job.
    func whyNotInBacktest(_ trade: DriftTrade) -> String {
        let candle = timeframe.floor(trade.openTime)
        guard shadow.entrySignals[trade.pair]?.contains(candle) == true else {
            return "the backtest has no entry signal for that candle: the job entered late, or on other candles than it recorded"
        }
        if let other = shadow.trades.first(where: {
            $0.pair == trade.pair && $0.openTime <= candle && candle < $0.closeTime ?? .distantFuture
        }) {
            return "the backtest still held its trade \(other.number) of this pair"
        }
        if shadow.isFull(at: candle) { return "the backtest had no free slot (max_open_trades)" }
        return "the backtest's entry was not filled, or its stake was too small"
    }

    /// Why both entered at different candles.
    func entryCandle(_ ours: DriftTrade, _ theirs: DriftTrade) -> String {
        ours.openTime < theirs.openTime ? whyNotInBacktest(ours) : whyNotInJob(theirs)
    }

    private func holder(of pair: Pair, at time: Timestamp) -> TradeReport? {
        (trades[pair] ?? []).first { $0.state != .dropped && $0.openTime <= time && time < $0.closeTime ?? .distantFuture }
    }

    // MARK: - Exits

    /// Why both left at different candles, or for different reasons.
    func exit(_ ours: DriftTrade, _ theirs: DriftTrade) -> String {
        let first = [ours.closeTime, theirs.closeTime].compactMap(\.self).min() ?? ours.openTime
        let candle = timeframe.floor(first)
        if let told = decision(ours.pair, candle, where: { Self.keepsIn.contains($0) }) { return "the job: \(told)" }
        if Self.insideCandle.contains(ours.exitReason) || Self.insideCandle.contains(theirs.exitReason) {
            return "stops and ROI act within a candle: the job saw its prices in their order, the backtest only its extremes"
        }
        return "the records do not say"
    }

    private static let keepsIn: Set<Decision.Kind> = [
        .exitFailed, .belowMinimum, .notEnoughToExit, .keptOpen, .stopFailed, .timedOut, .gateClosed, .noPrice,
    ]
    private static let insideCandle: Set<String> = ["stop_loss", "trailing_stop_loss", "roi", "stoploss_on_exchange"]

    // MARK: - Money

    func stake(_ ours: DriftTrade, _ theirs: DriftTrade) -> String {
        "another balance when it was entered, an order that was filled in part, or steps and limits of the venue"
    }

    var fees: String { "ratios of entry and exit; the backtest has one fee for both sides and every pair" }

    // MARK: - Decisions

    private func decision(_ pair: Pair, _ candle: Timestamp, where isMeant: (Decision.Kind) -> Bool) -> String? {
        let end = candle.advanced(byMilliseconds: timeframe.milliseconds)
        return (decisions[pair] ?? []).first { isMeant($0.kind) && $0.time >= candle && $0.time < end }
            .map { "\($0.kind.rawValue): \($0.text)" }
    }

    private func told(_ pair: Pair, _ candle: Timestamp, in kinds: Set<Decision.Kind>) -> String {
        decision(pair, candle, where: kinds.contains).map { " (\($0))" } ?? ""
    }
}
