/// The columns of a file, decoded from its footer.
struct ArrowSchema: Sendable {
    var fields: [ArrowField]

    /// Deepest nesting of list and struct columns.
    private static let maximumDepth = 16
    /// Longest column name in bytes.
    private static let maximumName = 4096

    /// Decodes a `Schema` table of metadata version `version` (Arrow's number; 4 is V5).
    init(_ table: FlatTable, version: Int16, limits: FeatherLimits) throws(FeatherFault) {
        guard try table.integer(0, missing: Int16(0)) == 0 else {
            throw .unsupported("it was written in big-endian byte order", remedy: "Write it again on a little-endian machine")
        }
        var budget = limits.columns
        fields = try Self.fields(table.vector(1, stride: 4), isVersion4: version == 3, depth: 0, budget: &budget)
    }

    private static func fields(
        _ vector: FlatVector?, isVersion4: Bool, depth: Int, budget: inout Int
    ) throws(FeatherFault) -> [ArrowField] {
        guard let vector else { return [] }
        budget -= vector.count
        guard budget >= 0 else { throw .tooLarge("it has too many columns") }
        guard depth < maximumDepth else { throw .tooLarge("its columns are nested too deeply") }
        var result: [ArrowField] = []
        result.reserveCapacity(vector.count)
        for index in 0..<vector.count {
            let table = try vector.table(index)
            let children = try fields(
                table.vector(5, stride: 4), isVersion4: isVersion4, depth: depth + 1, budget: &budget)
            result.append(try field(table, children: children, isVersion4: isVersion4))
        }
        return result
    }

    private static func field(
        _ table: FlatTable, children: [ArrowField], isVersion4: Bool
    ) throws(FeatherFault) -> ArrowField {
        let name = try table.text(0, limit: maximumName) ?? ""
        guard let detail = try table.table(3) else { throw .damaged("column \"\(name)\" has no type") }
        let number = try table.integer(2, missing: UInt8(0))
        let (type, layout) = try ArrowField.type(number, of: detail, isVersion4: isVersion4)
        guard let encoding = try table.table(4) else {
            return ArrowField(name: name, type: type, layout: layout, dictionary: nil, children: children)
        }
        let id = try encoding.integer(0, missing: Int64(0))
        let index = try encoding.table(1).map { (table) throws(FeatherFault) in try ArrowField.integerType(table) }
        return ArrowField(
            name: name, type: type, layout: layout, dictionary: (id, index ?? .integer(bits: 32, signed: true)),
            children: children)
    }
}

/// Where one column's nodes and buffers stand in a record batch.
struct ArrowSlot: Sendable {
    var node: Int
    var buffers: Range<Int>
}

/// Steps through a record batch's flat lists of nodes and buffers, column by column.
struct ArrowCursor {
    private var node = 0
    private var buffer = 0
    private var variadic = 0
    private let variadicCounts: [Int]

    init(variadicCounts: [Int]) { self.variadicCounts = variadicCounts }

    /// The place of `field`; the cursor then stands behind it and its children.
    mutating func take(_ field: ArrowField) throws(FeatherFault) -> ArrowSlot {
        let isDictionary = field.dictionary != nil
        var count = isDictionary ? 2 : field.layout.buffers
        if field.layout.isVariadic && !isDictionary {
            guard variadic < variadicCounts.count else { throw .damaged("a batch misses a count of text buffers") }
            count += variadicCounts[variadic]
            variadic += 1
        }
        let slot = ArrowSlot(node: node, buffers: buffer..<buffer + count)
        node += 1
        buffer += count
        if !isDictionary {
            for child in field.children { _ = try take(child) }
        }
        return slot
    }
}
