import Backtesting
import Exchange
import Market
import Money
import Strategies
import SyntheticMarket
import Testing
import Trading

@testable import TradingLoop

/// With market orders that fill at the open of the candle that follows, and exits by signal alone, the loop and a backtest of the same
/// candles must agree in every trade: pairs, times, rates, amounts, profits to the last bit. Stops and ROI act within candles, where a
/// backtest has to guess, and are compared rule by rule elsewhere.
@Suite struct BacktestComparisonTests {
    @Test(arguments: ["MacdTrend", "RsiReversion"], [3, 11] as [UInt64])
    func `A loop over synthetic candles makes the backtest's trades`(_ name: String, _ seed: UInt64) throws {
        let type = try StrategyRegistry().strategy(named: name)
        let strategy = type.init(values: ParameterValues(defaultsOf: type.parameters))
        var rules = BacktestSettings(rules: strategy.rules)
        rules.minimalROI = [:]
        rules.stoploss = -0.9
        rules.trailingStop = false
        rules.trailingStopPositive = nil
        rules.trailingStopPositiveOffset = 0
        rules.trailingOnlyOffsetIsReached = false
        rules.useExitSignal = true
        rules.exitProfitOnly = false
        rules.timeframe = .fiveMinutes
        rules.startupCandleCount = 60
        rules.maxOpenTrades = 2
        rules.stakeAmount = .fixed(100)
        rules.dryRunWallet = 10_000
        rules.fee = 0.001
        rules.entryOrderType = .market
        rules.exitOrderType = .market
        let names = ["BTC/USDT", "ETH/USDT", "XRP/USDT", "DOGE/USDT"]
        let pairs = names.compactMap { Pair($0) }
        let market = try SyntheticMarket(
            seed: seed, pairs: pairs, start: Timestamp(seconds: 1_700_000_000), days: 5, base: .fiveMinutes)
        let candles = try pairs.map { try market.candles($0, .fiveMinutes) }
        let expected = try backtest(rules, strategy, market, pairs, candles)
        let run = try live(rules, strategy, market, pairs, candles)
        #expect(expected.count > 15)
        #expect(run.closed.count == expected.count)
        let ours = run.closed.sorted { ($0.openTime, $0.pair) < ($1.openTime, $1.pair) }
        let theirs = expected.sorted { ($0.openDate, $0.pair) < ($1.openDate, $1.pair) }
        for (a, b) in zip(ours, theirs) { compare(a, b) }
        print("\(name), seed \(seed): \(ours.count) trades compared, \(run.venue.placed) orders")
    }

    private func compare(_ a: TradeReport, _ b: ClosedTrade) {
        #expect(a.pair == b.pair && a.openTime == b.openDate && a.closeTime == b.closeDate)
        #expect(a.openRate == b.openRate && a.closeRate == b.closeRate)
        #expect(a.profit == b.profitAbs && a.profitRatio == b.profitRatio, "\(a.pair) of \(a.openTime)")
        #expect(a.exitReason == b.exitReason && a.enterTag == b.enterTag)
        #expect(a.stake == b.stakeAmount)
    }

    private func backtest(
        _ rules: BacktestSettings, _ strategy: any Strategy, _ market: SyntheticMarket, _ pairs: [Pair], _ candles: [Candles]
    ) throws -> [ClosedTrade] {
        let frames = try zip(pairs, candles).map { pair, candles in
            BacktestPair(
                frame: try PairFrame(
                    instrument: market.instrument(pair), candles: candles, timeframe: rules.timeframe, priceTicks: PriceTicks.none
                ),
                signals: strategy.signals(on: Frame(candles)))
        }
        return try Backtester.run(settings: rules, pairs: frames).trades
    }

    private func live(
        _ rules: BacktestSettings, _ strategy: any Strategy, _ market: SyntheticMarket, _ pairs: [Pair], _ candles: [Candles]
    ) throws -> Run {
        var settings = TradingSettings(rules: rules)
        settings.entryPricing.side = .other
        settings.exitPricing.side = .other
        settings.candleLimit = 100_000
        let listings = try pairs.map { try Self.listing(market.instrument($0)) }
        var run = try Run(settings, strategy, listings, seed: 1, cash: "10000")
        let count = candles[0].count
        let first = rules.startupCandleCount
        try run.start(
            Dictionary(uniqueKeysWithValues: zip(pairs, candles.map { $0.rows(0..<first) })), at: candles[0].time(at: first))
        for row in first..<count - 1 {
            run.now = candles[0].time(at: row + 1)
            if row == count - 2 { try run.input { $0.pauseEntries("the last candle", now: $1) } }
            for (pair, candles) in zip(pairs, candles) { try run.quote(pair, Self.price(candles.open[row + 1])) }
            // The order in which candles come in must not matter.
            for index in row % 2 == 0 ? [0, 1, 2, 3] : [2, 3, 1, 0] {
                try run.candle(pairs[index], candles[index].candle(at: row))
            }
        }
        try run.input { $0.forceExit(.all, isMarket: true, now: $1) }
        try run.listen()
        #expect(run.venue.violations.isEmpty && run.loop.openTradeCount == 0)
        return run
    }

    private static func price(_ value: Double) throws -> Price { try #require(Price(value.description)) }

    private static func listing(_ instrument: Instrument) throws -> TradedInstrument {
        var listing = TradedInstrument(
            pair: instrument.pair, symbol: instrument.pair.base, streamSymbol: instrument.pair.base,
            priceTick: try price(instrument.pricePrecision ?? 0),
            quantityStep: try #require(Quantity((instrument.amountPrecision ?? 0).description)))
        listing.minimumNotional = instrument.costLimits.minimum.flatMap { Amount($0.description) }
        listing.minimumQuantity = instrument.amountLimits.minimum.flatMap { Quantity($0.description) }
        return listing
    }
}

extension Candles {
    func rows(_ range: Range<Int>) -> [Candle] { range.map { candle(at: $0) } }
}
