extension Parameter {
    /// Reads `value` as this parameter.
    ///
    /// Configurations and command lines are lenient about spelling, so this is too: a decimal takes a whole number, an
    /// integer a decimal without fraction, and every kind its value as a text (`"12"`, `"0.5"`, `"true"`).
    ///
    /// - Returns: the value in the form of the parameter's kind.
    /// - Throws: `ParameterError` that names the parameter, the value and what is allowed.
    public func validated(_ value: ParameterValue) throws(ParameterError) -> ParameterValue {
        switch kind {
        case .integer(let range, _):
            guard let number = Self.integer(value) else { throw wrongType(value) }
            guard range.contains(number) else { throw outOfRange(value) }
            return .integer(number)
        case .decimal(let range, _):
            guard let number = Self.decimal(value) else { throw wrongType(value) }
            guard range.contains(number) else { throw outOfRange(value) }
            // A negative zero would be another job than zero.
            return .decimal(number == 0 ? 0 : number)
        case .categorical(let options):
            guard options.contains(value.description) else { throw unknownOption(value, options) }
            return .text(value.description)
        case .boolean:
            guard let truth = Self.boolean(value) else { throw wrongType(value) }
            return .boolean(truth)
        }
    }

    /// Reads a text as this parameter; see ``validated(_:)``.
    public func parse(_ text: String) throws(ParameterError) -> ParameterValue { try validated(.text(text)) }

    /// What is allowed, for messages and tables: `a whole number from 5 to 50`.
    public var allowed: String {
        switch kind {
        case .integer(let range, _): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .decimal(let range, _): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .categorical(let options): "one of " + options.joined(separator: ", ")
        case .boolean: "true or false"
        }
    }

    private static func integer(_ value: ParameterValue) -> Int? {
        switch value {
        case .integer(let number): number
        case .decimal(let number): Int(exactly: number)
        case .text(let text): Int(text) ?? number(text).flatMap { Int(exactly: $0) }
        case .boolean: nil
        }
    }

    private static func decimal(_ value: ParameterValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .decimal(let number): number.isFinite ? number : nil
        case .text(let text): number(text)
        case .boolean: nil
        }
    }

    /// A finite number in decimal digits; `Double` would take hexadecimal ones and names of infinity too.
    private static func number(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let number = Double(text) else { return nil }
        return number.isFinite ? number : nil
    }

    private static func boolean(_ value: ParameterValue) -> Bool? {
        switch value {
        case .boolean(let truth): truth
        case .text("true"), .text("True"): true
        case .text("false"), .text("False"): false
        default: nil
        }
    }

    private func wrongType(_ value: ParameterValue) -> ParameterError {
        ParameterError(.wrongType, name, "parameter '\(name)' is '\(clipped(value.description))', expected \(allowed)")
    }

    private func outOfRange(_ value: ParameterValue) -> ParameterError {
        ParameterError(.outOfRange, name, "parameter '\(name)' is \(clipped(value.description)), expected \(allowed)")
    }

    private func unknownOption(_ value: ParameterValue, _ options: [String]) -> ParameterError {
        let hint = nearestName(to: value.description, among: options).map { "; did you mean '\($0)'?" } ?? ""
        return ParameterError(
            .unknownOption, name, "parameter '\(name)' is '\(clipped(value.description))', expected \(allowed)\(hint)")
    }
}

/// What is wrong with a parameter value that was given from outside.
public struct ParameterError: Error, Hashable, CustomStringConvertible {
    /// The kinds of mistakes.
    public enum Code: Hashable, Sendable {
        /// The strategy has no parameter of that name.
        case unknownParameter
        /// A text where a number is expected, and the like.
        case wrongType
        /// A number outside of the parameter's range.
        case outOfRange
        /// A text that is not among the options.
        case unknownOption
        /// The same parameter was given twice.
        case duplicate
        /// A setting that is not of the form `name=value`.
        case malformed
    }

    /// The kind of mistake.
    public let code: Code
    /// The name as it was given; empty where there was none.
    public let parameter: String
    /// What is wrong and what is allowed instead, as one sentence without a full stop.
    public let description: String

    init(_ code: Code, _ parameter: String, _ description: String) {
        self.code = code
        self.parameter = parameter
        self.description = description
    }
}
