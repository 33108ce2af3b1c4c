import Market

/// A Feather version 2 file (Arrow IPC file): columns by name, decoded when asked for.
///
/// Read are LZ4 frames, ZSTD and plain buffers, any number of record batches. Columns of types not known here are stepped
/// over. Damaged files of any kind end in a `MarketDataError`, never in a trap, and allocate nothing that their bytes do
/// not back.
package struct FeatherTable: Sendable {
    /// The file's name, for messages.
    package let file: String
    /// How many rows every column has.
    package let rowCount: Int
    let source: FileBytes
    let layout: ArrowFile
    let limits: FeatherLimits
    /// For each batch the places of the top-level columns.
    let slots: [[ArrowSlot]]

    /// Opens the file at `path`: mapped where its buffers are not compressed, else read into memory.
    package init(path: String, limits: FeatherLimits = FeatherLimits()) throws(MarketDataError) {
        let source = try FileBytes.opening(path) { FeatherPeek.isUncompressed($0) }
        try self.init(source, file: path, limits: limits)
    }

    /// Decodes the layout of `source`; `file` names it in messages.
    package init(_ source: FileBytes, file: String, limits: FeatherLimits = FeatherLimits()) throws(MarketDataError) {
        self.file = file
        self.source = source
        self.limits = limits
        do throws(FeatherFault) {
            let layout = try source.withBytes { (bytes) throws(FeatherFault) in try ArrowFile(bytes, limits: limits) }
            self.layout = layout
            rowCount = layout.batches.reduce(0) { $0 + $1.rows }
            slots = try Self.slots(layout)
        } catch {
            throw error.inFile(file)
        }
    }

    /// Names and types of the columns in file order; a dictionary-encoded column shows the type of its values.
    package var columns: [(name: String, type: FeatherType)] {
        layout.schema.fields.map { ($0.name, $0.type) }
    }

    /// Whether there is a column of that name.
    package func hasColumn(_ name: String) -> Bool { layout.schema.fields.contains { $0.name == name } }

    private static func slots(_ layout: ArrowFile) throws(FeatherFault) -> [[ArrowSlot]] {
        var result: [[ArrowSlot]] = []
        for batch in layout.batches {
            var cursor = ArrowCursor(variadicCounts: batch.variadicCounts)
            var places: [ArrowSlot] = []
            for field in layout.schema.fields {
                let slot = try cursor.take(field)
                guard slot.node < batch.nodes.count, slot.buffers.upperBound <= batch.buffers.count else {
                    throw .damaged("a batch misses the buffers of column \"\(field.name)\"")
                }
                guard batch.nodes[slot.node] == batch.rows else {
                    throw .damaged("column \"\(field.name)\" has \(batch.nodes[slot.node]) rows in a batch of \(batch.rows)")
                }
                places.append(slot)
            }
            result.append(places)
        }
        return result
    }

    /// The index of the column `name`.
    func index(of name: String) throws(FeatherFault) -> Int {
        let fields = layout.schema.fields
        guard let index = fields.firstIndex(where: { $0.name == name }) else {
            let names = fields.prefix(20).map(\.name).joined(separator: ", ")
            throw .content("has no column \"\(name)\", only: \(names)")
        }
        return index
    }

    /// Calls `body` and puts the file's name on its fault.
    func located<R>(_ body: () throws(FeatherFault) -> R) throws(MarketDataError) -> R {
        do throws(FeatherFault) { return try body() } catch { throw error.inFile(file) }
    }
}

/// Bytes of one buffer, and who keeps them alive. A pointer into them leaves only together with the owner.
struct ArrowChunk {
    let owner: AnyObject
    private let bytes: UnsafeRawBufferPointer

    init(owner: AnyObject, bytes: UnsafeRawBufferPointer) {
        self.owner = owner
        self.bytes = bytes
    }

    var count: Int { bytes.count }

    /// Calls `body` with the bytes, which are valid during the call.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws(FeatherFault) -> R) throws(FeatherFault) -> R {
        defer { withExtendedLifetime(owner) {} }
        return try body(bytes)
    }

    /// The bytes as a column of `count` elements where alignment allows.
    func column<T>(of type: T.Type, count: Int) -> Column<T>? {
        guard let base = bytes.baseAddress, Int(bitPattern: base) % MemoryLayout<T>.alignment == 0 else { return nil }
        return Column(owner: owner, base: base.assumingMemoryBound(to: T.self), count: count)
    }
}

