import Market
import SyntheticMarket
import Testing

@testable import MarketData

/// A venue in memory: opening times of which there are candles, and how it answers.
private struct TestVenue {
    enum Style: CaseIterable {
        /// The first candles at or after the time asked for, however late.
        case skips
        /// Only candles of the stretch that the limit spans.
        case windows
    }

    var times: [Int64]
    var style = Style.skips
    var limit = 50
    /// Candles that the first answer to a request lacks, of a thousand.
    var lossPerMille: UInt64 = 0
    var asked: Set<Int64> = []
    var random = SplitMix64(seed: 1)

    static func candle(_ time: Int64) -> Candle {
        let price = Double(time / 60_000 % 1000) + 1
        return Candle(
            time: Timestamp(milliseconds: time), open: price, high: price, low: price, close: price, volume: 1)
    }

    mutating func answer(_ request: CandleDownload.Request, step: Int64, now: Int64) -> [Candle] {
        guard let from = request.from?.milliseconds else { return times.filter { $0 <= now }.suffix(limit).map(Self.candle) }
        var result = times.filter { $0 >= from && $0 <= now }
        if style == .windows { result = result.filter { $0 < from + Int64(request.limit) * step } }
        var candles = result.prefix(min(request.limit, limit)).map(Self.candle)
        if lossPerMille > 0, asked.insert(from).inserted { candles.removeAll { _ in random.next() % 1000 < lossPerMille } }
        return candles
    }
}

@Suite struct CandleDownloadTests {
    private let key: CandleKey
    private let step: Int64 = 300_000
    /// 2024-01-01.
    private let start: Int64 = 1_704_067_200_000

