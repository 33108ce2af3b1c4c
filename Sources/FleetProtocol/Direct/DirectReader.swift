import Coordination

/// Reads the frequent messages. Nil means that the generated code has to look at the bytes: because it is another message, because
/// they are not in the usual form, or because something is wrong with them, which that code then explains.
enum DirectReader {
    private static func read<Value>(
        _ bytes: [UInt8]?, _ body: (_ request: UInt64, _ field: UInt64, inout WireCursor) -> Value?
    ) -> Value? {
        guard let bytes, bytes.count <= ProtocolLimits.frameBytes else { return nil }
        return bytes.withUnsafeBytes { buffer in
            var cursor = WireCursor(buffer)
            guard var envelope = cursor.envelope() else { return nil }
            guard let value = body(envelope.request, envelope.field, &envelope.body), envelope.body.isComplete else { return nil }
            return value
        }
    }

    static func workerMessage(_ bytes: [UInt8]?) -> JobsWire.FromWorker? {
        read(bytes) { _, field, body in
            switch field {
            case 17: grant(body.message(1)).map { JobsWire.FromWorker(message: .started($0)) }
            case 19: success(&body)
            default: nil
            }
        }
    }

    static func coordinatorMessage(_ bytes: [UInt8]?) -> JobsWire.FromCoordinator? {
        read(bytes) { _, field, body in
            switch field {
            case 34: assignments(&body)
            case 36: recorded(&body)
            default: nil
            }
        }
    }

    static func inbound(_ bytes: [UInt8]?) -> ControlWire.Inbound? {
        read(bytes) { request, field, body in
            guard field == 48, let content = submission(&body) else { return nil }
            return ControlWire.Inbound(request: RequestID(request), content: content)
        }
    }

    static func outbound(_ bytes: [UInt8]?) -> ControlWire.Outbound? {
        read(bytes) { request, field, body in
            guard field == 64, let jobs = accepted(&body) else { return nil }
            return ControlWire.Outbound(request: RequestID(request), content: .reply(.accepted(jobs)))
        }
    }

    static func event(_ bytes: [UInt8]?) -> JobEvent? {
        read(bytes) { _, field, body in field == 80 ? stateEvent(&body) : nil }
    }

    // MARK: - Parts

    private static func job(_ cursor: inout WireCursor, _ field: UInt8) -> JobID {
        JobID(Int64(truncatingIfNeeded: cursor.number(field, in: 1...UInt64(Int64.max))))
    }

    private static func grant(_ cursor: WireCursor?) -> Grant? {
        guard var cursor else { return nil }
        let unit = UnitID(job: job(&cursor, 1), index: cursor.number(2, in: 0...ProtocolLimits.combinations))
        let token = FencingToken(incarnation: cursor.number(3), counter: cursor.number(4))
        return cursor.isComplete ? Grant(unit: unit, token: token) : nil
    }

    private static func id(_ cursor: WireCursor) -> UInt128? {
        var cursor = cursor
        let high = cursor.fixed(1)
        let low = cursor.fixed(2)
        return cursor.isComplete ? UInt128(high) << 64 | UInt128(low) : nil
    }

    private static func digest(_ cursor: WireCursor) -> Digest256? {
        var cursor = cursor
        let words = (cursor.fixed(1), cursor.fixed(2), cursor.fixed(3), cursor.fixed(4))
        return cursor.isComplete ? Digest256(words: words) : nil
    }

    // MARK: - Bodies

    private static func success(_ body: inout WireCursor) -> JobsWire.FromWorker? {
        guard let grant = grant(body.message(1)), body.number(2) == 1 else { return nil }
        let result = body.bytes(5, limit: ProtocolLimits.resultBytes)
        return JobsWire.FromWorker(message: .finished(grant, .succeeded), result: result)
    }

    private static func assignments(_ body: inout WireCursor) -> JobsWire.FromCoordinator? {
        guard let session = body.message(1), let id = id(session) else { return nil }
        var batch = AssignmentBatch(session: SessionID(id), basis: body.number(2), assignments: [])
        while let cursor = body.message(3) {
            guard batch.assignments.count < ProtocolLimits.grants, let assignment = assignment(cursor) else { return nil }
            batch.assignments.append(assignment)
        }
        var payloads: [JobID: [UInt8]] = [:]
        var count = 0
        payloads.reserveCapacity(batch.assignments.count)
        while var cursor = body.message(4) {
            count += 1
            let job = job(&cursor, 1)
            let payload = cursor.bytes(2, limit: ProtocolLimits.payloadBytes)
            guard count <= ProtocolLimits.grants, cursor.isComplete else { return nil }
            payloads[job] = payload
        }
        return JobsWire.FromCoordinator(message: .assign(batch), payloads: payloads)
    }

