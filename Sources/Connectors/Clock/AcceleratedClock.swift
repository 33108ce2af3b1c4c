package import Exchange

/// The clock of a client that keeps step with an accelerated paper venue: its uptime passes so many times as fast as that of the machine.
///
/// Whoever lives by it (time stamps, budgets, waits, candles) lives in the venue's time. The wall clock is the machine's own:
/// it says nothing of such a venue, whose time is known from its answers alone, and nonces made of it rise from one process to the next.
package struct AcceleratedClock: ConnectorClock {
    private let base: any ConnectorClock
    private let origin: Duration
    package let pace: Double

    /// `speed` seconds of this clock pass in one of `base`. What is not above zero counts as 1.
    package init(_ base: any ConnectorClock, speed: Double) {
        self.base = base
        pace = speed > 0 && speed.isFinite ? speed : 1
        origin = base.now().uptime
    }

    package func now() -> ClockReading {
        let reading = base.now()
        return ClockReading(uptime: (reading.uptime - origin) * pace, wall: reading.wall)
    }

    package func sleep(until uptime: Duration) async { await base.sleep(until: origin + uptime / pace) }
    package func random() -> UInt64 { base.random() }
}

extension ConnectorClock {
    /// So much of the machine's time, in that of this clock.
    package func real(_ duration: Duration) -> Duration { pace == 1 ? duration : duration * pace }
}
