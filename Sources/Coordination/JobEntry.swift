/// A job that is not finished, as the coordinator keeps it: a few hundred bytes, and more only for units that were touched
/// out of order. Units that nobody has touched yet exist as a number (`nextUnit`) only.
struct JobEntry: Sendable {
    let id: JobID
    let address: JobAddress
    let kind: JobKind
    let groupName: String
    let priority: Int
    let combinationCount: UInt64
    let sliceSize: UInt64
    let unitCount: UInt64
    let maxAttempts: Int
    let memoryEstimate: UInt64
    let expiresAtMilliseconds: Int64?

    var state: JobState
    /// Untouched units begin here.
    var nextUnit: UInt64 = 0
    /// Units at or after `nextUnit` that are not untouched (after a restart or a retry), last range first.
    var skip: [Range<UInt64>] = []
    /// Units that may be dispatched again, the next one last.
    var ready: [UInt64] = []
    /// Units that wait for the end of their back-off.
    var delayed: Set<UInt64> = []
    /// The grants of the units that are out.
    var out: Set<FencingToken> = []
    /// Counted attempts of units that are neither completed nor failed; missing: none.
    var attempts: [UInt64: Int] = [:]
    var completed: RangeSet<UInt64> = RangeSet()
    var completedCount: UInt64 = 0
    var failed: RangeSet<UInt64> = RangeSet()
    var failedCount: UInt64 = 0

    /// The job's group in the queue of its kind.
    var group = -1
    /// Links of the group's list; -1: none.
    var previous = -1
    var next = -1
    var isQueued = false
    /// A progress event is due at the end of the batch.
    var hasProgress = false

    init(id: JobID, job: NewJob, state: JobState) {
        self.id = id
        address = job.address
        kind = job.kind
        groupName = job.group
        priority = job.priority
        combinationCount = job.combinationCount
        sliceSize = job.sliceSize
        unitCount = job.unitCount
        maxAttempts = job.maxAttempts
        memoryEstimate = job.memoryEstimate ?? 0
        expiresAtMilliseconds = job.expiresAtMilliseconds
        self.state = state
    }

    /// There is a unit that may be dispatched now.
    var hasReadyUnit: Bool { !ready.isEmpty || nextUnit < unitCount }

    /// Every unit has its final outcome.
    var isComplete: Bool { completedCount + failedCount == unitCount }

    func combinations(ofUnit index: UInt64) -> Range<UInt64> {
        let start = index * sliceSize
        return start..<start + min(sliceSize, combinationCount - start)
    }

    /// Takes the next unit to dispatch: one that waits again goes before untouched ones.
    mutating func takeUnit() -> UInt64? {
        if let unit = ready.popLast() { return unit }
        guard nextUnit < unitCount else { return nil }
        defer {
            nextUnit += 1
            passTouchedUnits()
        }
        return nextUnit
    }

    /// Makes the untouched units those that are in none of the given sets.
    mutating func restrictUntouched(to touched: RangeSet<UInt64>) {
        nextUnit = 0
        skip = touched.ranges.reversed()
        passTouchedUnits()
    }

    private mutating func passTouchedUnits() {
        while let range = skip.last, range.lowerBound <= nextUnit {
            nextUnit = max(nextUnit, range.upperBound)
            skip.removeLast()
        }
    }

    mutating func complete(_ unit: UInt64) {
        completed.insert(contentsOf: unit..<unit + 1)
        completedCount += 1
        attempts[unit] = nil
    }

    mutating func fail(_ unit: UInt64) {
        failed.insert(contentsOf: unit..<unit + 1)
        failedCount += 1
        attempts[unit] = nil
    }

    /// Starts over with everything that has no recorded result.
    mutating func reset() {
        precondition(out.isEmpty, "job \(id) is retried while units are out")
        ready = []
        delayed = []
        attempts = [:]
        failed = RangeSet()
        failedCount = 0
        restrictUntouched(to: completed)
    }
}

extension RangeSet<UInt64> {
    /// How many numbers are in the set.
    var elementCount: UInt64 { ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }
}

/// The jobs in memory, in slots that are used again.
struct JobTable: Sendable {
    private var entries: [JobEntry] = []
    private var free: [Int] = []
    private var slots: [JobID: Int] = [:]

    var count: Int { slots.count }

    func slot(of id: JobID) -> Int? { slots[id] }

    subscript(slot: Int) -> JobEntry {
        get { entries[slot] }
        _modify { yield &entries[slot] }
    }

    mutating func insert(_ entry: JobEntry) -> Int {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            entries[slot] = entry
        } else {
            slot = entries.count
            entries.append(entry)
        }
        slots[entry.id] = slot
        return slot
    }

    /// Takes a job out. Its place keeps a copy until it is used again; only large collections are given up at once.
    mutating func remove(_ slot: Int) -> JobEntry {
        let entry = entries[slot]
        entries[slot].completed = RangeSet()
        entries[slot].failed = RangeSet()
        entries[slot].skip = []
        entries[slot].ready = []
        slots[entry.id] = nil
        free.append(slot)
        return entry
    }
}
