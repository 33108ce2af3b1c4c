/// Nonces that rise with every request of one key: microseconds of the wall clock, or one more than the last.
///
/// A shell keeps the high-water mark in a file. It is reserved ahead in steps, so that not every request writes: no nonce above the
/// stored mark is used, and after a restart the first one is above it, whatever the wall clock says then.
package struct NonceSource: Sendable {
    /// How far ahead the mark is set: one minute of microseconds.
    package static let reserve: UInt64 = 60_000_000

    private var last: UInt64
    private var mark: UInt64

    /// `stored` is the mark of the last run; 0 for a key that was never used.
    package init(stored: UInt64) {
        last = stored
        mark = stored
    }

    /// The next nonce. Where `store` is not nil it must be stored safely before the nonce is used. Nil at the end of the numbers.
    package mutating func next(wallMicroseconds: UInt64) -> (nonce: UInt64, store: UInt64?)? {
        // A wall clock far in the future must not use the numbers up for good.
        let wall = min(wallMicroseconds, UInt64(Int64.max) - 2 * Self.reserve)
        let (following, overflow) = last.addingReportingOverflow(1)
        guard !overflow, following < UInt64(Int64.max) - Self.reserve else { return nil }
        last = max(following, wall)
        guard last > mark else { return (last, nil) }
        mark = last + Self.reserve
        return (last, mark)
    }
}
