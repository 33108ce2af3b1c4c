import Coordination
import Foundation
import SwiftProtobuf

/// What the coordinator tells a worker.
enum CoordinatorCodec {
    static func body(
        _ message: CoordinatorToWorker, payloads: [JobID: [UInt8]], budgets: BudgetSheet?
    ) -> WireEnvelope.OneOf_Body {
        switch message {
        case .welcome(let welcome): .welcome(WireWelcome(welcome, budgets))
        case .whoAreYou: .whoAreYou(WireWhoAreYou())
        case .assign(let batch): .assign(WireAssignmentBatch(batch, payloads, budgets))
        case .cancel(let grant): .cancelUnit(.with { $0.grant = WireUnitGrant(grant) })
        case .recorded(let reports): .recorded(.with { $0.reports = reports.map(WireRecorded.Report.init) })
        case .superseded(let newest): .superseded(.with { $0.newest = WireId128(newest.rawValue) })
        case .rejected(let text): .rejected(.with { $0.message = Values.cut(text) })
        case .drain: .drainWorker(WireDrainWorker())
        case .farewell(let session): .farewell(.with { $0.session = WireId128(session.rawValue) })
        case .heartbeatAck(let ack): .heartbeatAck(WireHeartbeatAck(ack, budgets))
        case .recordsKept(let kept):
            .recordsKept(
                .with {
                    $0.token = WireToken(kept.token)
                    $0.upTo = kept.upTo
                })
        case .storedRecords(let stored): .storedRecords(WireStoredRecords(stored))
        case .resetBreaker(let grant, let by, let reason):
            .resetUnitBreaker(
                .with {
                    $0.grant = WireUnitGrant(grant)
                    $0.by = Values.cutName(by)
                    $0.reason = Values.cut(reason)
                })
        }
    }

    static func read(_ envelope: WireEnvelope) throws(ProtocolError) -> JobsWire.FromCoordinator {
        switch envelope.body {
        case .assign(let wire): return try wire.read()
        case .welcome(let wire):
            return JobsWire.FromCoordinator(
                message: .welcome(try wire.read()), budgets: wire.hasBudgets ? try wire.budgets.read() : nil)
        case .whoAreYou: return JobsWire.FromCoordinator(message: .whoAreYou)
        case .cancelUnit(let wire): return JobsWire.FromCoordinator(message: .cancel(try wire.grant.read()))
        case .recorded(let wire):
            try Values.count(wire.reports.count, "the number of recorded reports", limit: ProtocolLimits.grants)
            return JobsWire.FromCoordinator(message: .recorded(wire.reports.map(\.value)))
        case .superseded(let wire): return JobsWire.FromCoordinator(message: .superseded(by: wire.newest.session))
        case .rejected(let wire): return JobsWire.FromCoordinator(message: .rejected(try Values.text(wire.message, "a reason")))
        case .drainWorker: return JobsWire.FromCoordinator(message: .drain)
        case .farewell(let wire): return JobsWire.FromCoordinator(message: .farewell(wire.session.session))
        case .heartbeatAck(let wire):
            return JobsWire.FromCoordinator(
                message: .heartbeatAck(try wire.read()), budgets: wire.hasBudgets ? try wire.budgets.read() : nil)
        case .recordsKept(let wire):
            guard wire.hasToken else { throw .missing("the token of kept records") }
            return JobsWire.FromCoordinator(message: .recordsKept(RecordsKept(token: wire.token.token, upTo: wire.upTo)))
        case .storedRecords(let wire): return JobsWire.FromCoordinator(message: .storedRecords(try wire.read()))
        case .resetUnitBreaker(let wire):
            let by = try Values.name(wire.by, "the name of who resets")
            let reason = try Values.text(wire.reason, "a reason")
            return JobsWire.FromCoordinator(message: .resetBreaker(try wire.grant.read(), by: by, reason: reason))
        default: throw envelope.unexpected("from the coordinator")
        }
    }

    static func read(_ tokens: [WireToken]) throws(ProtocolError) -> [FencingToken] {
        try Values.count(tokens.count, "the number of tokens", limit: ProtocolLimits.grants)
        return tokens.map(\.token)
    }
}

extension WireWelcome {
    init(_ welcome: Welcome, _ sheet: BudgetSheet?) {
        self.init()
        session = WireId128(welcome.session.rawValue)
        incarnation = welcome.incarnation
        heartbeatNanoseconds = Values.nanoseconds(welcome.heartbeatInterval)
        workerLeaseNanoseconds = Values.nanoseconds(welcome.workerLease)
        liveLeaseNanoseconds = Values.nanoseconds(welcome.liveLease)
        sequence = welcome.sequence
        renewed = welcome.renewed.map(WireToken.init)
        revoked = welcome.revoked.map(WireToken.init)
        executableMatches = welcome.executableMatches
        if let sheet { budgets = WireBudgetSheet(sheet) }
    }

