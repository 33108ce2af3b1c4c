import Coordination
import FleetProtocol
import Foundation
import JobStore
import Synchronization
import Testing
import Transport

@testable import Fleet

/// A coordinator's shell on a network in memory, with a store in memory or a file.
final class CoordinatorShellRig {
    let store: any JobStore
    let near: MemoryTransport
    let loop: ManualLoop<CoordinatorShell>
    let network = MemoryNetwork()
    private let jobs: Address
    private let control: Address
    private var time: Int64 = 1

    init(_ store: any JobStore, live: LiveDesk = LiveDesk(isEnabled: false)) throws {
        self.store = store
        near = try MemoryTransport(network)
        (jobs, control) = (.loopback(port: 7000), .loopback(port: 7001))
        let endpoints = CoordinatorShell.Endpoints(
            jobs: try near.open(.server(jobs)), control: try near.open(.server(control)),
            events: try near.open(.publisher(.loopback(port: 7002))))
        let moment = Moment(instant: Instant(nanoseconds: 0), wallMilliseconds: 0)
        let output = CoordinatorShell.Output(
            note: { _ in }, audit: { _ in }, held: { _ in }, failed: { _ in }, wallClock: { 0 },
            facts: QueryAnswerer.Facts(fleet: "f", version: "v", startedAt: 0), memberKeys: [])
        let shell = CoordinatorShell(
            instance: CoordinatorInstance(snapshot: try store.open(), at: moment), directives: [], store: store,
            cachedPayloadBytes: 0, live: live, endpoints: endpoints, output: output)
        loop = try ManualLoop(transport: near, mailbox: Mailbox<CoordinatorShell.Event>(), handler: shell, now: 0)
    }

    /// Handles everything that was sent, as one turn.
    func run() throws {
        time += 1
        try loop.runUntilQuiet(now: time)
    }

    func run(at now: Int64) throws {
        time = max(time, now)
        try loop.runUntilQuiet(now: time)
    }

    func step() throws {
        time += 1
        try loop.step(now: time)
    }

    /// A connection of somebody.
    final class Peer {
        let transport: MemoryTransport
        let endpoint: EndpointID

        init(_ network: MemoryNetwork, _ address: Address) throws {
            transport = try MemoryTransport(network)
            endpoint = try transport.open(.client(address))
        }

        func send(_ bytes: [UInt8]) { _ = transport.send(Frames(bytes), on: endpoint, to: .only) }

        func received() throws -> [[UInt8]] {
            var batch = Batch()
            _ = try transport.receive(into: &batch, limit: 1000)
            return batch.messages.map(\.frames.first)
        }
    }

    func worker(
        _ name: String, session: UInt128, workerClass: WorkerClass = .backtest, held: [HeldUnit] = []
    ) throws -> Peer {
        let peer = try Peer(network, jobs)
        peer.send(
            JobsWire.bytes(
                .hello(
                    WorkerHello(
                        worker: WorkerID(name), session: SessionID(session), workerClass: workerClass,
                        executable: ExecutableHash(Digest256(words: (1, 2, 3, 4))), capacity: 4, sequence: 1, held: held)),
                result: nil))
        try run()
        return peer
    }

    func client() throws -> Peer { try Peer(network, control) }

    func submission(_ id: UInt128, payload: [UInt8], request: UInt64, kind: JobKind = .backtest) -> [UInt8] {
        let job = NewJob(
            address: JobAddress(Digest256(words: (UInt64(id), 0, 0, 0))), kind: kind, group: "g", priority: 0,
            combinationCount: 1, sliceSize: 1, maxAttempts: 3, fresh: false, memoryEstimate: nil, expiresAtMilliseconds: nil)
        return ControlWire.bytes(.submit(SubmissionID(id), [job]), payloads: [payload], request: RequestID(request))
    }

    func assignments(to worker: Peer) throws -> [Assignment] {
        try worker.received().flatMap { bytes -> [Assignment] in
            if case .assign(let batch) = try JobsWire.coordinatorMessage(bytes).message { batch.assignments } else { [] }
        }
    }
}

