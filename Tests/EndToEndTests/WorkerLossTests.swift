import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Workers that die, freeze and come back.
    @Suite(.serialized) struct WorkerLoss {
        @Test func `the unit of a frozen worker goes to another, and what the frozen one says later is refused`() async throws {
            let data = try await Farm.candles()
            let reference = try await Farm.reference()
            try await withRig { rig in
                try await rig.succeed(["init"])
                let roles = rig.folder + "/coordinator.yaml"
                try Data("leases: {heartbeat: 100ms, worker: 500ms}\n".utf8).write(to: URL(fileURLWithPath: roles))
                _ = try rig.start(["monitor"])
                _ = try rig.start(["coordinator", "--config", roles])
                let frozen = try rig.start(["worker", "--name", "worker-1"])
                _ = try rig.start(["worker", "--name", "worker-2"])
                try await eventually("two workers") {
                    let status = try await rig.status()
                    return status.workers.count { $0.connected } == 2 && status.hold_reason.isEmpty
                }
                let farm = try Farm.write(in: rig.folder, slice: 40)
                let job = try await rig.submit(farm, data: data)
                try await eventually("a unit of worker-1") {
                    try await rig.job(job).attempts.contains { $0.worker == "worker-1" && $0.ending == "out" }
                }
                frozen.signal(SIGSTOP)
                let lost = try await eventually("the end of worker-1's lease") {
                    let attempts = try await rig.job(job).attempts.filter { $0.worker == "worker-1" && $0.ending == "requeued" }
                    return attempts.isEmpty ? nil : attempts
                }
                let units = Set(lost.map(\.unit))
                try await eventually("another worker's results of units \(units)") {
                    let others = try await rig.job(job).attempts.filter { $0.worker == "worker-2" && $0.ending == "succeeded" }
                    return units.isSubset(of: others.map(\.unit))
                }
                frozen.signal(SIGCONT)
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
                print("frozen worker: \(units.count) units went to another, \(detail.late_reports) late reports were refused")
            }
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
