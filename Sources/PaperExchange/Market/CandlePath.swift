/// The way that the price takes through one candle, in steps: from the open over both extremes to the close, which is what a candle tells.
///
/// Where the candle rose the low comes first, else the high.
struct CandlePath: Sendable {
    let candle: PaperCandle
    let steps: Int
    private let firstTurn: Int
    private let secondTurn: Int

    /// `random` decides when the extremes come. At least four steps.
    init(_ candle: PaperCandle, steps: Int, random: UInt64) {
        self.candle = candle
        self.steps = max(4, steps)
        let inner = self.steps - 2
        let a = 1 + Int(random % UInt64(inner))
        let b = 1 + Int((random >> 32) % UInt64(inner))
        firstTurn = min(a, b)
        secondTurn = a == b ? min(max(a, b) + 1, self.steps - 2) : max(a, b)
    }

    private var low: Int64 { candle.low }
    private var turns: (first: Int64, second: Int64) {
        candle.close >= candle.open ? (candle.low, candle.high) : (candle.high, candle.low)
    }

    /// The price at this step, 0 to `steps` - 1.
    func price(at step: Int) -> Int64 {
        let (first, second) = turns
        if step <= firstTurn { return between(candle.open, first, step, firstTurn) }
        // With four steps both turns may fall on one: the second extreme is reached then.
        if step <= secondTurn { return between(first, second, step - firstTurn, secondTurn - firstTurn) }
        return between(second, candle.close, step - secondTurn, steps - 1 - secondTurn)
    }

    /// The volume at this step: evenly spread, the rest in the first steps.
    func volume(at step: Int) -> Int64 {
        let (each, rest) = candle.volume.quotientAndRemainder(dividingBy: Int64(steps))
        return each + (Int64(step) < rest ? 1 : 0)
    }

    private func between(_ from: Int64, _ to: Int64, _ step: Int, _ length: Int) -> Int64 {
        guard length > 0 else { return to }
        return from + Int64((Int128(to - from) * Int128(step)) / Int128(length))
    }
}
