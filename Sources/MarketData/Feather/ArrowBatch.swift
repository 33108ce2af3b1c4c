/// A record batch's description: how many rows, and where the buffers of its columns lie in the file.
struct ArrowBatch: Sendable {
    /// Codecs of Arrow's `BodyCompression`.
    enum Codec: Int8, Sendable { case lz4Frame = 0, zstd = 1 }

    var rows: Int
    /// Rows of each column, nested ones included, in the order of the schema.
    var nodes: [Int]
    /// Ranges in the file.
    var buffers: [Range<Int>]
    var codec: Codec?
    var variadicCounts: [Int]

    /// Decodes a `RecordBatch` table whose body lies at `body` in the file.
    init(_ table: FlatTable, body: Range<Int>, limits: FeatherLimits) throws(FeatherFault) {
        let length = try table.integer(0, missing: Int64(0))
        guard length >= 0, length <= limits.rows else { throw .tooLarge("a batch claims \(length) rows") }
        rows = Int(length)
        codec = try Self.codec(table)
        nodes = try Self.nodes(table, limits: limits)
        buffers = try Self.buffers(table, body: body)
        variadicCounts = try Self.variadicCounts(table, limit: buffers.count)
    }

    private static func codec(_ table: FlatTable) throws(FeatherFault) -> Codec? {
        guard let compression = try table.table(3) else { return nil }
        let number = try compression.integer(0, missing: Int8(0))
        guard let codec = Codec(rawValue: number) else { throw .unsupported("compression number \(number)") }
        guard try compression.integer(1, missing: Int8(0)) == 0 else { throw .unsupported("compression of whole batches") }
        return codec
    }

    private static func nodes(_ table: FlatTable, limits: FeatherLimits) throws(FeatherFault) -> [Int] {
        guard let vector = try table.vector(1, stride: 16) else { return [] }
        var result: [Int] = []
        result.reserveCapacity(vector.count)
        for index in 0..<vector.count {
            let length = try vector.buffer.load(vector.position(index), as: Int64.self)
            guard length >= 0, length <= limits.rows else { throw .tooLarge("a column claims \(length) rows") }
            result.append(Int(length))
        }
        return result
    }

    private static func buffers(_ table: FlatTable, body: Range<Int>) throws(FeatherFault) -> [Range<Int>] {
        guard let vector = try table.vector(2, stride: 16) else { return [] }
        var result: [Range<Int>] = []
        result.reserveCapacity(vector.count)
        for index in 0..<vector.count {
            let offset = try vector.buffer.load(vector.position(index), as: Int64.self)
            let length = try vector.buffer.load(vector.position(index) + 8, as: Int64.self)
            guard offset >= 0, length >= 0, offset <= body.count, length <= Int64(body.count) - offset else {
                throw .damaged("a column lies outside of its batch")
            }
            let start = body.lowerBound + Int(offset)
            result.append(start..<start + Int(length))
        }
        return result
    }

    private static func variadicCounts(_ table: FlatTable, limit: Int) throws(FeatherFault) -> [Int] {
        guard let vector = try table.vector(4, stride: 8) else { return [] }
        var result: [Int] = []
        for index in 0..<vector.count {
            let count = try vector.buffer.load(vector.position(index), as: Int64.self)
            guard count >= 0, count <= limit else { throw .damaged("a batch claims \(count) text buffers") }
            result.append(Int(count))
        }
        return result
    }
}
