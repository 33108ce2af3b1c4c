package import Money

/// Why bytes from outside are not the JSON that was expected, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case unexpectedEnd, unexpectedByte, invalidUTF8, invalidEscape, tooDeep, invalidNumber, trailingBytes
        /// Another type or range than this stands there.
        case expected(StaticText)
        /// This member is not there.
        case missing(StaticText)
    }

    /// Text of ours, compared by its characters.
    package struct StaticText: Hashable, Sendable, ExpressibleByStringLiteral {
        package let text: String
        package init(stringLiteral value: String) { text = value }
        package init(_ text: String) { self.text = text }
    }

    package var reason: Reason
    /// Offset of the byte.
    package var offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String {
        let what =
            switch reason {
            case .unexpectedEnd: "the text ends too early"
            case .unexpectedByte: "a byte that does not belong there"
            case .invalidUTF8: "text that is not UTF-8"
            case .invalidEscape: "an escape that JSON does not have"
            case .tooDeep: "objects and lists nested too deeply"
            case .invalidNumber: "a number that is none, or that does not fit"
            case .trailingBytes: "more bytes after the end of the value"
            case .expected(let name): "something else than \(name.text)"
            case .missing(let name): "no member \"\(name.text)\""
            }
        return "\(what) (byte \(offset))"
    }
}

/// Reads JSON front to back without building anything: market data comes in at 100,000 messages a second.
///
/// Whoever calls asks for what must stand there next; numbers go straight from their digits to fixed point. Members that nobody asks for are
/// skipped and checked for their structure only. No byte can trap it: depth is limited, all sizes come from the input itself.
package struct JSONScanner {
    let bytes: [UInt8]
    /// The next byte to read.
    package private(set) var offset: Int
    private var depth = 0
    static let maximumDepth = 64

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        offset = 0
    }

    /// What kind of value comes next.
    package enum Kind: Sendable { case object, array, string, number, bool, null }

    package mutating func peek() throws(JSONError) -> Kind {
        skipBlanks()
        guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        default: throw JSONError(.unexpectedByte, at: offset)
        }
    }

    /// A name in an object, as raw bytes between its quotes.
    package struct Key: Sendable {
        let range: Range<Int>
    }

    /// Reads an object; `member` is called for each name and must read its value or leave it, in which case it is skipped.
    package mutating func object(
        _ member: (inout JSONScanner, Key) throws(JSONError) -> Void
    ) throws(JSONError) {
        try open(UInt8(ascii: "{"), "an object")
        if close(UInt8(ascii: "}")) { return }
        repeat {
            skipBlanks()
            let key = Key(range: try stringRange())
            try expect(UInt8(ascii: ":"))
            skipBlanks()
            let start = offset
            try member(&self, key)
            if offset == start { try skip() }
        } while try next(UInt8(ascii: "}"))
    }

    /// Reads a list; `element` is called for each element and must read it or leave it, in which case it is skipped.
    package mutating func array(_ element: (inout JSONScanner, Int) throws(JSONError) -> Void) throws(JSONError) {
        try open(UInt8(ascii: "["), "a list")
        if close(UInt8(ascii: "]")) { return }
        var index = 0
        repeat {
            skipBlanks()
            let start = offset
            try element(&self, index)
            if offset == start { try skip() }
            index += 1
        } while try next(UInt8(ascii: "]"))
    }

    /// Whether `key` is `name`; names with escapes equal nothing.
    package func isKey(_ key: Key, _ name: StaticString) -> Bool { equals(key.range, name) }

    /// The name as text.
    package func text(of key: Key) throws(JSONError) -> String {
        try JSONStrings.decode(bytes[key.range], at: key.range.lowerBound)
    }

    /// Whether the bytes in `range` are those of `text`.
    package func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        var index = range.lowerBound
        for position in 0..<text.utf8CodeUnitCount {
            guard bytes[index] == text.utf8Start[position] else { return false }
            index += 1
        }
        return true
    }

    /// The raw bytes between the quotes of the string that comes next (escapes not resolved).
    package mutating func rawString() throws(JSONError) -> Range<Int> {
        skipBlanks()
        return try stringRange()
    }

    /// The raw bytes of a range that was read before.
    package subscript(range: Range<Int>) -> ArraySlice<UInt8> { bytes[range] }

    package mutating func string() throws(JSONError) -> String {
        skipBlanks()
        let range = try stringRange()
        return try JSONStrings.decode(bytes[range], at: range.lowerBound)
    }

    /// The digits of a number, bare or in quotes: exchanges do both.
    package mutating func digits() throws(JSONError) -> Range<Int> {
        skipBlanks()
        guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        if bytes[offset] == UInt8(ascii: "\"") { return try stringRange() }
        let start = offset
        while offset < bytes.count, Self.isNumberByte(bytes[offset]) { offset += 1 }
        guard offset > start else { throw JSONError(.expected("a number"), at: start) }
        return start..<offset
    }

    /// A fixed-point number, bare or in quotes.
    package mutating func fixedPoint<Kind>(_: Kind.Type = Kind.self) throws(JSONError) -> FixedPoint<Kind> {
        let range = try digits()
        guard let value = FixedPoint<Kind>(ascii: bytes[range]) else { throw JSONError(.invalidNumber, at: range.lowerBound) }
        return value
    }

    package mutating func amount() throws(JSONError) -> Amount {
        let range = try digits()
        guard let value = Amount(ascii: bytes[range]) else { throw JSONError(.invalidNumber, at: range.lowerBound) }
        return value
    }

    /// A whole number, bare or in quotes.
    package mutating func integer() throws(JSONError) -> Int64 {
        let range = try digits()
        guard let value = Self.integer(bytes[range]) else { throw JSONError(.invalidNumber, at: range.lowerBound) }
        return value
    }

    package mutating func bool() throws(JSONError) -> Bool {
        skipBlanks()
        if word("true") { return true }
        if word("false") { return false }
        throw JSONError(.expected("true or false"), at: offset)
    }

    /// Whether null comes next; reads it if so.
    package mutating func null() -> Bool {
        skipBlanks()
        return word("null")
    }

    /// Skips one value of any kind.
    package mutating func skip() throws(JSONError) {
        switch try peek() {
        case .object: try object { (_, _) throws(JSONError) in }
        case .array: try array { (_, _) throws(JSONError) in }
        case .string: _ = try stringRange()
        case .number: _ = try digits()
        case .bool: _ = try bool()
        case .null: guard word("null") else { throw JSONError(.unexpectedByte, at: offset) }
        }
    }

    /// Throws where anything but blanks is left.
    package mutating func end() throws(JSONError) {
        skipBlanks()
        guard offset == bytes.count else { throw JSONError(.trailingBytes, at: offset) }
    }
}

