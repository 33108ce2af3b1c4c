package import Backtesting
package import Market
package import Strategies
import Trading
package import TradingJournal

/// A backtest over the candles that a job saw, with the job's own strategy, settings and instruments.
package struct ShadowBacktest: Sendable {
    /// The trades, in the order of their numbers; those at the end count as open, not as force-exited.
    package private(set) var trades: [DriftTrade] = []
    /// For each pair that was replayed: the first candle that was decided on, and the end of the last one.
    package private(set) var spans: [Pair: Range<Timestamp>] = [:]
    package private(set) var lastCloses: [Pair: Double] = [:]
    /// The candles at whose open an entry signal acts.
    private(set) var entrySignals: [Pair: Set<Timestamp>] = [:]
    /// Candles that were decided on.
    package private(set) var candleCount = 0
    /// What a reader should know of the candles.
    package private(set) var notices: [String] = []
    let timeframe: Timeframe
    /// Of the job's orders: nothing that it bought is smaller.
    private(set) var amountSteps: [Pair: Double] = [:]
    let maxOpenTrades: Int?

    /// Replays a job.
    ///
    /// - Parameters:
    ///   - books: of the job, with `keepsCandles`.
    ///   - settings: the job's own; without a fee the larger one of its first pair counts, as in every backtest.
    ///   - pairs: the job's whitelist.
    package init(
        _ books: TradingBooks, settings: BacktestSettings, strategy: any Strategy, pairs: [Pair]
    ) throws(DriftError) {
        timeframe = settings.timeframe
        maxOpenTrades = settings.maxOpenTrades
        let candles = Dictionary(grouping: books.candles, by: \.pair).mapValues { $0.map(\.candle) }
        guard candles.contains(where: { pairs.contains($0.key) }) else { throw .noCandles }
        var settings = settings
        // Rows before the first decision are not among those of the backtest: only its signals come from them.
        let startup = settings.startupCandleCount
        settings.startupCandleCount = 0
        var rows: [BacktestPair] = []
        for pair in pairs {
            guard let seen = candles[pair] else {
                notices.append("no candle of \(pair) was recorded: it is not compared")
                continue
            }
            guard let instrument = books.instruments[pair] else { throw .noBeginning(pair) }
            rows.append(
                try prepare(instrument, history: books.histories[pair] ?? [], seen: seen, strategy: strategy, startup: startup))
        }
        do throws(BacktestError) {
            if settings.fee == nil, let first = pairs.first.flatMap({ books.instruments[$0] }) {
                settings.fee = try Backtester.fee(of: first)
            }
            let result = try Backtester.run(settings: settings, pairs: rows, tracksEquity: false)
            take(result)
        } catch { throw .backtest(error) }
    }

    // MARK: - Candles

    /// The pair's rows from the first decision on, and a flat one behind the last: there what is still open is valued at the last close,
    /// and the row before it takes entries, which a backtest's last row does not.
    private mutating func prepare(
        _ instrument: Instrument, history: [Candle], seen: [Candle], strategy: any Strategy, startup: Int
    ) throws(DriftError) -> BacktestPair {
        let pair = instrument.pair
        let ordered = Self.ascending(seen)
        guard let first = ordered.first?.time, let last = ordered.last else { throw .noCandles }
        let before = Self.ascending(history).filter { $0.time < first }
        let end = last.time.advanced(byMilliseconds: timeframe.milliseconds)
        let flat = Candle(time: end, open: last.close, high: last.close, low: last.close, close: last.close, volume: 0)
        let whole = try filled(before + ordered + [flat], of: pair, from: first)
        let firstRow = whole.times.firstIndex(of: first.milliseconds) ?? 0
        tellHistory(pair, rows: firstRow, startup: startup)
        var signals = strategy.signals(on: Frame(whole))
        guard signals.flags.count == whole.count else {
            throw .backtest(.signalCount(pair: pair, signals: signals.flags.count, candles: whole.count))
        }
        for row in 0..<min(startup, whole.count) { signals.flags[row] = [] }
        spans[pair] = first..<end
        lastCloses[pair] = last.close
        candleCount += ordered.count
        amountSteps[pair] = instrument.precisionMode == .tickSize ? instrument.amountPrecision : nil
        note(signals, whole, from: firstRow, pair)
        do throws(BacktestError) {
            let frame = try PairFrame(
                instrument: instrument, candles: whole.slice(firstRow..<whole.count), timeframe: timeframe,
                priceTicks: PriceTicks.none)
            return BacktestPair(frame: frame, signals: signals.from(firstRow))
        } catch { throw .backtest(error) }
    }

    private static func ascending(_ candles: [Candle]) -> [Candle] {
        var result: [Candle] = []
        for candle in candles.sorted(by: { $0.time < $1.time }) where result.last.map({ $0.time < candle.time }) ?? true {
            result.append(candle)
        }
        return result
    }

    /// What is missing is filled with flat candles, as the job's loop does it.
    private mutating func filled(_ candles: [Candle], of pair: Pair, from first: Timestamp) throws(DriftError) -> Candles {
        var builder = CandleBuilder(capacity: candles.count)
        for candle in candles { builder.append(candle) }
        let whole: Candles
        do { whole = try CandlePreparation.gapFilled(builder.candles, timeframe: timeframe) } catch {
            throw .candles(pair, "\(error)")
        }
        let known = Set(candles.map(\.time.milliseconds))
        let missing = whole.times.filter { !known.contains($0) && $0 >= first.milliseconds }
        if let earliest = missing.first, let latest = missing.last {
            notices.append(
                "\(missing.count) candles of \(pair) between \(Timestamp(milliseconds: earliest)) and \(Timestamp(milliseconds: latest)) "
                    + "were not recorded (the venue had none, or the job was away for longer than it can read back): they count as flat"
            )
        }
        return whole
    }

    private mutating func tellHistory(_ pair: Pair, rows: Int, startup: Int) {
        guard rows < startup else { return }
        notices.append(
            "only \(rows) candles of \(pair) come before the first decision, and \(startup) warm the strategy up: its first signals are "
                + "left out, in the job as in the backtest")
    }

    private mutating func note(_ signals: Signals, _ candles: Candles, from first: Int, _ pair: Pair) {
        var times: Set<Timestamp> = []
        for row in first..<candles.count
        where signals.flags[row].contains(.enterLong) && signals.flags[row].isDisjoint(with: [.exitLong, .enterShort]) {
            times.insert(candles.time(at: row).advanced(byMilliseconds: timeframe.milliseconds))
        }
        entrySignals[pair] = times
    }

    // MARK: - Trades

    private mutating func take(_ result: BacktestResult) {
        for trade in result.trades.sorted(by: { $0.id < $1.id }) {
            guard let end = spans[trade.pair]?.upperBound, let close = lastCloses[trade.pair], trade.openDate < end else {
                continue
            }
            trades.append(DriftTrade(trade, end: end, lastClose: close))
        }
    }

    /// Whether the backtest holds as many trades at `time` as may be open.
    func isFull(at time: Timestamp) -> Bool {
        guard let maxOpenTrades else { return false }
        return trades.count { $0.openTime <= time && time < $0.closeTime ?? .distantFuture } >= maxOpenTrades
    }
}

