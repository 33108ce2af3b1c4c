/// The coordinator's logic: a value without I/O, clock or randomness.
///
/// Its shell hands it inputs in batches. Every input appends directives to the batch's; `endBatch` ends the batch, grants units
/// to workers that have room and appends the rest. The shell then commits all changes of the batch in one transaction and carries out the
/// sends, replies and events after that, in order, and finally says `committed`. So whatever leaves the process is in
/// the store before. A crash at any point loses only what nobody was told.
///
/// No input costs time in proportion to the number of jobs: each touches one worker with what it holds, or one job.
package struct CoordinatorInstance: Sendable {
    /// What timers mean. Every one is checked against the state when it fires.
    enum Timer: Sendable {
        case worker(SessionID)
        case liveLease(FencingToken)
        case unitReady(JobID, UInt64)
        case jobExpiry(JobID)
        /// A unit may go to anybody again: the end of the batch grants it.
        case reservationEnd
    }

    /// A unit that is out with a worker.
    struct OpenDispatch: Sendable {
        var grant: Grant
        var attempt: Int
        /// Slots in the tables of jobs and workers.
        var job: Int
        var worker: Int
        var isRunning = false
        /// A live job's: the lease ran out.
        var isLost = false
        /// When the assignment was last sent.
        var sentAt: Instant
        /// When a sign of life of its holder last named it.
        var renewedAt: Instant
    }

    package let settings: CoordinatorSettings
    package internal(set) var incarnation: UInt64
    var tokenCounter: UInt64 = 0
    var nextJobID: Int64
    var jobs = JobTable()
    /// One per kind.
    var queues = [FairQueue](repeating: FairQueue(), count: JobKind.allCases.count)
    /// Backtests that are not finished, by address: the same again attaches to them.
    var addresses: [JobAddress: JobID] = [:]
    var workers = WorkerTable()
    var dispatches: [FencingToken: OpenDispatch] = [:]
    var timers = TimerHeap<Timer>()
    var uncommitted = UncommittedChanges()
    /// Sessions whose death was proved, and the ones that a newer session has replaced.
    var deadSessions = RecentSet<SessionID>(capacity: StoreSnapshot.deadSessionLimit)
    var supersededSessions = RecentSet<SessionID>(capacity: 4096)
    var holdReason: String?
    var isDraining = false
    /// Jobs in memory by the index of their state.
    var stateCounts = [Int](repeating: 0, count: JobState.allCases.count)

    var now: Moment
    var output: [CoordinatorDirective] = []
    /// Workers with something to send at the end of the batch.
    var outbox: [Int] = []
    /// Jobs with a progress event to publish at the end of the batch.
    var progressed: [JobID] = []
    /// Jobs that run with no unit out, until the end of the batch.
    var returning: [(job: JobID, reason: StateReason)] = []
    var eventSequence: UInt64 = 0

    /// Starts from what the store holds. What the start itself changes comes out with the first batch.
    package init(settings: CoordinatorSettings = CoordinatorSettings(), snapshot: StoreSnapshot, at moment: Moment) {
        self.settings = settings
        incarnation = snapshot.incarnation
        nextJobID = max(1, snapshot.nextJobID.rawValue)
        now = moment
        for session in snapshot.deadSessions { deadSessions.insert(session) }
        for worker in snapshot.workers { restore(worker) }
        for job in snapshot.jobs { restore(job) }
    }

    // MARK: - Time

    /// When `tick` must be called at the latest; nil: not before another input.
    package var nextDeadline: Instant? { timers.first }

    /// Does what is due.
    package mutating func tick(at moment: Moment, into directives: inout [CoordinatorDirective]) {
        begin(moment, &directives)
        defer { end(&directives) }
        while let timer = timers.popDue(at: now.instant) {
            switch timer {
            case .worker(let session): checkWorker(session)
            case .liveLease(let token): checkLiveLease(token)
            case .unitReady(let job, let unit): endBackOff(of: unit, in: job)
            case .jobExpiry(let job): checkExpiry(of: job)
            case .reservationEnd: break
            }
        }
    }

    // MARK: - Batches

    /// Ends a batch: grants units, and appends what was collected per worker and per job.
    package mutating func endBatch(at moment: Moment, into directives: inout [CoordinatorDirective]) {
        begin(moment, &directives)
        defer { end(&directives) }
        dispatchReady()
        endReturning()
        publishProgress()
        sendOutbox()
    }

    /// The changes of the batches up to this one are in the store, and lookups show them.
    ///
    /// A shell that begins the next batch while the last one is being committed calls `closeBatch` after each `endBatch`
    /// and hands its number to this function; one that commits before it goes on calls both in a row.
    package mutating func committed(through batch: UInt64) { uncommitted.forget(through: batch) }

    /// The number of the batch that just ended.
    package mutating func closeBatch() -> UInt64 { uncommitted.closeBatch() }

    // MARK: - Halt

    /// Stops or resumes granting. Work that is out goes on until the workers, which hear the halt themselves, return it.
    package mutating func setHold(
        _ hold: Bool, reason: String, at moment: Moment, into directives: inout [CoordinatorDirective]
    ) {
        begin(moment, &directives)
        defer { end(&directives) }
        let isHeld = holdReason != nil
        holdReason = hold ? reason : nil
        if isHeld != hold { publish(.hold(hold, reason: reason)) }
    }

    // MARK: - Display

    /// The state without the jobs themselves, which the store has.
    package func snapshot() -> CoordinatorSnapshot {
        let workers = workers.slots.map { slot in
            let entry = self.workers[slot]
            return CoordinatorSnapshot.Worker(
                id: entry.id, session: entry.session, workerClass: entry.workerClass, capacity: entry.capacity,
                unitsHeld: entry.held.count, isConnected: entry.peer != nil && !entry.isUnreachable, isHalted: entry.isHalted,
                isDraining: entry.isDraining, isSilent: entry.isSilent, executableMatches: entry.executableMatches,
                sinceLastHeard: now.instant.duration(since: entry.lastHeard), health: entry.health)
        }
        return CoordinatorSnapshot(
            incarnation: incarnation, eventSequence: eventSequence, holdReason: holdReason, isDraining: isDraining,
            jobCounts: jobCounts, unitsOut: dispatches.count, workers: workers)
    }

    private var jobCounts: [JobState: Int] {
        Dictionary(uniqueKeysWithValues: JobState.allCases.map { ($0, stateCounts[$0.index]) }).filter { $0.value > 0 }
    }

    /// How far an unfinished job is; nil when it is not in memory.
    /// The live job that a grant which is out is of; nil: it is of another kind, or not out.
    package func liveJob(of token: FencingToken) -> JobID? {
        guard let dispatch = dispatches[token], jobs[dispatch.job].kind == .live else { return nil }
        return dispatch.grant.unit.job
    }

    package func progress(of id: JobID) -> JobProgress? {
        guard let slot = jobs.slot(of: id) else { return nil }
        let entry = jobs[slot]
        return JobProgress(
            state: entry.state, unitCount: entry.unitCount, completedUnits: entry.completedCount,
            failedUnits: entry.failedCount, unitsOut: entry.out.count)
    }
}

