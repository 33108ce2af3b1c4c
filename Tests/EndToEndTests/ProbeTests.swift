import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Twenty tasks of half a second on two workers, while processes die, freeze and come back. Tasks write lines when they start and
    /// end, so that runs are counted from what happened, not from what the fleet says of itself.
    @Suite(.serialized) struct Probes {
        /// A task of a dead worker waits this long before it is tried again.
        private static let quick = ["PRAGMA__JOBS__BACK_OFF": "20ms"]

        @Test func `workers that are killed lose no task, and their death is known at once`() async throws {
            try await withRig { rig in
                let fleet = try await rig.up(workers: 2, Self.quick)
                let probe = try ProbeRun(rig)
                var killed: Set<Int32> = []
                var known: [Double] = []
                // Three, and more as long as none was known within 50 ms: how busy the machine is shall not decide.
                for (place, count) in [2, 5, 8, 11, 14].enumerated() where place < 3 || known.allSatisfy({ $0 > 50 }) {
                    let worker = "worker-\(place % 2 + 1)"
                    let task = try await probe.running(worker, after: count)
                    let time = Date().timeIntervalSince1970
                    #expect(kill(task.pid, SIGKILL) == 0)
                    killed.insert(task.pid)
                    try await fleet.says("\(worker): ended (pid \(task.pid),")
                    let attempt = try await end(of: task, in: probe)
                    // A task that came to its end just before has its result.
                    guard attempt.ending != "succeeded" else { continue }
                    #expect(attempt.message.contains("signal 9"), "\(attempt.message)")
                    known.append((try #require(attempt.ended.flatMap(Time.seconds)) - time) * 1000)
                }
                let (_, detail, lines) = try await probe.finished(disturbed: killed)
                let begun = Set(lines.filter { $0.event == "start" && killed.contains($0.pid) }.map(\.unit))
                let counted = Set(detail.attempts.filter { $0.attempt > 1 }.map(\.unit))
                #expect(counted.isSubset(of: begun), "what a dead worker had not begun counted as an attempt")
                print("killed workers: death known after \(known.map { "\(Int($0.rounded())) ms" }), \(Summary(lines))")
                #expect(try #require(known.min()) <= 50)
                try await rig.end(fleet)
            }
        }

        @Test func `a coordinator that is killed loses no task, and no task is started again`() async throws {
            try await withRig { rig in
                let fleet = try await rig.up(workers: 2, Self.quick)
                let probe = try ProbeRun(rig)
                for count in [4, 11] {
                    try await probe.ended(count)
                    #expect(try await fleet.killChild("coordinator"))
                }
                let (_, detail, lines) = try await probe.finished()
                print("killed coordinators: \(Summary(lines))")
                #expect(lines.count == 2 * ProbeRun.tasks)
                #expect(detail.attempts.count == ProbeRun.tasks)
                try await rig.end(fleet)
            }
        }

        @Test func `a monitor that is killed disturbs no task`() async throws {
            try await withRig { rig in
                let fleet = try await rig.up(workers: 2, Self.quick)
                let probe = try ProbeRun(rig)
                for count in [4, 11] {
                    try await probe.ended(count)
                    #expect(try await fleet.killChild("monitor"))
                }
                let (_, detail, lines) = try await probe.finished()
                print("killed monitors: \(Summary(lines))")
                #expect(lines.count == 2 * ProbeRun.tasks)
                #expect(detail.attempts.count == ProbeRun.tasks)
                try await rig.end(fleet)
            }
        }

        @Test func `a whole fleet that is killed goes on where it was`() async throws {
            try await withRig { rig in
                let fleet = try await rig.up(workers: 2, Self.quick)
                let probe = try ProbeRun(rig)
                try await probe.ended(6)
                let children = Set(fleet.living.values)
                // The supervisor last: its end tells the others to hand back what they have.
                for pid in children.sorted() + [fleet.pid] { kill(pid, SIGKILL) }
                #expect(try await fleet.ending() == .signal(SIGKILL))
                try await eventually("the end of all") {
                    Set(ProcessTable.processes(ofHome: rig.home)).isDisjoint(with: children)
                }
                let open = Set(probe.open(of: children).map(\.unit))
                let again = try await rig.up(workers: 2, Self.quick)
                let (_, _, lines) = try await probe.finished(disturbed: children)
                let starts = Dictionary(grouping: lines.filter { $0.event == "start" }, by: \.unit)
                #expect(open.allSatisfy { starts[$0]?.count == 2 }, "a task that was cut off was not started again")
                print("killed fleet: \(open.count) tasks were cut off, \(Summary(lines))")
                try await rig.end(again)
            }
        }

        @Test func `a worker that is frozen for longer than its lease has its late result refused and noted`() async throws {
            try await withRig { rig in
                try await rig.succeed(["init"])
                try rig.write("leases: {heartbeat: 100ms, worker: 500ms}\njobs: {back_off: 20ms}\n", to: "coordinator.yaml")
                _ = try rig.start(["monitor"])
                _ = try rig.start(["coordinator", "--config", rig.folder + "/coordinator.yaml"])
                let frozen = try rig.start(["worker", "--name", "worker-1"])
                _ = try rig.start(["worker", "--name", "worker-2"])
                try await eventually("two workers") {
                    let status = try await rig.status()
                    return status.workers.count { $0.connected } == 2 && status.hold_reason.isEmpty
                }
                let probe = try ProbeRun(rig)
                let held = try await probe.freeze(frozen)
                let attempt = try await end(of: held, in: probe)
                #expect(attempt.ending == "requeued", "\(attempt)")
                try await eventually("the result of another worker") {
                    probe.lines.contains { $0.unit == held.unit && $0.event == "end" && $0.worker == "worker-2" }
                }
                frozen.signal(SIGCONT)
                try await eventually("the late result") { try await rig.job(probe.job()).late_reports > 0 }
                let (answer, detail, lines) = try await probe.finished(disturbed: [frozen.pid])
                let runs = lines.filter { $0.unit == held.unit && $0.event == "end" }
                #expect(Set(runs.map(\.worker)) == ["worker-1", "worker-2"] && runs.count == 2, "it ran twice to its end")
                let recorded = detail.attempts.filter { $0.unit == held.unit && $0.ending == "succeeded" }
                #expect(recorded.map(\.worker) == ["worker-2"])
                #expect(answer.late_reports == detail.late_reports)
                #expect(lines.contains { $0.worker == "worker-1" && $0.event == "end" && Token($0.token) > Token(held.token) })
                print("frozen worker: \(detail.late_reports) late results were refused, \(Summary(lines))")
            }
        }

        /// Waits until the attempt to which a line belongs has ended, as the coordinator has it.
        private func end(of task: TaskLine, in probe: ProbeRun) async throws -> JobDetail.Attempt {
            let job = try await probe.job()
            return try await eventually("the end of attempt \(task.token)") {
                try await probe.rig.job(job).attempts.first { $0.token == task.token && $0.ending != "out" }
            }
        }
    }
}

/// How often tasks were started and came to their end.
private struct Summary: CustomStringConvertible {
    let description: String

    init(_ lines: [TaskLine]) {
        let counts = Dictionary(grouping: lines, by: \.event).mapValues(\.count)
        description =
            "\(counts["start"] ?? 0) starts, \(counts["end"] ?? 0) ends and \(counts["stop"] ?? 0) stops of \(ProbeRun.tasks) tasks"
    }
}
