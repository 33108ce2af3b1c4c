/// A value in a FlatBuffers table that is about to be written.
indirect enum FlatValue {
    case bool(Bool)
    case uint8(UInt8)
    case int16(Int16)
    case int32(Int32)
    case int64(Int64)
    case text(String)
    /// Fields by index; nil: absent.
    case table([FlatValue?])
    case tables([FlatValue])
    /// Structs of 64-bit parts: all parts of all structs, one after the other.
    case structs([Int64], partsEach: Int)

    /// Bytes that the value takes in its table; texts, tables and lists are referred to.
    var inlineSize: Int {
        switch self {
        case .bool, .uint8: 1
        case .int16: 2
        case .int64: 8
        case .int32, .text, .table, .tables, .structs: 4
        }
    }
}

/// Writes FlatBuffers data front to back: each table before what it refers to, so that all references point forward.
struct FlatWriter {
    private(set) var bytes: [UInt8] = []

    /// The encoding of `root`, a table, as a whole buffer.
    static func encoded(root fields: [FlatValue?]) -> [UInt8] {
        var writer = FlatWriter()
        writer.append(UInt32(0))
        let position = writer.table(fields)
        writer.patch(0, UInt32(position))
        return writer.bytes
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func patch(_ position: Int, _ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(position..<position + $0.count, with: $0) }
    }

    /// Pads with zeros until `bytes.count + ahead` is a multiple of `alignment`.
    private mutating func align(_ alignment: Int, ahead: Int = 0) {
        while (bytes.count + ahead) % alignment != 0 { bytes.append(0) }
    }

    /// Writes a table and all below it; returns its position.
    private mutating func table(_ fields: [FlatValue?]) -> Int {
        var (offsets, size) = ([Int](), 4)
        for field in fields {
            guard let field else {
                offsets.append(0)
                continue
            }
            size = (size + field.inlineSize - 1) / field.inlineSize * field.inlineSize
            offsets.append(size)
            size += field.inlineSize
        }
        let vtableSize = 4 + 2 * fields.count
        align(8, ahead: vtableSize)
        append(UInt16(vtableSize))
        append(UInt16(size))
        for offset in offsets { append(UInt16(offset)) }
        let position = bytes.count
        append(Int32(vtableSize))
        bytes.append(contentsOf: repeatElement(0, count: size - 4))
        for (field, offset) in zip(fields, offsets) {
            if let field { write(field, at: position + offset) }
        }
        return position
    }

    /// Writes a field's value at `place`, or a reference to it there and the value behind everything else.
    private mutating func write(_ value: FlatValue, at place: Int) {
        switch value {
        case .bool(let value): patch(place, UInt8(value ? 1 : 0))
        case .uint8(let value): patch(place, value)
        case .int16(let value): patch(place, value)
        case .int32(let value): patch(place, value)
        case .int64(let value): patch(place, value)
        case .text(let text):
            align(4)
            refer(from: place, to: bytes.count)
            append(UInt32(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
            bytes.append(0)
        case .table(let fields): refer(from: place, to: table(fields))
        case .tables(let tables): writeTables(tables, from: place)
        case .structs(let parts, let partsEach):
            align(8, ahead: 4)
            refer(from: place, to: bytes.count)
            append(UInt32(parts.count / partsEach))
            for part in parts { append(part) }
        }
    }

    private mutating func writeTables(_ tables: [FlatValue], from place: Int) {
        align(4)
        refer(from: place, to: bytes.count)
        append(UInt32(tables.count))
        let first = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: 4 * tables.count))
        for (index, table) in tables.enumerated() { write(table, at: first + 4 * index) }
    }

    private mutating func refer(from place: Int, to position: Int) {
        patch(place, UInt32(position - place))
    }
}
