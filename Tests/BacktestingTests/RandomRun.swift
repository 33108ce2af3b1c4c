import Foundation
import Market
import Strategies
import Testing
import Trading

@testable import Backtesting

/// A random market with random signals under random settings, all from one seed.
struct RandomRun {
    var settings: BacktestSettings
    var pairs: [BacktestPair]

    /// Random numbers (S. Vigna's SplitMix64).
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }
    }

    static func seeds(_ name: String, count: Int) -> [UInt64] {
        let first = ProcessInfo.processInfo.environment["PRAGMA_SEED"].flatMap { UInt64($0) } ?? 7_000
        print("\(name): seeds \(first)..<\(first + UInt64(count))")
        return (0..<UInt64(count)).map { first + $0 }
    }

    init(seed: UInt64) throws {
        var random = Generator(state: seed)
        settings = try Self.settings(&random)
        let frame = settings.timeframe
        let names = ["A/X", "B/X", "C/X", "D/X", "E/X", "F/X", "G/X", "H/X", "I/X", "J/X"]
        pairs = try names.prefix(Int.random(in: 1...10, using: &random)).map { name in
            let late = random.chance(0.3) ? Int.random(in: 0..<100, using: &random) : 0
            let rows = Int.random(in: 60..<400, using: &random)
            let candles = Self.candles(rows: rows, start: Int64(late) * frame.milliseconds, frame, &random)
            let instrument = Instrument(
                pair: try #require(Pair(name)), amountPrecision: 0.001, pricePrecision: 0.01,
                amountLimits: .init(minimum: 0.001), costLimits: .init(minimum: 1))
            let pair = try PairFrame(instrument: instrument, candles: candles, timeframe: frame)
            return BacktestPair(frame: pair, signals: Self.signals(rows: rows, &random))
        }
    }

    private static func settings(_ random: inout Generator) throws -> BacktestSettings {
        var settings = BacktestSettings(rules: StrategyRules(timeframe: try #require(Timeframe("5m"))))
        settings.stoploss = -Double.random(in: 0.005...0.1, using: &random)
        if random.chance(0.8) {
            for minutes in [0, 20, 63, 240].shuffled(using: &random).prefix(2) {
                settings.minimalROI[minutes] = random.chance(0.2) ? 0 : Double.random(in: 0...0.05, using: &random)
            }
        }
        settings.trailingStop = random.chance(0.5)
        settings.trailingStopPositive = random.chance(0.5) ? Double.random(in: 0.002...0.02, using: &random) : nil
        settings.trailingStopPositiveOffset = random.chance(0.5) ? Double.random(in: 0.02...0.04, using: &random) : 0
        settings.trailingOnlyOffsetIsReached = settings.trailingStopPositive == nil && random.chance(0.5)
        settings.useExitSignal = random.chance(0.7)
        settings.exitProfitOnly = random.chance(0.3)
        settings.ignoreROIIfEntrySignal = random.chance(0.3)
        settings.maxOpenTrades = random.chance(0.2) ? nil : Int.random(in: 1...4, using: &random)
        settings.stakeAmount = settings.maxOpenTrades != nil && random.chance(0.5) ? .unlimited : .fixed(100)
        settings.dryRunWallet = 500
        settings.fee = [0, 0.001, 0.00075].randomElement(using: &random)
        settings.startupCandleCount = random.chance(0.5) ? 10 : 0
        if random.chance(0.5) {
            settings.tradingMode = .margin
            settings.canShort = true
        }
        return settings
    }

    private static func candles(rows: Int, start: Int64, _ frame: Timeframe, _ random: inout Generator) -> Candles {
        var (times, open, high, low, close): ([Int64], [Double], [Double], [Double], [Double]) = ([], [], [], [], [])
        var price = Double.random(in: 5...200, using: &random)
        let swing = Double.random(in: 0.002...0.02, using: &random)
        func tick(_ value: Double) -> Double { max((value * 100).rounded(), 1) / 100 }
        for row in 0..<rows {
            times.append(1_600_000_200_000 + start + Int64(row) * frame.milliseconds)
            open.append(tick(price * (random.chance(0.1) ? 1 + Double.random(in: -swing...swing, using: &random) : 1)))
            price *= 1 + Double.random(in: -swing...swing, using: &random)
            close.append(tick(price))
            high.append(tick(max(open[row], close[row]) * (1 + Double.random(in: 0...swing, using: &random))))
            low.append(tick(min(open[row], close[row]) * (1 - Double.random(in: 0...swing, using: &random))))
        }
        return Candles(
            times: Column(times), open: Column(open), high: Column(high.enumerated().map { max($1, open[$0], close[$0]) }),
            low: Column(low.enumerated().map { min($1, open[$0], close[$0]) }), close: Column(close), volume: Column(close))
    }

    private static func signals(rows: Int, _ random: inout Generator) -> Signals {
        var signals = Signals(count: rows)
        for (flag, often) in [(SignalFlags.enterLong, 0.1), (.exitLong, 0.05), (.enterShort, 0.05), (.exitShort, 0.05)] {
            for row in 0..<rows where random.chance(often) { signals.flags[row].insert(flag) }
        }
        return signals
    }

    /// The same with all pairs cut after the candle at `end`.
    func cut(at end: Int64) throws -> RandomRun {
        var result = self
        result.pairs = try pairs.map { pair in
            let count = pair.frame.candles.times.count { $0 <= end }
            var signals = Signals(count: count)
            signals.flags = Array(pair.signals.flags.prefix(count))
            let frame = try PairFrame(
                instrument: pair.frame.instrument, candles: pair.frame.candles.slice(0..<count), timeframe: settings.timeframe,
                priceTicks: pair.frame.priceTicks)
            return BacktestPair(frame: frame, signals: signals)
        }
        return result
    }
}
