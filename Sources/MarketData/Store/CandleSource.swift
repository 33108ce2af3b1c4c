package import Market

/// What a source knows of one set of candles without handing them out.
package struct CandleSummary: Hashable, Sendable {
    /// Pair, timeframe and kind.
    package var key: CandleKey
    /// How many rows there are.
    package var rows: Int
    /// Opening time of the first row; nil where there is none.
    package var first: Timestamp?
    /// Opening time of the last row; nil where there is none.
    package var last: Timestamp?

    /// A summary; see the properties.
    package init(key: CandleKey, rows: Int, first: Timestamp?, last: Timestamp?) {
        self.key = key
        self.rows = rows
        self.first = first
        self.last = last
    }

    /// The summary of `candles`.
    package init(key: CandleKey, candles: Candles) {
        self.init(
            key: key, rows: candles.count, first: candles.times.first.map(Timestamp.init(milliseconds:)),
            last: candles.times.last.map(Timestamp.init(milliseconds:)))
    }
}

/// Where candles come from: a folder of files, or memory.
///
/// A source hands out candles exactly as they are stored; `CandlePreparation` makes of them what a backtest sees. The same
/// key gives the same candles each time, from any thread. Asking for a key that is not there throws `.missing` and names
/// what is.
package protocol CandleSource: Sendable {
    /// All keys that have candles, sorted.
    func keys() throws(MarketDataError) -> [CandleKey]

    /// The candles of `key`.
    func candles(_ key: CandleKey) throws(MarketDataError) -> Candles

    /// What there is, sorted by key. The default loads all candles; sources that know better do less.
    func list() throws(MarketDataError) -> [CandleSummary]
}

extension CandleSource {
    /// What there is, sorted by key, found by loading it.
    package func list() throws(MarketDataError) -> [CandleSummary] {
        var result: [CandleSummary] = []
        for key in try keys() { result.append(CandleSummary(key: key, candles: try candles(key))) }
        return result
    }

    /// The candles of a spot pair, or of a contract where the pair has a settlement currency.
    package func candles(_ pair: Pair, _ timeframe: Timeframe) throws(MarketDataError) -> Candles {
        try candles(CandleKey(pair, timeframe))
    }

    /// The candles a backtest over `range` starts from; funding rates are merged but never filled.
    package func prepared(
        _ key: CandleKey, range: TimeRange = .all, startupCandles: Int = 0
    ) throws(MarketDataError) -> Candles {
        let stored = try candles(key)
        do throws(CandlePreparation.Failure) {
            return try CandlePreparation.prepared(
                stored, timeframe: key.timeframe, range: range, startupCandles: startupCandles, fillsGaps: key.kind.isCandle)
        } catch {
            throw MarketDataError(.content, file: key.description, error.description)
        }
    }
}

/// Candles held in memory, for tests and for synthetic markets.
package struct InMemoryCandleSource: CandleSource {
    private let stored: [CandleKey: Candles]

    /// A source of exactly these candles.
    package init(_ candles: [CandleKey: Candles]) { stored = candles }

    package func keys() -> [CandleKey] { stored.keys.sorted() }

    package func candles(_ key: CandleKey) throws(MarketDataError) -> Candles {
        guard let candles = stored[key] else { throw .noCandles(key, in: "memory", known: keys()) }
        return candles
    }
}

extension MarketDataError {
    /// No candles of `key`: names the timeframes there are for its pair, or else the pairs there are.
    static func noCandles(_ key: CandleKey, in place: String, known: [CandleKey]) -> MarketDataError {
        let samePair = known.filter { $0.pair == key.pair }
        let there = samePair.isEmpty ? known : samePair
        let names = there.prefix(12).map(\.description).joined(separator: ", ")
        let more = there.count > 12 ? " and \(there.count - 12) more" : ""
        return MarketDataError(
            .missing, file: place, "has no candles of \(key)" + (there.isEmpty ? "" : ", only \(names)\(more)"),
            remedy: "Get them with `freqtrade download-data` or `pragma data`")
    }
}
