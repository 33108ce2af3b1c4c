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

    @Test func `a rebate is a fee, and one out of range is named as such`() throws {
        let rebate = try Instrument(
            pair: #require(Pair("A/X")), amountPrecision: nil, pricePrecision: nil, makerFee: -0.0002, takerFee: -0.0001)
        #expect(try Backtester.fee(of: rebate) == -0.0001)
        let broken = try Instrument(pair: #require(Pair("A/X")), amountPrecision: nil, pricePrecision: nil, takerFee: 1.5)
        let error = #expect(throws: BacktestError.self) { try Backtester.fee(of: broken) }
        #expect(error?.description.contains("fee of A/X is 1.5") == true)
    }

    /// Stake over price beyond the largest number: such an order is not placed, and nothing traps.
    @Test func `a stake far beyond a coin's price opens no trade`() throws {
        var tried = 0
        for seed in RandomRun.seeds("overflow", count: 20) {
            var run = try RandomRun(seed: seed)
            run.settings.dryRunWallet = 1e15
            run.settings.stakeAmount = .fixed(1e14)
            for index in run.pairs.indices {
                let old = run.pairs[index].frame
                let tiny = Column((0..<old.candles.count).map { _ in 5e-300 })
                let candles = Candles(
                    times: old.candles.times, open: tiny, high: tiny, low: tiny, close: tiny, volume: old.candles.volume)
                run.pairs[index].frame = try PairFrame(
                    instrument: old.instrument, candles: candles, timeframe: run.settings.timeframe)
            }
            let result = try Backtester.run(settings: run.settings, pairs: run.pairs)
            #expect(result.trades.allSatisfy { $0.amount.isFinite && $0.stakeAmount.isFinite }, "seed \(seed)")
            tried += 1
        }
        #expect(tried == 20)
        #expect(try error { $0.dryRunWallet = 1e300 }?.description.contains("dry_run_wallet") == true)
        #expect(try error { $0.stakeAmount = .fixed(1e16) }?.description.contains("stake_amount") == true)
        #expect(try error { $0.availableCapital = .infinity }?.description.contains("available_capital") == true)
    }

    @Test func `each of the four prices is looked at`() throws {
        let instrument = try instrument()
        let frame = try minute
        func refusal(_ open: Double, _ high: Double, _ low: Double, _ close: Double) -> String? {
            let candles = Candles(
                times: Column([0]), open: Column([open]), high: Column([high]), low: Column([low]), close: Column([close]),
                volume: Column([1]))
            do {
                _ = try PairFrame(instrument: instrument, candles: candles, timeframe: frame)
                return nil
            } catch { return "\(error)" }
        }
        #expect(refusal(1, 2, 1, 1) == nil)
        #expect(refusal(0, 0, 0, 0) == nil)
        #expect(refusal(1e308, 1e308, 1e308, 1e308) == nil)
        for prices in [(-1, 2, 1, 1), (1, -2, 1, 1), (1, 2, -1, 1), (1, 2, 1, -1)] as [(Double, Double, Double, Double)] {
            #expect(refusal(prices.0, prices.1, prices.2, prices.3)?.contains("below zero") == true, "\(prices)")
        }
        #expect(refusal(1, 2, 1, .nan)?.contains("no finite number") == true)
        #expect(refusal(1, .infinity, 1, 1)?.contains("no finite number") == true)
        #expect(refusal(3, 2, 4, 3)?.contains("high below its low") == true)
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
