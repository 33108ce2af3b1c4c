/// What waits to be delivered by one channel: a bounded queue, one delivery at a time, tried again with growing pauses.
///
/// Pure: a shell asks `next`, delivers, and tells what came of it.
package struct AlertOutbox: Sendable {
    package struct Settings: Hashable, Sendable {
        /// Alerts that wait at most. Beyond that the oldest of the least urgent goes, and is counted.
        package var capacity = 100
        /// Attempts at one alert before it is given up.
        package var attempts = 8
        /// Milliseconds before the second attempt; they double up to the most.
        package var firstPause: Int64 = 1000
        package var longestPause: Int64 = 60_000

        package init() {}
    }

    /// What a shell shall do.
    package enum Directive: Hashable, Sendable {
        /// Deliver this, then call `finished`.
        case deliver(AlertFilter.Told, lost: Int)
        /// Ask again at that time, or when something was added.
        case wait(until: Int64)
        /// Nothing waits, or a delivery is under way.
        case idle
    }

    /// How a delivery ended.
    package enum Outcome: Hashable, Sendable {
        case delivered
        /// It may work another time.
        case failed
        /// The other side will never take it.
        case refused
    }

    private struct Entry {
        var told: AlertFilter.Told
        var attempts = 0
        var dueAt: Int64
    }

    package let settings: Settings
    private var queue: [Entry] = []
    private var isDelivering = false
    /// Alerts that went without being delivered, since the last that was delivered.
    package private(set) var lost = 0

    package init(_ settings: Settings = Settings()) { self.settings = settings }

    /// Nothing waits and nothing is under way.
    package var isEmpty: Bool { queue.isEmpty }
    package var count: Int { queue.count }

    package mutating func add(_ told: AlertFilter.Told, now: Int64) {
        queue.append(Entry(told: told, dueAt: now))
        guard queue.count > max(settings.capacity, 1) else { return }
        // The first one may be on its way.
        let candidates = queue.indices.dropFirst(isDelivering ? 1 : 0)
        if let victim = candidates.min(by: { (queue[$0].told.alert.severity, $0) < (queue[$1].told.alert.severity, $1) }) {
            queue.remove(at: victim)
            lost += 1
        }
    }

    /// What to do now. After `deliver` the same is under way until `finished`.
    package mutating func next(now: Int64) -> Directive {
        guard !isDelivering, let first = queue.first else { return .idle }
        guard first.dueAt <= now else { return .wait(until: first.dueAt) }
        isDelivering = true
        return .deliver(first.told, lost: lost)
    }

    /// How the delivery ended. True: the alert is given up without being delivered.
    package mutating func finished(_ outcome: Outcome, now: Int64) -> Bool {
        guard isDelivering, !queue.isEmpty else { return false }
        isDelivering = false
        switch outcome {
        case .delivered:
            queue.removeFirst()
            lost = 0
            return false
        case .failed:
            queue[0].attempts += 1
            guard queue[0].attempts >= settings.attempts else {
                queue[0].dueAt = now + pause(queue[0].attempts)
                return false
            }
        case .refused: break
        }
        queue.removeFirst()
        lost += 1
        return true
    }

    /// After so many attempts.
    private func pause(_ attempts: Int) -> Int64 {
        let (product, overflow) = settings.firstPause.multipliedReportingOverflow(by: 1 << Int64(min(max(attempts - 1, 0), 40)))
        return overflow ? settings.longestPause : min(product, settings.longestPause)
    }
}
