import Indicators
import Market
import Strategies
import Testing

@Suite struct FrameTests {
    @Test func `an indicator is computed once for all who ask`() {
        let cache = FrameCache()
        let frame = Frame(randomCandles(rows: 100, seed: 1), cache: cache)
        let first = frame.ema(.close, 12)
        let second = frame.ema(.close, 12)
        #expect(first.base == second.base)
        #expect((cache.hits, cache.misses) == (1, 1))
        #expect(frame.ema(.close, 13).base != first.base)
        #expect(frame.ema(.open, 12).base != first.base)
        #expect(frame.sma(.close, 12).base != first.base)
        #expect(cache.misses == 4)
        #expect(cache.bytes == 4 * 100 * 8)
    }

    @Test func `frames of one cache do not mix their columns`() {
        let cache = FrameCache()
        let one = Frame(randomCandles(rows: 50, seed: 1), cache: cache)
        let two = Frame(randomCandles(rows: 50, seed: 2), cache: cache)
        #expect(Array(one.rsi(5).dropFirst(5)) == Array(Indicator.rsi(one.close, 5).dropFirst(5)))
        #expect(Array(two.rsi(5).dropFirst(5)) == Array(Indicator.rsi(two.close, 5).dropFirst(5)))
    }

    @Test func `memory stays under the limit, and what was evicted is computed again`() {
        let cache = FrameCache(limit: 10 * 800)
        let frame = Frame(randomCandles(rows: 100, seed: 3), cache: cache)
        let held = frame.ema(.close, 2)
        let expected = Array(held.dropFirst())
        for period in 2..<200 {
            _ = frame.ema(.close, period)
            #expect(cache.bytes <= cache.limit)
        }
        #expect(Array(held.dropFirst()) == expected)
        let misses = cache.misses
        #expect(Array(frame.ema(.close, 2).dropFirst()) == expected)
        #expect(cache.misses == misses + 1)
    }

    @Test func `what is asked for again and again is not evicted`() {
        let cache = FrameCache(limit: 10 * 800)
        let frame = Frame(randomCandles(rows: 100, seed: 4), cache: cache)
        let favourite = frame.ema(.close, 2).base
        for period in 3..<200 {
            _ = frame.ema(.close, period)
            #expect(frame.ema(.close, 2).base == favourite)
        }
    }

    @Test func `a column larger than half the limit is not kept`() {
        let cache = FrameCache(limit: 1000)
        let frame = Frame(randomCandles(rows: 100, seed: 5), cache: cache)
        #expect(frame.ema(.close, 2).count == 100)
        #expect(cache.bytes == 0)
    }

    @Test func `an emptied cache holds nothing`() {
        let cache = FrameCache()
        let frame = Frame(randomCandles(rows: 10, seed: 6), cache: cache)
        _ = frame.ema(.close, 2)
        cache.removeAll()
        #expect(cache.bytes == 0)
        _ = frame.ema(.close, 2)
        #expect(cache.misses == 2)
    }

    @Test func `prices made of several columns are as documented`() {
        let frame = Frame(randomCandles(rows: 20, seed: 7))
        for row in 0..<20 {
            let (open, high, low, close) = (frame.open[row], frame.high[row], frame.low[row], frame.close[row])
            #expect(frame[.median][row] == (high + low) / 2)
            #expect(frame[.typical][row] == (high + low + close) / 3)
            #expect(frame[.average][row] == (open + high + low + close) / 4)
            #expect(frame[.volume][row] == frame.volume[row])
        }
    }

    @Test func `every indicator of a frame is the indicator of that name`() {
        let frame = Frame(randomCandles(rows: 120, seed: 8))
        let (high, low, close) = (frame.high, frame.low, frame.close)
        let pairs: [(Column<Double>, Column<Double>)] = [
            (frame.sma(.close, 5), Indicator.sma(close, 5)), (frame.ema(.high, 5), Indicator.ema(high, 5)),
            (frame.wma(.close, 5), Indicator.wma(close, 5)), (frame.rsi(5), Indicator.rsi(close, 5)),
            (frame.roc(5), Indicator.roc(close, 5)),
            (frame.macd(3, 6, 4).line, Indicator.macd(close, fast: 3, slow: 6, signal: 4).line),
            (frame.macd(3, 6, 4).signal, Indicator.macd(close, fast: 3, slow: 6, signal: 4).signal),
            (frame.macd(3, 6, 4).histogram, Indicator.macd(close, fast: 3, slow: 6, signal: 4).histogram),
            (frame.trueRange, Indicator.trueRange(high: high, low: low, close: close)),
            (frame.atr(5), Indicator.atr(high: high, low: low, close: close, 5)),
            (frame.natr(5), Indicator.natr(high: high, low: low, close: close, 5)),
            (frame.adx(5), Indicator.adx(high: high, low: low, close: close, 5)),
            (frame.plusDI(5), Indicator.plusDI(high: high, low: low, close: close, 5)),
            (frame.minusDI(5), Indicator.minusDI(high: high, low: low, close: close, 5)),
            (frame.standardDeviation(.close, 5), Indicator.standardDeviation(close, 5)),
            (frame.bollinger(5, deviations: 1.5).upper, Indicator.bollinger(close, 5, deviations: 1.5).upper),
            (frame.bollinger(5, deviations: 1.5).middle, Indicator.bollinger(close, 5, deviations: 1.5).middle),
            (frame.bollinger(5, deviations: 1.5).lower, Indicator.bollinger(close, 5, deviations: 1.5).lower),
            (frame.minimum(.low, 5), Indicator.minimum(low, 5)), (frame.maximum(.high, 5), Indicator.maximum(high, 5)),
            (frame.rollingMean(.close, 5), Indicator.rollingMean(close, 5)),
            (frame.rollingStandardDeviation(.close, 5), Indicator.rollingStandardDeviation(close, 5)),
            (frame.shifted(.close, by: 5), Indicator.shifted(close, by: 5)),
            (frame.column("own", [5]) { Indicator.ema(close, 5) }, Indicator.ema(close, 5)),
        ]
        for (index, (ours, expected)) in pairs.enumerated() {
            #expect(sameBits(ours, expected), "number \(index)")
            #expect(ours.contains { $0 > 0 }, "number \(index)")
        }
    }
}
