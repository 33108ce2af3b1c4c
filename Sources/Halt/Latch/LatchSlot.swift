/// One of the two copies of a latch.
///
/// Layout, little-endian: magic `PRHL`, version (1 byte), kind (1), sequence (8), payload length (4), payload, checksum over all before it.
///
/// A write goes to one slot, is synced (file and folder), then to the other, is synced, and only then is it confirmed. `LatchPlacement` says which slot is
/// first: never the only one that is whole. So a write torn at any byte leaves the other slot whole, and a single slot that rots later loses nothing that
/// was confirmed.
package enum LatchSlot {
    package enum Kind: UInt8, Sendable {
        case monitor = 1
        case member = 2
    }

    private static let magic: [UInt8] = Array("PRHL".utf8)
    private static let version: UInt8 = 1

    /// The bytes of a slot.
    package static func encode(
        kind: Kind, sequence: UInt64, payload: [UInt8], checksum: LatchChecksum = CRC64.checksum
    ) -> [UInt8] {
        var writer = HaltByteWriter()
        writer.append(raw: magic)
        writer.append(version)
        writer.append(kind.rawValue)
        writer.append(sequence)
        writer.append(block: payload)
        return writer.bytes + checksum(writer.bytes)
    }

    /// Reads a slot's bytes; what follows the checksum (the rest of a longer, older slot) is ignored.
    package static func decode(
        _ bytes: [UInt8], kind: Kind, checksum: LatchChecksum = CRC64.checksum
    ) throws(HaltDecodingError) -> (sequence: UInt64, payload: [UInt8]) {
        var reader = HaltByteReader(bytes[...])
        try reader.expect(magic: magic, version: version, of: "a latch slot")
        guard try reader.number("the kind", as: UInt8.self) == kind.rawValue else { throw .invalidValue(what: "the kind") }
        let sequence = try reader.number("the sequence", as: UInt64.self)
        let payload = try reader.block("the payload", limit: HaltLimits.latchBytes)
        let covered = Array(bytes[..<(bytes.count - reader.remaining)])
        let expected = checksum(covered)
        guard Array(try reader.raw(expected.count, "the checksum")) == expected else { throw .wrongChecksum }
        return (sequence, payload)
    }

    /// The payload of the newest whole slot.
    ///
    /// - Parameter slots: the bytes of each slot; nil where there is no file.
    package static func choose(
        _ slots: [[UInt8]?], kind: Kind, checksum: LatchChecksum = CRC64.checksum
    ) -> LatchChoice {
        var newest: (sequence: UInt64, payload: [UInt8])?
        var index = 0
        var damage: [String] = []
        var older = false
        for (number, slot) in slots.enumerated() {
            guard let slot else {
                older = true
                continue
            }
            do throws(HaltDecodingError) {
                let found = try decode(slot, kind: kind, checksum: checksum)
                if let other = newest, other.sequence == found.sequence, other.payload != found.payload {
                    return .invalid("the two slots have the same sequence number and differ")
                }
                older = older || newest.map { $0.sequence != found.sequence } ?? false
                if found.sequence >= newest?.sequence ?? 0 { (newest, index) = (found, number) }
            } catch {
                damage.append("slot \(number): \(error)")
            }
        }
        if let newest {
            return .found(
                sequence: newest.sequence, payload: newest.payload,
                placement: LatchPlacement(newest: index, whole: !older && damage.isEmpty), damage: damage)
        }
        return damage.isEmpty ? .missing : .invalid(damage.joined(separator: "; "))
    }
}

/// In which order the two slots are written. Kept by the shell's writer beside the files.
package struct LatchPlacement: Hashable, Sendable {
    /// The slot that must not be touched before the other one is written and synced; nil: both hold the same.
    private var only: Int?

    /// For a latch that does not exist or cannot be used.
    package init() {}

    init(newest: Int, whole: Bool) { only = whole ? nil : newest }

    /// Both slots hold the same.
    package var isWhole: Bool { only == nil }

    /// The slots in the order in which the next write goes to them.
    package var order: [Int] { only == 0 ? [1, 0] : [0, 1] }

    /// Writing to a slot begins: until both are synced, the other one is the only one to rely on.
    package mutating func begin(_ slot: Int) { only = 1 - slot }

    /// Both slots of a write are synced.
    package mutating func finish() { only = nil }
}

/// What the slots of a latch hold.
package enum LatchChoice: Hashable, Sendable {
    /// The newest whole slot; `damage` says what is wrong with the other one where it cannot be read.
    case found(sequence: UInt64, payload: [UInt8], placement: LatchPlacement, damage: [String])
    /// There is no slot at all.
    case missing
    /// There are slots and none can be used.
    case invalid(String)
}

/// A latch as it was found at the start.
package enum LoadedLatch<Content: Hashable & Sendable>: Hashable, Sendable {
    /// `whole`: both slots hold it; else it has to be written again soon.
    case valid(Content, sequence: UInt64, whole: Bool)
    case missing
    case invalid(String)

    /// The sequence number of the last write; 0 where nothing is known.
    package var sequence: UInt64 {
        if case .valid(_, let sequence, _) = self { sequence } else { 0 }
    }
}
