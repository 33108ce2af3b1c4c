import Market
import Trading

extension OpenTrade {
    /// Lets the trailing stop follow the best price seen, by freqtrade's rules of distance and offset. The caller has made sure that the
    /// stop is not reached. `distance` is what `stoploss` or a custom stop asks for.
    @inline(__always)
    mutating func follow(best: Double, distance: Double) {
        guard let trail else { return }
        var distance = distance
        if let offset = trail.offset, profit(at: best, isBelow: offset) { return }
        if let positive = trail.positive, profit(at: best, isAbove: trail.positiveOffset) { distance = positive }
        moveStop(from: best, ratio: distance)
    }

    /// Remembers the highest and the lowest price.
    @inline(__always)
    mutating func note(high: Double, low: Double) {
        let (top, bottom) = hasExtremes ? (highest, lowest) : (openRate, openRate)
        highest = max(high, top)
        lowest = min(low, bottom)
        hasExtremes = true
    }

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
        refreshTrail()
    }

    /// Renews the bounds within which a best price cannot move a trailing stop.
    mutating func refreshTrail() {
        guard let trail else { return }
        let margin = (Self.decisionMargin + 1e-12 * ((trail.offset ?? 0).magnitude + leverage)) / leverage
        let offset = trail.offset.map { $0 / leverage } ?? 0
        if priceRule.mode != .tickSize {
            trailGuard = isShort ? .infinity : 0
        } else if let tick = priceRule.value {
            let distance = trail.nearest / leverage
            trailGuard =
                isShort
                ? (stop + tick) / (1 + distance) * (1 + 1e-12) + 1e-14 : (stop - tick) / (1 - distance) * (1 - 1e-12) - 1e-14
        } else {
            let distance = trail.nearest / leverage
            trailGuard = isShort ? stop / (1 + distance) * (1 + 1e-12) : stop / (1 - distance) * (1 - 1e-12)
        }
        offsetGuard = trail.offset == nil ? (isShort ? .infinity : 0) : isShort ? 1 - offset + margin : 1 + offset - margin
    }

    /// Whether a candle with that best price certainly leaves the stop where it is.
    @inline(__always)
    func keepsStop(best: Double) -> Bool {
        guard trail != nil else { return true }
        return isShort
            ? best > trailGuard || best * slope > offsetGuard : best < trailGuard || best * slope < offsetGuard
    }

    /// Whether rounding cannot bring `raw` to the better side of the stop: it moves a price by less than a tick.
    @inline(__always)
    private func cannotImprove(_ raw: Double) -> Bool {
        guard priceRule.mode == .tickSize, let tick = priceRule.value else { return false }
        // Two units of slack for what the last digits of sum and rounding may do.
        return isShort ? (raw - tick) * (1 - 1e-13) - 1e-14 >= stop : (raw + tick) * (1 + 1e-13) + 1e-14 <= stop
    }
}
