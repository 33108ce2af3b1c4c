import Coordination
import SimulationSupport
import Testing

/// The records of dry-run and live jobs on their way into the coordinator's store.
@Suite struct JobRecordTests {
    private struct Fleet {
        var rig = CoordinatorRig()
        let worker: CoordinatorRig.Worker
        let job: JobID
        let grant: Grant

        init?(_ kind: JobKind = .dryRun) {
            worker = rig.join("w", kind)
            guard let job = rig.submit(CoordinationTests.job(1, kind)).first, let assignment = rig.assignments(to: worker).first
            else { return nil }
            self.job = job
            grant = assignment.grant
        }

        mutating func send(_ records: [[UInt8]], first: UInt64, _ grant: Grant? = nil) -> UInt64? {
            rig.send(.records(RecordBatch(grant: grant ?? self.grant, first: first, records: records)), from: worker)
            return rig.messages(to: worker).compactMap { if case .recordsKept(let kept) = $0 { kept.upTo } else { nil } }.first
        }

        var stored: [[UInt8]] { rig.store.jobs[job]?.records ?? [] }
    }

    @Test func `a batch is stored once, however often and however late it comes`() throws {
        var fleet = try #require(Fleet())
        #expect(fleet.send([], first: 1) == 0)
        #expect(fleet.send([[1], [2]], first: 1) == 2)
        #expect(fleet.send([[1], [2]], first: 1) == 2)
        #expect(fleet.send([[2], [3]], first: 2) == 3)
        #expect(fleet.send([[5]], first: 5) == 3, "a gap changes nothing, and the answer says where the store is")
        #expect(fleet.send([[0]], first: 0) == 3)
        #expect(fleet.send([[0], [0]], first: .max) == 3)
        #expect(fleet.stored == [[1], [2], [3]])
        #expect(fleet.rig.store.violations == [])
    }

    @Test func `a coordinator that starts anew goes on where its store is`() throws {
        var fleet = try #require(Fleet())
        _ = fleet.send([[1], [2]], first: 1)
        fleet.rig.restart()
        _ = fleet.rig.join("w", .dryRun, held: [HeldUnit(grant: fleet.grant, phase: .running)])
        #expect(fleet.send([[3]], first: 3) == 3)
        #expect(fleet.stored == [[1], [2], [3]])
    }

    @Test func `records of an old token, of another's grant and of a backtest are not taken`() throws {
        var fleet = try #require(Fleet())
        let old = Grant(unit: fleet.grant.unit, token: FencingToken(incarnation: 0, counter: 9))
        #expect(fleet.send([[1]], first: 1, old) == nil)
        let thief = fleet.rig.join("x", session: 2, .dryRun)
        fleet.rig.send(.records(RecordBatch(grant: fleet.grant, first: 1, records: [[1]])), from: thief)
        #expect(fleet.stored == [])
        var backtest = try #require(Fleet(.backtest))
        #expect(backtest.send([[1]], first: 1) == nil)
        #expect(backtest.stored == [])
    }

    @Test func `the holder gets records back, once a batch, and nobody else does`() throws {
        var fleet = try #require(Fleet())
        _ = fleet.send([[1], [2]], first: 1)
        let (grant, peer) = (fleet.grant, fleet.worker.peer)
        func asked() -> [CoordinatorDirective] {
            fleet.rig.output.filter { if case .sendRecords = $0 { true } else { false } }
        }
        fleet.rig.send(.fetchRecords(grant, from: 2), from: fleet.worker)
        #expect(asked() == [.sendRecords(peer, grant, from: 2)])
        fleet.rig.batch { instance, store, now in
            instance.receive(.fetchRecords(grant, from: 1), from: peer, lookup: store, at: now)
                + instance.receive(.fetchRecords(grant, from: 2), from: peer, lookup: store, at: now)
        }
        #expect(asked() == [.sendRecords(peer, grant, from: 2)], "however often it was asked in one batch")
        fleet.rig.send(.fetchRecords(grant, from: 0), from: fleet.worker)
        #expect(asked() == [])
        fleet.rig.send(.fetchRecords(grant, from: .max), from: fleet.worker)
        #expect(asked() == [.sendRecords(peer, grant, from: .max)], "the store has none there, and says so")
        let thief = fleet.rig.join("x", session: 2, .dryRun)
        fleet.rig.send(.fetchRecords(grant, from: 1), from: thief)
        let old = Grant(unit: grant.unit, token: FencingToken(incarnation: 0, counter: 9))
        fleet.rig.send(.fetchRecords(old, from: 1), from: fleet.worker)
        #expect(asked() == [])
        var backtest = try #require(Fleet(.backtest))
        backtest.rig.send(.fetchRecords(backtest.grant, from: 1), from: backtest.worker)
        #expect(!backtest.rig.output.contains { if case .sendRecords = $0 { true } else { false } })
    }

