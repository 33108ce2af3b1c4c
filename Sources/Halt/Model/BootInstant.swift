/// A point on the boot-time clock of one host: nanoseconds that run on through suspend and SIGSTOP, and mean nothing on another host.
///
/// Leases and deadlines of the halt are of this type; wall time never decides anything here.
package struct BootInstant: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Nanoseconds since the host started; 0 stands for "never" in deadlines.
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The deadline of what is closed.
    package static let never = BootInstant(nanoseconds: 0)

    /// Later than any instant a clock shows.
    package static let distantFuture = BootInstant(nanoseconds: .max)

    package static func < (a: BootInstant, b: BootInstant) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The instant `duration` later, held at the ends of the range instead of trapping.
    package static func + (a: BootInstant, duration: BootDuration) -> BootInstant {
        let (sum, overflow) = a.nanoseconds.addingReportingOverflow(duration.nanoseconds)
        return BootInstant(nanoseconds: overflow ? (duration.nanoseconds < 0 ? .min : .max) : sum)
    }

    /// The time from `b` to `a`, held at the ends of the range.
    package static func - (a: BootInstant, b: BootInstant) -> BootDuration {
        let (difference, overflow) = a.nanoseconds.subtractingReportingOverflow(b.nanoseconds)
        return BootDuration(nanoseconds: overflow ? (a < b ? .min : .max) : difference)
    }
}

/// A span on the boot-time clock, in nanoseconds.
package struct BootDuration: Hashable, Comparable, Sendable, BitwiseCopyable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = BootDuration(nanoseconds: 0)

    /// `count` milliseconds; held at the end of the range.
    package static func milliseconds(_ count: Int64) -> BootDuration {
        let (product, overflow) = count.multipliedReportingOverflow(by: 1_000_000)
        return BootDuration(nanoseconds: overflow ? (count < 0 ? .min : .max) : product)
    }

    /// Whole milliseconds, rounded towards zero.
    package var milliseconds: Int64 { nanoseconds / 1_000_000 }

    package static func < (a: BootDuration, b: BootDuration) -> Bool { a.nanoseconds < b.nanoseconds }
}