// MARK: - Output

extension CoordinatorInstance {
    /// Every input begins here and ends with `end`: between the two, `output` is the caller's array, so that nothing is copied.
    /// The clock that decides never goes backwards, whatever a shell says.
    mutating func begin(_ moment: Moment, _ directives: inout [CoordinatorDirective]) {
        now = Moment(instant: max(now.instant, moment.instant), wallMilliseconds: moment.wallMilliseconds)
        if !output.isEmpty {
            // Of the start.
            directives += output
            output = []
        }
        swap(&output, &directives)
    }

    mutating func end(_ directives: inout [CoordinatorDirective]) { swap(&output, &directives) }

    mutating func persist(_ change: StoreChange) { output.append(.persist(change)) }

    mutating func send(_ message: CoordinatorToWorker, to worker: Int) {
        if let peer = workers[worker].peer { output.append(.send(peer, message)) }
    }

    mutating func publish(_ body: JobEvent.Body) {
        eventSequence += 1
        output.append(
            .publish(
                JobEvent(
                    incarnation: incarnation, sequence: eventSequence, wallMilliseconds: now.wallMilliseconds, body: body)))
    }

    /// Puts a report's answer among those that go out at the end of the batch.
    mutating func acknowledge(_ token: FencingToken, accepted: Bool, to worker: Int) {
        workers[worker].recorded.append(RecordedReport(token: token, accepted: accepted))
        addToOutbox(worker)
    }

    mutating func addToOutbox(_ worker: Int) {
        guard !workers[worker].isInOutbox else { return }
        workers[worker].isInOutbox = true
        outbox.append(worker)
    }

    /// Notes that a job's progress changed; one event per job and batch is published.
    mutating func noteProgress(_ slot: Int) {
        guard !jobs[slot].hasProgress, jobs[slot].unitCount > 1 else { return }
        jobs[slot].hasProgress = true
        progressed.append(jobs[slot].id)
    }

    private mutating func publishProgress() {
        guard !progressed.isEmpty else { return }
        let ids = progressed
        progressed = []
        for id in ids {
            guard let slot = jobs.slot(of: id) else { continue }
            jobs[slot].hasProgress = false
            publishProgress(of: slot)
        }
    }

    mutating func publishProgress(of slot: Int) {
        let job = JobEvent.Body.progress(
            jobs[slot].id, completed: jobs[slot].completedCount, failed: jobs[slot].failedCount, total: jobs[slot].unitCount)
        publish(job)
    }

    private mutating func sendOutbox() {
        for place in outbox.indices { flush(outbox[place]) }
        outbox.removeAll(keepingCapacity: true)
    }

    /// Sends what was collected for a worker.
    mutating func flush(_ slot: Int) {
        workers[slot].isInOutbox = false
        let recorded = workers[slot].recorded
        let assignments = workers[slot].assignments
        workers[slot].recorded = []
        workers[slot].assignments = []
        if !recorded.isEmpty { send(.recorded(recorded), to: slot) }
        sendWantedRecords(to: slot)
        if !assignments.isEmpty {
            send(
                .assign(
                    AssignmentBatch(
                        session: workers[slot].session, basis: workers[slot].sequence, assignments: assignments)), to: slot)
        }
    }
}