@Suite struct CoordinatorShellTests {
    @Test(arguments: [true, false])
    func `bytes of a refused report change nothing of the accepted one's`(acceptedFirst: Bool) throws {
        let rig = try CoordinatorShellRig(InMemoryJobStore())
        let holder = try rig.worker("a", session: 1)
        let client = try rig.client()
        client.send(rig.submission(5, payload: [1], request: 1))
        try rig.run()
        let grant = try #require(try rig.assignments(to: holder).first?.grant)
        let other = try rig.worker("b", session: 2)
        let messages = [
            (holder, JobsWire.bytes(.finished(grant, .succeeded), result: [1, 2, 3])),
            (other, JobsWire.bytes(.finished(grant, .succeeded), result: [9])),
        ]
        for (peer, bytes) in acceptedFirst ? messages : messages.reversed() { peer.send(bytes) }
        try rig.run()
        let results = try rig.store.results(of: grant.unit.job, from: 0, limit: 9, byteLimit: 99)
        #expect(results == [UnitResult(unit: 0, bytes: [1, 2, 3])])
        #expect(try rig.store.lateReports(of: nil, limit: 9).count == 1)
    }

    @Test func `bytes of a submission that is there already change nothing of the first one's`() throws {
        let rig = try CoordinatorShellRig(InMemoryJobStore())
        let (first, second) = (try rig.client(), try rig.client())
        first.send(rig.submission(5, payload: [1, 1], request: 1))
        second.send(rig.submission(5, payload: [2], request: 2))
        try rig.run()
        #expect(try rig.store.payload(of: JobID(1)) == [1, 1])
        #expect(try rig.store.jobs(matching: JobFilter()).count == 1)
        #expect(try second.received().count == 1)
    }

    /// Pages are cut at a number of records and a number of bytes, and what is beyond the last one is an empty page.
    @Test(arguments: [true, false])
    func `a worker gets a job's records back page by page, over a restart of the coordinator`(inMemory: Bool) throws {
        let path = NSTemporaryDirectory() + "pragma-\(UUID().uuidString).sqlite"
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let store: any JobStore = inMemory ? InMemoryJobStore() : try SQLiteJobStore(path: path)
        var rig = try CoordinatorShellRig(store)
        var worker = try rig.worker("w", session: 7, workerClass: .dryRun)
        let client = try rig.client()
        client.send(rig.submission(1, payload: [1], request: 1, kind: .dryRun))
        try rig.run()
        let assignment = try #require(try Self.messages(worker).compactMap(Self.assignment).first)
        let grant = assignment.grant
        #expect(assignment.recordCount == 0)
        let records = (0..<2500).map { [UInt8](repeating: UInt8($0 % 251), count: $0 < 20 ? 40 << 10 : 3) }
        var sent = 0
        while sent < records.count {
            let batch = Array(records[sent..<min(sent + 1000, records.count)])
            worker.send(JobsWire.bytes(.records(RecordBatch(grant: grant, first: UInt64(sent) + 1, records: batch)), result: nil))
            try rig.run()
            sent += batch.count
        }
        if !inMemory {
            try store.close()
            rig = try CoordinatorShellRig(try SQLiteJobStore(path: path))
            worker = try rig.worker("w", session: 7, workerClass: .dryRun, held: [HeldUnit(grant: grant, phase: .running)])
        }
        _ = try worker.received()
        var found: [[UInt8]] = []
        var pages: [Int] = []
        while pages.last != 0, pages.count < 100 {
            let first = UInt64(found.count) + 1
            worker.send(JobsWire.bytes(.fetchRecords(grant, from: first), result: nil))
            try rig.run()
            let answers = try Self.messages(worker).compactMap { if case .storedRecords(let stored) = $0 { stored } else { nil } }
            let answer = try #require(answers.first)
            #expect(answers.count == 1 && answer.token == grant.token && answer.first == first)
            found += answer.records
            pages.append(answer.records.count)
        }
        #expect(found == records)
        #expect(pages.max() == 1000 && pages.first == 7, "\(pages)")
        let thief = try rig.worker("x", session: 8, workerClass: .dryRun)
        _ = try thief.received()
        thief.send(JobsWire.bytes(.fetchRecords(grant, from: 1), result: nil))
        try rig.run()
        #expect(try Self.messages(thief).isEmpty)
        try rig.store.close()
    }

    private static func messages(_ worker: CoordinatorShellRig.Peer) throws -> [CoordinatorToWorker] {
        try worker.received().map { try JobsWire.coordinatorMessage($0).message }
    }

    private static func assignment(_ message: CoordinatorToWorker) -> Assignment? {
        if case .assign(let batch) = message { batch.assignments.first } else { nil }
    }

