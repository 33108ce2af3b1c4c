import Foundation
import Market
import SyntheticMarket
import Testing

@Suite struct SyntheticMarketTests {
    private static let start = Timestamp(seconds: 1_672_531_200)
    private static let names = ["BTC/USDT", "ETH/USDT", "XRP/USDT", "ETH/BTC", "NEWCOIN/USDT", "SOL/USDT:USDT"]
    private static let pairs = names.compactMap { Pair($0) }

    private func market(
        seed: UInt64 = 7, days: Int = 30, base: Timeframe = .fiveMinutes, pairs: [Pair] = pairs
    ) throws -> SyntheticMarket {
        try SyntheticMarket(seed: seed, pairs: pairs, start: Self.start, days: days, base: base)
    }

    private func rows(_ candles: Candles) -> [Candle] { (0..<candles.count).map { candles.candle(at: $0) } }

    private func returns(_ candles: Candles) -> [Double] {
        (1..<candles.count).map { Foundation.log(candles.close[$0] / candles.close[$0 - 1]) }
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    private func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let (ma, mb) = (mean(a), mean(b))
        let covariance = zip(a, b).reduce(0) { $0 + ($1.0 - ma) * ($1.1 - mb) }
        let (va, vb) = (a.reduce(0) { $0 + ($1 - ma) * ($1 - ma) }, b.reduce(0) { $0 + ($1 - mb) * ($1 - mb) })
        return covariance / (va * vb).squareRoot()
    }

    @Test func `the same seed gives the same bits`() throws {
        for pair in Self.pairs {
            #expect(rows(try market().candles(pair, .fiveMinutes)) == rows(try market().candles(pair, .fiveMinutes)))
            #expect(rows(try market().candles(pair, .fiveMinutes)) != rows(try market(seed: 8).candles(pair, .fiveMinutes)))
        }
    }

    @Test func `the bits of one market never change`() throws {
        // Kept from the first version: users compare demonstrations between machines and versions.
        let candles = try market(days: 3).candles(Self.pairs[0], .fiveMinutes)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for row in 0..<candles.count {
            for value in [candles.open, candles.high, candles.low, candles.close, candles.volume] {
                hash = (hash ^ value[row].bitPattern) &* 0x100_0000_01B3
            }
        }
        #expect(hash == 15_653_431_400_013_072_136)
    }

    @Test func `more days never change what came before`() throws {
        for pair in Self.pairs {
            let long = rows(try market(days: 12).candles(pair, .oneHour))
            for days in [1, 5, 11] {
                let short = rows(try market(days: days).candles(pair, .oneHour))
                #expect(short.count == days * 24)
                #expect(short == Array(long.prefix(short.count)))
            }
        }
    }

    @Test func `a pair is the same beside any others`() throws {
        let alone = try market(pairs: [Self.pairs[2]]).candles(Self.pairs[2], .oneHour)
        #expect(rows(alone) == rows(try market().candles(Self.pairs[2], .oneHour)))
    }

    @Test func `a stream gives the candles of the base timeframe`() throws {
        let market = try market(days: 2)
        let candles = rows(try market.candles(Self.pairs[1], .fiveMinutes))
        #expect(candles == Array(market.stream(Self.pairs[1]).prefix(candles.count)))
    }

    @Test(arguments: ["15m", "1h", "4h", "1d", "1w"])
    func `longer candles are put together from the base`(name: String) throws {
        let timeframe = try #require(Timeframe(name))
        let market = try market(days: 40)
        for pair in Self.pairs {
            let base = rows(try market.candles(pair, .fiveMinutes))
            let groups = Dictionary(grouping: base) { timeframe.floor($0.time) }
                .filter { $0.value.count == Int(timeframe.minutes / 5) }
            let long = rows(try market.candles(pair, timeframe))
            #expect(long.count == groups.count)
            for candle in long {
                let parts = try #require(groups[candle.time])
                #expect(candle.open == parts.first?.open && candle.close == parts.last?.close)
                #expect(candle.high == parts.map(\.high).max() && candle.low == parts.map(\.low).min())
                let volume = parts.map(\.volume).reduce(0, +)
                #expect((candle.volume - volume).magnitude <= 1e-9 * volume)
            }
        }
    }

