import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Processes that are dead for good: what a stop makes of them, and who may say so.
    @Suite(.serialized) struct Deaths {
        @Test func `a stop does not wait for a killed worker that never comes back, nor for a killed coordinator`() async throws {
            try await withRig { rig in
                let fleet = try await rig.up(workers: 2)
                // No process of these names starts any more: its lock cannot be had.
                for name in ["worker-1", "coordinator"] { try block(name, rig) }
                #expect(try await fleet.killChild("worker-1"))
                let stop = try await rig.stop("drill", timeout: 20)
                #expect(stop.ending == .code(0), "\(stop.answer.map { "\($0.members)" } ?? "no answer")")
                #expect(stop.answer?.members.map(\.member).sorted() == ["coordinator", "worker-2"])

                #expect(try await fleet.killChild("coordinator"))
                let again = try await rig.stop("another", timeout: 20)
                #expect(again.ending == .code(0))
                #expect(again.answer?.members.map(\.member) == ["worker-2"])
                let audit = try String(contentsOfFile: rig.home + "/logs/audit.log", encoding: .utf8)
                #expect(audit.contains("worker-1 is dead") && audit.contains("coordinator is dead"))
                #expect(audit.contains("signal 9"))
            }
        }

        @Test func `a person's word ends the wait for a dead worker, with the coordinator gone too`() async throws {
            try await withRig { rig in
                try await rig.succeed(["init"])
                _ = try rig.start(["monitor"])
                let coordinator = try rig.start(["coordinator"])
                let workers = try ["worker-1", "worker-2"].map { try rig.start(["worker", "--name", $0]) }
                try await eventually("two workers") { try await rig.status().workers.count { $0.connected } == 2 }
                workers[0].signal(SIGKILL)
                _ = try await workers[0].ending()
                let unproved = try await rig.stop("drill", timeout: 4)
                #expect(unproved.ending == .code(1))
                #expect(unproved.answer?.members.first { $0.member == "worker-1" }?.stage == "nothing")

                let unconfirmed = try await rig.run(["workers", "declare-dead", "worker-1", "--reason", "power"])
                #expect(unconfirmed.ending == .code(2))
                try await rig.succeed(["workers", "declare-dead", "worker-1", "--reason", "power", "--yes"])
                let proved = try await rig.stop("drill", timeout: 20)
                #expect(proved.ending == .code(0))

                for process in [coordinator, workers[1]] {
                    process.signal(SIGKILL)
                    _ = try await process.ending()
                }
                let unknown = try await rig.run(["workers", "declare-dead", "worker-9", "--reason", "power", "--yes"])
                #expect(unknown.ending == .code(3))
                // The coordinator cannot be told: said, and the exit code says so, too.
                let half = try await rig.run(["workers", "declare-dead", "worker-2", "--reason", "fire", "--yes"])
                #expect(half.ending == .code(1) && half.output.contains("no stop waits for worker-2"))
                try await rig.succeed(["workers", "declare-dead", "coordinator", "--reason", "fire", "--yes"])
                let last = try await rig.stop("another", timeout: 20)
                #expect(last.ending == .code(0) && last.answer?.members.isEmpty == true)
                let audit = try String(contentsOfFile: rig.home + "/logs/audit.log", encoding: .utf8)
                for (name, reason) in [("worker-1", "power"), ("worker-2", "fire"), ("coordinator", "fire")] {
                    #expect(audit.contains("\(name) is DECLARED dead"))
                    #expect(audit.contains(reason))
                }
            }
        }

        /// A process that runs keeps its lock; another one of its name finds a folder where the lock should be.
        private func block(_ name: String, _ rig: Rig) throws {
            let file = rig.home + (name == "coordinator" ? "/coordinator.lock" : "/latch/\(name).latch.lock")
            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        }

        @Test func `status names the monitor's process, which leaves no core`() async throws {
            try await withRig { rig in
                let fleet = try await rig.up(workers: 1)
                let monitor = try #require(try await rig.status().processes.first { $0.role == "monitor" }?.pid)
                #expect(fleet.living["monitor"] == monitor)
                let limits = try limits(of: monitor)
                #expect(limits["Max core file size"] == ["0", "0"])
                // Not dumpable: its memory belongs to root, whoever runs it.
                let owner = try FileManager.default.attributesOfItem(atPath: "/proc/\(monitor)/mem")[.ownerAccountID] as? NSNumber
                #expect(owner?.intValue == 0)
                let status = try String(contentsOfFile: "/proc/\(monitor)/status", encoding: .utf8)
                #expect(status.contains("CoreDumping:\t0"))
                // Each role takes as many descriptors as it may.
                for (name, pid) in fleet.living {
                    let files = try #require(try self.limits(of: pid)["Max open files"])
                    let hard = Int(files[1]) ?? .max
                    #expect(Int(files[0]) == min(65_536, hard) || (Int(files[0]) ?? 0) >= 65_536, "\(name): \(files)")
                }
                try await rig.end(fleet)
            }
        }

        /// The soft and the hard limit of each kind.
        private func limits(of pid: Int32) throws -> [String: [String]] {
            let text = try String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)
            var result: [String: [String]] = [:]
            for line in text.split(separator: "\n").dropFirst() {
                let name = line.prefix(25).trimmingCharacters(in: .whitespaces)
                result[name] = line.dropFirst(26).split(separator: " ").prefix(2).map(String.init)
            }
            return result
        }

        @Test func `a copy of the store is made while the fleet works, and can be restored`() async throws {
            let data = try await Farm.candles()
            try await withRig { rig in
                let farm = try Farm.write(in: rig.folder)
                let fleet = try await rig.up(workers: 2)
                let job = try await rig.submit(farm, data: data)
                try await eventually("work") { try await rig.job(job).job.units_completed > 3 }
                let copy = rig.folder + "/copy.sqlite"
                try await rig.succeed(["backup", copy])
                #expect(try await rig.run(["backup", copy]).ending == .code(4))
                #expect(try await rig.run(["backup", rig.folder + "/none/copy.sqlite"]).ending == .code(4))
                #expect(try FileManager.default.contentsOfDirectory(atPath: rig.folder).filter { $0.hasSuffix(".part") } == [])
                let later = try await rig.submit(farm, data: data)
                #expect(try await rig.finished(job).terminalStates == ["succeeded"])
                try await rig.end(fleet)

                for name in ["jobs.sqlite-wal", "jobs.sqlite-shm", "jobs.sqlite"] {
                    try? FileManager.default.removeItem(atPath: rig.home + "/store/\(name)")
                }
                try FileManager.default.copyItem(atPath: copy, toPath: rig.home + "/store/jobs.sqlite")
                let restored = try await rig.up(workers: 2)
                let known = try await rig.jobs().map(\.job)
                #expect(known == [job] && later != job)
                #expect(try await rig.finished(job).terminalStates == ["succeeded"])
                #expect(try await rig.sweep(farm, data: data, fresh: false) == Farm.reference())
                try await rig.end(restored)
            }
        }
    }
}
