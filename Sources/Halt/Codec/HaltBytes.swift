/// Upper limits of what is signed, latched and sent.
package enum HaltLimits {
    /// Bytes of an encoded `MonitorHaltState`; beyond it the state widens.
    package static let stateBytes = 65_536
    /// Bytes of an encoded `Grant`: a state and little more.
    package static let grantBytes = 67_584
    /// UTF-8 bytes of a monitor's, member's or operator's name.
    package static let nameBytes = 128
    /// UTF-8 bytes of the name in a scope.
    package static let scopeBytes = 256
    /// UTF-8 bytes of a reason.
    package static let reasonBytes = 1024
    /// Bytes of a signature.
    package static let signatureBytes = 256
    /// Monitors of a fleet.
    package static let monitors = 16
    /// Former incarnations that a monitor remembers.
    package static let ancestors = 1024
    /// Bytes of a latch's payload.
    package static let latchBytes = 32 << 20
}

/// Why bytes are not what they should be.
package enum HaltDecodingError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooLong(what: String, bytes: Int, limit: Int)
    case truncated(what: String)
    case trailingBytes(Int)
    case wrongMagic(what: String)
    case unsupportedVersion(what: String, found: Int, supported: Int)
    case invalidValue(what: String)
    case wrongChecksum

    package var description: String {
        switch self {
        case .tooLong(let what, let bytes, let limit): "\(what) has \(bytes) bytes; the limit is \(limit)"
        case .truncated(let what): "the bytes end inside \(what)"
        case .trailingBytes(let count): "\(count) bytes follow the end"
        case .wrongMagic(let what): "the bytes are not \(what)"
        case .unsupportedVersion(let what, let found, let supported):
            "\(what) has version \(found); this program reads version \(supported)"
        case .invalidValue(let what): "\(what) has a value that does not exist"
        case .wrongChecksum: "the checksum does not match"
        }
    }
}

/// Appends little-endian numbers and length-prefixed texts.
struct HaltByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(raw: [UInt8]) { bytes.append(contentsOf: raw) }

    /// A 16-bit length and UTF-8. What is over the limit is cut, so that the result can always be read.
    mutating func append(_ text: String, limit: Int) {
        let utf8 = Array(text.prefix(utf8: limit).utf8)
        append(UInt16(utf8.count))
        append(raw: utf8)
    }

    /// A 32-bit length and the bytes.
    mutating func append(block: [UInt8]) {
        append(UInt32(block.count))
        append(raw: block)
    }

    mutating func append(_ epoch: HaltEpoch) {
        append(epoch.incarnation)
        append(epoch.counter)
    }
}

/// Reads what `HaltByteWriter` writes out of hostile bytes.
struct HaltByteReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var remaining: Int { bytes.endIndex - position }

    mutating func number<T: FixedWidthInteger>(_ what: String, as type: T.Type = T.self) throws(HaltDecodingError) -> T {
        let size = T.bitWidth / 8
        guard remaining >= size else { throw .truncated(what: what) }
        var value: T = 0
        for offset in (0..<size).reversed() { value = (value << 8) | T(truncatingIfNeeded: bytes[position + offset]) }
        position += size
        return value
    }

    mutating func raw(_ count: Int, _ what: String) throws(HaltDecodingError) -> ArraySlice<UInt8> {
        guard count >= 0, remaining >= count else { throw .truncated(what: what) }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func text(_ what: String, limit: Int) throws(HaltDecodingError) -> String {
        let count = Int(try number(what, as: UInt16.self))
        guard count <= limit else { throw .tooLong(what: what, bytes: count, limit: limit) }
        guard let text = String(validating: try raw(count, what), as: UTF8.self) else { throw .invalidValue(what: what) }
        return text
    }

    mutating func block(_ what: String, limit: Int) throws(HaltDecodingError) -> [UInt8] {
        let count = Int(try number(what, as: UInt32.self))
        guard count <= limit else { throw .tooLong(what: what, bytes: count, limit: limit) }
        return Array(try raw(count, what))
    }

    mutating func epoch(_ what: String) throws(HaltDecodingError) -> HaltEpoch {
        let incarnation = try number(what, as: UInt64.self)
        return HaltEpoch(incarnation: incarnation, counter: try number(what, as: UInt64.self))
    }

    /// A count of things of which each takes at least `size` bytes, so that a hostile count reserves no memory.
    mutating func count(_ what: String, limit: Int, size: Int) throws(HaltDecodingError) -> Int {
        let count = Int(try number(what, as: UInt16.self))
        guard count <= limit else { throw .tooLong(what: what, bytes: count, limit: limit) }
        guard count * size <= remaining else { throw .truncated(what: what) }
        return count
    }

    func finish() throws(HaltDecodingError) {
        if remaining > 0 { throw .trailingBytes(remaining) }
    }

    /// A magic of four bytes and a version of one.
    mutating func expect(magic: [UInt8], version: UInt8, of what: String) throws(HaltDecodingError) {
        guard Array(try raw(4, what)) == magic else { throw .wrongMagic(what: what) }
        let found = try number(what, as: UInt8.self)
        guard found == version else {
            throw .unsupportedVersion(what: what, found: Int(found), supported: Int(version))
        }
    }
}

extension String {
    /// The longest beginning of whole characters that has at most `utf8` bytes.
    package func prefix(utf8 limit: Int) -> String {
        if utf8.count <= limit { return self }
        var size = 0
        var end = startIndex
        for index in unicodeScalars.indices {
            size += unicodeScalars[index].utf8.count
            if size > limit { break }
            end = unicodeScalars.index(after: index)
        }
        return String(self[..<end])
    }
}
