package import Market

/// One look at this machine's two clocks.
package struct ClockReading: Hashable, Sendable {
    /// Time since any fixed moment, never jumping and running on through suspend. All waits and timeouts are in it.
    package var uptime: Duration
    /// The wall clock, for time stamps only; it may be set at any moment.
    package var wall: Timestamp

    package init(uptime: Duration, wall: Timestamp) {
        self.uptime = uptime
        self.wall = wall
    }
}
