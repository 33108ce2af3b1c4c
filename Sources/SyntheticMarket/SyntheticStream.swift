package import Market

/// Candles of one synthetic pair, one after the other without end, with constant memory.
///
/// What came before never depends on how many follow.
package struct SyntheticStream: Sequence, IteratorProtocol, Sendable {
    private let profile: PairProfile
    private let step: Int64
    private let minutes: Double
    private let priceScale: Double
    private let amountScale: Double
    private let meanVariance: Double
    private var factor: ReturnProcess
    private var own: ReturnProcess
    private var shape: SplitMix64
    private var price: Double
    private var time: Int64

    /// Volatility of the market factor per year.
    private static let factorVolatility = 0.55

    init(_ pair: Pair, seed: UInt64, start: Timestamp, timeframe: Timeframe) {
        let pairSeed = Self.seed(seed, pair)
        profile = PairProfile(pair, seed: pairSeed)
        minutes = Double(timeframe.minutes)
        step = timeframe.milliseconds
        // All pairs of a market draw the same factor from the same seed.
        factor = ReturnProcess(
            seed: SplitMix64.mixed(seed ^ 0xFAC7), minutes: minutes, volatility: Self.factorVolatility, jumpsPerDay: 0.15,
            jumpSize: 0.012, hasDrift: true)
        own = ReturnProcess(
            seed: SplitMix64.mixed(pairSeed ^ 1), minutes: minutes, volatility: profile.ownVolatility, jumpsPerDay: 0.3,
            jumpSize: 0.008, hasDrift: false)
        shape = SplitMix64(seed: SplitMix64.mixed(pairSeed ^ 2))
        priceScale = PairProfile.power(profile.priceDigits)
        amountScale = PairProfile.power(profile.amountDigits)
        let yearly =
            profile.beta * profile.beta * Self.factorVolatility * Self.factorVolatility
            + profile.ownVolatility * profile.ownVolatility
        meanVariance = yearly * minutes / ReturnProcess.minutesPerYear
        price = profile.price
        time = start.milliseconds
    }

    /// A seed that follows from the market's seed and the pair's name alone, so that a pair is the same beside any others.
    static func seed(_ seed: UInt64, _ pair: Pair) -> UInt64 {
        pair.description.utf8.reduce(SplitMix64.mixed(seed)) { SplitMix64.mixed($0 ^ UInt64($1)) }
    }

    /// The next candle.
    package mutating func next() -> Candle? { nextTicks().candle(priceScale: priceScale, amountScale: amountScale) }

    /// The next candle in whole steps of price and amount.
    mutating func nextTicks() -> TickCandle {
        let season = Self.season(time)
        let market = factor.next(season: season)
        let single = own.next(season: season)
        let variance = profile.beta * profile.beta * market.variance + single.variance
        let change = Swift.min(Swift.max(profile.beta * market.change + single.change, -0.5), 0.5)
        let (up, down) = extremes(change: change, variance: variance)
        let first = price
        // A price never gets so low that a step is more than a thousandth of it.
        price = Swift.max(first * (1 + change), 1000 / priceScale)
        var candle = TickCandle(
            time: time, open: ticks(first) + bounce(), high: ticks(first * (1 + up)), low: ticks(first * (1 + down)),
            close: ticks(price), volume: volume(change, variance, season, isJump: market.isJump || single.isJump))
        candle.high = Swift.max(candle.high, candle.open, candle.close)
        candle.low = Swift.min(candle.low, candle.open, candle.close)
        time += step
        return candle
    }

    /// How far the price went up and down within a candle whose close is known: the largest and smallest value of a Brownian
    /// bridge, each drawn from its exact distribution: max = (c + sqrt(c^2 - 2 v ln u)) / 2, min by symmetry.
    private mutating func extremes(change: Double, variance: Double) -> (Double, Double) {
        let square = change * change
        let up = (change + (square + 2 * variance * shape.exponential()).squareRoot()) / 2
        let down = (change - (square + 2 * variance * shape.exponential()).squareRoot()) / 2
        return (up, Swift.max(down, Swift.min(change, 0) - 0.3))
    }

    /// The first trade is at the close before, or one step beside it: buyers and sellers take turns.
    private mutating func bounce() -> Int64 {
        switch shape.next() & 7 {
        case 0: 1
        case 1: -1
        default: 0
        }
    }

    private func ticks(_ value: Double) -> Int64 { Swift.max(Int64((value * priceScale).rounded()), 1) }

    /// Volume in steps: more where volatility is high, where the price moved far and where it jumped.
    private mutating func volume(_ change: Double, _ variance: Double, _ season: Double, isJump: Bool) -> Int64 {
        let nervous = 0.3 + 0.7 * (variance / meanVariance).squareRoot()
        let moved = 0.6 + 0.5 * Swift.min(change.magnitude / variance.squareRoot(), 6)
        let chance = (shape.exponential() + shape.exponential()) / 2
        let quote = profile.turnover * minutes * season * nervous * moved * chance * (isJump ? 3 : 1)
        return Swift.max(Int64((quote / price * amountScale).rounded()), 1)
    }

    /// Activity by the hour of the day, 0.7 to 1.3 with mean 1: lowest at 3, highest at 15 UTC.
    private static func season(_ time: Int64) -> Double {
        let day: Int64 = 86_400_000
        let hour = Double(((time % day) + day) % day) / 3_600_000
        return 1.3 - 0.6 * Swift.min((hour - 15).magnitude, 24 - (hour - 15).magnitude) / 12
    }
}

/// A candle in whole steps of price and amount, so that sums and comparisons are exact.
struct TickCandle {
    var time: Int64
    var open: Int64
    var high: Int64
    var low: Int64
    var close: Int64
    var volume: Int64

    /// The same candle in decimals: a whole number divided by a power of ten is the double next to the decimal.
    func candle(priceScale: Double, amountScale: Double) -> Candle {
        Candle(
            time: Timestamp(milliseconds: time), open: Double(open) / priceScale, high: Double(high) / priceScale,
            low: Double(low) / priceScale, close: Double(close) / priceScale, volume: Double(volume) / amountScale)
    }

    /// Takes in the candle that follows.
    mutating func merge(_ next: TickCandle) {
        high = max(high, next.high)
        low = min(low, next.low)
        close = next.close
        volume += next.volume
    }
}
