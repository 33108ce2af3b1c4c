import Coordination
import FleetProtocol
import Testing
import Transport

@testable import Fleet

/// A worker's shell on a network in memory; its coordinator is the test.
final class WorkerRig {
    let server: MemoryTransport
    let jobs: EndpointID
    let mailbox = Mailbox<WorkerShell.Event>()
    let loop: ManualLoop<WorkerShell>
    private var peer = TransportPeer.only
    private static let hash = Digest256(words: (1, 2, 3, 4))

    /// Does nothing and never ends a unit: the test says when one has.
    private struct Idle: UnitRunner {
        func run(_ assignment: Assignment, payload: [UInt8], control: UnitControl) -> (UnitOutcome, [UInt8]) { (.canceled, []) }
    }

    init(maxMessage: Int = 64 << 20, workerClass: WorkerClass = .backtest) throws {
        let network = MemoryNetwork()
        server = try MemoryTransport(network)
        jobs = try server.open(.server(.loopback(port: 7000)))
        let near = try MemoryTransport(network)
        let endpoint = try near.open(.client(.loopback(port: 7000)))
        let settings = WorkerSettings(
            worker: WorkerID("w"), session: SessionID(5), workerClass: workerClass, executable: ExecutableHash(Self.hash),
            capacity: 4, parallelism: 1, memoryBytes: 0)
        let shell = WorkerShell(
            instance: WorkerInstance(settings: settings, at: Moment(instant: Instant(nanoseconds: 0), wallMilliseconds: 0)),
            jobs: endpoint, executor: try ExecutorThread(runner: Idle()) { _, _, _ in }, mailbox: mailbox,
            resultLimit: ResultLimit(maxMessage: maxMessage),
            output: WorkerShell.Output(
                running: { _ in }, heldWorkStopped: { _ in }, ready: {}, exited: { _ in }, note: { _ in }, wallClock: { 0 }))
        loop = try ManualLoop(transport: near, mailbox: mailbox, handler: shell, now: 0)
        try loop.runUntilQuiet(now: 1)
        _ = try received()
        try send(
            .welcome(
                Welcome(
                    session: SessionID(5), incarnation: 1, heartbeatInterval: .seconds(1), workerLease: .seconds(10),
                    liveLease: .seconds(60), sequence: 1)))
    }

    func send(
        _ message: CoordinatorToWorker, payloads: [JobID: [UInt8]] = [:], budgets: BudgetSheet? = nil, at now: Int64 = 1
    ) throws {
        _ = server.send(Frames(JobsWire.bytes(message, payloads: payloads, budgets: budgets)), on: jobs, to: peer)
        try loop.runUntilQuiet(now: now)
    }

    /// What the worker has said since the last call.
    func received() throws -> [JobsWire.FromWorker] {
        var batch = Batch()
        _ = try server.receive(into: &batch, limit: 1000)
        return try batch.messages.map {
            peer = $0.peer
            return try JobsWire.workerMessage($0.frames.first)
        }
    }

    func grant(_ number: UInt64) -> Grant {
        Grant(
            unit: UnitID(job: JobID(Int64(number)), index: 0), token: FencingToken(incarnation: 1, counter: number))
    }

    func assign(
        _ numbers: [UInt64], session: SessionID = SessionID(5), kind: JobKind = .backtest, budgets: BudgetSheet? = nil
    ) throws {
        let assignments = numbers.map {
            Assignment(
                grant: grant($0), attempt: 1, kind: kind, address: JobAddress(Self.hash), combinations: 0..<1,
                lease: .seconds(10))
        }
        try send(
            .assign(AssignmentBatch(session: session, basis: 1, assignments: assignments)),
            payloads: Dictionary(uniqueKeysWithValues: numbers.map { (JobID(Int64($0)), [UInt8](repeating: 1, count: 100)) }),
            budgets: budgets)
    }

