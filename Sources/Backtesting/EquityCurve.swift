import Money

/// The account's worth at candle starts, folded into statistics as it comes: times at which nothing changed add nothing.
package struct EquityCurve: Hashable, Sendable {
    /// A value and when it was first seen, in milliseconds.
    package struct Point: Hashable, Sendable {
        package var value = 0.0
        package var time: Int64 = 0
    }

    /// Worth at the first candle.
    package private(set) var first = Point()
    /// Worth at the last candle.
    package private(set) var last = Point()
    /// The least worth.
    package private(set) var lowest = Point()
    /// The most.
    package private(set) var highest = Point()
    /// The last worth of each calendar day.
    package private(set) var daily: [Double] = []
    /// The deepest fall in stake currency.
    package private(set) var deepest = Fall()
    /// The deepest fall in relation to its peak.
    package private(set) var largestRelative = 0.0

    /// A fall from a peak.
    package struct Fall: Hashable, Sendable {
        /// How far, in stake currency.
        package var size = 0.0
        /// How far, as a part of the balance at the peak.
        package var relative = 0.0
        /// Gain since the start at the peak, and when.
        package var high = Point()
        /// Gain since the start at the bottom, and when.
        package var low = Point()
    }

    /// Whether the next candle time is to be sampled even without a position.
    var needsSample = true
    private var isEmpty = true
    private var gain = 0.0
    private var peak = Point()
    /// The first instant after the day of the last sample.
    private var dayEnd: Int64 = .max

    init() {}

    /// Takes the worth at one candle time.
    mutating func sample(_ value: Double, at time: Int64) {
        if isEmpty {
            begin(value, at: time)
            return
        }
        if value == last.value, time < dayEnd {
            last.time = time
            return
        }
        fillDays(to: time)
        daily[daily.count - 1] = value
        gain += value - last.value
        last = Point(value: value, time: time)
        if value < lowest.value { lowest = last }
        if value > highest.value { highest = last }
        if gain > peak.value { peak = Point(value: gain, time: time) }
        let fall = peak.value - gain
        guard fall > 0 else { return }
        // Same terms as freqtrade: the peak's balance less the balance, not the fall itself.
        let (most, now) = (first.value + peak.value, first.value + gain)
        let relative = (most - now) / most
        if fall > deepest.size {
            deepest = Fall(size: fall, relative: relative, high: peak, low: Point(value: gain, time: time))
        }
        largestRelative = max(largestRelative, relative)
    }

    private mutating func begin(_ value: Double, at time: Int64) {
        isEmpty = false
        first = Point(value: value, time: time)
        (last, lowest, highest) = (first, first, first)
        peak = Point(value: 0, time: time)
        deepest.high.time = time
        deepest.low.time = time
        dayEnd = (Self.day(of: time) + 1) * 86_400_000
        daily = [value]
    }

    /// Days without a sample kept the worth of the last one.
    private mutating func fillDays(to time: Int64) {
        while time >= dayEnd {
            daily.append(last.value)
            dayEnd += 86_400_000
        }
    }

    /// Carries the last worth to the last candle.
    mutating func finish(at time: Int64) {
        guard !isEmpty, time > last.time else { return }
        fillDays(to: time)
        last.time = time
    }

    private static func day(of time: Int64) -> Int64 { (time - (((time % 86_400_000) + 86_400_000) % 86_400_000)) / 86_400_000 }
}

extension Simulation {
    /// Samples stake currency and positions at their opens, added in the order in which pandas adds such groups.
    mutating func sampleEquity(_ slot: Int) {
        equity.needsSample = openCount > 0
        var count = 0
        for index in 0..<openCount where columns[order[index]].slots.contains(slot) {
            let pair = order[index]
            worths[count] = columns[pair].open[slot + columns[pair].shift] * trades[pair].amount
            count += trades[pair].hasPosition ? 1 : 0
        }
        if accountChanged { refreshStakeBalance() }
        let positions = [Double].pairwise(UnsafeBufferPointer(start: worths, count: count))
        equity.sample(stakeBalance + positions, at: time(slot))
    }

    /// What a waiting order ties up.
    func stake(of order: TradeOrder, _ pair: Int) -> Double {
        Double(ExactDecimal(order.amount) * ExactDecimal(order.price) / ExactDecimal(trades[pair].leverage))
    }

    /// Computes the stake currency in the account, waiting entry orders included.
    mutating func refreshStakeBalance() {
        var waiting = 0.0
        for index in 0..<openCount {
            if let pending = trades[order[index]].pending, pending.isEntry { waiting += stake(of: pending, order[index]) }
        }
        stakeBalance = settings.dryRunWallet + profit - tied + waiting
        accountChanged = false
    }

    /// Notes that orders, positions or profits changed.
    mutating func noteChange() {
        equity.needsSample = tracksEquity
        accountChanged = true
    }
}
