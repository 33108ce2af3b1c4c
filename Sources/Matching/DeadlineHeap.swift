/// Orders by deadline, the earliest first; orders that ended meanwhile are left in it and skipped.
struct DeadlineHeap: Sendable {
    struct Entry: Sendable {
        var deadline: Int64
        var order: OrderID

        static func < (a: Entry, b: Entry) -> Bool {
            (a.deadline, a.order.rawValue) < (b.deadline, b.order.rawValue)
        }
    }

    private(set) var entries: [Entry] = []

    var first: Entry? { entries.first }
    var count: Int { entries.count }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0, entries[child] < entries[(child - 1) / 2] {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < entries.count else { return }
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            guard entries[child] < entries[parent] else { return }
            entries.swapAt(child, parent)
            parent = child
        }
    }

    /// Forgets the entries of ended orders.
    mutating func keep(where isAlive: (Entry) -> Bool) {
        // A sorted array is a heap.
        entries = entries.filter(isAlive).sorted(by: <)
    }
}
