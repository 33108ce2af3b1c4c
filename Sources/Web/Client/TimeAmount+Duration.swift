import NIOCore

extension TimeAmount {
    /// Saturates: a very long time is as good as none, and less than no time is no time.
    init(_ duration: Duration) {
        guard duration > .zero else {
            self = .zero
            return
        }
        let (seconds, attoseconds) = duration.components
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else {
            self = .nanoseconds(Int64.max / 4)
            return
        }
        self = .nanoseconds(min(nanoseconds, Int64.max / 4) + attoseconds / 1_000_000_000)
    }
}
