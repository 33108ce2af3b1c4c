import Money
import Trading

extension OpenTrade {
    /// The profit ratio at `rate` that decisions are made on: exact money, rounded to 8 decimals.
    package func decidingProfit(at rate: Double) -> Double {
        let close = money.closeValue(amount: exactAmount, rate: rate, isShort: isShort)
        return TradeMoney.ratio(openValue: openValue, closeValue: close, leverage: leverage, isShort: isShort)
            .rounded(decimals: 8)
    }

    /// More than rounding to 8 decimals can move a profit, and far more than doubles are off.
    static let decisionMargin = 1.5e-8

    /// `decidingProfit(at: rate) > threshold`, without exact arithmetic where the answer is clear.
    @inline(__always)
    package func profit(at rate: Double, isAbove threshold: Double) -> Bool {
        let estimate = isShort ? (1 - rate * slope) * leverage : (rate * slope - 1) * leverage
        let margin = Self.decisionMargin + estimate.magnitude * 1e-12 + leverage * 1e-12
        if estimate > threshold + margin { return true }
        if estimate < threshold - margin { return false }
        return decidingProfit(at: rate) > threshold
    }

    /// `decidingProfit(at: rate) < threshold`, likewise.
    @inline(__always)
    func profit(at rate: Double, isBelow threshold: Double) -> Bool {
        let estimate = isShort ? (1 - rate * slope) * leverage : (rate * slope - 1) * leverage
        let margin = Self.decisionMargin + estimate.magnitude * 1e-12 + leverage * 1e-12
        if estimate < threshold - margin { return true }
        if estimate > threshold + margin { return false }
        return decidingProfit(at: rate) < threshold
    }

    /// Renews what depends on amount, open value and the ROI in force.
    mutating func refreshEstimates() {
        slope = openValue == 0 ? 0 : amount * (isShort ? 1 + fee : 1 - fee) / openValue
        refreshTrail()
        guard let roi, openValue != 0 else {
            roiGuard = isShort ? -.infinity : .infinity
            return
        }
        // Longs: rate * slope must exceed 1 + roi / leverage; shorts: stay under 1 - roi / leverage. The guard is a little nearer.
        let margin = (Self.decisionMargin + 1e-12 * (roi.magnitude + leverage)) / leverage
        roiGuard = isShort ? 1 - roi / leverage + margin : 1 + roi / leverage - margin
    }

    /// Recomputes amount, average rate, stake and profit from the filled orders (in freqtrade's order of operations).
    mutating func recalculate(isClosing: Bool = false) {
        var current = ExactDecimal.zero
        var currentStake = ExactDecimal.zero
        var largest = ExactDecimal.zero
        var average = ExactDecimal.zero
        var total = 0.0
        var closeProfit = 0.0
        var closeProfitRatio = 0.0
        var lastProfit = 0.0
        for order in orders {
            let (amount, price) = (ExactDecimal(order.amount), ExactDecimal(order.price))
            if order.isEntry {
                current = current + amount
                currentStake = currentStake + price * amount
                if current > .zero { average = currentStake / current }
                total += money.openValue(amount: amount, rate: order.price, isShort: isShort)
                largest = largest + amount * price
            } else {
                current = current - amount
                currentStake = currentStake - average * amount
                lastProfit = profit(of: order, amount: amount, average: Double(average))
                closeProfit += lastProfit
                if total > 0 { closeProfitRatio = closeProfit / total * leverage }
            }
        }
        maxStake = Double(largest) / leverage
        if closeProfitRatio != 0 {
            profitRatio = closeProfitRatio
            realizedProfit = closeProfit
            profit = lastProfit
        }
        let left = amountRule.truncated(Double(current))
        if left > 0 {
            position(amount: left, stake: currentStake, average: currentStake / current)
        } else if isClosing, total > 0 {
            profitRatio = closeProfit / total * leverage
            profit = closeProfit
        }
    }

    /// The profit of one exit, rounded to 8 decimals.
    private func profit(of order: TradeOrder, amount: ExactDecimal, average: Double) -> Double {
        let close = money.closeValue(amount: amount, rate: order.price, isShort: isShort)
        let open = money.openValue(amount: amount, rate: average, isShort: isShort)
        return (isShort ? open - close : close - open).rounded(decimals: 8)
    }

    /// Takes over a new size: the average rate goes to the nearest tick, and the stop follows where that is in its favour.
    private mutating func position(amount: Double, stake: ExactDecimal, average: ExactDecimal) {
        openRate = priceRule.nearest(Double(average))
        self.amount = amount
        exactAmount = ExactDecimal(amount)
        self.stake = Double(stake) / leverage
        openValue = money.openValue(amount: exactAmount, rate: openRate, isShort: isShort)
        refreshEstimates()
        moveStop(from: openRate, ratio: stopRatio)
    }

    /// Takes over the fill of the waiting entry order.
    mutating func fillEntry(_ order: TradeOrder, at time: Int64) {
        fill(order, at: time)
        openRate = order.price
        recalculate()
        if entryCount == 1 {
            initialStopRatio = nil
            isTrailing = false
        }
        moveStop(from: openRate, ratio: stopRatio)
    }

    /// Books a fill without looking at what it means.
    mutating func fill(_ order: TradeOrder, at time: Int64) {
        var filled = order
        filled.filled = time
        filled.hasFundingFee = fundingRunning
        fundingRunning = true
        orders.append(filled)
        pending = nil
    }
}
