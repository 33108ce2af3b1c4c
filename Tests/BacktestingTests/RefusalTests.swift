import Market
import Strategies
import Testing
import Trading

@testable import Backtesting

@Suite("Refused backtests")
struct RefusalTests {
    private func candles(_ times: [Int64], price: Double = 1) -> Candles {
        let column = Column([Double](repeating: price, count: times.count))
        return Candles(times: Column(times), open: column, high: column, low: column, close: column, volume: column)
    }

    private func instrument(amount: Double? = nil) throws -> Instrument {
        Instrument(pair: try #require(Pair("A/X")), amountPrecision: amount, pricePrecision: nil)
    }

    private var minute: Timeframe { get throws { try #require(Timeframe("1m")) } }

    private func error(_ change: (inout BacktestSettings) -> Void) throws -> BacktestError? {
        var run = try RandomRun(seed: 3)
        run.settings.maxOpenTrades = 3
        change(&run.settings)
        let (settings, pairs) = (run.settings, run.pairs)
        return #expect(throws: BacktestError.self) { try Backtester.run(settings: settings, pairs: pairs) }
    }

    @Test func `a setting that cannot work is named with its key and a remedy`() throws {
        #expect(try error { $0.stoploss = 0.1 }?.description.contains("stoploss") == true)
        #expect(try error { $0.stoploss = .nan }?.description.contains("stoploss") == true)
        #expect(try error { $0.dryRunWallet = 0 }?.description.contains("dry_run_wallet") == true)
        #expect(try error { $0.stakeAmount = .fixed(-1) }?.description.contains("stake_amount") == true)
        #expect(
            try error { ($0.stakeAmount, $0.maxOpenTrades) = (.unlimited, nil) }?.description.contains("max_open_trades") == true)
        #expect(try error { $0.maxOpenTrades = 0 }?.description.contains("max_open_trades") == true)
        #expect(try error { $0.tradableBalanceRatio = 1.5 }?.description.contains("tradable_balance_ratio") == true)
        #expect(try error { $0.fee = -0.1 }?.description.contains("fee") == true)
        #expect(try error { $0.tradingMode = .futures }?.description.contains("trading_mode") == true)
        #expect(try error { ($0.tradingMode, $0.canShort) = (.spot, true) }?.description.contains("can_short") == true)
        #expect(try error { $0.minimalROI = [-5: 0.1] }?.description.contains("minimal_roi") == true)
        #expect(try error { $0.trailingStopPositive = .infinity }?.description.contains("trailing_stop_positive") == true)
        #expect(try error { $0.startupCandleCount = 100_000 } == .noCandles)
    }

    @Test func `without a set fee the instrument must have one`() throws {
        #expect(try error { $0.fee = nil }?.description.contains("instruments.json") == true)
    }

    @Test func `gaps, broken prices and steps of zero are refused`() throws {
        let instrument = try instrument()
        let frame = try minute
        let gap = candles([0, 60_000, 180_000])
        #expect(throws: BacktestError.self) { try PairFrame(instrument: instrument, candles: gap, timeframe: frame) }
        let broken = candles([0, 60_000], price: .nan)
        #expect(throws: BacktestError.self) { try PairFrame(instrument: instrument, candles: broken, timeframe: frame) }
        let below = candles([0, 60_000], price: -1)
        #expect(throws: BacktestError.self) { try PairFrame(instrument: instrument, candles: below, timeframe: frame) }
        let step = try self.instrument(amount: 0)
        let good = candles([0, 60_000])
        #expect(throws: BacktestError.self) { try PairFrame(instrument: step, candles: good, timeframe: frame) }
    }

    @Test func `signals must be one a candle, with named tags, and pairs different`() throws {
        let run = try RandomRun(seed: 3)
        let settings = run.settings
        var changed = run.pairs
        changed[0].signals.flags.removeLast()
        let short = changed
        #expect(throws: BacktestError.self) { try Backtester.run(settings: settings, pairs: short) }
        changed = run.pairs
        changed[0].signals.enterTags = Array(repeating: 4, count: changed[0].frame.candles.count)
        let tagged = changed
        let unknown = BacktestError.tag(pair: tagged[0].frame.pair, number: 4)
        #expect(throws: unknown) { try Backtester.run(settings: settings, pairs: tagged) }
        let twice = [run.pairs[0], run.pairs[0]]
        let duplicate = BacktestError.duplicatePair(run.pairs[0].frame.pair)
        #expect(throws: duplicate) { try Backtester.run(settings: settings, pairs: twice) }
        #expect(throws: BacktestError.noCandles) { try Backtester.run(settings: settings, pairs: []) }
    }
}
