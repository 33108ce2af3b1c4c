import Foundation
import ZeroMQ

/// SIGKILL of the coordinator under a thousand connected workers, and its restart.
enum Restart {
    private static let sessions = 1000

    static func rows(_ options: Options) throws -> [Row] {
        Machine.openManyFiles()
        return [try row(options, isEncrypted: false), try row(options, isEncrypted: true)]
    }

    private static func row(_ options: Options, isEncrypted: Bool) throws -> Row {
        let fleet = try Fleet(options, isEncrypted: isEncrypted)
        defer { fleet.end() }
        var coordinator = try fleet.startCore(durable: true)
        let target = try LoadTarget(fleet)
        let workers = LoadWorkers()
        defer { workers.end() }
        let counts = workers.counts
        for half in 0..<2 { workers.thread("sessions \(half)") { try serve(half * sessions / 2, target, counts) } }
        try counts.wait("\(sessions) workers are welcomed") { counts.welcomedWorkers == sessions }
        var client = try LoadClient(target)
        try client.submit(client.jobs(2000))
        _ = try client.accepted()
        try counts.wait("2,000 jobs ran") { counts.recordedResults >= 2000 }

        var welcomes: [Double] = []
        var works: [Double] = []
        for _ in 0..<options.rounds {
            let start = Machine.now
            fleet.kill(coordinator)
            counts.forgetWelcomes()
            coordinator = try fleet.start("coordinator", environment: Fleet.coordinatorEnvironment(durable: true))
            try counts.wait("\(sessions) workers are welcomed again", atMost: 60) {
                counts.welcomedWorkers >= sessions
            }
            welcomes.append(Machine.now - start)
            let before = counts.recordedResults
            try client.submit(client.jobs(1))
            _ = try client.accepted()
            try counts.wait("a job ran") { counts.recordedResults > before }
            works.append(Machine.now - start)
        }
        var row = Row("SIGKILL and restart, 1,000 workers\(isEncrypted ? ", CURVE" : "")", works.median, "s", decimals: 2)
        row.target = "<= 2 s"
        row.met = works.median <= 2
        row.note =
            "until a new job is done; all welcomed after \(Text.decimals(welcomes.median, 2)) s; worst "
            + "\(Text.decimals(works.max() ?? 0, 2)) s"
        return row
    }

    /// Half of the workers, on one thread with one context.
    private static func serve(_ first: Int, _ target: LoadTarget, _ counts: LoadCounts) throws {
        let context = try Context(maxSockets: 4000)
        let sessions = try (first..<first + sessions / 2).map {
            Session(try LoadWorker(context, target, name: "worker-\($0)", capacity: 2, counts: counts))
        }
        var poller = Poller()
        for session in sessions { poller.add(session.worker.socket) }
        while !counts.hasEnded {
            _ = try poller.wait(timeout: .milliseconds(20))
            let now = Machine.now
            for session in sessions { try session.worker.turn(now: now) }
        }
    }

    /// Makes a worker an element of an array.
    private final class Session {
        var worker: LoadWorker
        init(_ worker: consuming LoadWorker) { self.worker = worker }
    }
}
