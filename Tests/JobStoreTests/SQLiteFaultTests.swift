import Coordination
import Foundation
import GRDB
import JobStore
import Testing

/// What the durable store does about files that are not as it left them.
@Suite struct `The file of a job store` {
    /// The code of the error with which the store at a path cannot be used; nil: it can.
    private func code(_ path: String) -> JobStoreError.Code? {
        do throws(JobStoreError) {
            let store = try SQLiteJobStore(path: path)
            _ = try store.open()
            try store.close()
            return nil
        } catch {
            #expect(error.description.contains(path), "the error does not name the file: \(error)")
            return error.code
        }
    }

    private func raw(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    /// A store with `count` finished jobs.
    private func fill(_ path: String, _ count: Int64 = 60) throws {
        let store = try SQLiteJobStore(path: path)
        _ = try store.open()
        for id in 1...count {
            let grant = Sample.grant(id, token: UInt64(id))
            try store.commit(
                .jobInserted(Sample.record(id)), .unitDispatched(Sample.dispatch(grant)), Sample.finished(grant),
                Sample.state(id, id % 2 == 0 ? .succeeded : .running))
        }
        try store.close()
    }

    @Test func `keeps everything over a close`() throws {
        try withFolder { folder in
            try fill(folder + "/jobs.sqlite")
            let store = try SQLiteJobStore(path: folder + "/jobs.sqlite")
            let snapshot = try store.open()
            #expect(snapshot.incarnation == 2 && snapshot.nextJobID == JobID(61) && snapshot.jobs.count == 30)
            #expect(try store.integrityProblems() == [])
            #expect(try store.counts() == [.succeeded: 30, .running: 30])
            #expect(try store.results(of: JobID(60), from: 0, limit: 1, byteLimit: 1).count == 1)
            try store.close()
            #expect(throws: JobStoreError.self) { try store.commit(Sample.state(1, .failed)) }
        }
    }

    @Test func `is refused where it cannot be written`() throws {
        #expect(code("/proc/pragma-jobs.sqlite") == .notWritable)
        #expect(code("/nowhere/at/all/jobs.sqlite") == .notWritable)
        try withFolder { folder in #expect(code(folder) == .notWritable) }
    }

    @Test func `is refused when it is no database`() throws {
        try withFolder { folder in
            let path = folder + "/jobs.sqlite"
            try Data(repeating: 0x41, count: 10_000).write(to: URL(fileURLWithPath: path))
            #expect(code(path) == .damaged)
        }
    }

    @Test func `is refused when it belongs to another program`() throws {
        try withFolder { folder in
            try raw(folder + "/tables.sqlite", "CREATE TABLE trades(id INTEGER)")
            #expect(code(folder + "/tables.sqlite") == .notAJobStore)
            try raw(folder + "/id.sqlite", "PRAGMA application_id = 12")
            #expect(code(folder + "/id.sqlite") == .notAJobStore)
        }
    }

    @Test func `is refused when a newer program made it, and the error names both versions`() throws {
        try withFolder { folder in
            let path = folder + "/jobs.sqlite"
            try fill(path, 1)
            try raw(path, "PRAGMA user_version = 7")
            #expect(code(path) == .newerVersion(found: 7, supported: 4))
            let error = #expect(throws: JobStoreError.self) { try SQLiteJobStore(path: path) }
            #expect(error?.description.contains("layout version 7") == true)
            #expect(error?.description.contains("up to 4") == true)
        }
    }

    @Test func `is refused to a second process`() throws {
        try withFolder { folder in
            let store = try SQLiteJobStore(path: folder + "/jobs.sqlite")
            _ = try store.open()
            #expect(code(folder + "/jobs.sqlite") == .inUse)
            try store.commit(.jobInserted(Sample.record(1)))
            try store.close()
            #expect(code(folder + "/jobs.sqlite") == nil)
        }
    }

    @Test func `gives a typed error for damage at any place`() throws {
        try withFolder { folder in
            let path = folder + "/jobs.sqlite"
            try fill(path)
            let sound = try Data(contentsOf: URL(fileURLWithPath: path))
            var generator = SplitMix64(seed: 0xda3a_9ed0)
            var refused = 0
            for round in 0..<120 {
                var bytes = sound
                if round % 4 == 0 {
                    bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator))
                } else {
                    let start = Int.random(in: 0..<bytes.count - 4_096, using: &generator)
                    for offset in start..<start + (round % 2 == 0 ? 4_096 : 8) {
                        bytes[offset] = UInt8.random(in: 0...255, using: &generator)
                    }
                }
                try bytes.write(to: URL(fileURLWithPath: path))
                if try readsWrong(path) { refused += 1 }
            }
            print("damaged files: 120, of which \(refused) gave an error")
            #expect(refused > 40)
        }
    }

    /// Opens the file and asks everything of it; true: a typed error came. Any other error fails the test.
    private func readsWrong(_ path: String) throws -> Bool {
        do {
            let store = try SQLiteJobStore(path: path)
            _ = try store.open()
            _ = try store.contents(1...60)
            let problems = try store.integrityProblems()
            try store.commit(.jobInserted(Sample.record(5_000)))
            try store.close()
            return !problems.isEmpty
        } catch is JobStoreError {
            return true
        }
    }

    @Test func `survives a full disk without a trace of what did not fit`() throws {
        try withFolder { folder in
            let store = try SQLiteJobStore(path: folder + "/jobs.sqlite")
            _ = try store.open()
            try store.limitPages(to: 150)
            var stored: Int64 = 0
            func storeTwo() throws {
                let jobs = [Sample.record(stored + 1), Sample.record(100_000 + stored)]
                try store.commit(jobs.map { .jobInserted($0) }, bytes: LargeBytes())
                stored += 1
            }
            let error = #expect(throws: JobStoreError.self) {
                while stored < 100_000 { try storeTwo() }
            }
            #expect(error?.code == .diskFull)
            #expect(stored > 5)
            for _ in 0..<3 { #expect(throws: JobStoreError.self) { try storeTwo() } }
            #expect(store.storedJob(JobID(stored + 1)) == nil)
            #expect(try store.counts() == [.queued: Int(stored) * 2])
            try store.limitPages(to: 1_000_000)
            try storeTwo()
            #expect(try store.counts() == [.queued: Int(stored) * 2])
            #expect(try store.integrityProblems() == [])
            try store.close()
        }
    }

    struct LargeBytes: JobBytes {
        func payload(of record: JobRecord) -> [UInt8]? { Array(repeating: 7, count: 20_000) }
        func result(of grant: Grant) -> [UInt8]? { nil }
    }
}
