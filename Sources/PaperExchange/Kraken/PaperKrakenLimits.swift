import Matching

/// Kraken's verification levels, which decide the counters.
package enum PaperKrakenTier: String, Sendable, CaseIterable {
    case starter, intermediate, pro

    /// A key's counter: its maximum, and thousandths by which it falls in a second.
    var calls: (maximum: Int64, decay: Int64) {
        switch self {
        case .starter: (15, 330)
        case .intermediate: (20, 500)
        case .pro: (20, 1000)
        }
    }

    /// The engine's counter of each pair.
    var trading: (maximum: Int64, decay: Int64) {
        switch self {
        case .starter: (60, 1000)
        case .intermediate: (125, 2340)
        case .pro: (180, 3750)
        }
    }
}

/// Counters that rise with requests and fall with the venue's time.
struct PaperKrakenLimits: Sendable {
    private struct Counter: Sendable {
        /// Thousandths.
        var value: Int64 = 0
        var time: Int64 = .min
    }

    private enum Owner: Hashable, Sendable {
        case peer(String)
        case key(AccountID)
        case pair(AccountID, InstrumentID)
    }

    let tier: PaperKrakenTier
    private var counters: [Owner: Counter] = [:]
    private static let mostCounters = 10_000

    init(_ tier: PaperKrakenTier) { self.tier = tier }

    /// Public requests of an address: Kraken names about one a second, a few in a row pass.
    mutating func takePublic(_ peer: String, at time: Int64) -> Bool { take(.peer(peer), 1, (20, 1000), time) }
    mutating func takeCall(_ account: AccountID, units: Int64, at time: Int64) -> Bool {
        take(.key(account), units, tier.calls, time)
    }
    mutating func takeTrading(_ account: AccountID, _ pair: InstrumentID, units: Int64, at time: Int64) -> Bool {
        take(.pair(account, pair), units, tier.trading, time)
    }

    /// `time` in milliseconds. What is refused does not count.
    private mutating func take(_ owner: Owner, _ units: Int64, _ limit: (maximum: Int64, decay: Int64), _ time: Int64) -> Bool {
        guard units > 0 else { return true }
        var counter = counters[owner] ?? Counter()
        if counter.time > .min, time > counter.time {
            let fall = (time - counter.time).multipliedReportingOverflow(by: limit.decay)
            counter.value = fall.overflow ? 0 : max(0, counter.value - fall.partialValue / 1000)
        }
        guard counter.value + units * 1000 <= limit.maximum * 1000 else { return false }
        counter.value += units * 1000
        counter.time = time
        if counters.count >= Self.mostCounters, counters[owner] == nil { counters.removeAll(keepingCapacity: true) }
        counters[owner] = counter
        return true
    }

    /// What the cancel of an order of this age (milliseconds) costs.
    static func cancelUnits(age: Int64) -> Int64 {
        switch age {
        case ..<5000: 8
        case ..<10_000: 6
        case ..<15_000: 5
        case ..<45_000: 4
        case ..<90_000: 2
        case ..<300_000: 1
        default: 0
        }
    }

    /// What an amendment costs beyond its one unit.
    static func amendUnits(age: Int64) -> Int64 {
        switch age {
        case ..<5000: 3
        case ..<10_000: 2
        case ..<15_000: 1
        default: 0
        }
    }
}
