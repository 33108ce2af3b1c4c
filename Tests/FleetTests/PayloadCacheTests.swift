import Coordination
import Testing

@testable import Fleet

@Suite struct PayloadCacheTests {
    @Test func `jobs that are over leave nothing behind`() {
        var cache = PayloadCache(limit: 1 << 20)
        for number in 1...100_000 {
            let job = JobID(Int64(number))
            cache.insert([1, 2, 3], for: job)
            #expect(cache[job] == [1, 2, 3])
            cache.remove(job)
        }
        #expect(cache.orderCount <= 1025)
    }

    @Test func `the oldest goes first, also after the order was put together anew`() {
        var cache = PayloadCache(limit: 4000)
        for number in 1...5000 {
            let job = JobID(Int64(number))
            cache.insert([UInt8](repeating: UInt8(number % 251), count: 1000), for: job)
            #expect(cache[job]?.count == 1000)
            // Every other one ends at once; of the rest the last four are kept.
            if number % 2 == 0 { cache.remove(job) }
            for back in stride(from: 2, through: 6, by: 2) where number % 2 == 1 && number > back {
                #expect(cache[JobID(Int64(number - back))] != nil)
            }
            if number > 12, number % 2 == 1 { #expect(cache[JobID(Int64(number - 10))] == nil) }
        }
        #expect(cache.orderCount <= 1024 + 8)
    }

    @Test func `a job that comes again keeps one place`() {
        var cache = PayloadCache(limit: 1 << 20)
        cache.insert([9], for: JobID(1))
        for _ in 0..<10_000 {
            cache.remove(JobID(2))
            cache.insert([1], for: JobID(2))
        }
        #expect(cache[JobID(1)] == [9] && cache[JobID(2)] == [1])
        #expect(cache.orderCount <= 1030)
    }
}
