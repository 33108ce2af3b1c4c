/// A part of the time axis with either side open, as freqtrade's `--timerange` names it. Both ends are included.
public struct TimeRange: Hashable, Sendable {
    /// The first instant; nil: from the first candle on.
    public var start: Timestamp?
    /// The last instant; nil: to the last candle.
    public var stop: Timestamp?

    /// A range between two instants, either of which may be missing.
    public init(start: Timestamp? = nil, stop: Timestamp? = nil) {
        self.start = start
        self.stop = stop
    }

    /// Everything there is.
    public static let all = TimeRange()
}
