import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Commands that change jobs and workers, with what they print for programs.
    @Suite(.serialized) struct Commands {
        private struct Change: Decodable {
            var job: Int64
            var state: String
        }
        private struct Drained: Decodable { var drained: [String] }
        private struct Dead: Decodable {
            var worker: String
            var pid: Int32?
            var silent_ms: Int64
        }
        private struct Event: Decodable {
            var event: String
            var process: String?
            var pid: Int32?
            var workers: Int?
        }

        private func decode<Value: Decodable>(_ text: String) throws -> Value {
            try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        }

        @Test func `cancel, retry and watch answer programs, and refuse what cannot be`() async throws {
            let data = try await Farm.candles()
            try await withRig { rig in
                let fleet = try await rig.up(workers: 1)
                let job = try await rig.submit(try Farm.write(in: rig.folder), data: data)
                let canceled: Change = try decode(try await rig.succeed(["jobs", "cancel", "\(job)", "--json"]))
                #expect(canceled.job == job && ["canceling", "canceled"].contains(canceled.state))
                let ended = try await rig.run(["jobs", "watch", "\(job)", "--json"])
                let line: JobLine = try decode(ended.output)
                #expect(ended.ending == .code(1) && line.job == job && line.state == "canceled")

                let retried: Change = try decode(try await rig.succeed(["jobs", "retry", "\(job)", "--json"]))
                #expect(retried.job == job && ["queued", "dispatched", "running"].contains(retried.state))
                let done: JobLine = try decode(
                    try await rig.succeed(["jobs", "watch", "\(job)", "--json"], within: .seconds(120)))
                #expect(done.state == "succeeded" && done.units_completed == done.units)

                for command in ["cancel", "retry"] {
                    let refused = try await rig.run(["jobs", command, "\(job)", "--json"])
                    #expect(refused.ending == .code(4) && refused.errors.contains("succeeded"), "\(command): \(refused.errors)")
                }
                for command in ["watch", "show", "cancel", "retry"] {
                    let unknown = try await rig.run(["jobs", command, "4711"])
                    #expect(unknown.ending == .code(4) && unknown.errors.contains("there is no job 4711"), "\(unknown.errors)")
                }
                try await rig.end(fleet)
            }
        }

        @Test func `a drained worker ends in order, another takes its place, and no attempt is counted`() async throws {
            let data = try await Farm.candles()
            try await withRig { rig in
                let fleet = try rig.start(["up", "--workers", "2", "--json"])
                try await fleet.says("\"ready\"", within: .seconds(60))
                let job = try await rig.submit(try Farm.write(in: rig.folder), data: data)
                try await eventually("work") { try await rig.job(job).job.units_completed > 3 }
                let old = try await rig.status().processes.first { $0.name == "worker-1" }?.pid
                let wrong = try await rig.run(["workers", "drain", "worker-1", "worker-9"])
                #expect(wrong.ending == .code(4))
                #expect(wrong.errors.contains("there is no worker worker-9; known are worker-1, worker-2"), "\(wrong.errors)")
                let drained: Drained = try decode(try await rig.succeed(["workers", "drain", "worker-1", "--json"]))
                #expect(drained.drained == ["worker-1"])
                let new = try await eventually("another worker-1") {
                    let process = try await rig.status().processes.first { $0.name == "worker-1" && $0.answers }
                    return process?.pid == old ? nil : process?.pid
                }
                #expect(new != old)
                let detail = try await rig.finished(job)
                #expect(detail.terminalStates == ["succeeded"])
                #expect(detail.attempts.allSatisfy { $0.attempt == 1 }, "\(detail.attempts.filter { $0.attempt > 1 })")
                try await rig.end(fleet)

                let events: [Event] = try fleet.output.split(separator: "\n").map { try decode(String($0)) }
                #expect(events.first?.event == "made" && events.last?.event == "ended")
                #expect(events.contains { $0.event == "died" && $0.process == "worker-1" && $0.pid == old })
                #expect(events.first { $0.event == "ready" }?.workers == 2)
            }
        }

        @Test func `what a worker had goes to others when it is declared dead, and it is not taken back`() async throws {
            let data = try await Farm.candles()
            try await withRig { rig in
                try await rig.succeed(["init"])
                _ = try rig.start(["monitor"])
                _ = try rig.start(["coordinator"])
                let frozen = try rig.start(["worker", "--name", "worker-1"])
                _ = try rig.start(["worker", "--name", "worker-2"])
                try await eventually("two workers") {
                    let status = try await rig.status()
                    return status.workers.count { $0.connected } == 2 && status.hold_reason.isEmpty
                }
                let job = try await rig.submit(try Farm.write(in: rig.folder), data: data)
                try await eventually("a unit of worker-1") {
                    try await rig.job(job).attempts.contains { $0.worker == "worker-1" && $0.ending == "out" }
                }
                frozen.signal(SIGSTOP)
                let arguments = ["workers", "declare-dead", "worker-1", "--reason", "its host burned"]
                let unasked = try await rig.run(arguments)
                #expect(unasked.ending == .code(2) && unasked.errors.contains("--yes"))
                let dead: Dead = try decode(try await rig.succeed(arguments + ["--yes", "--json"]))
                #expect(dead.worker == "worker-1" && dead.pid == frozen.pid)
                let detail = try await rig.finished(job)
                #expect(detail.terminalStates == ["succeeded"])
                let said = detail.attempts.filter { $0.worker == "worker-1" }.map(\.message)
                #expect(said.contains { $0.contains("declares it dead: its host burned") }, "\(said)")

                frozen.signal(SIGCONT)
                try await eventually("its return to the monitor") {
                    try await rig.status().processes.contains { $0.name == "worker-1" && $0.answers }
                }
                #expect(try await rig.status().workers.map(\.name) == ["worker-2"])
                // The monitor waits for it still, so the statement can be made again.
                let again = try await rig.succeed(arguments + ["--yes"])
                #expect(again.contains("the coordinator has no worker worker-1 any more"))
                let unknown = try await rig.run(["workers", "declare-dead", "worker-9", "--reason", "?", "--yes"])
                #expect(unknown.ending == .code(4) && unknown.errors.contains("known are worker-2"))
            }
        }
    }
}
