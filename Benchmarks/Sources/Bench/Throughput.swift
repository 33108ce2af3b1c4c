import Foundation

/// How many jobs a second the fleet does that do nothing: the coordinator is the real process, two load workers answer each
/// assignment at once, a client keeps a thousand or two in flight.
enum Throughput {
    private static let batch = 500
    private static let inFlight = 2000
    /// What each worker holds at most.
    private static let credit = 32

    struct Measured {
        var rate: Double
        /// Processor seconds a job of the coordinator, or of the C program's ROUTER.
        var processor: Double
        /// The same of the two workers and the client.
        var generator = 0.0
    }

    static func rows(_ options: Options, durable: Bool) throws -> [Row] {
        let jobs = durable ? 60_000 : 100_000
        var ours: [Measured] = []
        var limits: [Measured] = []
        // In turn, so that both meet the same load and the same disk.
        for _ in 0..<options.rounds {
            limits.append(try reference(options, durable: durable, jobs: durable ? 60_000 : 200_000))
            ours.append(try measure(options, durable: durable, jobs: jobs))
        }
        let rate = ours.map(\.rate).median
        let limit = limits.map(\.rate).median
        let target = durable ? 20_000.0 : 60_000.0
        var row = Row("no-op jobs, 2 workers, \(durable ? "committed" : "volatile")", rate, "jobs/s")
        row.limit = limit
        row.target = durable ? ">= 20,000 and 40 % of C" : ">= 60,000"
        row.met = rate >= target && (!durable || rate >= 0.4 * limit)
        row.note =
            "CPU a job: coordinator \(Text.decimals(ours.map(\.processor).median * 1e6, 1)) us, C "
            + "\(Text.decimals(limits.map(\.processor).median * 1e6, 1)) us, our workers and client "
            + "\(Text.decimals(ours.map(\.generator).median * 1e6, 1)) us; best \(Text.whole(ours.map(\.rate).max() ?? 0)), C "
            + Text.whole(limits.map(\.rate).max() ?? 0)
        return [row]
    }

    private static func reference(_ options: Options, durable: Bool, jobs: Int) throws -> Measured {
        let folder = try Fleet.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let found = try Command.reference(options, "orchestrator", [durable ? "durable" : "volatile", "\(jobs)", folder])
        return Measured(
            rate: found["jobs_per_second"] ?? .nan, processor: (found["cpu_seconds"] ?? .nan) / Double(jobs))
    }

    static func measure(_ options: Options, durable: Bool, jobs: Int) throws -> Measured {
        let fleet = try Fleet(options)
        defer { fleet.end() }
        let coordinator = try fleet.startCore(durable: durable)
        let target = try LoadTarget(fleet)
        let workers = LoadWorkers()
        defer { workers.end() }
        workers.start(2, capacity: credit, on: target)
        let counts = workers.counts
        try counts.wait("both workers are welcomed") { counts.welcomedWorkers == 2 }
        // The first jobs wait until the monitor has spoken; they also warm everything up.
        var client = try LoadClient(target)
        try run(&client, 2000, counts)
        let before = (Machine.processorTime(coordinator), Machine.processorTime(getpid()))
        let start = Machine.now
        try run(&client, jobs, counts)
        let seconds = Machine.now - start
        let after = (Machine.processorTime(coordinator), Machine.processorTime(getpid()))
        return Measured(
            rate: Double(jobs) / seconds, processor: (after.0 - before.0) / Double(jobs),
            generator: (after.1 - before.1) / Double(jobs))
    }

    /// Has so many jobs run, and returns when the results of all are recorded.
    private static func run(_ client: inout LoadClient, _ jobs: Int, _ counts: LoadCounts) throws {
        let before = counts.recordedResults
        var submitted = 0
        var unanswered = 0
        func finished() -> Int { counts.recordedResults - before }
        while submitted < jobs {
            try counts.wait("results of a part of the jobs", every: 100) { submitted - finished() <= inFlight - batch }
            let next = client.jobs(min(batch, jobs - submitted))
            try client.submit(next)
            submitted += next.count
            unanswered += 1
            if unanswered > 2 {
                _ = try client.accepted()
                unanswered -= 1
            }
        }
        for _ in 0..<unanswered { _ = try client.accepted() }
        try counts.wait("the results of all jobs", every: 100) { finished() >= jobs }
    }
}
