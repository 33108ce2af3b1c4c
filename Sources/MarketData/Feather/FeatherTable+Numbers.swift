package import Market

/// What a reader does with empty values.
package enum FeatherNulls: Hashable, Sendable {
    /// They are an error that names the row.
    case refused
    /// They become not-a-number.
    case notANumber
}

extension FeatherTable {
    /// The column `name` as doubles. Doubles are exactly those of the file; floats, integers and truth values are converted.
    ///
    /// The column points into the file's memory where it holds doubles in one plain batch, so that nothing is copied.
    package func doubles(_ name: String, nulls: FeatherNulls = .notANumber) throws(MarketDataError) -> Column<Double> {
        try located { () throws(FeatherFault) in try doubles(at: index(of: name), nulls: nulls) }
    }

    /// The column `name` as 64-bit integers; empty values are refused.
    package func integers(_ name: String) throws(MarketDataError) -> Column<Int64> {
        try located { () throws(FeatherFault) in
            let index = try index(of: name)
            guard case .integer = layout.schema.fields[index].type else { throw wrongType(index, wanted: "integers") }
            return try integers(at: index)
        }
    }

    /// The column `name` as milliseconds since 1970: timestamps of any unit, dates, or integers that are milliseconds already.
    ///
    /// Empty values and instants between two milliseconds are refused.
    package func milliseconds(_ name: String) throws(MarketDataError) -> Column<Int64> {
        try located { () throws(FeatherFault) in
            let index = try index(of: name)
            let values = try integers(at: index)
            switch layout.schema.fields[index].type {
            case .timestamp(.seconds): return try scaled(values, by: 1000, name)
            case .timestamp(.microseconds): return try divided(values, by: 1000, name)
            case .timestamp(.nanoseconds): return try divided(values, by: 1_000_000, name)
            case .date32: return try scaled(values, by: 86_400_000, name)
            default: return values
            }
        }
    }

    private func wrongType(_ index: Int, wanted: String) -> FeatherFault {
        let field = layout.schema.fields[index]
        let encoding = field.dictionary == nil ? "" : "dictionary of "
        return .content("column \"\(field.name)\" holds \(encoding)\(field.type), not \(wanted)")
    }

