internal import FleetProtocol

/// A job's specification as bytes.
enum SpecificationWire {
    /// As it travels and is stored.
    static func bytes(_ specification: JobSpecification) -> [UInt8] { specification.encoded() }

    /// What its address is the digest of.
    static func addressBytes(_ specification: JobSpecification) -> [UInt8] { specification.addressedBytes() }

    /// Reads what `bytes` made.
    static func specification(_ bytes: [UInt8]) throws(ProtocolError) -> JobSpecification {
        try JobSpecification(decoding: bytes)
    }
}
