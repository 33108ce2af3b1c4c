import Coordination
import JobStore
import Testing

/// What every store keeps of the records of dry-run and live jobs.
@Suite struct `Every job store's records` {
    private func withJobs(_ kind: StoreKind, _ body: (any JobStore) throws -> Void) throws {
        try kind.run { store in
            _ = try store.open()
            try store.commit(
                [.jobInserted(Sample.record(1, kind: .dryRun)), .jobInserted(Sample.record(2, kind: .live))], bytes: SampleBytes()
            )
            try body(store)
        }
    }

    @Test(arguments: StoreKind.allCases) func `are read in their order, a page at a time`(_ kind: StoreKind) throws {
        try withJobs(kind) { store in
            let records: [[UInt8]] = [[1], [], [2, 3], [4, 5, 6]]
            try store.commit(.recordsAdded(JobID(1), first: 1, Array(records[..<2])))
            try store.commit(.recordsAdded(JobID(2), first: 1, [[9]]))
            try store.commit(.recordsAdded(JobID(1), first: 3, Array(records[2...])))
            #expect(try store.records(of: JobID(1), from: 1, limit: 9, byteLimit: 99) == records)
            #expect(try store.records(of: JobID(1), from: 2, limit: 2, byteLimit: 99) == [[], [2, 3]])
            #expect(try store.records(of: JobID(1), from: 3, limit: 9, byteLimit: 2) == [[2, 3]])
            #expect(try store.records(of: JobID(1), from: 4, limit: 9, byteLimit: 1) == [[4, 5, 6]])
            #expect(try store.records(of: JobID(1), from: 5, limit: 9, byteLimit: 99) == [])
            #expect(try store.records(of: JobID(2), from: 1, limit: 9, byteLimit: 99) == [[9]])
            #expect(try store.records(of: JobID(3), from: 1, limit: 9, byteLimit: 99) == [])
            #expect(try store.open().jobs.map(\.recordCount) == [4, 1])
            #expect(store.storedJob(JobID(1))?.recordCount == 4)
        }
    }

    @Test(arguments: StoreKind.allCases) func `never have a gap or a number twice`(_ kind: StoreKind) throws {
        try withJobs(kind) { store in
            try store.commit(.recordsAdded(JobID(1), first: 1, [[1], [2]]))
            // The other change of the same commit is right, and is not kept either.
            for (job, first) in [(1, 4), (1, 2), (1, 1), (2, 1), (2, 3), (7, 1)] {
                #expect(throws: JobStoreError.self) {
                    try store.commit(
                        [
                            .recordsAdded(JobID(2), first: 1, [[5]]),
                            .recordsAdded(JobID(Int64(job)), first: UInt64(first), [[3]]),
                        ],
                        bytes: NoJobBytes())
                }
                #expect(try store.records(of: JobID(1), from: 1, limit: 9, byteLimit: 99) == [[1], [2]])
                #expect(try store.records(of: JobID(2), from: 1, limit: 9, byteLimit: 99) == [])
            }
        }
    }
}
