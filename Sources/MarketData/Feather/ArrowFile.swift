/// The layout of an Arrow file (Feather version 2): schema, record batches and dictionaries, found from the footer.
///
/// Format: <https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format>. Nothing is decompressed here.
struct ArrowFile: Sendable {
    var schema: ArrowSchema
    var batches: [ArrowBatch]
    /// The batches of values of each dictionary, in file order.
    var dictionaries: [Int64: [ArrowBatch]]

    private static let magic = Array("ARROW1".utf8)

    /// Decodes the layout of `bytes`, a whole file.
    init(_ bytes: UnsafeRawBufferPointer, limits: FeatherLimits) throws(FeatherFault) {
        try Self.checkMagic(bytes)
        let end = bytes.count - 10
        let length = Int(try FlatBuffer(bytes: bytes).load(end, as: Int32.self))
        guard length > 0, length <= end - 8 else { throw .damaged("its end is missing or overwritten (footer length)") }
        let footer = FlatBuffer(bytes: UnsafeRawBufferPointer(rebasing: bytes[(end - length)..<end]))
        let root = try footer.root()
        let version = try root.integer(0, missing: Int16(0))
        guard version == 3 || version == 4 else { throw .unsupported("Arrow metadata version \(Int(version) + 1)") }
        guard let schema = try root.table(1) else { throw .damaged("it has no schema") }
        self.schema = try ArrowSchema(schema, version: version, limits: limits)
        // A batch outside of what precedes the footer is damage; batches that together exceed it would be read twice.
        var reader = BlockReader(bytes: bytes, end: end - length, limits: limits)
        dictionaries = [:]
        for message in try reader.messages(root.vector(2, stride: 24)) {
            let (id, batch) = try Self.dictionary(message, limits: limits, known: Set(dictionaries.keys))
            dictionaries[id, default: []].append(batch)
        }
        batches = []
        for message in try reader.messages(root.vector(3, stride: 24)) {
            guard message.kind == 3 else { throw .damaged("a batch is not a record batch") }
            batches.append(try ArrowBatch(message.header, body: message.body, limits: limits))
        }
        guard batches.reduce(0, { $0 + $1.rows }) <= limits.rows else { throw .tooLarge("it has more than \(limits.rows) rows") }
    }

    private static func checkMagic(_ bytes: UnsafeRawBufferPointer) throws(FeatherFault) {
        guard bytes.count >= 18, bytes.prefix(6).elementsEqual(magic) else { throw foreignFormat(bytes) }
        guard bytes.suffix(6).elementsEqual(magic) else { throw .damaged("its end is missing, it was cut off while written") }
    }

    private static func foreignFormat(_ bytes: UnsafeRawBufferPointer) -> FeatherFault {
        let known: [(String, [UInt8])] = [
            ("Feather version 1", Array("FEA1".utf8)), ("Parquet", Array("PAR1".utf8)), ("gzip", [0x1F, 0x8B]),
            ("JSON", Array("[".utf8)), ("JSON", Array("{".utf8)), ("zip", Array("PK".utf8)),
        ]
        if bytes.isEmpty { return .damaged("it is empty") }
        guard let format = known.first(where: { bytes.starts(with: $0.1) }) else {
            return .damaged("it does not begin as one (\(bytes.count) bytes)")
        }
        return .unsupported(
            "it is not Feather version 2 but \(format.0)",
            remedy: "Convert it with pandas to_feather or freqtrade convert-data")
    }

    private static func dictionary(
        _ message: BlockReader.Message, limits: FeatherLimits, known: Set<Int64>
    ) throws(FeatherFault) -> (Int64, ArrowBatch) {
        guard message.kind == 2, let data = try message.header.table(1) else {
            throw .damaged("a dictionary is not a dictionary batch")
        }
        let id = try message.header.integer(0, missing: Int64(0))
        if known.contains(id), try !message.header.bool(2) { throw .unsupported("a dictionary that is replaced midway") }
        return (id, try ArrowBatch(data, body: message.body, limits: limits))
    }
}

/// Reads the messages to which a footer's blocks point.
private struct BlockReader {
    struct Message {
        var kind: UInt8
        var header: FlatTable
        var body: Range<Int>
    }

    let bytes: UnsafeRawBufferPointer
    let end: Int
    let limits: FeatherLimits
    private var used = 0

    init(bytes: UnsafeRawBufferPointer, end: Int, limits: FeatherLimits) {
        self.bytes = bytes
        self.end = end
        self.limits = limits
    }

    mutating func messages(_ blocks: FlatVector?) throws(FeatherFault) -> [Message] {
        guard let blocks else { return [] }
        guard blocks.count <= limits.batches else { throw .tooLarge("it has \(blocks.count) batches") }
        var result: [Message] = []
        for index in 0..<blocks.count { result.append(try message(blocks, index)) }
        return result
    }

    private mutating func message(_ blocks: FlatVector, _ index: Int) throws(FeatherFault) -> Message {
        let at = blocks.position(index)
        let offset = try blocks.buffer.load(at, as: Int64.self)
        let metadata = Int64(try blocks.buffer.load(at + 8, as: Int32.self))
        let body = try blocks.buffer.load(at + 16, as: Int64.self)
        let limit = Int64(end)
        guard offset >= 8, metadata >= 8, body >= 0, offset <= limit, metadata <= limit - offset,
            body <= limit - offset - metadata
        else { throw .damaged("batch \(index) lies outside of the file") }
        used += Int(metadata + body)
        guard used <= end else { throw .damaged("its batches overlap") }
        let start = Int(offset)
        let bodyStart = start + Int(metadata)
        let table = try header(start..<bodyStart)
        guard let header = try table.table(2) else { throw .damaged("batch \(index) has no header") }
        return Message(
            kind: try table.integer(1, missing: UInt8(0)), header: header, body: bodyStart..<bodyStart + Int(body))
    }

    /// The message in `range`: a marker and a length, or before version 0.15 of Arrow the length alone, then the table.
    private func header(_ range: Range<Int>) throws(FeatherFault) -> FlatTable {
        let prefix = try FlatBuffer(bytes: bytes).load(range.lowerBound, as: UInt32.self)
        let start = range.lowerBound + (prefix == .max ? 8 : 4)
        return try FlatBuffer(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<range.upperBound])).root()
    }
}
