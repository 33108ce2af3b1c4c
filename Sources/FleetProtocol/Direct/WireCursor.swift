import Coordination

/// Reads the fields of a message in the order of their numbers, each at most once unless it is repeated: as every version of this
/// program writes them. Whatever is otherwise (another order, an unknown field, a number that does not fit) makes it give up, and
/// the generated code decides what that is worth.
///
/// It points into bytes that must live as long as it.
struct WireCursor {
    private var rest: UnsafeRawBufferPointer
    /// Something was not as expected: what was read is worth nothing.
    private(set) var hasGivenUp = false

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    /// Everything was read and is good.
    var isComplete: Bool { rest.isEmpty && !hasGivenUp }

    mutating func giveUp() {
        hasGivenUp = true
        rest = UnsafeRawBufferPointer(rebasing: rest[rest.endIndex...])
    }

    private mutating func skip(_ count: Int) { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }

    /// Takes a tag of one byte if it is the next one.
    private mutating func take(_ field: UInt8, _ type: UInt8) -> Bool {
        guard let next = rest.first, next == field << 3 | type else { return false }
        skip(1)
        return true
    }

    /// A number below 2^63.
    private mutating func varint() -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<min(9, rest.count) {
            let byte = rest[index]
            value |= UInt64(byte & 0x7f) << UInt64(7 * index)
            if byte < 0x80 {
                skip(index + 1)
                return value
            }
        }
        giveUp()
        return 0
    }

    /// Fields are below 16: the tag is one byte.
    mutating func optionalNumber(_ field: UInt8) -> UInt64? { take(field, 0) ? varint() : nil }

    mutating func number(_ field: UInt8) -> UInt64 { optionalNumber(field) ?? 0 }

    /// A number in a range; gives up where it is not.
    mutating func number(_ field: UInt8, in range: ClosedRange<UInt64>) -> UInt64 {
        let value = number(field)
        if !range.contains(value) { giveUp() }
        return value
    }

    mutating func flag(_ field: UInt8) -> Bool { number(field, in: 0...1) == 1 }

    /// A word of a closed list.
    mutating func word<Word: WireCoded>(_ field: UInt8) -> Word? {
        let value = number(field)
        for word in Word.allCases where UInt64(word.wireNumber) == value { return word }
        giveUp()
        return nil
    }

    mutating func fixed(_ field: UInt8) -> UInt64 {
        guard take(field, 1) else { return 0 }
        guard rest.count >= 8 else {
            giveUp()
            return 0
        }
        let value = UInt64(littleEndian: rest.loadUnaligned(as: UInt64.self))
        skip(8)
        return value
    }

    /// The bytes of a field with a length.
    private mutating func content(limit: Int) -> UnsafeRawBufferPointer {
        let length = varint()
        guard !hasGivenUp, length <= UInt64(min(limit, rest.count)) else {
            giveUp()
            return rest
        }
        let content = UnsafeRawBufferPointer(rebasing: rest[..<Int(length)])
        skip(Int(length))
        return content
    }

    mutating func raw(_ field: UInt8, limit: Int) -> UnsafeRawBufferPointer {
        take(field, 2) ? content(limit: limit) : UnsafeRawBufferPointer(rebasing: rest[..<0])
    }

    mutating func bytes(_ field: UInt8, limit: Int) -> [UInt8] { [UInt8](raw(field, limit: limit)) }

    mutating func text(_ field: UInt8, limit: Int) -> String {
        let bytes = raw(field, limit: limit)
        if bytes.isEmpty { return "" }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            giveUp()
            return ""
        }
        return text
    }

    /// A message inside the message, or nil where there is none.
    mutating func message(_ field: UInt8) -> WireCursor? { take(field, 2) ? WireCursor(content(limit: .max)) : nil }

    /// The envelope's version, request and body, which is all there is.
    mutating func envelope() -> (request: UInt64, field: UInt64, body: WireCursor)? {
        guard take(1, 0), varint() == UInt64(ProtocolVersion.current.major) else { return nil }
        _ = number(2)
        let request = fixed(3)
        let tag = varint()
        guard tag & 7 == 2, tag >> 3 >= 16 else { return nil }
        let body = WireCursor(content(limit: .max))
        return isComplete ? (request, tag >> 3, body) : nil
    }
}
