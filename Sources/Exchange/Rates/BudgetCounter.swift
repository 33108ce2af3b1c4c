import Market

/// What one budget has left. Times are the venue's, in milliseconds.
///
/// All amounts are in milliunits. The venue counts a request when it arrives there, at a moment that we know only within `slack`
/// before or after our own: each rule errs to the safe side of that.
enum BudgetCounter: Sendable {
    case window(WindowCounter)
    case decay(DecayCounter)

    init(_ limit: BudgetLimit, slack: Int64) {
        let units = min(max(limit.units, 0), Int.max / 4000)
        switch limit.refill {
        case .window(let length):
            self = .window(WindowCounter(limit: units * 1000, length: length.wholeMilliseconds, slack: slack))
        case .decay(let rate): self = .decay(DecayCounter(limit: units * 1000, rate: rate, slack: slack))
        }
    }

    /// The most that is ever admitted at once.
    func share(forCancel isCancel: Bool) -> Int {
        let limit = self.limit
        // The smallest budgets would have nothing left for others.
        return isCancel ? limit : max(limit / 5 * 4, min(limit, 1000))
    }

    private var limit: Int {
        switch self {
        case .window(let counter): counter.limit
        case .decay(let counter): counter.usable
        }
    }

    /// When `amount` fits below `share`; nil: now.
    mutating func wait(for amount: Int, below share: Int, now: Int64) -> Int64? {
        switch self {
        case .window(var counter):
            defer { self = .window(counter) }
            return counter.wait(for: amount, below: share, now: now)
        case .decay(var counter):
            defer { self = .decay(counter) }
            return counter.wait(for: amount, below: share, now: now)
        }
    }

    mutating func add(_ amount: Int, now: Int64) {
        switch self {
        case .window(var counter):
            counter.add(amount, now: now)
            self = .window(counter)
        case .decay(var counter):
            counter.add(amount, now: now)
            self = .decay(counter)
        }
    }

    /// What the venue told about itself in an answer to a request sent at `sent` and read at `now`.
    mutating func correct(to used: Int, sent: Int64, now: Int64) {
        switch self {
        case .window(var counter):
            counter.correct(to: min(max(used, 0), counter.limit * 2), sent: sent, now: now)
            self = .window(counter)
        case .decay(var counter):
            counter.raise(to: min(max(used, 0), counter.limit * 2), now: now)
            self = .decay(counter)
        }
    }

    /// At least this much is used now: the venue refused.
    mutating func raise(to used: Int, now: Int64) {
        switch self {
        case .window(var counter):
            counter.raise(to: used, now: now)
            self = .window(counter)
        case .decay(var counter):
            counter.raise(to: used, now: now)
            self = .decay(counter)
        }
    }

    mutating func used(now: Int64) -> Int {
        switch self {
        case .window(var counter): counter.used(now: now)
        case .decay(var counter): counter.level(now: now)
        }
    }

    /// The counter with the limit of another list of limits, what is used kept where the kind of refill is the same.
    func changed(to limit: BudgetLimit, slack: Int64) -> BudgetCounter {
        let fresh = BudgetCounter(limit, slack: slack)
        switch (self, fresh) {
        case (.window(var old), .window(let new)) where old.length == new.length:
            old.limit = new.limit
            return .window(old)
        case (.decay(var old), .decay(let new)):
            old.limit = new.limit
            old.usable = new.usable
            old.rate = new.rate
            return .decay(old)
        default: return fresh
        }
    }
}

/// Counts in windows that begin at multiples of their length.
///
/// A charge near a turn counts in both windows, because the venue may count it in either.
struct WindowCounter: Sendable {
    /// One window's count.
    private struct Count {
        var index: Int64
        var own = 0
        /// What others with our address or account used, as far as the venue's answers show it.
        var foreign = 0
        /// The same from an answer that may have been about the window before.
        var provisional = 0

        var used: Int { own + max(foreign, provisional) }
    }

    var limit: Int
    let length: Int64
    let slack: Int64
    private var counts: [Count] = []

