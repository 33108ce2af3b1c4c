/// What a job knows of single units.
private struct TouchedUnits: Sendable {
    /// Units at or after `nextUnit` that are not untouched (after a restart or a retry), last range first.
    var skip: [Range<UInt64>] = []
    /// Units that may be dispatched again, the next one last.
    var ready: [UInt64] = []
    /// Units that wait for the end of their back-off.
    var delayed: Set<UInt64> = []
    /// Counted attempts of units that are neither completed nor failed; missing: none.
    var attempts: [UInt64: Int] = [:]
    /// Not kept for jobs of one unit.
    var completed: RangeSet<UInt64> = RangeSet()
    var failed: RangeSet<UInt64> = RangeSet()
    /// Units that other workers than those that tried them should have.
    var reserved: [UInt64: UnitReservation] = [:]
}

/// For a while a unit waits for another worker than those on which its candles were missing.
struct UnitReservation: Sendable {
    var tried: Set<WorkerID> = []
    var until = Instant(nanoseconds: 0)
}

/// A job that is not finished, as the coordinator keeps it: some two hundred bytes, and more only for sweeps and for units that
/// were touched out of order. Units that nobody has touched yet exist as a number (`nextUnit`) only.
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
    var completedCount: UInt64 = 0
    var failedCount: UInt64 = 0
    /// How many records the store has of a dry-run or live job.
    var recordCount: UInt64 = 0
    /// The grants of the units that are out.
    var out = TokenSet()
    /// None, or one element: an array is a box that is copied when it is written to. Most jobs never need it.
    private var touched: [TouchedUnits] = []

    /// The job's group in the queue of its kind.
    var group = -1
    /// Links of the group's list; -1: none.
    var previous = -1
    var next = -1
    var isQueued = false
    /// A progress event is due at the end of the batch.
    var hasProgress = false
    /// It runs and none of its units is out: whether it stays so is seen at the end of the batch.
    var isReturning = false

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

    // MARK: - Units that were touched

    /// The box, made when something has to be put into it.
    private var units: TouchedUnits {
        get { touched.first ?? TouchedUnits() }
        _modify {
            if touched.isEmpty { touched.append(TouchedUnits()) }
            yield &touched[0]
        }
    }

    /// Units that may be dispatched again, the next one last.
    var ready: [UInt64] {
        get { touched.first?.ready ?? [] }
        _modify { yield &units.ready }
    }

    /// Counted attempts of a unit that is neither completed nor failed.
    func attempts(of unit: UInt64) -> Int { touched.isEmpty ? 0 : touched[0].attempts[unit] ?? 0 }

    mutating func setAttempts(_ count: Int, of unit: UInt64) {
        guard count > 0 || !touched.isEmpty else { return }
        units.attempts[unit] = count > 0 ? count : nil
    }

    /// The unit waits for the end of its back-off.
    mutating func delay(_ unit: UInt64) { units.delayed.insert(unit) }

    /// Takes a unit out of those that wait for the end of their back-off; false: it was not among them.
    mutating func endDelay(of unit: UInt64) -> Bool { !touched.isEmpty && units.delayed.remove(unit) != nil }

    /// There is a unit that may be dispatched now.
    var hasReadyUnit: Bool { nextUnit < unitCount || (!touched.isEmpty && !touched[0].ready.isEmpty) }

    /// Every unit has its final outcome.
    var isComplete: Bool { completedCount + failedCount == unitCount }

    func combinations(ofUnit index: UInt64) -> Range<UInt64> {
        let start = index * sliceSize
        return start..<start + min(sliceSize, combinationCount - start)
    }

    /// Takes the next unit to dispatch: one that waits again goes before untouched ones.
    mutating func takeUnit() -> UInt64? {
        if !touched.isEmpty, let unit = touched[0].ready.popLast() { return unit }
        guard nextUnit < unitCount else { return nil }
        defer {
            nextUnit += 1
            passTouchedUnits()
        }
        return nextUnit
    }

    /// Whether no unit is reserved for others: nearly always.
    var hasNoReservation: Bool { touched.isEmpty || touched[0].reserved.isEmpty }

    func reservation(of unit: UInt64) -> UnitReservation? { touched.isEmpty ? nil : touched[0].reserved[unit] }

    mutating func reserve(_ unit: UInt64, forOthersThan worker: WorkerID, until end: Instant) {
        units.reserved[unit, default: UnitReservation()].tried.insert(worker)
        units.reserved[unit]?.until = end
    }

    /// The same as `takeUnit`, but for a worker that shall not have some of the units that wait again; nil: it has no other.
    mutating func takeUnit(unless isReserved: (UnitReservation) -> Bool) -> UInt64? {
        guard !hasNoReservation else { return takeUnit() }
        let place = touched[0].ready.lastIndex { unit in !(touched[0].reserved[unit].map(isReserved) ?? false) }
        if let place { return touched[0].ready.remove(at: place) }
        guard nextUnit < unitCount else { return nil }
        let waiting = touched[0].ready
        touched[0].ready = []
        defer { touched[0].ready = waiting }
        return takeUnit()
    }

    /// Makes the untouched units those that are in none of the given sets.
    mutating func restrictUntouched(to touched: RangeSet<UInt64>) {
        nextUnit = 0
        guard !touched.isEmpty || !self.touched.isEmpty else { return }
        units.skip = touched.ranges.reversed()
        passTouchedUnits()
    }

    private mutating func passTouchedUnits() {
        guard !touched.isEmpty else { return }
        while let range = touched[0].skip.last, range.lowerBound <= nextUnit {
            nextUnit = max(nextUnit, range.upperBound)
            touched[0].skip.removeLast()
        }
    }

    // MARK: - Units with an outcome

    mutating func complete(_ unit: UInt64) {
        if !hasNoReservation { units.reserved[unit] = nil }
        completedCount += 1
        setAttempts(0, of: unit)
        if unitCount > 1 { units.completed.insert(contentsOf: unit..<unit + 1) }
    }

    mutating func fail(_ unit: UInt64) {
        failedCount += 1
        setAttempts(0, of: unit)
        if !hasNoReservation { units.reserved[unit] = nil }
        if unitCount > 1 { units.failed.insert(contentsOf: unit..<unit + 1) }
    }

    /// Takes over the outcomes that the store has.
    mutating func restore(completed: RangeSet<UInt64>, failed: RangeSet<UInt64>) {
        completedCount = completed.elementCount
        failedCount = failed.elementCount
        guard unitCount > 1, completedCount + failedCount > 0 else { return }
        units.completed = completed
        units.failed = failed
    }

    private var completed: RangeSet<UInt64> {
        if unitCount == 1 { return completedCount == 0 ? RangeSet() : RangeSet(0..<1) }
        return touched.first?.completed ?? RangeSet()
    }

    /// Starts over with everything that has no recorded result.
    mutating func reset() {
        precondition(out.isEmpty, "job \(id) is retried while units are out")
        let completed = completed
        touched = []
        if unitCount > 1, completedCount > 0 { units.completed = completed }
        failedCount = 0
        restrictUntouched(to: completed)
    }

    /// Gives up what only a job in memory needs.
    mutating func forgetUnits() { touched = [] }
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
        _read { yield entries[slot] }
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
        entries[slot].forgetUnits()
        slots[entry.id] = nil
        free.append(slot)
        return entry
    }
}
