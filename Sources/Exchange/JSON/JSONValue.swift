package import Money

/// A JSON value as a tree, members in their order and numbers as their digits: for answers that come seldom, and for writing.
package indirect enum JSONValue: Hashable, Sendable {
    case object([Member])
    case array([JSONValue])
    case string(String)
    /// The digits as they stand.
    case number(String)
    case bool(Bool)
    case null

    package struct Member: Hashable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}

// MARK: - Reading

extension JSONValue {
    /// Parses exactly one value.
    package init(parsing bytes: [UInt8]) throws(JSONError) {
        var scanner = JSONScanner(bytes)
        self = try Self.value(&scanner)
        try scanner.end()
    }

    private static func value(_ scanner: inout JSONScanner) throws(JSONError) -> JSONValue {
        switch try scanner.peek() {
        case .object:
            var members: [Member] = []
            try scanner.object { (scanner, key) throws(JSONError) in
                members.append(Member(try scanner.text(of: key), try value(&scanner)))
            }
            return .object(members)
        case .array:
            var elements: [JSONValue] = []
            try scanner.array { (scanner, _) throws(JSONError) in elements.append(try value(&scanner)) }
            return .array(elements)
        case .string: return .string(try scanner.string())
        case .number:
            let range = try scanner.digits()
            return .number(String(decoding: scanner[range], as: UTF8.self))
        case .bool: return .bool(try scanner.bool())
        case .null:
            guard scanner.null() else { throw JSONError(.unexpectedByte, at: scanner.offset) }
            return .null
        }
    }

    /// The first member of this name; nil for none and for what is no object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The element at this place; nil beyond the end and for what is no list.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    package var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    package var members: [Member]? { if case .object(let members) = self { members } else { nil } }
    package var text: String? { if case .string(let text) = self { text } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var isNull: Bool { self == .null }

    /// Digits, bare or in quotes.
    package var digits: String? {
        switch self {
        case .string(let text), .number(let text): text
        default: nil
        }
    }

    /// A whole number, bare or in quotes.
    package var integer: Int64? { digits.flatMap { JSONScanner.integer(Array($0.utf8)[...]) } }
    /// A fixed-point number, bare or in quotes.
    package func fixedPoint<Kind>(_: Kind.Type = Kind.self) -> FixedPoint<Kind>? { digits.flatMap { FixedPoint($0) } }
    /// An amount of money, bare or in quotes.
    package var amount: Amount? { digits.flatMap { Amount($0) } }
    /// A double, bare or in quotes, where rounding does no harm (candles).
    package var double: Double? { digits.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil } }
}

// MARK: - Writing

extension JSONValue {
    /// The text without blanks, in the order of the members.
    package var bytes: [UInt8] {
        var result: [UInt8] = []
        append(to: &result)
        return result
    }

    private func append(to result: inout [UInt8]) {
        switch self {
        case .object(let members):
            result.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { result.append(UInt8(ascii: ",")) }
                JSONStrings.append(member.name, to: &result)
                result.append(UInt8(ascii: ":"))
                member.value.append(to: &result)
            }
            result.append(UInt8(ascii: "}"))
        case .array(let elements):
            result.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { result.append(UInt8(ascii: ",")) }
                element.append(to: &result)
            }
            result.append(UInt8(ascii: "]"))
        case .string(let text): JSONStrings.append(text, to: &result)
        case .number(let digits): result += Array(digits.utf8)
        case .bool(let value): result += Array((value ? "true" : "false").utf8)
        case .null: result += Array("null".utf8)
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .number(String(value)) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(elements.map { Member($0, $1) }) }

    package static func integer(_ value: Int64) -> JSONValue { .number(String(value)) }
    /// The number in quotes, as Binance writes it.
    package static func text<Kind>(_ value: FixedPoint<Kind>) -> JSONValue { .string(value.fullText) }
    /// The number bare, as Kraken's streams write it.
    package static func number<Kind>(_ value: FixedPoint<Kind>) -> JSONValue { .number(value.description) }
}
