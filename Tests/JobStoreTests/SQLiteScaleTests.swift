import Coordination
import JobStore
import Testing

/// What only shows with many rows.
@Suite struct `A durable store with many rows` {
    @Test func `finds every address before and after its keys were moved`() throws {
        try withFolder { folder in
            let path = folder + "/jobs.sqlite"
            var store = try SQLiteJobStore(path: path, durability: .volatile)
            _ = try store.open()
            // Every third address shares its first 64 bits with another one, every fifth is that of an older job.
            let count: Int64 = 20_000
            func address(_ id: Int64) -> JobAddress {
                let number = UInt64(id % 5 == 0 ? id / 5 : id)
                let first = number % 3 == 0 ? number / 2 : number
                return JobAddress(Digest256(words: (first &* 0x9e37_79b9_7f4a_7c15, number, 0, 1)))
            }
            var newest: [JobAddress: JobID] = [:]
            for start in stride(from: Int64(1), through: count, by: 500) {
                var changes: [StoreChange] = []
                for id in start..<start + 500 {
                    var record = Sample.record(id)
                    record.job.address = address(id)
                    changes.append(.jobInserted(record))
                    guard id % 7 != 0 else { continue }
                    changes.append(Sample.state(id, .succeeded))
                    newest[address(id)] = JobID(id)
                }
                try store.commit(changes, bytes: SampleBytes())
            }
            for round in 0..<2 {
                for id in stride(from: Int64(1), through: count, by: 3) {
                    #expect(store.succeededJob(at: address(id)) == newest[address(id)], "job \(id), round \(round)")
                }
                try store.close()
                store = try SQLiteJobStore(path: path, durability: .volatile)
                #expect(try store.open().jobs.count == Int(count) / 7)
            }
            // An end that is taken back is not found any more, wherever its key is by now.
            for id in [Int64(4_003), count - 1] {
                try store.commit(.jobRetried(JobID(id), wallMilliseconds: 1))
                #expect(store.succeededJob(at: address(id)) == nil)
            }
            try store.close()
        }
    }

    @Test func `rebuilds the completed units of a large sweep`() throws {
        try withFolder { folder in
            let path = folder + "/jobs.sqlite"
            var store = try SQLiteJobStore(path: path, durability: .volatile)
            _ = try store.open()
            let units: UInt64 = 20_000
            try store.commit(.jobInserted(Sample.record(1, units: 1_000_000)))
            var generator = SplitMix64(seed: 0x5eed)
            var expected = RangeSet<UInt64>()
            var failed = RangeSet<UInt64>()
            for start in stride(from: UInt64(0), to: units, by: 1_000) {
                var changes: [StoreChange] = []
                for unit in start..<start + 1_000 {
                    let grant = Sample.grant(1, unit, token: unit)
                    changes.append(.unitDispatched(Sample.dispatch(grant)))
                    let isGood = UInt64.random(in: 0..<10, using: &generator) > 0
                    changes.append(Sample.finished(grant, isGood ? .succeeded : .failed(Sample.failure)))
                    if isGood {
                        expected.insert(contentsOf: unit..<unit + 1)
                    } else {
                        failed.insert(contentsOf: unit..<unit + 1)
                    }
                }
                try store.commit(changes, bytes: SampleBytes())
            }
            try store.close()
            store = try SQLiteJobStore(path: path)
            let job = try #require(try store.open().jobs.first)
            #expect(job.completedUnits == expected && job.failedUnits == failed, "seed 0x5eed")
            let line = try #require(try store.jobs(matching: JobFilter()).first)
            #expect(line.completedUnits + line.failedUnits == units)
            try store.close()
        }
    }
}
