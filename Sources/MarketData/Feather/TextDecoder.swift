/// Decodes the texts of one column, within the limit that a table sets on their length together.
struct TextDecoder {
    private let table: FeatherTable
    private let column: String
    private var budget: Int

    init(table: FeatherTable, column: String) {
        self.table = table
        self.column = column
        budget = table.limits.textBytes
    }

    /// The texts of one batch, whose column stands at `slot`.
    mutating func decode(_ batch: ArrowBatch, _ slot: ArrowSlot, _ type: FeatherType) throws(FeatherFault) -> [String?] {
        guard batch.rows > 0 else { return [] }
        switch type {
        case .null: return Array(repeating: nil, count: batch.rows)
        case .text(let large): return try offsetTexts(batch, slot, width: large ? 8 : 4)
        case .textView: return try viewTexts(batch, slot)
        default: throw .content("column \"\(column)\" holds \(type), not texts")
        }
    }

    /// The values of dictionary `id`, which `field` refers to.
    mutating func dictionary(_ id: Int64, _ field: ArrowField) throws(FeatherFault) -> [String?] {
        var plain = field
        plain.dictionary = nil
        var values: [String?] = []
        for batch in table.layout.dictionaries[id] ?? [] {
            var cursor = ArrowCursor(variadicCounts: batch.variadicCounts)
            let slot = try cursor.take(plain)
            guard slot.buffers.upperBound <= batch.buffers.count else {
                throw .damaged("the dictionary of column \"\(column)\" misses its buffers")
            }
            values += try decode(batch, slot, plain.type)
        }
        return values
    }

    private mutating func offsetTexts(
        _ batch: ArrowBatch, _ slot: ArrowSlot, width: Int
    ) throws(FeatherFault) -> [String?] {
        let offsets = try table.chunk(batch, slot, 1, atLeast: (batch.rows + 1) * width, column: column)
        let data = try table.chunk(batch, slot, 2, atLeast: 0, column: column)
        let valid = try table.validity(batch, slot, column: column)
        var result: [String?] = []
        result.reserveCapacity(batch.rows)
        try offsets.withBytes { (offsets) throws(FeatherFault) in
            try data.withBytes { (data) throws(FeatherFault) in
                var start = try Self.offset(offsets, 0, width: width)
                for row in 0..<batch.rows {
                    let end = try Self.offset(offsets, row + 1, width: width)
                    let isPresent = valid?[row] ?? true
                    guard start <= end else { throw outside(row) }
                    result.append(isPresent ? try text(data, start, end - start, row) : nil)
                    start = end
                }
            }
        }
        return result
    }

    private static func offset(_ bytes: UnsafeRawBufferPointer, _ index: Int, width: Int) throws(FeatherFault) -> Int {
        let flat = FlatBuffer(bytes: bytes)
        let value = width == 8 ? try flat.load(index * 8, as: Int64.self) : Int64(try flat.load(index * 4, as: Int32.self))
        guard value >= 0 else { throw .damaged("a text begins before its buffer") }
        return Int(value)
    }

    /// Views of 16 bytes: the length, then up to 12 bytes of text or 4 bytes of it, a buffer's number and an offset there.
    private mutating func viewTexts(_ batch: ArrowBatch, _ slot: ArrowSlot) throws(FeatherFault) -> [String?] {
        let views = try table.chunk(batch, slot, 1, atLeast: batch.rows * 16, column: column)
        let valid = try table.validity(batch, slot, column: column)
        var data: [ArrowChunk] = []
        for index in 2..<max(slot.buffers.count, 2) {
            data.append(try table.chunk(batch, slot, index, atLeast: 0, column: column))
        }
        var result: [String?] = []
        result.reserveCapacity(batch.rows)
        try views.withBytes { (views) throws(FeatherFault) in
            for row in 0..<batch.rows {
                let isPresent = valid?[row] ?? true
                result.append(isPresent ? try viewText(FlatBuffer(bytes: views), row, data) : nil)
            }
        }
        return result
    }

    private mutating func viewText(_ views: FlatBuffer, _ row: Int, _ data: [ArrowChunk]) throws(FeatherFault) -> String {
        let length = Int(try views.load(row * 16, as: Int32.self))
        guard length > 12 else { return try text(views.bytes, row * 16 + 4, length, row) }
        let number = Int(try views.load(row * 16 + 8, as: Int32.self))
        let start = Int(try views.load(row * 16 + 12, as: Int32.self))
        guard data.indices.contains(number) else { throw outside(row) }
        return try data[number].withBytes { (bytes) throws(FeatherFault) in try text(bytes, start, length, row) }
    }

    private mutating func text(
        _ bytes: UnsafeRawBufferPointer, _ start: Int, _ length: Int, _ row: Int
    ) throws(FeatherFault) -> String {
        guard length >= 0, start >= 0, start <= bytes.count, length <= bytes.count - start else { throw outside(row) }
        budget -= length
        guard budget >= 0 else { throw .tooLarge("the texts of column \"\(column)\" are too long together") }
        let slice = UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw .damaged("column \"\(column)\" is not UTF-8 in row \(row)")
        }
        return text
    }

    private func outside(_ row: Int) -> FeatherFault {
        .damaged("column \"\(column)\" points outside of its texts in row \(row)")
    }
}
