package import Market

/// A market that never was: candles of correlated pairs from a seed, for demonstrations and tests without a download.
///
/// One factor moves all pairs, and each has a life of its own; both have calm, normal and wild times, clusters of volatility
/// and jumps. The same seed, pair, start and base timeframe give the same bits on every platform; a pair does not depend on
/// which others there are, nor a candle on how many follow. A pair is made for itself: `ETH/BTC` is not the quotient of
/// `ETH/USDT` and `BTC/USDT`. Prices mean nothing: no strategy that earns here is worth anything.
package struct SyntheticMarket: Sendable {
    /// Why candles cannot be made.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        /// The problem and what is possible.
        package var description: String
    }

    /// What all randomness follows from.
    package let seed: UInt64
    /// The pairs that `candles` is meant for; any other can be asked for as well.
    package let pairs: [Pair]
    /// When the first candle opens.
    package let start: Timestamp
    /// How many days of candles there are.
    package let days: Int
    /// The timeframe that is generated; longer ones are put together from it. Another base is another market.
    package let base: Timeframe
    /// Fees of the instruments as ratios.
    package var makerFee = 0.001
    /// Fees of the instruments as ratios.
    package var takerFee = 0.001

    /// A market from `start` (moved back to the day's midnight) for `days` days, 1 to 36 500.
    package init(
        seed: UInt64, pairs: [Pair], start: Timestamp, days: Int, base: Timeframe = .oneMinute
    ) throws(Failure) {
        guard (1...36_500).contains(days) else { throw Failure(description: "days is \(days), it must be 1 to 36500") }
        guard base.minutes <= 1440, 1440 % base.minutes == 0 else {
            throw Failure(description: "the base timeframe \(base) does not divide a day")
        }
        self.seed = seed
        self.pairs = pairs
        self.start = Timeframe.oneDay.floor(start)
        self.days = days
        self.base = base
    }

    /// Candles of `pair` in the base timeframe, without end.
    package func stream(_ pair: Pair) -> SyntheticStream {
        SyntheticStream(pair, seed: seed, start: start, timeframe: base)
    }

    /// The whole candles of `pair` in `timeframe`, the base or a multiple of it.
    package func candles(_ pair: Pair, _ timeframe: Timeframe) throws(Failure) -> Candles {
        try candles(pair, [timeframe])[0]
    }

    /// The whole candles of `pair` in each of `timeframes`, in their order: the base's steps, which cost most of the time, are
    /// made once for all of them.
    package func candles(_ pair: Pair, _ timeframes: [Timeframe]) throws(Failure) -> [Candles] {
        for timeframe in timeframes where timeframe.minutes % base.minutes != 0 {
            throw Failure(description: "timeframe \(timeframe) is no multiple of the base timeframe \(base)")
        }
        let profile = PairProfile(pair, seed: SyntheticStream.seed(seed, pair))
        let (priceScale, amountScale) = (PairProfile.power(profile.priceDigits), PairProfile.power(profile.amountDigits))
        let count = days * Int(1440 / base.minutes)
        var builders = timeframes.map { CandleBuilder(capacity: count / Int($0.minutes / base.minutes) + 1) }
        var assemblies = timeframes.map { CandleAssembly(timeframe: $0, base: base) }
        var stream = stream(pair)
        for _ in 0..<count {
            let ticks = stream.nextTicks()
            for index in assemblies.indices {
                guard let whole = assemblies[index].add(ticks) else { continue }
                builders[index].append(whole.candle(priceScale: priceScale, amountScale: amountScale))
            }
        }
        return builders.map(\.candles)
    }

    /// Steps, limits and fees of `pair`; its candles are on these steps.
    package func instrument(_ pair: Pair) -> Instrument {
        PairProfile(pair, seed: SyntheticStream.seed(seed, pair)).instrument(pair, makerFee: makerFee, takerFee: takerFee)
    }

    /// The instruments of all pairs.
    package var instruments: [Instrument] { pairs.map(instrument) }
}

/// Puts longer candles together from those of the base timeframe; parts of one at either end are left out.
private struct CandleAssembly {
    let timeframe: Timeframe
    let base: Timeframe
    private var open: TickCandle?

    init(timeframe: Timeframe, base: Timeframe) {
        self.timeframe = timeframe
        self.base = base
    }

    /// Takes the next candle of the base; returns the longer one that it completes.
    mutating func add(_ candle: TickCandle) -> TickCandle? {
        let first = timeframe.floor(Timestamp(milliseconds: candle.time)).milliseconds
        if candle.time == first { open = candle } else { open?.merge(candle) }
        guard candle.time + base.milliseconds == first + timeframe.milliseconds else { return nil }
        defer { open = nil }
        return open
    }
}