    @Test func `candles of several timeframes made in one pass are those of each alone, to the last bit`() throws {
        let market = try market(days: 40)
        let timeframes = try ["1d", "5m", "4h", "1w", "5m"].map { try #require(Timeframe($0)) }
        for pair in Self.pairs {
            let together = try market.candles(pair, timeframes)
            #expect(together.count == timeframes.count)
            for (candles, timeframe) in zip(together, timeframes) {
                #expect(rows(candles) == rows(try market.candles(pair, timeframe)))
            }
        }
        #expect(try market.candles(Self.pairs[0], []).isEmpty)
        #expect(throws: SyntheticMarket.Failure.self) { try market.candles(Self.pairs[0], timeframes + [.oneMinute]) }
    }

    @Test func `candles are possible, aligned, gapless and on their steps`() throws {
        let market = try market(days: 20)
        for pair in Self.pairs {
            let instrument = market.instrument(pair)
            let scale = (1 / (try #require(instrument.pricePrecision))).rounded()
            let step = try #require(instrument.amountPrecision)
            let candles = rows(try market.candles(pair, .fiveMinutes))
            #expect(candles.count == 20 * 288)
            for (index, candle) in candles.enumerated() {
                #expect(candle.time == Self.start.advanced(byMilliseconds: Int64(index) * 300_000))
                #expect(candle.low > 0 && candle.low <= min(candle.open, candle.close))
                #expect(candle.high >= max(candle.open, candle.close) && candle.high.isFinite && candle.volume >= step)
                // A whole number of steps, divided by a power of ten: exactly the double next to the decimal.
                for value in [candle.open, candle.high, candle.low, candle.close] {
                    #expect((value * scale).rounded() / scale == value)
                }
                #expect((candle.volume * (1 / step).rounded()).rounded() / (1 / step).rounded() == candle.volume)
            }
        }
    }

    @Test func `volatility clusters, tails are fat and volume follows volatility`() throws {
        let market = try market(days: 180)
        for pair in Self.pairs where pair.quote == "USDT" {
            let candles = try market.candles(pair, .fiveMinutes)
            let returns = returns(candles)
            let sizes = returns.map(\.magnitude)
            for lag in [1, 12, 288] {
                let value = correlation(Array(sizes.dropLast(lag)), Array(sizes.dropFirst(lag)))
                #expect(value > 0.02, "\(pair) lag \(lag): \(value)")
            }
            let center = mean(returns)
            let second = mean(returns.map { ($0 - center) * ($0 - center) })
            let fourth = mean(returns.map { ($0 - center) * ($0 - center) * ($0 - center) * ($0 - center) })
            #expect(fourth / (second * second) > 4, "\(pair)")
            #expect(correlation(sizes, Array(candles.volume.dropFirst())) > 0.2, "\(pair)")
            #expect(correlation(Array(returns.dropLast()), Array(returns.dropFirst())).magnitude < 0.05, "\(pair)")
            let yearly = (second * 105_120).squareRoot()
            #expect(yearly > 0.3 && yearly < 2, "\(pair): \(yearly)")
        }
    }

    @Test func `pairs move together`() throws {
        let market = try market(days: 90)
        let all = try Self.pairs.filter { $0.quote == "USDT" }.map { returns(try market.candles($0, .oneHour)) }
        for i in all.indices {
            for j in 0..<i {
                let value = correlation(all[i], all[j])
                #expect(value > 0.3 && value < 0.99, "\(i) \(j): \(value)")
            }
        }
    }

    @Test func `prices stay in a range over years and many seeds`() throws {
        for seed in 0..<20 {
            let candles = try market(seed: UInt64(seed), days: 1500, base: .oneHour).candles(Self.pairs[0], .oneDay)
            let last = try #require(candles.close.last)
            #expect(last > 100 && last < 10_000_000, "seed \(seed): \(last)")
        }
    }

    @Test func `what cannot be made is an error`() throws {
        #expect(throws: SyntheticMarket.Failure.self) { try market(days: 0) }
        #expect(throws: SyntheticMarket.Failure.self) { try market(days: 100_000) }
        #expect(throws: SyntheticMarket.Failure.self) { try market(base: #require(Timeframe("7m"))) }
        let error = #expect(throws: SyntheticMarket.Failure.self) { try market().candles(Self.pairs[0], .oneMinute) }
        #expect(error?.description == "timeframe 1m is no multiple of the base timeframe 5m")
    }

    @Test func `the logarithm is right to fourteen digits`() {
        var random = SplitMix64(seed: 99)
        for _ in 0..<20_000 {
            let x = random.positiveUniform() * (random.next() & 1 == 0 ? 1 : 1e9)
            let expected = Foundation.log(x)
            #expect((PortableMath.log(x) - expected).magnitude <= 2e-14 * max(1, expected.magnitude), "\(x)")
        }
        #expect(PortableMath.log(1) == 0)
    }

    @Test func `the normal numbers have the moments of the normal distribution`() {
        var random = SplitMix64(seed: 5)
        let values = (0..<200_000).map { _ in random.normal() }
        #expect(mean(values).magnitude < 0.01)
        #expect((mean(values.map { $0 * $0 }) - 1).magnitude < 0.02)
        #expect((mean(values.map { $0 * $0 * $0 * $0 }) - 3).magnitude < 0.1)
    }
}
