/// Goes over the fields of an envelope and of its body without decoding them: finds the version, and refuses bytes that would
/// become far larger in memory than they are.
struct FieldScan {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    /// The value of a numeric field, or where the bytes of another one lie.
    private struct Content {
        var value: UInt64 = 0
        var start = 0
        var end = 0
    }

    static func check(_ bytes: [UInt8]) throws(ProtocolError) {
        var scan = FieldScan(bytes: bytes, position: 0, end: bytes.count)
        var major: UInt64?
        var minor: UInt64 = 0
        var found: Content?
        while scan.position < scan.end {
            let (field, content) = try scan.next()
            switch field {
            case 1: major = content.value
            case 2: minor = content.value
            case 16...:
                guard found == nil else { throw .malformed("it has more than one body") }
                found = content
            default: break
            }
        }
        guard let major else { throw .malformed("it has no version") }
        guard major == UInt64(ProtocolVersion.current.major) else {
            let sender = ProtocolVersion(major: UInt32(clamping: major), minor: UInt32(clamping: minor))
            throw .incompatibleVersion(sender: sender, own: .current)
        }
        // Not before the version is known, wherever it stood: another version's body may be anything.
        if let found {
            var body = FieldScan(bytes: bytes, position: found.start, end: found.end)
            try body.count()
        }
    }

    private mutating func count() throws(ProtocolError) {
        var count = 0
        while position < end {
            _ = try next()
            count += 1
            guard count <= ProtocolLimits.fieldsPerMessage else {
                throw .overLimit(
                    what: "the number of fields of a message", value: UInt64(count),
                    limit: UInt64(ProtocolLimits.fieldsPerMessage))
            }
        }
    }

    private mutating func next() throws(ProtocolError) -> (field: UInt64, Content) {
        let tag = try varint()
        var content = Content()
        switch tag & 7 {
        case 0: content.value = try varint()
        case 1: try skip(8)
        case 2:
            let length = try varint()
            guard length <= UInt64(end - position) else { throw .malformed("a field is longer than the message") }
            content.start = position
            try skip(Int(length))
            content.end = position
        case 5: try skip(4)
        default: throw .malformed("a field has an unknown wire type")
        }
        return (tag >> 3, content)
    }

    private mutating func skip(_ count: Int) throws(ProtocolError) {
        guard count <= end - position else { throw .malformed("it ends inside a field") }
        position += count
    }

    private mutating func varint() throws(ProtocolError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .malformed("a number does not end")
    }
}