    init() throws { key = CandleKey(try #require(Pair("BTC/USDT")), .fiveMinutes) }

    private struct Run {
        var stored: Set<Int64>
        var requests = 0
        var outcome: CandleDownload.Outcome?
        var stores = 0
    }

    /// Carries out a download; stops after `kill` answers, as a process does that dies.
    private func run(
        _ venue: inout TestVenue, range: TimeRange, stored: Set<Int64> = [], now: Int64, reachesBack: Bool = true,
        kill: Int = .max,
        perStore: Int = 5
    ) throws -> Run {
        let moment = Timestamp(milliseconds: now)
        let goal = DownloadGoal(key, range: range, stored: stored, now: moment)
        var download = CandleDownload(
            [goal], traits: CandleVenueTraits(candleLimit: venue.limit, reachesBack: reachesBack), requestsPerStore: perStore)
        var result = Run(stored: stored)
        for _ in 0..<20_000 {
            switch download.next() {
            case .finished:
                result.outcome = download.outcomes.first
                return result
            case .store(let key, let candles):
                #expect(key == self.key && !candles.isEmpty)
                for candle in candles {
                    #expect(result.stored.insert(candle.time.milliseconds).inserted, "stored twice: \(candle.time)")
                    #expect(candle == TestVenue.candle(candle.time.milliseconds))
                }
                result.stores += 1
            case .request(let request):
                #expect(request.limit >= 1 && request.limit <= venue.limit)
                guard result.requests < kill else { return result }
                result.requests += 1
                download.received(venue.answer(request, step: step, now: now), now: moment)
            }
        }
        Issue.record("the download does not end")
        return result
    }

    private func times(_ rows: Range<Int>) -> [Int64] { rows.map { start + Int64($0) * step } }

    private func range(_ rows: Range<Int>) -> TimeRange {
        TimeRange(
            start: Timestamp(milliseconds: start + Int64(rows.lowerBound) * step),
            stop: Timestamp(milliseconds: start + Int64(rows.upperBound - 1) * step))
    }

    @Test func `a whole history is got in as few requests as there are pages`() throws {
        var venue = TestVenue(times: times(0..<1000))
        let result = try run(&venue, range: range(0..<1000), now: start + 2000 * step)
        #expect(result.stored == Set(venue.times) && result.requests == 20 && result.stores == 4)
        let outcome = try #require(result.outcome)
        #expect(outcome.received == 1000 && outcome.venueGaps.isEmpty && outcome.before == nil && outcome.failure == nil)
    }

    @Test func `the candle that is not over is not kept`() throws {
        var venue = TestVenue(times: times(0..<101))
        let result = try run(&venue, range: TimeRange(start: Timestamp(milliseconds: start)), now: start + 100 * step + 1)
        #expect(result.stored == Set(times(0..<100)))
        #expect(result.outcome?.venueGaps.isEmpty == true)
        let exact = try run(&venue, range: TimeRange(start: Timestamp(milliseconds: start)), now: start + 101 * step)
        #expect(exact.stored == Set(times(0..<101)))
    }

    @Test(arguments: [true, false])
    func `years of nothing before a listing cost few requests`(skips: Bool) throws {
        var venue = TestVenue(times: times(0..<500), style: skips ? .skips : .windows)
        let result = try run(&venue, range: .all, now: start + 500 * step)
        #expect(result.stored == Set(venue.times))
        #expect(result.outcome?.before == CandleSpan(1_230_768_000_000, start))
        #expect(result.requests < 60, "\(result.requests)")
        print("\(result.requests) requests for 10 pages after 15 years of nothing")
    }

    @Test func `a pair that was never traded ends at once`() throws {
        for style in TestVenue.Style.allCases {
            var venue = TestVenue(times: [], style: style)
            let result = try run(&venue, range: .all, now: start)
            #expect(result.stored.isEmpty && result.requests < 40)
            #expect(result.outcome?.before == CandleSpan(1_230_768_000_000, start))
        }
    }

    @Test func `a hole is asked for once more and then reported`() throws {
        var venue = TestVenue(times: times(0..<20) + times(25..<100))
        let result = try run(&venue, range: range(0..<100), now: start + 100 * step)
        #expect(result.stored == Set(venue.times))
        #expect(result.outcome?.venueGaps == [CandleSpan(start + 20 * step, start + 25 * step)])
        #expect(result.requests == 3)
    }

    @Test func `an answer with lost candles is completed by the second one`() throws {
        for style in TestVenue.Style.allCases {
            var venue = TestVenue(times: times(0..<1000), style: style, lossPerMille: 100)
            let result = try run(&venue, range: range(0..<1000), now: start + 1000 * step)
            #expect(result.stored == Set(venue.times) && result.outcome?.venueGaps.isEmpty == true)
        }
    }

    @Test func `a venue without old candles gives what it has, and the rest is named`() throws {
        var venue = TestVenue(times: times(0..<1000))
        let now = start + 1000 * step
        let result = try run(&venue, range: range(0..<1000), stored: Set(times(0..<100)), now: now, reachesBack: false)
        #expect(result.stored == Set(times(0..<100) + times(950..<1000)) && result.requests == 1)
        #expect(result.outcome?.before == CandleSpan(start + 100 * step, start + 950 * step))
        #expect(result.outcome?.venueGaps.isEmpty == true)
    }

    @Test func `only what is missing is asked for`() throws {
        var venue = TestVenue(times: times(0..<300))
        let stored = Set(times(0..<100) + times(150..<200))
        let result = try run(&venue, range: range(0..<300), stored: stored, now: start + 300 * step)
        #expect(result.stored == Set(venue.times) && result.requests == 3 && result.outcome?.received == 150)
        let again = try run(&venue, range: range(0..<300), stored: result.stored, now: start + 300 * step)
        #expect(again.requests == 0 && again.outcome?.received == 0)
    }

    @Test func `a failed request gives up its pair, keeps what it brought, and the others go on`() throws {
        let goal = DownloadGoal(key, range: range(0..<100), stored: [], now: Timestamp(milliseconds: start + 100 * step))
        var venue = TestVenue(times: times(0..<100))
        var download = CandleDownload([goal, goal], traits: CandleVenueTraits(candleLimit: 50, reachesBack: true))
        var (requests, stored) = (0, [Int]())
        loop: while true {
            switch download.next() {
            case .finished: break loop
            case .store(_, let candles): stored.append(candles.count)
            case .request(let request):
                requests += 1
                if requests == 2 {
                    download.failed("no such symbol")
                } else {
                    download.received(
                        venue.answer(request, step: step, now: start + 100 * step),
                        now: Timestamp(milliseconds: start + 100 * step))
                }
            }
        }
        #expect(stored == [50, 100] && download.outcomes.map(\.failure) == ["no such symbol", nil])
        #expect(download.progress(elapsed: .seconds(1)).done == 200)
    }

    @Test func `answers that are nonsense are counted, and lead to an end`() throws {
        let goal = DownloadGoal(key, range: range(0..<500), stored: [], now: Timestamp(milliseconds: start + 500 * step))
        let nonsense: [[Candle]] = [
            [], [TestVenue.candle(.max / 2)], [TestVenue.candle(.min / 2)], [TestVenue.candle(start + 1)],
            [TestVenue.candle(start), TestVenue.candle(start)], [TestVenue.candle(start - step)],
            [TestVenue.candle(start + 900 * step)],
        ]
        let seed: UInt64 = 3
        var random = SplitMix64(seed: seed)
        for round in 0..<300 {
            var download = CandleDownload([goal], traits: CandleVenueTraits(candleLimit: round % 60, reachesBack: round % 5 > 0))
            var requests = 0
            while case .request = download.next() {
                requests += 1
                guard requests < 2000 else { break }
                let known = TestVenue.candle(start + Int64.random(in: 0..<500, using: &random) * step)
                let answer = (nonsense.randomElement(using: &random) ?? []) + (round % 2 == 0 ? [known] : [])
                download.received(answer, now: Timestamp(milliseconds: start + 500 * step))
                if case .store = download.next() { continue }
            }
            while case .store = download.next() {}
            #expect(requests < 2000)
        }
    }

    @Test func `whatever the venue and whenever the process dies, in the end all its candles are there and each hole is named`()
        throws
    {
        let seed: UInt64 = 20_260_310
        var random = SplitMix64(seed: seed)
        var (runs, deaths) = (0, 0)
        for round in 0..<400 {
            let style = TestVenue.Style.allCases[round % 2]
            var rows = Set(Int.random(in: 0...600, using: &random)..<900)
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let at = Int.random(in: 0..<900, using: &random)
                rows.subtract(at..<at + Int.random(in: 1...(style == .skips ? 200 : 20), using: &random))
            }
            var venue = TestVenue(times: rows.sorted().map { start + Int64($0) * step }, style: style)
            venue.limit = Int.random(in: 21...60, using: &random)
            let wanted = Int.random(in: 0...300, using: &random)..<Int.random(in: 301...900, using: &random)
            let expected = Set(
                venue.times.filter {
                    $0 >= start + Int64(wanted.lowerBound) * step && $0 < start + Int64(wanted.upperBound) * step
                })
            var stored: Set<Int64> = []
            var outcome: CandleDownload.Outcome?
            for attempt in 0..<200 where outcome == nil {
                let result = try run(
                    &venue, range: range(wanted), stored: stored, now: start + 900 * step,
                    kill: attempt < 6 ? Int.random(in: 1...15, using: &random) : 100,
                    perStore: 2)
                (stored, outcome) = (result.stored, result.outcome)
                runs += 1
                if outcome == nil { deaths += 1 }
            }
            #expect(stored == expected, "round \(round)")
            let last = try #require(outcome, "round \(round)")
            var named = Set<Int64>()
            for span in last.venueGaps + (last.before.map { [$0] } ?? []) {
                named.formUnion(stride(from: span.start, to: span.end, by: Int64.Stride(step)))
            }
            let all = Set(times(wanted))
            #expect(named.isSuperset(of: all.subtracting(expected)), "round \(round)")
            #expect(named.isDisjoint(with: expected), "round \(round)")
        }
        print("\(runs) runs, \(deaths) of them killed, seed \(seed)")
        #expect(deaths > 100)
    }
}
