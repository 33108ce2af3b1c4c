import Coordination
import Foundation
import SwiftProtobuf

/// What a worker tells the coordinator.
enum WorkerCodec {
    static func body(_ message: WorkerToCoordinator, result: [UInt8]?) -> WireEnvelope.OneOf_Body {
        switch message {
        case .hello(let hello): .workerHello(WireWorkerHello(hello))
        case .started(let grant): .unitStarted(.with { $0.grant = WireUnitGrant(grant) })
        case .progress(let grant, let progress):
            .unitAdvanced(
                .with {
                    $0.grant = WireUnitGrant(grant)
                    $0.done = progress.done
                    $0.total = progress.total
                })
        case .finished(let grant, let outcome): .unitFinished(WireUnitFinished(grant, outcome, result))
        case .returned(let grant, let reason): .unitReturned(WireUnitReturned(grant, reason))
        case .heartbeat(let heartbeat): .workerHeartbeat(WireWorkerHeartbeat(heartbeat))
        case .records(let batch): .records(WireRecordBatch(batch))
        case .fetchRecords(let grant, let first):
            .fetchRecords(
                .with {
                    $0.grant = WireUnitGrant(grant)
                    $0.first = first
                })
        case .goodbye(let session): .workerGoodbye(.with { $0.session = WireId128(session.rawValue) })
        }
    }

    static func read(_ envelope: WireEnvelope) throws(ProtocolError) -> JobsWire.FromWorker {
        switch envelope.body {
        case .workerHello(let wire): return JobsWire.FromWorker(message: .hello(try wire.read()))
        case .unitStarted(let wire): return JobsWire.FromWorker(message: .started(try wire.grant.read()))
        case .unitAdvanced(let wire):
            let progress = UnitProgress(done: wire.done, total: wire.total)
            return JobsWire.FromWorker(message: .progress(try wire.grant.read(), progress))
        case .unitFinished(let wire): return try wire.read()
        case .unitReturned(let wire): return JobsWire.FromWorker(message: .returned(try wire.grant.read(), try wire.reason()))
        case .workerHeartbeat(let wire): return JobsWire.FromWorker(message: .heartbeat(try wire.read()))
        case .records(let wire): return JobsWire.FromWorker(message: .records(try wire.read()))
        case .fetchRecords(let wire):
            return JobsWire.FromWorker(message: .fetchRecords(try wire.grant.read(), from: try RecordCodec.number(wire.first)))
        case .workerGoodbye(let wire): return JobsWire.FromWorker(message: .goodbye(wire.session.session))
        default: throw envelope.unexpected("from a worker")
        }
    }

    static func read(_ held: [WireHeldGrant]) throws(ProtocolError) -> [HeldUnit] {
        try Values.list(held, "held units", limit: ProtocolLimits.grants) { (wire) throws(ProtocolError) in
            HeldUnit(grant: try wire.grant.read(), phase: try HeldUnit.Phase(wire: wire.phase, "the phase of a held unit"))
        }
    }
}

extension WireHeldGrant {
    init(_ held: HeldUnit) {
        self.init()
        grant = WireUnitGrant(held.grant)
        phase = held.phase.wire()
    }
}

extension WireWorkerHello {
    init(_ hello: WorkerHello) {
        self.init()
        worker = Values.cutName(hello.worker.name)
        session = WireId128(hello.session.rawValue)
        workerClass = hello.workerClass.wire()
        executable = WireDigest(hello.executable.digest)
        capacity = UInt32(clamping: hello.capacity)
        memoryBytes = hello.memoryBytes
        if let token = hello.highestToken { highestToken = WireToken(token) }
        sequence = hello.sequence
        held = hello.held.map(WireHeldGrant.init)
        isHalted = hello.isHalted
        start = hello.start
    }

    func read() throws(ProtocolError) -> WorkerHello {
        guard hasSession else { throw .missing("the worker's session") }
        guard hasExecutable else { throw .missing("the hash of the worker's executable") }
        return WorkerHello(
            worker: WorkerID(try Values.name(worker, "the worker's name")), session: session.session,
            workerClass: try WorkerClass(wire: workerClass, "the worker's class"), executable: ExecutableHash(executable.digest),
            capacity: Int(try Values.inRange(capacity, 1...UInt32(ProtocolLimits.capacity), "the worker's capacity")),
            memoryBytes: memoryBytes, highestToken: hasHighestToken ? highestToken.token : nil, sequence: sequence,
            held: try WorkerCodec.read(held), isHalted: isHalted, start: start)
    }
}

extension WireUnitFinished {
    init(_ grant: Grant, _ outcome: UnitOutcome, _ result: [UInt8]?) {
        self.init()
        self.grant = WireUnitGrant(grant)
        switch outcome {
        case .succeeded:
            self.outcome = .succeeded
            self.result = Data(result ?? [])
        case .failed(let failure):
            self.outcome = .failed
            self.failure = failure.code.wire()
            message = Values.cut(failure.message)
        case .canceled: self.outcome = .canceled
        }
    }

    func read() throws(ProtocolError) -> JobsWire.FromWorker {
        let grant = try grant.read()
        switch outcome {
        case .succeeded:
            let bytes = try Values.bytes(result, "a result", limit: ProtocolLimits.resultBytes)
            return JobsWire.FromWorker(message: .finished(grant, .succeeded), result: bytes)
        case .failed:
            let failure = UnitFailure(
                code: try FailureCode(wire: failure, "the code of a failure"),
                message: try Values.text(message, "the message of a failure"))
            return JobsWire.FromWorker(message: .finished(grant, .failed(failure)))
        case .canceled: return JobsWire.FromWorker(message: .finished(grant, .canceled))
        case .unspecified, .UNRECOGNIZED: throw .invalid(what: "the outcome of a unit", value: "\(outcome.rawValue)")
        }
    }
}

extension WireUnitReturned {
    init(_ grant: Grant, _ reason: ReturnReason) {
        self.init()
        self.grant = WireUnitGrant(grant)
        switch reason {
        case .held: why = .held
        case .draining: why = .draining
        case .refused(let refusal): why = refusal.wire()
        }
    }

    func reason() throws(ProtocolError) -> ReturnReason {
        switch why {
        case .held: return .held
        case .draining: return .draining
        default: return .refused(try AssignmentRefusal(wire: why, "the reason of a return"))
        }
    }
}

extension WireWorkerHeartbeat {
    init(_ heartbeat: WorkerHeartbeat) {
        self.init()
        session = WireId128(heartbeat.session.rawValue)
        sequence = heartbeat.sequence
        held = heartbeat.held.map(WireHeldGrant.init)
        health = WireHealth(heartbeat.health)
        isHalted = heartbeat.isHalted
    }

    func read() throws(ProtocolError) -> WorkerHeartbeat {
        WorkerHeartbeat(
            session: session.session, sequence: sequence, held: try WorkerCodec.read(held), health: health.value,
            isHalted: isHalted)
    }
}
