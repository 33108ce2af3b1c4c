import DryRunJob
import Market
import TradingJournal
import TradingLoop

/// What outlives a process beside its journal: the market, of which a new process can ask the venue.
struct DryRunMarketNow {
    private let rig: DryRunRig
    private var candles: [Pair: [Candle]]
    private var quotes: [Pair: DryRunRig.Step] = [:]

    init(_ rig: DryRunRig) {
        self.rig = rig
        candles = rig.history.mapValues { list in (0..<list.count).map { list.candle(at: $0) } }
    }

    /// What happens, whether a process hears it or not.
    mutating func take(_ step: DryRunRig.Step) {
        switch step.what {
        case .book: quotes[step.pair] = step
        case .candle(let candle): candles[step.pair, default: []].append(candle)
        case .tick: break
        }
    }

    /// A process that was told the newest candles and the books, before its `start`.
    func process(at time: Timestamp) throws -> DryRunInstance {
        var instance = try rig.bare()
        for (pair, list) in candles.sorted(by: { $0.key < $1.key }) {
            _ = instance.history(pair, Candles(list.suffix(rig.settings.candleLimit)), now: time)
        }
        for step in books(at: time) { _ = DryRunRig.feed(step, to: &instance) }
        return instance
    }

    /// The newest book of each pair, as an input.
    func books(at time: Timestamp) -> [DryRunRig.Step] {
        quotes.values.sorted { $0.pair < $1.pair }.map { DryRunRig.Step(pair: $0.pair, time: time, what: $0.what) }
    }
}

extension Candles {
    fileprivate init(_ list: some Collection<Candle>) {
        self.init(
            times: Column(list.map(\.time.milliseconds)), open: Column(list.map(\.open)), high: Column(list.map(\.high)),
            low: Column(list.map(\.low)), close: Column(list.map(\.close)), volume: Column(list.map(\.volume)))
    }
}
