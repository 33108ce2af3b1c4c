import Market
import Trading

extension OpenTrade {
    /// Sets the first stop; does nothing where there is one.
    mutating func startStop(from price: Double, ratio: Double) {
        if stop == 0 { moveStop(from: price, ratio: ratio) }
    }

    /// Moves the stop to `ratio` away from `price`, but never against the trade. A stop that moved is a trailing one.
    mutating func moveStop(from price: Double, ratio: Double) {
        let distance = (ratio / leverage).magnitude
        let raw = price * (isShort ? 1 + distance : 1 - distance)
        if initialStopRatio != nil, cannotImprove(raw) { return }
        let direction: StepRule.Direction = isShort ? .down : .up
        let moved = priceRule.stop(raw, direction)
        if initialStopRatio == nil {
            setStop(moved, ratio: ratio)
            initialStop = priceRule.stop(moved, direction)
            initialStopRatio = -ratio.magnitude
        } else if isShort ? moved < stop : moved > stop {
            isTrailing = true
            setStop(moved, ratio: ratio)
        }
    }

    private mutating func setStop(_ price: Double, ratio: Double) {
        if stop == 0 { initialStop = price }
        stop = price
        stopRatio = -ratio.magnitude
    }

    /// Whether rounding cannot bring `raw` to the better side of the stop: it moves a price by less than a tick.
    @inline(__always)
    private func cannotImprove(_ raw: Double) -> Bool {
        guard priceRule.mode == .tickSize, let tick = priceRule.value else { return false }
        // Two units of slack for what the last digits of sum and rounding may do.
        return isShort ? (raw - tick) * (1 - 1e-13) - 1e-14 >= stop : (raw + tick) * (1 + 1e-13) + 1e-14 <= stop
    }
}
