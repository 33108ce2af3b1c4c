extension FeatherTable {
    /// The column `name` as texts: plain, large, view or dictionary-encoded UTF-8; nil where a row is empty.
    package func texts(_ name: String) throws(MarketDataError) -> [String?] {
        try located { () throws(FeatherFault) in
            let index = try index(of: name)
            let field = layout.schema.fields[index]
            var texts = TextDecoder(table: self, column: name)
            if let dictionary = field.dictionary {
                let values = try texts.dictionary(dictionary.id, field)
                return try encoded(index, values: values, indexType: dictionary.index)
            }
            var result: [String?] = []
            for (batch, slots) in zip(layout.batches, slots) { result += try texts.decode(batch, slots[index], field.type) }
            return result
        }
    }

    /// The column `name` as truth values; nil where a row is empty.
    package func bools(_ name: String) throws(MarketDataError) -> [Bool?] {
        try located { () throws(FeatherFault) in
            let index = try index(of: name)
            let field = layout.schema.fields[index]
            guard field.type == .bool, field.dictionary == nil else {
                throw .content("column \"\(name)\" holds \(field.type), not truth values")
            }
            var result: [Bool?] = []
            for (batch, slots) in zip(layout.batches, slots) {
                let bits = try bits(batch, slots[index], 1, column: name)
                let valid = try validity(batch, slots[index], column: name)
                result += (0..<batch.rows).map { valid?[$0] ?? true ? bits[$0] : nil }
            }
            return result
        }
    }

    /// The texts of a dictionary-encoded column: each row has the number of one of `values`.
    private func encoded(_ index: Int, values: [String?], indexType: FeatherType) throws(FeatherFault) -> [String?] {
        let column = layout.schema.fields[index].name
        guard case .integer(let bits, let isSigned) = indexType else { throw .damaged("column \"\(column)\" has no index type") }
        var result: [String?] = []
        for (batch, slots) in zip(layout.batches, slots) {
            let numbers = try chunk(batch, slots[index], 1, atLeast: batch.rows * (bits / 8), column: column)
            let valid = try validity(batch, slots[index], column: column)
            try numbers.withBytes { (bytes) throws(FeatherFault) in
                for row in 0..<batch.rows {
                    guard valid?[row] ?? true else {
                        result.append(nil)
                        continue
                    }
                    let number = try Self.dictionaryIndex(FlatBuffer(bytes: bytes), row, bits, isSigned)
                    guard number >= 0, number < values.count else {
                        throw .damaged("column \"\(column)\" has no value number \(number) for row \(row)")
                    }
                    result.append(values[Int(number)])
                }
            }
        }
        return result
    }

    private static func dictionaryIndex(
        _ flat: FlatBuffer, _ row: Int, _ bits: Int, _ isSigned: Bool
    ) throws(FeatherFault) -> Int64 {
        switch (bits, isSigned) {
        case (8, true): Int64(try flat.load(row, as: Int8.self))
        case (8, false): Int64(try flat.load(row, as: UInt8.self))
        case (16, true): Int64(try flat.load(row * 2, as: Int16.self))
        case (16, false): Int64(try flat.load(row * 2, as: UInt16.self))
        case (32, true): Int64(try flat.load(row * 4, as: Int32.self))
        case (32, false): Int64(try flat.load(row * 4, as: UInt32.self))
        default: try flat.load(row * 8, as: Int64.self)
        }
    }
}
