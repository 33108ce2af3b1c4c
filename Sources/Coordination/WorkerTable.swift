/// One session of a worker, as the coordinator knows it.
struct WorkerEntry: Sendable {
    let id: WorkerID
    let session: SessionID
    let workerClass: WorkerClass
    /// Grows with each start of a process of this name; 0: not told.
    let start: UInt64
    /// Nil after a restart of the coordinator until the session's hello.
    var peer: PeerID?
    var executableMatches = false
    var capacity = 0
    var memoryBytes: UInt64 = 0
    var memoryInUse: UInt64 = 0
    /// Of the last hello or heartbeat.
    var sequence: UInt64 = 0
    var lastHeard: Instant
    var isHalted = false
    var isDraining = false
    /// It refused work for a reason that stays: nothing more for this session.
    var isExcluded = false
    /// Its lease ran out while it holds a live job.
    var isSilent = false
    /// The last send to it failed.
    var isUnreachable = false
    /// A newer session of the same name is there.
    var isSuperseded = false
    /// Grants that are out with it.
    var held: Set<FencingToken> = []
    /// Grants whose reports were accepted lately, to answer a repeated report rightly.
    var accepted = RecentTokens()
    var health = WorkerHealth()
    /// Collected until the end of the batch.
    var recorded: [RecordedReport] = []
    var assignments: [Assignment] = []
    /// The newest question for records of each grant: one answer a batch, however often it was asked.
    var wantedRecords: [FencingToken: UInt64] = [:]
    var isInOutbox = false
    var isInHungryQueue = false

    init(id: WorkerID, session: SessionID, workerClass: WorkerClass, start: UInt64 = 0, lastHeard: Instant) {
        self.start = start
        self.id = id
        self.session = session
        self.workerClass = workerClass
        self.lastHeard = lastHeard
    }

    var freeCapacity: Int { max(0, capacity - held.count) }

    /// It may get a unit now.
    var isEligible: Bool { freeCapacity > 0 && isUsable }

    /// It may get a unit when it has room.
    var isUsable: Bool {
        peer != nil && executableMatches && !isHalted && !isDraining && !isExcluded && !isSilent && !isUnreachable
            && !isSuperseded
    }

    /// Memory that is left for further units; without a figure there is no limit.
    var freeMemory: UInt64 {
        if memoryBytes == 0 { return .max }
        return memoryBytes - min(memoryBytes, memoryInUse)
    }
}

/// The sessions that the coordinator knows, in slots that are used again.
struct WorkerTable: Sendable {
    private var entries: [WorkerEntry] = []
    private var used: [Bool] = []
    private var free: [Int] = []
    private var bySession: [SessionID: Int] = [:]
    private var byPeer: [PeerID: Int] = [:]
    /// The newest session of each name.
    private var byName: [WorkerID: SessionID] = [:]
    /// Workers that may have room, per class, the one waiting longest first.
    private var hungry = [RingQueue<Int>](repeating: RingQueue(), count: JobKind.allCases.count)

    var count: Int { bySession.count }

    subscript(slot: Int) -> WorkerEntry {
        _read { yield entries[slot] }
        _modify { yield &entries[slot] }
    }

    func slot(of session: SessionID) -> Int? { bySession[session] }
    func slot(of peer: PeerID) -> Int? { byPeer[peer] }
    func newestSession(of worker: WorkerID) -> SessionID? { byName[worker] }
    /// All slots in use, in a fixed order.
    var slots: [Int] { used.indices.filter { used[$0] } }

    mutating func insert(_ entry: WorkerEntry) -> Int {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            entries[slot] = entry
            used[slot] = true
        } else {
            slot = entries.count
            entries.append(entry)
            used.append(true)
        }
        bySession[entry.session] = slot
        if !isOlder(entry.start, than: entry.id) { byName[entry.id] = entry.session }
        return slot
    }

    /// Whether a process that was started with this number is older than the newest session of its name. Without both numbers the
    /// one that comes later is the newer one.
    func isOlder(_ start: UInt64, than worker: WorkerID) -> Bool {
        guard start > 0, let newest = byName[worker].flatMap({ bySession[$0] }) else { return false }
        return start < entries[newest].start
    }

    /// Connects a session with the connection that it uses now; an earlier one of the same session is forgotten.
    mutating func connect(_ slot: Int, to peer: PeerID) {
        if let old = entries[slot].peer, byPeer[old] == slot { byPeer[old] = nil }
        if let other = byPeer[peer], other != slot { entries[other].peer = nil }
        entries[slot].peer = peer
        byPeer[peer] = slot
    }

    mutating func remove(_ slot: Int) {
        let entry = entries[slot]
        precondition(entry.held.isEmpty, "worker \(entry.id) is forgotten while it holds \(entry.held.count) units")
        if let peer = entry.peer, byPeer[peer] == slot { byPeer[peer] = nil }
        if byName[entry.id] == entry.session { byName[entry.id] = nil }
        bySession[entry.session] = nil
        used[slot] = false
        entries[slot].peer = nil
        entries[slot].capacity = 0
        free.append(slot)
    }

    /// Puts a worker that may take a unit at the end of its class's queue, if it is not in it.
    mutating func markHungry(_ slot: Int) {
        guard entries[slot].isEligible, !entries[slot].isInHungryQueue else { return }
        entries[slot].isInHungryQueue = true
        hungry[entries[slot].workerClass.index].append(slot)
    }

    /// The next worker of a class that can take a unit; it is out of the queue then.
    mutating func nextHungry(of kind: JobKind) -> Int? {
        while let slot = hungry[kind.index].popFirst() {
            entries[slot].isInHungryQueue = false
            if used[slot], entries[slot].workerClass == kind, entries[slot].isEligible { return slot }
        }
        return nil
    }
}

extension JobKind {
    var index: Int {
        switch self {
        case .backtest: 0
        case .dryRun: 1
        case .live: 2
        }
    }
}
