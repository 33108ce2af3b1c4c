/// The parameters of one run: a valid value for each parameter that a strategy declares.
///
/// Two of them are equal when all names and values are, whatever the order in which they were given. `description` is
/// the canonical text, with the names in the order of their bytes: `fast=12 slow=36`.
public struct ParameterValues: Hashable, Sendable, CustomStringConvertible {
    /// Names in ascending order; shared by all values of one strategy.
    public let names: [String]
    /// The value of each name.
    public private(set) var values: [ParameterValue]

    /// The defaults of `parameters`. Traps where two of them have the same name.
    public init(defaultsOf parameters: [Parameter]) {
        let sorted = parameters.sorted { $0.name < $1.name }
        names = sorted.map(\.name)
        values = sorted.map(\.defaultValue)
        precondition(Set(names).count == names.count, "two parameters of the same name")
    }

    /// The defaults of `parameters`, with what is in `overrides` instead.
    ///
    /// - Throws: `ParameterError` for a name that is not declared or is given twice, and for a value that is not allowed;
    ///   the first one in the order given. `problems(with:of:)` finds them all.
    public init(
        _ overrides: some Sequence<(String, ParameterValue)>, of parameters: [Parameter]
    ) throws(ParameterError) {
        self.init(defaultsOf: parameters)
        var seen: Set<String> = []
        for (name, value) in overrides {
            guard seen.insert(name).inserted else { throw Self.duplicate(name) }
            try set(name, to: value, of: parameters)
        }
    }

    /// The defaults of `parameters`, with `name=value` texts as on the command line instead.
    public init(parsing assignments: some Sequence<String>, of parameters: [Parameter]) throws(ParameterError) {
        var overrides: [(String, ParameterValue)] = []
        for text in assignments { overrides.append(try Self.assignment(text)) }
        try self.init(overrides, of: parameters)
    }

    /// Everything that is wrong with `overrides`; empty where `init(_:of:)` succeeds.
    public static func problems(
        with overrides: some Sequence<(String, ParameterValue)>, of parameters: [Parameter]
    ) -> [ParameterError] {
        var result: [ParameterError] = []
        var seen: Set<String> = []
        for (name, value) in overrides {
            guard seen.insert(name).inserted else {
                result.append(duplicate(name))
                continue
            }
            do throws(ParameterError) { _ = try declared(name, in: parameters).validated(value) } catch { result.append(error) }
        }
        return result
    }

    /// Changes the value of one parameter out of `parameters`, from which this was made.
    public mutating func set(_ name: String, to value: ParameterValue, of parameters: [Parameter]) throws(ParameterError) {
        let valid = try Self.declared(name, in: parameters).validated(value)
        guard let index = names.firstIndex(of: name) else { preconditionFailure("values of another strategy") }
        values[index] = valid
    }

    /// Splits `name=value`; blanks around either part are dropped.
    ///
    /// - Throws: `ParameterError` where there is no `=` or no name.
    public static func assignment(_ text: String) throws(ParameterError) -> (String, ParameterValue) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw ParameterError(.malformed, "", "'\(clipped(text))' is not of the form name=value")
        }
        return (parts[0], .text(parts[1]))
    }

    /// All names and values in one line: `fast=12 slow=36`.
    public var description: String { zip(names, values).map { "\($0)=\($1)" }.joined(separator: " ") }

    private static func declared(_ name: String, in parameters: [Parameter]) throws(ParameterError) -> Parameter {
        if let parameter = parameters.first(where: { $0.name == name }) { return parameter }
        let known = parameters.map(\.name)
        throw ParameterError(
            .unknownParameter, name,
            "unknown parameter '\(clipped(name))'" + suggestion(for: name, among: known, kind: "parameters"))
    }

    private static func duplicate(_ name: String) -> ParameterError {
        ParameterError(.duplicate, name, "parameter '\(clipped(name))' is given twice")
    }
}

extension ParameterValues {
    /// The value of parameter `name`; nil where the strategy declares none of that name.
    public subscript(name: String) -> ParameterValue? {
        names.firstIndex(of: name).map { values[$0] }
    }

    /// The value of integer parameter `name`. Traps where the strategy declares no such parameter.
    public func integer(_ name: String) -> Int {
        guard case .integer(let value)? = self[name] else { preconditionFailure("no integer parameter '\(name)'") }
        return value
    }

    /// The value of decimal parameter `name`. Traps where the strategy declares no such parameter.
    public func decimal(_ name: String) -> Double {
        guard case .decimal(let value)? = self[name] else { preconditionFailure("no decimal parameter '\(name)'") }
        return value
    }

    /// The value of boolean parameter `name`. Traps where the strategy declares no such parameter.
    public func boolean(_ name: String) -> Bool {
        guard case .boolean(let value)? = self[name] else { preconditionFailure("no boolean parameter '\(name)'") }
        return value
    }

    /// The chosen option of categorical parameter `name`. Traps where the strategy declares no such parameter.
    public func option(_ name: String) -> String {
        guard case .text(let value)? = self[name] else { preconditionFailure("no categorical parameter '\(name)'") }
        return value
    }
}
