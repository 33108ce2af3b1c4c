import Market
import Money

/// Writes the fields of a journal record. Numbers of money stand as exact decimal text.
struct RecordWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Seven bits a byte, lowest first.
    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func time(_ value: Timestamp) { number(UInt64(bitPattern: value.milliseconds)) }

    mutating func blob(_ value: some Collection<UInt8>) {
        number(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func text(_ value: String) { blob(value.utf8) }

    mutating func optional<Value>(_ value: Value?, _ write: (inout RecordWriter, Value) -> Void) {
        byte(value == nil ? 0 : 1)
        if let value { write(&self, value) }
    }

    mutating func amount(_ value: Amount) {
        let short = value.trimmed
        text(String(short.units))
        byte(short.decimals)
    }

    mutating func fixed<Kind>(_ value: FixedPoint<Kind>) {
        text(String(value.units))
        byte(value.decimals)
    }
}

/// Reads them back. Every error is typed; no byte traps.
struct RecordReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() throws(JournalRecordError) -> UInt8 {
        guard let value = rest.popFirst() else { throw .damaged("it ends too early") }
        return value
    }

    mutating func number() throws(JournalRecordError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let next = try byte()
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
        }
        throw .damaged("a number is too long")
    }

    mutating func time() throws(JournalRecordError) -> Timestamp { Timestamp(milliseconds: Int64(bitPattern: try number())) }

    mutating func blob() throws(JournalRecordError) -> ArraySlice<UInt8> {
        guard let count = Int(exactly: try number()), count <= rest.count else {
            throw .damaged("a field is longer than the record")
        }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func text() throws(JournalRecordError) -> String {
        guard let text = String(validating: try blob(), as: UTF8.self) else { throw .damaged("a text is not UTF-8") }
        return text
    }

    mutating func optional<Value>(
        _ read: (inout RecordReader) throws(JournalRecordError) -> Value
    ) throws(JournalRecordError) -> Value? {
        switch try byte() {
        case 0: return nil
        case 1: return try read(&self)
        default: throw .damaged("a flag is neither 0 nor 1")
        }
    }

    mutating func amount() throws(JournalRecordError) -> Amount {
        guard let units = Int128(try text()) else { throw .damaged("a number cannot be read") }
        let decimals = try byte()
        guard decimals <= 36 else { throw .damaged("a number has more than 36 decimals") }
        return Amount(units: units, decimals: Int(decimals))
    }

    mutating func fixed<Kind>() throws(JournalRecordError) -> FixedPoint<Kind> {
        guard let units = Int64(try text()) else { throw .damaged("a number cannot be read") }
        let decimals = try byte()
        guard decimals <= 18 else { throw .damaged("a number has more than 18 decimals") }
        return FixedPoint(units: units, decimals: Int(decimals))
    }

    mutating func word<Word: RawRepresentable<String>>(_: Word.Type = Word.self) throws(JournalRecordError) -> Word {
        let name = try text()
        guard let word = Word(rawValue: name) else { throw .damaged("'\(name.prefix(40))' is no \(Word.self)") }
        return word
    }

    mutating func pair() throws(JournalRecordError) -> Pair {
        let name = try text()
        guard let pair = Pair(name) else { throw .damaged("'\(name.prefix(40))' is no pair") }
        return pair
    }

    mutating func list<Value>(
        _ read: (inout RecordReader) throws(JournalRecordError) -> Value
    ) throws(JournalRecordError) -> [Value] {
        let count = try number()
        // Each element takes a byte at least.
        guard count <= UInt64(rest.count) else { throw .damaged("a list is longer than the record") }
        var values: [Value] = []
        for _ in 0..<count { values.append(try read(&self)) }
        return values
    }
}
