/// A table of at most `limit` entries: where one more comes in, the one that was set longest ago goes.
struct RecentTable<Key: Hashable, Value> {
    private struct Entry {
        var value: Value
        var stamp: UInt64
    }

    private let limit: Int
    private var entries: [Key: Entry] = [:]
    /// Every setting, oldest first; those that a later one of the same key has overtaken are passed over.
    private var order: [(key: Key, stamp: UInt64)] = []
    private var first = 0
    private var lastStamp: UInt64 = 0

    /// - Parameter limit: at least 1.
    init(limit: Int) {
        precondition(limit > 0, "a table of \(limit) entries")
        self.limit = limit
    }

    var count: Int { entries.count }

    subscript(key: Key) -> Value? { entries[key]?.value }

    /// Sets the value of a key, which is the newest from now on. Constant time over many calls.
    mutating func set(_ value: Value, for key: Key) {
        lastStamp += 1
        entries[key] = Entry(value: value, stamp: lastStamp)
        order.append((key, lastStamp))
        while entries.count > limit { forgetFirst() }
        // At most as much again as there are entries is kept of what is overtaken.
        if order.count - first > 2 * limit + 16 { compact() }
    }

    mutating func remove(_ key: Key) { entries[key] = nil }

    private mutating func forgetFirst() {
        let oldest = order[first]
        first += 1
        if entries[oldest.key]?.stamp == oldest.stamp { entries[oldest.key] = nil }
    }

    private mutating func compact() {
        order = order[first...].filter { entries[$0.key]?.stamp == $0.stamp }
        first = 0
    }
}
