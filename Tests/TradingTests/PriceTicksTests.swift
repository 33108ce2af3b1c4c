import Market
import Testing

@testable import Trading

@Suite("Price ticks from candles")
struct PriceTicksTests {
    private func candles(_ prices: [(String, Double)]) throws -> Candles {
        let times = try prices.map { text, _ in
            let parts = text.split(separator: "-").compactMap { Int64($0) }
            return try #require(Timestamp(year: parts[0], month: parts[1], day: parts[2])).milliseconds
        }
        let column = Column(prices.map(\.1))
        return Candles(times: Column(times), open: column, high: column, low: column, close: column, volume: column)
    }

    @Test func `the most decimals of a month make its tick`() throws {
        let ticks = PriceTicks(candles: try candles([("2021-01-05", 1.5), ("2021-01-31", 1.25), ("2021-02-01", 1.125)]))
        #expect(ticks.entries.map(\.tick) == [0.01, 0.001])
        #expect(ticks.entries.map(\.start) == [Timestamp(year: 2021, month: 1, day: 1), Timestamp(year: 2021, month: 2, day: 1)])
    }

    @Test func `a month without decimals keeps the tick before it`() throws {
        let ticks = PriceTicks(candles: try candles([("2021-01-05", 1.5), ("2021-02-01", 2), ("2021-12-31", 1.25)]))
        #expect(ticks.tick(at: try #require(Timestamp(year: 2021, month: 3, day: 1))) == 0.1)
        #expect(ticks.tick(at: try #require(Timestamp(year: 2020, month: 12, day: 31))) == nil)
        #expect(ticks.tick(at: try #require(Timestamp(year: 2022, month: 3, day: 1))) == 0.01)
    }

    @Test func `fourteen digits count, noise behind them does not`() throws {
        #expect(PriceTicks.decimals(of: 4.668000000000001e-05, atLeast: 0) == 8)
        #expect(PriceTicks.decimals(of: 0.1 + 0.2, atLeast: 0) == 1)
        #expect(PriceTicks.decimals(of: 12_345.678, atLeast: 0) == 3)
        #expect(PriceTicks.decimals(of: 12_345.678, atLeast: 5) == 5)
        #expect(PriceTicks.decimals(of: 5000, atLeast: 0) == 0)
        #expect(PriceTicks.decimals(of: 0, atLeast: 2) == 2)
        #expect(PriceTicks.decimals(of: 1.2e-20, atLeast: 0) == 21)
    }
}
