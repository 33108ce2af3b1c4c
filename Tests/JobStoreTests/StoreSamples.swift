import Coordination
import JobStore

/// Values for tests of stores.
enum Sample {
    static let worker = WorkerID("worker-1")
    static let session = SessionID(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10)

    static func address(_ number: UInt64) -> JobAddress {
        JobAddress(Digest256(words: (number &* 0x9e37_79b9_7f4a_7c15, 2, 3, number)))
    }

    static func record(
        _ id: Int64, address: UInt64? = nil, units: UInt64 = 1, kind: JobKind = .backtest, group: String = "farm",
        submission: UInt128 = 7, index: Int = 0, state: JobState = .queued
    ) -> JobRecord {
        let job = NewJob(
            address: Self.address(address ?? UInt64(id)), kind: kind, group: group, priority: -3, combinationCount: units * 10,
            sliceSize: 10, maxAttempts: 3, fresh: id % 2 == 0, memoryEstimate: id % 3 == 0 ? nil : .max,
            expiresAtMilliseconds: id % 3 == 0 ? nil : 99)
        return JobRecord(
            id: JobID(id), submission: SubmissionID(submission), submissionIndex: index, job: job, state: state,
            submittedAtMilliseconds: 1_000 + id)
    }

    static func grant(_ job: Int64, _ unit: UInt64 = 0, token: UInt64, incarnation: UInt64 = 1) -> Grant {
        Grant(
            unit: UnitID(job: JobID(job), index: unit), token: FencingToken(incarnation: incarnation, counter: token))
    }

    static func dispatch(_ grant: Grant, attempt: Int = 1, session: SessionID = Sample.session) -> UnitDispatch {
        UnitDispatch(grant: grant, attempt: attempt, worker: worker, session: session, dispatchedAtMilliseconds: 2_000)
    }

    static func finished(_ grant: Grant, _ outcome: UnitOutcome = .succeeded) -> StoreChange {
        .unitFinished(grant, outcome, wallMilliseconds: 3_000)
    }

    static func state(_ job: Int64, _ state: JobState, _ reason: StateReason.Code = .completed, at time: Int64 = 4_000)
        -> StoreChange
    { .jobStateChanged(JobID(job), state, StateReason(reason), wallMilliseconds: time) }

    static let failure = UnitFailure(code: .strategyError, message: "no such column: \"ema\"")
}

/// Payloads and results that say which job or grant they belong to.
struct SampleBytes: JobBytes {
    func payload(of record: JobRecord) -> [UInt8]? { Array("payload \(record.id)".utf8) }
    func result(of grant: Grant) -> [UInt8]? { Array("result \(grant.unit) \(grant.token)".utf8) }
}

extension JobStore {
    func commit(_ changes: StoreChange...) throws { try commit(changes, bytes: SampleBytes()) }

    /// Everything that a store shows of a range of jobs.
    func contents(_ ids: ClosedRange<Int64>) throws -> [String] {
        try ids.flatMap { id -> [String] in
            let job = JobID(id)
            return [
                "\(String(describing: storedJob(job)))", "\(String(describing: try detail(of: job, attemptLimit: 1_000)))",
                "\(try results(of: job, from: 0, limit: 1_000, byteLimit: .max))", "\(try stateLog(of: job))",
                "\(try lateReports(of: job, limit: 100))", "\(String(describing: try payload(of: job)))",
            ]
        } + ["\(try counts().sorted { $0.key.rawValue < $1.key.rawValue })", "\(try jobs(matching: JobFilter()))"]
    }
}

/// A small deterministic generator; the seed is printed by tests that fail.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
