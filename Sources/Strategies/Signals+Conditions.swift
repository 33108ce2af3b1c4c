// Setting signals by a condition on the row, as `dataframe.loc[condition, "enter_long"] = 1` does in freqtrade.

extension Signals {
    /// How many candles there are.
    public var count: Int { flags.count }

    /// Enters long on every candle for which `condition` holds, with a tag where one is given.
    ///
    /// ```swift
    /// signals.enterLong(tag: "oversold") { row in rsi[row] < 30 && volume[row] > 0 }
    /// ```
    @inlinable
    public mutating func enterLong(tag: String = "", where condition: (Int) -> Bool) {
        let index = tagIndex(tag)
        Self.mark(&flags, &enterTags, .enterLong, index, condition)
    }

    /// Enters short on every candle for which `condition` holds, with a tag where one is given.
    @inlinable
    public mutating func enterShort(tag: String = "", where condition: (Int) -> Bool) {
        let index = tagIndex(tag)
        Self.mark(&flags, &enterTags, .enterShort, index, condition)
    }

    /// Exits long on every candle for which `condition` holds; a tag replaces the exit reason.
    @inlinable
    public mutating func exitLong(tag: String = "", where condition: (Int) -> Bool) {
        let index = tagIndex(tag)
        Self.mark(&flags, &exitTags, .exitLong, index, condition)
    }

    /// Exits short on every candle for which `condition` holds; a tag replaces the exit reason.
    @inlinable
    public mutating func exitShort(tag: String = "", where condition: (Int) -> Bool) {
        let index = tagIndex(tag)
        Self.mark(&flags, &exitTags, .exitShort, index, condition)
    }

    /// The index of `tag` in `tagNames`, to which it is added where it is new. Traps at more than 65,535 tags.
    public mutating func tagIndex(_ tag: String) -> UInt16 {
        if let known = tagNames.firstIndex(of: tag) { return UInt16(known) }
        precondition(tagNames.count <= Int(UInt16.max), "more than 65,535 tags")
        tagNames.append(tag)
        return UInt16(tagNames.count - 1)
    }

    /// Sets `flag`, and the tag where `index` is not 0, in all rows for which `condition` holds. A later tag wins.
    @inlinable
    static func mark(
        _ flags: inout [SignalFlags], _ tags: inout [UInt16], _ flag: SignalFlags, _ index: UInt16,
        _ condition: (Int) -> Bool
    ) {
        if index != 0, tags.isEmpty { tags = Array(repeating: 0, count: flags.count) }
        let tagged = index != 0
        tags.withUnsafeMutableBufferPointer { tags in
            flags.withUnsafeMutableBufferPointer { flags in
                for row in 0..<flags.count where condition(row) {
                    flags[row].formUnion(flag)
                    if tagged { tags[row] = index }
                }
            }
        }
    }
}
