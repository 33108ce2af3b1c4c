private let latchMagic: [UInt8] = Array("PRLW".utf8)
private let latchVersion: UInt8 = 1

/// What a member keeps on disk.
package struct MemberLatch: Hashable, Sendable {
    /// What is held of one monitor.
    package struct Held: Hashable, Sendable {
        package var monitor: MonitorID
        /// The newest state that was seen, with its signature: shown to a monitor that lost its own latch.
        package var newest: SignedHaltState?
        /// What is in force: at least the entries of `newest`, and whatever was not lifted yet.
        package var entries: [HaltEntry]
        /// One epoch came with two contents.
        package var conflict: Bool
        /// States of other incarnations that the monitor has not yet said to know.
        package var doubts: [SignedHaltState]

        package init(
            monitor: MonitorID, newest: SignedHaltState?, entries: [HaltEntry], conflict: Bool, doubts: [SignedHaltState]
        ) {
            self.monitor = monitor
            self.newest = newest
            self.entries = entries
            self.conflict = conflict
            self.doubts = doubts
        }
    }

    /// In order of the monitors' names.
    package var held: [Held]
    /// The `HALT` file that was seen and not yet followed by a re-arm.
    package var haltFile: HaltFileLatch?

    package init(held: [Held] = [], haltFile: HaltFileLatch? = nil) {
        self.held = held
        self.haltFile = haltFile
    }
}

/// A `HALT` file that a member has seen, and what has to be followed by a re-arm before the member forgets it.
package struct HaltFileLatch: Hashable, Sendable {
    package var file: HaltFile
    /// Of each monitor, the first nonce-fresh epoch that was asked for after the file was seen: the re-arm has to be later than this.
    package var baselines: [MonitorID: HaltEpoch]

    package init(file: HaltFile, baselines: [MonitorID: HaltEpoch] = [:]) {
        self.file = file
        self.baselines = baselines
    }
}

/// A `HALT` file as the shell finds it in the home.
package struct HaltFile: Hashable, Sendable {
    /// What the file asks for; a file that is empty or cannot be read asks for `halt`.
    package var action: HaltAction
    /// Differs between any two files that were created (a hash over inode, times and contents).
    package var identity: UInt64

    package init(action: HaltAction, identity: UInt64) {
        self.action = action
        self.identity = identity
    }
}

extension MemberLatch {
    /// The payload of a slot.
    package func encoded() -> [UInt8] {
        var writer = HaltByteWriter()
        writer.append(raw: latchMagic)
        writer.append(latchVersion)
        writer.append(UInt16(held.count))
        for one in held { writer.append(one) }
        writer.append(UInt8(haltFile?.file.action.rawValue ?? 0))
        if let haltFile {
            writer.append(haltFile.file.identity)
            writer.append(UInt16(haltFile.baselines.count))
            for (monitor, epoch) in haltFile.baselines.sorted(by: { $0.key < $1.key }) {
                writer.append(monitor.name, limit: HaltLimits.nameBytes)
                writer.append(epoch)
            }
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(HaltDecodingError) {
        var reader = HaltByteReader(bytes[...])
        try reader.expect(magic: latchMagic, version: latchVersion, of: "a member's latch")
        let count = try reader.count("the monitors", limit: 4 * HaltLimits.monitors, size: 5)
        var held: [Held] = []
        for _ in 0..<count { held.append(try reader.held()) }
        let haltFile = try reader.haltFile()
        try reader.finish()
        self.init(held: held, haltFile: haltFile)
    }

    /// Reads the two slots.
    package static func load(
        _ slots: [[UInt8]?], checksum: LatchChecksum = CRC64.checksum
    ) -> LoadedLatch<MemberLatch> {
        switch LatchSlot.choose(slots, kind: .member, checksum: checksum) {
        case .missing: return .missing
        case .invalid(let why): return .invalid(why)
        case .found(let sequence, let payload, let placement, _):
            do throws(HaltDecodingError) {
                return .valid(try MemberLatch(decoding: payload), sequence: sequence, whole: placement.isWhole)
            } catch {
                return .invalid("\(error)")
            }
        }
    }
}

extension HaltByteWriter {
    fileprivate mutating func append(_ held: MemberLatch.Held) {
        append(held.monitor.name, limit: HaltLimits.nameBytes)
        append(UInt8((held.conflict ? 1 : 0) | (held.newest != nil ? 2 : 0)))
        if let newest = held.newest {
            append(block: newest.signature)
            append(block: newest.bytes)
        }
        append(entries: held.entries)
        append(UInt16(held.doubts.count))
        for doubt in held.doubts {
            append(block: doubt.signature)
            append(block: doubt.bytes)
        }
    }
}

extension HaltByteReader {
    fileprivate mutating func held() throws(HaltDecodingError) -> MemberLatch.Held {
        let monitor = MonitorID(try text("a monitor's name", limit: HaltLimits.nameBytes))
        let flags = try number("the flags", as: UInt8.self)
        guard flags < 4 else { throw .invalidValue(what: "the flags") }
        let newest = flags & 2 != 0 ? try signedState() : nil
        let entries = try entries()
        var doubts: [SignedHaltState] = []
        for _ in 0..<(try count("the doubtful states", limit: HaltLink.doubtLimit, size: 8)) { doubts.append(try signedState()) }
        return MemberLatch.Held(
            monitor: monitor, newest: newest, entries: entries, conflict: flags & 1 != 0, doubts: doubts)
    }

    private mutating func signedState() throws(HaltDecodingError) -> SignedHaltState {
        let signature = try block("a signature", limit: HaltLimits.signatureBytes)
        return try SignedHaltState(verified: try block("a halt state", limit: HaltLimits.stateBytes), signature: signature)
    }

    fileprivate mutating func haltFile() throws(HaltDecodingError) -> HaltFileLatch? {
        let raw = try number("the file's action", as: UInt8.self)
        if raw == 0 { return nil }
        guard let action = HaltAction(rawValue: raw) else { throw .invalidValue(what: "the file's action") }
        let identity = try number("the file's identity", as: UInt64.self)
        var baselines: [MonitorID: HaltEpoch] = [:]
        for _ in 0..<(try count("the baselines", limit: HaltLimits.monitors, size: 18)) {
            let monitor = MonitorID(try text("a monitor's name", limit: HaltLimits.nameBytes))
            baselines[monitor] = try epoch("a baseline")
        }
        return HaltFileLatch(file: HaltFile(action: action, identity: identity), baselines: baselines)
    }
}
