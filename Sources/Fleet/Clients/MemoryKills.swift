internal import Coordination

/// Whether the kernel has killed a process for memory since the last look.
///
/// The kernel counts such kills per control group. The count of this process's own group, in which its children are, too, says that
/// one of them was meant. Where it cannot be read (control groups of version 1, the root group) there is only the count of the whole
/// machine, which says nothing about whom.
struct MemoryKills {
    enum Verdict: Hashable, Sendable {
        /// Nothing was killed for memory.
        case no
        /// One of this group's processes was.
        case yes
        /// Something on this machine was.
        case perhaps
    }

    private let groupFile: String?
    private let machineFile: String
    private var last: UInt64?

    /// The count from now on.
    ///
    /// - Parameters:
    ///   - membership: the file that says which control group this process is in.
    ///   - groups: where the control groups are.
    ///   - machineFile: the machine's counters.
    init(membership: String = "/proc/self/cgroup", groups: String = "/sys/fs/cgroup", machineFile: String = "/proc/vmstat") {
        let file = Self.groupFile(membership: membership, groups: groups)
        groupFile = file.flatMap { Self.count(in: $0) == nil ? nil : $0 }
        self.machineFile = machineFile
        last = current
    }

    /// What has happened since the last call, or since the start.
    mutating func verdict() -> Verdict {
        guard let now = current else { return .no }
        defer { last = now }
        guard let last, now > last else { return .no }
        return groupFile == nil ? .perhaps : .yes
    }

    private var current: UInt64? { Self.count(in: groupFile ?? machineFile) }

    /// The counters of the own group of version 2, whose line begins with `0::`.
    private static func groupFile(membership: String, groups: String) -> String? {
        guard let bytes = try? Files.read(membership, limit: 1 << 16) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("0::/") }
        return line.map { groups + ($0.dropFirst(3) == "/" ? "" : $0.dropFirst(3)) + "/memory.events" }
    }

    /// The counter `oom_kill` of a file of lines `name count`.
    private static func count(in file: String) -> UInt64? {
        guard let bytes = try? Files.read(file, limit: 1 << 20) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return line.flatMap { UInt64($0.dropFirst(9)) }
    }
}

extension MemoryKills.Verdict {
    /// Says in the proof of a SIGKILL what the counts tell. Evidence that may be of another process gives no unit up: it is tried
    /// again, up to the limit of attempts.
    func note(in proof: inout DeathProof) {
        switch self {
        case .no: break
        case .yes: proof.outOfMemory = true
        case .perhaps:
            proof.supervisor += "; perhaps for its memory: the kernel has killed something of this machine for that"
        }
    }
}
