/// One value of a strategy parameter.
public enum ParameterValue: Hashable, Sendable, CustomStringConvertible {
    /// A whole number.
    case integer(Int)
    /// A number with a fraction; never NaN or infinite once validated.
    case decimal(Double)
    /// `true` or `false`.
    case boolean(Bool)
    /// One of the options of a categorical parameter, or a text that a parameter still has to read.
    case text(String)

    /// The shortest text that reads back as this value: `12`, `0.25`, `true`, `fast`.
    public var description: String {
        switch self {
        case .integer(let value): String(value)
        case .decimal(let value): String(value)
        case .boolean(let value): String(value)
        case .text(let value): value
        }
    }
}
