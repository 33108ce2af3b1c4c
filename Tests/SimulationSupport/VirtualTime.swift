package import Coordination

/// What will happen, in virtual time. Knows nothing of what the events are.
package struct VirtualTime<Event: Sendable> {
    package private(set) var now = Instant(nanoseconds: 0)
    private var queue = PlaceHeap()
    private var events: [Event?] = []
    private var free: [Int] = []

    package init() {}

    package mutating func schedule(_ event: Event, after delay: Duration) {
        schedule(event, at: now.advanced(by: max(.zero, delay)))
    }

    package mutating func schedule(_ event: Event, at instant: Instant) {
        let place = free.popLast() ?? events.count
        if place == events.count { events.append(event) } else { events[place] = event }
        queue.add(place, at: max(now, instant))
    }

    /// Goes on to the next event; nil when nothing will ever happen again or not until the limit.
    package mutating func next(until limit: Instant) -> Event? {
        guard let instant = queue.first, instant <= limit, let place = queue.removeFirst() else { return nil }
        now = instant
        free.append(place)
        return events[place].take()
    }
}

/// Places of events in the order of their instants; those of the same instant in the order in which they came. Concrete, so that it is
/// as fast from another module.
private struct PlaceHeap {
    private struct Entry {
        var instant: Instant
        var order: UInt64
        var place: Int

        func isBefore(_ other: Entry) -> Bool { instant == other.instant ? order < other.order : instant < other.instant }
    }

    private var entries: [Entry] = []
    private var count: UInt64 = 0

    var first: Instant? { entries.first?.instant }

    mutating func add(_ place: Int, at instant: Instant) {
        entries.append(Entry(instant: instant, order: count, place: place))
        count += 1
        var child = entries.count - 1
        while child > 0, entries[child].isBefore(entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> Int? {
        guard let top = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return top.place
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            let left = 2 * parent + 1
            if left < entries.count, entries[left].isBefore(entries[smallest]) { smallest = left }
            if left + 1 < entries.count, entries[left + 1].isBefore(entries[smallest]) { smallest = left + 1 }
            if smallest == parent { return }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}

/// One machine's clocks: boot time with an origin and a pace of its own, wall time that may be set.
package struct SkewedClock {
    package var origin: Int64
    /// Local nanoseconds per thousand nanoseconds of virtual time.
    package var pacePerThousand: Int64
    package var wallOffsetMilliseconds: Int64 = 1_700_000_000_000

    package init(origin: Int64, pacePerThousand: Int64) {
        self.origin = origin
        self.pacePerThousand = pacePerThousand
    }

    package func local(_ instant: Instant) -> Instant {
        Instant(nanoseconds: origin + instant.nanoseconds / 1000 * pacePerThousand)
    }

    /// The first virtual instant at which the local clock shows at least this.
    package func virtual(_ local: Instant) -> Instant {
        guard local.nanoseconds < .max / 2 else { return Instant(nanoseconds: .max) }
        return Instant(nanoseconds: ((local.nanoseconds - origin) / pacePerThousand + 1) * 1000)
    }

    package func moment(_ instant: Instant) -> Moment {
        Moment(instant: local(instant), wallMilliseconds: wallOffsetMilliseconds + instant.nanoseconds / 1_000_000)
    }
}

/// Decides what becomes of messages between nodes: lost, delayed, doubled, overtaken. Knows nothing of what they say.
package struct UnreliableNetwork {
    package struct Faults {
        package var drop = 0.0
        package var duplicate = 0.0
        /// How likely a message takes up to `longDelay` instead of a few milliseconds; others overtake it then.
        package var delay = 0.0
        package var longDelay = Duration.seconds(3)

        package init(drop: Double = 0, duplicate: Double = 0, delay: Double = 0) {
            self.drop = drop
            self.duplicate = duplicate
            self.delay = delay
        }
    }

    package var faults = Faults()
    /// Directed pairs between which nothing gets through.
    private var cuts: Set<[Int]> = []

    package init() {}

    package mutating func cut(from: Int, to: Int) { cuts.insert([from, to]) }
    package mutating func heal(from: Int, to: Int) { cuts.remove([from, to]) }

    package mutating func healAll() {
        cuts = []
        faults = Faults()
    }

    /// The delays after which copies of a message arrive; none when it is lost.
    package func deliveries(from: Int, to: Int, using random: inout SplitMix64) -> [Duration] {
        guard !cuts.contains([from, to]), !random.chance(faults.drop) else { return [] }
        let copies = random.chance(faults.duplicate) ? 2 : 1
        return (0..<copies).map { _ in
            if random.chance(faults.delay) {
                return random.milliseconds(0...Double(faults.longDelay.wholeNanoseconds) / 1_000_000)
            }
            return random.milliseconds(0.1...2)
        }
    }
}
