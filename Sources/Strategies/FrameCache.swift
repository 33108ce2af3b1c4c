package import Market

/// Indicator columns that were computed before, so that the runs of a sweep share them.
///
/// One thread owns a cache and all frames made with it; it is not `Sendable`. Its memory is bounded: columns live in two
/// generations of half the limit each; when the younger one is full it becomes the older one, and what was in that and was
/// not asked for since is dropped. A column that a strategy still holds lives on by itself.
public final class FrameCache {
    /// What a cached result is of: which frame, which function, over what, with which numbers.
    struct Key: Hashable {
        var frame: Int
        var function: String
        var field: CandleField?
        var numbers: [Double]
    }

    /// The bound of the memory held, in bytes of column data.
    public let limit: Int
    /// How many requests were answered from memory.
    public private(set) var hits = 0
    /// How many requests had to be computed.
    public private(set) var misses = 0

    private var young: [Key: [Column<Double>]] = [:]
    private var old: [Key: [Column<Double>]] = [:]
    private var youngBytes = 0
    private var oldBytes = 0
    private var lastFrame = 0

    /// A cache that holds at most `limit` bytes of columns. The result of one request that takes more than half of that is
    /// not kept at all.
    public init(limit: Int = 64 << 20) {
        precondition(limit >= 0, "a negative limit")
        self.limit = limit
    }

    /// Bytes of column data held now.
    public var bytes: Int { youngBytes + oldBytes }

    /// All columns held now, in no particular order.
    package var all: [Column<Double>] { young.values.flatMap(\.self) + old.values.flatMap(\.self) }

    /// Forgets everything.
    public func removeAll() {
        young = [:]
        old = [:]
        youngBytes = 0
        oldBytes = 0
    }

    /// A number that no other frame of this cache has.
    func newFrame() -> Int {
        lastFrame += 1
        return lastFrame
    }

    /// The columns for `key`, computed now where they are not held.
    func columns(_ key: Key, _ compute: () -> [Column<Double>]) -> [Column<Double>] {
        if let found = young[key] {
            hits += 1
            return found
        }
        if let found = old.removeValue(forKey: key) {
            hits += 1
            oldBytes -= Self.bytes(of: found)
            insert(found, for: key)
            return found
        }
        misses += 1
        let made = compute()
        insert(made, for: key)
        return made
    }

    private func insert(_ columns: [Column<Double>], for key: Key) {
        let size = Self.bytes(of: columns)
        guard size <= limit / 2 else { return }
        if youngBytes + size > limit / 2 {
            old = young
            oldBytes = youngBytes
            young = [:]
            youngBytes = 0
        }
        young[key] = columns
        youngBytes += size
    }

    private static func bytes(of columns: [Column<Double>]) -> Int {
        columns.reduce(0) { $0 + $1.count * MemoryLayout<Double>.stride }
    }
}
