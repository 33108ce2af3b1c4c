/// Timers ordered by instant; those of the same instant fire in the order in which they were set.
///
/// There is no way to take a timer out: whoever handles one that fires looks whether it still means anything. A deadline that
/// moves on all the time (a heartbeat's) therefore costs nothing per move: the timer that fires early is set again.
package struct TimerHeap<Payload: Sendable>: Sendable {
    private struct Entry: Sendable {
        var instant: Instant
        var order: UInt64
        var payload: Payload

        func isBefore(_ other: Entry) -> Bool {
            instant == other.instant ? order < other.order : instant < other.instant
        }
    }

    private var entries: [Entry] = []
    private var nextOrder: UInt64 = 0

    package init() {}

    /// When the next timer fires.
    package var first: Instant? { entries.first?.instant }
    package var count: Int { entries.count }

    package mutating func set(_ payload: Payload, at instant: Instant) {
        entries.append(Entry(instant: instant, order: nextOrder, payload: payload))
        nextOrder &+= 1
        var child = entries.count - 1
        while child > 0, entries[child].isBefore(entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out the next timer if it is due.
    package mutating func popDue(at now: Instant) -> Payload? {
        guard let top = entries.first, top.instant <= now else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        siftDown()
        return top.payload
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].isBefore(entries[smallest]) {
                smallest = child
            }
            if smallest == parent { return }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
