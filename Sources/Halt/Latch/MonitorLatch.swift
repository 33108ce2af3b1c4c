private let latchMagic: [UInt8] = Array("PRLM".utf8)
private let latchVersion: UInt8 = 1

/// What a monitor keeps on disk.
package struct MonitorLatch: Hashable, Sendable {
    package var state: MonitorHaltState
    /// The last epoch of every former incarnation, and epochs of other lines that were taken over: what this monitor knows to be in its past.
    package var ancestors: [HaltEpoch]

    package init(state: MonitorHaltState, ancestors: [HaltEpoch]) {
        self.state = state
        self.ancestors = ancestors
    }

    /// The first latch of a new fleet: nothing is stopped. Only `pragma init` makes one, for a home that did not exist before.
    package static func initial(monitor: MonitorID) -> MonitorLatch {
        MonitorLatch(state: MonitorHaltState(monitor: monitor, epoch: .zero, rearmed: .zero, entries: []), ancestors: [])
    }

    /// The payload of a slot.
    package func encoded() -> [UInt8] {
        var writer = HaltByteWriter()
        writer.append(raw: latchMagic)
        writer.append(latchVersion)
        writer.append(block: state.encoded())
        writer.append(UInt16(ancestors.count))
        for ancestor in ancestors { writer.append(ancestor) }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(HaltDecodingError) {
        var reader = HaltByteReader(bytes[...])
        try reader.expect(magic: latchMagic, version: latchVersion, of: "a monitor's latch")
        let state = try MonitorHaltState(decoding: try reader.block("the state", limit: HaltLimits.stateBytes))
        let count = try reader.count("the former epochs", limit: HaltLimits.ancestors, size: 16)
        var ancestors: [HaltEpoch] = []
        for _ in 0..<count { ancestors.append(try reader.epoch("a former epoch")) }
        try reader.finish()
        self.init(state: state, ancestors: ancestors)
    }

    /// Reads the two slots. A latch of another monitor is invalid.
    package static func load(
        _ slots: [[UInt8]?], monitor: MonitorID, checksum: LatchChecksum = CRC64.checksum
    ) -> LoadedLatch<MonitorLatch> {
        switch LatchSlot.choose(slots, kind: .monitor, checksum: checksum) {
        case .missing: return .missing
        case .invalid(let why): return .invalid(why)
        case .found(let sequence, let payload, let placement, _):
            do throws(HaltDecodingError) {
                let latch = try MonitorLatch(decoding: payload)
                if latch.state.monitor == monitor { return .valid(latch, sequence: sequence, whole: placement.isWhole) }
                return .invalid("the latch is of monitor \(latch.state.monitor), this one is \(monitor)")
            } catch {
                return .invalid("\(error)")
            }
        }
    }
}
