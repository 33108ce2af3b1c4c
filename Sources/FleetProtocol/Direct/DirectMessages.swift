import Coordination

// The fields of the frequent messages, in the order of their numbers. See the `.proto` files.

struct DirectGrant: DirectMessage {
    var grant: Grant

    func write(to sink: inout some WireSink) {
        sink.number(1, UInt64(bitPattern: grant.unit.job.rawValue))
        sink.number(2, grant.unit.index)
        sink.number(3, grant.token.incarnation)
        sink.number(4, grant.token.counter)
    }
}

struct DirectId: DirectMessage {
    var value: UInt128

    func write(to sink: inout some WireSink) {
        sink.fixed(1, UInt64(truncatingIfNeeded: value >> 64))
        sink.fixed(2, UInt64(truncatingIfNeeded: value))
    }
}

struct DirectDigest: DirectMessage {
    var digest: Digest256

    func write(to sink: inout some WireSink) {
        sink.fixed(1, digest.words.0)
        sink.fixed(2, digest.words.1)
        sink.fixed(3, digest.words.2)
        sink.fixed(4, digest.words.3)
    }
}

/// Field 17 of the envelope.
struct DirectStarted: DirectMessage {
    var grant: Grant

    func write(to sink: inout some WireSink) { sink.message(1, DirectGrant(grant: grant)) }
}

/// Field 19 of the envelope: a unit that succeeded.
struct DirectSuccess: DirectMessage {
    var grant: Grant
    var result: [UInt8]

    func write(to sink: inout some WireSink) {
        sink.message(1, DirectGrant(grant: grant))
        sink.number(2, 1)
        sink.bytes(5, result)
    }
}

/// Field 34 of the envelope.
struct DirectAssignments: DirectMessage {
    var batch: AssignmentBatch
    /// In the order in which they are written.
    var payloads: [(job: JobID, bytes: [UInt8])]

    /// Each job's payload once, where its first assignment stands.
    init(_ batch: AssignmentBatch, _ payloads: [JobID: [UInt8]]) {
        self.batch = batch
        self.payloads = []
        self.payloads.reserveCapacity(payloads.count)
        var highest: JobID?
        for assignment in batch.assignments {
            let job = assignment.grant.unit.job
            // Jobs mostly come in the order of their ids, so that nothing has to be searched.
            let isNew = highest.map { job > $0 } ?? true
            if isNew { highest = job }
            guard isNew || !self.payloads.contains(where: { $0.job == job }), let payload = payloads[job] else { continue }
            self.payloads.append((job, payload))
        }
    }

    func write(to sink: inout some WireSink) {
        sink.message(1, DirectId(value: batch.session.rawValue))
        sink.number(2, batch.basis)
        for assignment in batch.assignments { sink.message(3, DirectAssignment(assignment: assignment)) }
        for (job, bytes) in payloads { sink.message(4, DirectPayload(job: job, payload: bytes)) }
    }
}

struct DirectAssignment: DirectMessage {
    var assignment: Assignment

    func write(to sink: inout some WireSink) {
        sink.message(1, DirectGrant(grant: assignment.grant))
        sink.number(2, UInt64(UInt32(clamping: assignment.attempt)))
        sink.number(3, UInt64(assignment.kind.wireNumber))
        sink.message(4, DirectDigest(digest: assignment.address.digest))
        sink.number(5, assignment.combinations.lowerBound)
        sink.number(6, UInt64(assignment.combinations.count))
        if let memory = assignment.memoryEstimate { sink.optionalNumber(7, memory) }
        sink.number(8, Values.nanoseconds(assignment.lease))
        sink.number(9, assignment.recordCount)
    }
}

struct DirectPayload: DirectMessage {
    var job: JobID
    var payload: [UInt8]

    func write(to sink: inout some WireSink) {
        sink.number(1, UInt64(bitPattern: job.rawValue))
        sink.bytes(2, payload)
    }
}

/// Field 36 of the envelope.
struct DirectRecorded: DirectMessage {
    var reports: [RecordedReport]

    func write(to sink: inout some WireSink) {
        for report in reports { sink.message(1, DirectReport(report: report)) }
    }
}

struct DirectReport: DirectMessage {
    var report: RecordedReport

    func write(to sink: inout some WireSink) {
        sink.number(1, report.token.incarnation)
        sink.number(2, report.token.counter)
        sink.number(3, report.accepted ? 1 : 0)
    }
}

/// Field 48 of the envelope.
struct DirectSubmission: DirectMessage {
    var id: SubmissionID
    var jobs: [NewJob]
    var payloads: [[UInt8]]

    func write(to sink: inout some WireSink) {
        sink.message(1, DirectId(value: id.rawValue))
        for place in jobs.indices {
            sink.message(2, DirectNewJob(job: jobs[place], payload: place < payloads.count ? payloads[place] : []))
        }
    }
}

struct DirectNewJob: DirectMessage {
    var job: NewJob
    var payload: [UInt8]

    func write(to sink: inout some WireSink) {
        sink.message(1, DirectDigest(digest: job.address.digest))
        sink.number(2, UInt64(job.kind.wireNumber))
        sink.text(3, Values.cutName(job.group))
        let priority = Int32(clamping: job.priority)
        sink.number(4, UInt64(UInt32(bitPattern: priority << 1 ^ priority >> 31)))
        sink.number(5, job.combinationCount)
        sink.number(6, job.sliceSize)
        sink.number(7, UInt64(UInt32(clamping: job.maxAttempts)))
        sink.number(8, job.fresh ? 1 : 0)
        if let memory = job.memoryEstimate { sink.optionalNumber(9, memory) }
        if let expiry = job.expiresAtMilliseconds { sink.optionalNumber(10, UInt64(bitPattern: expiry)) }
        sink.bytes(11, payload)
    }
}

/// Field 64 of the envelope.
struct DirectAccepted: DirectMessage {
    var jobs: [AcceptedJob]

    func write(to sink: inout some WireSink) {
        for job in jobs { sink.message(1, DirectAcceptedJob(job: job)) }
    }
}

struct DirectAcceptedJob: DirectMessage {
    var job: AcceptedJob

    func write(to sink: inout some WireSink) {
        sink.number(1, UInt64(bitPattern: job.id.rawValue))
        sink.number(2, job.isExisting ? 1 : 0)
    }
}

/// Field 80 of the envelope: a job's new state.
struct DirectStateEvent: DirectMessage {
    var event: JobEvent
    var job: JobID
    var state: JobState
    var reason: StateReason

    func write(to sink: inout some WireSink) {
        sink.number(1, event.incarnation)
        sink.number(2, event.sequence)
        sink.number(3, UInt64(bitPattern: event.wallMilliseconds))
        sink.message(4, DirectStateChange(job: job, state: state, reason: reason))
    }
}

struct DirectStateChange: DirectMessage {
    var job: JobID
    var state: JobState
    var reason: StateReason

    func write(to sink: inout some WireSink) {
        sink.number(1, UInt64(bitPattern: job.rawValue))
        sink.number(2, UInt64(state.wireNumber))
        sink.message(3, DirectReason(reason: reason))
    }
}

struct DirectReason: DirectMessage {
    var reason: StateReason

    func write(to sink: inout some WireSink) {
        sink.number(1, UInt64(reason.code.wireNumber))
        sink.text(2, Values.cut(reason.message))
    }
}
