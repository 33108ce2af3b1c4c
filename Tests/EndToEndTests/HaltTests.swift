import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// The stop of a fleet, from the first acknowledgement to the re-arm.
    @Suite(.serialized) struct Halts {
        @Test func `a stop is proved, outlasts every restart in any order, and the farm goes on after the re-arm`() async throws {
            let data = try await Farm.candles()
            let reference = try await Farm.reference()
            try await withRig { rig in
                let farm = try Farm.write(in: rig.folder)
                let fleet = try await rig.up(workers: 2)
                let job = try await rig.submit(farm, data: data)
                try await eventually("work") { try await rig.job(job).job.units_completed > 3 }

                let stop = try await rig.stop("drill")
                #expect(stop.ending == .code(0))
                #expect(stop.answer?.proved == true)
                #expect(stop.answer?.members.map(\.member).sorted() == ["coordinator", "worker-1", "worker-2"])
                for member in stop.answer?.members ?? [] { #expect(member.stage == "durable", "\(member.member)") }
                let stopped = try await rig.job(job)
                #expect(stopped.job.units_out == 0)
                #expect(stopped.job.state == "queued")
                #expect(stopped.job.units_completed < stopped.job.units)

                let second = try await rig.submit(farm, data: data)
                try await check(rig, [job, second], stopped.job.units_completed, "after the stop")
                try await rig.end(fleet)
                let again = try await rig.up(workers: 2)
                try await check(rig, [job, second], stopped.job.units_completed, "after a restart")

                // Everything dies at once; without the HALT file the latches alone must know.
                ProcessTable.processes(ofHome: rig.home).forEach { kill($0, SIGKILL) }
                #expect(try await again.ending() == .signal(SIGKILL))
                try await rig.nothingRuns()
                try FileManager.default.removeItem(atPath: rig.home + "/HALT")
                _ = try rig.start(["worker", "--name", "worker-2"])
                _ = try rig.start(["coordinator"])
                _ = try rig.start(["worker", "--name", "worker-1"])
                try await eventually("workers without a monitor") {
                    let status = try await rig.status()
                    return status.workers.count { $0.connected } == 2 && !status.hold_reason.isEmpty
                }
                _ = try rig.start(["monitor"])
                try await eventually("the monitor, and everybody there") {
                    let status = try await rig.status()
                    return status.monitorsAnswer && status.processes.count { $0.answers } == 4
                }
                try await check(rig, [job, second], stopped.job.units_completed, "after SIGKILL of everything")

                try await rig.rearmOnce("drill is over")
                for id in [job, second] {
                    let detail = try await rig.finished(id)
                    #expect(detail.terminalStates == ["succeeded"])
                    #expect(detail.attempts.allSatisfy { $0.attempt == 1 }, "a held unit counted as an attempt")
                }
                #expect(try await rig.sweep(farm, data: data, fresh: false) == reference)
            }
        }

        /// The fleet is stopped, and nothing of these jobs has moved.
        private func check(_ rig: Rig, _ jobs: [Int64], _ completed: Int, _ when: Comment) async throws {
            let status = try await rig.status()
            #expect(status.halted, when)
            #expect(!status.hold_reason.isEmpty, when)
            #expect(status.monitors.allSatisfy { !$0.entries.isEmpty }, when)
            for (id, done) in zip(jobs, [completed, 0]) {
                let line = try await rig.job(id).job
                #expect(line.state == "queued", when)
                #expect(line.units_completed == done, when)
                #expect(line.units_out == 0, when)
            }
        }
    }
}
