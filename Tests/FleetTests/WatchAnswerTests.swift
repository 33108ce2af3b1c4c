import Coordination
import FleetProtocol
import JobStore
import Testing

@testable import Fleet

/// What the coordinator answers to somebody who begins to watch.
@Suite struct WatchAnswerTests {
    private let now = Moment(instant: Instant(nanoseconds: 5_000_000_000), wallMilliseconds: 0)

    /// Jobs 1 to `states.count` in these states.
    private func answer(_ query: ClientQuery, states: [JobState]) throws -> QueryAnswer {
        let store = InMemoryJobStore()
        let snapshot = try store.open()
        let submission = SubmissionID(1)
        var changes: [StoreChange] = []
        for (index, state) in states.enumerated() {
            let job = NewJob(
                address: try #require(JobAddress(bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 32))),
                kind: .backtest, group: "g", fresh: true)
            let id = JobID(Int64(index) + 1)
            changes.append(
                .jobInserted(
                    JobRecord(
                        id: id, submission: submission, submissionIndex: index, job: job, state: .queued,
                        submittedAtMilliseconds: 0)))
            guard state != .queued else { continue }
            changes.append(.jobStateChanged(id, state, StateReason(.canceledByClient), wallMilliseconds: 1))
        }
        try store.commit(changes, bytes: CollectedJobBytes(payloads: [submission: states.map { _ in [] }]))
        let instance = CoordinatorInstance(settings: CoordinatorSettings(), snapshot: snapshot, at: now)
        let facts = QueryAnswerer.Facts(fleet: "f", version: "0", startedAt: 2_000_000_000)
        return QueryAnswerer(store: store, instance: instance, facts: facts, live: LiveDesk(isEnabled: false), now: 5_000_000_000)
            .answer(query)
    }

    private func numbers(_ answer: QueryAnswer) -> [Int64]? {
        if case .watching(_, _, let jobs) = answer { jobs.map(\.id.rawValue) } else { nil }
    }

    @Test func `an empty list stands for every job that has not ended`() throws {
        let states: [JobState] = [.queued, .canceled, .running, .failed, .canceling]
        #expect(numbers(try answer(.watch([]), states: states)) == [5, 3, 1])
        #expect(numbers(try answer(.watch([]), states: [])) == [])
        #expect(numbers(try answer(.watch([]), states: [.canceled])) == [])
    }

    @Test func `named jobs come whatever their state, unknown ones are left out`() throws {
        #expect(numbers(try answer(.watch([JobID(2), JobID(9), JobID(1)]), states: [.queued, .canceled])) == [2, 1])
    }

    @Test func `more jobs than an answer holds are refused, not cut off`() throws {
        let many = (1...1001).map { JobID(Int64($0)) }
        let states = [JobState](repeating: .queued, count: 1001)
        for query in [ClientQuery.watch(many), .watch([])] {
            guard case .refused(let refusal) = try answer(query, states: states) else {
                Issue.record("\(query) was answered")
                continue
            }
            #expect(refusal.code == .invalidRequest && refusal.message.contains("1000"))
        }
        #expect(numbers(try answer(.watch([]), states: Array(states.dropLast())))?.count == 1000)
    }

    @Test func `the time since the start is that of the monotonic clock`() throws {
        let answer = try answer(.status, states: [])
        if case .status(let status) = answer {
            #expect(status.uptimeMilliseconds == 3000)
        } else {
            Issue.record("no status: \(answer)")
        }
    }
}