    private func doubles(at index: Int, nulls: FeatherNulls) throws(FeatherFault) -> Column<Double> {
        let field = layout.schema.fields[index]
        guard field.dictionary == nil, field.type.isNumeric else { throw wrongType(index, wanted: "numbers") }
        if let column: Column<Double> = try shared(index, if: field.type == .float(bits: 64)) { return column }
        let result = OwnedBytes(count: rowCount * 8)
        let base = result.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Double.self)
        var row = 0
        for (batch, slots) in zip(layout.batches, slots) {
            try convert(batch, slots[index], field, to: base + row)
            try apply(nulls, batch, slots[index], field.name, firstRow: row, to: base + row)
            row += batch.rows
        }
        return Column(owner: result, base: base, count: rowCount)
    }

    /// The values of the only batch where they lie in memory as `T` has them, aligned and with no empty one.
    private func shared<T>(_ index: Int, if fits: Bool) throws(FeatherFault) -> Column<T>? {
        guard fits, layout.batches.count == 1, let batch = layout.batches.first, batch.rows > 0 else { return nil }
        let slot = slots[0][index]
        let name = layout.schema.fields[index].name
        guard try validity(batch, slot, column: name) == nil else { return nil }
        let chunk = try chunk(batch, slot, 1, atLeast: batch.rows * MemoryLayout<T>.stride, column: name)
        return chunk.column(of: T.self, count: batch.rows)
    }

    private func convert(
        _ batch: ArrowBatch, _ slot: ArrowSlot, _ field: ArrowField, to target: UnsafeMutablePointer<Double>
    ) throws(FeatherFault) {
        func chunk(_ width: Int) throws(FeatherFault) -> ArrowChunk {
            try self.chunk(batch, slot, 1, atLeast: batch.rows * width, column: field.name)
        }
        switch field.type {
        case .null: target.initialize(repeating: .nan, count: batch.rows)
        case .bool:
            let bits = try bits(batch, slot, 1, column: field.name)
            for row in 0..<batch.rows { target[row] = bits[row] ? 1 : 0 }
        case .float(bits: 64): try copy(chunk(8), Double.self, batch.rows, target) { $0 }
        case .float(bits: 32): try copy(chunk(4), Float.self, batch.rows, target) { Double($0) }
        case .integer(bits: 64, signed: false): try copy(chunk(8), UInt64.self, batch.rows, target) { Double($0) }
        default:
            let base = UnsafeMutableRawPointer(target).assumingMemoryBound(to: Int64.self)
            try convertIntegers(batch, slot, field, to: base)
            for row in 0..<batch.rows { target[row] = Double(base[row]) }
        }
    }

    /// Marks or refuses the empty values of a batch.
    private func apply(
        _ nulls: FeatherNulls, _ batch: ArrowBatch, _ slot: ArrowSlot, _ column: String, firstRow: Int,
        to target: UnsafeMutablePointer<Double>
    ) throws(FeatherFault) {
        guard !slot.buffers.isEmpty, let valid = try validity(batch, slot, column: column) else { return }
        if nulls == .refused { throw emptyValue(column, row: firstRow + (valid.firstUnset ?? 0)) }
        for row in 0..<batch.rows where !valid[row] { target[row] = .nan }
    }

    private func emptyValue(_ column: String, row: Int) -> FeatherFault {
        .content("column \"\(column)\" has no value in row \(row)", remedy: "Download or import the candles again")
    }

    private func integers(at index: Int) throws(FeatherFault) -> Column<Int64> {
        let field = layout.schema.fields[index]
        guard field.dictionary == nil, field.type.isIntegral else { throw wrongType(index, wanted: "whole numbers or times") }
        if let column: Column<Int64> = try shared(index, if: field.type.isInt64) { return column }
        let result = OwnedBytes(count: rowCount * 8)
        let base = result.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Int64.self)
        var row = 0
        for (batch, slots) in zip(layout.batches, slots) {
            if let valid = try validity(batch, slots[index], column: field.name) {
                throw emptyValue(field.name, row: row + (valid.firstUnset ?? 0))
            }
            try convertIntegers(batch, slots[index], field, to: base + row)
            row += batch.rows
        }
        return Column(owner: result, base: base, count: rowCount)
    }

    private func convertIntegers(
        _ batch: ArrowBatch, _ slot: ArrowSlot, _ field: ArrowField, to target: UnsafeMutablePointer<Int64>
    ) throws(FeatherFault) {
        guard let width = field.type.width else { return }
        let chunk = try chunk(batch, slot, 1, atLeast: batch.rows * width, column: field.name)
        switch field.type {
        case .integer(bits: 8, signed: true): try copy(chunk, Int8.self, batch.rows, target) { Int64($0) }
        case .integer(bits: 16, signed: true): try copy(chunk, Int16.self, batch.rows, target) { Int64($0) }
        case .integer(bits: 32, signed: true), .date32: try copy(chunk, Int32.self, batch.rows, target) { Int64($0) }
        case .integer(bits: 8, signed: false): try copy(chunk, UInt8.self, batch.rows, target) { Int64($0) }
        case .integer(bits: 16, signed: false): try copy(chunk, UInt16.self, batch.rows, target) { Int64($0) }
        case .integer(bits: 32, signed: false): try copy(chunk, UInt32.self, batch.rows, target) { Int64($0) }
        case .integer(bits: 64, signed: false):
            try copy(chunk, UInt64.self, batch.rows, target) { Int64(truncatingIfNeeded: $0) }
            if let row = (0..<batch.rows).first(where: { target[$0] < 0 }) {
                throw .content("column \"\(field.name)\" has a number above \(Int64.max) in row \(row)")
            }
        default: try copy(chunk, Int64.self, batch.rows, target) { $0 }
        }
    }

    private func scaled(_ values: Column<Int64>, by factor: Int64, _ name: String) throws(FeatherFault) -> Column<Int64> {
        let limit = Int64.max / factor
        return try mapped(values) { (value, row) throws(FeatherFault) in
            guard value >= -limit, value <= limit else {
                throw .content("column \"\(name)\" has an impossible time in row \(row)")
            }
            return value * factor
        }
    }

    private func divided(_ values: Column<Int64>, by factor: Int64, _ name: String) throws(FeatherFault) -> Column<Int64> {
        try mapped(values) { (value, row) throws(FeatherFault) in
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: factor)
            guard remainder == 0 else {
                throw .content("column \"\(name)\" has a time in row \(row) that is no whole millisecond")
            }
            return quotient
        }
    }

    @inline(__always)
    private func mapped(
        _ values: Column<Int64>, _ transform: (Int64, Int) throws(FeatherFault) -> Int64
    ) throws(FeatherFault) -> Column<Int64> {
        let result = OwnedBytes(count: values.count * 8)
        let base = result.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Int64.self)
        for row in 0..<values.count { base[row] = try transform(values.base[row], row) }
        return Column(owner: result, base: base, count: values.count)
    }
}

/// Converts the first `count` values of `chunk`, which must hold that many of type `S`; the bytes need no alignment.
@inline(__always)
private func copy<S: BitwiseCopyable, T>(
    _ chunk: ArrowChunk, _ type: S.Type, _ count: Int, _ target: UnsafeMutablePointer<T>, _ convert: (S) -> T
) throws(FeatherFault) {
    try chunk.withBytes { bytes in
        for row in 0..<count {
            target[row] = convert(bytes.loadUnaligned(fromByteOffset: row * MemoryLayout<S>.stride, as: S.self))
        }
    }
}

extension FeatherType {
    /// Can become a double.
    var isNumeric: Bool {
        switch self {
        case .null, .integer, .bool, .float(bits: 32), .float(bits: 64): true
        default: false
        }
    }

    /// Whole numbers, times and dates.
    var isIntegral: Bool {
        switch self {
        case .integer, .timestamp, .date32, .date64: true
        default: false
        }
    }

    /// 64-bit signed integers in memory.
    var isInt64: Bool {
        switch self {
        case .integer(bits: 64, signed: true), .timestamp, .date64: true
        default: false
        }
    }
}
