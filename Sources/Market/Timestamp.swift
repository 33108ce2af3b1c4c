/// A point in time on the wall clock: whole milliseconds since 1970-01-01 00:00 UTC, leap seconds ignored.
///
/// Candle times, trade times and log times are of this type. Durations of leases and heartbeats are never computed from
/// it: wall clocks jump.
@frozen
public struct Timestamp: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Milliseconds since the Unix epoch; negative before it.
    public var milliseconds: Int64

    /// A time from milliseconds since the Unix epoch.
    @inlinable public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// A time from whole seconds since the Unix epoch. Traps where the product leaves `Int64`.
    @inlinable public init(seconds: Int64) { self.milliseconds = seconds * 1000 }

    /// Earlier times come first.
    @inlinable public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// The time `duration` milliseconds later.
    @inlinable public func advanced(byMilliseconds duration: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + duration)
    }
}
