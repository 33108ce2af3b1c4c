extension FixedPoint: CustomStringConvertible {
    /// Reads decimal text: sign, digits, point, exponent, as JSON and exchanges write numbers. Zeros at the end are kept as decimals up
    /// to 18 digits, so that "1.50" has two. Nil where the text is no number or does not fit exactly.
    package init?(_ text: some StringProtocol) {
        guard
            let value = text.utf8.withContiguousStorageIfAvailable({ DecimalText.parse($0) })
                ?? DecimalText.parse(Array(text.utf8)),
            let units = Int64(exactly: value.units)
        else { return nil }
        self.init(units: units, decimals: value.decimals)
    }

    /// As `init(_:)`, from bytes.
    package init?(ascii bytes: some RandomAccessCollection<UInt8>) {
        guard let value = DecimalText.parse(bytes), let units = Int64(exactly: value.units) else { return nil }
        self.init(units: units, decimals: value.decimals)
    }

    /// As above for the bytes of a message, without the cost of a generic collection: market data comes in by the 100,000 a second.
    package init?(ascii bytes: ArraySlice<UInt8>) {
        if let short = DecimalText.parseShort(bytes) {
            self.init(units: short.units, decimals: short.decimals)
        } else {
            guard let value = bytes.withUnsafeBufferPointer({ DecimalText.parse($0) }), let units = Int64(exactly: value.units)
            else { return nil }
            self.init(units: units, decimals: value.decimals)
        }
    }

    /// Plain digits without an exponent and without zeros at the end: `0.001`, `60000`.
    package var description: String {
        let short = trimmed; return DecimalText.text(Int128(short.units), decimals: Int(short.decimals))
    }

    /// Plain digits with exactly the decimals that the number has.
    package var fullText: String { DecimalText.text(Int128(units), decimals: Int(decimals)) }
}

/// Decimal digits as text, both ways.
package enum DecimalText {
    /// A number of at most 38 digits and 18 decimals; nil where the text is something else. Digits beyond that are accepted only if zero.
    package static func parse(_ bytes: some RandomAccessCollection<UInt8>) -> (units: Int128, decimals: Int)? {
        var reader = DecimalReader()
        for byte in bytes { guard reader.take(byte) else { return nil } }
        return reader.value
    }

    /// The usual numbers: at most 18 digits, perhaps a minus and a point, no exponent. Nil for all else, numbers or not; where it is not nil
    /// it is what `parse` gives.
    package static func parseShort(_ bytes: ArraySlice<UInt8>) -> (units: Int64, decimals: Int)? {
        bytes.withUnsafeBufferPointer { bytes in
            guard let number = scanShort(bytes, from: 0), number.end == bytes.count else { return nil }
            return (number.units, number.decimals)
        }
    }

    /// A usual number, as `parseShort` knows it, from `start` up to `end`, the first byte that is neither a digit nor its point. Nil where there
    /// is none, or a longer one.
    package static func scanShort(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> (units: Int64, decimals: Int, end: Int)? {
        var index = start
        let isNegative = index < bytes.count && bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        // Wraps where there are more than 18 digits, and then counts for nothing.
        var units: UInt64 = 0
        let whole = scanDigits(bytes, &index, &units)
        var decimals = 0
        if whole > 0, index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            decimals = scanDigits(bytes, &index, &units)
            guard decimals > 0 else { return nil }
        }
        guard whole > 0, whole + decimals <= 18 else { return nil }
        let value = Int64(truncatingIfNeeded: units)
        return (isNegative ? -value : value, decimals, index)
    }

    /// Appends digits to `units` and moves `index` behind them; how many there are.
    @inline(__always)
    private static func scanDigits(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ units: inout UInt64) -> Int {
        let start = index
        while index < bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            units = units &* 10 &+ UInt64(digit)
            index += 1
        }
        return index - start
    }

    /// `units` x 10^-`decimals` in plain digits.
    package static func text(_ units: Int128, decimals: Int) -> String {
        var digits = String(units.magnitude)
        if decimals > 0 {
            if digits.utf8.count <= decimals { digits = String(repeating: "0", count: decimals + 1 - digits.utf8.count) + digits }
            digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -decimals))
        }
        return units < 0 ? "-" + digits : digits
    }
}

/// Reads one decimal number, a byte at a time.
private struct DecimalReader {
    private enum Part { case start, whole, point, fraction, exponent, exponentSign, exponentDigits }
    private var part = Part.start
    private var isNegative = false
    private var signSeen = false
    private var units: Int128 = 0
    /// Digits behind the point so far; zeros at the end that have not been taken yet are counted apart.
    private var decimals = 0
    private var waitingZeros = 0
    private var exponent = 0
    private var exponentIsNegative = false

    mutating func take(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return digit(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "."):
            guard part == .whole else { return false }
            part = .point
        case UInt8(ascii: "-"), UInt8(ascii: "+"): return sign(isNegative: byte == UInt8(ascii: "-"))
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
            guard part == .whole || part == .fraction else { return false }
            part = .exponent
        default: return false
        }
        return true
    }

    private mutating func sign(isNegative negative: Bool) -> Bool {
        if part == .start, !signSeen, negative {
            isNegative = true
            signSeen = true
        } else if part == .exponent {
            exponentIsNegative = negative
            part = .exponentSign
        } else {
            return false
        }
        return true
    }

    private mutating func digit(_ digit: UInt8) -> Bool {
        switch part {
        case .start, .whole:
            part = .whole
            return append(digit)
        case .point, .fraction:
            part = .fraction
            guard digit != 0 || decimals + waitingZeros >= 18 else {
                waitingZeros += 1
                return true
            }
            // A zero beyond what fits changes nothing.
            if digit == 0 { return true }
            for _ in 0..<waitingZeros { guard append(0) else { return false } }
            decimals += waitingZeros + 1
            waitingZeros = 0
            return append(digit)
        case .exponent, .exponentSign, .exponentDigits:
            part = .exponentDigits
            exponent = exponent * 10 + Int(digit)
            return exponent <= 1000
        }
    }

    private mutating func append(_ digit: UInt8) -> Bool {
        let (shifted, first) = units.multipliedReportingOverflow(by: 10)
        let (sum, second) = shifted.addingReportingOverflow(Int128(digit))
        units = sum
        return !first && !second
    }

    var value: (units: Int128, decimals: Int)? {
        guard part == .whole || part == .fraction || part == .exponentDigits else { return nil }
        var result = units
        var places = decimals
        // Zeros at the end are kept where they fit.
        for _ in 0..<waitingZeros {
            let (wider, overflow) = result.multipliedReportingOverflow(by: 10)
            guard !overflow, wider.magnitude <= UInt128(Int64.max) else { break }
            result = wider
            places += 1
        }
        places += exponentIsNegative ? exponent : -exponent
        while places < 0, result != 0 {
            let (wider, overflow) = result.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            result = wider
            places += 1
        }
        if result == 0 { places = min(max(places, 0), 18) }
        while places > 18 {
            guard result % 10 == 0 else { return nil }
            result /= 10
            places -= 1
        }
        return (isNegative ? -result : result, places)
    }
}
