import SimulationSupport

@testable import Halt

/// The hosts' clocks: each with its own start and pace.
struct SimulatedHost {
    var offset: Int64
    /// Parts per million by which the clock is fast.
    var drift: Int64
    var haltFile: HaltFile?

    func local(_ time: Int64) -> BootInstant { BootInstant(nanoseconds: time + time / 1_000_000 * drift + offset) }

    /// The first moment at which the clock shows at least this.
    func global(_ instant: BootInstant) -> Int64 {
        let raw = instant.nanoseconds - offset
        return raw - raw / (1_000_000 + drift) * drift + 1_000
    }
}

final class SimulatedMember {
    let index: Int
    let identity: (name: MemberName, role: MemberRole, memberClass: MemberClass)
    let host: Int
    let subject: HaltSubject
    var disk = SimulatedDisk()
    var instance: HaltMember?
    var run = 0
    var pausedUntil: Int64 = 0
    var wake: Int64 = .max
    /// The last state that was looked through, and how many stops there were then.
    var noted: [MonitorID: (HaltEpoch, Int)] = [:]
    // What the shell was told.
    var gate = OrderGate.halted
    var holding = true
    // What the checks remember.
    var lastMode = MemberRestriction.Mode.halted
    var sentAt: [HaltNonce: BootInstant] = [:]
    var bestLease: [MonitorID: BootInstant] = [:]
    /// Stops that have come to this run, and those that it acknowledged as durable.
    var reached: Set<Int> = []
    var reachedOnDisk: Set<Int> = []
    /// The file that was seen, when it was made, and whether that is on disk.
    var sawFile: (file: HaltFile, made: Int64)?
    var writeVersion: [UInt64: Set<Int>] = [:]

    init(index: Int, name: String, role: MemberRole, memberClass: MemberClass, host: Int, subject: HaltSubject) {
        self.index = index
        identity = (MemberName(name), role, memberClass)
        self.host = host
        self.subject = subject
    }

    var usesGate: Bool { identity.memberClass == .live || identity.memberClass == .dryRun }
}

final class SimulatedMonitor {
    let index: Int
    let id: MonitorID
    let host: Int
    var disk = SimulatedDisk()
    var instance: MonitorInstance?
    var run = 0
    var pausedUntil: Int64 = 0
    var wake: Int64 = .max
    /// The last state that was looked through.
    var noted: HaltEpoch?

    init(index: Int, name: String, host: Int) {
        self.index = index
        id = MonitorID(name)
        self.host = host
    }

    /// Stands for Ed25519: only the holder of this name makes it.
    var signer: HaltSigner { { [id] bytes in simulatedSignature(bytes, of: id) } }
}

func simulatedSignature(_ bytes: [UInt8], of monitor: MonitorID) -> [UInt8] {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in monitor.name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return withUnsafeBytes(of: hash.littleEndian) { Array($0) }
}

/// A stop that a monitor has taken, as an outsider remembers it.
struct Obligation {
    let id: Int
    let monitor: Int
    let entry: HaltEntry
    let acceptedAt: Int64
    /// When it was on the monitor's disk; nil: not yet.
    var durableAt: Int64?
    /// Which members it covers.
    let covered: [Bool]
    /// A re-arm that covers it was accepted.
    var liftedBy: HaltRequestID?
    /// The last re-arm that was accepted for it, refused later or not.
    var acceptedRearm: HaltRequestID?
    /// The monitor's latch was destroyed or exchanged by something outside: only who had heard of the stop has to keep it.
    var forgotten = false

    /// That re-arm is done: the same entry in the state would be a new stop.
    var over = false

    var stands: Bool { liftedBy == nil }

    mutating func lift(_ request: HaltRequestID) { (liftedBy, acceptedRearm) = (request, request) }
}

/// A mistake that is planted to see whether the checks find it.
enum PlantedBug: String, CaseIterable {
    case anyStateLoosens, leaseFromReceipt, oneMonitorIsEnough, monitorForgetsOnRestart, missingLatchOpens
    case memberAcknowledgesEarly, monitorSaysDoneEarly, rearmNeedsNoEpoch, absentFileOpens, lostStateIsNotShown
    case stopIsSentOnce, memberNeverAsks, startsOpen, silenceStaysOpen
    case highestIsEnough, firstSlotFirst, oldAnswersRelease, deathOfTheName
}

struct SimulationFailure: Error, CustomStringConvertible {
    let time: Int64
    let what: String
    var description: String { "at \(time / 1_000_000) ms: \(what)" }
}
