import SwiftProtobuf

/// The way from bytes to an envelope and back.
enum Opening {
    /// Reads an envelope whose version fits, after checks that need no memory.
    static func open(_ bytes: [UInt8]?, limit: Int) throws(ProtocolError) -> WireEnvelope {
        guard let bytes, !bytes.isEmpty else { throw .malformed("it is empty") }
        guard bytes.count <= limit else {
            throw .overLimit(what: "the size of the message", value: UInt64(bytes.count), limit: UInt64(limit))
        }
        try FieldScan.check(bytes)
        do {
            return try WireEnvelope(serializedBytes: bytes)
        } catch {
            throw .malformed("\(error)")
        }
    }

    /// The bytes of a message.
    static func bytes(_ body: WireEnvelope.OneOf_Body, request: UInt64 = 0) -> [UInt8] {
        var envelope = WireEnvelope()
        envelope.major = ProtocolVersion.current.major
        envelope.minor = ProtocolVersion.current.minor
        envelope.request = request
        envelope.body = body
        return bytes(of: envelope)
    }

    static func bytes(of message: some Message) -> [UInt8] {
        do {
            return try message.serializedBytes()
        } catch {
            // Only messages with required fields or `Any` can fail; there are none.
            preconditionFailure("a message could not be encoded: \(error)")
        }
    }
}