// MARK: - Bytes

extension JSONScanner {
    private mutating func skipBlanks() {
        while offset < bytes.count, Self.isBlank(bytes[offset]) { offset += 1 }
    }

    private mutating func open(_ byte: UInt8, _ what: JSONError.StaticText) throws(JSONError) {
        skipBlanks()
        guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        guard bytes[offset] == byte else { throw JSONError(.expected(what), at: offset) }
        guard depth < Self.maximumDepth else { throw JSONError(.tooDeep, at: offset) }
        depth += 1
        offset += 1
    }

    private mutating func close(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        depth -= 1
        return true
    }

    /// After a member: true after a comma, false after the closing byte.
    private mutating func next(_ end: UInt8) throws(JSONError) -> Bool {
        if close(end) { return false }
        try expect(UInt8(ascii: ","))
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        skipBlanks()
        guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        guard bytes[offset] == byte else { throw JSONError(.unexpectedByte, at: offset) }
        offset += 1
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let end = offset + word.utf8CodeUnitCount
        guard end <= bytes.count, equals(offset..<end, word) else { return false }
        offset = end
        return true
    }

    private mutating func stringRange() throws(JSONError) -> Range<Int> {
        guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        guard bytes[offset] == UInt8(ascii: "\"") else { throw JSONError(.expected("a string"), at: offset) }
        let start = offset + 1
        let end = Self.stringEnd(bytes, from: start)
        guard end < bytes.count else {
            offset = bytes.count
            throw JSONError(.unexpectedEnd, at: offset)
        }
        offset = end
        guard bytes[end] == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: end) }
        offset += 1
        return start..<end
    }

    /// Where the closing quote is, or a byte that no string has; the number of bytes or more where the text ends before.
    private static func stringEnd(_ bytes: [UInt8], from start: Int) -> Int {
        bytes.withUnsafeBufferPointer { bytes in
            var index = start
            while index < bytes.count {
                let byte = bytes[index]
                if byte == UInt8(ascii: "\"") || byte < 0x20 { return index }
                index += byte == UInt8(ascii: "\\") ? 2 : 1
            }
            return index
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"),
            UInt8(ascii: "E"):
            true
        default: false
        }
    }

    static func integer(_ digits: ArraySlice<UInt8>) -> Int64? {
        if let short = DecimalText.parseShort(digits), short.decimals == 0 { return short.units }
        guard let value = digits.withUnsafeBufferPointer({ DecimalText.parse($0) }), value.decimals <= 18 else { return nil }
        let (whole, rest) = value.units.quotientAndRemainder(dividingBy: PowersOfTen.wide[value.decimals])
        return rest == 0 ? Int64(exactly: whole) : nil
    }
}
