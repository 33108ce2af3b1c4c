package import Market

/// A column to be written.
package enum FeatherColumnData: Sendable {
    /// Milliseconds since 1970, written as `timestamp[ms, UTC]`.
    case milliseconds(Column<Int64>)
    case double(Column<Double>)
    case int64(Column<Int64>)

    var count: Int {
        switch self {
        case .milliseconds(let column), .int64(let column): column.count
        case .double(let column): column.count
        }
    }

    /// Arrow's number of the type, and its table.
    fileprivate var type: (UInt8, FlatValue) {
        switch self {
        case .milliseconds: (10, .table([.int16(1), .text("UTC")]))
        case .double: (3, .table([.int16(2)]))
        case .int64: (2, .table([.int32(64), .bool(true)]))
        }
    }

    fileprivate func withBytes<R>(
        _ body: (UnsafeRawBufferPointer) throws(MarketDataError) -> R
    ) throws(MarketDataError) -> R {
        defer { withExtendedLifetime(self) {} }
        return switch self {
        case .milliseconds(let column), .int64(let column): try body(UnsafeRawBufferPointer(column.buffer))
        case .double(let column): try body(UnsafeRawBufferPointer(column.buffer))
        }
    }
}

/// Writes Feather version 2 files without compression, one batch, every buffer at a multiple of 64 bytes in the file, so that
/// a reader can map them. pandas, polars and freqtrade read them.
package enum FeatherWriter {
    private static let alignment = 64

    /// Writes candles to `path` with freqtrade's columns. The file is replaced as a whole: a reader sees the old or the new.
    package static func write(_ candles: Candles, to path: String) throws(MarketDataError) {
        try write(
            [
                ("date", .milliseconds(candles.times)), ("open", .double(candles.open)), ("high", .double(candles.high)),
                ("low", .double(candles.low)), ("close", .double(candles.close)), ("volume", .double(candles.volume)),
            ], to: path)
    }

    /// Writes columns of equal length to `path`, replacing the file as a whole. Traps where lengths differ.
    package static func write(_ columns: [(name: String, data: FeatherColumnData)], to path: String) throws(MarketDataError) {
        try AtomicFile.replace(path) { (file) throws(MarketDataError) in
            try emit(columns) { (bytes) throws(MarketDataError) in try file.write(bytes) }
        }
    }

    /// The file's bytes, for tests.
    package static func encoded(_ columns: [(name: String, data: FeatherColumnData)]) throws(MarketDataError) -> [UInt8] {
        var result: [UInt8] = []
        try emit(columns) { result.append(contentsOf: $0) }
        return result
    }

    private typealias Sink = (UnsafeRawBufferPointer) throws(MarketDataError) -> Void

    private static func emit(
        _ columns: [(name: String, data: FeatherColumnData)], to sink: Sink
    ) throws(MarketDataError) {
        let rows = columns.first?.data.count ?? 0
        precondition(columns.allSatisfy { $0.data.count == rows }, "columns of unequal length")
        let schema = schema(columns)
        let start = Array("ARROW1\0\0".utf8) + message(header: 1, schema, bodyLength: 0, at: 8)
        let body = columns.reduce(0) { $0 + padded($1.data.count * 8) }
        let batch = message(header: 3, recordBatch(columns, rows: rows), bodyLength: body, at: start.count)
        try send(start + batch, to: sink)
        for column in columns {
            try column.data.withBytes(sink)
            let size = column.data.count * 8
            try send(Array(repeating: 0, count: padded(size) - size), to: sink)
        }
        let block: [Int64] = [Int64(start.count), Int64(batch.count), Int64(body)]
        let footer = FlatWriter.encoded(root: [.int16(4), schema, .structs([], partsEach: 3), .structs(block, partsEach: 3)])
        let tail = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0] + footer + littleEndian(Int32(footer.count)) + Array("ARROW1".utf8)
        try send(tail, to: sink)
    }

    private static func send(_ bytes: [UInt8], to sink: Sink) throws(MarketDataError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(MarketDataError) in try sink(UnsafeRawBufferPointer(buffer)) }
    }

    private static func padded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }

    private static func littleEndian(_ value: Int32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    private static func schema(_ columns: [(name: String, data: FeatherColumnData)]) -> FlatValue {
        let fields = columns.map { column -> FlatValue in
            let (number, type) = column.data.type
            return .table([.text(column.name), .bool(true), .uint8(number), type, nil, .tables([])])
        }
        return .table([.int16(0), .tables(fields)])
    }

    private static func recordBatch(_ columns: [(name: String, data: FeatherColumnData)], rows: Int) -> FlatValue {
        var (nodes, buffers, offset) = ([Int64](), [Int64](), 0)
        for column in columns {
            let size = column.data.count * 8
            nodes += [Int64(rows), 0]
            buffers += [Int64(offset), 0, Int64(offset), Int64(size)]
            offset += padded(size)
        }
        return .table([.int64(Int64(rows)), .structs(nodes, partsEach: 2), .structs(buffers, partsEach: 2)])
    }

    /// An encapsulated message that stands at `position` in the file and ends at a multiple of the alignment.
    private static func message(header: UInt8, _ value: FlatValue, bodyLength: Int, at position: Int) -> [UInt8] {
        let table = FlatWriter.encoded(root: [.int16(4), .uint8(header), value, .int64(Int64(bodyLength))])
        let size = padded(position + 8 + table.count) - position - 8
        return littleEndian(-1) + littleEndian(Int32(size)) + table + Array(repeating: 0, count: size - table.count)
    }
}
