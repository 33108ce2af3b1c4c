package import Exchange
package import Market

/// The seam under every wait of a connector: the machine's clocks in production, a clock of their own in tests.
package protocol ConnectorClock: Sendable {
    func now() -> ClockReading
    /// Returns at this uptime, or earlier where the task is canceled.
    func sleep(until uptime: Duration) async
    /// A random number for jitter.
    func random() -> UInt64
    /// How many seconds of its uptime pass in one of the machine: 1, but for a client that follows an accelerated paper venue.
    var pace: Double { get }
}

extension ConnectorClock {
    package var pace: Double { 1 }
    package func sleep(for duration: Duration) async { await sleep(until: now().uptime + duration) }
}

/// The machine's clocks. The wall clock comes in, because one place of the program reads it.
package struct SystemConnectorClock: ConnectorClock {
    private let origin = ContinuousClock.now
    private let wall: @Sendable () -> Timestamp

    package init(wall: @escaping @Sendable () -> Timestamp) { self.wall = wall }

    package func now() -> ClockReading { ClockReading(uptime: ContinuousClock.now - origin, wall: wall()) }
    package func sleep(until uptime: Duration) async { try? await ContinuousClock().sleep(until: origin + uptime) }
    package func random() -> UInt64 { UInt64.random(in: 0...UInt64.max) }
}
