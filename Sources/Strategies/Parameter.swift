/// A setting of a strategy that can be given from outside and swept over: a name, what it may be, a default.
///
/// ```swift
/// static let parameters: [Parameter] = [
///     .integer("period", default: 14, in: 5...50),
///     .decimal("threshold", default: 0.02, in: 0.005...0.1, step: 0.005, space: .sell),
///     .categorical("average", default: "ema", options: ["ema", "sma"]),
///     .boolean("trailing", default: false),
/// ]
/// ```
///
/// A range says what is allowed; the step says which of it a grid search visits (`lower`, `lower + step`, ...). A value
/// between two steps is as good as one on a step. A declaration that contradicts itself (a default out of range, a step
/// of 0, a name with a blank) is a programming error and traps.
public struct Parameter: Hashable, Sendable {
    /// What a parameter may be.
    public enum Kind: Hashable, Sendable {
        /// Whole numbers in a range; `step` is at least 1.
        case integer(range: ClosedRange<Int>, step: Int)
        /// Finite numbers in a range; `step` is greater than 0.
        case decimal(range: ClosedRange<Double>, step: Double)
        /// One of these texts, of which there is at least one.
        case categorical(options: [String])
        /// `true` or `false`.
        case boolean
    }

    /// A part of the parameters that a search can be limited to; freqtrade's spaces have the same names.
    public struct Space: Hashable, Sendable, CustomStringConvertible {
        /// The name in configurations and on the command line.
        public let description: String

        /// A space of this name.
        public init(_ name: String) { description = name }

        /// Parameters of entries.
        public static let buy = Space("buy")
        /// Parameters of exits.
        public static let sell = Space("sell")
    }

    /// The name by which configurations and the command line refer to it: letters, digits and underscores.
    public let name: String
    /// What it may be.
    public let kind: Kind
    /// The value where nothing is given; always allowed.
    public let defaultValue: ParameterValue
    /// The part of the search space it belongs to.
    public let space: Space

    private init(_ name: String, _ kind: Kind, _ defaultValue: ParameterValue, _ space: Space) {
        precondition(
            !name.isEmpty && name.utf8.allSatisfy(isNameByte), "a parameter's name is made of letters, digits and underscores")
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.space = space
        precondition((try? validated(defaultValue)) == defaultValue, "the default of a parameter is outside of its range")
    }

    /// A whole number within `range`; a grid takes every `step`th from the lower bound on.
    public static func integer(
        _ name: String, default value: Int, in range: ClosedRange<Int>, step: Int = 1, space: Space = .buy
    ) -> Parameter {
        precondition(step >= 1, "a step below 1")
        precondition(!range.upperBound.subtractingReportingOverflow(range.lowerBound).overflow, "a range beyond Int")
        return Parameter(name, .integer(range: range, step: step), .integer(value), space)
    }

    /// A number within `range`; a grid takes the lower bound and multiples of `step` from there.
    ///
    /// Grid values have the decimals of the step and the lower bound: 0.1 in steps of 0.1 gives 0.3, not
    /// 0.30000000000000004.
    public static func decimal(
        _ name: String, default value: Double, in range: ClosedRange<Double>, step: Double, space: Space = .buy
    ) -> Parameter {
        precondition(range.lowerBound.isFinite && range.upperBound.isFinite, "a range without an end")
        precondition(step > 0 && (range.upperBound - range.lowerBound) / step < 1e9, "a step of 0 or too small for the range")
        return Parameter(name, .decimal(range: range, step: step), .decimal(value), space)
    }

    /// One of `options`, which hold no blanks, in the order in which a grid visits them.
    public static func categorical(
        _ name: String, default value: String, options: [String], space: Space = .buy
    ) -> Parameter {
        precondition(Set(options).count == options.count, "an option twice")
        precondition(
            options.allSatisfy { !$0.isEmpty && $0.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F } },
            "an option that is empty or has a blank")
        return Parameter(name, .categorical(options: options), .text(value), space)
    }

    /// `true` or `false`.
    public static func boolean(_ name: String, default value: Bool, space: Space = .buy) -> Parameter {
        Parameter(name, .boolean, .boolean(value), space)
    }
}

/// Whether `byte` may stand in the name of a parameter or strategy.
func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"):
        true
    default: false
    }
}
