/// JSON's string escapes, both ways.
enum JSONStrings {
    /// The text of raw bytes between quotes.
    static func decode(_ raw: ArraySlice<UInt8>, at offset: Int) throws(JSONError) -> String {
        if let text = plain(raw) { return text }
        guard raw.contains(UInt8(ascii: "\\")) else { return try text(raw, at: offset) }
        var decoder = EscapeDecoder(rest: raw, offset: offset)
        return try text(decoder.decode()[...], at: offset)
    }

    /// ASCII without escapes, as nearly all of a venue's texts are: up to 15 characters take no memory of their own. Nil for anything else.
    private static func plain(_ raw: ArraySlice<UInt8>) -> String? {
        raw.withUnsafeBufferPointer { raw in
            for byte in raw { guard byte < 0x80, byte != UInt8(ascii: "\\") else { return nil } }
            return String(unsafeUninitializedCapacity: raw.count) { $0.initialize(fromContentsOf: raw) }
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(JSONError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw JSONError(.invalidUTF8, at: offset) }
        return text
    }

    /// `text` in quotes.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += Array("\\n".utf8)
            case 0x0D: bytes += Array("\\r".utf8)
            case 0x09: bytes += Array("\\t".utf8)
            case 0..<0x20:
                let hex = Array("0123456789abcdef".utf8)
                bytes += Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

/// Resolves backslashes.
private struct EscapeDecoder {
    var rest: ArraySlice<UInt8>
    let offset: Int

    mutating func decode() throws(JSONError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(rest.count)
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            try escape(into: &result)
        }
        return result
    }

    private mutating func escape(into result: inout [UInt8]) throws(JSONError) {
        switch rest.popFirst() {
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "u"): result += Array(String(Character(try scalar())).utf8)
        case let other? where [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/")].contains(other): result.append(other)
        default: throw JSONError(.invalidEscape, at: offset)
        }
    }

    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
        let first = try unit()
        if let scalar = Unicode.Scalar(UInt32(first)) { return scalar }
        guard UTF16.isLeadSurrogate(first), rest.popFirst() == UInt8(ascii: "\\"), rest.popFirst() == UInt8(ascii: "u") else {
            throw JSONError(.invalidEscape, at: offset)
        }
        let second = try unit()
        guard UTF16.isTrailSurrogate(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        else { throw JSONError(.invalidEscape, at: offset) }
        return scalar
    }

    private mutating func unit() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = rest.popFirst(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw JSONError(.invalidEscape, at: offset)
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
