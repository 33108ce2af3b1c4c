internal import Synchronization
internal import Transport

/// A `NoteLimiter` in front of a log, for a shell's notes from any thread.
final class LimitedNotes: Sendable {
    private let limiter = Mutex(NoteLimiter())
    private let write: @Sendable (String) -> Void
    private let clock: @Sendable () -> Int64

    init(clock: @escaping @Sendable () -> Int64 = { MonotonicClock.now() }, write: @escaping @Sendable (String) -> Void) {
        self.clock = clock
        self.write = write
    }

    /// Writes the note, or counts it.
    func note(_ text: String) {
        let now = clock()
        if let line = limiter.withLock({ $0.line(text, at: now) }) { write(line) }
    }
}
