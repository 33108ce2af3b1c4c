import Market
import Strategies
import Testing

/// One row of signals with its tags as texts.
private struct Row: Equatable {
    var flags: SignalFlags
    var enterTag: String
    var exitTag: String
}

private func rows(_ signals: Signals) -> [Row] {
    signals.flags.indices.map { row in
        Row(
            flags: signals.flags[row],
            enterTag: signals.enterTags.isEmpty ? "" : signals.tagNames[Int(signals.enterTags[row])],
            exitTag: signals.exitTags.isEmpty ? "" : signals.tagNames[Int(signals.exitTags[row])])
    }
}

/// Values from the grid, every parameter at random.
private func randomValues(of strategy: any Strategy.Type, _ random: inout SplitMix64) throws -> ParameterValues {
    var values = ParameterValues(defaultsOf: strategy.parameters)
    for parameter in strategy.parameters {
        let index = Int(random.next() % UInt64(parameter.gridCount))
        try values.set(parameter.name, to: parameter.gridValue(at: index), of: strategy.parameters)
    }
    return values
}

/// A strategy with the most common mistake: it compares with the highest price of all candles, later ones included.
private struct Peeking: Strategy {
    static let name = "Peeking"
    static let parameters: [Parameter] = []
    static let rules = StrategyRules(timeframe: "5m")
    init(values: ParameterValues) {}

    func signals(on frame: Frame) -> Signals {
        let (close, top) = (frame.close, frame.high.max() ?? 0)
        var signals = Signals(count: frame.count)
        signals.enterLong { row in close[row] > top * 0.9 }
        return signals
    }
}

/// The numbers of first candles on which a strategy contradicts what it says about them when it sees all candles.
private func contradictions(
    of strategy: any Strategy, on candles: Candles, _ counts: some Sequence<Int>
) -> [Int] {
    let whole = rows(strategy.signals(on: Frame(candles)))
    return counts.filter { rows(strategy.signals(on: Frame(candles.slice(0..<$0)))) != Array(whole.prefix($0)) }
}

@Suite struct StrategyPropertyTests {
    static let seeds: ClosedRange<UInt64> = 1...12
    static let names = StrategyRegistry.builtIn.map { $0.name }

    @Test(arguments: names, seeds)
    func `what a strategy says about a candle never changes when more candles follow`(name: String, seed: UInt64) throws {
        let strategy = try StrategyRegistry().strategy(named: name)
        var random = SplitMix64(seed: seed)
        let values = try randomValues(of: strategy, &random)
        let counts = (0..<12).map { _ in Int(random.next() % 601) }
        let found = contradictions(of: strategy.init(values: values), on: randomCandles(rows: 600, seed: seed), counts)
        #expect(found.isEmpty, "\(name) \(values), seed \(seed)")
    }

    @Test func `a strategy that looks ahead is caught`() {
        let strategy = Peeking(values: ParameterValues(defaultsOf: []))
        let found = contradictions(of: strategy, on: randomCandles(rows: 600, seed: 1), stride(from: 50, to: 600, by: 50))
        #expect(!found.isEmpty)
    }

    @Test(arguments: names, seeds)
    func `the same candles and parameters always give the same signals`(name: String, seed: UInt64) throws {
        let strategy = try StrategyRegistry().strategy(named: name)
        var random = SplitMix64(seed: seed)
        let candles = randomCandles(rows: 400, seed: seed)
        let frame = Frame(candles, cache: FrameCache(limit: 8 * 400 * 8))
        let sets = try (0..<8).map { _ in try randomValues(of: strategy, &random) }
        let fresh = sets.map { rows(strategy.init(values: $0).signals(on: Frame(candles))) }
        for _ in 0..<3 {
            let shared = sets.map { rows(strategy.init(values: $0).signals(on: frame)) }
            #expect(shared == fresh, "\(name), seed \(seed)")
        }
    }

    @Test(arguments: names)
    func `a strategy finds something to do on a long walk`(name: String) throws {
        let strategy = try StrategyRegistry().strategy(named: name)
        let values = ParameterValues(defaultsOf: strategy.parameters)
        let signals = strategy.init(values: values).signals(on: Frame(randomCandles(rows: 20_000, seed: 5)))
        let entries = signals.flags.count { $0.contains(.enterLong) }
        #expect(entries > 20 && entries < 2_000)
        #expect(!strategy.rules.useExitSignal || signals.flags.contains { $0.contains(.exitLong) })
    }

    @Test(arguments: names)
    func `no candles and few candles are no problem`(name: String) throws {
        let strategy = try StrategyRegistry().strategy(named: name)
        let values = ParameterValues(defaultsOf: strategy.parameters)
        for count in 0...5 {
            let signals = strategy.init(values: values).signals(on: Frame(randomCandles(rows: count, seed: 1)))
            #expect(signals.flags.count == count)
            #expect(!signals.flags.contains { $0 != [] })
        }
    }

    @Test func `the startup candles cover the slowest parameters`() throws {
        for strategy in StrategyRegistry.builtIn {
            var values = ParameterValues(defaultsOf: strategy.parameters)
            for parameter in strategy.parameters where parameter.name != "oversold" && parameter.name != "adx_minimum" {
                let last = parameter.gridValue(at: parameter.gridCount - 1)
                try values.set(parameter.name, to: last, of: strategy.parameters)
            }
            let cache = FrameCache()
            let count = strategy.rules.startupCandleCount
            let frame = Frame(randomCandles(rows: count, seed: 2), cache: cache)
            _ = strategy.init(values: values).signals(on: frame)
            for column in cache.all { #expect(column.last.map(\.isFinite) == true, "\(strategy.name)") }
        }
    }
}
