// What is signed has one encoding only, which is therefore defined here and not left to a serialisation library: little-endian numbers and
// length-prefixed UTF-8. The first bytes differ between a state and a grant, so that a signature for one is never valid for the other.

private let stateMagic: [UInt8] = Array("PRHS".utf8)
private let stateVersion: UInt8 = 1

extension MonitorHaltState {
    /// The bytes that are signed. Texts over their limits are cut; the caller widens first where the whole is over `HaltLimits.stateBytes`.
    package func encoded() -> [UInt8] {
        var writer = HaltByteWriter()
        writer.append(raw: stateMagic)
        writer.append(stateVersion)
        writer.append(monitor.name, limit: HaltLimits.nameBytes)
        writer.append(epoch)
        writer.append(rearmed)
        writer.append(entries: entries)
        return writer.bytes
    }

    /// Reads `encoded()` from hostile bytes; whatever is read encodes to the same bytes again.
    package init(decoding bytes: [UInt8]) throws(HaltDecodingError) {
        guard bytes.count <= HaltLimits.stateBytes else {
            throw .tooLong(what: "a halt state", bytes: bytes.count, limit: HaltLimits.stateBytes)
        }
        var reader = HaltByteReader(bytes[...])
        try reader.expect(magic: stateMagic, version: stateVersion, of: "a halt state")
        let monitor = MonitorID(try reader.text("the monitor's name", limit: HaltLimits.nameBytes))
        let epoch = try reader.epoch("the epoch")
        let rearmed = try reader.epoch("the re-armed epoch")
        let entries = try reader.entries()
        try reader.finish()
        self.init(monitor: monitor, epoch: epoch, rearmed: rearmed, entries: entries)
    }
}

extension SignedHaltState {
    /// Reads the state out of bytes whose signature the caller has verified.
    package init(verified bytes: [UInt8], signature: [UInt8]) throws(HaltDecodingError) {
        self.init(bytes: bytes, signature: signature, state: try MonitorHaltState(decoding: bytes))
    }

    /// Signs a state.
    package init(_ state: MonitorHaltState, signer: HaltSigner) {
        let bytes = state.encoded()
        self.init(bytes: bytes, signature: signer(bytes), state: state)
    }
}

extension HaltByteWriter {
    mutating func append(entries: [HaltEntry]) {
        let entries = entries.prefix(Int(UInt16.max))
        append(UInt16(entries.count))
        for entry in entries { append(entry) }
    }

    mutating func append(_ entry: HaltEntry) {
        append(entry.id)
        append(entry.scope)
        append(entry.action.rawValue)
        append(entry.reason, limit: HaltLimits.reasonBytes)
        append(entry.operator, limit: HaltLimits.nameBytes)
        append(entry.wallMilliseconds)
    }

    private mutating func append(_ scope: HaltScope) {
        switch scope {
        case .fleet: append(UInt8(1))
        case .exchange(let name): append(2, name)
        case .account(let name): append(3, name)
        case .strategy(let name): append(4, name)
        case .job(let name): append(5, name)
        }
    }

    private mutating func append(_ kind: UInt8, _ name: String) {
        append(kind)
        append(name, limit: HaltLimits.scopeBytes)
    }
}

extension HaltByteReader {
    mutating func entries() throws(HaltDecodingError) -> [HaltEntry] {
        let count = try count("the entries", limit: Int(UInt16.max), size: 22)
        var entries: [HaltEntry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count { entries.append(try entry()) }
        return entries
    }

    private mutating func entry() throws(HaltDecodingError) -> HaltEntry {
        let id = try number("an entry's id", as: UInt64.self)
        let scope = try scope()
        guard let action = HaltAction(rawValue: try number("an entry's action")) else {
            throw .invalidValue(what: "an entry's action")
        }
        let reason = try text("an entry's reason", limit: HaltLimits.reasonBytes)
        let name = try text("an entry's operator", limit: HaltLimits.nameBytes)
        let wall = try number("an entry's time", as: Int64.self)
        return HaltEntry(id: id, scope: scope, action: action, reason: reason, operator: name, wallMilliseconds: wall)
    }

    private mutating func scope() throws(HaltDecodingError) -> HaltScope {
        let kind = try number("an entry's scope", as: UInt8.self)
        if kind == 1 { return .fleet }
        guard (2...5).contains(kind) else { throw .invalidValue(what: "an entry's scope") }
        let name = try text("an entry's scope", limit: HaltLimits.scopeBytes)
        switch kind {
        case 2: return .exchange(name)
        case 3: return .account(name)
        case 4: return .strategy(name)
        default: return .job(name)
        }
    }
}