    @Test func `a report that cannot be read is answered with why and changes nothing`() throws {
        let rig = try CoordinatorShellRig(InMemoryJobStore())
        let worker = try rig.worker("a", session: 1)
        _ = try worker.received()
        worker.send([8, 1, 0xff, 0xff])
        try rig.run()
        let answers = try worker.received()
        #expect(answers.count == 1)
        #expect(throws: ProtocolError.self) { try JobsWire.coordinatorMessage(answers.first) }
        #expect(try rig.store.lateReports(of: nil, limit: 9).isEmpty)
    }

    // MARK: - Copies of the store

    private func answers(_ peer: CoordinatorShellRig.Peer) throws -> [QueryAnswer] {
        try peer.received().compactMap {
            if case .answer(let answer) = try ControlWire.outbound($0).content { answer } else { nil }
        }
    }

    @Test func `a copy holds what was committed until its end, and no file is written over`() throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteJobStore(path: folder.path + "/jobs.sqlite")
        let rig = try CoordinatorShellRig(store)
        let client = try rig.client()
        // Several parts' worth.
        for number in 1...12 {
            client.send(
                rig.submission(
                    UInt128(number), payload: [UInt8](repeating: UInt8(number), count: 1 << 20), request: UInt64(number)))
        }
        try rig.run()
        _ = try client.received()
        let copy = folder.path + "/copy.sqlite"
        client.send(ControlWire.bytes(.backup(to: copy), request: RequestID(50)))
        try rig.step()
        // It is not there before it is whole; work goes on meanwhile.
        #expect(!Files.exists(copy))
        #expect(try answers(client).isEmpty)
        client.send(rig.submission(40, payload: [40], request: 51))
        client.send(ControlWire.bytes(.backup(to: copy + "2"), request: RequestID(52)))
        // Asked again by whoever waits: no second copy.
        client.send(ControlWire.bytes(.backup(to: copy), request: RequestID(50)))
        for _ in 0..<100 where !Files.exists(copy) { try rig.step() }
        try rig.run()
        let all = try answers(client)
        let sizes = all.compactMap { if case .backedUp(let bytes) = $0 { bytes } else { nil } }
        #expect(sizes.count == 1 && sizes.allSatisfy { $0 > 12 << 20 })
        let refusals = all.compactMap { if case .refused(let refusal) = $0 { refusal.message } else { nil } }
        #expect(refusals.count == 1 && refusals.first?.contains("a copy is being made already") == true)
        client.send(ControlWire.bytes(.backup(to: copy), request: RequestID(53)))
        client.send(ControlWire.bytes(.backup(to: "relative"), request: RequestID(54)))
        try rig.run()
        #expect(try answers(client).count { if case .refused = $0 { true } else { false } } == 2)
        #expect(try Files.names(in: folder.path).filter { $0.hasSuffix(".part") || $0.hasSuffix("-journal") } == [])

        let restored = try SQLiteJobStore(path: copy)
        #expect(try restored.open().jobs.count == 13)
        #expect(try restored.payload(of: JobID(7)) == [UInt8](repeating: 7, count: 1 << 20))
        #expect(try restored.integrityProblems() == [])
        try restored.close()
    }

    @Test func `a store in memory says that it cannot be copied`() throws {
        let folder = try TemporaryFolder()
        let rig = try CoordinatorShellRig(InMemoryJobStore())
        let client = try rig.client()
        client.send(ControlWire.bytes(.backup(to: folder.path + "/copy"), request: RequestID(1)))
        try rig.run()
        let answers = try answers(client)
        guard case .refused(let refusal)? = answers.first else {
            Issue.record("\(answers)")
            return
        }
        #expect(refusal.message.contains("memory"))
    }

    @Test func `a copy that is given up leaves nothing`() throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteJobStore(path: folder.path + "/jobs.sqlite")
        _ = try store.open()
        try {
            let copy = try store.backUp(to: folder.path + "/copy")
            #expect(Files.exists(folder.path + "/copy.part"))
            #expect(throws: JobStoreError.self) { try store.backUp(to: folder.path + "/copy") }
            withExtendedLifetime(copy) {}
        }()
        #expect(try Files.names(in: folder.path).allSatisfy { !$0.hasPrefix("copy") })
        try store.close()
    }
}
