import Coordination
import Foundation
import SwiftProtobuf

/// What clients ask of the coordinator.
enum ClientCodec {
    static func body(_ request: ClientRequest, _ payloads: [[UInt8]]) -> WireEnvelope.OneOf_Body {
        switch request {
        case .submit(let id, let jobs): .submit(WireSubmit(id, jobs, payloads))
        case .cancel(let job): .cancelJob(.with { $0.job = job.rawValue })
        case .retry(let job): .retryJob(.with { $0.job = job.rawValue })
        case .declareDead(let job, let by, let reason):
            .declareDead(
                .with {
                    $0.job = job.rawValue
                    $0.by = Values.cutName(by)
                    $0.reason = Values.cut(reason)
                })
        case .resetBreaker(let job, let by, let reason):
            .resetBreaker(
                .with {
                    $0.job = job.rawValue
                    $0.by = Values.cutName(by)
                    $0.reason = Values.cut(reason)
                })
        case .workerDied(let session, let proof): .workerProcessDied(WireWorkerProcessDied(session, proof))
        case .confirmLive(let by): .confirmLive(.with { $0.by = Values.cutName(by) })
        case .drain(let worker): .drain(.with { wire in if let worker { wire.worker = Values.cutName(worker.name) } })
        }
    }

    static func body(_ query: ClientQuery) -> WireEnvelope.OneOf_Body {
        switch query {
        case .list(let filter): .listJobs(WireListJobs(filter))
        case .show(let job): .showJob(.with { $0.job = job.rawValue })
        case .status: .getStatus(WireGetStatus())
        case .portfolio: .getPortfolio(WireGetPortfolio())
        case .watch(let jobs): .watch(.with { $0.jobs = jobs.map(\.rawValue) })
        case .results(let job, let unit):
            .getResults(
                .with {
                    $0.job = job.rawValue
                    $0.fromUnit = unit
                })
        case .records(let job, let first):
            .getRecords(
                .with {
                    $0.job = job.rawValue
                    $0.from = first
                })
        case .backup(let path): .backup(.with { $0.path = path })
        }
    }

    static func read(_ envelope: WireEnvelope) throws(ProtocolError) -> ControlWire.Inbound.Content {
        switch envelope.body {
        case .submit(let wire): return try wire.read()
        case .cancelJob(let wire): return .request(.cancel(try Values.job(wire.job)), [])
        case .retryJob(let wire): return .request(.retry(try Values.job(wire.job)), [])
        case .declareDead(let wire):
            let by = try Values.name(wire.by, "the name of who declares")
            return .request(.declareDead(try Values.job(wire.job), by: by, reason: try Values.text(wire.reason, "a reason")), [])
        case .resetBreaker(let wire):
            let by = try Values.name(wire.by, "the name of who resets")
            return .request(.resetBreaker(try Values.job(wire.job), by: by, reason: try Values.text(wire.reason, "a reason")), [])
        case .workerProcessDied(let wire): return .request(.workerDied(wire.session.session, try wire.proof()), [])
        case .confirmLive(let wire): return .request(.confirmLive(by: try Values.name(wire.by, "the name of who confirms")), [])
        case .drain(let wire):
            let worker = wire.hasWorker ? WorkerID(try Values.name(wire.worker, "the worker's name")) : nil
            return .request(.drain(worker), [])
        default: return .query(try readQuery(envelope))
        }
    }

    private static func readQuery(_ envelope: WireEnvelope) throws(ProtocolError) -> ClientQuery {
        switch envelope.body {
        case .listJobs(let wire): return .list(try wire.read())
        case .showJob(let wire): return .show(try Values.job(wire.job))
        case .getStatus: return .status
        case .getPortfolio: return .portfolio
        case .watch(let wire):
            return .watch(try Values.list(wire.jobs, "jobs", limit: ProtocolLimits.jobs, Values.job))
        case .getResults(let wire): return .results(try Values.job(wire.job), from: wire.fromUnit)
        case .getRecords(let wire):
            let first = try Values.inRange(wire.from, 1...ProtocolLimits.combinations, "the number of the first record")
            return .records(try Values.job(wire.job), from: first)
        case .backup(let wire):
            guard !wire.path.isEmpty else { throw .missing("the path of a copy") }
            return .backup(to: try Values.text(wire.path, "the path of a copy", limit: ProtocolLimits.pathBytes))
        default: throw envelope.unexpected("from a client")
        }
    }
}

