/// Orders by price, then time: one side of a book, or stops by their trigger price.
///
/// The levels are a sorted array with the best at its end, where books change most: a level near the best is found in a few steps and
/// inserted by moving few entries. Each level is a linked queue through the order pool.
struct PriceLevels: Sendable {
    struct Level: Sendable {
        var price: Int64
        /// Lots of all orders; wider than a quantity because many large ones may add up.
        var total: Int128
        var head: Int32
        var tail: Int32
    }

    private struct Entry: Sendable {
        /// The price, negated where the lowest is best: the best has the largest key.
        var key: Int64
        var level: Int32
    }

    /// The lowest price is the best one.
    private let isLowestBest: Bool
    private var entries: [Entry] = []
    private var pool: [Level] = []
    private var unused: [Int32] = []

    init(lowestIsBest: Bool) { isLowestBest = lowestIsBest }

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    /// The best level; nil: there is none.
    var best: Level? {
        guard let entry = entries.last else { return nil }
        return pool[Int(entry.level)]
    }

    /// The level at a place counted from the best, 0 to `count - 1`.
    subscript(fromBest index: Int) -> Level { pool[Int(entries[entries.count - 1 - index].level)] }

    /// Lots at a price; 0: no level.
    func total(at price: Int64) -> Int128 {
        let (place, found) = find(key(price))
        return found ? pool[Int(entries[place].level)].total : 0
    }

    /// At the end of its price's queue.
    mutating func append(_ slot: Int32, price: Int64, quantity: Int64, _ records: inout [OrderRecord]) {
        let (place, found) = find(key(price))
        records[Int(slot)].next = OrderRecord.nowhere
        guard found else {
            let level = newLevel(Level(price: price, total: Int128(quantity), head: slot, tail: slot))
            entries.insert(Entry(key: key(price), level: level), at: place)
            records[Int(slot)].previous = OrderRecord.nowhere
            records[Int(slot)].level = level
            return
        }
        let level = entries[place].level
        let tail = pool[Int(level)].tail
        records[Int(tail)].next = slot
        records[Int(slot)].previous = tail
        records[Int(slot)].level = level
        pool[Int(level)].tail = slot
        pool[Int(level)].total += Int128(quantity)
    }

    /// Takes an order with this quantity out of its queue.
    mutating func remove(_ slot: Int32, quantity: Int64, _ records: inout [OrderRecord]) {
        let level = Int(records[Int(slot)].level)
        let (previous, next) = (records[Int(slot)].previous, records[Int(slot)].next)
        if previous >= 0 { records[Int(previous)].next = next } else { pool[level].head = next }
        if next >= 0 { records[Int(next)].previous = previous } else { pool[level].tail = previous }
        records[Int(slot)].level = OrderRecord.nowhere
        pool[level].total -= Int128(quantity)
        guard pool[level].head < 0 else { return }
        let (place, found) = find(key(pool[level].price))
        if found { entries.remove(at: place) }
        unused.append(Int32(level))
    }

    /// Lowers the total of a level (`OrderRecord.level`), one of whose orders gets smaller and stays where it is.
    mutating func reduce(_ level: Int32, by quantity: Int64) { pool[Int(level)].total -= Int128(quantity) }

    private func key(_ price: Int64) -> Int64 { isLowestBest ? -price : price }

    /// Where the key is, or where it belongs.
    private func find(_ key: Int64) -> (place: Int, found: Bool) {
        var high = entries.count
        var step = 4
        // From the best in growing steps, then by halves.
        while high > 0 {
            let probe = max(0, high - step)
            if entries[probe].key < key { return search(key, probe + 1, high) }
            if entries[probe].key == key { return (probe, true) }
            high = probe
            step *= 4
        }
        return (0, false)
    }

    private func search(_ key: Int64, _ from: Int, _ to: Int) -> (place: Int, found: Bool) {
        var (low, high) = (from, to)
        while low < high {
            let middle = (low + high) >> 1
            if entries[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return (low, low < entries.count && entries[low].key == key)
    }

    private mutating func newLevel(_ level: Level) -> Int32 {
        if let place = unused.popLast() {
            pool[Int(place)] = level
            return place
        }
        pool.append(level)
        return Int32(pool.count - 1)
    }
}
