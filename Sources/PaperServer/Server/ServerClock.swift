/// The time that a server lives by; tests pass one of their own.
package struct ServerClock: Sendable {
    package var now: @Sendable () -> ContinuousClock.Instant
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> ContinuousClock.Instant, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's.
    package static let real = ServerClock(now: { ContinuousClock.now }, sleep: { try await Task.sleep(for: $0) })
}

/// A venue's time: it starts at a wall time and goes on with the machine's clock, so that nobody who sets the wall clock moves it.
struct VenueTime: Sendable {
    /// Milliseconds since 1970 at the origin.
    let start: Int64
    let origin: ContinuousClock.Instant
    /// Times as fast as real time.
    let speed: Double

    func milliseconds(at now: ContinuousClock.Instant) -> Int64 {
        let (seconds, attoseconds) = (now - origin).components
        let elapsed = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        return start + (speed == 1 ? elapsed : Int64(Double(elapsed) * speed))
    }
}