    @Test func `an assignment says how many records the store has`() throws {
        var fleet = try #require(Fleet())
        _ = fleet.send([[1], [2]], first: 1)
        _ = fleet.rig.request(.workerDied(fleet.worker.session, DeathProof(supervisor: "up", signal: 9)))
        let heir = fleet.rig.join("y", session: 3, .dryRun)
        fleet.rig.pass(.seconds(5))
        let given = fleet.rig.assignments(to: heir)
        #expect(given.map(\.recordCount) == [2])
    }

    @Test func `a question for records is asked again until it is answered, and after a new welcome`() {
        var request = RecordRequest(first: 3)
        func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }
        let due = (0...3).map { request.isDue(at: at($0), patience: .seconds(2)) }
        #expect(due == [true, false, true, false])
        request.reconnect()
        let again = request.isDue(at: at(3), patience: .seconds(2))
        #expect(again)
    }

    @Test func `one batch is under way at a time, and is asked for again when no answer comes`() {
        var flow = RecordFlow()
        let second = Duration.seconds(1)
        func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }
        flow.append(upTo: 5)
        #expect(flow.next(at: at(0), patience: second) == 6, "an empty batch asks how many the store has")
        #expect(flow.next(at: at(0), patience: second) == nil)
        #expect(flow.next(at: at(1), patience: second) == 6)
        flow.answer(2)
        #expect(flow.next(at: at(1), patience: second) == 3)
        flow.append(upTo: 7)
        #expect(flow.next(at: at(1), patience: second) == nil && !flow.isComplete)
        flow.reconnect()
        #expect(flow.next(at: at(1), patience: second) == 3)
        flow.answer(7)
        #expect(flow.next(at: at(9), patience: second) == nil && flow.isComplete)
        flow.answer(9)
        #expect(flow.next(at: at(99), patience: second) == nil && flow.isComplete, "the store has more than this journal")
    }

    /// A worker instance and its journal against the coordinator over a network that loses, doubles and delays; the coordinator is
    /// restarted now and then, and in half of the runs the worker is replaced. A live job waits out a lease and a tenth after
    /// whatever made its holder uncertain, so that the restarts begin when it is granted, and the quiet end is long enough for it to
    /// be granted once more.
    @Test func `whatever is lost or doubled, the store has every record once and in order`() throws {
        var (records, restarts, grants, restored) = (0, 0, 0, 0)
        for seed in UInt64(1)...200 {
            var run = try #require(RecordRun(seed: seed))
            let isGranted = run.begin()
            #expect(isGranted, "seed \(seed): the job is granted over a bad network")
            for _ in 0..<200 { run.step() }
            if seed % 2 == 0 { run.replaceWorker(losesJournal: seed % 4 == 0) }
            for _ in 0..<200 { run.step() }
            run.settle()
            #expect(run.stored == run.journal, "seed \(seed)")
            #expect(run.rig.store.violations == [], "seed \(seed)")
            #expect(run.journal.count > 20, "seed \(seed)")
            #expect(run.token != nil && run.token == run.currentToken, "seed \(seed): the job runs in the end")
            #expect(run.takenUnderOldTokens == 0, "seed \(seed)")
            records += run.journal.count
            restarts += run.restarts
            grants += run.grants
            restored += run.restored
        }
        print(
            "records of 200 lives: \(records) with \(restarts) restarts of the coordinator and \(grants) grants, \(restored) records came back"
        )
        #expect(restarts > 400 && grants >= 300 && restored > 300)
    }
}

private struct RecordRun {
    var rig = CoordinatorRig()
    var worker: WorkerInstance
    var journal: [[UInt8]] = []
    var random: SplitMix64
    private var toCoordinator: [(peer: PeerID, message: WorkerToCoordinator)] = []
    private var toWorker: [CoordinatorToWorker] = []
    private var peer = PeerID(9)
    private let job: JobID
    /// The grant that the worker works under.
    private(set) var token: FencingToken?
    private(set) var restarts = 0
    private(set) var grants = 0
    /// Records that came back out of the store into a journal that had been lost.
    private(set) var restored = 0
    /// How many records the store had when the job was granted; nothing is written before the journal has them.
    private var wanted: UInt64 = 0
    private(set) var takenUnderOldTokens = 0
    private var isQuiet = false

    init?(seed: UInt64) {
        random = SplitMix64(seed: seed)
        let settings = WorkerSettings(
            worker: WorkerID("w"), session: SessionID(1), workerClass: .live, executable: CoordinatorRig.executable, capacity: 1,
            parallelism: 1)
        worker = WorkerInstance(settings: settings, at: rig.now)
        guard let job = rig.submit(CoordinationTests.job(1, .live, attempts: 100)).first else { return nil }
        self.job = job
        take(worker.connected(at: rig.now))
    }

    var stored: [[UInt8]] { rig.store.jobs[job]?.records ?? [] }

    /// The token that the store has of the job.
    var currentToken: FencingToken? { rig.store.jobs[job]?.out.values.first?.grant.token }