    private static func assignment(_ cursor: WireCursor) -> Assignment? {
        var cursor = cursor
        guard let grant = grant(cursor.message(1)) else { return nil }
        let attempt = cursor.number(2, in: 1...UInt64(Int32.max))
        guard let kind: JobKind = cursor.word(3), let address = cursor.message(4), let digest = digest(address)
        else { return nil }
        let first = cursor.number(5, in: 0...ProtocolLimits.combinations)
        let count = cursor.number(6, in: 1...ProtocolLimits.combinations)
        let memory = cursor.optionalNumber(7)
        let lease = cursor.number(8, in: 0...ProtocolLimits.nanoseconds)
        let records = cursor.number(9, in: 0...ProtocolLimits.combinations)
        guard cursor.isComplete else { return nil }
        return Assignment(
            grant: grant, attempt: Int(attempt), kind: kind, address: JobAddress(digest), combinations: first..<first + count,
            memoryEstimate: memory, lease: .nanoseconds(Int64(lease)), recordCount: records)
    }

    private static func recorded(_ body: inout WireCursor) -> JobsWire.FromCoordinator? {
        var reports: [RecordedReport] = []
        while var cursor = body.message(1) {
            let token = FencingToken(incarnation: cursor.number(1), counter: cursor.number(2))
            let accepted = cursor.flag(3)
            guard cursor.isComplete, reports.count < ProtocolLimits.grants else { return nil }
            reports.append(RecordedReport(token: token, accepted: accepted))
        }
        return JobsWire.FromCoordinator(message: .recorded(reports))
    }

    private static func submission(_ body: inout WireCursor) -> ControlWire.Inbound.Content? {
        guard let cursor = body.message(1), let id = id(cursor) else { return nil }
        var jobs: [NewJob] = []
        var payloads: [[UInt8]] = []
        var group = LastText()
        while var cursor = body.message(2) {
            guard jobs.count < ProtocolLimits.jobs, let job = newJob(&cursor, &group) else { return nil }
            let payload = cursor.bytes(11, limit: ProtocolLimits.payloadBytes)
            guard cursor.isComplete else { return nil }
            jobs.append(job)
            payloads.append(payload)
        }
        return .request(.submit(SubmissionID(id), jobs), payloads)
    }

    /// The text of the job before is mostly this one's, too.
    private struct LastText {
        var bytes: UnsafeRawBufferPointer?
        var text = ""
    }

    private static func newJob(_ cursor: inout WireCursor, _ group: inout LastText) -> NewJob? {
        guard let address = cursor.message(1), let digest = digest(address), let kind: JobKind = cursor.word(2)
        else { return nil }
        let name = cursor.raw(3, limit: ProtocolLimits.nameBytes)
        if group.bytes.map({ !$0.elementsEqual(name) }) ?? true {
            guard let text = String(validating: name, as: UTF8.self) else { return nil }
            group = LastText(bytes: name, text: text)
        }
        let zigzag = UInt32(truncatingIfNeeded: cursor.number(4, in: 0...200))
        let combinations = cursor.number(5, in: 1...ProtocolLimits.combinations)
        let slice = cursor.number(6, in: 1...ProtocolLimits.combinations)
        let attempts = cursor.number(7, in: 1...100)
        let fresh = cursor.flag(8)
        let memory = cursor.optionalNumber(9)
        let expiry = cursor.optionalNumber(10)
        return NewJob(
            address: JobAddress(digest), kind: kind, group: group.text,
            priority: Int(Int32(bitPattern: zigzag >> 1) ^ -Int32(bitPattern: zigzag & 1)), combinationCount: combinations,
            sliceSize: slice, maxAttempts: Int(attempts), fresh: fresh, memoryEstimate: memory,
            expiresAtMilliseconds: expiry.map { Int64(truncatingIfNeeded: $0) })
    }

    private static func accepted(_ body: inout WireCursor) -> [AcceptedJob]? {
        var jobs: [AcceptedJob] = []
        while var cursor = body.message(1) {
            let job = AcceptedJob(id: job(&cursor, 1), isExisting: cursor.flag(2))
            guard cursor.isComplete, jobs.count < ProtocolLimits.jobs else { return nil }
            jobs.append(job)
        }
        return jobs
    }

    private static func stateEvent(_ body: inout WireCursor) -> JobEvent? {
        let incarnation = body.number(1)
        let sequence = body.number(2)
        let time = Int64(truncatingIfNeeded: body.number(3))
        guard var change = body.message(4) else { return nil }
        let job = job(&change, 1)
        guard let state: JobState = change.word(2), var cursor = change.message(3), change.isComplete,
            let code: StateReason.Code = cursor.word(1)
        else { return nil }
        let message = cursor.text(2, limit: ProtocolLimits.textBytes)
        guard cursor.isComplete else { return nil }
        return JobEvent(
            incarnation: incarnation, sequence: sequence, wallMilliseconds: time,
            body: .job(job, state, StateReason(code, message)))
    }
}
