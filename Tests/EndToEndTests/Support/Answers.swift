import Foundation

/// `pragma status --json`, as far as the tests look at it.
struct Status: Decodable {
    struct Process: Decodable {
        var name: String
        var role: String
        var pid: Int32?
        var answers: Bool
    }
    struct Worker: Decodable {
        var name: String
        var connected: Bool
        var units_held: Int
        var halted: Bool
    }
    struct Monitor: Decodable {
        struct Entry: Decodable {
            var action: String
            var reason: String
        }
        var name: String
        var answers: Bool
        var entries: [Entry]
    }
    var halted: Bool
    var hold_reason: String
    var halt_file: Bool
    var jobs: [String: UInt64]
    var processes: [Process]
    var workers: [Worker]
    var monitors: [Monitor]

    var coordinatorAnswers: Bool { processes.contains { $0.name == "coordinator" && $0.answers } }
    var monitorsAnswer: Bool { !monitors.isEmpty && monitors.allSatisfy { $0.answers } }

    /// Where nothing of a fleet runs yet.
    static let none = Status(
        halted: false, hold_reason: "no fleet is running", halt_file: false, jobs: [:], processes: [], workers: [], monitors: [])
}

/// A line of `pragma jobs list --json`.
struct JobLine: Decodable {
    var job: Int64
    var kind: String
    var group: String
    var state: String
    var units: Int
    var units_completed: Int
    var units_failed: Int
    var units_out: Int
}

/// `pragma jobs show --json`.
struct JobDetail: Decodable {
    struct LogLine: Decodable {
        var time: String
        var state: String
        var reason: String
    }
    struct Attempt: Decodable {
        var unit: Int
        var attempt: Int
        var token: String
        var worker: String
        var dispatched: String
        var ended: String?
        var ending: String
        var message: String
    }
    var job: JobLine
    var log: [LogLine]
    var attempts: [Attempt]
    var late_reports: Int

    /// The terminal states that the job was ever in.
    var terminalStates: [String] {
        log.map(\.state).filter { ["succeeded", "failed", "canceled", "expired"].contains($0) }
    }
}

/// `pragma stop --json`.
struct StopAnswer: Decodable {
    struct Member: Decodable {
        var member: String
        var stage: String
        var lost: Bool
    }
    var proved: Bool
    var members: [Member]
}

extension Rig {
    private func decode<Value: Decodable>(_ text: String, _ arguments: [String]) throws -> Value {
        do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
            throw Unexpected(description: "\(arguments.joined(separator: " ")) --json: \(error)\n\(text.prefix(2000))")
        }
    }

    /// What the fleet says of itself. The command's exit code is 1 where somebody does not answer; the answer is there all the same.
    func status(_ extra: [String: String] = [:]) async throws -> Status {
        let outcome = try await run(["status", "--json"], extra)
        if outcome.ending == .code(3) { return .none }
        return try decode(outcome.output, ["status"])
    }

    func jobs() async throws -> [JobLine] { try decode(try await succeed(["jobs", "list", "--json"]), ["jobs", "list"]) }

    func job(_ id: Int64) async throws -> JobDetail {
        try decode(try await succeed(["jobs", "show", "\(id)", "--json"]), ["jobs", "show"])
    }

    /// `pragma stop --all`; nil where its output is no answer.
    func stop(_ reason: String, timeout: Int = 30) async throws -> (ending: Ending, answer: StopAnswer?) {
        let outcome = try await run(["stop", "--all", "--reason", reason, "--yes", "--json", "--timeout", "\(timeout)"])
        return (outcome.ending, try? JSONDecoder().decode(StopAnswer.self, from: Data(outcome.output.utf8)))
    }

    /// Re-arms, again as long as something stands against it: after a crash a member may learn of the stop only now.
    func rearm(_ reason: String) async throws {
        try await eventually("a re-armed fleet", within: .seconds(60), every: .milliseconds(50)) {
            let outcome = try await run(["rearm", "--reason", reason, "--yes", "--timeout", "5"])
            guard outcome.ending == .code(0) else { return false }
            return try await happens(within: .seconds(3)) {
                let status = try await status()
                return !status.halted && status.hold_reason.isEmpty && status.coordinatorAnswers
            }
        }
    }

    /// Re-arms once, which is enough where no member was cut off from the monitor during the whole stop.
    func rearmOnce(_ reason: String) async throws {
        try await succeed(["rearm", "--reason", reason, "--yes"])
        try await eventually("a fleet that one re-arm has opened") {
            let status = try await status()
            return !status.halted && status.hold_reason.isEmpty && status.coordinatorAnswers
        }
    }

    /// Submits a farm and returns its number.
    func submit(_ farm: String, data: String) async throws -> Int64 {
        let output = try await succeed(["sweep", farm, "--datadir", data, "--fresh", "--detach"])
        guard output.hasPrefix("job "), let number = Int64(output.dropFirst(4).prefix { $0.isNumber }) else {
            throw Unexpected(description: "sweep --detach said: \(output)")
        }
        return number
    }

    /// Waits until a job has ended.
    func finished(_ id: Int64, within limit: Duration = .seconds(90)) async throws -> JobDetail {
        try await eventually("the end of job \(id)", within: limit, every: .milliseconds(100)) {
            let detail = try await job(id)
            return detail.terminalStates.isEmpty ? nil : detail
        }
    }
}
