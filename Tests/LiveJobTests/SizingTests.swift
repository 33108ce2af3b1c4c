import Exchange
import Market
import Money
import Orders
import Risk
import Testing
import TradingJournal

@testable import LiveJob

/// `risk.sizing` at a live job's entries.
@Suite struct SizingTests {
    /// The value of the first entry; nil: there is none within a minute.
    private func firstEntry(_ bench: inout LiveBench) -> Double? {
        bench.tick().first.map { $0.intent.quantity.approximation * 20_000.01 }
    }

    /// One trade that loses a twentieth, then a new process that goes on from the journal a candle later.
    private func lostAndRestarted(_ sizing: SizingRule) throws -> (bench: LiveBench, first: Double) {
        var bench = try LiveBench {
            $0.policy.sizing = sizing
            $0.policy.minKellyTrades = 1
            $0.policy.maxKellyPosition = .percent(4)
        }
        try bench.ready()
        let entry = try #require(bench.tick().first)
        bench.fill(entry, "20000.01")
        bench.read("960", btc: "\(entry.intent.quantity)")
        bench.book("19000")
        let exit = try #require(bench.sent.first ?? bench.tick().first)
        bench.fill(exit, "19000")
        #expect(try bench.books().closedTrades.count == 1)
        let told = bench.last.alarms.contains { $0.contains("lost on average") }
        #expect(told == (sizing == .kelly))
        bench.pass(70_000)
        bench.instance = try LiveBench.make(bench.setup, bench.pair)
        try bench.ready()
        return (bench, entry.intent.quantity.approximation * 20_000.01)
    }

    @Test func `without a record Kelly allows the cap, and a record that loses allows nothing, also after a restart`() throws {
        var (bench, first) = try lostAndRestarted(.kelly)
        #expect(first <= 40 && first > 39)
        #expect(bench.instance.tradeRecord.count == 1)
        #expect(firstEntry(&bench) == nil)
    }

    @Test func `the same losses leave a fixed size as it is`() throws {
        var (bench, first) = try lostAndRestarted(.fixed)
        #expect(first <= 150 && first > 149)
        let second = try #require(firstEntry(&bench))
        #expect(second <= 150 && second > 149)
    }

    @Test func `Kelly makes no entry larger than the stake`() throws {
        var bench = try LiveBench {
            $0.policy.sizing = .kelly
            $0.policy.maxKellyPosition = .percent(80)
        }
        try bench.ready()
        let value = try #require(firstEntry(&bench))
        #expect(value <= 150 && value > 149)
    }

    @Test func `by volatility an entry moves the equity by the target in a usual candle`() throws {
        let target = 3e-6
        var bench = try LiveBench { $0.policy.sizing = .volatility(target: RiskRatio(notAbove: target)) }
        try bench.ready()
        let value = try #require(firstEntry(&bench))
        // The bench's closes go 20000, 20001, 20002 and back; the newest 20 returns, as simple ones, which are the same to four digits.
        let closes = (10..<31).map { 20_000 + Double($0 % 3) }
        let returns = zip(closes, closes.dropFirst()).map { $1 / $0 - 1 }
        let mean = returns.reduce(0, +) / 20
        let deviation = (returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 19).squareRoot()
        let expected = 1000 * target / deviation
        #expect(expected > 30 && expected < 100)
        #expect(value <= expected * 1.001 && value > expected * 0.98)
    }

    @Test func `a volatility that is not known lets nothing be bought`() throws {
        var bench = try LiveBench { $0.policy.sizing = .volatility(target: .percent(1)) }
        try bench.ready()
        bench.instance.volatilities = [:]
        bench.feed { $0.tick(now: $1) }
        #expect(firstEntry(&bench) == nil)
    }
}
