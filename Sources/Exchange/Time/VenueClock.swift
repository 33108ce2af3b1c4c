package import Market

/// The venue's time, estimated from round trips of its server time.
///
/// Anchored to the uptime, so that setting the wall clock does not move it. The round trip that was shortest bounds the error best
/// (half of it); older ones lose weight because the two clocks drift apart. An answer that older ones rule out begins the estimate anew.
package struct VenueClock: Sendable {
    /// One answer of the venue.
    private struct Sample {
        /// Venue time less uptime, in microseconds.
        var offset: Int64
        /// Half the round trip, in microseconds.
        var halfTrip: Int64
        var at: Duration
    }

    /// How far apart two clocks run at most, in microseconds a second.
    private static let drift: Int64 = 100
    private static let sampleLimit = 16

    private var samples: [Sample] = []

    package init() {}

    /// An answer: sent and received by our uptime, and the venue's time in it.
    package mutating func add(_ venueTime: Timestamp, sent: Duration, received: Duration) {
        guard received >= sent, venueTime.milliseconds.magnitude < UInt64(Int64.max / 4000) else { return }
        let first = sent.wholeMicroseconds
        let last = received.wholeMicroseconds
        // The venue cuts its time to milliseconds: half of one is lost on average.
        let offset = venueTime.milliseconds * 1000 + 500 - (first + (last - first) / 2)
        let sample = Sample(offset: offset, halfTrip: (last - first) / 2 + 500, at: received)
        // Both cannot be right of one clock: the venue has set its own since, and what was measured before is of no use.
        if let best = best(received), offset.distance(to: best.offset).magnitude > Self.error(best, received) + sample.halfTrip {
            forget()
        }
        samples.append(sample)
        if samples.count > Self.sampleLimit { samples.removeFirst() }
    }

    package var isKnown: Bool { !samples.isEmpty }

    /// The venue's time; nil before the first answer.
    package func now(uptime: Duration) -> Timestamp? {
        best(uptime).map { Timestamp(milliseconds: Timestamp.floorQuotient($0.offset + uptime.wholeMicroseconds, 1000)) }
    }

    /// How far `now` may be off, either way; nil before the first answer.
    package func uncertainty(uptime: Duration) -> Duration? {
        best(uptime).map { .microseconds(Self.error($0, uptime)) }
    }

    /// The venue's time less our wall clock; nil before the first answer.
    package func offset(_ reading: ClockReading) -> Duration? {
        now(uptime: reading.uptime).map { .milliseconds($0.milliseconds - reading.wall.milliseconds) }
    }

    /// Why our wall clock cannot be used with this venue, where it is off by more than `limit`, the uncertainty left out of account.
    package func skew(_ reading: ClockReading, limit: Duration) -> ClockSkew? {
        guard let venue = now(uptime: reading.uptime), let uncertainty = uncertainty(uptime: reading.uptime) else { return nil }
        let apart = Duration.milliseconds(abs(venue.milliseconds - reading.wall.milliseconds))
        return apart - uncertainty > limit ? ClockSkew(venue: venue, own: reading.wall, limit: limit) : nil
    }

    /// The venue has changed its clock, or we have been asleep: begin again.
    package mutating func forget() { samples = [] }

    private func best(_ uptime: Duration) -> Sample? { samples.min { Self.error($0, uptime) < Self.error($1, uptime) } }

    private static func error(_ sample: Sample, _ uptime: Duration) -> Int64 {
        sample.halfTrip + max(0, (uptime - sample.at).wholeMilliseconds) * drift / 1000
    }
}

/// Our wall clock and the venue's are too far apart.
package struct ClockSkew: Error, Hashable, Sendable, CustomStringConvertible {
    package var venue: Timestamp
    package var own: Timestamp
    package var limit: Duration

    package var description: String {
        "the venue's clock shows \(venue), this machine's shows \(own): more than \(limit.wholeMilliseconds) ms apart. "
            + "Set this machine's clock (chronyd, systemd-timesyncd), then start again."
    }
}

extension Duration {
    /// Whole microseconds; beyond 250 years from zero the nearest that fits.
    var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let limit: Int64 = 8_000_000_000
        return min(max(seconds, -limit), limit) * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
