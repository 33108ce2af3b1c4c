package import Market
import Money
import Strategies
import Trading

/// Runs backtests: freqtrade's loop on one wallet over many pairs.
package enum Backtester {
    /// Simulates `pairs`, whose order is the whitelist's.
    ///
    /// The same input gives the same trades to the last bit on every machine. `shouldStop` is asked at the start and every few thousand candle
    /// times with the progress made; true ends the run with `BacktestError.stopped`. `tracksEquity` is for `BacktestResult.equity`, which
    /// costs a look at every position at every candle time; nothing else depends on it.
    package static func run(
        settings: BacktestSettings, pairs: [BacktestPair], tracksEquity: Bool = true,
        shouldStop: (BacktestProgress) -> Bool = { _ in false }
    ) throws(BacktestError) -> BacktestResult {
        try run(
            settings: settings, pairs: pairs, callbacks: NoCallbacks(), tracksEquity: tracksEquity, shouldStop: shouldStop)
    }

    /// The same with a strategy's callbacks.
    package static func run<Callbacks: BacktestCallbacks>(
        settings: BacktestSettings, pairs: [BacktestPair], callbacks: Callbacks, tracksEquity: Bool = true,
        shouldStop: (BacktestProgress) -> Bool = { _ in false }
    ) throws(BacktestError) -> BacktestResult {
        try settings.validate()
        var seen: Set<Pair> = []
        for pair in pairs {
            try pair.validate()
            if !seen.insert(pair.frame.pair).inserted { throw .duplicatePair(pair.frame.pair) }
        }
        let span = try Span(pairs: pairs, startup: settings.startupCandleCount, timeframe: settings.timeframe)
        var simulation = Simulation(
            settings: settings, callbacks: callbacks, pairs: pairs, span: span, fee: try fee(settings, pairs),
            tracksEquity: tracksEquity)
        try simulation.run(shouldStop: shouldStop)
        return simulation.result(span: span)
    }

    private static func fee(_ settings: BacktestSettings, _ pairs: [BacktestPair]) throws(BacktestError) -> Double {
        if let fee = settings.fee { return fee }
        guard let first = pairs.first?.frame.instrument else { throw .noCandles }
        return try fee(of: first)
    }

    /// The fee of a run that names none: the larger of the two that the first pair of the whitelist has, as freqtrade takes it.
    package static func fee(of instrument: Instrument) throws(BacktestError) -> Double {
        guard let fee = [instrument.takerFee, instrument.makerFee].compactMap(\.self).max() else { throw .noFee(instrument.pair) }
        guard BacktestSettings.isFee(fee) else {
            throw .setting(
                key: "fee of \(instrument.pair)", value: "\(fee)", remedy: "use a ratio above -0.1 (a rebate) and below 1")
        }
        return fee
    }

    /// The time range of a run: from the earliest first row behind the startup candles to the latest last row.
    struct Span {
        let start: Int64
        let end: Int64
        let slots: Int
        let startup: Int

        init(pairs: [BacktestPair], startup: Int, timeframe: Timeframe) throws(BacktestError) {
            let filled = pairs.filter { $0.frame.candles.count > startup }
            guard let start = filled.map({ $0.frame.candles.times[startup] }).min(),
                let end = filled.map({ $0.frame.candles.times[$0.frame.candles.count - 1] }).max()
            else { throw .noCandles }
            for pair in filled where (pair.frame.candles.times[startup] - start) % timeframe.milliseconds != 0 {
                throw .candle(
                    pair: pair.frame.pair, row: startup, problem: "is not on the same grid of \(timeframe) as other pairs")
            }
            self.start = start
            self.end = end
            self.startup = startup
            slots = Int((end - start) / timeframe.milliseconds) + 1
            guard slots < 1 << 32 else { throw .setting(key: "timerange", value: "\(slots) candles", remedy: "use fewer") }
        }
    }
}

extension Simulation {
    init(
        settings: BacktestSettings, callbacks: Callbacks, pairs: [BacktestPair], span: Backtester.Span, fee: Double,
        tracksEquity: Bool
    ) {
        self.settings = settings
        self.callbacks = callbacks
        self.pairs = pairs
        self.fee = fee
        wallet = settings.walletRules
        money = TradeMoney(openFee: fee, closeFee: fee)
        roi = ROITable(settings.minimalROI)
        trail = settings.trailingStop ? Trail(settings) : nil
        start = span.start
        frameLength = settings.timeframe.milliseconds
        frameMinutes = Int(settings.timeframe.minutes)
        lastSlot = span.slots - 1
        let count = max(pairs.count, 1)
        signals = SlotSignals(pairs: pairs.count, slots: span.slots)
        columns = .allocate(capacity: count)
        trades = .allocate(capacity: count)
        isOpen = .allocate(capacity: count)
        isOpen.initialize(repeating: false, count: count)
        visited = .allocate(capacity: count)
        visited.initialize(repeating: -1, count: count)
        order = .allocate(capacity: count)
        order.initialize(repeating: 0, count: count)
        worths = .allocate(capacity: count)
        self.tracksEquity = tracksEquity
        equity = EquityCurve()
        equity.needsSample = tracksEquity
        for (index, pair) in pairs.enumerated() { prepare(index, pair, span) }
    }

    /// Places the rows of a pair on the time axis. The first row behind the startup candles only gives signals.
    private func prepare(_ index: Int, _ pair: BacktestPair, _ span: Backtester.Span) {
        let candles = pair.frame.candles
        let rows = candles.count
        let shift: Int
        let slots: Range<Int>
        if rows > span.startup + 1 {
            let firstSlot = Int((candles.times[span.startup] - span.start) / frameLength) + 1
            shift = span.startup + 1 - firstSlot
            slots = firstSlot..<(rows - shift)
            signals.fill(
                pair: index, with: pair.signals.flags, rows: span.startup..<rows - 1, at: firstSlot, canShort: settings.canShort)
        } else {
            shift = 0
            slots = 0..<0
        }
        (columns + index).initialize(
            to: PairColumns(
                open: candles.open.base, high: candles.high.base, low: candles.low.base, close: candles.close.base,
                shift: shift, slots: slots, amountRule: pair.frame.instrument.amountRule,
                priceRule: pair.frame.instrument.priceRule))
    }

    /// The outcome after `run`.
    consuming func result(span: Backtester.Span) -> BacktestResult {
        var rows = 0
        for index in 0..<pairs.count { rows += columns[index].slots.count }
        return BacktestResult(
            trades: closed, counters: counters, finalBalance: stakeBalance, start: Timestamp(milliseconds: span.start),
            end: Timestamp(milliseconds: span.end), equity: tracksEquity ? equity : nil,
            marketChange: Self.marketChange(pairs, from: span.start),
            pairs: pairs.map(\.frame.pair), startingBalance: settings.dryRunWallet, rows: rows)
    }

    /// Mean over the pairs of last close over first close within the range, less 1.
    private static func marketChange(_ pairs: [BacktestPair], from start: Int64) -> Double {
        let changes = pairs.compactMap { pair -> Double? in
            let candles = pair.frame.candles
            guard let first = candles.times.firstIndex(where: { $0 >= start }), candles.close[first] != 0 else { return nil }
            return (candles.close[candles.count - 1] - candles.close[first]) / candles.close[first]
        }
        return changes.isEmpty ? 0 : changes.pairwiseSum / Double(changes.count)
    }
}