    init(limit: Int, length: Int64, slack: Int64) {
        self.limit = limit
        self.length = max(length, 1)
        self.slack = min(slack, max(length, 1) / 4)
    }

    private func index(_ time: Int64) -> Int64 { Timestamp.floorQuotient(time, length) }

    /// The windows that a request of now may be counted in, and their places.
    private mutating func places(now: Int64) -> ClosedRange<Int> {
        let first = index(now &- slack)
        let last = index(now &+ slack)
        // After a step back of the clock the newest count is the best that is known.
        for place in counts.indices where counts[place].index > last { counts[place].index = last }
        counts.removeAll { $0.index < first }
        var merged: [Count] = (first...last).map { Count(index: $0) }
        for count in counts {
            let place = Int(count.index - first)
            merged[place].own += count.own
            merged[place].foreign = max(merged[place].foreign, count.foreign)
            merged[place].provisional = max(merged[place].provisional, count.provisional)
        }
        counts = merged
        return 0...(merged.count - 1)
    }

    mutating func wait(for amount: Int, below share: Int, now: Int64) -> Int64? {
        var until: Int64?
        for place in places(now: now) where counts[place].used + amount > share {
            until = (counts[place].index + 1) * length + slack
        }
        return until
    }

    mutating func add(_ amount: Int, now: Int64) {
        for place in places(now: now) { counts[place].own += amount }
    }

    mutating func used(now: Int64) -> Int { places(now: now).map { counts[$0].used }.max() ?? 0 }

    mutating func correct(to used: Int, sent: Int64, now: Int64) {
        let isCertain = index(sent &- slack) == index(now &+ slack)
        for place in places(now: now) {
            let others = max(0, used - counts[place].own)
            if isCertain {
                counts[place].foreign = max(counts[place].foreign, others)
                counts[place].provisional = 0
            } else {
                counts[place].provisional = max(counts[place].provisional, others)
            }
        }
    }

    mutating func raise(to used: Int, now: Int64) {
        for place in places(now: now) { counts[place].foreign = max(counts[place].foreign, used - counts[place].own) }
    }
}

/// A level that falls steadily.
struct DecayCounter: Sendable {
    var limit: Int
    /// The limit less what may decay here and not there, because two requests arrive closer together than they were sent.
    var usable: Int
    /// Milliunits a second.
    var rate: Int
    private var amount = 0
    private var time: Int64?

    init(limit: Int, rate: Int, slack: Int64) {
        self.limit = limit
        self.rate = min(max(rate, 1), Int(Int32.max))
        usable = limit - min(limit / 5, (self.rate * Int(min(slack, 60_000)) + 999) / 1000)
    }

    mutating func level(now: Int64) -> Int {
        if let time, now > time {
            let passed = min(now - time, 1_000_000_000)
            let (fall, rest) = (passed * Int64(rate)).quotientAndRemainder(dividingBy: 1000)
            amount = max(0, amount - Int(fall))
            // What is less than a milliunit falls with the next reading.
            self.time = passed == 1_000_000_000 ? now : now - rest / Int64(rate)
        } else {
            time = now
        }
        return amount
    }

    mutating func wait(for amount: Int, below share: Int, now: Int64) -> Int64? {
        let excess = level(now: now) + amount - share
        return excess > 0 ? now + (Int64(excess) * 1000 + Int64(rate) - 1) / Int64(rate) : nil
    }

    mutating func add(_ amount: Int, now: Int64) { self.amount = level(now: now) + amount }

    mutating func raise(to used: Int, now: Int64) { amount = max(level(now: now), used) }
}

extension Timestamp {
    /// The quotient rounded toward minus infinity.
    static func floorQuotient(_ a: Int64, _ b: Int64) -> Int64 {
        let quotient = a / b
        return a % b < 0 ? quotient - 1 : quotient
    }
}

extension Duration {
    /// Whole milliseconds, clamped to what an `Int64` of nanoseconds holds, so that sums of two never overflow.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let limit: Int64 = 9_000_000_000
        return min(max(seconds, -limit), limit) * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
