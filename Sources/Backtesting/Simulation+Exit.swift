import Market
import Strategies
import Trading

extension Simulation {
    /// Moves the stop, then tries exit signal, stop, ROI and trailing stop in this order until one gives an order.
    mutating func decideExit(_ pair: Int, _ slot: Int) {
        let row = slot + columns[pair].shift
        let open = columns[pair].open[row]
        let high = columns[pair].high[row] == 0 ? open : columns[pair].high[row]
        let low = columns[pair].low[row] == 0 ? open : columns[pair].low[row]
        let flags = signals.flags(pair: pair, at: slot)
        let isShort = trades[pair].isShort
        let enters = flags.contains(isShort ? .enterShort : .enterLong)
        let best = isShort ? low : high
        trades[pair].note(high: high, low: low)
        refreshROI(pair, slot)
        adjustStop(pair, slot, best: best, low: low, high: high)
        let stopHit = isShort ? trades[pair].stop <= high : trades[pair].stop >= low
        let roiReached =
            !(enters && settings.ignoreROIIfEntrySignal)
            && (trades[pair].roi.map { trades[pair].profit(at: best, isAbove: $0) } ?? false)
        if settings.useExitSignal, flags.contains(isShort ? .exitShort : .exitLong), !enters,
            !settings.exitProfitOnly || trades[pair].profit(at: open, isAbove: settings.exitProfitOffset),
            tryExit(.exitSignal, pair, slot)
        {
            return
        }
        let trailing = trades[pair].isTrailing
        if stopHit, !trailing, tryExit(.stopLoss, pair, slot) { return }
        if roiReached, tryExit(.roi, pair, slot) { return }
        if stopHit, trailing { _ = tryExit(.trailingStopLoss, pair, slot) }
    }

    /// Finds the ROI in force: the entry with the largest key up to the minutes since opening.
    private func refreshROI(_ pair: Int, _ slot: Int) {
        guard slot >= trades[pair].roiUntil else { return }
        let minutes = minutesOpen(pair, slot)
        let next = roi.due(after: minutes)
        trades[pair].roi = next == 0 ? nil : roi[next - 1].ratio
        trades[pair].roiMinute = next == 0 ? 0 : roi[next - 1].minutes
        if next == roi.count {
            trades[pair].roiUntil = .max
        } else {
            let due = trades[pair].openTime + Int64(roi[next].minutes) * 60_000
            trades[pair].roiUntil = Int((due - start + frameLength - 1) / frameLength)
        }
        trades[pair].refreshEstimates()
    }

    private func minutesOpen(_ pair: Int, _ slot: Int) -> Int { Int((time(slot) - trades[pair].openTime) / 60_000) }

    /// Lets the stop follow the best price, unless the candle already reaches it.
    private mutating func adjustStop(_ pair: Int, _ slot: Int, best: Double, low: Double, high: Double) {
        trades[pair].startStop(from: trades[pair].openRate, ratio: settings.stoploss)
        guard settings.trailingStop || callbacks.usesCustomStoploss,
            trades[pair].isShort ? trades[pair].stop > high : trades[pair].stop < low
        else { return }
        var distance = settings.stoploss
        if callbacks.usesCustomStoploss,
            let custom = callbacks.stoploss(
                context(pair, slot, isShort: trades[pair].isShort), rate: best, profit: trades[pair].decidingProfit(at: best)),
            custom != 0, custom.isFinite
        {
            distance = custom
            trades[pair].moveStop(from: best, ratio: custom)
        }
        trades[pair].follow(best: best, distance: distance)
    }

    /// Prices an exit and places its order; false where the price is refused or an equal order waits.
    private mutating func tryExit(_ kind: ExitKind, _ pair: Int, _ slot: Int) -> Bool {
        guard var price = exitPrice(kind, pair, slot) else { return false }
        var tag = OrderTag.reason(kind)
        if kind == .exitSignal {
            let row = slot + columns[pair].shift
            let tags = pairs[pair].signals.exitTags
            if !tags.isEmpty, tags[row - 1] != 0 { tag = .exit(tags[row - 1]) }
            if settings.exitOrderType == .limit {
                let isShort = trades[pair].isShort
                let wanted = callbacks.exitPrice(context(pair, slot, isShort: isShort), proposed: price)
                if wanted.isFinite { price = wanted }
                price = isShort ? min(price, columns[pair].high[row]) : max(price, columns[pair].low[row])
            }
        }
        trades[pair].exitTag = tag
        return placeExit(pair, slot, price: price, amount: trades[pair].amount, tag: tag)
    }

    private func exitPrice(_ kind: ExitKind, _ pair: Int, _ slot: Int) -> Double? {
        switch kind {
        case .stopLoss, .trailingStopLoss: stopPrice(kind, pair, slot)
        case .roi: roiPrice(pair, slot)
        case .exitSignal, .forceExit: columns[pair].open[slot + columns[pair].shift]
        }
    }

    private func stopPrice(_ kind: ExitKind, _ pair: Int, _ slot: Int) -> Double {
        let row = slot + columns[pair].shift
        let (open, high, low) = (columns[pair].open[row], columns[pair].high[row], columns[pair].low[row])
        let (isShort, leverage, side) = (trades[pair].isShort, trades[pair].leverage, trades[pair].side)
        let stop = trades[pair].stop
        // The whole candle lies beyond the stop: the price jumped over it.
        if isShort ? stop < low : stop > high { return open }
        guard kind == .trailingStopLoss, minutesOpen(pair, slot) == 0 else { return stop }
        // The stop moved on the opening candle: assume that the price moved just far enough for that and turned at once.
        let worst: Double
        if !callbacks.usesCustomStoploss, settings.trailingStop, settings.trailingOnlyOffsetIsReached,
            let positive = settings.trailingStopPositive, positive != 0
        {
            let offset = settings.trailingStopPositiveOffset.magnitude
            worst = open * (1 + side * offset - side * (positive / leverage).magnitude)
        } else {
            worst = open * (1 - side * (trades[pair].stopRatio / leverage).magnitude)
        }
        return isShort ? min(high, worst) : max(low, worst)
    }

    /// The price at which the ROI in force is reached, within the candle; nil where the opening candle cannot have gone there.
    private func roiPrice(_ pair: Int, _ slot: Int) -> Double? {
        let row = slot + columns[pair].shift
        let open = columns[pair].open[row]
        let trade = trades + pair
        guard let target = trade.pointee.roi else { return open }
        let isShort = trade.pointee.isShort
        let onCandle = trade.pointee.roiMinute % frameMinutes == 0
        if target == -1, onCandle { return open }
        let price = money.closeRate(
            target: target, amount: trade.pointee.exactAmount, openRate: trade.pointee.openRate,
            leverage: trade.pointee.leverage, isShort: isShort)
        let minutes = minutesOpen(pair, slot)
        let openIsBetter = isShort ? open < price : open > price
        // This entry of the table holds from this very candle on.
        if minutes > 0, minutes == trade.pointee.roiMinute, onCandle, openIsBetter { return open }
        let (rate, close) = (trade.pointee.openRate, columns[pair].close[row])
        if minutes == 0,
            isShort
                ? open < close && rate > open && price < close : open > close && rate < open && price > close
        {
            return nil
        }
        return min(max(price, columns[pair].low[row]), columns[pair].high[row])
    }
}
