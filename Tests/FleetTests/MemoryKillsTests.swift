import Coordination
import Foundation
import Testing

@testable import Fleet

@Suite struct MemoryKillsTests {
    /// Files as the kernel shows them.
    private struct Kernel {
        let folder: TemporaryFolder
        var membership: String { folder.path + "/cgroup" }
        var machine: String { folder.path + "/vmstat" }

        init(groups: String) throws {
            folder = try TemporaryFolder()
            try write(groups, to: "cgroup")
        }

        func write(_ text: String, to name: String) throws {
            let path = folder.path + "/" + name
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
            try Files.write(Array(text.utf8), to: path)
        }

        func kills() -> MemoryKills { MemoryKills(membership: membership, groups: folder.path + "/fs", machineFile: machine) }
        func group(_ count: Int) throws {
            try write("low 0\noom 7\noom_kill \(count)\noom_group_kill 0\n", to: "fs/u/f/memory.events")
        }
        func machine(_ count: Int) throws { try write("pgfault 1\noom_kill \(count)\n", to: "vmstat") }
    }

    @Test func `a kill in the own control group is certain, one elsewhere is none`() throws {
        let kernel = try Kernel(groups: "0::/u/f\n")
        try kernel.group(3)
        try kernel.machine(10)
        var kills = kernel.kills()
        #expect(kills.verdict() == .no)
        try kernel.machine(11)
        #expect(kills.verdict() == .no)
        try kernel.group(4)
        #expect(kills.verdict() == .yes)
        #expect(kills.verdict() == .no)
    }

    @Test(arguments: ["4:memory:/f\n0::/\n", "4:memory:/f\n", "", "0::/elsewhere\n"])
    func `without a group of version 2 that can be read the machine's count says perhaps`(groups: String) throws {
        let kernel = try Kernel(groups: groups)
        try kernel.machine(10)
        var kills = kernel.kills()
        #expect(kills.verdict() == .no)
        try kernel.machine(12)
        #expect(kills.verdict() == .perhaps)
        #expect(kills.verdict() == .no)
    }

    @Test func `where nothing can be read nothing is claimed`() throws {
        let kernel = try Kernel(groups: "0::/u/f\n")
        var kills = kernel.kills()
        #expect(kills.verdict() == .no)
        // A counter that appears later has no earlier value to be compared with.
        try kernel.machine(5)
        #expect(kills.verdict() == .no)
    }

    @Test func `only what is sure gives a unit up`() {
        func noted(_ verdict: MemoryKills.Verdict) -> DeathProof {
            var proof = DeathProof(supervisor: "up", signal: 9)
            verdict.note(in: &proof)
            return proof
        }
        #expect(noted(.no) == DeathProof(supervisor: "up", signal: 9))
        #expect(noted(.yes) == DeathProof(supervisor: "up", signal: 9, outOfMemory: true))
        #expect(!noted(.perhaps).outOfMemory && noted(.perhaps).supervisor.contains("perhaps for its memory"))
    }
}
