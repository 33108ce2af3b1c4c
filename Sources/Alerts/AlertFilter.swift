/// Which alerts are told: loud enough, not the same again and again, not too many at a time.
///
/// The same news is told once an interval, with the number of those in between; what is louder than before is told at once. Of all news
/// together at most so many a minute are told; those beyond are counted, and the next one that is told has their number.
package struct AlertFilter: Sendable {
    package struct Settings: Hashable, Sendable {
        /// What is less urgent is not told.
        package var level = AlertSeverity.warning
        /// Milliseconds between two tellings of the same news.
        package var interval: Int64 = 300_000
        /// Most alerts within a minute; critical ones do not wait for room.
        package var perMinute = 20

        package init() {}
    }

    /// An alert that is told.
    package struct Told: Hashable, Sendable {
        package var alert: Alert
        /// How often the same was heard since it was last told.
        package var repeated: Int
        /// Other alerts that were left out since the last one that was told.
        package var leftOut: Int
    }

    private struct Known {
        var toldAt: Int64
        var severity: AlertSeverity
        var repeated = 0
    }

    package let settings: Settings
    private var known: [Alert.Topic: Known] = [:]
    /// When the last ones were told, oldest first.
    private var recent: [Int64] = []
    private var leftOut = 0

    /// Topics that are kept at most.
    private static let topicLimit = 1000

    package init(_ settings: Settings = Settings()) { self.settings = settings }

    /// What to tell of an alert; nil: nothing now.
    ///
    /// - Parameter now: milliseconds of a clock that never goes back.
    package mutating func take(_ alert: Alert, now: Int64) -> Told? {
        guard alert.severity >= settings.level else { return nil }
        let topic = alert.topic
        if let before = known[topic], now - before.toldAt < settings.interval, alert.severity <= before.severity {
            known[topic]?.repeated += 1
            return nil
        }
        recent.removeAll { now - $0 >= 60_000 }
        guard recent.count < settings.perMinute || alert.severity == .critical else {
            leftOut += 1
            return nil
        }
        recent.append(now)
        if recent.count > settings.perMinute { recent.removeFirst(recent.count - settings.perMinute) }
        let told = Told(alert: alert, repeated: known[topic]?.repeated ?? 0, leftOut: leftOut)
        leftOut = 0
        forget(now)
        known[topic] = Known(toldAt: now, severity: alert.severity)
        return told
    }

    private mutating func forget(_ now: Int64) {
        guard known.count >= Self.topicLimit else { return }
        known = known.filter { now - $0.value.toldAt < settings.interval }
        if known.count >= Self.topicLimit, let oldest = known.min(by: { $0.value.toldAt < $1.value.toldAt })?.key {
            known[oldest] = nil
        }
    }
}
