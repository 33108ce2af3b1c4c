#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Decimal numbers in text.
enum DecimalText {
    /// Which double a text becomes.
    enum Rounding {
        /// The nearest one, as any correct reader has it.
        case nearest
        /// The one that pandas makes of JSON, and with it freqtrade: up to a few units in the last place beside the nearest.
        case pandasJSON
    }

    /// Powers of ten that are exact in a double.
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
        1e22,
    ]

    /// The digits of a number without their point: `mantissa` x 10^`exponent`.
    struct Digits {
        var isNegative = false
        var mantissa: UInt64 = 0
        var exponent = 0
        /// Whether digits were left out because there were too many.
        var isCut = false
    }

    /// The number in `range` by `rounding`; nil where it is none.
    static func double(_ bytes: [UInt8], _ range: Range<Int>, _ rounding: Rounding) -> Double? {
        switch rounding {
        case .nearest: double(bytes, range)
        case .pandasJSON: pandasDouble(bytes, range)
        }
    }

    /// The number as pandas reads JSON without `precise_float` (measured with pandas 3.1): whole part plus fraction x power of
    /// ten, each step rounded, of the fraction the first 15 digits. A backtest of freqtrade on `json` files sees these bits.
    private static func pandasDouble(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
        guard let nearest = double(bytes, range) else { return nil }
        var position = range.lowerBound
        let isNegative = bytes[position] == UInt8(ascii: "-")
        if isNegative || bytes[position] == UInt8(ascii: "+") { position += 1 }
        var whole = Digits()
        _ = run(bytes, &position, range.upperBound, &whole, scale: 0)
        guard !whole.isCut else { return nearest }
        var (fraction, places) = (0.0, 0)
        if position < range.upperBound, bytes[position] == UInt8(ascii: ".") {
            position += 1
            while position < range.upperBound, bytes[position] >= 0x30, bytes[position] <= 0x39 {
                if places < 15 { (fraction, places) = (fraction * 10 + Double(bytes[position] - 0x30), places + 1) }
                position += 1
            }
        }
        var value = Double(whole.mantissa) + fraction * negativePowers[places]
        if position < range.upperBound {
            position += 1
            guard let exponent = exponent(bytes, &position, range.upperBound) else { return nil }
            value *= pow(10, Double(exponent))
        }
        guard value.isFinite else { return nearest }
        return isNegative ? -value : value
    }

    private static let negativePowers: [Double] = [
        1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15,
    ]

    /// The nearest double to the number in `range`: sign, digits, point, exponent; nil for anything else and for what is too large for a double.
    static func double(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
        guard let digits = digits(bytes, range) else { return nil }
        // Mantissa and power are both exact here, so that one operation rounds once (Clinger 1990).
        if !digits.isCut, digits.mantissa <= 1 << 53, abs(digits.exponent) < powers.count {
            let mantissa = Double(digits.mantissa)
            let power = powers[abs(digits.exponent)]
            let value = digits.exponent < 0 ? mantissa / power : mantissa * power
            return digits.isNegative ? -value : value
        }
        guard let value = Double(String(decoding: bytes[range], as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// The whole number in `range`; `12.0` and `12e3` are whole, too. Nil for anything else and outside of `Int64`.
    static func integer(_ bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        guard let digits = digits(bytes, range), !digits.isCut, abs(digits.exponent) <= 40 else { return nil }
        var value = digits.mantissa
        var exponent = digits.exponent
        while exponent < 0 && value != 0 {
            guard value % 10 == 0 else { return nil }
            (value, exponent) = (value / 10, exponent + 1)
        }
        while exponent > 0 && value != 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            (value, exponent) = (product, exponent - 1)
        }
        guard let signed = Int64(exactly: value) else { return nil }
        return digits.isNegative ? -signed : signed
    }

    private static func digits(_ bytes: [UInt8], _ range: Range<Int>) -> Digits? {
        var result = Digits()
        var position = range.lowerBound
        let end = range.upperBound
        guard position < end else { return nil }
        if bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
            result.isNegative = bytes[position] == UInt8(ascii: "-")
            position += 1
        }
        let whole = run(bytes, &position, end, &result, scale: 0)
        var fraction = 0
        if position < end, bytes[position] == UInt8(ascii: ".") {
            position += 1
            fraction = run(bytes, &position, end, &result, scale: -1)
        }
        guard whole + fraction > 0 else { return nil }
        if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            guard let exponent = exponent(bytes, &position, end) else { return nil }
            result.exponent += exponent
        }
        return position == end ? result : nil
    }

    /// Reads digits; each moves the exponent by `scale`. Returns how many there were.
    private static func run(_ bytes: [UInt8], _ position: inout Int, _ end: Int, _ result: inout Digits, scale: Int) -> Int {
        let start = position
        while position < end, bytes[position] >= 0x30, bytes[position] <= 0x39 {
            if result.mantissa < 1_000_000_000_000_000_000 {
                result.mantissa = result.mantissa * 10 + UInt64(bytes[position] - 0x30)
                result.exponent += scale
            } else {
                result.isCut = true
            }
            position += 1
        }
        return position - start
    }

    private static func exponent(_ bytes: [UInt8], _ position: inout Int, _ end: Int) -> Int? {
        var isNegative = false
        if position < end, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
            isNegative = bytes[position] == UInt8(ascii: "-")
            position += 1
        }
        let start = position
        var value = 0
        while position < end, bytes[position] >= 0x30, bytes[position] <= 0x39 {
            value = min(value * 10 + Int(bytes[position] - 0x30), 100_000)
            position += 1
        }
        return position > start ? (isNegative ? -value : value) : nil
    }
}
