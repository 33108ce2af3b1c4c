/// Words, numbers and texts.
extension JSONReader {
    /// `true`, `false`, `null`, and the numbers that are none: `NaN`, `Infinity`.
    mutating func readWord() throws(SyntaxError) -> ConfigValue.Kind {
        let words: [(text: String, kind: ConfigValue.Kind)] = [
            ("true", .boolean(true)), ("false", .boolean(false)), ("null", .null),
            ("NaN", .number(ConfigNumber(text: "NaN", value: .nan))),
            ("Infinity", .number(ConfigNumber(text: "Infinity", value: .infinity))),
            ("Inf", .number(ConfigNumber(text: "Inf", value: .infinity))),
        ]
        for word in words where bytes[position...].starts(with: word.text.utf8) {
            position += word.text.utf8.count
            return word.kind
        }
        guard peek != nil else { throw error("the file ends in the middle of a value", "close every bracket and quote") }
        throw error("a value is expected", "write a number, true, false, null, [ ... ], { ... } or a text in double quotes")
    }

    /// A number in JSON's form.
    mutating func readNumber() throws(SyntaxError) -> ConfigNumber {
        let start = position
        let place = location
        let negative = take("-")
        if negative, peek == UInt8(ascii: "I") {
            guard case .number(let number) = try readWord() else { throw error("a value is expected", "write a number") }
            return ConfigNumber(text: "-" + number.text, value: -number.value)
        }
        let isZero = peek == UInt8(ascii: "0")
        guard skipDigits() > 0 else { throw error("a digit is expected", "write a number as 12, 0.5 or 1e-3") }
        let wholeDigits = position - start - (negative ? 1 : 0)
        guard !isZero || wholeDigits == 1 else {
            throw SyntaxError(location: place, problem: "a number begins with 0", remedy: "remove the leading zero")
        }
        if take(".") {
            guard skipDigits() > 0 else { throw error("a digit is expected after the point", "write 1.0 or 1") }
        }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            guard skipDigits() > 0 else { throw error("a digit is expected in the exponent", "write 1e-3") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard text.utf8.count <= 400, let value = Double(text), value.isFinite else {
            throw SyntaxError(location: place, problem: "the number is too large", remedy: "write a smaller number")
        }
        return ConfigNumber(text: text, value: value)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    /// A text in double quotes.
    mutating func readString() throws(SyntaxError) -> String {
        let unclosed = error("a text is not closed on its line", "close it with a double quote; line feeds are written \\n")
        position += 1
        var content: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw error("a text is no UTF-8", "save the file as UTF-8")
                }
                position += 1
                return text
            case UInt8(ascii: "\\"): try readEscape(into: &content)
            case 0x0A, 0x0D: throw unclosed
            case 0..<0x20: throw error("a control character in a text", "write it as \\u00XX")
            default:
                content.append(byte)
                position += 1
            }
        }
        throw unclosed
    }

    private mutating func readEscape(into content: inout [UInt8]) throws(SyntaxError) {
        let simple: [UInt8: UInt8] = [
            UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
            UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
        ]
        position += 1
        guard let byte = peek else { throw error("the file ends in a text", "close it with a double quote") }
        position += 1
        if let plain = simple[byte] {
            content.append(plain)
            return
        }
        guard byte == UInt8(ascii: "u") else { throw error("an unknown escape", "write a backslash as \\\\") }
        var code = try readHex()
        if (0xD800..<0xDC00).contains(code) {
            guard take("\\"), take("u") else { throw error("half of a surrogate pair", "write both halves as \\uXXXX") }
            let low = try readHex()
            guard (0xDC00..<0xE000).contains(low) else {
                throw error("half of a surrogate pair", "write both halves as \\uXXXX")
            }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw error("half of a surrogate pair", "write both halves as \\uXXXX")
        }
        content += String(Character(scalar)).utf8
    }

    private mutating func readHex() throws(SyntaxError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("the file ends in an escape", "write \\u and four digits") }
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw error("four hexadecimal digits are expected", "write \\u and four digits")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}