    func finish(_ number: UInt64, result: [UInt8]) throws {
        mailbox.post(.finished(grant(number).token, .succeeded, result))
        try loop.runUntilQuiet(now: 1)
    }
}

@Suite struct WorkerShellTests {
    @Test func `a payload is kept for a unit that waits, and for no other`() throws {
        let rig = try WorkerRig()
        try rig.assign([1, 2, 3])
        // The first runs and has its payload.
        #expect(rig.loop.handler.payloadCount == 2)
        try rig.assign([1, 2, 3])
        #expect(rig.loop.handler.payloadCount == 2)
        try rig.finish(1, result: [1])
        #expect(rig.loop.handler.payloadCount == 1)
        // Said again after it has ended, and for somebody else.
        try rig.assign([1])
        try rig.assign([8, 9], session: SessionID(6))
        #expect(rig.loop.handler.payloadCount == 1)
        try rig.send(.recorded([RecordedReport(token: rig.grant(1).token, accepted: true)]))
        try rig.assign([1])
        #expect(rig.loop.handler.payloadCount == 1)
        try rig.finish(2, result: [2])
        try rig.finish(3, result: [3])
        #expect(rig.loop.handler.payloadCount == 0)
    }

    @Test func `what a running job asks the store for goes out, and its answer comes to the job`() throws {
        let rig = try WorkerRig(workerClass: .live)
        try rig.assign([1], kind: .live)
        _ = try rig.received()
        rig.mailbox.post(.recordsWanted(rig.grant(1).token, from: 4))
        try rig.loop.runUntilQuiet(now: 1)
        #expect(try rig.received() == [JobsWire.FromWorker(message: .fetchRecords(rig.grant(1), from: 4))])
        // Of another grant, of another number, twice: none of it may trap or reach the job.
        let answers = [(2, 4), (1, 3), (1, 4), (1, 4)]
        for (number, first) in answers {
            try rig.send(
                .storedRecords(StoredRecords(token: rig.grant(UInt64(number)).token, first: UInt64(first), records: [[7], [8]])))
        }
        #expect(try rig.received() == [])
    }

    @Test func `a result that no message can carry fails its unit for good and says both sizes`() throws {
        let rig = try WorkerRig(maxMessage: 128 << 10)
        try rig.assign([1, 2])
        _ = try rig.received()
        try rig.finish(1, result: [UInt8](repeating: 7, count: 64 << 10))
        try rig.finish(2, result: [UInt8](repeating: 7, count: (64 << 10) + 1))
        let reports = try rig.received().filter { if case .finished = $0.message { true } else { false } }
        #expect(reports.count == 2)
        #expect(
            reports.first
                == JobsWire.FromWorker(
                    message: .finished(rig.grant(1), .succeeded), result: [UInt8](repeating: 7, count: 64 << 10)))
        guard case .finished(_, .failed(let failure))? = reports.last?.message else {
            Issue.record("\(reports.last as Any)")
            return
        }
        #expect(failure.code.remedy == .giveUpUnit)
        #expect(failure.message.contains("65537") && failure.message.contains("65536"))
    }

    @Test func `no result is larger than what the coordinator reads`() throws {
        let limit = ResultLimit(maxMessage: 1 << 30)
        #expect(limit.bytes == ProtocolLimits.resultBytes)
        let fits = [UInt8](repeating: 0, count: limit.bytes)
        #expect(limit.checked(.succeeded, fits).outcome == .succeeded)
        let message = JobsWire.bytes(
            .finished(Grant(unit: UnitID(job: JobID(1), index: 0), token: FencingToken(incarnation: 1, counter: 1)), .succeeded),
            result: fits)
        #expect(try JobsWire.workerMessage(message).result?.count == limit.bytes)
        #expect(message.count - limit.bytes < 64 << 10)
        guard case .failed = limit.checked(.succeeded, fits + [0]).outcome else {
            Issue.record("a result over the limit was let through")
            return
        }
        #expect(limit.checked(.canceled, fits + [0]).outcome == .canceled)
    }
}
