import Coordination
import Foundation
import JobStore
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// What is there after the process was killed.
@Suite struct `A job store whose process is killed` {
    /// Job 502 kills the process in the middle of a batch.
    private struct DyingBytes: JobBytes {
        func payload(of record: JobRecord) -> [UInt8]? {
            if record.id == JobID(502) { kill(getpid(), SIGKILL) }
            return [1, 2, 3]
        }
        func result(of grant: Grant) -> [UInt8]? { [4] }
    }

    @Test func `holds what was committed and nothing of what was not`() async throws {
        let folder = NSTemporaryDirectory() + "pragma-crash-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/jobs.sqlite"
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try SQLiteJobStore(path: path)
            _ = try store.open()
            for id in Int64(1)...500 {
                try store.commit(.jobInserted(Sample.record(id)), .unitDispatched(Sample.dispatch(Sample.grant(id, token: 1))))
            }
            for id in Int64(1)...100 {
                let outcome: UnitOutcome = id % 10 == 0 ? .failed(Sample.failure) : .succeeded
                try store.commit(
                    Sample.finished(Sample.grant(id, token: 1), outcome), Sample.state(id, id % 10 == 0 ? .failed : .succeeded))
            }
            try store.commit(
                [
                    .jobInserted(Sample.record(501)), Sample.finished(Sample.grant(101, token: 1)), Sample.state(101, .succeeded),
                    .jobInserted(Sample.record(502)),
                ], bytes: DyingBytes())
        }
        let store = try SQLiteJobStore(path: path)
        let snapshot = try store.open()
        #expect(snapshot.incarnation == 2)
        #expect(snapshot.nextJobID == JobID(501))
        #expect(snapshot.jobs.map(\.record) == (101...500).map { Sample.record($0) })
        #expect(snapshot.jobs.allSatisfy { $0.dispatches.count == 1 })
        #expect(try store.counts() == [.queued: 400, .succeeded: 90, .failed: 10])
        for id in Int64(1)...101 {
            let isGood = id % 10 != 0 && id <= 100
            #expect(store.succeededJob(at: Sample.address(UInt64(id))) == (isGood ? JobID(id) : nil))
            #expect(try store.results(of: JobID(id), from: 0, limit: 9, byteLimit: 999).count == (isGood ? 1 : 0))
        }
        #expect(try store.integrityProblems() == [])
        try store.close()
    }
}
