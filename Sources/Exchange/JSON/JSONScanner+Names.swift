// The names of members.

extension JSONScanner {
    /// Whether `key` is `name`; names with escapes equal nothing.
    package func isKey(_ key: Key, _ name: StaticString) -> Bool { equals(key.range, name) }

    /// The name as text.
    package func text(of key: Key) throws(JSONError) -> String {
        try JSONStrings.decode(bytes[key.range], at: key.range.lowerBound)
    }

    /// Whether the bytes in `range` are those of `text`.
    package func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        var index = range.lowerBound
        for position in 0..<text.utf8CodeUnitCount {
            guard bytes[index] == text.utf8Start[position] else { return false }
            index += 1
        }
        return true
    }

    func key(_ range: Range<Int>) -> Key { Key(range: range, letter: range.count == 1 ? bytes[range.lowerBound] : 0) }
}
