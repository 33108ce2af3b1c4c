import Coordination
import Foundation
import JobStore
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// What is there after the process was killed.
@Suite struct `A job store whose process is killed` {
    /// Commits jobs 1 to 500 one by one and says so after each; then it dies in the middle of a batch.
    private struct DyingBytes: JobBytes {
        func payload(of record: JobRecord) -> [UInt8]? {
            if record.id == JobID(502) { kill(getpid(), SIGKILL) }
            return [1, 2, 3]
        }
        func result(of grant: Grant) -> [UInt8]? { nil }
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
            try store.commit(
                [.jobInserted(Sample.record(501)), Sample.state(1, .succeeded), .jobInserted(Sample.record(502))],
                bytes: DyingBytes())
        }
        let store = try SQLiteJobStore(path: path)
        let snapshot = try store.open()
        #expect(snapshot.incarnation == 2)
        #expect(snapshot.nextJobID == JobID(501))
        #expect(snapshot.jobs.map(\.record) == (1...500).map { Sample.record($0) })
        #expect(snapshot.jobs.allSatisfy { $0.dispatches.count == 1 })
        #expect(try store.integrityProblems() == [])
        try store.close()
    }
}
