/// A value of a configuration with the place it was written at: what a JSON file, a YAML file, an environment variable
/// or an option says, before anybody asked what it means.
package struct ConfigValue: Sendable {
    /// The members of an object. Their order has no meaning in a configuration.
    package typealias Object = [String: ConfigValue]

    /// The value itself.
    package enum Kind: Sendable {
        case null
        case boolean(Bool)
        case number(ConfigNumber)
        case string(String)
        case array([ConfigValue])
        case object(Object)
    }

    /// The value itself.
    package var kind: Kind
    /// Where it was written.
    package var location: SourceLocation

    /// A value from `location`.
    package init(_ kind: Kind, at location: SourceLocation = .none) {
        self.kind = kind
        self.location = location
    }

    /// What kind of value it is, in words: `a text`, `a number`.
    package var kindName: String { kind.name }

    /// The members, where this is an object.
    package var object: Object? {
        if case .object(let members) = kind { members } else { nil }
    }

    /// The elements, where this is an array.
    package var array: [ConfigValue]? {
        if case .array(let elements) = kind { elements } else { nil }
    }

    /// The text, where this is one.
    package var string: String? {
        if case .string(let text) = kind { text } else { nil }
    }

    /// The number, where this is one.
    package var number: ConfigNumber? {
        if case .number(let number) = kind { number } else { nil }
    }

    /// The truth value, where this is one.
    package var boolean: Bool? {
        if case .boolean(let value) = kind { value } else { nil }
    }

    /// Whether this is null.
    package var isNull: Bool {
        if case .null = kind { true } else { false }
    }

    /// The value at a path of member names; nil where there is none.
    package subscript(path: String...) -> ConfigValue? {
        self[at: path]
    }

    /// The value at a path of member names; nil where there is none.
    package subscript(at path: [String]) -> ConfigValue? {
        var value = self
        for name in path {
            guard let next = value.object?[name] else { return nil }
            value = next
        }
        return value
    }

    /// Sets the value at a path, making the objects on the way; what is no object on the way is replaced.
    package mutating func set(_ value: ConfigValue, at path: [String]) {
        guard let name = path.first else {
            self = value
            return
        }
        var members = object ?? [:]
        var member = members[name] ?? ConfigValue(.object([:]), at: value.location)
        member.set(value, at: Array(path.dropFirst()))
        members[name] = member
        kind = .object(members)
    }

    /// Removes the value at a path; false where there was none.
    @discardableResult
    package mutating func remove(at path: [String]) -> Bool {
        guard let name = path.first, var members = object else { return false }
        if path.count == 1 {
            let removed = members.removeValue(forKey: name) != nil
            kind = .object(members)
            return removed
        }
        guard var member = members[name], member.remove(at: Array(path.dropFirst())) else { return false }
        members[name] = member
        kind = .object(members)
        return true
    }
}

extension ConfigValue {
    /// The first numbers in it that are none, with their key paths. Paths are put together for these only: deep objects with long
    /// names would make one for every value expensive.
    func nonFiniteNumbers(atMost limit: Int = 100) -> [(path: String, value: ConfigValue)] {
        var found: [(path: String, value: ConfigValue)] = []
        collectNonFinite(limit, into: &found)
        return found
    }

    private func collectNonFinite(_ limit: Int, into found: inout [(path: String, value: ConfigValue)]) {
        func prefix(_ name: @autoclosure () -> String, from start: Int) {
            for index in start..<found.count {
                let rest = found[index].path
                found[index].path = name() + (rest.isEmpty || rest.hasPrefix("[") ? rest : "." + rest)
            }
        }
        switch kind {
        case .number(let number) where !number.value.isFinite: found.append(("", self))
        case .array(let elements):
            for (index, element) in elements.enumerated() where found.count < limit {
                let start = found.count
                element.collectNonFinite(limit, into: &found)
                prefix(ConfigPath.joined("", index), from: start)
            }
        case .object(let members):
            for name in members.keys.sorted() where found.count < limit {
                let start = found.count
                members[name]?.collectNonFinite(limit, into: &found)
                prefix(name, from: start)
            }
        default: break
        }
    }
}

/// A number of a configuration: the text it was written as and the double that text means.
package struct ConfigNumber: Hashable, Sendable {
    /// The text as it stands in the file.
    package var text: String
    /// The nearest double; may be infinite or not a number where the file says so (`Infinity`, `NaN`).
    package var value: Double

    /// A number from its text and value.
    package init(text: String, value: Double) {
        self.text = text
        self.value = value
    }

    /// A number in its shortest text.
    package init(_ value: Double) { self.init(text: ConfigNumber.shortest(value), value: value) }

    /// A whole number.
    package init(_ value: Int64) { self.init(text: String(value), value: Double(value)) }

    /// The whole number this is; nil for a fraction or what leaves `Int64`. `5.0` and `5e2` are whole.
    package var integer: Int64? {
        if let exact = Int64(text) { return exact }
        return Int64(exactly: value)
    }

    /// The one text of this number in canonical form: whole numbers without fraction or exponent up to 2^53, all others
    /// as the shortest decimal that reads back as the same double.
    package var canonicalText: String {
        if let exact = Int64(text) { return String(exact) }
        return ConfigNumber.shortest(value)
    }

    private static func shortest(_ value: Double) -> String {
        if let whole = Int64(exactly: value), whole.magnitude <= 1 << 53 { return String(whole) }
        return "\(value)"
    }
}

// A value may be a key or a password, and does not know the name that it stands under: printing, dumping or reflecting one, or
// anything that holds one, shows what kind of value it is and where it was written, never the value.

extension ConfigValue: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { kindName }
    package var debugDescription: String { kindName }
    package var customMirror: Mirror { Mirror(self, children: ["kind": kindName, "location": location.description]) }
}

extension ConfigValue.Kind: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind in words.
    package var name: String {
        switch self {
        case .null: "null"
        case .boolean: "true or false"
        case .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "a section"
        }
    }
    package var description: String { name }
    package var debugDescription: String { name }
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
