import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// A disk without room.
    @Suite(.serialized, .enabled(if: geteuid() == 0, "only root can mount a small file system"))
    struct Disk {
        @Test func `a full disk is named, nothing acknowledged is lost, and with room the farm goes on`() async throws {
            let data = try await Farm.candles()
            let reference = try await Farm.reference()
            try await withRig { rig in
                let farm = try Farm.write(in: rig.folder)
                let disk = rig.folder + "/disk"
                try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
                guard mount("tmpfs", disk, "tmpfs", 0, "size=24m") == 0 else {
                    print("full disk: skipped, no file system can be mounted here: \(String(cString: strerror(errno)))")
                    return
                }
                defer { umount2(disk, Int32(MNT_DETACH)) }
                symlink(disk, rig.home)
                try await rig.succeed(["init"])
                _ = try rig.start(["monitor"])
                let coordinator = try rig.start(["coordinator"])
                _ = try rig.start(["worker", "--name", "worker-1"])
                try await eventually("a worker") { try await rig.status().workers.contains { $0.connected } }
                let job = try await rig.submit(farm, data: data)
                try await eventually("work") { try await rig.job(job).job.units_completed > 2 }

                try Self.fill(disk + "/fill")
                // Recording a result needs room: the coordinator ends and says why; what it has acknowledged is on the disk.
                #expect(try await coordinator.ending() == .code(6))
                #expect(coordinator.errors.contains("no space is left"), "\(coordinator.errors)")
                let refused = try await rig.run(["sweep", farm, "--datadir", data, "--fresh", "--detach"])
                #expect(refused.ending != .code(0))
                #expect(refused.errors.hasPrefix("pragma: "), "\(refused.errors)")

                unlink(disk + "/fill")
                _ = try rig.start(["coordinator"])
                try await eventually("the coordinator's return") { try await rig.status().coordinatorAnswers }
                let detail = try await rig.finished(job)
                #expect(detail.terminalStates == ["succeeded"])
                #expect(try await rig.jobs().count == 1)
                #expect(try await rig.sweep(farm, data: data, fresh: false) == reference)
            }
        }

        /// Writes zeros until there is no room.
        private static func fill(_ path: String) throws {
            let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
            guard descriptor >= 0 else { throw Unexpected(description: "cannot write \(path)") }
            defer { close(descriptor) }
            for size in [65536, 4096, 512] {
                let zeros = [UInt8](repeating: 0, count: size)
                while write(descriptor, zeros, size) > 0 {}
            }
        }
    }
}
