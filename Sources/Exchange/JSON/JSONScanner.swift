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
    package internal(set) var offset: Int
    var depth = 0
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
        /// The one byte of a name that has no more, as nearly all in Binance's streams; 0 for any other.
        package let letter: UInt8
    }

    /// Reads an object; `member` is called for each name and must read its value or leave it, in which case it is skipped.
    package mutating func object(
        _ member: (inout JSONScanner, Key) throws(JSONError) -> Void
    ) throws(JSONError) {
        try open(UInt8(ascii: "{"), "an object")
        if close(UInt8(ascii: "}")) { return }
        repeat {
            skipBlanks()
            let key = key(try stringRange())
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
