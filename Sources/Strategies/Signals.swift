/// What a strategy says about one candle. A signal on candle n is acted on at the open of candle n + 1.
@frozen
public struct SignalFlags: OptionSet, Sendable, BitwiseCopyable {
    /// One bit a signal; the rest is zero.
    public var rawValue: UInt8

    /// Flags from their bits.
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Open a long position.
    public static let enterLong = SignalFlags(rawValue: 1)
    /// Close a long position.
    public static let exitLong = SignalFlags(rawValue: 2)
    /// Open a short position.
    public static let enterShort = SignalFlags(rawValue: 4)
    /// Close a short position.
    public static let exitShort = SignalFlags(rawValue: 8)
}

/// The signals of one pair, a row per candle, not yet shifted.
public struct Signals: Sendable {
    /// A byte of flags per candle.
    public var flags: [SignalFlags]
    /// The enter tag of each candle as an index into `tagNames`; empty: no candle has one.
    public var enterTags: [UInt16]
    /// The exit tag of each candle as an index into `tagNames`; empty: no candle has one.
    public var exitTags: [UInt16]
    /// Texts of the tags; index 0 is the empty text, which means "no tag".
    public var tagNames: [String]

    /// Signals for `count` candles, all of them silent.
    public init(count: Int) {
        flags = Array(repeating: [], count: count)
        enterTags = []
        exitTags = []
        tagNames = [""]
    }
}
