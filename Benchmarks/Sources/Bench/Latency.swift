import Coordination
import FleetProtocol
import Foundation
import ZeroMQ

/// One job at a time: from a client's submission to the event that says it succeeded. Volatile.
enum Latency {
    private static let warmUp = 500
    private static let jobs = 5000

    static func rows(_ options: Options) throws -> [Row] {
        let folder = try Fleet.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let limit = try Command.reference(options, "orchestrator", ["latency", "\(jobs)", folder])
        let trips = try measure(options)
        func row(_ name: String, _ part: Double, _ key: String, _ target: Double) -> Row {
            let ours = trips.quantile(part) * 1e3
            var row = Row("one job at a time, volatile, \(name)", ours, "ms", decimals: 2)
            row.limit = limit[key]
            row.target = "<= \(target) ms"
            row.met = ours <= target
            return row
        }
        return [row("p50", 0.5, "p50_ms", 0.3), row("p99", 0.99, "p99_ms", 1)]
    }

    private static func measure(_ options: Options) throws -> [Double] {
        let fleet = try Fleet(options)
        defer { fleet.end() }
        _ = try fleet.startCore(durable: false)
        let target = try LoadTarget(fleet)
        let workers = LoadWorkers()
        defer { workers.end() }
        workers.start(2, capacity: 32, on: target)
        let counts = workers.counts
        try counts.wait("both workers are welcomed") { counts.welcomedWorkers == 2 }
        var client = try LoadClient(target)
        let events = try events(of: target)
        // Also waits until the monitor has spoken.
        try client.submit(client.jobs(1))
        _ = try client.accepted()
        try counts.wait("the first job") { counts.recordedResults == 1 }
        while try events.receiveMessage() != nil {}
        var trips: [Double] = []
        for _ in 0..<warmUp + jobs {
            let new = client.jobs(1)
            let start = Machine.now
            try client.submit(new)
            guard let job = try client.accepted().first?.id else { throw BenchError("no job was accepted") }
            try waitForSuccess(of: job, events)
            trips.append(Machine.now - start)
        }
        return Array(trips.dropFirst(warmUp))
    }

    private static func events(of target: LoadTarget) throws -> Socket {
        var options = SocketOptions()
        options.subscriptions = [ControlWire.eventTopic]
        options.receiveTimeout = .seconds(10)
        let socket = try Socket(try Context(), .subscriber, options: options)
        try socket.connect(target.events)
        usleep(200_000)
        return socket
    }

    private static func waitForSuccess(of job: JobID, _ events: borrowing Socket) throws {
        while let message = try events.receiveMessage(wait: true) {
            guard message.count == 2 else { continue }
            if case .job(job, .succeeded, _) = try ControlWire.event(message[1]).body { return }
        }
        throw BenchError("no event said that job \(job) succeeded")
    }
}
