package import Coordination

/// What will happen, in virtual time. Knows nothing of what the events are.
package struct VirtualTime<Event: Sendable> {
    package private(set) var now = Instant(nanoseconds: 0)
    /// Places in `events`: the heap moves its elements about, so that they had better be small.
    private var queue = TimerHeap<Int>()
    private var events: [Event?] = []
    private var free: [Int] = []

    package init() {}

    package mutating func schedule(_ event: Event, after delay: Duration) {
        schedule(event, at: now.advanced(by: max(.zero, delay)))
    }

    package mutating func schedule(_ event: Event, at instant: Instant) {
        let place = free.popLast() ?? events.count
        if place == events.count { events.append(event) } else { events[place] = event }
        queue.set(place, at: max(now, instant))
    }

    /// Goes on to the next event; nil when nothing will ever happen again or not until the limit.
    package mutating func next(until limit: Instant) -> Event? {
        guard let instant = queue.first, instant <= limit, let place = queue.popDue(at: instant) else { return nil }
        now = instant
        free.append(place)
        return events[place].take()
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
