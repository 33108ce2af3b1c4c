import Market
import Testing

@testable import TradingJobs

@Suite struct CandleBookTests {
    private let pair: Pair

    init() throws { pair = try #require(Pair("BTC/USDT")) }

    private func candle(_ minute: Int64) -> Candle {
        Candle(time: Timestamp(milliseconds: minute * 60_000), open: 1, high: 1, low: 1, close: Double(minute), volume: 1)
    }

    private func time(_ minute: Double) -> Timestamp { Timestamp(milliseconds: Int64(minute * 60_000)) }
    private func book() -> CandleBook { CandleBook(timeframe: .oneMinute, grace: 5000, settling: 1000) }

    @Test func `a history is taken without the candle that is not over, or only just`() {
        var book = book()
        #expect(book.due([pair], now: time(10)) == [pair])
        #expect(book.answered(pair, (1...10).map(candle), now: time(10.5)) == .history((1...9).map(candle), fresh: 9))
        #expect(book.isKnown(pair))
        var late = self.book()
        // The tenth ended half a second ago: the venue may not have counted all of it.
        #expect(
            late.answered(pair, (1...11).map(candle), now: Timestamp(milliseconds: 660_500))
                == .history((1...9).map(candle), fresh: 9))
    }

    @Test func `each candle is taken once, in order, from wherever it comes first`() {
        var book = book()
        #expect(book.closed(pair, candle(9)) == .known)  // before any history
        _ = book.answered(pair, (1...9).map(candle), now: time(10.5))
        #expect(book.closed(pair, candle(9)) == .known)
        #expect(book.closed(pair, candle(10)) == .next(candle(10)))
        #expect(book.closed(pair, candle(10)) == .known)
        #expect(book.closed(pair, candle(12)) == .incomplete)
        #expect(book.answered(pair, (8...12).map(candle), now: time(13.5)) == .history((8...12).map(candle), fresh: 2))
        #expect(book.closed(pair, candle(12)) == .known)
        #expect(book.answered(pair, (8...12).map(candle), now: time(13.6)) == .known)
        #expect(book.answered(pair, (8...13).map(candle), now: time(14.5)) == .next(candle(13)))
    }

    @Test func `a candle that does not come is asked for once its end is past, and not again at once`() {
        var book = book()
        _ = book.answered(pair, (1...9).map(candle), now: time(10.5))
        #expect(book.due([pair], now: time(11)).isEmpty)
        #expect(book.due([pair], now: time(11.09)) == [pair])
        #expect(book.due([pair], now: time(11.2)).isEmpty)
        // The venue has none: asked again after a while.
        #expect(book.answered(pair, (1...9).map(candle), now: time(11.3)) == .known)
        #expect(book.due([pair], now: time(11.3)).isEmpty)
        #expect(book.due([pair], now: time(12)) == [pair])
        // No answer yet: not asked twice, however long it takes.
        #expect(book.due([pair], now: time(20)).isEmpty && !book.ask(pair, now: time(20)))
    }

    @Test func `a pair without any candle begins with its first`() {
        var book = book()
        #expect(book.answered(pair, [], now: time(10)) == .known)
        #expect(book.isKnown(pair))
        #expect(book.closed(pair, candle(10)) == .next(candle(10)))
    }

    @Test func `whatever comes twice, late or in disorder, no candle is taken twice or before an older one`() {
        for seed in UInt64(1)...200 {
            var random = SplitMix64(seed: seed)
            var book = book()
            var taken: [Int64] = []
            var now = 20.0
            for _ in 0..<200 {
                now += Double(random.next() % 100) / 100
                let newest = Int64(now) - 1
                let step: CandleBook.Step
                if random.next() % 3 == 0 {
                    let list = (max(newest - 8, 1)...newest + 1).filter { _ in random.next() % 10 != 0 }.map(candle)
                    step = book.answered(pair, list, now: time(now))
                } else {
                    step = book.closed(pair, candle(newest - Int64(random.next() % 4)))
                }
                switch step {
                case .known, .incomplete: break
                case .next(let candle): taken.append(candle.time.milliseconds)
                case .history(let list, let fresh): taken += list.suffix(fresh).map(\.time.milliseconds)
                }
            }
            #expect(taken == Array(Set(taken)).sorted(), "seed \(seed)")
            #expect(taken.count > 5, "seed \(seed)")
        }
    }
}

/// The usual small generator.
struct SplitMix64 {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
