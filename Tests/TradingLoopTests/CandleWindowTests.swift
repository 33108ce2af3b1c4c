import Market
import Testing

@testable import TradingLoop

@Suite struct CandleWindowTests {
    private func candle(_ number: Int) -> Candle {
        Candle(
            time: Timestamp(milliseconds: Int64(number) * 60_000), open: Double(number), high: Double(number),
            low: Double(number),
            close: Double(number), volume: 1)
    }

    @Test func `What a strategy sees does not depend on when the process began`() {
        var old = CandleWindow(timeframe: .oneMinute, limit: 40)
        for number in 0..<500 {
            _ = old.append(candle(number))
            var young = CandleWindow(timeframe: .oneMinute, limit: 40)
            for number in max(0, number - 39)...number { _ = young.append(candle(number)) }
            let (ours, theirs) = (old.candles, young.candles)
            #expect(ours.count == min(number + 1, 40) && theirs.count == ours.count)
            #expect((0..<ours.count).allSatisfy { ours.candle(at: $0) == theirs.candle(at: $0) })
        }
    }

    @Test func `A gap is filled with flat candles, and nothing older is taken`() {
        var window = CandleWindow(timeframe: .oneMinute, limit: 40)
        let taken = [1, 2, 6, 4, 6].map { window.append(candle($0)) }
        #expect(taken == [true, true, true, false, false])
        let candles = window.candles
        #expect((0..<candles.count).map { candles.candle(at: $0).close } == [1, 2, 2, 2, 2, 6])
        #expect((0..<candles.count).map { candles.candle(at: $0).volume } == [1, 1, 0, 0, 0, 1])
    }
}
