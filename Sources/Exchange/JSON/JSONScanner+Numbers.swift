package import Money

extension JSONScanner {
    /// A fixed-point number, bare or in quotes.
    package mutating func fixedPoint<Kind>(_: Kind.Type = Kind.self) throws(JSONError) -> FixedPoint<Kind> {
        if let short = shortNumber() { return FixedPoint(units: short.units, decimals: short.decimals) }
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
        let start = offset
        if let short = shortNumber(), short.decimals == 0 { return short.units }
        offset = start
        let range = try digits()
        guard let value = Self.integer(bytes[range]) else { throw JSONError(.invalidNumber, at: range.lowerBound) }
        return value
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

    /// A number of the usual kind (`DecimalText.scanShort`), read in one go; nil for anything else, of which nothing is read but blanks.
    private mutating func shortNumber() -> (units: Int64, decimals: Int)? {
        skipBlanks()
        let start = offset
        let found = bytes.withUnsafeBufferPointer { bytes -> (units: Int64, decimals: Int, end: Int)? in
            guard start < bytes.count else { return nil }
            let isQuoted = bytes[start] == UInt8(ascii: "\"")
            guard var number = DecimalText.scanShort(bytes, from: isQuoted ? start + 1 : start) else { return nil }
            if isQuoted {
                guard number.end < bytes.count, bytes[number.end] == UInt8(ascii: "\"") else { return nil }
                number.end += 1
            } else if number.end < bytes.count, Self.isNumberByte(bytes[number.end]) {
                return nil
            }
            return number
        }
        guard let found else { return nil }
        offset = found.end
        return (found.units, found.decimals)
    }

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