/// Why nothing can be compared.
package enum DriftError: Error, Hashable, Sendable, CustomStringConvertible {
    case noCandles
    /// The records do not say what the job began with.
    case noBeginning(Pair)
    case candles(Pair, String)
    case backtest(BacktestError)

    package var description: String {
        switch self {
        case .noCandles: "the job has recorded no candle yet: wait until one is over"
        case .noBeginning(let pair):
            "the records do not say what the job began with (the rules of \(pair) and the candles before its start): a build of pragma "
                + "before `pragma drift` started it; start a new dry-run to compare"
        case .candles(let pair, let problem): "the recorded candles of \(pair) cannot be replayed: \(problem)"
        case .backtest(let error): "the candles cannot be replayed: \(error)"
        }
    }
}

extension Signals {
    /// The rows from `first` on.
    fileprivate func from(_ first: Int) -> Signals {
        var result = self
        result.flags = Array(flags.dropFirst(first))
        result.enterTags = Array(enterTags.dropFirst(first))
        result.exitTags = Array(exitTags.dropFirst(first))
        return result
    }
}

extension DriftTrade {
    /// A trade of the backtest; what it closes at the end of its pair's candles is open.
    init(_ trade: ClosedTrade, end: Timestamp, lastClose: Double) {
        let isOpen = trade.closeDate >= end
        let rate = isOpen ? lastClose : trade.closeRate
        self.init(
            number: UInt64(clamping: trade.id), pair: trade.pair, enterTag: trade.enterTag, openTime: trade.openDate,
            closeTime: isOpen ? nil : trade.closeDate, openRate: trade.openRate, closeRate: rate, amount: trade.amount,
            entryFee: trade.amount * trade.openRate * trade.feeOpen, exitFee: trade.amount * rate * trade.feeClose,
            exitReason: isOpen ? "" : trade.exitReason, profit: trade.profitAbs)
    }
}
