package import Halt

/// The two files of a latch: `NAME.latch.0` and `NAME.latch.1`. Each write replaces both, one after the other, so that a crash at
/// any byte leaves at least one whole slot.
package struct LatchFiles: Sendable {
    private let base: String

    /// The latch whose slots begin with `path`.
    package init(_ path: String) { base = path }

    private var paths: [String] { [base + ".0", base + ".1"] }

    /// The slots as they are on disk; nil for one that is missing. A slot that cannot be read counts as damaged, never as missing.
    package func read() -> [[UInt8]?] {
        paths.map { path in
            // A header and a checksum are around the payload.
            do { return try Files.readIfPresent(path, limit: HaltLimits.latchBytes + 64) } catch { return [] }
        }
    }

    /// Which slot the next write has to spare until the other one is written.
    package func placement(_ kind: LatchSlot.Kind) -> LatchPlacement {
        if case .found(_, _, let placement, _) = LatchSlot.choose(read(), kind: kind) { placement } else { LatchPlacement() }
    }

    /// Writes both slots and makes them durable, the slot that is not whole or older first.
    ///
    /// - Parameter placement: what is known of the slots; of use for the next write whether or not this one fails.
    package func write(
        kind: LatchSlot.Kind, sequence: UInt64, payload: [UInt8], placement: inout LatchPlacement
    ) throws(FleetError) {
        let bytes = LatchSlot.encode(kind: kind, sequence: sequence, payload: payload)
        for slot in placement.order {
            placement.begin(slot)
            // A process of this name holds a lock, so what a killed one left is simply written over.
            try Files.write(bytes, to: paths[slot], temporarySuffix: ".new")
        }
        placement.finish()
    }

    /// The first write of a new latch.
    package func write(kind: LatchSlot.Kind, sequence: UInt64, payload: [UInt8]) throws(FleetError) {
        var placement = placement(kind)
        try write(kind: kind, sequence: sequence, payload: payload, placement: &placement)
    }
}
