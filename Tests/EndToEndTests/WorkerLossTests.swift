import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Workers that die, freeze and come back.
    @Suite(.serialized) struct WorkerLoss {
        @Test func `the unit of a frozen worker goes to another, and is recorded once`() async throws {
            try await withRig { rig in
                let roles = try await fleet(rig, jobs: nil)
                let frozen = try rig.start(["worker", "--name", "worker-1", "--config", roles])
                let detail = try await silence(rig, by: { frozen.signal(SIGSTOP) }, endBy: { frozen.signal(SIGCONT) })
                print("frozen worker: \(detail.late_reports) late reports were refused")
            }
        }

        @Test func `what a worker says after its lease is refused and noted`() async throws {
            try await withRig { rig in
                let port = try Loopback.freePort()
                let relay = try Relay(to: port)
                defer { relay.end() }
                _ = try await fleet(rig, jobs: port)
                try rig.write("endpoints: {jobs: \"tcp://127.0.0.1:\(relay.port)\"}\n", to: "worker-1.yaml")
                _ = try rig.start(["worker", "--name", "worker-1", "--config", rig.folder + "/worker-1.yaml"])
                let detail = try await silence(rig, by: { relay.cut() }, endBy: { relay.mend() })
                print("worker cut off: \(detail.late_reports) late reports were refused")
                #expect(detail.late_reports > 0)
            }
        }

        /// Monitor, coordinator with short leases and worker-2; returns the role file of the workers.
        private func fleet(_ rig: Rig, jobs port: UInt16?) async throws -> String {
            try await rig.succeed(["init"])
            let endpoints = port.map { "endpoints: {jobs: \"tcp://127.0.0.1:\($0)\"}\n" } ?? ""
            try rig.write("leases: {heartbeat: 100ms, worker: 500ms}\n" + endpoints, to: "coordinator.yaml")
            try rig.write("capacity: 2\n" + endpoints, to: "worker.yaml")
            let roles = rig.folder + "/worker.yaml"
            _ = try rig.start(["monitor"])
            _ = try rig.start(["coordinator", "--config", rig.folder + "/coordinator.yaml"])
            _ = try rig.start(["worker", "--name", "worker-2", "--config", roles])
            return roles
        }

        /// Runs a farm in which worker-1 falls silent for longer than its lease and comes back.
        private func silence(_ rig: Rig, by fall: () -> Void, endBy rise: () -> Void) async throws -> JobDetail {
            let data = try await Farm.candles()
            let reference = try await Farm.reference()
            try await eventually("two workers") {
                let status = try await rig.status()
                return status.workers.count { $0.connected } == 2 && status.hold_reason.isEmpty
            }
            let farm = try Farm.write(in: rig.folder, slice: 40)
            let job = try await rig.submit(farm, data: data)
            try await eventually("a unit of worker-1") {
                try await rig.job(job).attempts.contains { $0.worker == "worker-1" && $0.ending == "out" }
            }
            fall()
            let units = try await eventually("the end of worker-1's lease") {
                let lost = try await rig.job(job).attempts.filter { $0.worker == "worker-1" && $0.ending == "requeued" }
                return lost.isEmpty ? nil : Set(lost.map(\.unit))
            }
            try await eventually("another worker's results of units \(units)") {
                let others = try await rig.job(job).attempts.filter { $0.worker == "worker-2" && $0.ending == "succeeded" }
                return units.isSubset(of: others.map(\.unit))
            }
            rise()
            try await eventually("the return of worker-1") {
                try await rig.status().workers.contains { $0.name == "worker-1" && $0.connected }
            }
            let detail = try await rig.finished(job)
            #expect(detail.terminalStates == ["succeeded"])
            for unit in units {
                let recorded = detail.attempts.filter { $0.unit == unit && $0.ending == "succeeded" }
                #expect(recorded.map(\.worker) == ["worker-2"], "unit \(unit)")
            }
            #expect(try await rig.sweep(farm, data: data, fresh: false) == reference)
            return try await rig.job(job)
        }

        @Test func `the death of a busy worker is known at once`() async throws {
            let data = try await Farm.candles()
            try await withRig { rig in
                let fleet = try await rig.up(workers: 2)
                let job = try await rig.submit(try Farm.write(in: rig.folder, slice: 200), data: data)
                try await eventually("a unit of worker-1") {
                    try await rig.job(job).attempts.contains { $0.worker == "worker-1" && $0.ending == "out" }
                }
                let pid = try #require(
                    ProcessTable.processes(ofHome: rig.home).first { ProcessTable.arguments(of: $0).contains("worker-1") })
                let killed = Date()
                kill(pid, SIGKILL)
                let lost = try await eventually("the coordinator's knowledge") {
                    try await rig.job(job).attempts.first {
                        $0.worker == "worker-1" && $0.ending.hasPrefix("requeued") || $0.message.contains("died")
                    }
                }
                let ended = try #require(lost.ended.flatMap(Time.seconds))
                let milliseconds = (ended - killed.timeIntervalSince1970) * 1000
                print(
                    "death of a busy worker: known \(Int(milliseconds.rounded())) ms after the SIGKILL (\(lost.ending): \(lost.message))"
                )
                #expect(milliseconds < 5000, "known by the lease only")
                #expect(try await rig.finished(job).terminalStates == ["succeeded"])
                try await rig.end(fleet)
            }
        }
    }
}

enum Time {
    /// Seconds since 1970 of a time as the commands write it.
    static func seconds(_ text: String) -> Double? {
        let reader = ISO8601DateFormatter()
        reader.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return reader.date(from: text)?.timeIntervalSince1970
    }
}
