package import Market
import Matching
package import SyntheticMarket

/// Where the prices of a paper instrument come from.
package enum CandleFeed: Sendable {
    /// Candles from a seed, without end.
    case synthetic(SyntheticStream)
    /// A recording, its times moved to the venue's. When it is over the market stands still.
    case recorded([Candle])
}

/// Moves the market of one instrument along its candles: sweeps what rests beyond the price, offers a ladder around it, prints trades.
///
/// All of it goes through the matching engine, in the name of the house account.
struct MarketDriver: Sendable {
    /// One step's doing.
    struct Step: Sendable {
        let time: Int64
        let price: Int64
        let volume: Int64
    }

    private var feed: CandleFeed
    private var place = 0
    private var path: CandlePath?
    private var nextStep = 0
    private var random: SplitMix64
    private let base: Timeframe
    private let stepLength: Int64

    /// Steps of `stepLength` milliseconds, which divide the base timeframe.
    init(_ feed: CandleFeed, base: Timeframe, stepLength: Int64, seed: UInt64) {
        self.feed = feed
        self.base = base
        self.stepLength = min(max(stepLength, 1), base.milliseconds / 4)
        random = SplitMix64(seed: seed)
    }

    /// Whether the recording is over.
    private(set) var isOver = false

    /// Reads the candles that open before `time` and hands them over; the first that does not is where the market begins.
    mutating func skipHistory(before time: Int64, _ body: (Candle) -> Void) {
        while true {
            let before = self
            guard let candle = nextCandle() else { return }
            guard candle.time.milliseconds < time else {
                self = before
                return
            }
            body(candle)
        }
    }

    /// The next candle of the feed; nil: the recording is over.
    mutating func nextCandle() -> Candle? {
        switch feed {
        case .synthetic(var stream):
            let candle = stream.next()
            feed = .synthetic(stream)
            return candle
        case .recorded(let candles):
            guard place < candles.count else { return nil }
            place += 1
            return candles[place - 1]
        }
    }

    /// The next step that is due at `now`; nil: none, or the recording is over.
    mutating func step(upTo now: Int64, _ instrument: PaperInstrument) -> Step? {
        if path == nil {
            guard let candle = nextCandle() else {
                isOver = true
                return nil
            }
            let steps = Int(base.milliseconds / stepLength)
            path = CandlePath(PaperCandle(candle, instrument), steps: steps, random: random.next())
            nextStep = 0
        }
        guard let path else { return nil }
        let time = path.candle.time + Int64(nextStep) * stepLength
        guard time <= now else { return nil }
        let step = Step(time: time, price: path.price(at: nextStep), volume: max(1, path.volume(at: nextStep)))
        nextStep += 1
        if nextStep == path.steps { self.path = nil }
        return step
    }

    mutating func randomFraction() -> Double { Double(random.next() >> 11) * 0x1p-53 }
}
