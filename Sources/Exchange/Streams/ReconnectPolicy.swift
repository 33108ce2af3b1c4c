/// When to connect again: waits double up to a cap, with jitter; a healthy time resets them; attempts are bounded in a sliding window.
///
/// Pure: `now` is the uptime, randomness comes in.
package struct ReconnectPolicy: Sendable {
    package struct Settings: Hashable, Sendable {
        package var first = Duration.milliseconds(500)
        package var longest = Duration.seconds(60)
        /// A connection that lived this long was healthy.
        package var healthy = Duration.seconds(60)
        /// Attempts in each window at most. Binance allows 300 connections in 5 minutes from one address; others share it.
        package var attempts = 60
        package var window = Duration.seconds(300)

        package init() {}
    }

    private let settings: Settings
    private var failures = 0
    private var connectedAt: Duration?
    /// Times of attempts in the window, oldest first; at most `attempts`.
    private var recent: [Duration] = []

    package init(_ settings: Settings = Settings()) { self.settings = settings }

    /// How long to wait before the next attempt; books it. Without failure before, the first attempt is at once.
    package mutating func attempt(now: Duration, random: UInt64) -> Duration {
        var at = now + wait(random)
        recent.removeAll { $0 <= now - settings.window }
        if recent.count >= max(settings.attempts, 1) {
            at = max(at, recent[recent.count - max(settings.attempts, 1)] + settings.window)
        }
        recent.append(at)
        return at - now
    }

    /// The connection stands.
    package mutating func connected(now: Duration) { connectedAt = now }

    /// An attempt failed or a connection was lost.
    package mutating func failed(now: Duration) {
        if let since = connectedAt, now - since >= settings.healthy { failures = 0 }
        connectedAt = nil
        failures = min(failures + 1, 32)
    }

    /// Between half of the doubled wait and all of it.
    private func wait(_ random: UInt64) -> Duration {
        guard failures > 0 else { return .zero }
        let full = min(settings.longest, settings.first * (1 << (failures - 1)))
        let half = full.wholeMilliseconds / 2
        return .milliseconds(half + Int64(random % UInt64(max(half, 0) + 1)))
    }
}
