/// The result of a slice as bytes: the same rows give the same bytes on every machine.
///
/// Little endian: "PSWR", version (UInt16), 2 bytes of 0, number of rows (UInt32), then per row index (UInt64), outcome
/// (UInt8), 3 bytes of 0, five counts (UInt32), fifteen doubles.
package enum SweepRows {
    /// Why bytes are no rows.
    package enum DecodingError: Error, Hashable, CustomStringConvertible {
        case notRows
        case unknownVersion(UInt16)
        case wrongLength(expected: Int, actual: Int)
        case tooMany(Int)
        case unknownOutcome(UInt8)
        case paddingNotZero

        package var description: String {
            switch self {
            case .notRows: "these bytes are no rows of a sweep"
            case .unknownVersion(let version): "rows of version \(version), this program reads version \(SweepRows.version)"
            case .wrongLength(let expected, let actual): "rows of \(actual) bytes where \(expected) are announced"
            case .tooMany(let count): "\(count) rows, at most \(SweepRows.maximumCount) are read"
            case .unknownOutcome(let outcome): "a row with the unknown outcome \(outcome)"
            case .paddingNotZero: "a row with bytes where there should be none"
            }
        }
    }

    /// The version that is written, and the only one that is read.
    package static let version: UInt16 = 1
    /// More rows than this are refused.
    package static let maximumCount = 1 << 20
    private static let magic = Array("PSWR".utf8)
    private static let headerSize = 12
    /// Bytes of one row.
    package static let rowSize = 8 + 4 + 5 * 4 + 15 * 8

    /// `rows` as bytes. Traps for more than `maximumCount` rows.
    package static func encode(_ rows: [SweepRow]) -> [UInt8] {
        precondition(rows.count <= maximumCount, "too many rows for one result")
        var bytes = magic
        bytes.reserveCapacity(headerSize + rows.count * rowSize)
        append(version, to: &bytes)
        append(UInt16(0), to: &bytes)
        append(UInt32(rows.count), to: &bytes)
        for row in rows {
            append(row.index, to: &bytes)
            append(UInt32(row.outcome.rawValue), to: &bytes)
            for count in SweepRow.counts { append(row[keyPath: count], to: &bytes) }
            for figure in SweepRow.figures { append(row[keyPath: figure].bitPattern, to: &bytes) }
        }
        return bytes
    }

    /// The rows in `bytes`; any bytes give rows or an error.
    package static func decode(_ bytes: [UInt8]) throws(DecodingError) -> [SweepRow] {
        guard bytes.count >= headerSize, bytes.starts(with: magic) else { throw .notRows }
        var reader = Reader(bytes: bytes, position: magic.count)
        let version: UInt16 = reader.next()
        guard version == Self.version else { throw .unknownVersion(version) }
        let padding: UInt16 = reader.next()
        guard padding == 0 else { throw .paddingNotZero }
        let announced: UInt32 = reader.next()
        let count = Int(announced)
        guard count <= maximumCount else { throw .tooMany(count) }
        let expected = headerSize + count * rowSize
        guard bytes.count == expected else { throw .wrongLength(expected: expected, actual: bytes.count) }
        var rows: [SweepRow] = []
        rows.reserveCapacity(count)
        for _ in 0..<count { rows.append(try reader.row()) }
        return rows
    }

    private static func append<T: FixedWidthInteger>(_ value: T, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Reads numbers from bytes whose length has been checked.
    private struct Reader {
        let bytes: [UInt8]
        var position: Int

        mutating func next<T: FixedWidthInteger>() -> T {
            var value: T = 0
            for offset in 0..<(T.bitWidth / 8) { value |= T(truncatingIfNeeded: bytes[position + offset]) << T(8 * offset) }
            position += T.bitWidth / 8
            return value
        }

        mutating func row() throws(DecodingError) -> SweepRow {
            var row = SweepRow(index: next())
            let word: UInt32 = next()
            guard word <= 0xFF else { throw .paddingNotZero }
            guard let outcome = SweepRow.Outcome(rawValue: UInt8(word)) else { throw .unknownOutcome(UInt8(word)) }
            row.outcome = outcome
            for count in SweepRow.counts { row[keyPath: count] = next() }
            for figure in SweepRow.figures { row[keyPath: figure] = Double(bitPattern: next()) }
            return row
        }
    }
}
