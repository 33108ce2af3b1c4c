package import Halt

/// The two slots of one process's latch, with the accidents that happen to files.
package struct SimulatedDisk {
    package enum Fault { case none, missing, stale, rotten }

    package var slots: [[UInt8]?] = [nil, nil]
    /// A copy that somebody made once.
    package var backup: [[UInt8]?] = [nil, nil]
    /// The bytes on their way to the disk, and the slot they are for.
    package private(set) var writing: (slots: [Int], bytes: [UInt8])?
    private var placement = LatchPlacement()
    /// A mistake that is planted: the first slot is always written first.
    package var naive = false
    /// Sequence number of the last write that was confirmed.
    package private(set) var confirmed: UInt64 = 0

    package init() {}

    package mutating func begin(_ bytes: [UInt8]) {
        let order = naive ? [0, 1] : placement.order
        writing = (order, bytes)
        placement.begin(order[0])
    }

    /// One slot is on disk. Returns whether the write is done.
    package mutating func step() -> Bool {
        guard let current = writing, let slot = current.slots.first else { return true }
        slots[slot] = current.bytes
        if let next = current.slots.dropFirst().first {
            writing = ([next], current.bytes)
            placement.begin(next)
            return false
        }
        writing = nil
        placement.finish()
        return true
    }

    /// As the shell does it at a start.
    package mutating func open(_ kind: LatchSlot.Kind) {
        placement = LatchPlacement()
        if case .found(_, _, let found, _) = LatchSlot.choose(slots, kind: kind) { placement = found }
    }

    package mutating func confirm(_ sequence: UInt64) { confirmed = sequence }

    /// The write ends in an error; how much of it is on disk nobody knows.
    package mutating func fail(_ random: inout some RandomNumberGenerator) {
        tear(&random)
        writing = nil
    }

    /// The machine stops in the middle of whatever is being written.
    package mutating func crash(_ random: inout some RandomNumberGenerator) {
        tear(&random)
        writing = nil
    }

    private mutating func tear(_ random: inout some RandomNumberGenerator) {
        guard let writing, let slot = writing.slots.first else { return }
        let bytes = writing.bytes
        let count = below(bytes.count + 1, &random)
        let old = slots[slot] ?? []
        let rest = random.next() % 100 < 50 ? Array(old.dropFirst(count)) : []
        slots[slot] = Array(bytes.prefix(count)) + rest
    }

    package mutating func apply(_ fault: Fault, _ random: inout some RandomNumberGenerator) {
        switch fault {
        case .none: break
        case .missing: slots = [nil, nil]
        case .stale: slots = backup
        case .rotten:
            let slot = below(2, &random)
            // A slot that rots beside one that is torn would be two accidents at once.
            guard slots[0] == slots[1], var bytes = slots[slot], !bytes.isEmpty else { return }
            bytes[below(bytes.count, &random)] ^= 1 << UInt8(below(8, &random))
            slots[slot] = bytes
        }
        if fault == .missing || fault == .stale { confirmed = 0 }
    }
}

private func below(_ limit: Int, _ random: inout some RandomNumberGenerator) -> Int { Int(random.next() % UInt64(limit)) }
