import Foundation

/// A JSON reader whose numbers are the doubles nearest to their digits. Foundation's may be a unit off in the last place, and the
/// comparisons here are about that unit.
struct ExactJSON {
    struct Malformed: Error { var offset: Int }

    private let bytes: [UInt8]
    private var at = 0

    static func parse(_ data: Data) throws -> Any {
        var reader = ExactJSON(bytes: Array(data))
        return try reader.value() ?? [String: Any]()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// The next value; nil for null. Numbers are `Double`, truth values `Bool`.
    private mutating func value() throws -> Any? {
        skipBlanks()
        switch try peek() {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return try string()
        case UInt8(ascii: "t"): return try word("true", true)
        case UInt8(ascii: "f"): return try word("false", false)
        case UInt8(ascii: "n"): return try word("null", nil)
        default: return try number()
        }
    }

    private func peek() throws -> UInt8 {
        guard at < bytes.count else { throw Malformed(offset: at) }
        return bytes[at]
    }

    private mutating func skipBlanks() {
        while at < bytes.count, bytes[at] <= 0x20 { at += 1 }
    }

    private mutating func word(_ text: String, _ value: Any?) throws -> Any? {
        guard bytes[at...].starts(with: text.utf8) else { throw Malformed(offset: at) }
        at += text.utf8.count
        return value
    }

    private mutating func number() throws -> Double {
        if bytes[at...].starts(with: "NaN".utf8) {
            at += 3
            return .nan
        }
        let start = at
        while at < bytes.count, "+-.eE0123456789".utf8.contains(bytes[at]) { at += 1 }
        guard let value = Double(String(decoding: bytes[start..<at], as: UTF8.self)) else { throw Malformed(offset: start) }
        return value
    }

    private mutating func string() throws -> String {
        let start = at
        at += 1
        while try peek() != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        at += 1
        let text = Data(bytes[start..<at])
        return try JSONSerialization.jsonObject(with: text, options: .fragmentsAllowed) as? String ?? ""
    }

    private mutating func array() throws -> [Any] {
        var result: [Any] = []
        at += 1
        skipBlanks()
        while try peek() != UInt8(ascii: "]") {
            result.append(try value() as Any)
            try skipComma()
        }
        at += 1
        return result
    }

    private mutating func object() throws -> [String: Any] {
        var result: [String: Any] = [:]
        at += 1
        skipBlanks()
        while try peek() != UInt8(ascii: "}") {
            let key = try string()
            skipBlanks()
            at += 1
            if let value = try value() { result[key] = value }
            try skipComma()
        }
        at += 1
        return result
    }

    private mutating func skipComma() throws {
        skipBlanks()
        if try peek() == UInt8(ascii: ",") { at += 1 }
        skipBlanks()
    }
}