    /// Until the worker has the job: nothing is restarted, but the network is bad already.
    mutating func begin() -> Bool {
        for _ in 0..<10_000 where token == nil { move() }
        return token != nil
    }

    mutating func step() {
        guard random.next() % 60 != 0 else {
            restarts += 1
            return rig.restart()
        }
        move()
    }

    private mutating func move() {
        switch random.next() % 11 {
        case 0, 1, 2: write()
        case 3: pass(.milliseconds(400))
        case 4, 5, 6, 7: deliverToCoordinator()
        default: deliverToWorker()
        }
    }

    /// The worker's process dies, which its supervisor proves, and another goes on with its journal; what is on the way still comes in.
    /// Its journal is lost with it, or a part of it.
    mutating func replaceWorker(losesJournal: Bool) {
        _ = rig.request(.workerDied(worker.settings.session, DeathProof(supervisor: "up", signal: 9)))
        var settings = worker.settings
        settings.session = SessionID(2)
        worker = WorkerInstance(settings: settings, at: rig.now)
        (peer, token, toWorker) = (PeerID(10), nil, [])
        if losesJournal { journal = Array(journal.prefix(Int(random.next() % UInt64(stored.count + 1)))) }
        take(worker.connected(at: rig.now))
    }

    /// Everything arrives from now on, for longer than a lease, the wait after it and the worker's way back take together.
    mutating func settle() {
        isQuiet = true
        for round in 0..<500 {
            while !toCoordinator.isEmpty || !toWorker.isEmpty {
                deliverToCoordinator()
                deliverToWorker()
            }
            // What was written last has a few seconds to arrive.
            if round < 480, round % 20 == 0 { write() }
            pass(.milliseconds(500))
        }
    }

    private mutating func write() {
        guard let token, UInt64(journal.count) >= wanted else { return }
        for _ in 0..<(1 + random.next() % 3) { journal.append([UInt8(truncatingIfNeeded: journal.count), 7]) }
        take(worker.recordsWritten(token, upTo: UInt64(journal.count), at: rig.now))
    }

    private mutating func pass(_ duration: Duration) {
        rig.pass(duration)
        note(rig.output)
        take(worker.tick(at: rig.now))
    }

    private mutating func deliverToCoordinator() {
        guard !toCoordinator.isEmpty else { return }
        let (sender, message) = toCoordinator.removeFirst()
        for _ in 0..<copies {
            let current = currentToken
            defer { noteTaken(message, under: current) }
            rig.batch { instance, store, now in instance.receive(message, from: sender, lookup: store, at: now) }
            note(rig.output)
        }
    }

    private mutating func deliverToWorker() {
        guard !toWorker.isEmpty else { return }
        let message = toWorker.removeFirst()
        for _ in 0..<copies { take(worker.receive(message, at: rig.now)) }
    }

    /// Whether records were stored although their token is not the job's.
    private mutating func noteTaken(_ message: WorkerToCoordinator, under current: FencingToken?) {
        guard case .records(let batch) = message, batch.grant.token != current else { return }
        for case .recordsAdded in rig.changes { takenUnderOldTokens += 1 }
    }

    private var copies: Int {
        mutating get {
            guard !isQuiet else { return 1 }
            return [0, 1, 1, 1, 1, 2][Int(random.next() % 6)]
        }
    }

    private mutating func note(_ output: [CoordinatorDirective]) {
        for directive in output {
            switch directive {
            case .send(peer, let message): toWorker.append(message)
            case .sendRecords(peer, let grant, let first):
                // A few at a time, so that it takes several questions.
                let records = Array(stored.dropFirst(Int(clamping: first) - 1).prefix(5))
                toWorker.append(.storedRecords(StoredRecords(token: grant.token, first: first, records: records)))
            default: break
            }
        }
    }

    /// Asks for what the journal lacks; begins once there is nothing of that kind.
    private mutating func goOn(_ grant: Grant) {
        let count = UInt64(journal.count)
        take(
            count < wanted
                ? worker.recordsWanted(grant.token, from: count + 1, at: rig.now)
                : worker.recordsWritten(grant.token, upTo: count, at: rig.now))
    }

    private mutating func take(_ directives: [WorkerDirective]) {
        for directive in directives {
            switch directive {
            case .send(let message): toCoordinator.append((peer, message))
            case .start(let assignment):
                grants += 1
                token = assignment.grant.token
                wanted = assignment.recordCount
                goOn(assignment.grant)
            case .stop(let grant, _):
                if token == grant.token { token = nil }
                take(worker.unitFinished(grant.token, .canceled, at: rig.now))
            case .storedRecords(let grant, let first, let records):
                guard first == UInt64(journal.count) + 1 else { continue }
                journal += records
                restored += records.count
                goOn(grant)
            case .sendRecords(let grant, let first):
                let records = Array(journal.dropFirst(Int(first) - 1).prefix(3))
                toCoordinator.append((peer, .records(RecordBatch(grant: grant, first: first, records: records))))
            default: break
            }
        }
    }
}
