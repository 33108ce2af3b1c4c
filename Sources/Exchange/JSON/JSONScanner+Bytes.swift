// What stands at the offset, byte by byte; strings eight bytes at a time.

extension JSONScanner {
    /// Venues send none, so the first byte mostly decides.
    @inline(__always)
    mutating func skipBlanks() {
        if offset < bytes.count, bytes[offset] <= 0x20 { skipManyBlanks() }
    }

    private mutating func skipManyBlanks() {
        while offset < bytes.count, Self.isBlank(bytes[offset]) { offset += 1 }
    }

    mutating func open(_ byte: UInt8, _ what: JSONError.StaticText) throws(JSONError) {
        skipBlanks()
        guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        guard bytes[offset] == byte else { throw JSONError(.expected(what), at: offset) }
        guard depth < Self.maximumDepth else { throw JSONError(.tooDeep, at: offset) }
        depth += 1
        offset += 1
    }

    @inline(__always)
    mutating func close(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        depth -= 1
        return true
    }

    /// After a member: true after a comma, false after the closing byte.
    @inline(__always)
    mutating func next(_ end: UInt8) throws(JSONError) -> Bool {
        skipBlanks()
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ",") {
            offset += 1
            return true
        }
        if close(end) { return false }
        throw missingByte
    }

    @inline(__always)
    mutating func expect(_ byte: UInt8) throws(JSONError) {
        skipBlanks()
        guard offset < bytes.count, bytes[offset] == byte else { throw missingByte }
        offset += 1
    }

    /// What is wrong where another byte had to stand.
    private var missingByte: JSONError { JSONError(offset < bytes.count ? .unexpectedByte : .unexpectedEnd, at: offset) }

    mutating func word(_ word: StaticString) -> Bool {
        let end = offset + word.utf8CodeUnitCount
        guard end <= bytes.count, equals(offset..<end, word) else { return false }
        offset = end
        return true
    }

    mutating func stringRange() throws(JSONError) -> Range<Int> {
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
        bytes.withUnsafeBytes { bytes in
            var index = start
            while index < bytes.count {
                if index + 8 <= bytes.count {
                    let marks = stringMarks(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
                    index += marks.trailingZeroBitCount >> 3
                    if marks == 0 { continue }
                }
                let byte = bytes[index]
                if byte == UInt8(ascii: "\"") || byte < 0x20 { return index }
                index += byte == UInt8(ascii: "\\") ? 2 : 1
            }
            return index
        }
    }

    /// Eight bytes of a string at once: the lowest bit that is set is the highest of the first byte that is a quote, a backslash or a control
    /// character; none is set where there is no such byte. (H. Warren, Hacker's Delight, 6-1: a zero byte is found by subtraction; what a borrow
    /// marks falsely lies above it.)
    private static func stringMarks(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ ones &* UInt64(UInt8(ascii: "\""))
        let backslashes = word ^ ones &* UInt64(UInt8(ascii: "\\"))
        let found = (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | (word &- ones &* 0x20) & ~word
        return found & (ones &* 0x80)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
