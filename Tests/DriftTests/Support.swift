import Backtesting
import Exchange
import Market
import Money
import Orders
import Strategies
import SyntheticMarket
import Testing
import Trading
import TradingJournal
import TradingLoop

@testable import Drift

struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(count, 1))) }
}

/// A synthetic market that a job saw: history, candles that were decided on, rules of the pairs.
struct Scene {
    static let historyRows = 100
    let market: SyntheticMarket
    let pairs: [Pair]
    let candles: [Pair: Candles]
    var settings: BacktestSettings
    let strategy: any Strategy

    init(seed: UInt64, days: Int = 4, strategy name: String = "EmaCross", fee: Double? = 0.001) throws {
        pairs = ["BTC/USDT", "ETH/USDT", "XRP/USDT", "DOGE/USDT"].compactMap { Pair($0) }
        market = try SyntheticMarket(
            seed: seed, pairs: pairs, start: Timestamp(seconds: 1_700_000_000), days: days, base: .fiveMinutes)
        let type = try StrategyRegistry().strategy(named: name)
        strategy = type.init(values: ParameterValues(defaultsOf: type.parameters))
        settings = BacktestSettings(rules: strategy.rules)
        settings.timeframe = .fiveMinutes
        settings.startupCandleCount = 60
        settings.maxOpenTrades = 2
        settings.stakeAmount = .fixed(100)
        settings.dryRunWallet = 10_000
        settings.fee = fee
        let market = market
        candles = try Dictionary(uniqueKeysWithValues: pairs.map { ($0, try market.candles($0, .fiveMinutes)) })
    }

    var rows: Int { candles.values.map(\.count).min() ?? 0 }

    /// The records that a job's journal has of the market: the row before `last` is the last one recorded.
    func marketNotes(last: Int, leavingOut gaps: Set<Int> = []) -> [JournalNote] {
        var notes: [JournalNote] = []
        for pair in pairs {
            guard let list = candles[pair] else { continue }
            notes += JournalNote.beginning(market.instrument(pair), history: (0..<Self.historyRows).map { list.candle(at: $0) })
        }
        for row in Self.historyRows..<last where !gaps.contains(row) {
            for pair in pairs { if let list = candles[pair] { notes.append(.candle(pair, list.candle(at: row))) } }
        }
        return notes
    }

    func books(_ notes: [JournalNote]) throws -> TradingBooks {
        var books = TradingBooks(keepsCandles: true)
        for note in notes { try books.take(note.record.encoded) }
        return books
    }

    func shadow(_ books: TradingBooks) throws -> ShadowBacktest {
        try ShadowBacktest(books, settings: settings, strategy: strategy, pairs: pairs)
    }
}

extension DriftReport {
    func check(_ seed: UInt64) {
        let sum = sums.reduce(0) { $0 + $1.profit }
        #expect((sum - profitDifference).magnitude < 1e-6 * max(1, jobProfit.magnitude, backtestProfit.magnitude), "seed \(seed)")
        #expect(sums.reduce(0) { $0 + $1.count } == differences.count, "seed \(seed)")
        for cause in DriftCause.allCases where cause != .rounding {
            let own = differences.filter { $0.cause == cause }
            #expect(sums.first { $0.cause == cause }?.count ?? 0 == own.count, "seed \(seed), \(cause)")
        }
    }

    var causes: [DriftCause] { differences.map(\.cause) }
}
