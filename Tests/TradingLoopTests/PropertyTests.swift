import Backtesting
import Exchange
import Market
import Money
import Orders
import Strategies
import Testing
import Trading

@testable import TradingLoop

/// Random markets, settings and venues from seeds.
@Suite struct PropertyTests {
    struct World {
        var settings: TradingSettings
        var listings: [TradedInstrument]
        /// For each pair and candle: the candle and the prices within it.
        var candles: [[Candle]]
        var paths: [[[Price]]]
        var feesInBase: Bool
    }

    private static func settings(_ random: inout Randomness) -> TradingSettings {
        var settings = quietSettings()
        settings.rules.stoploss = -Double.random(in: 0.01...0.1, using: &random)
        if random.chance(0.6) { settings.rules.minimalROI = [0: 0.03, 15: 0.01] }
        settings.rules.trailingStop = random.chance(0.5)
        settings.rules.trailingStopPositive = random.chance(0.5) ? 0.01 : nil
        settings.rules.trailingStopPositiveOffset = random.chance(0.5) ? 0.015 : 0
        settings.rules.exitProfitOnly = random.chance(0.3)
        settings.rules.maxOpenTrades = Int.random(in: 1...3, using: &random)
        settings.rules.stakeAmount = random.chance(0.5) ? .fixed(150) : .unlimited
        settings.rules.fee = nil
        settings.orderTypes.stoplossOnExchange = random.chance(0.5)
        settings.orderTypes.stoploss = random.chance(0.5) ? .limit : .market
        settings.orderTypes.stoplossOnExchangeInterval = 60_000
        settings.exitTimeoutCount = Int.random(in: 0...2, using: &random)
        settings.exitPricing.side = .other
        settings.entryPricing.side = .other
        settings.rules.entryOrderType = random.chance(0.3) ? .market : .limit
        settings.rules.exitOrderType = random.chance(0.3) ? .market : .limit
        settings.rules.unfilledTimeout.entry = 120_000
        settings.rules.unfilledTimeout.exit = 120_000
        return settings
    }

    private static func world(_ seed: UInt64, candles count: Int) throws -> World {
        var random = Randomness(seed)
        let settings = settings(&random)
        let listings = try ["A/USDT", "B/USDT", "C/USDT", "D/USDT"].map(listing)
        var candles: [[Candle]] = []
        var paths: [[[Price]]] = []
        for _ in listings {
            var level: Int64 = 10_000
            var (rows, inner): ([Candle], [[Price]]) = ([], [])
            for row in 0..<count {
                let path = (0..<5).map { _ -> Int64 in
                    level = max(level + Int64.random(in: -90...90, using: &random), 2000)
                    return level
                }
                let rates = path.map { Double($0) / 100 }
                let codes = [1.0, 1, 2, 0, 0, 0, 0]
                rows.append(
                    Candle(
                        time: Timestamp(milliseconds: Int64(row) * 300_000), open: rates[0], high: rates.max() ?? 0,
                        low: rates.min() ?? 0, close: rates[4], volume: codes.randomElement(using: &random) ?? 0))
                inner.append(path.map { Price(units: $0, decimals: 2) })
            }
            candles.append(rows)
            paths.append(inner)
        }
        return World(settings: settings, listings: listings, candles: candles, paths: paths, feesInBase: random.chance(0.5))
    }

    /// Candle by candle: prices within the candle with ticks, then its close. `check` sees the run after every tick.
    private static func play(
        _ world: World, seed: UInt64, losesCancels: Bool, dies: ((UInt64) -> Bool)? = nil, check: (Run) -> Void = { _ in }
    ) throws -> Run {
        var run = try Run(world.settings, VolumeSignals(), world.listings, seed: seed, cash: "1000")
        run.venue.chaos = true
        run.venue.losesCancels = losesCancels
        run.venue.feesInBase = world.feesInBase
        for (index, pair) in run.pairs.enumerated() { run.venue.quotes[pair] = world.paths[index][0][4] }
        try run.start(
            Dictionary(uniqueKeysWithValues: zip(run.pairs, world.candles.map { [$0[0]] })), at: Timestamp(milliseconds: 300_000))
        run.dies = dies
        for row in 1..<world.candles[0].count {
            for part in 0..<5 {
                run.now = Timestamp(milliseconds: Int64(row) * 300_000 + Int64(part) * 60_000)
                for (index, pair) in run.pairs.enumerated() { try run.quote(pair, world.paths[index][row][part]) }
                try run.tick()
                check(run)
            }
            run.now = Timestamp(milliseconds: Int64(row + 1) * 300_000)
            for (index, pair) in run.pairs.enumerated() { try run.candle(pair, world.candles[index][row]) }
            check(run)
        }
        try run.closeAll()
        return run
    }

