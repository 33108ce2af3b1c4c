import Exchange

/// The parameters of a request, from a query, a form or a JSON body.
struct PaperKrakenForm: Sendable {
    /// Nested members of forms have names like `close[price]`; of JSON too.
    private var values: [String: JSONValue] = [:]
    static let maximumBytes = 1 << 20

    init() {}
    init(_ values: [String: JSONValue]) { self.values = values }

    /// A query or a form; later values of a name replace earlier ones. Nil where it is too long or not UTF-8.
    init?(form bytes: some Collection<UInt8>) {
        guard bytes.count <= Self.maximumBytes else { return nil }
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(parts[0]), let value = Self.decode(parts.count == 2 ? parts[1] : pair[pair.endIndex...])
            else { return nil }
            values[name] = .string(value)
        }
    }

    /// A JSON object.
    init?(json bytes: [UInt8]) {
        guard bytes.count <= Self.maximumBytes, let value = try? JSONValue(parsing: bytes), value.members != nil else {
            return nil
        }
        self.init(value)
    }

    /// The members of an object; of members that are objects the members, too.
    init(_ object: JSONValue) {
        for member in object.members ?? [] {
            values[member.name] = member.value
            for inner in member.value.members ?? [] { values[member.name + "[" + inner.name + "]"] = inner.value }
        }
    }

    subscript(name: String) -> JSONValue? {
        get { values[name].flatMap { $0.isNull ? nil : $0 } }
        set { values[name] = newValue }
    }

    /// Text or digits; nil where there is none or it is empty.
    func text(_ name: String) -> String? {
        switch self[name] {
        case .string(let text), .number(let text): text.isEmpty ? nil : text
        case .bool(let value): value ? "true" : "false"
        default: nil
        }
    }

    /// `true`, `True` and `1` are true.
    func flag(_ name: String) -> Bool { text(name).map { ["true", "1"].contains($0.lowercased()) } ?? false }
    func integer(_ name: String) -> Int64? { self[name]?.integer }

    /// A list, or text with commas.
    func list(_ name: String) -> [String] {
        if let elements = self[name]?.elements { return elements.compactMap { $0.digits } }
        return text(name)?.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty } ?? []
    }

    private static func decode(_ bytes: some Collection<UInt8>) -> String? {
        var result: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hex), let low = rest.popFirst().flatMap(hex) else { return nil }
                result.append(high << 4 | low)
            default: result.append(byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).isASCII ? Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) } : nil
    }
}

/// Base64 as of RFC 4648, section 4.
enum PaperBase64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for place in 0..<4 {
                result.append(place <= group.count ? alphabet[Int(word >> (18 - 6 * UInt32(place))) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Nil for anything but letters of the alphabet with right padding.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 4 == 0 else { return nil }
        let body = digits.prefix { $0 != UInt8(ascii: "=") }
        let padding = digits.count - body.count
        guard padding <= 2, digits.suffix(padding).allSatisfy({ $0 == UInt8(ascii: "=") }) else { return nil }
        var result: [UInt8] = []
        var (word, bits): (UInt32, Int) = (0, 0)
        for digit in body {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            word = word << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
            }
        }
        return result
    }
}
