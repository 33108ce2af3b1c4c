package import Market

/// The venue's budgets, counted ahead: a request is sent when every budget that it draws on has room.
///
/// A fifth of each budget is kept for cancels. Answers of the venue correct the count upward at once, and downward only with the turn
/// of a window. Pure: `now` is the venue's time as `VenueClock` knows it.
package struct RateBudget: Sendable {
    package enum Decision: Hashable, Sendable {
        /// Send it; the charges are booked.
        case now
        /// Ask again then; nothing is booked.
        case wait(until: Timestamp)
        /// Costs more than this budget ever has.
        case never(budget: String)
    }

    package struct Settings: Hashable, Sendable {
        /// How far our time of sending may be from the venue's time of counting, either way.
        package var slack = Duration.seconds(1)
        /// First wait after a refusal for too many requests that names none; doubles with each further one.
        package var firstPause = Duration.seconds(1)
        package var longestPause = Duration.seconds(120)
        /// The same after a ban.
        package var firstBan = Duration.seconds(120)
        package var longestBan = Duration.seconds(259_200)
        /// Budgets of one `:*` limit that are counted at once; empty ones make room.
        package var keysPerLimit = 4096

        package init() {}
    }

    private let settings: Settings
    private var limits: [String: BudgetLimit] = [:]
    private var counters: [String: BudgetCounter] = [:]
    private var refusals = 0
    private var closedUntil: Timestamp?

    package init(_ limits: [BudgetLimit], settings: Settings = Settings()) {
        self.settings = settings
        adopt(limits)
    }

    /// Takes limits over: new ones are added, known ones changed with their count kept.
    package mutating func adopt(_ limits: [BudgetLimit]) {
        for limit in limits {
            self.limits[limit.name] = limit
            for (name, counter) in counters where Self.family(name) == limit.name || name == limit.name {
                counters[name] = counter.changed(to: limit, slack: slack)
            }
        }
    }

    private var slack: Int64 { settings.slack.wholeMilliseconds }
}

extension RateBudget {
    /// Whether a request with these charges may go now; books them if so. A budget without a limit bars nothing.
    package mutating func admit(_ charges: [BudgetCharge], isCancel: Bool = false, now: Timestamp) -> Decision {
        if let closed = closedUntil, now < closed { return .wait(until: closed) }
        var until: Int64?
        for (name, amount) in Self.summed(charges) {
            guard var counter = counter(name, now: now) else { continue }
            let share = counter.share(forCancel: isCancel)
            guard amount <= share else { return .never(budget: name) }
            if let time = counter.wait(for: amount, below: share, now: now.milliseconds) { until = max(until ?? time, time) }
            counters[name] = counter
        }
        if let until { return .wait(until: Timestamp(milliseconds: max(until, now.milliseconds + 1))) }
        for (name, amount) in Self.summed(charges) { counters[name]?.add(amount, now: now.milliseconds) }
        return .now
    }

    /// Takes over what an answer tells about used budgets; `sent` is when its request was sent.
    package mutating func correct(_ usages: [BudgetUsage], sent: Timestamp, now: Timestamp) {
        for usage in usages {
            guard var counter = counter(usage.budget, now: now) else { continue }
            let units = min(max(usage.units, 0), Int.max / 4000)
            counter.correct(to: units * 1000, sent: sent.milliseconds, now: now.milliseconds)
            counters[usage.budget] = counter
        }
    }

    /// The venue refused everything for too many requests (HTTP 429), or banned us (418): nothing is sent until then, cancels
    /// neither. Each refusal in a row doubles the wait; the venue's own word counts where it is longer.
    package mutating func refused(isBan: Bool, retryAfter: Duration?, now: Timestamp) {
        let (first, longest) =
            isBan ? (settings.firstBan, settings.longestBan) : (settings.firstPause, settings.longestPause)
        let doubled = first.wholeMilliseconds << Int64(min(refusals, 20))
        let own = min(doubled, longest.wholeMilliseconds)
        let asked = min(max(retryAfter?.wholeMilliseconds ?? 0, 0), settings.longestBan.wholeMilliseconds)
        refusals += 1
        let until = now.advanced(byMilliseconds: max(own, asked))
        closedUntil = max(closedUntil ?? until, until)
    }

    /// The venue refused this request because one of its budgets is used up: they count as used, for a cancel the kept fifth, too.
    package mutating func exhausted(_ charges: [BudgetCharge], isCancel: Bool, now: Timestamp) {
        for charge in charges {
            guard var counter = counter(charge.budget, now: now) else { continue }
            counter.raise(to: counter.share(forCancel: isCancel), now: now.milliseconds)
            counters[charge.budget] = counter
        }
    }

    /// An answer that was no refusal: the next refusal begins with the shortest wait again.
    package mutating func answered() { refusals = 0 }

    /// Until when nothing is sent at all; nil where the venue is open.
    package func closed(now: Timestamp) -> Timestamp? { closedUntil.flatMap { now < $0 ? $0 : nil } }

    /// What is used of each budget that was ever drawn on, in milliunits, by name.
    package mutating func state(now: Timestamp) -> [(name: String, used: Int, limit: Int)] {
        counters.keys.sorted().compactMap { name in
            guard let limit = limits[name] ?? limits[Self.family(name)], var counter = counters[name] else { return nil }
            return (name, counter.used(now: now.milliseconds), min(limit.units, Int.max / 4000) * 1000)
        }
    }

    /// Whether charges may name this budget.
    package func knows(_ name: String) -> Bool { limits[name] != nil || limits[Self.family(name)] != nil }
}

extension RateBudget {
    private mutating func counter(_ name: String, now: Timestamp) -> BudgetCounter? {
        if let counter = counters[name] { return counter }
        guard !name.hasSuffix(":*"), let limit = limits[name] ?? limits[Self.family(name)] else { return nil }
        if limits[name] == nil { makeRoom(now: now) }
        return BudgetCounter(limit, slack: slack)
    }

    /// Keyed budgets that nothing is used of are forgotten: they are the same as new ones.
    private mutating func makeRoom(now: Timestamp) {
        guard counters.count >= settings.keysPerLimit else { return }
        for (name, var counter) in counters where limits[name] == nil && counter.used(now: now.milliseconds) == 0 {
            counters[name] = nil
        }
    }

    /// `trading:*` for `trading:XBTUSD`.
    private static func family(_ name: String) -> String {
        name.firstIndex(of: ":").map { name[...$0] + "*" } ?? name + ":*"
    }

    /// One sum for each budget, because a call may charge one twice.
    private static func summed(_ charges: [BudgetCharge]) -> [(String, Int)] {
        var sums: [(String, Int)] = []
        for charge in charges {
            if let place = sums.firstIndex(where: { $0.0 == charge.budget }) {
                sums[place].1 += charge.milliunits
            } else {
                sums.append((charge.budget, charge.milliunits))
            }
        }
        return sums
    }
}
