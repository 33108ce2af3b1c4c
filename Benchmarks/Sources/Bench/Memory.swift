import Foundation

/// What the coordinator has in memory.
enum Memory {
    static func rows(_ options: Options) throws -> [Row] {
        let fleet = try Fleet(options)
        defer { fleet.end() }
        let coordinator = try fleet.startCore(durable: true)
        let target = try LoadTarget(fleet)
        var client = try LoadClient(target)
        try client.submit(client.jobs(1))
        _ = try client.accepted()
        var rows = [row("idle", coordinator, 40)]

        for _ in 0..<20 {
            try client.submit(client.jobs(500))
            _ = try client.accepted()
        }
        rows.append(row("10,000 jobs queued", coordinator, 50))
        rows.append(try sweep(options))
        return rows
    }

    /// Ten million combinations in a home of its own, ten to a unit, while two workers go over them.
    private static func sweep(_ options: Options) throws -> Row {
        let fleet = try Fleet(options)
        defer { fleet.end() }
        let coordinator = try fleet.startCore(durable: true)
        let target = try LoadTarget(fleet)
        let workers = LoadWorkers()
        defer { workers.end() }
        workers.start(2, capacity: 32, on: target)
        var client = try LoadClient(target)
        try client.submit(client.jobs(1, combinations: 10_000_000, slice: 10))
        _ = try client.accepted()
        let counts = workers.counts
        let end = Machine.now + 10
        try counts.wait("ten seconds of the sweep") { Machine.now > end }
        let units = counts.recordedResults
        var result = row("sweep of 10,000,000 combinations", coordinator, 90)
        result.note = "after \(Text.whole(Double(units))) of 1,000,000 units"
        return result
    }

    private static func row(_ what: String, _ process: pid_t, _ target: Double) -> Row {
        let resident = Machine.resident(process)
        var row = Row("coordinator memory, \(what)", resident, "MiB", decimals: 1)
        row.target = "<= \(Int(target)) MiB"
        row.met = resident <= target
        return row
    }
}
