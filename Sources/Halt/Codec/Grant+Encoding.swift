private let grantMagic: [UInt8] = Array("PRHG".utf8)
private let grantVersion: UInt8 = 1

extension Grant {
    /// The bytes that are signed; they hold the signed state with its own signature.
    package func encoded() -> [UInt8] {
        var writer = HaltByteWriter()
        writer.append(raw: grantMagic)
        writer.append(grantVersion)
        writer.append(monitor.name, limit: HaltLimits.nameBytes)
        writer.append(member.name, limit: HaltLimits.nameBytes)
        writer.append(session.number)
        writer.append(nonce.high)
        writer.append(nonce.low)
        writer.append(leaseMilliseconds)
        writer.append(block: state.signature)
        writer.append(block: state.bytes)
        return writer.bytes
    }

    /// Reads `encoded()` from hostile bytes. The state in it must be of the grant's monitor.
    package init(decoding bytes: [UInt8]) throws(HaltDecodingError) {
        guard bytes.count <= HaltLimits.grantBytes else {
            throw .tooLong(what: "a grant", bytes: bytes.count, limit: HaltLimits.grantBytes)
        }
        var reader = HaltByteReader(bytes[...])
        try reader.expect(magic: grantMagic, version: grantVersion, of: "a grant")
        let monitor = MonitorID(try reader.text("the monitor's name", limit: HaltLimits.nameBytes))
        let member = MemberName(try reader.text("the member's name", limit: HaltLimits.nameBytes))
        let session = MemberSession(try reader.number("the session"))
        let high = try reader.number("the nonce", as: UInt64.self)
        let nonce = HaltNonce(high: high, low: try reader.number("the nonce"))
        let lease = try reader.number("the lease", as: UInt32.self)
        let signature = try reader.block("the state's signature", limit: HaltLimits.signatureBytes)
        let state = try SignedHaltState(
            verified: try reader.block("the state", limit: HaltLimits.stateBytes), signature: signature)
        try reader.finish()
        guard state.state.monitor == monitor else { throw .invalidValue(what: "the state's monitor") }
        self.init(
            monitor: monitor, member: member, session: session, nonce: nonce, leaseMilliseconds: lease, state: state)
    }
}

extension SignedGrant {
    /// Reads the grant out of bytes whose signature the caller has verified.
    package init(verified bytes: [UInt8], signature: [UInt8]) throws(HaltDecodingError) {
        self.init(bytes: bytes, signature: signature, grant: try Grant(decoding: bytes))
    }

    /// Signs a grant.
    package init(_ grant: Grant, signer: HaltSigner) {
        let bytes = grant.encoded()
        self.init(bytes: bytes, signature: signer(bytes), grant: grant)
    }
}