    @Test func `Slots hold, nothing is sold twice, money adds up, and every trade ends flat or as dust`() throws {
        var (trades, orders) = (0, 0)
        for seed in seeds("trading loop on a wild venue", count: 20) {
            let world = try Self.world(seed, candles: 50)
            let run = try Self.play(
                world, seed: seed, losesCancels: true,
                check: { run in
                    for trade in run.loop.trades { #expect(trade.held == Self.held(trade, run.venue), "seed \(seed)") }
                })
            #expect(run.venue.violations.isEmpty, "seed \(seed): \(run.venue.violations.first ?? "")")
            #expect(run.mostOpen <= world.settings.rules.maxOpenTrades ?? 0, "seed \(seed)")
            #expect(run.loop.openTradeCount == 0, "seed \(seed): \(run.loop.openTrades)")
            Self.checkMoney(run, world, seed)
            trades += run.closed.count
            orders += run.venue.placed
        }
        print("\(trades) trades, \(orders) orders")
        #expect(trades > 200)
    }

    /// What the updates that were delivered say is held.
    private static func held(_ trade: LiveTrade, _ venue: SimpleVenue) -> Amount {
        trade.orders.reduce(Amount.zero) { sum, order in
            guard let update = venue.delivered[order.ticket] else { return sum }
            let filled = Amount(update.filled)
            let fee = update.fees.first { $0.asset == trade.pair.base }?.amount ?? .zero
            return (order.isEntry ? sum.adding(filled) : sum.subtracting(filled))?.subtracting(fee) ?? .zero
        }
    }

    private static func checkMoney(_ run: Run, _ world: World, _ seed: UInt64) {
        let cash = run.closed.reduce(amount("1000")) { (sum: Amount, trade: TradeReport) in sum.adding(trade.cashFlow) ?? sum }
        #expect(run.venue.totals["USDT"] == cash, "seed \(seed)")
        for (pair, listing) in zip(run.pairs, world.listings) {
            let trades = run.closed.filter { $0.pair == pair }
            let dust = trades.reduce(Amount.zero) { $0.adding($1.dust) ?? $0 }
            #expect(run.venue.totals[pair.base] ?? .zero == dust, "seed \(seed) \(pair)")
            for trade in trades {
                #expect(PairRules(listing).isDust(trade.dust, rate: trade.openRate), "seed \(seed): \(trade.dust) is no dust")
            }
        }
    }

    private static func tellFirst(_ a: [TradeReport], _ b: [TradeReport]) {
        guard let (ours, theirs) = zip(a, b).first(where: { $0 != $1 }) else { return print("\(a.count) and \(b.count) trades") }
        print("with crashes \(ours)\nwithout \(theirs)")
    }

    @Test func `A loop that dies and is restored before any input makes the same trades`() throws {
        var (crashes, trades) = (0, 0)
        for seed in seeds("trading loop with crashes", count: 6) {
            let world = try Self.world(seed, candles: 20)
            let whole = try Self.play(world, seed: seed, losesCancels: false)
            for every in [1, 7] as [UInt64] {
                let run = try Self.play(world, seed: seed, losesCancels: false, dies: { $0 % every == seed % every })
                let same = run.closed == whole.closed
                #expect(same, "seed \(seed), a crash every \(every) inputs")
                if !same { Self.tellFirst(run.closed, whole.closed) }
                #expect(run.venue.placed == whole.venue.placed && run.venue.violations.isEmpty, "seed \(seed)")
                crashes += run.crashes
            }
            trades += whole.closed.count
        }
        print("\(crashes) crashes, \(trades) trades")
        #expect(crashes > 1000 && trades > 20)
    }
}
