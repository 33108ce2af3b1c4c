import Market
import Money
import Testing
import Trading

@testable import Backtesting

@Suite("Properties of the backtest loop")
struct PropertyTests {
    /// Changes nothing, but keeps the loop from passing over candles with a quick look.
    struct EveryCandle: BacktestCallbacks {
        var usesCustomStoploss: Bool { true }
    }

    @Test func `what the quick look passes over would have changed nothing`() throws {
        var trades = 0
        for seed in RandomRun.seeds("quick look", count: 150) {
            let run = try RandomRun(seed: seed)
            let quick = try Backtester.run(settings: run.settings, pairs: run.pairs)
            let slow = try Backtester.run(settings: run.settings, pairs: run.pairs, callbacks: EveryCandle())
            #expect(quick == slow, "seed \(seed)")
            trades += quick.trades.count
        }
        print("quick look: \(trades) trades compared")
        #expect(trades > 1000)
    }

    @Test func `a run without an equity curve differs in nothing else`() throws {
        for seed in RandomRun.seeds("no curve", count: 100) {
            let run = try RandomRun(seed: seed)
            var whole = try Backtester.run(settings: run.settings, pairs: run.pairs)
            let plain = try Backtester.run(settings: run.settings, pairs: run.pairs, tracksEquity: false)
            #expect(whole.equity != nil && plain.equity == nil, "seed \(seed)")
            #expect(BacktestStatistics(plain).wallet == nil)
            whole.equity = nil
            #expect(plain == whole, "seed \(seed)")
        }
    }

    @Test func `trades do not change when more candles follow`() throws {
        var compared = 0
        for seed in RandomRun.seeds("prefix", count: 100) {
            let run = try RandomRun(seed: seed)
            let whole = try Backtester.run(settings: run.settings, pairs: run.pairs)
            let middle = (whole.start.milliseconds + whole.end.milliseconds) / 2
            let end = run.settings.timeframe.floor(Timestamp(milliseconds: middle)).milliseconds
            let short = try run.cut(at: end)
            guard let part = try? Backtester.run(settings: short.settings, pairs: short.pairs) else { continue }
            func before(_ result: BacktestResult) -> [ClosedTrade] {
                result.trades.filter { $0.closeDate.milliseconds < end && $0.exitReason != "force_exit" }
            }
            // A pair that ends before the cut is closed by force in both runs, after everything else.
            #expect(before(part) == before(whole), "seed \(seed)")
            compared += before(part).count
        }
        print("prefix: \(compared) trades compared")
        #expect(compared > 500)
    }

    @Test func `no money comes or goes but by profits, and none is used twice`() throws {
        for seed in RandomRun.seeds("conservation", count: 150) {
            let run = try RandomRun(seed: seed)
            let result = try Backtester.run(settings: run.settings, pairs: run.pairs)
            let profits = result.trades.reduce(0) { $0 + $1.profitAbs }
            let wallet = run.settings.dryRunWallet
            #expect(result.finalBalance == wallet + profits, "seed \(seed)")
            for trade in result.trades {
                let others = result.trades.filter {
                    $0.id < trade.id && $0.openDate <= trade.openDate && trade.openDate < $0.closeDate
                }
                let earned = result.trades.filter { $0.closeDate <= trade.openDate }.reduce(0) { $0 + max($1.profitAbs, 0) }
                let tied = others.reduce(trade.stakeAmount) { $0 + $1.stakeAmount }
                let limit = run.settings.maxOpenTrades ?? Int.max
                let samePair = others.count { $0.pair == trade.pair }
                #expect(tied <= wallet + earned, "seed \(seed) trade \(trade.id)")
                #expect(others.count < limit, "seed \(seed) trade \(trade.id)")
                #expect(samePair == 0, "seed \(seed) trade \(trade.id)")
            }
        }
    }

    @Test func `orders fill within their candles`() throws {
        for seed in RandomRun.seeds("fills", count: 100) {
            let run = try RandomRun(seed: seed)
            for trade in try Backtester.run(settings: run.settings, pairs: run.pairs).trades {
                let frame = try #require(run.pairs.first { $0.frame.pair == trade.pair }?.frame)
                for order in trade.orders {
                    let row = try #require(frame.candles.times.firstIndex(of: order.filled.milliseconds))
                    let range = frame.candles.low[row]...frame.candles.high[row]
                    #expect(range.contains(order.price), "seed \(seed)")
                }
                #expect(trade.orders.count == 2, "seed \(seed)")
                #expect(trade.openDate <= trade.closeDate, "seed \(seed)")
            }
        }
    }

    @Test func `estimates decide as exact money does`() throws {
        var random = RandomRun.Generator(state: RandomRun.seeds("estimates", count: 1)[0])
        var near = 0
        for _ in 0..<3_000 {
            var trade = OpenTrade.sample(&random)
            trade.refreshEstimates()
            let rate = trade.openRate * Double.random(in: 0.9...1.1, using: &random)
            let exact = trade.decidingProfit(at: rate)
            for shift in [-2e-8, -1e-8, -1e-16, 0, 1e-16, 1e-8, 2e-8, 0.01, -0.01] {
                let threshold: Double = exact + shift
                let (above, below) = (trade.profit(at: rate, isAbove: threshold), trade.profit(at: rate, isBelow: threshold))
                #expect(above == (exact > threshold))
                #expect(below == (exact < threshold))
                near += 1
            }
        }
        print("estimates: \(near) decisions compared")
    }

    @Test func `a run stops when it is asked to`() throws {
        let run = try RandomRun(seed: 1)
        #expect(throws: BacktestError.stopped) {
            try Backtester.run(settings: run.settings, pairs: run.pairs) { _ in true }
        }
        var seen: [BacktestProgress] = []
        _ = try Backtester.run(settings: run.settings, pairs: run.pairs) {
            seen.append($0)
            return false
        }
        #expect(seen.first?.done == 0)
        #expect(seen.allSatisfy { $0.done <= $0.total })
    }
}

extension OpenTrade {
    /// A filled position with odd numbers.
    static func sample(_ random: inout RandomRun.Generator) -> OpenTrade {
        let rate = Double.random(in: 0.0001...1000, using: &random)
        let amount = Double.random(in: 0.01...100, using: &random)
        let leverage = random.chance(0.5) ? 1 : Double.random(in: 1...20, using: &random).rounded()
        let fees: [Double] = [0, 0.001, 0.00075]
        let fee = fees.randomElement(using: &random) ?? 0
        var trade = OpenTrade(
            id: 1, pair: 0, isShort: random.chance(0.5), leverage: leverage, openTime: 0, enterTag: 0, fee: fee,
            money: TradeMoney(openFee: fee, closeFee: fee), priceRule: .none, amountRule: .none, amountRequested: amount,
            trail: nil, stake: amount * rate / leverage, openRate: rate)
        trade.startStop(from: rate, ratio: -0.1)
        trade.fillEntry(
            TradeOrder(isEntry: true, amount: amount, price: rate, cost: amount * rate, placed: 0, tag: .enter(0)), at: 0)
        return trade
    }
}
