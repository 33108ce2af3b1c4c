/// A hash table from something that the pool holds to its place there. Keys are not stored: the caller compares.
/// Open addressing with linear probing; removal moves the followers back, so that nothing ever needs sweeping.
struct IndexTable: Sendable {
    private struct Entry: Sendable {
        var hash: UInt32
        var slot: Int32
    }

    private var entries: [Entry]
    private(set) var count = 0
    private var mask: Int

    init() {
        entries = Array(repeating: Entry(hash: 0, slot: -1), count: 64)
        mask = 63
    }

    /// The place whose content matches; nil: there is none.
    func find(_ hash: UInt64, _ matches: (Int32) -> Bool) -> Int32? {
        let short = UInt32(truncatingIfNeeded: hash >> 32)
        var index = Int(short) & mask
        while entries[index].slot >= 0 {
            if entries[index].hash == short, matches(entries[index].slot) { return entries[index].slot }
            index = (index + 1) & mask
        }
        return nil
    }

    /// Adds what is known not to be there.
    mutating func insert(_ hash: UInt64, _ slot: Int32) {
        if count * 8 >= entries.count * 5 { grow() }
        add(Entry(hash: UInt32(truncatingIfNeeded: hash >> 32), slot: slot))
        count += 1
    }

    mutating func remove(_ hash: UInt64, _ slot: Int32) {
        let short = UInt32(truncatingIfNeeded: hash >> 32)
        var hole = Int(short) & mask
        while entries[hole].slot != slot || entries[hole].hash != short {
            guard entries[hole].slot >= 0 else { return }
            hole = (hole + 1) & mask
        }
        count -= 1
        var index = (hole + 1) & mask
        while entries[index].slot >= 0 {
            let home = Int(entries[index].hash) & mask
            // It may move back unless its home lies after the hole.
            if (index - home) & mask >= (index - hole) & mask {
                entries[hole] = entries[index]
                hole = index
            }
            index = (index + 1) & mask
        }
        entries[hole].slot = -1
    }

    private mutating func add(_ entry: Entry) {
        var index = Int(entry.hash) & mask
        while entries[index].slot >= 0 { index = (index + 1) & mask }
        entries[index] = entry
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: Entry(hash: 0, slot: -1), count: old.count * 2)
        mask = entries.count - 1
        for entry in old where entry.slot >= 0 { add(entry) }
    }
}
