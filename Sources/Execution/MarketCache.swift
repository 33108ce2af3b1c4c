internal import Backtesting
internal import Market
internal import MarketData
internal import Strategies

/// The candles of one worker: each file is read and checked once, prepared once per time range, and its indicator columns are
/// shared by all runs that ask for the same ones. Belongs to one thread.
final class MarketCache {
    /// Candles as one run sees them.
    struct Entry {
        var frame: PairFrame
        var indicators: Frame
    }

    private struct Key: Hashable {
        var pair: Pair
        var timeframe: Timeframe
        var range: TimeRange
        var startup: Int
    }

    private let source: any CandleSource
    private let instruments: InstrumentFile
    private let load: (CandleKey) throws(ExecutionError) -> Candles
    private var raw: [CandleKey: Candles] = [:]
    private var entries: [Key: Entry] = [:]
    private var order: [Key] = []
    private var rows = 0
    private let columns = FrameCache()

    /// Rows that are kept prepared at most; 8 million are 384 MB.
    private static let rowLimit = 8_000_000

    /// - Parameter load: reads and verifies the candles of a key; called once per key.
    init(
        source: any CandleSource, instruments: InstrumentFile, load: @escaping (CandleKey) throws(ExecutionError) -> Candles
    ) {
        self.source = source
        self.instruments = instruments
        self.load = load
    }

    /// The candles of a pair over a time range, with the rows that warm up before it.
    func entry(_ pair: Pair, _ timeframe: Timeframe, _ range: TimeRange, startup: Int) throws(ExecutionError) -> Entry {
        let key = Key(pair: pair, timeframe: timeframe, range: range, startup: startup)
        if let known = entries[key] { return known }
        let made = try make(key)
        entries[key] = made
        order.append(key)
        rows += made.frame.candles.count
        while rows > Self.rowLimit, order.count > 1 {
            let oldest = order.removeFirst()
            if let gone = entries.removeValue(forKey: oldest) { rows -= gone.frame.candles.count }
        }
        return made
    }

    private func make(_ key: Key) throws(ExecutionError) -> Entry {
        let candleKey = CandleKey(key.pair, key.timeframe)
        let stored = try candles(candleKey)
        do {
            let prepared = try CandlePreparation.prepared(
                stored, timeframe: key.timeframe, range: key.range, startupCandles: key.startup)
            let instrument = try instruments.instrument(key.pair)
            let frame = try PairFrame(instrument: instrument, candles: prepared, timeframe: key.timeframe)
            return Entry(frame: frame, indicators: Frame(prepared, cache: columns))
        } catch let error as MarketDataError {
            throw ExecutionError(error)
        } catch {
            throw .engine("\(key.pair) \(key.timeframe): \(error)")
        }
    }

    private func candles(_ key: CandleKey) throws(ExecutionError) -> Candles {
        if let known = raw[key] { return known }
        let loaded = try load(key)
        raw[key] = loaded
        return loaded
    }
}