extension WireSubmit {
    init(_ id: SubmissionID, _ jobs: [NewJob], _ payloads: [[UInt8]]) {
        self.init()
        submission = WireId128(id.rawValue)
        self.jobs = jobs.enumerated().map { place, job in
            WireNewJob(job, payloads.indices.contains(place) ? payloads[place] : [])
        }
    }

    func read() throws(ProtocolError) -> ControlWire.Inbound.Content {
        guard hasSubmission else { throw .missing("the id of the submission") }
        let jobs = try Values.list(jobs, "jobs", limit: ProtocolLimits.jobs) { (wire) throws(ProtocolError) in try wire.read() }
        let payloads = try Values.list(self.jobs, "jobs", limit: ProtocolLimits.jobs) { (wire) throws(ProtocolError) in
            try Values.bytes(wire.payload, "a payload", limit: ProtocolLimits.payloadBytes)
        }
        return .request(.submit(SubmissionID(submission.value), jobs), payloads)
    }
}

extension WireNewJob {
    init(_ job: NewJob, _ payload: [UInt8]) {
        self.init()
        address = WireDigest(job.address.digest)
        kind = job.kind.wire()
        group = Values.cutName(job.group)
        priority = Int32(clamping: job.priority)
        combinationCount = job.combinationCount
        sliceSize = job.sliceSize
        maxAttempts = UInt32(clamping: job.maxAttempts)
        fresh = job.fresh
        if let memory = job.memoryEstimate { memoryEstimate = memory }
        if let expiry = job.expiresAtMilliseconds { expiresAtMilliseconds = expiry }
        self.payload = Data(payload)
    }

    func read() throws(ProtocolError) -> NewJob {
        guard hasAddress else { throw .missing("a job's address") }
        return NewJob(
            address: JobAddress(address.digest), kind: try JobKind(wire: kind, "a job's kind"),
            group: try Values.name(group, "a job's group", allowEmpty: true),
            priority: Int(try Values.inRange(priority, -100...100, "a job's priority")),
            combinationCount: try Values.inRange(combinationCount, 1...ProtocolLimits.combinations, "a job's combinations"),
            sliceSize: try Values.inRange(sliceSize, 1...ProtocolLimits.combinations, "a job's slice size"),
            maxAttempts: Int(try Values.inRange(maxAttempts, 1...100, "a job's attempts")), fresh: fresh,
            memoryEstimate: hasMemoryEstimate ? memoryEstimate : nil,
            expiresAtMilliseconds: hasExpiresAtMilliseconds ? expiresAtMilliseconds : nil)
    }
}

extension WireWorkerProcessDied {
    init(_ session: SessionID, _ proof: DeathProof) {
        self.init()
        self.session = WireId128(session.rawValue)
        supervisor = Values.cutName(proof.supervisor)
        if let status = proof.exitStatus { exitStatus = status }
        if let number = proof.signal { signal = number }
        outOfMemory = proof.outOfMemory
    }

    func proof() throws(ProtocolError) -> DeathProof {
        DeathProof(
            supervisor: try Values.name(supervisor, "the supervisor's name"), exitStatus: hasExitStatus ? exitStatus : nil,
            signal: hasSignal ? signal : nil, outOfMemory: outOfMemory)
    }
}

extension WireListJobs {
    init(_ filter: JobFilter) {
        self.init()
        states = filter.states.map { $0.wire() }
        kinds = filter.kinds.map { $0.wire() }
        if let name = filter.group { group = Values.cutName(name) }
        if let id = filter.before { before = id.rawValue }
        limit = UInt32(clamping: filter.limit)
    }

    func read() throws(ProtocolError) -> JobFilter {
        let states = try Values.list(states, "states", limit: 100) { (wire) throws(ProtocolError) in
            try JobState(wire: wire, "a job's state")
        }
        let kinds = try Values.list(kinds, "kinds", limit: 100) { (wire) throws(ProtocolError) in
            try JobKind(wire: wire, "a job's kind")
        }
        return JobFilter(
            states: states, kinds: kinds, group: hasGroup ? try Values.name(group, "a group", allowEmpty: true) : nil,
            before: hasBefore ? JobID(before) : nil, limit: Int(try Values.inRange(limit, 1...10_000, "the limit of a list")))
    }
}
