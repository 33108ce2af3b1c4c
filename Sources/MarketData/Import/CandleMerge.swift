package import Market

/// What happens where two sources have different values for the same time.
package enum ConflictPolicy: String, Hashable, Sendable, CaseIterable {
    /// What is stored stays; among new rows the first stays.
    case keep
    /// What is new replaces what is stored; among new rows the last wins.
    case replace
    /// Nothing is written.
    case fail
}

/// The union of stored and new candles by time.
package struct CandleMerge: Sendable {
    /// Ascending, one row per time.
    package private(set) var candles: Candles
    /// Rows whose time was not stored.
    package private(set) var added = 0
    /// Stored rows that new ones replaced.
    package private(set) var replaced = 0
    /// Rows that differ from another one of the same time.
    package private(set) var conflicts = 0
    /// The earliest time of such a row.
    package private(set) var firstConflict: Timestamp?

    /// Whether `candles` is what was stored.
    package var isUnchanged: Bool { added == 0 && replaced == 0 && !reordered }
    private var reordered = false

    /// Merges `parts`, in their order, into `stored`. Under `.fail` conflicting rows are counted and the first one stays.
    package init(stored: Candles, parts: [Candles], policy: ConflictPolicy) {
        candles = stored
        reordered = !Self.isAscending(stored.times)
        let old = unique(stored, policy)
        let new = unique(Self.concatenated(parts), policy)
        candles = union(old, new, policy)
    }

    private static func isAscending(_ times: Column<Int64>) -> Bool {
        let base = times.base
        guard times.count > 1 else { return true }
        for row in 1..<times.count where base[row] <= base[row - 1] { return false }
        return true
    }

    private static func concatenated(_ parts: [Candles]) -> Candles {
        if parts.count == 1 { return parts[0] }
        var builder = CandleBuilder(capacity: parts.reduce(0) { $0 + $1.count })
        for part in parts {
            for row in 0..<part.count { builder.append(part.candle(at: row)) }
        }
        return builder.candles
    }

    /// The rows in order of time, one per time.
    private mutating func unique(_ rows: Candles, _ policy: ConflictPolicy) -> Candles {
        if Self.isAscending(rows.times) { return rows }
        let order = rows.times.indices.sorted { (rows.times[$0], $0) < (rows.times[$1], $1) }
        var kept: [Int] = []
        kept.reserveCapacity(order.count)
        for row in order {
            guard let last = kept.last, rows.times[last] == rows.times[row] else {
                kept.append(row)
                continue
            }
            guard !Self.isSame(rows, last, rows, row) else { continue }
            conflict(at: rows.times[row])
            if policy == .replace { kept[kept.count - 1] = row }
        }
        return rows.rows(kept)
    }

    private mutating func union(_ old: Candles, _ new: Candles, _ policy: ConflictPolicy) -> Candles {
        if old.count == 0 {
            added = new.count
            return new
        }
        var builder = CandleBuilder(capacity: old.count + new.count)
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            let isOld = right == new.count || (left < old.count && old.times[left] < new.times[right])
            if isOld {
                builder.append(old.candle(at: left))
                left += 1
            } else if left == old.count || new.times[right] < old.times[left] {
                builder.append(new.candle(at: right))
                added += 1
                right += 1
            } else {
                let isSame = Self.isSame(old, left, new, right)
                if !isSame { conflict(at: old.times[left]) }
                let takesNew = !isSame && policy == .replace
                if takesNew { replaced += 1 }
                builder.append(takesNew ? new.candle(at: right) : old.candle(at: left))
                left += 1
                right += 1
            }
        }
        return builder.candles
    }

    private mutating func conflict(at time: Int64) {
        conflicts += 1
        let time = Timestamp(milliseconds: time)
        firstConflict = firstConflict.map { min($0, time) } ?? time
    }

    /// Whether two rows hold the same numbers; two that are no numbers are the same.
    private static func isSame(_ a: Candles, _ i: Int, _ b: Candles, _ j: Int) -> Bool {
        func same(_ x: Double, _ y: Double) -> Bool { x == y || (x.isNaN && y.isNaN) }
        return same(a.open[i], b.open[j]) && same(a.high[i], b.high[j]) && same(a.low[i], b.low[j])
            && same(a.close[i], b.close[j]) && same(a.volume[i], b.volume[j])
    }
}