extension FeatherTable {
    /// Buffer number `index` of `batch`, decompressed.
    func chunk(_ batch: ArrowBatch, _ index: Int) throws(FeatherFault) -> ArrowChunk {
        let range = batch.buffers[index]
        let raw = UnsafeRawBufferPointer(rebasing: source.bytes[range])
        guard let codec = batch.codec, !raw.isEmpty else { return ArrowChunk(owner: source, bytes: raw) }
        guard let (owner, count) = try codec.decompressed(raw, limits: limits) else {
            return ArrowChunk(owner: source, bytes: UnsafeRawBufferPointer(rebasing: raw[8...]))
        }
        return ArrowChunk(owner: owner, bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(owner.bytes)[..<count]))
    }

    /// The values of `slot`, buffer `index` of the column, checked to hold `byteCount` bytes at least.
    func chunk(
        _ batch: ArrowBatch, _ slot: ArrowSlot, _ index: Int, atLeast byteCount: Int, column: String
    ) throws(FeatherFault) -> ArrowChunk {
        let chunk = try chunk(batch, slot.buffers.lowerBound + index)
        guard chunk.count >= byteCount else {
            throw .damaged("column \"\(column)\" has \(chunk.count) bytes where \(byteCount) are needed")
        }
        return chunk
    }

    /// Which rows of `slot` hold a value; nil: all of them.
    func validity(_ batch: ArrowBatch, _ slot: ArrowSlot, column: String) throws(FeatherFault) -> ArrowBits? {
        guard !batch.buffers[slot.buffers.lowerBound].isEmpty else { return nil }
        let bits = try bits(batch, slot, 0, column: column)
        return bits.firstUnset == nil ? nil : bits
    }

    /// Buffer `index` of the column as a bitmap.
    func bits(_ batch: ArrowBatch, _ slot: ArrowSlot, _ index: Int, column: String) throws(FeatherFault) -> ArrowBits {
        let chunk = try chunk(batch, slot, index, atLeast: (batch.rows + 7) / 8, column: column)
        return try chunk.withBytes { ArrowBits(bytes: Array($0), count: batch.rows) }
    }
}

/// A bitmap, least significant bit first.
struct ArrowBits {
    var bytes: [UInt8]
    var count: Int

    subscript(row: Int) -> Bool { bytes[row >> 3] & (1 << UInt8(row & 7)) != 0 }

    /// The first row whose bit is 0.
    var firstUnset: Int? {
        let whole = count / 8
        if let byte = (0..<whole).first(where: { bytes[$0] != 0xFF }) {
            return byte * 8 + (~bytes[byte]).trailingZeroBitCount
        }
        return (whole * 8..<count).first { !self[$0] }
    }
}

/// Looks at the beginning of a file only to choose between mapping and reading; correctness never depends on it.
enum FeatherPeek {
    /// Whether the first batch in `head` is stored without compression. False on any doubt.
    static func isUncompressed(_ head: UnsafeRawBufferPointer) -> Bool {
        (try? firstBatch(head)) ?? false
    }

    private static func firstBatch(_ head: UnsafeRawBufferPointer) throws(FeatherFault) -> Bool {
        guard head.starts(with: Array("ARROW1".utf8)) else { return false }
        let flat = FlatBuffer(bytes: head)
        var at = 8
        for _ in 0..<16 {
            guard try flat.load(at, as: UInt32.self) == .max else { return false }
            let size = Int(try flat.load(at + 4, as: UInt32.self))
            guard size <= head.count - at - 8 else { return false }
            let table = try FlatBuffer(bytes: UnsafeRawBufferPointer(rebasing: head[(at + 8)..<(at + 8 + size)])).root()
            let kind = try table.integer(1, missing: UInt8(0))
            if kind == 3 { return try table.table(2)?.table(3) == nil }
            guard kind == 1 else { return false }
            at += 8 + size
        }
        return false
    }
}