    func read() throws(ProtocolError) -> Welcome {
        // A worker that was told to send heartbeats without a pause would do nothing else.
        let interval = try Values.inRange(heartbeatNanoseconds, 1_000_000...ProtocolLimits.nanoseconds, "the heartbeat interval")
        return Welcome(
            session: session.session, incarnation: incarnation,
            heartbeatInterval: try Values.duration(interval, "the heartbeat interval"),
            workerLease: try Values.duration(workerLeaseNanoseconds, "the worker lease"),
            liveLease: try Values.duration(liveLeaseNanoseconds, "the live lease"), sequence: sequence,
            renewed: try CoordinatorCodec.read(renewed), revoked: try CoordinatorCodec.read(revoked),
            executableMatches: executableMatches)
    }
}

extension WireAssignmentBatch {
    init(_ batch: AssignmentBatch, _ payloads: [JobID: [UInt8]], _ sheet: BudgetSheet?) {
        self.init()
        if let sheet { budgets = WireBudgetSheet(sheet) }
        session = WireId128(batch.session.rawValue)
        basis = batch.basis
        assignments = batch.assignments.map(WireAssignment.init)
        // In the order of the assignments, so that the same batch always has the same bytes.
        var written: Set<JobID> = []
        for assignment in batch.assignments {
            let job = assignment.grant.unit.job
            guard let payload = payloads[job], batch.assignments.count == 1 || written.insert(job).inserted else { continue }
            self.payloads.append(
                .with {
                    $0.job = job.rawValue
                    $0.payload = Data(payload)
                })
        }
    }

    func read() throws(ProtocolError) -> JobsWire.FromCoordinator {
        let assignments = try Values.list(assignments, "assignments", limit: ProtocolLimits.grants) {
            (wire) throws(ProtocolError) in try wire.read()
        }
        try Values.count(payloads.count, "the number of payloads", limit: ProtocolLimits.grants)
        var found: [JobID: [UInt8]] = [:]
        for wire in payloads {
            found[try Values.job(wire.job)] = try Values.bytes(wire.payload, "a payload", limit: ProtocolLimits.payloadBytes)
        }
        let batch = AssignmentBatch(session: session.session, basis: basis, assignments: assignments)
        return JobsWire.FromCoordinator(
            message: .assign(batch), payloads: found, budgets: hasBudgets ? try budgets.read() : nil)
    }
}

extension WireAssignment {
    init(_ assignment: Assignment) {
        self.init()
        grant = WireUnitGrant(assignment.grant)
        attempt = UInt32(clamping: assignment.attempt)
        kind = assignment.kind.wire()
        address = WireDigest(assignment.address.digest)
        firstCombination = assignment.combinations.lowerBound
        combinationCount = UInt64(assignment.combinations.count)
        if let memory = assignment.memoryEstimate { memoryEstimate = memory }
        leaseNanoseconds = Values.nanoseconds(assignment.lease)
        records = assignment.recordCount
    }

    func read() throws(ProtocolError) -> Assignment {
        let first = try Values.inRange(firstCombination, 0...ProtocolLimits.combinations, "the first combination")
        let count = try Values.inRange(combinationCount, 1...ProtocolLimits.combinations, "the number of combinations")
        return Assignment(
            grant: try grant.read(), attempt: Int(try Values.inRange(attempt, 1...UInt32(Int32.max), "the attempt")),
            kind: try JobKind(wire: kind, "a job's kind"), address: JobAddress(address.digest),
            combinations: first..<first + count,
            memoryEstimate: hasMemoryEstimate ? memoryEstimate : nil, lease: try Values.duration(leaseNanoseconds, "a lease"),
            recordCount: try Values.inRange(records, 0...ProtocolLimits.combinations, "the number of records"))
    }
}

extension WireRecorded.Report {
    init(_ report: RecordedReport) {
        self.init()
        incarnation = report.token.incarnation
        counter = report.token.counter
        accepted = report.accepted
    }
    var value: RecordedReport {
        RecordedReport(token: FencingToken(incarnation: incarnation, counter: counter), accepted: accepted)
    }
}

extension WireHeartbeatAck {
    init(_ ack: HeartbeatAck, _ sheet: BudgetSheet?) {
        self.init()
        if let sheet { budgets = WireBudgetSheet(sheet) }
        session = WireId128(ack.session.rawValue)
        sequence = ack.sequence
        renewed = ack.renewed.map(WireToken.init)
        revoked = ack.revoked.map(WireToken.init)
    }

    func read() throws(ProtocolError) -> HeartbeatAck {
        HeartbeatAck(
            session: session.session, sequence: sequence, renewed: try CoordinatorCodec.read(renewed),
            revoked: try CoordinatorCodec.read(revoked))
    }
}

extension WireEnvelope {
    /// The error for a message that has no place where it came.
    func unexpected(_ here: String) -> ProtocolError {
        switch body {
        case .fault(let fault): return .refusedByPeer(Values.cut(fault.message))
        case nil: return .malformed("it has no body that this program knows")
        case .some(let body):
            let name = Mirror(reflecting: body).children.first?.label ?? "?"
            return .unexpected(message: name, here: here)
        }
    }
}
