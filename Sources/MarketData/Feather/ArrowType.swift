/// The type of a column, as far as this reader tells types apart.
package enum FeatherType: Hashable, Sendable, CustomStringConvertible {
    /// Units of a timestamp.
    package enum TimeUnit: Int, Hashable, Sendable {
        case seconds, milliseconds, microseconds, nanoseconds
    }

    case null
    case integer(bits: Int, signed: Bool)
    case float(bits: Int)
    case bool
    /// UTF-8 texts; `large` ones have 64-bit offsets.
    case text(large: Bool)
    /// UTF-8 texts as 16-byte views.
    case textView
    case timestamp(TimeUnit)
    /// Days since 1970.
    case date32
    /// Milliseconds since 1970, whole days.
    case date64
    /// Anything else: known well enough to be skipped, by Arrow's name.
    case other(String)

    /// The type in Arrow's words.
    package var description: String {
        switch self {
        case .null: "null"
        case .integer(let bits, let signed): (signed ? "int" : "uint") + String(bits)
        case .float(let bits): bits == 64 ? "double" : bits == 32 ? "float" : "halffloat"
        case .bool: "bool"
        case .text(let large): large ? "large_utf8" : "utf8"
        case .textView: "utf8_view"
        case .timestamp(let unit): "timestamp[\(["s", "ms", "us", "ns"][unit.rawValue])]"
        case .date32: "date32"
        case .date64: "date64"
        case .other(let name): name
        }
    }

    /// Bytes of one value, nil where values have no fixed number of whole bytes.
    var width: Int? {
        switch self {
        case .integer(let bits, _), .float(let bits): bits / 8
        case .timestamp, .date64: 8
        case .date32: 4
        case .null, .bool, .text, .textView, .other: nil
        }
    }
}

/// How many buffers a type owns in a record batch, its children's not counted.
struct ArrowLayout: Hashable, Sendable {
    var buffers: Int
    /// The batch lists a number of further buffers for each column of such a type.
    var isVariadic = false
}

/// A column's description: name, type, and what is needed to step over it.
struct ArrowField: Sendable {
    var name: String
    var type: FeatherType
    var layout: ArrowLayout
    /// The dictionary that the values index, and the type of the indices.
    var dictionary: (id: Int64, index: FeatherType)?
    var children: [ArrowField]
}

extension ArrowField {
    /// Arrow's union of types by number: `FeatherType` and the buffers it owns.
    static func type(
        _ number: UInt8, of table: FlatTable, isVersion4: Bool
    ) throws(FeatherFault) -> (FeatherType, ArrowLayout) {
        let plain = ArrowLayout(buffers: 2)
        switch number {
        case 1: return (.null, ArrowLayout(buffers: 0))
        case 2: return (try integerType(table), plain)
        case 3: return (try floatType(table), plain)
        case 4: return (.other("binary"), ArrowLayout(buffers: 3))
        case 5: return (.text(large: false), ArrowLayout(buffers: 3))
        case 6: return (.bool, plain)
        case 7: return (.other("decimal"), plain)
        case 8: return (try table.integer(0, missing: Int16(1)) == 0 ? .date32 : .date64, plain)
        case 10: return (try timestampType(table), plain)
        case 14:
            let isDense = try table.integer(0, missing: Int16(0)) == 1
            return (.other("union"), ArrowLayout(buffers: (isDense ? 2 : 1) + (isVersion4 ? 1 : 0)))
        case 19: return (.other("large_binary"), ArrowLayout(buffers: 3))
        case 20: return (.text(large: true), ArrowLayout(buffers: 3))
        case 22: return (.other("run_end_encoded"), ArrowLayout(buffers: 0))
        case 23: return (.other("binary_view"), ArrowLayout(buffers: 2, isVariadic: true))
        case 24: return (.textView, ArrowLayout(buffers: 2, isVariadic: true))
        default: return try nestedType(number)
        }
    }

    private static func nestedType(_ number: UInt8) throws(FeatherFault) -> (FeatherType, ArrowLayout) {
        let names: [UInt8: (String, Int)] = [
            9: ("time", 2), 11: ("interval", 2), 12: ("list", 2), 13: ("struct", 1), 15: ("fixed_size_binary", 2),
            16: ("fixed_size_list", 1), 17: ("map", 2), 18: ("duration", 2), 21: ("large_list", 2),
            25: ("list_view", 3), 26: ("large_list_view", 3),
        ]
        guard let (name, buffers) = names[number] else { throw .unsupported("a column of Arrow's type number \(number)") }
        return (.other(name), ArrowLayout(buffers: buffers))
    }

    static func integerType(_ table: FlatTable) throws(FeatherFault) -> FeatherType {
        let bits = try table.integer(0, missing: Int32(0))
        guard [8, 16, 32, 64].contains(bits) else { throw .damaged("integers of \(bits) bits") }
        return .integer(bits: Int(bits), signed: try table.bool(1))
    }

    private static func floatType(_ table: FlatTable) throws(FeatherFault) -> FeatherType {
        switch try table.integer(0, missing: Int16(0)) {
        case 0: return .float(bits: 16)
        case 1: return .float(bits: 32)
        case 2: return .float(bits: 64)
        case let other: throw .damaged("floating-point numbers of precision \(other)")
        }
    }

    private static func timestampType(_ table: FlatTable) throws(FeatherFault) -> FeatherType {
        let number = try table.integer(0, missing: Int16(0))
        guard let unit = FeatherType.TimeUnit(rawValue: Int(number)) else { throw .damaged("timestamps of unit \(number)") }
        return .timestamp(unit)
    }
}
